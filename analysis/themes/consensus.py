"""Consensus over resamples: many partitions of part of the corpus, one dendrogram of all of it.

A single clustering changes when a paper is left out. Here the neighbour graph is clustered many times, each
time without some of the papers and at another resolution; two papers are alike as often as they land together.
Average linkage over that likeness gives one dendrogram, and every level of the tree of themes is a cut of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from analysis.themes.graph import Network

FEWEST_PARTITIONS, MOST_PARTITIONS = 40, 200
MAX_CELLS = 500


def n_partitions_for(n_papers: int) -> int:
    """Return how many partitions the consensus rests on: more on a small corpus, where each is cheap and says less."""
    return int(np.clip(1_200_000 // max(n_papers, 1), FEWEST_PARTITIONS, MOST_PARTITIONS))


def kept_share(n_papers: int) -> float:
    """Return the share of the papers that each partition sees: most of a small corpus, thousands of a large one."""
    return float(np.clip(20_000 / max(n_papers, 1), 0.5, 0.85))


@dataclass(frozen=True)
class Ensemble:
    """Partitions of resampled graphs.

    Parameters
    ----------
    partitions : ndarray of shape (n_partitions, n_papers), int
        Community of each paper; -1 where the paper was left out.
    cells : ndarray of shape (n_papers,), int
        Groups of papers that never part; on a small corpus each paper is its own cell.
    """

    partitions: np.ndarray
    cells: np.ndarray

    def likeness(self, rows: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Return how often the papers of two cells land together, of the times that both were there.

        Parameters
        ----------
        rows : index of partitions
            The partitions that count.

        Returns
        -------
        ndarray of shape (n_cells, n_cells)
            Symmetric, in [0, 1].
        """
        from scipy.sparse import csr_matrix

        chosen = self.partitions[rows]
        n_cells = int(self.cells.max()) + 1
        run, paper = np.nonzero(chosen >= 0)
        # Every community of every partition is a column of its own: one product counts all meetings at once.
        width = int(self.partitions.max()) + 1
        shape = (n_cells, len(chosen) * width)
        met = csr_matrix((np.ones(len(run)), (self.cells[paper], run * width + chosen[run, paper])), shape=shape)
        there = csr_matrix((np.ones(len(run)), (self.cells[paper], run)), shape=(n_cells, len(chosen))).toarray()
        together, present = (met @ met.T).toarray(), there @ there.T
        likeness = np.divide(together, present, out=np.zeros_like(together), where=present > 0)
        return (likeness + likeness.T) / 2


def resample_partitions(
    network: Network, resolutions: tuple[float, float], random_state: int, n_partitions: int | None = None,
) -> Ensemble:
    """Return partitions of a network, each without some papers and at a resolution drawn between the two given."""
    rng = np.random.default_rng(random_state)
    n_papers = network.n_papers
    n_partitions = n_partitions or n_partitions_for(n_papers)
    n_kept = max(1, round(kept_share(n_papers) * n_papers))
    partitions = np.full((n_partitions, n_papers), -1)
    spread = np.exp(np.linspace(np.log(resolutions[0]), np.log(resolutions[1]), n_partitions))
    for row, resolution in enumerate(rng.permutation(spread)):
        kept = rng.choice(n_papers, n_kept, replace=False)
        partitions[row] = network.find_communities(float(resolution), int(rng.integers(2**31)), kept)
    return Ensemble(partitions, _find_cells(network, resolutions[1]))


def _find_cells(network: Network, resolution: float) -> np.ndarray:
    cells = np.arange(network.n_papers)
    while network.n_papers > MAX_CELLS:  # raise the resolution until communities are small beside any theme
        resolution *= 2
        finer = network.find_communities(resolution, 0)
        if finer.max() + 1 > MAX_CELLS:
            break
        cells = finer
    return np.unique(cells, return_inverse=True)[1]


def link_cells(likeness: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return the dendrogram of the cells by average linkage, every paper counting once.

    Parameters
    ----------
    likeness : ndarray of shape (n_cells, n_cells)
    sizes : ndarray of shape (n_cells,)
        Papers in each cell. (SciPy's average linkage counts every row as one.)

    Returns
    -------
    ndarray of shape (n_cells - 1, 2), int
        Merges in order; cells are 0 … n_cells - 1, the group made by merge m is n_cells + m.
    """
    n_cells = len(sizes)
    alike = likeness.astype(float).copy()
    np.fill_diagonal(alike, -np.inf)
    weight, name = sizes.astype(float).copy(), np.arange(n_cells)
    merges = np.empty((max(n_cells - 1, 0), 2), dtype=int)
    best, best_at = alike.max(axis=1, initial=-np.inf), alike.argmax(axis=1) if n_cells else np.array([], dtype=int)
    for step in range(n_cells - 1):
        a = int(best.argmax())
        b = int(best_at[a])
        a, b = min(a, b), max(a, b)
        merges[step] = name[a], name[b]
        joined = (weight[a] * alike[a] + weight[b] * alike[b]) / (weight[a] + weight[b])
        weight[a] += weight[b]
        name[a] = n_cells + step
        joined[[a, b]] = -np.inf
        joined[np.isneginf(alike[a])] = -np.inf
        alike[a], alike[:, a] = joined, joined
        alike[b], alike[:, b] = -np.inf, -np.inf
        stale = (best_at == a) | (best_at == b) | (joined > best)
        stale[[a, b]] = True
        rows = np.flatnonzero(stale)
        best[rows], best_at[rows] = alike[rows].max(axis=1), alike[rows].argmax(axis=1)
    return merges


def cut_dendrogram(merges: np.ndarray, sizes: np.ndarray, n_groups: int, min_size: int) -> np.ndarray:
    """Return each cell's group where `n_groups` groups of at least `min_size` papers stand, or as many as can.

    Groups below `min_size` are left as they are; `absorb_small` gives them a home.

    Returns
    -------
    ndarray of shape (n_cells,), int
    """
    n_cells = len(sizes)
    weight = np.concatenate([sizes, np.zeros(len(merges), dtype=int)])
    large = np.empty(len(merges) + 1, dtype=int)
    large[0] = int((sizes >= min_size).sum())
    for step, (a, b) in enumerate(merges):
        weight[n_cells + step] = weight[a] + weight[b]
        change = int(weight[n_cells + step] >= min_size) - int(weight[a] >= min_size) - int(weight[b] >= min_size)
        large[step + 1] = large[step] + change
    # The latest moment at which that many large groups stand: small ones have had all the time to join.
    reached = np.flatnonzero(large >= min(n_groups, large.max()))
    n_merges = int(reached[-1]) if len(reached) else len(merges)
    group = np.arange(n_cells + len(merges))
    for step in reversed(range(n_merges)):
        group[merges[step]] = group[n_cells + step]
    return np.unique(group[:n_cells], return_inverse=True)[1]


def absorb_small(groups: np.ndarray, likeness: np.ndarray, sizes: np.ndarray, min_size: int) -> np.ndarray:
    """Return `groups` with every group below `min_size` papers given to the group it is most alike."""
    weight = np.bincount(groups, weights=sizes)
    large = np.flatnonzero(weight >= min_size)
    if not len(large):
        return np.zeros_like(groups)
    indicator = np.zeros((len(groups), len(large)))
    for column, group in enumerate(large):
        indicator[groups == group, column] = sizes[groups == group] / weight[group]
    affinity = likeness @ indicator
    home = np.searchsorted(large, groups).clip(max=len(large) - 1)
    small = ~np.isin(groups, large)
    home[small] = affinity[small].argmax(axis=1)
    return home
