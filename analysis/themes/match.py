"""Which theme of today is which theme of then: one-to-one, the best of all such matchings, by the papers they share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

LEAST_OVERLAP = 0.25
"""Share of the papers of either that two themes must have in common to be one theme."""
LEAST_LIKENESS = 0.75
"""Cosine between the centres, around the corpus' own mean, at which a theme that had ended is the same theme again."""
CENTRE_WEIGHT = 0.01
"""Centres decide between themes that share as many papers."""


class Match(NamedTuple):
    """A theme of today with the one that it was: columns of today, columns of then, the overlap of each pair."""

    now: np.ndarray
    then: np.ndarray
    overlap: np.ndarray


class Ended(NamedTuple):
    """A theme that an earlier run had and the last one had not.

    Parameters
    ----------
    theme_key, name, level : str
    centre : ndarray of shape (n_dimensions,)
        Mean vector of its papers.
    """

    theme_key: str
    name: str
    level: str
    centre: np.ndarray


def count_shared(now: np.ndarray, then: np.ndarray, n_now: int, n_then: int) -> np.ndarray:
    """Return the papers that each theme of today (rows) shares with each theme of then (columns).

    Parameters
    ----------
    now, then : ndarray of shape (n_papers,), int
        Theme of each paper of today, today and then; -1 where it stands or stood in none.
    """
    shared = np.zeros((n_now, n_then))
    both = (now >= 0) & (then >= 0)
    np.add.at(shared, (now[both], then[both]), 1)
    return shared


def match_themes(shared: np.ndarray, likeness: np.ndarray | None = None) -> Match:
    """Return the one-to-one matching with the greatest overlap, of themes that overlap enough.

    Parameters
    ----------
    shared : ndarray of shape (n_now, n_then)
        From `count_shared`.
    likeness : ndarray of shape (n_now, n_then), optional
        Cosine between the themes' centres, for themes that share as many papers.

    References
    ----------
    Kuhn, H. W. (1955), The Hungarian method for the assignment problem, doi:10.1002/nav.3800020109.
    """
    from scipy.optimize import linear_sum_assignment

    overlap = _overlap(shared)
    worth = overlap + (0 if likeness is None else CENTRE_WEIGHT * likeness * (shared > 0))
    now, then = linear_sum_assignment(-worth)
    enough = overlap[now, then] >= LEAST_OVERLAP
    return Match(now[enough], then[enough], overlap[now, then][enough])


def match_ended(centres: np.ndarray, ended: Sequence[Ended], middle: np.ndarray) -> list[tuple[int, int, float]]:
    """Return (theme, ended theme, likeness) of the themes of today that are ended ones again, each once.

    Parameters
    ----------
    centres : ndarray of shape (n_themes, n_dimensions)
        Of the themes of today that no theme of the last run explains.
    middle : ndarray of shape (n_dimensions,)
        Mean of all papers' vectors: what every paper shares makes no two themes alike.
    """
    from scipy.optimize import linear_sum_assignment

    if not len(centres) or not ended:
        return []
    likeness = cosines(centres - middle, np.array([theme.centre for theme in ended]) - middle)
    now, then = linear_sum_assignment(-likeness)
    return [(int(a), int(b), float(likeness[a, b])) for a, b in zip(now, then, strict=True)
            if likeness[a, b] >= LEAST_LIKENESS]


def cosines(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the cosine between each two rows."""
    lengths = np.outer(np.linalg.norm(one, axis=1), np.linalg.norm(other, axis=1))
    return np.clip(one @ other.T / np.maximum(lengths, 1e-12), -1, 1)


def _overlap(shared: np.ndarray) -> np.ndarray:
    """Return papers in both over papers in either, among those that both runs hold."""
    union = shared.sum(axis=1, keepdims=True) + shared.sum(axis=0, keepdims=True) - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
