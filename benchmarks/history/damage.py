"""A whole refresh with its digest that is killed, or whose disk refuses, at fifty of its touches of it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.history.runs import ROOT, Row, environment
from tests.crash import FAULTS
from tests.hostile.desk import write_feed

N_TRIALS = 50
COMMAND = ["refresh", "raw", "--out", "runs", "--settings", "settings.toml", "--digest", "digest"]


def measure_damage() -> Iterator[Row]:
    """Yield a row a fault."""
    for fault in FAULTS:
        with tempfile.TemporaryDirectory() as scratch:
            base = Path(scratch) / "base"
            base.mkdir()
            (base / "settings.toml").write_text("n_resamples = 2\n")
            write_feed(base / "raw/feed.jsonl", 4)
            _run([sys.executable, "-m", "tests.hostile.desk", *COMMAND], base)
            write_feed(base / "raw/feed.jsonl", 5)
            said = json.loads(_run([sys.executable, "-m", "tests.crash", str(base), "--words", "--most", str(N_TRIALS),
                                    "--fault", fault, "--", *COMMAND], ROOT))
        broken = "; ".join(said["faults"][:3]) or "nothing is broken, and the next refresh heals"
        ends = ", ".join(f"{n} ended with {code}" for code, n in said["ends"].items())
        what = f"a refresh whose {'process is' if fault == 'killed' else 'disk is'} {fault}"
        yield Row(f"{what}, at {said['n_trials']} of its {said['n_events']} touches of the disk",
                  "previous run and report intact, next refresh heals", f"{broken} ({ends})",
                  not said["faults"] and said["n_trials"] >= N_TRIALS)


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout
