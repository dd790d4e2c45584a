"""A refresh that is killed leaves what was there, and the next one heals it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.crash import FAULTS, faults_of
from tests.hostile.desk import paper_themes, write_feed

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_refresh_that_meets_a_fault_leaves_what_was_there(fault, tmp_path, monkeypatch):
    base = tmp_path / "base"
    base.mkdir()
    monkeypatch.chdir(base)
    command = ["refresh", "raw", "--out", "runs", "--settings", "settings.toml", "--digest", "digest"]
    (base / "settings.toml").write_text("n_resamples = 2\n")
    write_feed(base / "raw/feed.jsonl", 4)
    assert paper_themes(*command) == 0
    write_feed(base / "raw/feed.jsonl", 5)
    done = subprocess.run([sys.executable, "-m", "tests.crash", str(base), "--words", "--most", "6", "--fault", fault,
                           "--", *command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["faults"] == [] and said["n_events"] > 50
    assert set(said["ends"]) <= ({"-9"} if fault == "killed" else {"2"}), said


def test_what_a_kill_breaks_is_seen():
    before = {"runs/a/papers.csv": "1"}
    done = before | {"runs/b/papers.csv": "2", "runs/b/map.csv": "3"}
    assert faults_of(before, done, before, done, 0, []) == []
    for left in ({}, {"runs/a/papers.csv": "9"}, before | {"runs/b/papers.csv": "2"}):
        assert faults_of(before, done, left, done, 0, [])
    assert faults_of(before, done, before, before, 0, []) and faults_of(before, done, before, done, 1, [])
    assert faults_of(before, done, before, done, 0, [".x.tmp"])
