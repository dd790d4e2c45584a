"""Refreshing, end to end on the command line: exit codes, memory, ledger, nothing written where nothing is new."""

import json
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from analysis import store
from analysis.__main__ import main
from analysis.lineage import trace_themes
from analysis.schema import SEPARATOR
from analysis.themes.memory import list_standing
from tests.local_server import local_server
from tests.themes.planted import planted_corpus

SUBJECTS = ("volcano", "violin", "enzyme", "harbour", "orchard")


def write_feed(path: Path, wanted: dict[str, int], day: str = "2024-05-01") -> None:
    """Write so many planted papers of each subject; the same number gives the same papers."""
    texts, _, labels = planted_corpus(14)
    lines = []
    for number, subject in enumerate(SUBJECTS):
        own = [text for text, label in zip(texts, labels, strict=True) if label == number]
        for row, (title, abstract) in enumerate(own[:wanted.get(subject, 0)]):
            lines.append(json.dumps({"title": f"{title} {row} {subject}", "abstract": abstract, "published": day}))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "settings.toml").write_text("n_resamples = 2\n")
    return tmp_path


def refresh(*more: str) -> int:
    return main(["refresh", "raw", "--out", "runs", "--settings", "settings.toml", *more])


def last(here: Path, n: int = 1) -> store.VectorCache:
    rows = store.list_runs(here / "runs")
    return store.read_run(here / "runs" / rows[-n]["run_id"])


