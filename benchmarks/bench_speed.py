"""Measure time, memory and size against their floors: `make bench-speed` (ARGS="--only small embedding").

Each measure runs in processes of its own, peers in turn with ours, medians of three where it is short. `large`
and `million` take long: minutes to hours. Rows that were not asked for keep what was measured last.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.parts import keep_part  # noqa: E402
from benchmarks.speed.feeds import HUGE, LARGE, SMALL, lay_feed  # noqa: E402

WORK = ROOT / "benchmarks/.results/speed"
REPEATS = 3


class Row(NamedTuple):
    """A measure beside its floor."""

    what: str
    floor: str
    reached: str
    is_met: bool


def main(arguments: list[str] | None = None) -> int:
    """Write the table; return 1 where a floor is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", nargs="+", choices=list(MEASURES), metavar="NAME",
                        default=[name for name in MEASURES if name not in LONG], help=", ".join(MEASURES))
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/speed.md", metavar="FILE")
    args = parser.parse_args(arguments)
    n_missed = 0
    for name in args.only:
        print(name, file=sys.stderr, flush=True)
        lines = ["| measure | floor | reached | met |", "|---|---|---|---|"]
        for row in MEASURES[name]():
            n_missed += not row.is_met
            lines.append(f"| {row.what} | {row.floor} | {row.reached} | {'yes' if row.is_met else '**no**'} |")
            print(lines[-1], flush=True)
        keep_part(args.out, f"# Speed: measured\n\n{(__doc__ or '').partition(chr(10) * 2)[2]}", name, lines,
                  list(MEASURES))
    return int(n_missed > 0)


def small() -> Iterator[Row]:
    """Hold a whole run against BERTopic's, in turn."""
    folder = lay_feed(WORK / "small", SMALL, WORK / "cache")
    task("ours", folder)  # phrases that name themes are embedded once a machine, as papers are
    done = [(task("ours", folder), task("bertopic", folder)) for _ in range(REPEATS)]
    times = [tuple(found["seconds"] for found in pair) for pair in done]
    ratio = median(mine / theirs for mine, theirs in times)
    busy = median(mine["processor_seconds"] / theirs["processor_seconds"] for mine, theirs in done)
    memory = [median(pair[side]["peak_mb"] for pair in done) for side in (0, 1)]
    profile = ", ".join(f"{stage} {seconds:.0f}" for stage, seconds in done[-1][0]["profile"].items())
    yield Row(f"{SMALL:,} papers from cached vectors, whole run without report, against BERTopic as it comes",
              "at most 1/3 of its time", f"{ratio:.2f} of its time ({median(t[0] for t in times):.0f} s against "
              f"{median(t[1] for t in times):.0f} s; {busy:.2f} of its processor time; {profile})", ratio <= 1 / 3)
    yield Row("its memory", "at most BERTopic's", f"{memory[0]:,.0f} MB against {memory[1]:,.0f} MB",
              memory[0] <= memory[1])


def large() -> Iterator[Row]:
    """Take a hundred thousand papers, and what they cost beside ten thousand."""
    first = task("ours", lay_feed(WORK / "small", SMALL, WORK / "cache"))
    found = task("ours", lay_feed(WORK / "large", LARGE, WORK / "cache"))
    profile = ", ".join(f"{stage} {seconds:.0f}" for stage, seconds in found["profile"].items())
    yield Row(f"{found['n_papers']:,} papers from cached vectors", "at most 15 min", f"{found['seconds'] / 60:.1f} min "
              f"({found['processor_seconds'] / 60:.1f} min of processor time; {profile})", found["seconds"] <= 900)
    yield Row("its memory", "at most 8 GB", f"{found['peak_mb'] / 1000:.1f} GB", found["peak_mb"] <= 8000)
    yield Row("fitted papers that their neighbours would place as the fit does", "reported",
              f"{found['method']['placed_as_fitted']:.1%} of {found['method']['n_fitted']:,}", True)
    sought = task("ancestors", WORK / "large")
    yield Row("nearest earlier paper among more than 20,000, sought around a paper: the same as among all", "reported",
              f"{sought['same']:.1%} of {sought['n']:,}; 99 % lose at most {sought['lost']:.3f} of cosine", True)
    cost = found["seconds"] / first["seconds"]
    yield Row(f"cost from {first['n_papers']:,} to {found['n_papers']:,} papers", "at most 12 times",
              f"{cost:.1f} times", cost <= 12)


def million() -> Iterator[Row]:
    """Take a million papers: a hundred thousand, resampled with noise."""
    found = task("ours", lay_feed(WORK / "million", HUGE, WORK / "cache"))
    yield Row(f"{found['n_papers']:,} papers from cached vectors", "finishes in 24 GB",
              f"{found['seconds'] / 60:.0f} min, {found['peak_mb'] / 1000:.1f} GB", found["peak_mb"] <= 24_000)


