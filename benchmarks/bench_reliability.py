"""Nothing lost, no one let in: every promise of SECURITY.md, tried at length: `make bench-reliability`.

Readers under fuzz; processes killed, and disks full, at system calls; planted damage; many processes in one folder; a
year of days. `make test` tries the same at smaller size. ``--seconds`` is what fuzzing may take in all; the rest takes
about as long again as it says. Parts that were not asked for stay as they were measured last.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from benchmarks.parts import keep_part  # noqa: E402
from benchmarks.reliability.accidents import crowd, damages, stops, wear  # noqa: E402
from benchmarks.reliability.readers import fuzz_readers, time_beside_size  # noqa: E402
from benchmarks.reliability.row import Row  # noqa: E402
from tests.hostile.documents import WRITERS  # noqa: E402

PARTS = ("readers", "patterns", "stops", "damage", "crowd", "wear")


def main(arguments: list[str] | None = None) -> int:
    """Print the rows, write the page, and return 1 where a floor is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--seconds", type=float, default=3600, help="for fuzzing, over all formats (%(default)g)")
    parser.add_argument("--most", type=int, default=100_000, help="files of a format (%(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", nargs="+", choices=WRITERS, default=list(WRITERS), help="formats to fuzz (all)")
    parser.add_argument("--size", type=int, default=50_000, help="characters of a short pattern (%(default)s)")
    parser.add_argument("--stops", type=int, default=10**9, help="most kills, and full disks, over all system calls")
    parser.add_argument("--crowd", type=float, default=600, metavar="SECONDS")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/reliability.md", metavar="FILE")
    options = parser.parse_args(arguments)
    about = (__doc__ or "").partition("\n\n")[2].strip()
    intro = f"# Reliability: measured\n\n{about}\n\nPython {platform.python_version()} on {platform.system()}."
    n_missed = 0
    for part in options.parts:
        lines = ["| what is tried | floor | came | |", "|---|---|---|---|"]
        for row in tried(part, options):
            n_missed += not row.is_met
            lines.append(f"| {row.what} | {row.floor} | {row.reached.replace('|', '/')} | "
                         f"{'met' if row.is_met else 'MISSED'} |")
            print(lines[-1], flush=True)
            for fault in row.faults:
                print(f"       {fault[:2000]}", flush=True)
        keep_part(options.out, intro, part, lines, PARTS,
                  is_whole=part != "readers" or set(options.kinds) == set(WRITERS))
    return int(n_missed > 0)


def tried(part: str, options: argparse.Namespace) -> Iterator[Row]:
    """Return the rows of one part."""
    parts = {
        "readers": lambda: fuzz_readers(options.seconds, options.most, options.seed, options.kinds),
        "patterns": lambda: time_beside_size(options.size),
        "stops": lambda: stops(options.stops), "damage": lambda: damages(options.seed),
        "crowd": lambda: crowd(options.crowd), "wear": lambda: wear(options.days),
    }
    return parts[part]()


if __name__ == "__main__":
    sys.exit(main())
