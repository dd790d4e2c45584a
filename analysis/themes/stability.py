"""Badges by resampling: how far the same theme, and the same placement, come out of slightly other papers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.settings import DeclaredTheme, Settings
from analysis.themes.fit import Fit, Grouping, fit_themes
from analysis.themes.place import Blend, blend_themes

LEFT_OUT = 0.1
MIN_PAPERS = 12
PAPERS_PER_SESSION = 40_000
"""Refits are as many as asked for while they stay cheap; on large corpora, where each says more, fewer."""


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


def measure_stability(
    texts: Sequence[str], vectors: np.ndarray, fit: Fit, blend: Blend, guided: np.ndarray,
    declared: Sequence[DeclaredTheme], settings: Settings, group: Grouping | None = None,
) -> Stability:
    """Return how stable themes and placements are when a tenth of the papers is left out, everything refitted."""
    from sklearn.metrics import adjusted_rand_score

    n_papers, n_themes = blend.strengths.shape
    nothing = Stability(np.array([]), np.full(n_themes, np.nan), np.full(n_papers, np.nan))
    if n_papers < MIN_PAPERS or fit.cut is None:
        return nothing
    n_refits = int(np.clip(PAPERS_PER_SESSION // n_papers, 3, settings.n_resamples))
    rng = np.random.default_rng(settings.random_state + 1)
    agreement, overlaps = [], []
    agreed, present = np.zeros((2, n_papers))
    for _ in range(n_refits):
        kept = np.sort(rng.choice(n_papers, round((1 - LEFT_OUT) * n_papers), replace=False))
        again = fit_themes([texts[i] for i in kept], vectors[kept], settings.detail, settings.random_state,
                           group)
        other = blend_themes(again.strengths, guided[kept], declared).primary
        own = blend.primary[kept]
        agreement.append(adjusted_rand_score(own, other))
        overlap = _overlaps(own, other, n_themes)
        overlaps.append(np.where(np.bincount(own, minlength=n_themes) > 0, overlap.max(axis=1), np.nan))
        present[kept] += 1
        agreed[kept] += overlap.argmax(axis=1)[own] == other
    papers = np.divide(agreed, present, out=np.full(n_papers, np.nan), where=present > 0)
    seen = np.array(overlaps)
    counted = np.maximum((~np.isnan(seen)).sum(axis=0), 1)
    themes = np.where(np.isnan(seen).all(axis=0), np.nan, np.nansum(seen, axis=0) / counted)
    return Stability(np.array(agreement), themes, papers)


def _overlaps(own: np.ndarray, other: np.ndarray, n_themes: int) -> np.ndarray:
    """Return the Jaccard overlap of each of our themes (rows) with each of theirs (columns)."""
    both = np.zeros((n_themes, int(other.max()) + 1))
    np.add.at(both, (own, other), 1.0)
    union = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
    return np.divide(both, union, out=np.zeros_like(both), where=union > 0)
