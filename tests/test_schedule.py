"""Schedules are read back by the programs that they are for, or by a parser as strict."""

from __future__ import annotations

import json
import re
import shutil
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from analysis.schedule import ACTIONS, EVERY, schedule_files
from analysis.schema import SettingsError

COMMAND = ["/opt/paper themes/.venv/bin/paper-themes", "refresh", "--title", 'A "week" of 100% $HOME, it\'s; `x` & #1']


def files(kind: str, **changes: Any) -> dict[str, str]:
    plain = {"every": "day", "at": "06:05", "folder": "." if kind == "github" else "/srv/my papers/100%",
             "command": ["paper-themes", *COMMAND[1:]] if kind == "github" else COMMAND}
    return schedule_files(kind, **{**plain, **changes})


def cron_entry(line: str) -> tuple[list[str], str]:
    """The fields of a crontab line, and the command as cron's own loop hands it to the shell."""
    assert line.endswith("\n") and line.count("\n") == 1
    *fields, command = line[:-1].split(" ", 5)
    for field, (low, high) in zip(fields, ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7)), strict=True):
        assert field == "*" or low <= int(field) <= high
    told, escaped = "", False
    for letter in command:
        if escaped:
            told = told[:-1] + letter if letter == "%" else told + letter
            escaped = False
            continue
        assert letter != "%", "cron ends the command here"
        escaped = letter == "\\"
        told += letter
    return fields, told


