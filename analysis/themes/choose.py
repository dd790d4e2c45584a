"""How many themes: every cut of the dendrogram judged by whether two halves of the evidence agree on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.themes.consensus import Ensemble, absorb_small, cut_dendrogram, link_cells

USUAL_N_THEMES = 10.0
PAPERS_PER_THEME = 8.0
DETAIL_FACTOR = 6.0
LARGE_CORPUS = 1000
GROWTH = 0.15
PRIOR_WEIGHT = 0.1
MAX_THEME_SHARE = 0.25
EXCESS_WEIGHT = 4.0
"""A theme of a third of the papers wants evidence that is better by a third."""
N_SPLITS = 5
N_TRIED = 24


@dataclass(frozen=True)
class Cut:
    """The chosen grouping and what it was chosen from.

    Parameters
    ----------
    labels : ndarray of shape (n_papers,), int
        Theme number of each paper, 0 … n_themes - 1.
    n_themes : int
        The number that the cut was asked for.
    candidates : DataFrame
        One row a number of themes that was tried: n_themes, largest_share, stability, separation, balance, score,
        chosen.
    """

    labels: np.ndarray
    n_themes: int
    candidates: pd.DataFrame


def usual_n_themes(n_papers: int, detail: float) -> float:
    """Return the number of themes that a reader expects of a corpus of this size, before looking at it.

    A theme wants some eight papers; past about eighty papers people ask for around ten themes, and for few more
    of a large corpus: 14 at 10,000 papers, 20 at 100,000. `detail` moves this from about 4 to 24 where 10 is usual.
    """
    usual = min(USUAL_N_THEMES, n_papers / PAPERS_PER_THEME) * max(1.0, n_papers / LARGE_CORPUS) ** GROWTH
    return max(1.0, usual * DETAIL_FACTOR ** (detail - 0.5))


def min_theme_size(n_papers: int) -> int:
    """Return the fewest papers that make a theme: 2 on a handful, 3 at 90, 30 at 10,000."""
    return max(2, round(0.3 * n_papers**0.5))


def choose_cut(
    ensemble: Ensemble, usual: float, smallest: int, random_state: int, max_share: float = MAX_THEME_SHARE,
) -> Cut:
    """Return the grouping that the evidence speaks for, near the number of themes that is usual.

    Each number of themes is judged without labels, by the mean of two figures. Stability: the partitions are split
    in two halves at random, each half gives a dendrogram, and the halves' cuts are compared (adjusted Rand index).
    Separation: how much oftener a paper lands with its own theme than with the next one. A mild penalty holds the
    choice near the usual number, and of those numbers that score as the best within one standard error the nearest to
    it is taken. Balance: a theme above `max_share` of the papers is taken only where the evidence for it is so much
    better.

    Parameters
    ----------
    usual : float
        Number of themes that a reader expects.
    smallest : int
        Fewest papers that make a theme.
    """
    sizes = np.bincount(ensemble.cells)
    n_papers = int(sizes.sum())
    likeness, *halves = ensemble.likeness(_first_halves(len(ensemble.partitions), random_state))
    merges = link_cells(likeness, sizes)
    tried = sorted({round(k) for k in np.geomspace(max(1.0, usual / 2.5), max(1.0, usual * 2.0), N_TRIED)})

    def cut(n_groups: int, likeness: np.ndarray, merges: np.ndarray) -> np.ndarray:
        return absorb_small(cut_dendrogram(merges, sizes, n_groups, smallest), likeness, sizes, smallest)

    stability, error = _split_stability(sizes, halves, tried, cut)
    rows, cuts = [], {}
    for n_groups in tried:
        groups = cut(n_groups, likeness, merges)
        n_themes = int(groups.max()) + 1
        if n_themes in cuts:
            continue
        cuts[n_themes] = groups[ensemble.cells]
        shares = np.bincount(groups, weights=sizes) / n_papers
        separation = measure_separation(likeness, groups, sizes)
        rows.append({
            "n_themes": n_themes,
            "largest_share": float(shares.max()),
            "stability": stability[n_groups],
            "separation": separation,
            "balance": measure_balance(shares),
            "error": error[n_groups],
            "score": (stability[n_groups] + separation) / 2
            - PRIOR_WEIGHT * float(np.log2(n_themes / usual) ** 2)
            - EXCESS_WEIGHT * max(0.0, float(shares.max()) - max_share),
        })
    candidates = pd.DataFrame(rows)
    best = _nearest_of_the_best(candidates, usual)
    candidates["chosen"] = np.arange(len(candidates)) == best
    n_themes = int(candidates["n_themes"].iloc[best])
    return Cut(cuts[n_themes], n_themes, candidates)


def measure_balance(shares: np.ndarray) -> float:
    """Return the entropy of the themes' shares over its maximum: 1 where all are of one size."""
    filled = shares[shares > 0]
    return min(1.0, float(-(filled * np.log(filled)).sum() / np.log(max(len(shares), 2))))


