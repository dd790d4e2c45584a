"""Runs that earlier versions wrote open as runs of this one, and what they lack is told; fixtures of each are kept."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from analysis import charts, schema, store
from analysis.__main__ import main
from analysis.digest import write_digest
from tests.fake_run import fake_run

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures/runs"
RUNS = sorted(FIXTURES.glob("*/r*"))


@pytest.mark.parametrize("folder", RUNS, ids=lambda folder: folder.parent.name)
def test_a_run_of_an_earlier_version_opens(folder):
    told: list[str] = []
    run = store.read_run(folder, told.append)
    assert run.manifest["method_version"] == folder.parent.name.removeprefix("method-").partition("-")[0]
    for name, table in schema.TABLES.items():
        schema.check(run.tables[name], table)
    assert len(run.papers) == 12 and len(run.themes) >= 2 and not run.themes["hidden"].any()
    lacks = set(schema.TABLES) - set(run.manifest["tables"])
    assert len(told) == bool(lacks) and all(name in told[0] for name in lacks)
    for name in charts.CHARTS:
        charts.chart_table(run, name)
    digest = write_digest(run, None, schema.empty(schema.READING), report_url=None, made_at="2026-01-01")
    assert "run of this feed: 12 papers in" in digest.plain


def test_old_and_new_runs_are_asked_together(tmp_path, capsys):
    for folder in RUNS:
        shutil.copytree(folder, tmp_path / folder.name)
    new = fake_run(20, 3)
    store.write_run(new, tmp_path)
    n_runs = len(RUNS) + 1
    shown = store.query_runs(tmp_path, "select distinct run_id, hidden from themes")
    assert shown["hidden"].tolist() == [False] * n_runs
    assert len(store.query_runs(tmp_path, "select distinct run_id from trends where upvote_share is null")) == n_runs
    assert main(["check", str(tmp_path)]) == 0
    assert main(["diff", str(RUNS[0]), str(tmp_path / new.run_id)]) == 0
    assert "was written by an earlier version (method 2)" in capsys.readouterr().err


def rewritten(folder: Path, name: str, change) -> None:
    """Change a table as another version might have written it: with the right checksum."""
    path, manifest = folder / f"{name}.csv", json.loads((folder / "manifest.json").read_text())
    path.write_text(change(path.read_text()))
    manifest["tables"][name]["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    del manifest["checksum"]
    text = json.dumps(manifest, sort_keys=True)
    manifest["checksum"] = hashlib.sha256(text.encode()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_what_cannot_be_empty_is_named(tmp_path):
    folder = store.write_run(fake_run(20, 3), tmp_path)
    rewritten(folder, "map", lambda text: text.replace("paper_id,x,y", "paper_id,z,y", 1))
    with pytest.raises(schema.RunError, match=r"map\.csv was written by another version .*column x is missing.*again"):
        store.read_run(folder)


def test_a_column_of_a_later_version_is_left_out_and_told(tmp_path):
    folder = store.write_run(fake_run(20, 3), tmp_path)
    rewritten(folder, "map", lambda text: "\n".join(f"{line},{'z' if not number else 1}"
                                                    for number, line in enumerate(text.splitlines())) + "\n")
    told: list[str] = []
    assert list(store.read_run(folder, told.append).map) == ["paper_id", "x", "y"]
    assert "map has a column z, which is left out" in told[0]
