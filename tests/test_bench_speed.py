"""The speed benchmark keeps what it measured, row by row, and tells a missed floor."""

import pytest

from benchmarks import bench_speed
from benchmarks.bench_speed import Row
from benchmarks.parts import keep_part


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


def test_rows_of_a_part_that_were_not_measured_again_stay(tmp_path):
    page, head = tmp_path / "page.md", ["| what | came |", "|---|---|"]
    keep_part(page, "# A page", "two", [*head, "| b | 1 |"], ("one", "two"))
    keep_part(page, "# A page", "one", [*head, "| a | 1 |", "| b | 1 |"], ("one", "two"))
    keep_part(page, "# A page", "one", [*head, "| b | 2 |", "| c | 2 |"], ("one", "two"), is_whole=False)
    rows = [line for line in page.read_text().splitlines() if line.startswith("|")]
    assert rows == [*head, "| a | 1 |", "| b | 2 |", "| c | 2 |", *head, "| b | 1 |"]
    keep_part(page, "# A page", "one", [*head, "| c | 3 |"], ("one", "two"))
    assert "| a |" not in page.read_text() and "| b | 1 |" in page.read_text()