def prints_its_arguments(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "tell me"
    program.write_text('#!/bin/sh\npwd\nfor word in "$@"; do printf "%s\\n" "$word"; done\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(program)


@pytest.mark.parametrize(("every", "when"), [
    ("hour", "5 * * * *"), ("day", "5 6 * * *"), ("week", "5 6 * * 1"), ("month", "5 6 1 * *")])
def test_cron_fields(every: str, when: str) -> None:
    fields, _ = cron_entry(files("cron", every=every)["paper-themes.cron"])
    assert " ".join(fields) == when


def test_cron_hands_over_the_words_as_they_were(tmp_path: Path) -> None:
    folder = tmp_path / "100% my 'papers'"
    command = [prints_its_arguments(folder), *COMMAND[1:]]
    _, told = cron_entry(files("cron", folder=str(folder), command=command)["paper-themes.cron"])
    done = subprocess.run(["/bin/sh", "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [str(folder), *COMMAND[1:]]


def systemd_words(text: str) -> list[str]:
    """Words of an ExecStart line as systemd.service(5) says: quotes, then specifiers, then variables."""
    words = re.findall(r'"((?:[^"\\]|\\.)*)"|([^\s"\\\']+)', text)
    assert " ".join(f'"{a}"' if a else b for a, b in words) == text, "nothing between the words"
    plain = [re.sub(r"\\(.)", r"\1", a) if a else b for a, b in words]
    assert all(not re.search(r"%(?!%)", word.replace("%%", "")) for word in plain)
    return [word.replace("%%", "%").replace("$$", "$") for word in plain]


def value(unit: str, key: str) -> str:
    found = re.findall(rf"^{key}=(.*)$", unit, re.MULTILINE)
    assert len(found) == 1
    return found[0]


def test_systemd_hands_over_the_words_as_they_were() -> None:
    service = files("systemd", command=[*COMMAND, "a\\b", "%n", "${X}"])["paper-themes.service"]
    assert systemd_words(value(service, "ExecStart")) == [*COMMAND, "a\\b", "%n", "${X}"]
    assert value(service, "WorkingDirectory") == "/srv/my papers/100%%"
    assert value(service, "EnvironmentFile") == "-%h/.config/paper-themes/environment"
    assert value(service, "SuccessExitStatus") == "3" and value(service, "Type") == "oneshot"


@pytest.mark.parametrize("every", EVERY)
def test_systemd_reads_its_own_files(tmp_path: Path, every: str) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not on this machine")
    folder = tmp_path / "100% papers"
    command = [prints_its_arguments(folder), *COMMAND[1:]]
    made = files("systemd", every=every, folder=str(folder), command=command)
    for name, text in made.items():
        (tmp_path / name).write_text(text)
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *(str(tmp_path / name) for name in made)],
                          capture_output=True, text=True)
    (tmp_path / "bad.service").write_text(made["paper-themes.service"].replace("Type=", "Typo="))
    bad = subprocess.run(["systemd-analyze", "verify", "--man=no", str(tmp_path / "bad.service")],
                         capture_output=True, text=True)
    assert "Typo" in bad.stderr, "it looks"
    said = [line for line in done.stderr.splitlines() if "paper-themes" in line]
    assert not said, done.stderr
    when = value(made["paper-themes.timer"], "OnCalendar")
    subprocess.run(["systemd-analyze", "calendar", when], check=True, capture_output=True)


def workflow(**changes: Any) -> dict[str, Any]:
    yaml = pytest.importorskip("yaml", reason="no YAML parser is installed")
    text = files("github", **changes)[".github/workflows/paper-themes.yml"]
    read = yaml.safe_load(text)
    assert isinstance(read, dict)
    return read


def steps(read: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {step.get("name", step.get("uses", "").split("@")[0]): step
            for job in read["jobs"].values() for step in job["steps"]}


def test_the_workflow_asks_for_no_more_than_it_needs() -> None:
    read = workflow()
    assert read["permissions"] == {}
    assert read["jobs"]["refresh"]["permissions"] == {"contents": "write"}
    assert read["jobs"]["publish"]["permissions"] == {"pages": "write", "id-token": "write"}
    assert read["concurrency"] == {"group": "paper-themes-refresh", "cancel-in-progress": False}
    on = read.get("on", read.get(True))  # YAML 1.1 takes `on` for a truth value
    assert on["schedule"] == [{"cron": "5 6 * * *"}] and set(on) == {"schedule", "workflow_dispatch"}
    uses = [step["uses"] for job in read["jobs"].values() for step in job["steps"] if "uses" in step]
    assert all(re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", name) for name in uses)
    text = files("github")[".github/workflows/paper-themes.yml"]
    assert len(re.findall(r"uses: actions/[a-z-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+\n", text)) == len(uses) == len(ACTIONS)
    assert "permissions" not in read["jobs"]["tell"]
    assert not re.search(r"(?<![\w\]])@[a-z]", text), "a placeholder is left"
    assert {name.split("@")[0] for name in uses} >= {"actions/checkout", "actions/setup-python", "actions/deploy-pages"}
    assert "make env" in steps(read)["Make the environment"]["run"]


@pytest.mark.parametrize(("code", "report", "told"), [
    (0, True, "made=true\n"), (1, False, ""), (2, False, ""), (3, False, ""), (4, False, "old=true\n"),
    (4, True, "old=true\nmade=true\n")])
def test_the_workflow_knows_the_exit_codes(tmp_path: Path, code: int, report: bool, told: str) -> None:
    if shutil.which("bash") is None:
        pytest.skip("bash is not on this machine")
    program = tmp_path / "paper-themes"
    program.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@"\nexit {code}\n')
    program.chmod(0o755)
    if report:
        (tmp_path / "figures/latest").mkdir(parents=True)
        (tmp_path / "figures/latest/report.html").touch()
    script, output = steps(workflow())["Refresh"]["run"], tmp_path / "output"
    output.touch()
    done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], capture_output=True,
                          text=True, cwd=tmp_path,
                          env={"PATH": f"{tmp_path}:/usr/bin:/bin", "GITHUB_OUTPUT": str(output)})
    assert done.returncode == (0 if code in (0, 3, 4) else code)
    assert output.read_text() == told
    assert done.stdout.splitlines()[:3] == COMMAND[1:]


def test_the_workflow_keeps_runs_and_snapshots_and_nothing_else(tmp_path: Path) -> None:
    if shutil.which("git") is None or shutil.which("bash") is None:
        pytest.skip("git or bash is not on this machine")
    work = tmp_path / "work"

    def git(*words: str) -> str:
        return subprocess.run(["git", "-C", str(work), *words], capture_output=True, text=True, check=True).stdout

    subprocess.run(["git", "init", "--quiet", "--bare", str(tmp_path / "home.git")], check=True)
    subprocess.run(["git", "clone", "--quiet", str(tmp_path / "home.git"), str(work)], check=True, capture_output=True)
    (work / ".gitignore").write_text("data/runs/\ndata/cache/\n")
    git("add", ".gitignore")
    git("-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "--quiet", "--message", "first")
    git("push", "--quiet", "--set-upstream", "origin", "HEAD")
    names = ["data/runs/r1/papers.csv", "data/raw/arxiv/2026-03-01/page.xml", "data/runs/.refresh.lock",
             "data/raw/arxiv/.partial-2026-03-02/page.xml", "data/cache/vectors", "figures/latest/report.html"]
    for name in names:
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text("x")
    script = steps(workflow())["Keep the run"]["run"]
    for _ in range(2):  # the second time there is nothing to keep
        done = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script], capture_output=True,
                              text=True, cwd=work)
        assert done.returncode == 0, done.stderr
    assert git("diff", "--name-only", "HEAD~1").split() == sorted(names[:2])
    assert git("rev-parse", "HEAD") == git("rev-parse", "@{upstream}")
    assert git("log", "-1", "--format=%an") == "github-actions[bot]\n"


def test_an_old_feed_fails_the_workflow_after_what_was_made_is_kept() -> None:
    tell = workflow()["jobs"]["tell"]
    assert tell["needs"] == ["refresh", "publish"]
    assert tell["if"] == "always() && needs.refresh.outputs.old == 'true'"
    assert "exit 1" in tell["steps"][0]["run"]


def test_the_workflow_in_a_folder_with_secrets() -> None:
    folder = 'my "papers": #1 {x}'
    read = workflow(folder=folder, secrets=["PAPER_THEMES_MAIL_PASSWORD"])
    assert read["defaults"]["run"]["working-directory"] == folder
    assert steps(read)["actions/cache"]["with"]["path"] == f"{folder}/data/cache"
    secret = {"PAPER_THEMES_MAIL_PASSWORD": "${{ secrets.PAPER_THEMES_MAIL_PASSWORD }}"}
    assert steps(read)["Refresh"]["env"] == secret
    assert "env" not in steps(workflow())["Refresh"]


def test_names_of_placeholders_are_only_text() -> None:
    read = workflow(command=["paper-themes", "@cron", "@folder", "@env"])
    assert "paper-themes @cron @folder @env || code=$?" in steps(read)["Refresh"]["run"]


@pytest.mark.parametrize(("kind", "change", "told"), [
    ("launchd", {}, "systemd, cron, github"), ("cron", {"every": "minute"}, "hour, day"),
    ("cron", {"at": "6:30"}, "06:30"),
    ("cron", {"at": "24:00"}, "06:30"), ("cron", {"at": "06:30\n"}, "06:30"), ("cron", {"command": []}, "empty"),
    ("cron", {"folder": "/a\nb"}, "line end"), ("systemd", {"command": ["/a", "b\x00"]}, "line end"),
    ("systemd", {"folder": "/a "}, "space"), ("systemd", {"folder": "a"}, "whole path"),
    ("cron", {"command": ["paper-themes"]}, "whole path"), ("systemd", {"command": ["/a$b"]}, r"a \$"),
    ("systemd", {"folder": "/a\\"}, "backslash"), ("cron", {"command": ["/a", "\\%"]}, "backslash"),
    ("cron", {"command": ["/a", "x" * 1000]}, "bytes"), ("github", {"folder": "/srv"}, "inside the repository"),
    ("github", {"folder": "a/../.."}, "inside the repository"),
    ("github", {"command": ["x", "${{ secrets.KEY }}"]}, "GitHub would replace"),
    ("github", {"secrets": ["a b"]}, "names no secret"), ("github", {"command": ["x\u2028y"]}, "line end"),
])
def test_what_cannot_stand_in_a_schedule(kind: str, change: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        schedule_files(kind, **{"every": "day", "at": "06:05", "folder": "." if kind == "github" else "/srv",
                                "command": ["/bin/true"], **change})


def test_yaml_strings_are_json() -> None:
    text = files("github", folder="ä\"b")[".github/workflows/paper-themes.yml"]
    found = re.search(r"working-directory: (.*)", text)
    assert found is not None and json.loads(found[1]) == "ä\"b"