def measure_separation(likeness: np.ndarray, groups: np.ndarray, sizes: np.ndarray) -> float:
    """Return how much oftener a paper lands with its own theme than with the next one.

    Parameters
    ----------
    likeness : ndarray of shape (n_cells, n_cells)
    groups, sizes : ndarray of shape (n_cells,), int
        Each cell's theme, and its papers.

    Returns
    -------
    float
        Mean over papers of (own - next) / max(own, next), in [-1, 1]: a silhouette of the likeness. 0 for one theme.
    """
    member = np.zeros((len(groups), int(groups.max()) + 1))
    member[np.arange(len(groups)), groups] = sizes
    if member.shape[1] < 2:
        return 0.0
    company = likeness @ member / member.sum(axis=0)
    cells = np.arange(len(groups))
    own = company[cells, groups].copy()
    company[cells, groups] = -1.0
    other = company.max(axis=1)
    return float(np.average((own - other) / np.maximum(np.maximum(own, other), 1e-12), weights=sizes))


def _first_halves(n_partitions: int, random_state: int) -> list[np.ndarray]:
    """Return which partitions stand in the first half of each split."""
    rng = np.random.default_rng(random_state)
    return [rng.permutation(n_partitions) < n_partitions // 2 for _ in range(N_SPLITS)]


def _split_stability(
    sizes: np.ndarray, halves: list[np.ndarray], tried: list[int],
    cut: Callable[[int, np.ndarray, np.ndarray], np.ndarray],
) -> tuple[dict[int, float], dict[int, float]]:
    """Return the mean agreement of two halves for each number of themes, and the standard error of half of it."""
    merges = [link_cells(likeness, sizes) for likeness in halves]
    stability, error = {}, {}
    for n_groups in tried:
        groups = [cut(n_groups, *half) for half in zip(halves, merges, strict=True)]
        agreed = [rand_index(one, other, sizes) for one, other in zip(groups[::2], groups[1::2], strict=True)]
        stability[n_groups] = float(np.mean(agreed))
        error[n_groups] = float(np.std(agreed, ddof=1) / len(agreed) ** 0.5) / 2
    return stability, error


def rand_index(one: np.ndarray, other: np.ndarray, sizes: np.ndarray) -> float:
    """Return the adjusted Rand index of two groupings of cells, every paper in them counting once.

    The same as scikit-learn's of the papers, without listing them.
    """
    width = int(other.max(initial=0)) + 1
    both = np.bincount(one * width + other, sizes, (int(one.max(initial=0)) + 1) * width).reshape(-1, width)
    n, cells = int(sizes.sum()), int(np.square(both).sum())
    rows, columns = (int(np.square(both.sum(axis=axis)).sum()) for axis in (1, 0))
    tp, fp, fn = cells - n, columns - cells, rows - cells
    tn = n**2 - tp - fp - fn - n
    if not fp and not fn:
        return 1.0
    return 2.0 * (tp * tn - fn * fp) / ((tp + fn) * (fn + tn) + (tp + fp) * (fp + tn))


def _nearest_of_the_best(candidates: pd.DataFrame, usual: float) -> int:
    """Return the row nearest the usual number, among those that the evidence cannot tell from the best.

    The one-standard-error rule: on a flat top, the highest point is where the noise was highest. The error is that of
    the best, so that no number is taken for having been measured badly.

    Notes
    -----
    Breiman, Friedman, Olshen, Stone (1984), Classification and Regression Trees, section 3.4.3.
    """
    score = candidates["score"].to_numpy()
    best = int(score.argmax())
    alike = score >= score[best] - candidates["error"].iloc[best]
    away = np.abs(np.log2(candidates["n_themes"].to_numpy() / usual))
    return int(np.where(alike, away, np.inf).argmin())
