"""The command line with vectors made from words alone: `python -m tests.hostile.desk refresh …`.

No model is loaded, so that a whole refresh takes a second or two, and many of them a test. All else is as it is.
"""

from __future__ import annotations

import contextlib
import json
import random
import sys
import zlib
from pathlib import Path
from unittest import mock

import numpy as np

from analysis.__main__ import main

N_DIMENSIONS = 48
SUBJECTS = ("volcano lava crater ash", "violin bow string melody", "enzyme protein membrane cell",
            "harbour ship crane cargo")


def paper_themes(*arguments: str) -> int:
    """Return the exit code of one command."""
    with mock.patch("analysis.embed._compute", _compute):
        return main(arguments)


def write_feed(path: Path, n_papers: int, day: str = "2024-05-01", seed: int = 0) -> Path:
    """Write planted papers of four subjects; fewer of them are the first of more."""
    rng = random.Random(seed)
    lines = []
    for number in range(n_papers):
        words = SUBJECTS[number % len(SUBJECTS)].split()
        said = " ".join(rng.choice(words) for _ in range(30))
        title = f"On the {rng.choice(words)} and the {rng.choice(words)} {seed}-{number}"
        lines.append(json.dumps({"title": title, "abstract": f"We study {said}.", "published": day}))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _compute(how: tuple[str, str, str], chunk: list[str]) -> np.ndarray:
    return np.array([_vector(text) for text in chunk])


def _vector(text: str) -> np.ndarray:
    """Return the sum of a vector for each word: texts with the same words are near each other."""
    vector = np.full(N_DIMENSIONS, 1e-3, dtype=np.float32)
    for word in text.lower().split():
        vector += np.random.default_rng(zlib.crc32(word.encode("utf-8", "surrogatepass"))).standard_normal(
            N_DIMENSIONS).astype(np.float32)
    return vector


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        sys.exit(paper_themes(*sys.argv[1:]))