def snapshot(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def theme_of(run, subject: str) -> pd.Series:
    """Return the theme that most of a subject's papers stand in."""
    first = run.placements[run.placements["rank"] == 1].set_index("paper_id")["theme_key"]
    titles = run.papers.set_index("paper_id")["title"]
    key = first[titles.str.endswith(subject).reindex(first.index)].mode()[0]
    return run.themes.set_index("theme_key").loc[key]


def test_themes_live_from_run_to_run(here, capsys):
    write_feed(here / "raw/feed.jsonl", dict.fromkeys(SUBJECTS[:3], 10))
    assert refresh() == 0
    assert last(here).lineage.empty and "the first run" in capsys.readouterr().err
    before = snapshot(here / "runs")
    assert refresh() == 3
    assert snapshot(here / "runs") == before and "nothing is new" in capsys.readouterr().err

    write_feed(here / "raw/feed.jsonl", dict.fromkeys(SUBJECTS[:3], 12) | {"harbour": 12})
    assert refresh() == 0
    first, second = last(here, 2), last(here)
    assert second.manifest["previous_run"] == first.run_id
    for subject in SUBJECTS[:3]:
        assert theme_of(second, subject).name == theme_of(first, subject).name
        assert theme_of(second, subject)["name"] == theme_of(first, subject)["name"]
    born = second.lineage[(second.lineage["event"] == "born") & (second.lineage["level"] == "theme")]
    assert list(born["theme_key"]) == [theme_of(second, "harbour").name]
    assert len(born["paper_ids"].iloc[0].split(SEPARATOR)) == 12

    write_feed(here / "raw/feed.jsonl", dict.fromkeys(("violin", "enzyme", "harbour"), 13))
    assert refresh() == 0
    third = last(here)
    gone = third.lineage[(third.lineage["event"] == "ended") & (third.lineage["level"] == "theme")]
    assert list(gone["previous_key"]) == [theme_of(first, "volcano").name]

    write_feed(here / "raw/feed.jsonl", dict.fromkeys(("violin", "enzyme", "harbour", "volcano"), 14))
    assert refresh() == 0
    fourth = last(here)
    back = fourth.lineage[(fourth.lineage["event"] == "revived") & (fourth.lineage["level"] == "theme")]
    assert list(back["theme_key"]) == [theme_of(first, "volcano").name]
    assert theme_of(fourth, "volcano")["name"] == theme_of(first, "volcano")["name"]

    capsys.readouterr()
    assert main(["history", "--out", "runs"]) == 0
    table = capsys.readouterr().out
    assert len(table.splitlines()) == 5 and table.splitlines()[-1].endswith(",1")
    assert main(["history", "--out", "runs", "--theme", theme_of(first, "violin").name]) == 0
    assert capsys.readouterr().out.count(theme_of(first, "violin").name) == 4
    assert main(["sql", "select count(distinct run_id) from themes", "--out", "runs"]) == 0
    assert capsys.readouterr().out.split()[-1] == "4"
    assert main(["diff", f"runs/{first.run_id}", f"runs/{fourth.run_id}"]) == 0
    again = trace_themes(fourth.themes, list_standing(fourth.placements, fourth.themes), first.themes,
                         list_standing(first.placements, first.themes))
    assert capsys.readouterr().out.count("continued") == (again["event"] == "continued").sum()


def test_what_a_killed_process_left_is_swept_where_nothing_is_new(here):
    write_feed(here / "raw/feed.jsonl", {"orchard": 3, "violin": 3})
    assert refresh("--digest", "digest") == 0
    run_id = last(here).run_id
    dead = [here / f"runs/.{run_id}.abcd.tmp", here / "digest/.digest.md.abcd.tmp"]
    others = [here / "runs/.other.abcd.tmp", here / "digest/.digest.mine.tmp"]
    for folder in (*dead, *others):
        folder.mkdir()
        (folder / "part").write_text("half a")
    assert refresh("--digest", "digest") == 3
    assert not any(folder.exists() for folder in dead) and all(folder.exists() for folder in others)


def test_the_ledger_is_obeyed_and_a_conflict_is_told(here, capsys):
    write_feed(here / "raw/feed.jsonl", dict.fromkeys(SUBJECTS[:4], 10))
    assert refresh() == 0
    run = last(here)
    keys = {subject: theme_of(run, subject).name for subject in SUBJECTS[:4]}
    (here / "ledger.toml").write_text(
        f'[[rename]]\ntheme = "{keys["violin"]}"\nname = "Fiddles"\n[[hide]]\ntheme = "{keys["enzyme"]}"\n'
        f'[[merge]]\ntheme = "{keys["volcano"]}"\ninto = "{keys["harbour"]}"\n[[pin]]\ntheme = "t0000"\n')
    assert refresh("--ledger", "ledger.toml") == 0
    assert "pin theme t0000" in capsys.readouterr().err
    for n_each in (11, 12):
        write_feed(here / "raw/feed.jsonl", dict.fromkeys(SUBJECTS[:4], n_each))
        assert refresh("--ledger", "ledger.toml") == 0
        run = last(here)
        assert theme_of(run, "violin")["name"] == "Fiddles" and theme_of(run, "enzyme")["hidden"]
        assert theme_of(run, "volcano").name == theme_of(run, "harbour").name == keys["harbour"]
        assert list(run.ledger.loc[~run.ledger["obeyed"], "action"]) == ["pin"]


def test_old_papers_and_bad_input_have_exit_codes_of_their_own(here, capsys):
    write_feed(here / "raw/feed.jsonl", {"violin": 3}, "2001-05-01")
    assert refresh("--max-age", "7") == 4
    assert "newest paper is of 2001-05-01" in capsys.readouterr().err
    assert refresh("--max-age", "7") == 4
    assert refresh() == 3
    (here / "raw/feed.jsonl").unlink()
    assert refresh() == 2


def test_what_lies_in_the_inbox_is_taken_in(here):
    write_feed(here / "raw/feed.jsonl", {"violin": 3})
    write_feed(here / "data/inbox/more.jsonl", {"enzyme": 3})
    assert refresh() == 0
    assert len(last(here).papers) == 6 and not list((here / "data/inbox").iterdir())
    assert refresh() == 3


def test_two_at_once_wait_or_leave_with_a_sentence(here, capsys):
    write_feed(here / "raw/feed.jsonl", {"violin": 3})
    with store.alone(here / "runs", 0):
        assert refresh("--wait", "0.2") == 2
    said = capsys.readouterr().err
    assert "another refresh is at work" in said and "waiting" in said
    assert refresh() == 0


def test_a_query_reads_nothing_but_the_runs(here, capsys):
    write_feed(here / "raw/feed.jsonl", {"violin": 3})
    assert refresh() == 0
    (here / "secret.csv").write_text("word\nxyzzy\n")
    for query in ("select * from read_csv('secret.csv')", "copy (select 1) to 'out.csv'", "install httpfs", "nonsense"):
        assert main(["sql", query, "--out", "runs"]) == 2
    assert "xyzzy" not in capsys.readouterr().out and not (here / "out.csv").exists()


def test_what_a_source_gives_is_kept_read_and_refreshed(here, capsys, monkeypatch):
    monkeypatch.setattr("analysis.commands.refresh.time", SimpleNamespace(sleep=lambda seconds: None))
    papers = [{"paper": {"id": f"2405.0000{number}", "title": f"A paper on volcano number {number}",
                         "summary": "We observe the lava.", "publishedAt": "2024-05-01T00:00:00.000Z"}}
              for number in range(3)]
    days: dict[str, str] = {}

    def answer(handler):
        """Give the papers on the first day that is asked for, and nothing on any other, or on a second page."""
        first = days.setdefault("first", handler.path)
        handler.say(json.dumps(papers if handler.path == first else []).encode())

    with local_server(answer) as server:
        (here / "sources.toml").write_text(
            f'[[source]]\nname = "daily"\nprovider = "hugging-face"\nurl = "{server.url}"\ndays = 1\n')
        assert refresh("--sources", "sources.toml") == 0
        assert len(last(here).papers) == 3 and list((here / "raw/daily").glob("*/snapshot.json"))
        assert refresh("--sources", "sources.toml") == 3
    write_feed(here / "data/inbox/more.jsonl", {"violin": 3})
    assert refresh("--sources", "sources.toml") == 0  # the server is gone: told, and what else is new is used
    assert "cannot be reached" in capsys.readouterr().err and len(last(here).papers) == 6
    assert refresh("--sources", "sources.toml") == 2
