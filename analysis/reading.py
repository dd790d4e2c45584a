"""The papers to read: few of the new ones that stand for most of what is new."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

_CHUNK = 512
"""Rows of similarity held at once: with 10,000 papers 20 MB."""

_SAMPLE = 1000
"""Papers whose pairs tell what is usual."""

_QUARTER = 0.637
"""Width of the shortest interval that holds a quarter of a normal distribution, in standard deviations."""

_DIGITS = 7
"""Gains closer than this are a tie: what differs further down is the order of additions, not the papers."""


def choose_reading(paper_ids: Sequence[str], vectors: np.ndarray, is_new: np.ndarray, k: int) -> pd.DataFrame:
    """Return the `k` new papers that together cover most of what is new, the most telling first.

    A paper covers another one as far as their cosine similarity stands above what two papers of the corpus have
    anyway (`usual_similarity`): 0 there or below, 1 where the two are the same. A new paper counts as covered by the
    best of those chosen. The choice is greedy (facility location), which reaches at least 63 % of the best coverage
    that any `k` papers have.

    Parameters
    ----------
    paper_ids : sequence of str
    vectors : float array of shape (n_papers, n_dimensions)
        Unit rows, in the order of `paper_ids`.
    is_new : bool array of shape (n_papers,)
        Which papers are new; only they are chosen, and only they count. All of them make the mean.
    k : int
        Most papers to choose; fewer come back where no other paper adds anything.

    Returns
    -------
    DataFrame
        `paper_id`; `rank` from 1; `gain`, the share of what is new that the paper adds to those before it;
        `covered`, the share covered so far, this one included. The order of the papers does not change it.

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
    new = np.ascontiguousarray(vectors[is_new], dtype=np.float32)
    chosen, gains = _greedy(new, usual_similarity(vectors), k)
    return pd.DataFrame({
        "paper_id": pd.Series(ids[is_new][chosen], dtype="str"),
        "rank": pd.Series(range(1, len(chosen) + 1), dtype="Int64"),
        "gain": pd.Series(gains, dtype="float64"),
        "covered": pd.Series(np.minimum(np.cumsum(gains), 1.0), dtype="float64"),
    })


def usual_similarity(vectors: np.ndarray) -> float:
    """Return the cosine similarity that two unrelated papers seldom pass: the mean of all pairs and two spreads.

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
    return float(np.clip(pairs.mean() + 2 * spread, 0.0, 1.0 - 1e-6))


def _greedy(new: np.ndarray, usual: float, k: int) -> tuple[list[int], list[float]]:
    """Return the rows chosen and the gain of each, exact at every step.

    Only papers that the last choice covers better than before can change a gain, so only they are looked at again.
    """
    n = len(new)
    everyone = np.arange(n)
    best = np.zeros(n, dtype=np.float32)
    total = _added(new, everyone, best, usual)
    chosen: list[int] = []
    gains: list[float] = []
    while len(chosen) < min(k, n):
        leader = int(np.round(total / n, _DIGITS).argmax())  # the first of equals, by paper_id
        gain = round(float(total[leader]) / n, _DIGITS)
        if gain <= 0:
            break
        chosen.append(leader)
        gains.append(gain)
        better = np.maximum(best, _covers(new, np.array([leader]), everyone, usual)[0])
        moved = np.flatnonzero(better > best)
        total -= _added(new, moved, best, usual) - _added(new, moved, better, usual)
        best = better
        total[chosen] = 0.0
    return chosen, gains


def _added(new: np.ndarray, targets: np.ndarray, best: np.ndarray, usual: float) -> np.ndarray:
    """Return what each new paper would add to the coverage of `targets`, summed; float64, of shape (n_new,)."""
    added = np.zeros(len(new))
    for start in range(0, len(targets), _CHUNK):
        part = targets[start : start + _CHUNK]
        more = _covers(new, part, np.arange(len(new)), usual)
        more -= best[part][:, None]
        added += np.maximum(more, 0, out=more).sum(axis=0, dtype=np.float64)
    return added


def _covers(new: np.ndarray, one: np.ndarray, other: np.ndarray, usual: float) -> np.ndarray:
    """Return how far papers cover each other, of shape (n_one, n_other); every paper covers itself."""
    covers = new[one] @ new[other].T
    same = covers >= 1 - 1e-5
    covers -= usual
    covers /= 1 - usual
    np.clip(covers, 0, 1, out=covers)
    covers[same | (one[:, None] == other)] = 1
    return covers
