"""Badges by resampling: how far the same theme, and the same placement, come out of slightly other papers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from analysis.settings import DeclaredTheme
from analysis.themes.fit import Fit, Grouping, fit_themes, group_papers, regroup
from analysis.themes.place import Blend, blend_themes
from analysis.themes.space import WordCounts
from analysis.workers import Each, each_here

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

LEFT_OUT = 0.1
MIN_PAPERS = 12
PAPERS_PER_SESSION = 40_000
"""Papers in all refits together, about."""
MOST_ANEW = 300
"""Papers up to which a refit begins with the words; of more, with the neighbours."""


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
    blocks = ((words.take(rows), vectors[rows], rows) for rows in _without_some(len(words), random_state, n_refits))
    return each(_refit, (detail, random_state), blocks)


def strengths_without_some(
    fit: Fit, words: WordCounts, vectors: np.ndarray, detail: float, random_state: int, n_refits: int,
    group: Grouping | None = None, each: Each = each_here,
) -> Iterator[Strengths]:
    """Yield what badges ask of as many fits without a tenth of the papers as `refit_without_some` makes.

    Up to `MOST_ANEW` papers these are its fits. On more papers the others keep their places in the space and their
    neighbours, for half the cost: there such fits agree with the whole as those do that begin with the words (mean
    adjusted Rand index 0.819 and 0.820, ten samples of real corpora, 400 to 18,846 papers), where on fewer papers
    they would flatter (0.803 and 0.783, twelve samples of 40 to 300).

    Parameters
    ----------
    fit : Fit
        Of the papers, or of more with these among those that it looked at.
    group : callable, optional
        The way to group, where it is not the consensus.
    """
    if len(words) <= MOST_ANEW:
        anew = refit_without_some(words, vectors, detail, random_state, n_refits, each)
        return regroup_all(anew, group, random_state)
    graph = fit.own_graph
    space = fit.space[:, :0] if group is None else fit.space  # the consensus looks at the neighbours alone
    blocks = ((space[rows], graph[rows][:, rows], rows)
              for rows in _without_some(len(words), random_state, n_refits))
    return each(_refit_strengths, (detail, random_state, group), blocks)


def regroup_all(refits: Iterable[Refit], group: Grouping | None, random_state: int) -> Iterator[Strengths]:
    """Return the strengths of refits, their papers grouped as `regroup` does."""
    return ((rows, regroup(fit, group, random_state).strengths) for rows, fit in refits)


def _without_some(n_papers: int, random_state: int, n_refits: int) -> list[np.ndarray]:
    """Return the rows that each refit looks at, ascending."""
    if n_papers < MIN_PAPERS:
        return []
    rng = np.random.default_rng(random_state + 1)
    n_refits = max(min(n_refits, 3), min(n_refits, PAPERS_PER_SESSION // n_papers))
    n_kept = round((1 - LEFT_OUT) * n_papers)
    return [np.sort(rng.choice(n_papers, n_kept, replace=False)) for _ in range(n_refits)]


def _refit(how: tuple[float, int], block: tuple[WordCounts, np.ndarray, np.ndarray]) -> Refit:
    words, vectors, rows = block
    return Refit(rows, fit_themes(words, vectors, *how))


def _refit_strengths(
    how: tuple[float, int, Grouping | None], block: tuple[np.ndarray, csr_matrix, np.ndarray],
) -> Strengths:
    detail, random_state, group = how
    space, graph, rows = block
    return rows, regroup(group_papers(space, graph, detail, random_state), group, random_state).strengths


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
