"""The papers to read: few of the new ones that stand for most of what is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.schema import PLACEMENTS, READING, check, empty

_CHUNK = 512
"""Rows of similarity held at once: with 10,000 papers 20 MB."""

_SAMPLE = 1000
"""Papers whose pairs tell what is usual."""

_QUARTER = 0.637
"""Width of the shortest interval that holds a quarter of a normal distribution, in standard deviations."""

_DIGITS = 7
"""Gains closer than this are a tie: what differs further down is the order of additions, not the papers."""

_WELL = 0.2
"""A paper that is covered by this much counts among those that a chosen one is said to cover."""


@dataclass(frozen=True)
class _New:
    """The new papers, in order of their paper_id.

    Parameters
    ----------
    vectors : float32 array of shape (n_new, n_dimensions)
        Unit rows.
    profiles : float32 array of shape (n_new, n_themes + 1)
        Unit rows of strengths; the last column is for papers in no theme.
    primary : array of shape (n_new,)
        Primary theme's key, or None.
    usual : float
        Similarity that two papers have without being kin.
    """

    vectors: np.ndarray
    profiles: np.ndarray
    primary: np.ndarray
    usual: float


@dataclass(frozen=True)
class _Choice:
    row: int
    gain: float
    n_covered: int
    n_in_theme: int


def choose_reading(
    paper_ids: Sequence[str], vectors: np.ndarray, is_new: np.ndarray, k: int, placements: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return READING: the `k` new papers that together cover most of what is new, the most telling first.

    A paper covers another one by the product of two numbers from 0 to 1. The first is how far their cosine similarity
    stands above what two papers of the corpus have anyway (`usual_similarity`): 0 there or below, 1 where the two are
    the same. The second is the cosine between their strengths in the themes: 1 in the same themes, 0 where they share
    none; papers in no theme share that, and without `placements` it is always 1. Each paper covers itself, and any
    with the same vector, wholly. A new paper counts as covered by the best of those chosen. The choice is greedy
    (facility location), which reaches at least 63 % of the best coverage that any `k` papers have, and the first of
    more papers are those that fewer would be.

    Parameters
    ----------
    paper_ids : sequence of str
    vectors : float array of shape (n_papers, n_dimensions)
        Unit rows, in the order of `paper_ids`.
    is_new : bool array of shape (n_papers,)
        Which papers are new; only they are chosen, and only they count. All of them tell what is usual.
    k : int
        Most papers to choose; fewer come back where no other paper adds anything.
    placements : DataFrame, optional
        PLACEMENTS: in which themes the papers stand.

    Returns
    -------
    DataFrame
        READING. The order of the papers does not change it.

    Raises
    ------
    ValueError
        The lengths differ, or `k` is below 1.

    References
    ----------
    Nemhauser, G., Wolsey, L., Fisher, M. (1978), doi:10.1007/BF01588971.
    """
    vectors, is_new = np.asarray(vectors), np.asarray(is_new, dtype=bool)
    if not len(paper_ids) == len(vectors) == len(is_new):
        raise ValueError(f"{len(paper_ids)} paper_ids, {len(vectors)} vectors and {len(is_new)} flags came; expected "
                         "one vector and one flag for each paper")
    if k < 1:
        raise ValueError(f"k is {k}, expected 1 or more papers")
    ids = np.array([str(paper_id) for paper_id in paper_ids], dtype=object)
    order = np.argsort(ids, kind="stable")
    ids, vectors, is_new = ids[order], vectors[order], is_new[order]
    profiles, primary = _strengths(ids[is_new], empty(PLACEMENTS) if placements is None else placements)
    new = _New(np.ascontiguousarray(vectors[is_new], dtype=np.float32), profiles, primary, usual_similarity(vectors))
    chosen = _greedy(new, k)
    gains = [choice.gain for choice in chosen]
    rows = [choice.row for choice in chosen]
    return check(pd.DataFrame({
        "paper_id": ids[is_new][rows],
        "rank": range(1, len(chosen) + 1),
        "gain": gains,
        "covered": np.minimum(np.cumsum(gains), 1.0),
        "theme_key": new.primary[rows],
        "reasons": [_reason(choice, has_theme=new.primary[choice.row] is not None) for choice in chosen],
    }), READING)


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


