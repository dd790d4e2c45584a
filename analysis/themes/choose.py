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
PRIOR_WEIGHT = 0.04
MAX_THEME_SHARE = 0.25
N_SPLITS = 5


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
        One row a number of themes that was tried: n_themes, largest_share, stability, balance, score, chosen.
    merges : ndarray of shape (n_cells - 1, 2), int
        The dendrogram.
    """

    labels: np.ndarray
    n_themes: int
    candidates: pd.DataFrame
    merges: np.ndarray


def usual_n_themes(n_papers: int, detail: float) -> float:
    """Return the number of themes that a reader expects of a corpus of this size, before looking at it.

    A theme wants some eight papers; past about ninety papers people ask for around ten themes however many
    papers there are (and for the tree below them). `detail` moves this between a sixth and six times of the square
    root, that is from about 4 to 24 where 10 is usual.
    """
    usual = min(USUAL_N_THEMES, n_papers / PAPERS_PER_THEME)
    return max(1.0, usual * DETAIL_FACTOR ** (detail - 0.5))


def min_theme_size(n_papers: int) -> int:
    """Return the fewest papers that make a theme: 2 on a handful, 3 at 90, 30 at 10,000."""
    return max(2, round(0.3 * n_papers**0.5))


def choose_cut(ensemble: Ensemble, detail: float, random_state: int) -> Cut:
    """Return the grouping that halves of the ensemble agree on best, near the number of themes that is usual.

    The partitions are split in two halves at random, each half gives a dendrogram, and each number of themes is
    judged by the adjusted Rand index between the halves' cuts, less a mild penalty for being far from the usual
    number. A cut with a theme above a quarter of the papers is taken only where no other is left.
    """
    sizes = np.bincount(ensemble.cells)
    n_papers = int(sizes.sum())
    likeness = ensemble.likeness()
    merges = link_cells(likeness, sizes)
    smallest = min_theme_size(n_papers)
    usual = usual_n_themes(n_papers, detail)
    tried = sorted({round(k) for k in np.geomspace(max(1.0, usual / 2.5), max(1.0, usual * 1.3), 60)})

    def cut(n_groups: int, likeness: np.ndarray, merges: np.ndarray) -> np.ndarray:
        groups = cut_dendrogram(merges, sizes, n_groups, smallest)
        return absorb_small(groups, likeness, sizes, smallest)[ensemble.cells]

    stability = _split_stability(ensemble, tried, cut, sizes, random_state)
    rows, cuts = [], {}
    for n_groups in tried:
        labels = cut(n_groups, likeness, merges)
        n_themes = int(labels.max()) + 1
        if n_themes in cuts:
            continue
        cuts[n_themes] = labels
        shares = np.bincount(labels) / n_papers
        rows.append({
            "n_themes": n_themes,
            "largest_share": float(shares.max()),
            "stability": stability[n_groups],
            "balance": min(1.0, float(-(shares * np.log(shares)).sum() / np.log(max(n_themes, 2)))),
            "score": stability[n_groups] - PRIOR_WEIGHT * float(np.log2(n_themes / usual) ** 2)
            - (1.0 if shares.max() > MAX_THEME_SHARE else 0.0),
        })
    candidates = pd.DataFrame(rows)
    best = int(candidates["score"].to_numpy().argmax())
    candidates["chosen"] = np.arange(len(candidates)) == best
    n_themes = int(candidates["n_themes"].iloc[best])
    return Cut(cuts[n_themes], n_themes, candidates, merges)


def _split_stability(
    ensemble: Ensemble, tried: list[int], cut: Callable[[int, np.ndarray, np.ndarray], np.ndarray], sizes: np.ndarray,
    random_state: int,
) -> dict[int, float]:
    from sklearn.metrics import adjusted_rand_score

    rng = np.random.default_rng(random_state)
    n_partitions = len(ensemble.partitions)
    agreement: dict[int, list[float]] = {n_groups: [] for n_groups in tried}
    for _ in range(N_SPLITS):
        order = rng.permutation(n_partitions)
        halves = []
        for rows in (order[: n_partitions // 2], order[n_partitions // 2:]):
            likeness = ensemble.likeness(rows)
            halves.append((likeness, link_cells(likeness, sizes)))
        for n_groups in tried:
            first, second = (cut(n_groups, *half) for half in halves)
            agreement[n_groups].append(adjusted_rand_score(first, second))
    return {n_groups: float(np.mean(values)) for n_groups, values in agreement.items()}
