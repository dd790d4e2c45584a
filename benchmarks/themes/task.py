"""What a method gets and gives back: numpy and the standard library alone, so that every environment can read it."""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

LEFT_OUT = 0.1
NOT_PLACED = -1
NOT_THERE = -2
"""Label of a paper that was left out of a refit."""


@dataclass(frozen=True)
class Grouping:
    """Themes as a method gives them.

    Parameters
    ----------
    labels : ndarray of shape (n_papers,), int
        Theme of each paper, from 0; `NOT_PLACED` where the method gives none.
    strengths : ndarray of shape (n_papers,), optional
        How strongly each paper belongs to its theme, in [0, 1].
    loose : ndarray of shape (n_papers,), bool, optional
        Papers that the method itself does not count as placed; None where that is `NOT_PLACED` alone.
    names : list of str, length n_themes, optional
        What the method calls its themes.
    words : list of list of str, length n_themes, optional
        Each theme's words, best first.
    encoder_seconds : float
        Part of the time that went into embedding words and phrases.
    """

    labels: np.ndarray
    strengths: np.ndarray | None = None
    loose: np.ndarray | None = None
    names: list[str] | None = None
    words: list[list[str]] | None = None
    encoder_seconds: float = 0.0


Texts = Sequence[tuple[str, str]]
"""Title and abstract of each paper."""
Fit = Callable[[Texts, np.ndarray, int | None, bool], Grouping]
"""(texts, vectors, number of labels or None, whether names are wanted) → Grouping."""


def join_text(title: str, abstract: str) -> str:
    """Return what is embedded of a paper: title, full stop, abstract; the title alone where that is all."""
    return f"{title}. {abstract}" if abstract else title


def draw_variants(n_papers: int, repeats: int) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the name and the rows of each fit: all papers, all in another order, and nine tenths of them.

    The rows are the same for every method.
    """
    yield "full", np.arange(n_papers)
    if not repeats:
        return
    yield "shuffled", np.random.default_rng(7).permutation(n_papers)
    for repeat in range(repeats):
        rng = np.random.default_rng(100 + repeat)
        yield f"left out {repeat}", np.sort(rng.choice(n_papers, round((1 - LEFT_OUT) * n_papers), replace=False))


def write_inputs(folder: Path, texts: Texts, vectors: np.ndarray) -> None:
    """Lay out a corpus for `run_method`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "texts.json").write_text(json.dumps([list(text) for text in texts]))
    np.save(folder / "vectors.npy", vectors)


def run_method(loaders: Mapping[str, Callable[[], Fit]], arguments: Sequence[str] | None = None) -> None:
    """Run one method on one corpus, as the command line says, and write a JSON file after each fit.

    The clock runs from vectors to named themes: imports, and loading an encoder, come before it. Compiling what a
    library compiles at its first call is inside, for a user waits for it as well. The first fit's peak of memory is
    the process's, libraries and inputs included.
    """
    parser = argparse.ArgumentParser()
    parser.add_argument("method", choices=list(loaders))
    parser.add_argument("inputs", type=Path)
    parser.add_argument("outputs", type=Path)
    parser.add_argument("--n-labels", type=int)
    parser.add_argument("--repeats", type=int, default=0)
    args = parser.parse_args(arguments)
    texts = [(title, abstract) for title, abstract in json.loads((args.inputs / "texts.json").read_text())]
    vectors = np.load(args.inputs / "vectors.npy")
    fit = loaders[args.method]()
    (args.outputs / "loaded").touch()  # the time limit counts from here
    for name, rows in draw_variants(len(texts), args.repeats):
        wall, used = time.perf_counter(), time.process_time()
        found = fit([texts[row] for row in rows], vectors[rows], args.n_labels, name == "full")
        seconds, used = time.perf_counter() - wall, time.process_time() - used
        content: dict[str, Any] = {"labels": _in_place(found.labels, rows, len(texts), NOT_THERE)}
        if name == "full":
            content |= {
                "seconds": round(seconds, 3), "processor_seconds": round(used, 3),
                "encoder_seconds": round(found.encoder_seconds, 3), "peak_mb": round(peak_mb(), 1),
                "strengths": None if found.strengths is None else np.round(found.strengths, 4).tolist(),
                "loose": None if found.loose is None else np.asarray(found.loose, dtype=bool).tolist(),
                "names": found.names, "words": found.words,
            }
        path = args.outputs / f"{name}.json"
        path.with_suffix(".part").write_text(json.dumps(content))
        path.with_suffix(".part").rename(path)


def peak_mb() -> float:
    """Return the greatest amount of memory that this process held, in MB."""
    try:
        # A child's ru_maxrss starts at what its parent held; this figure is the process's own.
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _in_place(values: np.ndarray, rows: np.ndarray, n_papers: int, missing: int) -> list[int]:
    whole = np.full(n_papers, missing, dtype=int)
    whole[rows] = values
    return whole.tolist()
