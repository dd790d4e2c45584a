"""Several processes in one folder, a clock that goes back, a folder that cannot be written."""

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path

import pytest

from analysis import store
from analysis.__main__ import main
from tests.hostile.desk import paper_themes, write_feed

ROOT = Path(__file__).resolve().parents[2]
REFRESH = ("refresh", "raw", "--out", "runs", "--settings", "settings.toml", "--cache", "cache")


def test_several_processes_refresh_run_and_read_at_once(tmp_path):
    done = subprocess.run([sys.executable, "-m", "tests.hostile.crowd", str(tmp_path), "--seconds", "4", "--processes",
                           "5", "--most", "5"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["faults"] == [] and said["counts"]["read"] >= 1 and said["n_runs"] >= 1


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("settings.toml").write_text("n_resamples = 2\n")
    write_feed(Path("raw/feed.jsonl"), 3)
    assert paper_themes(*REFRESH) == 0
    return tmp_path


def test_a_clock_that_goes_back_loses_no_run_and_no_key(here, monkeypatch, capsys):
    first = store.list_runs(here / "runs")[-1]

    class Yesterday(dt.datetime):
        @classmethod
        def now(cls, tz=None):
            return super().now(tz) - dt.timedelta(days=400)

    monkeypatch.setattr("analysis.__main__.dt.datetime", Yesterday)
    for n_papers in (4, 5):
        write_feed(Path("raw/feed.jsonl"), n_papers)
        assert paper_themes(*REFRESH) == 0
    row = store.list_runs(here / "runs")
    assert len(row) == 3 and row[0]["run_id"] == first["run_id"]
    assert row[-1]["looked_at"] < first["looked_at"]  # as the clock said
    assert paper_themes(*REFRESH) == 3


def test_a_folder_that_cannot_be_written_is_told_and_left(here, monkeypatch, capsys):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    before = {path: path.read_bytes() for path in (here / "runs").rglob("*") if path.is_file()}
    write_feed(Path("raw/feed.jsonl"), 4)
    capsys.readouterr()
    with monkeypatch.context() as patch:
        patch.setattr("analysis.store.atomic.tempfile.mkdtemp", refuse)
        assert paper_themes(*REFRESH) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert "cannot write" in said and "Permission denied" in said and "make room or permission there" in said
    assert {path: path.read_bytes() for path in (here / "runs").rglob("*") if path.is_file()} == before
    assert main(["check", "."]) == 0 and paper_themes(*REFRESH) == 0
