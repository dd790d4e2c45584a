"""What may happen to a folder: a kill, a full disk, a flipped bit, a crowd, a year."""

from __future__ import annotations

import contextlib
import datetime as dt
import io
import json
import random
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from analysis import store
from analysis.__main__ import main
from benchmarks.reliability.row import Row, ask
from tests.crash import FAULTS
from tests.fake_run import fake_run
from tests.hostile.desk import paper_themes, write_feed

COMMAND = ("refresh", "raw", "--out", "runs", "--settings", "settings.toml", "--digest", "digest")
NOW = dt.datetime(2024, 5, 1, 7, tzinfo=dt.UTC)


def stops(most: int) -> Iterator[Row]:
    """Yield what came of refreshes that were killed, or found the disk full or read-only, at each system call."""
    for fault in FAULTS:
        with tempfile.TemporaryDirectory() as scratch:
            base = Path(scratch) / "base"
            write_feed(base / "raw/feed.jsonl", 12)
            (base / "settings.toml").write_text("n_resamples = 2\n")
            with contextlib.chdir(base), _quiet():
                paper_themes(*COMMAND)
            write_feed(base / "raw/feed.jsonl", 14)
            told = ask("tests.crash", base, "--most", most, "--fault", fault, "--words", "--", *COMMAND)
        ends = ", ".join(f"{n} ended with {end}" for end, n in sorted(told["ends"].items()))
        yield Row(f"a refresh whose disk or process is {fault}", "what was there readable; the next run heals",
                  f"{told['n_trials']} of {told['n_events']} system calls tried ({ends}), {len(told['faults'])} faults",
                  not told["faults"], tuple(told["faults"]))


def damages(seed: int, n_each: int = 20) -> Iterator[Row]:
    """Yield how many planted damages `paper-themes check` finds: in every file, bits flipped, and cuts."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as scratch:
        here = Path(scratch)
        keep_one_of_each(here)
        files = [path for path in sorted(here.rglob("*")) if path.is_file()]
        n_planted, missed = 0, []
        for path in files:
            content = path.read_bytes()
            path.chmod(0o644)
            for number in range(n_each):
                hurt = bytearray(content)
                if number % 4 == 3:
                    del hurt[rng.randrange(len(hurt)):]
                else:
                    hurt[rng.randrange(len(hurt))] ^= 1 << rng.randrange(8)
                if path.suffix == ".json" and _same_meaning(bytes(hurt), content):  # a line's end, or e for E
                    continue
                path.write_bytes(hurt)
                n_planted += 1
                unit = path.parent if path.parent.parent.name == "runs" else here
                with _quiet() as said:
                    code = main(["check", str(unit)])
                if code != 5 or not any(str(place) in said.getvalue() for place in (path, path.parent)):
                    missed.append(f"{path.relative_to(here)}, damage {number}: exit code {code}")
            path.write_bytes(content)
        with _quiet():
            sound = main(["check", str(here)])
    yield Row("flipped bits and cuts in snapshots, runs, vectors, answers", "each found and named",
              f"{n_planted - len(missed)} of {n_planted} found, exit code {sound} when mended",
              not missed and sound == 0, tuple(missed[:5]))


def keep_one_of_each(here: Path) -> None:
    """Lay one of everything that has a checksum into a folder."""
    write_feed(here / "inbox/feed.jsonl", 5)
    store.Snapshots(here / "raw").take_in(here / "inbox", NOW.date(), NOW)
    first, second = fake_run(20, 3), fake_run(21, 3)
    store.write_run(first, here / "runs")
    store.write_run(replace(second, manifest={**second.manifest, "previous_run": first.run_id}), here / "runs")
    store.VectorCache(here / "cache").write("a model", {"ab" * 32: np.ones(64, np.float32)})
    store.AnswerCache(here / "cache/answers").write("0" * 64, "An answer")


def crowd(seconds: float) -> Iterator[Row]:
    """Yield what came of eight processes that refresh, run and read in one folder."""
    with tempfile.TemporaryDirectory() as scratch:
        told = ask("tests.hostile.crowd", scratch, "--seconds", seconds, "--processes", 8)
    done = ", ".join(f"{n:,} times {what}" for what, n in sorted(told["counts"].items()))
    yield Row(f"eight processes in one folder for {seconds:g} s", "no corruption, no half run seen",
              f"{done}; {told['n_runs']} runs, {len(told['faults'])} faults", not told["faults"], tuple(told["faults"]))


def wear(n_days: int) -> Iterator[Row]:
    """Yield how memory, disk, open files and keys go on through a year of days."""
    told = ask("benchmarks.reliability.wear", "--days", n_days)
    slope, last = told["slopes"], told["last"]
    what = f"{told['days']} days, {told['runs']} runs"
    yield Row(f"memory through {what}", "at most 0.1 MB a day", f"{slope['memory']:.3f} MB a day, "
              f"{last['memory']:.0f} MB on the last", slope["memory"] <= 0.1)
    yield Row(f"open files through {what}", "none more", f"{told['first']['open']} and {last['open']} on the last day",
              last["open"] <= told["first"]["open"])
    yield Row(f"disk through {what}", "a day's runs at most 1.5 times the mean",
              f"{told['bytes_a_run'] / 1000:.0f} kB a run, {slope['runs'] / 1000:.1f} kB of runs and "
              f"{slope['cache'] / 1000:.1f} kB of cache a day",
              slope["runs"] <= 1.5 * told["bytes_a_run"] * told["runs"] / told["days"])
    yield Row(f"keys through {what}", "95 % of papers keep theirs, median",
              f"{told['kept'][0]:.1%} in the median, {told['kept'][1]:.1%} at worst", told["kept"][0] >= 0.95)


def _same_meaning(hurt: bytes, content: bytes) -> bool:
    try:
        return bool(json.loads(hurt) == json.loads(content))
    except (ValueError, RecursionError):
        return False


@contextlib.contextmanager
def _quiet() -> Iterator[io.StringIO]:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        yield said
