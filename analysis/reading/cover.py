"""How far papers cover each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

_SAMPLE = 1000
"""Papers whose pairs tell what is usual."""

_CELLS = 2**22
"""Similarities held at once: 16 MB. Fewer would make small products, which are slow."""

MOST_KEPT = 2**23
"""Numbers kept of what was measured: 48 MB. Of 10,000 papers in themes each paper covers some hundreds."""

SAME = 1 - 1e-5
"""Cosine similarity from which two vectors are the same."""

_QUARTER = 0.637
"""Width of the shortest interval that holds a quarter of a normal distribution, in standard deviations."""


@dataclass
class Cover:
    """Papers, and how far one of them covers another.

    A paper covers another one by the product of two numbers from 0 to 1. The first is how far their cosine similarity
    stands above what two papers of the corpus have anyway (`usual_similarity`): 0 there or below, 1 where the two are
    the same. The second is the cosine between their strengths in the themes: 1 in the same themes, 0 where they share
    none; papers in no theme share that. Each paper covers itself, and any with the same vector, wholly.

    Parameters
    ----------
    vectors : float32 array of shape (n_papers, n_dimensions)
        Unit rows.
    profiles : float32 array of shape (n_papers, n_themes + 1)
        Unit rows of strengths; the last column is for papers in no theme.
    primary : array of shape (n_papers,)
        Primary theme's key, or None.
    usual : float
        Similarity that two papers have without being kin.
    """

    vectors: np.ndarray
    profiles: np.ndarray
    primary: np.ndarray
    usual: float
    _kept: dict[int, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict, init=False, repr=False)
    _room: int = field(default_factory=lambda: MOST_KEPT, init=False, repr=False)

    def __len__(self) -> int:
        return len(self.vectors)

    def take(self, rows: np.ndarray) -> Cover:
        """Return the same for some of the papers; what is usual stays."""
        return Cover(self.vectors[rows], self.profiles[rows], self.primary[rows], self.usual)

    def covered(self, rows: Sequence[int] | np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield, for each paper of `rows`, which papers it covers at all, in order, and how far; float32.

        What is measured is kept while there is room, for most papers are asked for again.
        """
        step = max(_CELLS // max(len(self), 1), 1)
        for start in range(0, len(rows), step):
            part = np.asarray(rows[start : start + step]).tolist()
            new = [row for row in part if row not in self._kept]
            measured = dict(zip(new, self._measure(np.array(new)), strict=True)) if new else {}
            for row in part:
                yield self._kept.get(row) or measured[row]

    def _measure(self, rows: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        covers = self.vectors[rows] @ self.vectors.T
        own = np.arange(len(rows)), rows
        covers[own] = 0.0
        # Seldom any are, and a table of this size takes time.
        same = covers >= SAME if covers.max(initial=0.0) >= SAME else None
        covers -= self.usual
        covers *= (self.profiles[rows] / (1 - self.usual)) @ self.profiles.T
        if same is not None:
            covers[same] = 1.0
        covers[own] = 1.0
        for row, one in zip(rows.tolist(), covers, strict=True):
            columns = np.flatnonzero(one > 0)
            told = columns.astype(np.min_scalar_type(len(self))), np.minimum(one[columns], 1.0)
            if len(columns) <= self._room:
                self._kept[row] = told
                self._room -= len(columns)
            yield told


def make_cover(ids: np.ndarray, vectors: np.ndarray, placements: pd.DataFrame, usual: float) -> Cover:
    """Return how far papers cover each other.

    Parameters
    ----------
    ids : array of str, shape (n_papers,)
    vectors : float array of shape (n_papers, n_dimensions)
        Unit rows.
    placements : DataFrame
        PLACEMENTS: in which themes the papers stand.
    usual : float
        From `usual_similarity`.
    """
    return Cover(np.ascontiguousarray(vectors, dtype=np.float32), *_strengths(ids, placements), usual)


def usual_similarity(vectors: np.ndarray) -> float:
    """Return the cosine similarity that two papers have without being kin: the mean of all pairs and one spread.

    The spread is that of the most common similarities (the shortest interval that holds a quarter of the pairs), so
    pairs of one theme, which lie far out, do not widen it. Of more than 1,000 papers, 1,000 evenly spaced rows tell.

    Parameters
    ----------
    vectors : float array of shape (n_papers, n_dimensions)
        Unit rows.
    """
    n = len(vectors)
    if n < 2:
        return 0.0
    rows = vectors[np.linspace(0, n - 1, min(n, _SAMPLE)).astype(int)].astype(np.float64)
    pairs = np.sort((rows @ rows.T)[np.triu_indices(len(rows), 1)])
    quarter = max(len(pairs) // 4, 1)
    spread = float((pairs[quarter:] - pairs[:-quarter]).min()) / _QUARTER if len(pairs) > quarter else 0.0
    return float(np.clip(pairs.mean() + spread, 0.0, 1.0 - 1e-6))


def sorted_ids(paper_ids: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the paper_ids in order, and the rows that they stood in."""
    ids = np.array([str(paper_id) for paper_id in paper_ids], dtype=object)
    order = np.argsort(ids, kind="stable")
    return ids[order], order


def _strengths(ids: np.ndarray, placements: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return each paper's strengths as a unit row, and its primary theme."""
    row = pd.Index(ids).get_indexer(placements["paper_id"])
    held, row = placements[row >= 0], row[row >= 0]
    keys = pd.Index(sorted(held["theme_key"].unique()))
    profiles = np.zeros((len(ids), len(keys) + 1), dtype=np.float32)
    profiles[row, keys.get_indexer(held["theme_key"])] = held["strength"]
    profiles[~profiles.any(axis=1), -1] = 1
    is_primary = held["rank"].to_numpy() == 1
    primary = np.full(len(ids), None, dtype=object)
    primary[row[is_primary]] = held["theme_key"].to_numpy(dtype=object)[is_primary]
    return profiles / np.linalg.norm(profiles, axis=1, keepdims=True), primary