def embedding() -> Iterator[Row]:
    """Hold our path against the library's default on the same processor and texts."""
    found = task("embedding")
    times = found["ours"] / found["default"]
    yield Row("embedding, against sentence-transformers' default", "at least 1.9 times", f"{times:.2f} times "
              f"({found['ours']:.0f} against {found['default']:.0f} abstracts/s; least cosine "
              f"{found['least_cosine']:.5f})", times >= 1.9 and found["least_cosine"] >= 0.999)
    share = found["reached"] / found["peak"]
    peaks = ", ".join(f"{kind} {peak / 1e9:.0f}" for kind, peak in found["peaks"].items())
    yield Row("its distance to the limit", "at least 35 %", f"{share:.0%} ({found['reached'] / 1e9:.0f} of "
              f"{found['peak'] / 1e9:.0f} GFLOP/s, each operation as fast as in a large matrix product of its kind: "
              f"{peaks})", share >= 0.35)


def static() -> Iterator[Row]:
    """Tell what static vectors lose."""
    for name in ("labeled_ai_areas", "bbc_news_raw"):
        found = task("static", name)
        said = (f"AMI {found['static']:.2f} against {found['whole']:.2f}; {found['texts_per_second']:,.0f} texts/s "
                f"after {found['distilled_in']:.0f} s of distillation")
        yield Row(f"static vectors, {name}", "loss reported", said, True)


def dask() -> Iterator[Row]:
    """Hold two workers against one, and the same placements as without."""
    ratios = [task("blocks", 1)["seconds"] / task("blocks", 2)["seconds"] for _ in range(REPEATS)]
    yield Row("Dask, 2 workers against 1, embed and place", "at least 1.6 times", f"{median(ratios):.2f} times",
              median(ratios) >= 1.6)
    import pandas as pd

    folder = lay_feed(WORK / "medium", 2 * SMALL + 5000, WORK / "cache")
    tables = [pd.read_csv(Path(task("ours", folder, workers)["run"]) / "placements.csv") for workers in ("", 2)]
    first = [table[table["rank"] == 1].set_index("paper_id")["theme_key"] for table in tables]
    same = float((first[0] == first[1].reindex(first[0].index)).mean())
    yield Row("Dask run against the plain run: same placements", "at least 99.5 %", f"{same:.2%}", same >= 0.995)


def report() -> Iterator[Row]:
    """Report twenty thousand papers."""
    done = task("ours", lay_feed(WORK / "twenty", 20_000, WORK / "cache"))
    seconds = command("report", done["run"], "--out", str(WORK / "twenty/report.html"))
    yield Row(f"report of {done['n_papers']:,} papers", "at most 60 s", f"{seconds:.0f} s", seconds <= 60)


def place() -> Iterator[Row]:
    """Place one abstract in a warm process."""
    folder = lay_feed(WORK / "small", SMALL, WORK / "cache")
    run = task("ours", folder)["run"]
    seconds = task("placing", folder, run)["seconds"]
    yield Row(f"place of one abstract among {SMALL:,}, warm process, beyond its embedding", "at most 50 ms",
              f"{1000 * seconds:.0f} ms", seconds <= 0.05)


def start() -> Iterator[Row]:
    """Time help, nothing new, and the seed report from a warm cache."""
    helped = median(command("--help") for _ in range(5))
    yield Row("help", "at most 0.5 s", f"{helped:.2f} s", helped <= 0.5)
    with tempfile.TemporaryDirectory() as scratch:
        refresh = ["refresh", str(ROOT / "data/raw"), "--out", f"{scratch}/runs", "--inbox", f"{scratch}/inbox"]
        command(*refresh)
        nothing = median(command(*refresh) for _ in range(REPEATS))
        yield Row("nothing new", "at most 3 s", f"{nothing:.1f} s", nothing <= 3)
        page = median(command("run", str(ROOT / "data/raw"), "--out", f"{scratch}/{turn}")
                      + command("report", next((Path(scratch) / str(turn)).glob("r*")).as_posix(), "--out",
                                f"{scratch}/{turn}.html") for turn in range(REPEATS))
    yield Row("seed run and report from a warm cache", "at most 20 s", f"{page:.0f} s", page <= 20)


MEASURES: dict[str, Callable[[], Iterator[Row]]] = {
    measure.__name__: measure for measure in (small, large, million, embedding, static, dask, report, place, start)}
LONG = ("large", "million")


def task(name: str, *arguments: object) -> dict[str, Any]:
    """Return what a measured task found, in a process of its own."""
    done = subprocess.run([sys.executable, "-m", "benchmarks.speed.task", name, *map(str, arguments)], cwd=ROOT,
                          stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"{name} {' '.join(map(str, arguments))} failed; its error is above")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def command(*arguments: str) -> float:
    """Return the seconds of a whole `paper-themes` command."""
    began = time.perf_counter()
    done = subprocess.run([sys.executable, "-m", "analysis", *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode not in (0, 3):
        raise SystemExit(done.stderr)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