def _strengths(ids: np.ndarray, placements: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return each paper's strengths as a unit row, and its primary theme."""
    held = placements[placements["paper_id"].isin(ids)]
    keys = pd.Index(sorted(held["theme_key"].unique()))
    profiles = np.zeros((len(ids), len(keys) + 1), dtype=np.float32)
    profiles[pd.Index(ids).get_indexer(held["paper_id"]), keys.get_indexer(held["theme_key"])] = held["strength"]
    profiles[~profiles.any(axis=1), -1] = 1
    primary = held[held["rank"] == 1].set_index("paper_id")["theme_key"]
    themes = np.array([primary.get(paper_id) for paper_id in ids], dtype=object)
    return profiles / np.linalg.norm(profiles, axis=1, keepdims=True), themes


def _greedy(new: _New, k: int) -> list[_Choice]:
    """Return the papers chosen, each with its gain, exact at every step.

    Only papers that the last choice covers better than before can change a gain, so only they are looked at again.
    """
    n = len(new.vectors)
    best = np.zeros(n, dtype=np.float32)
    total = _added(new, np.arange(n), best)
    chosen: list[_Choice] = []
    while len(chosen) < min(k, n):
        leader = int(np.round(total / n, _DIGITS).argmax())  # the first of equals, by paper_id
        gain = round(float(total[leader]) / n, _DIGITS)
        if gain <= 0:
            break
        covers = _covers(new, np.array([leader]), np.arange(n))[0]
        moved = np.flatnonzero(covers > best)
        told = moved[(covers[moved] >= _WELL) & (moved != leader)]
        in_theme = new.primary[told] == new.primary[leader]
        chosen.append(_Choice(leader, gain, len(told), int(np.sum(in_theme))))
        better = np.maximum(best, covers)
        total -= _added(new, moved, best) - _added(new, moved, better)
        best = better
        total[[choice.row for choice in chosen]] = 0.0
    return chosen


def _added(new: _New, targets: np.ndarray, best: np.ndarray) -> np.ndarray:
    """Return what each new paper would add to the coverage of `targets`, summed; float64, of shape (n_new,)."""
    added = np.zeros(len(new.vectors))
    for start in range(0, len(targets), _CHUNK):
        part = targets[start : start + _CHUNK]
        more = _covers(new, part, np.arange(len(new.vectors)))
        more -= best[part][:, None]
        added += np.maximum(more, 0, out=more).sum(axis=0, dtype=np.float64)
    return added


def _covers(new: _New, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return how far papers cover each other, of shape (n_one, n_other); every paper covers itself."""
    covers = new.vectors[one] @ new.vectors[other].T
    same = covers >= 1 - 1e-5
    covers -= new.usual
    covers /= 1 - new.usual
    np.clip(covers, 0, 1, out=covers)
    covers *= new.profiles[one] @ new.profiles[other].T
    covers[same | (one[:, None] == other)] = 1
    return np.minimum(covers, 1, out=covers)


def _reason(choice: _Choice, *, has_theme: bool) -> str:
    if choice.n_covered == 0:
        return "no other new paper is close to it, and it is unlike those ranked before"
    one = choice.n_covered == 1
    papers = "1 other new paper" if one else f"{choice.n_covered:,} other new papers"
    where = ("all" if choice.n_in_theme == choice.n_covered else f"{choice.n_in_theme:,}" if choice.n_in_theme else
             "none") + " of its theme"
    if one:
        where = "of its theme" if choice.n_in_theme else "of another theme"
    return f"closest of those chosen so far to {papers}{f', {where}' if has_theme else ''}"
