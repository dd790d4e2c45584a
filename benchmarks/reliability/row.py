"""A row of the table."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[2]


class Row(NamedTuple):
    """What was tried, its floor, what came, whether the floor is met; and each fault, for whoever mends it."""

    what: str
    floor: str
    reached: str
    is_met: bool
    faults: tuple[str, ...] = ()


def ask(module: str, *arguments: object, timeout_s: float | None = None) -> dict[str, Any]:
    """Return what a module of the tests tells as its last line, in JSON."""
    done = subprocess.run([sys.executable, "-W", "ignore", "-m", module, *map(str, arguments)], cwd=ROOT, text=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, timeout=timeout_s)
    if done.returncode:
        raise RuntimeError(f"{module} ended with {done.returncode}: {done.stderr[-2000:]}")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told
