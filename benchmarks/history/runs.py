"""Whole refreshes on the command line: what a person decided after thirty runs, nothing new, and one percent more."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from copy import copy
from pathlib import Path
from typing import NamedTuple

from analysis import store
from analysis.corpus import InputFile, paper_text, read_papers
from analysis.embed import cache_key
from analysis.schema import Run
from analysis.settings import Settings
from benchmarks.history.feed import Feed

ROOT = Path(__file__).resolve().parents[2]
N_RUNS = 30
N_FIRST = 150
N_TURNS = 3


class Row(NamedTuple):
    """A measure beside its floor."""

    what: str
    floor: str
    reached: str
    is_met: bool | None


class Desk:
    """A folder with a feed in it, whose vectors are in its cache, and the command line that refreshes it."""

    def __init__(self, folder: Path, feed: Feed) -> None:
        self.folder, self.feed = folder, feed
        (folder / "raw").mkdir(parents=True)
        (folder / "settings.toml").write_text("n_resamples = 2\n")
        self.lay(range(len(feed.papers)))
        papers = read_papers([InputFile("feed.jsonl", (folder / "raw/feed.jsonl").read_bytes())]).papers
        rows = {title: row for row, title in enumerate(feed.papers["title"])}
        vectors = {}
        for title, text in zip(papers["title"], paper_text(papers), strict=True):
            if title in rows:
                vectors[hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()] = feed.vectors[rows[title]]
        store.VectorCache(folder / "cache").write(cache_key(Settings().model), vectors)

    def lay(self, rows: range) -> None:
        """Make the feed hold these rows of the corpus."""
        papers = self.feed.papers.iloc[rows.start:rows.stop]
        lines = [json.dumps({"title": row.title, "abstract": row.abstract, "published": row.published})
                 for row in papers.itertuples()]
        (self.folder / "raw/feed.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def refresh(self, *more: str) -> tuple[int, float]:
        """Return the exit code of a refresh, and its seconds as a whole process."""
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "analysis", "refresh", "raw", "--out", "runs", "--cache", "cache", "--settings",
             "settings.toml", *more], cwd=self.folder, env=environment(), capture_output=True, text=True)
        if done.returncode not in (0, 3):
            raise RuntimeError(done.stderr)
        return done.returncode, time.perf_counter() - began

    def last(self) -> Run:
        """Return the newest run."""
        return store.read_run(self.folder / "runs" / store.list_runs(self.folder / "runs")[-1]["run_id"])

    def files(self) -> dict[str, tuple[int, bytes]]:
        """Return every file's time of change and content, the cache left out."""
        return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in sorted(self.folder.rglob("*"))
                if path.is_file() and "cache" not in path.relative_to(self.folder).parts}


def measure_decisions(feed: Feed, start: str) -> Iterator[Row]:
    """Yield whether a name, a pin and a hidden theme hold through thirty runs of a growing feed."""
    with tempfile.TemporaryDirectory() as scratch:
        days = sorted(set(feed.papers["day"][feed.papers["day"] >= start]))
        first = max(0, feed.until(days[0]) - N_FIRST)
        part = Feed(feed.papers.iloc[first:feed.until(days[N_RUNS])].reset_index(drop=True),
                    feed.vectors[first:feed.until(days[N_RUNS])])
        desk = Desk(Path(scratch), part)
        desk.lay(range(part.until(days[0])))
        desk.refresh()
        themes = desk.last().themes.query("level == 'theme'").sort_values("n_papers")
        named, hidden, pinned = themes["theme_key"].iloc[[-1, -2, 0]]
        (desk.folder / "ledger.toml").write_text(
            f'[[rename]]\ntheme = "{named}"\nname = "A name by hand"\n[[hide]]\ntheme = "{hidden}"\n'
            f'[[pin]]\ntheme = "{pinned}"\n')
        n_kept = 0
        for day in days[1:N_RUNS + 1]:
            desk.lay(range(part.until(day)))
            desk.refresh("--ledger", "ledger.toml")
            now = desk.last().themes.set_index("theme_key")
            n_kept += (named in now.index and now.at[named, "name"] == "A name by hand" and pinned in now.index
                       and hidden in now.index and bool(now.at[hidden, "hidden"]))
        yield Row(f"name, pin and hidden theme, {N_RUNS} runs", "all kept", f"{n_kept} of {N_RUNS}", n_kept == N_RUNS)
        before = desk.files()
        code, seconds = min((desk.refresh("--ledger", "ledger.toml") for _ in range(3)), key=lambda done: done[1])
        same = code == 3 and desk.files() == before
        yield Row("nothing new", "at most 3 s, no file changed", f"{seconds:.1f} s, exit code {code}, files "
                  + ("as they were" if same else "CHANGED"), same and seconds <= 3)


def measure_increment(feed: Feed) -> Iterator[Row]:
    """Yield the time that one percent of new papers takes, beside the whole run's: from cached vectors and without."""
    n = len(feed.papers)
    with tempfile.TemporaryDirectory() as scratch:
        desk = Desk(Path(scratch), feed)
        desk.lay(range(n - n // 100))
        _, whole = desk.refresh()
        desk.lay(range(n))
        times = []
        for turn in range(N_TURNS):  # each on its own copy: what the first one leaves in the cache helps the next
            again = copy(desk)
            again.folder = Path(shutil.copytree(desk.folder, f"{scratch}-{turn}"))
            times.append((again.refresh()[1], again.last().manifest["profile"]))
            shutil.rmtree(again.folder)
        more, profile = sorted(times, key=lambda turn: turn[0])[N_TURNS // 2]
        per_paper = _embedding_seconds(feed)
        embedding, embedding_more = per_paper * n, per_paper * (n // 100)
        share = (more + embedding_more) / (whole + embedding)
        yield Row(f"1 % more than {n - n // 100:,} papers", "at most 15 % of the whole run", f"{share:.1%}: "
                  f"{more:.0f} + {embedding_more:.0f} s of embedding, of {whole:.0f} + {embedding:.0f} s "
                  f"({', '.join(f'{stage} {seconds:.0f}' for stage, seconds in profile.items())})", share <= 0.15)


def _embedding_seconds(feed: Feed) -> float:
    """Return the seconds that embedding takes a paper, measured on some of the feed's."""
    from analysis.embed import embed_texts

    texts = [f"{text} " for text in feed.texts[:: len(feed.papers) // 128][:128]]
    embed_texts(texts[:8], Settings().model, None)
    began = time.perf_counter()
    embed_texts(texts, Settings().model, None)
    return (time.perf_counter() - began) / len(texts)


def environment() -> dict[str, str]:
    """Return the environment in which this checkout's program runs from any folder."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}
