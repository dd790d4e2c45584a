"""The command line: help reads well, and what a person can mend is said in one sentence."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from fake_run import fake_run

from analysis import store
from analysis.__main__ import main

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("pandas", "numpy", "torch", "bertopic", "umap", "plotly", "sklearn", "nbconvert", "pyarrow")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def exit_code(*arguments: str) -> int:
    try:
        return main(list(arguments))
    except SystemExit as stop:
        return int(stop.code or 0)


@pytest.mark.parametrize("verb", [(), ("run",), ("report",), ("place",), ("model",), ("backtest",),
                                  ("figures",), ("verify",)])
def test_help_has_an_example(verb: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(*verb, "--help") == 0
    text = capsys.readouterr().out
    assert f"paper-themes {' '.join(verb)}".strip() in text
    assert "example" in text
    assert "--out" in text or verb == ("verify",)


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom analysis.__main__ import main\n"
        "try: main(['run', '--help'])\n"
        f"except SystemExit: print('LOADED', sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                         cwd=ROOT).stdout
    assert out.endswith("LOADED []\n")


BAD = {
    "no verb": ([], "required: VERB"),
    "unknown verb": (["dance"], "invalid choice: 'dance'"),
    "no input": (["run", "--out", "o"], "required: INPUT"),
    "no out": (["run", "feed.txt"], "required: --out"),
    "input not there": (["run", "nowhere.txt", "--out", "o"], "nowhere.txt is not there"),
    "empty folder": (["run", "empty", "--out", "o"], "folder empty holds no feed file"),
    "settings not there": (["run", "feed.txt", "--out", "o", "--settings", "s.toml"], "s.toml is not there"),
    "unknown setting": (["run", "feed.txt", "--out", "o", "--settings", "odd.toml"], "unknown setting 'detial'"),
    "no TOML": (["run", "feed.txt", "--out", "o", "--settings", "feed.txt"], "not valid TOML"),
    "detail no number": (["run", "feed.txt", "--out", "o", "--detail", "much"], "invalid float value: 'much'"),
    "detail out of range": (["run", "feed.txt", "--out", "o", "--detail", "7"], "detail is 7.0, expected"),
    "as-of no day": (["run", "feed.txt", "--out", "o", "--as-of", "June"], "as_of is 'June', expected a day"),
    "themes not there": (["run", "feed.txt", "--out", "o", "--themes", "t.toml"], "t.toml is not there"),
    "dates not there": (["run", "feed.txt", "--out", "o", "--dates", "d.csv"], "d.csv is not there"),
    "run not there": (["report", "nowhere", "--out", "r.html"], "nowhere is no folder"),
    "no run": (["report", "empty", "--out", "r.html"], "empty has no manifest.json"),
    "damaged run": (["report", "runs/hurt", "--out", "r.html"], "themes.csv is damaged"),
    "report onto a folder": (["report", "runs/hurt", "--out", "empty"], "empty is a folder"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_sentence_and_nothing_written(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("empty").mkdir()
    Path("feed.txt").write_text("A title\n\nAn abstract of one sentence that is long enough to be one.\n")
    Path("odd.toml").write_text("detial = 0.5\n")
    run = store.write_run(fake_run(10, 2), Path("runs"))
    run.rename("runs/hurt")
    with open("runs/hurt/themes.csv", "ab") as file:
        file.write(b"x")
    before = sorted(Path().rglob("*"))
    arguments, sentence = BAD[case]
    assert exit_code(*arguments) == 2
    out, err = capsys.readouterr()
    told = [line for line in err.splitlines() if line.startswith("paper-themes")]
    assert out == ""
    assert len(told) == 1 and sentence in told[0]
    assert "Traceback" not in err
    assert sorted(Path().rglob("*")) == before


def test_the_back_test_holds_every_past_period_against_what_came(tmp_path: Path,
                                                                 capsys: pytest.CaptureFixture[str]) -> None:
    folder = store.write_run(fake_run(200, 6), tmp_path / "runs")
    assert exit_code("backtest", str(folder)) == 0
    said = capsys.readouterr()
    scores = pd.read_csv(io.StringIO(said.out))
    assert len(scores) >= 1 and (scores["period"].astype(str) > scores["after"].astype(str)).all()
    assert "inside their interval" in said.err
    assert exit_code("backtest", str(folder), "--ahead", "0") == 2
    few = store.write_run(fake_run(0, 0), tmp_path / "runs")
    assert exit_code("backtest", str(few)) == 2 and "too few to forecast" in capsys.readouterr().err


def test_a_defect_is_exit_1_with_a_hint(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    Path("feed.txt").write_text("x")

    def broken(paths: object) -> None:
        raise KeyError("theme")

    monkeypatch.setattr(store, "read_inputs", broken)
    assert exit_code("run", "feed.txt", "--out", "o") == 1
    err = capsys.readouterr().err
    assert "a defect of ours, KeyError: 'theme'" in err
    assert "PAPER_THEMES_TRACEBACK=1" in err
    assert "Traceback" not in err


def test_the_seed_walk_ends_with_its_path(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The real walk: the repository's feed → a run folder, twice the same, from a cold cache and from a warm one."""
    elsewhere = Path.cwd()
    monkeypatch.chdir(ROOT)
    paths = []
    for out in ("first", "second"):
        assert exit_code("run", "data/raw", "--out", str(elsewhere / out), "--cache", str(elsewhere / "cache")) == 0
        stdout, stderr = capsys.readouterr()
        assert "90 papers" in stderr
        paths.append(Path(stdout.splitlines()[-1]))
    first, second = paths
    assert first.name == second.name
    assert len(store.read_run(first).papers) == 90
    tables = sorted(path.name for path in first.glob("*.csv"))
    assert "themes.csv" in tables
    assert [(first / name).read_bytes() for name in tables] == [(second / name).read_bytes() for name in tables]
    _a_newcomer_is_placed(first, elsewhere, monkeypatch, capsys)


def _a_newcomer_is_placed(run: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch,
                          capsys: pytest.CaptureFixture[str]) -> None:
    paper = "Sequential recommendation for shops\n\nA recommender system predicts the items that a user wants next."
    monkeypatch.setattr("sys.stdin", io.StringIO(paper))
    assert exit_code("place", str(run), "--cache", str(elsewhere / "cache")) == 0
    placed = pd.read_csv(io.StringIO(capsys.readouterr().out))
    assert placed["theme_key"].iloc[0] == "recommendation" and placed["rank"].iloc[0] == 1
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert exit_code("place", str(run), "--cache", str(elsewhere / "cache")) == 2
    assert "no paper was given" in capsys.readouterr().err
    out = elsewhere / "placed.csv"
    assert exit_code("place", str(run), str(ROOT / "data/raw"), "--out", str(out),
                     "--cache", str(elsewhere / "cache")) == 0
    again = pd.read_csv(out).query("rank == 1").set_index("title")["theme_key"]
    papers = store.read_run(run)
    own = papers.placements.query("rank == 1").merge(papers.papers[["paper_id", "title"]]).set_index("title")
    assert (again == own["theme_key"].reindex(again.index)).mean() >= 0.9
