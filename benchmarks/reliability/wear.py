"""A year of days: memory, files, open handles and keys, a refresh a day in one process."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import io
import json
import os
import tempfile
from pathlib import Path
from unittest import mock

import numpy as np

import analysis.pipeline  # noqa: F401 - before the clock is another one: pandas looks at the type of a moment as it loads
from analysis import store
from tests.hostile.desk import paper_themes, write_feed

FIRST = dt.datetime(2024, 1, 1, 6, 30, tzinfo=dt.UTC)
N_FIRST = 24


def live(n_days: int, n_first: int = N_FIRST) -> dict[str, object]:
    """Return what a feed that grows by a paper every second day leaves behind, day by day, and the share of keys kept.

    What is measured after every refresh: resident memory in MB, open files, bytes and files of the runs, of the cache.
    """
    rows, kept, before = [], [], {}
    for day in range(n_days):
        morning = FIRST + dt.timedelta(days=day)

        class Today(dt.datetime):
            @classmethod
            def now(cls, tz=None, moment=morning):
                return moment.astimezone(tz) if tz else moment

        write_feed(Path("raw/feed.jsonl"), n_first + day // 2, day="2024-01-01")
        said = io.StringIO()
        with mock.patch("analysis.__main__.dt.datetime", Today), contextlib.redirect_stdout(said), \
                contextlib.redirect_stderr(said):
            code = paper_themes("refresh", "raw", "--out", "runs", "--cache", "cache", "--settings", "settings.toml",
                                "--digest", "digest")
        if code not in (0, 3):
            raise RuntimeError(f"day {day} ended with {code}: {said.getvalue()[-1000:]}")
        if code == 0:
            run = store.read_run(Path("runs") / store.list_runs(Path("runs"))[-1]["run_id"])
            stands = run.placements[run.placements["rank"] == 1].set_index("paper_id")["theme_key"].to_dict()
            if before:
                kept.append(sum(stands.get(paper) == key for paper, key in before.items()) / len(before))
            before = stands
        files = [path for path in Path().rglob("*") if path.is_file()]
        rows.append({"memory": _memory_mb(), "open": len(os.listdir("/proc/self/fd")), "files": len(files),
                     "runs": sum(path.stat().st_size for path in files if path.parts[0] == "runs"),
                     "cache": sum(path.stat().st_size for path in files if path.parts[0] == "cache")})
    days = np.arange(n_days)
    later = slice(n_days // 4, None)  # the first quarter loads and compiles
    slopes = {name: float(np.polyfit(days[later], [row[name] for row in rows][later], 1)[0]) for name in rows[0]}
    n_runs = len(store.list_runs(Path("runs")))
    return {"days": n_days, "runs": n_runs, "slopes": slopes, "last": rows[-1], "first": rows[n_days // 4],
            "kept": [float(np.median(kept)), float(min(kept))] if kept else [1.0, 1.0],
            "bytes_a_run": rows[-1]["runs"] / n_runs}


def _memory_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """Print what came of it as a line of JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", type=int, default=365)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
        Path("settings.toml").write_text("n_resamples = 2\n")
        print(json.dumps(live(options.days)))


if __name__ == "__main__":
    main()
