"""Badges by resampling: how far the same theme, and the same placement, come out of slightly other papers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from analysis.settings import DeclaredTheme
from analysis.themes.fit import Fit, Grouping, fit_themes, regroup
from analysis.themes.place import Blend, blend_themes
from analysis.themes.space import WordCounts
from analysis.workers import Each, each_here

LEFT_OUT = 0.1
MIN_PAPERS = 12
PAPERS_PER_SESSION = 40_000
"""Papers in all refits together, about."""


@dataclass(frozen=True)
class Stability:
    """How far refits on nine tenths of the papers agree with the fit on all of them.

    Parameters
    ----------
    agreement : ndarray of shape (n_refits,)
        Adjusted Rand index of each refit with the fit, on the papers of both; empty where no refit was made.
    themes : ndarray of shape (n_themes,)
        Mean over refits of the best Jaccard overlap with any of their themes; nan where not measured.
    papers : ndarray of shape (n_papers,)
        Share of the refits with the paper in which it stood in the theme that matches its own; nan likewise.
    """

    agreement: np.ndarray
    themes: np.ndarray
    papers: np.ndarray


class Refit(NamedTuple):
    """A fit on some of the papers: their rows, ascending, and what came of them."""

    rows: np.ndarray
    fit: Fit


Strengths = tuple[np.ndarray, np.ndarray]
"""Of a refit: the rows of its papers, ascending, and how far each belongs to each of its themes."""


def refit_without_some(
    words: WordCounts, vectors: np.ndarray, detail: float, random_state: int, n_refits: int, each: Each = each_here,
) -> Iterator[Refit]:
    """Yield fits without a tenth of the papers, another tenth each time, everything fitted anew.

    `n_refits` of them while they stay cheap; on large corpora, where each says more, fewer. None below
    `MIN_PAPERS` papers. `each` makes them.
    """
    return each(_refit, (detail, random_state), _without_some(words, vectors, random_state, n_refits))


def strengths_without_some(
    words: WordCounts, vectors: np.ndarray, detail: float, random_state: int, n_refits: int,
    group: Grouping | None = None, each: Each = each_here,
) -> Iterator[Strengths]:
    """Yield what is asked of `refit_without_some` for badges, and no more: a whole fit is large.

    Parameters
    ----------
    group : callable, optional
        The way to group, where it is not the consensus.
    """
    return each(_refit_strengths, (detail, random_state, group),
                _without_some(words, vectors, random_state, n_refits))


def _without_some(
    words: WordCounts, vectors: np.ndarray, random_state: int, n_refits: int,
) -> Iterator[tuple[WordCounts, np.ndarray, np.ndarray]]:
    n_papers = len(words)
    if n_papers < MIN_PAPERS:
        return
    rng = np.random.default_rng(random_state + 1)
    n_refits = max(min(n_refits, 3), min(n_refits, PAPERS_PER_SESSION // n_papers))
    n_kept = round((1 - LEFT_OUT) * n_papers)
    for rows in [np.sort(rng.choice(n_papers, n_kept, replace=False)) for _ in range(n_refits)]:
        yield words.take(rows), vectors[rows], rows


def _refit(how: tuple[float, int], block: tuple[WordCounts, np.ndarray, np.ndarray]) -> Refit:
    words, vectors, rows = block
    return Refit(rows, fit_themes(words, vectors, *how))


def _refit_strengths(
    how: tuple[float, int, Grouping | None], block: tuple[WordCounts, np.ndarray, np.ndarray],
) -> Strengths:
    detail, random_state, group = how
    rows, fit = _refit((detail, random_state), block)
    return rows, regroup(fit, group, random_state).strengths


def measure_stability(
    blend: Blend, refits: Iterable[Strengths], guided: np.ndarray, declared: Sequence[DeclaredTheme],
) -> Stability:
    """Return how stable themes and placements are over refits, declared themes blended in anew."""
    from sklearn.metrics import adjusted_rand_score

    n_papers, n_themes = blend.strengths.shape
    agreement, overlaps = [], []
    agreed, present = np.zeros((2, n_papers))
    for kept, strengths in refits:
        other = blend_themes(strengths, guided[kept], declared).primary
        own = blend.primary[kept]
        agreement.append(adjusted_rand_score(own, other))
        overlap = _overlaps(own, other, n_themes)
        overlaps.append(np.where(np.bincount(own, minlength=n_themes) > 0, overlap.max(axis=1), np.nan))
        present[kept] += 1
        agreed[kept] += overlap.argmax(axis=1)[own] == other
    papers = np.divide(agreed, present, out=np.full(n_papers, np.nan), where=present > 0)
    seen = np.array(overlaps).reshape(len(agreement), n_themes)
    counted = np.maximum((~np.isnan(seen)).sum(axis=0), 1)
    themes = np.where(np.isnan(seen).all(axis=0), np.nan, np.nansum(seen, axis=0) / counted)
    return Stability(np.array(agreement), themes, papers)


def _overlaps(own: np.ndarray, other: np.ndarray, n_themes: int) -> np.ndarray:
    """Return the Jaccard overlap of each of our themes (rows) with each of theirs (columns)."""
    both = np.zeros((n_themes, int(other.max()) + 1))
    np.add.at(both, (own, other), 1.0)
    union = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
    return np.divide(both, union, out=np.zeros_like(both), where=union > 0)
