"""Hold what keeps its memory against its floors: `make bench-history` (parts of it: ARGS="--only replay kills").

A replay fits all papers so far again on every day, and matches them to the day before; names, declared themes and the
ledger are no part of it. The other rows are whole commands. What needs the corpora is left out where they do not lie
beside the repository.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.history import damage, planted, replay, runs, samples  # noqa: E402
from benchmarks.history.feed import CORPUS, Feed, read_feed  # noqa: E402
from benchmarks.history.runs import Row  # noqa: E402
from benchmarks.parts import keep_part  # noqa: E402

STARTS = ("2025-06-01", "2026-03-01")
MERGED_INTO = 500
"""Earlier papers that `merge_models` begins with: in a day's papers BERTopic finds no topic, and what is merged into
none stays none."""


def main(arguments: list[str] | None = None) -> int:
    """Print the tables, and write them into the page; return 1 where a floor is missed."""
    parts = _parts()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", nargs="+", choices=sorted(parts), default=list(parts), metavar="PART",
                        help=f"of {', '.join(parts)}")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/history.md", metavar="FILE")
    args = parser.parse_args(arguments)
    feed = read_feed() if CORPUS.is_file() else None
    n_missed = 0
    for part in args.only:
        needs_feed, measure = parts[part]
        if needs_feed and feed is None:
            print(f"{part}: left out, for {CORPUS} is not there", file=sys.stderr)
            continue
        lines = ["| measure | floor | reached | |", "|---|---|---|---|"]
        for row in measure(feed):
            lines.append(f"| {row.what} | {row.floor} | {row.reached} | {_verdict(row)} |")
            n_missed += row.is_met is False
            print(lines[-1], flush=True)
        keep_part(args.out, "# History: measured\n\n" + (__doc__ or "").partition("\n\n")[2], part, lines, list(parts))
    return 1 if n_missed else 0


def _parts() -> dict[str, tuple[bool, Callable[[Feed | None], Iterator[Row]]]]:
    """Return name → whether it needs the corpus, and what measures it."""
    return {
        "replay": (True, lambda feed: (row for start in STARTS for row in _replay(feed, replay.Ours(True), start))),
        "naive": (True, lambda feed: (
            row for method, n_before in ((replay.Ours(False), 0), (replay.Refit(), 0), (replay.Merge(), MERGED_INTO))
            for row in _replay(feed, method, STARTS[0], n_before))),
        "planted": (False, lambda feed: planted.measure_planted()),
        "decisions": (True, lambda feed: runs.measure_decisions(feed, STARTS[0])),
        "increment": (True, lambda feed: runs.measure_increment(feed)),
        "kills": (False, lambda feed: damage.measure_damage()),
        "samples": (False, lambda feed: samples.measure_samples()),
    }


def _replay(feed: Feed, method: replay.Method, start: str, n_before: int = 0) -> Iterator[Row]:
    done = replay.replay(feed, method, start, n_before)
    median, worst = float(np.median(done.kept)), min(done.kept)
    ours = isinstance(method, replay.Ours) and method.remembers
    about = (f"{done.n_papers:,} papers, {done.n_themes} themes, {done.n_keys} keys in all, "
             f"{done.coverage:.0%} placed, {done.n_failed} days failed, {done.seconds:.0f} s")
    begin = f", on {n_before} papers before" if n_before else ""
    yield Row(f"{method.name}, {replay.N_DAYS} days from {start}{begin}: old papers that keep their theme",
              "median at least 95 %, worst 90 %" if ours else "", f"{median:.1%}, worst {worst:.1%} ({about})",
              median >= 0.95 and worst >= 0.90 if ours else None)
    yield Row(f"{method.name}, from {start}: ARI to one fit of all", "at least 0.80" if ours else "",
              f"{done.agreement:.3f}", done.agreement >= 0.80 if ours else None)


def _verdict(row: Row) -> str:
    return "" if row.is_met is None else "met" if row.is_met else "MISSED"


if __name__ == "__main__":
    sys.exit(main())
