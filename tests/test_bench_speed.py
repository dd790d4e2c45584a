"""The speed benchmark keeps what it measured, row by row, and tells a missed floor."""

import pytest

from benchmarks import bench_speed
from benchmarks.bench_speed import Row


@pytest.fixture
def measures(monkeypatch, tmp_path):
    found = {"quick": [Row("this", "at most 1", "0.5", True)], "slow": [Row("that", "at most 1", "2", False)]}
    monkeypatch.setattr(bench_speed, "MEASURES", {name: lambda name=name: iter(found[name]) for name in found})
    monkeypatch.setattr(bench_speed, "LONG", ("slow",))
    return tmp_path / "speed.md"


def test_rows_are_measured_alone_and_kept(measures):
    assert bench_speed.main(["--out", str(measures)]) == 0
    assert "| this | at most 1 | 0.5 | yes |" in measures.read_text() and "| that |" not in measures.read_text()
    assert bench_speed.main(["--only", "slow", "--out", str(measures)]) == 1
    rows = [line for line in measures.read_text().splitlines() if line.startswith("| th")]
    assert rows == ["| this | at most 1 | 0.5 | yes |", "| that | at most 1 | 2 | **no** |"]


def test_an_unknown_row_is_refused(measures, capsys):
    with pytest.raises(SystemExit):
        bench_speed.main(["--only", "warp", "--out", str(measures)])
    assert "warp" in capsys.readouterr().err
