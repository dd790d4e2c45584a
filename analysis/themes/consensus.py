"""Consensus over resamples: many partitions of part of the corpus, one dendrogram of all of it.

A single clustering changes when a paper is left out. Here the neighbour graph is clustered many times, each
time without some of the papers and at another resolution; two papers are alike as often as they land together.
Average linkage over that likeness gives one dendrogram, and every level of the tree of themes is a cut of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from analysis.themes.graph import Network, bracket_resolutions, coarsen, contract

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

N_PARTITIONS, N_OF_GROUPS = 200, 150
"""How many partitions there are, of papers and of groups of close papers: of these more make the themes no firmer."""
KEPT_SHARE = 0.85
MAX_NODES, N_WAYS = 1000, 5
"""A larger corpus is resampled in groups of close papers, so that a partition costs the same at any size. The groups
are found in several ways, for one way alone would come out otherwise with each paper that is left out."""
MAX_CELLS = 500


@dataclass(frozen=True)
class Ensemble:
    """Partitions of resampled graphs.

    Parameters
    ----------
    partitions : ndarray of shape (n_partitions, n_papers), int
        Community of each paper; -1 where the paper was left out.
    cells : ndarray of shape (n_papers,), int
        Groups of papers that never part; on a small corpus each paper is its own cell.
    earlier : ndarray of shape (n_papers,), int, or None
        Group of each paper in the run before, -1 where it was not there.
    earlier_weight : float
        Its votes, for each vote of a partition.
    """

    partitions: np.ndarray
    cells: np.ndarray
    earlier: np.ndarray | None = None
    earlier_weight: float = 0.0

    def remember(self, labels: np.ndarray, weight: float) -> Ensemble:
        """Return the ensemble with an earlier grouping among its votes, `weight` of them for each partition.

        Parameters
        ----------
        labels : ndarray of shape (n_papers,), int
            Group of each paper in the earlier run; -1 for a paper that it did not know, which it says nothing of.
        """
        known = np.zeros((int(self.cells.max()) + 1, int(labels.max()) + 1))
        np.add.at(known, (self.cells[labels >= 0], labels[labels >= 0]), 1)
        # A cell that the earlier run parted is parted; papers that are new stay with the larger part of it.
        part = np.where(labels >= 0, labels, known.argmax(axis=1)[self.cells])
        cells = np.unique(self.cells * known.shape[1] + part, return_inverse=True)[1]
        return replace(self, cells=cells, earlier=labels, earlier_weight=weight)

    def likeness(self, halves: Sequence[np.ndarray] = ()) -> np.ndarray:
        """Return how often the papers of two cells land together, of the times that both were there.

        Parameters
        ----------
        halves : sequence of ndarray of shape (n_partitions,), bool
            The partitions in the first half of each of `n_splits` splits.

        Returns
        -------
        ndarray of shape (1 + 2 * n_splits, n_cells, n_cells)
            Over all partitions, then over the first and the second half of each split. Symmetric, in [0, 1].
        """
        earlier: np.ndarray | float = 0.0
        if self.earlier is not None:
            landed, seen = self._count(self.earlier)
            earlier = _count_pairs(landed.T, seen[None])
        n_cells = int(self.cells.max()) + 1
        alike = np.zeros((1 + 2 * len(halves), n_cells, n_cells))
        for share, (counts, n_partitions) in zip(alike, self._count_splits(halves), strict=True):
            together, present = counts.astype(float) + self.earlier_weight * n_partitions * earlier
            np.divide(together, present, out=share, where=present > 0)
        return alike

    def _count_splits(self, halves: Sequence[np.ndarray]) -> Iterator[tuple[np.ndarray, int]]:
        """Yield the pairs that all partitions count, and those of each half of each split, and of how many these are.

        What the second half counts is what all count without the first.
        """
        landed, seen = zip(*map(self._count, self.partitions), strict=True)
        # Sums of products of whole numbers: below this bound they are whole in half as many bits, and no order rounds
        # them.
        exact = np.float32 if len(seen) * max(map(np.max, seen)) ** 2 < 2**24 else np.float64
        owner = np.repeat(np.arange(len(landed)), [part.shape[1] for part in landed])
        stacked, there = np.hstack(landed).T.astype(exact, order="C"), np.array(seen, dtype=exact)
        every = _count_pairs(stacked, there)
        yield every, len(there)
        for half in halves:
            first, n_first = _count_pairs(stacked[half[owner]], there[half]), int(half.sum())
            yield first, n_first
            yield every - first, len(there) - n_first

    def _count(self, partition: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return how many papers of each cell landed in each community, and how many were there."""
        there, width, n_cells = partition >= 0, int(partition.max()) + 1, int(self.cells.max()) + 1
        landed = np.bincount(self.cells[there] * width + partition[there], minlength=n_cells * width)
        landed = landed.reshape(n_cells, width).astype(float)
        return landed, landed.sum(axis=1)


def _count_pairs(landed: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Return how many pairs of papers of each two cells landed in one community, and how many were both there.

    Parameters
    ----------
    landed : ndarray of shape (n_communities, n_cells)
    seen : ndarray of shape (n_partitions, n_cells)

    Returns
    -------
    ndarray of shape (2, n_cells, n_cells)
    """
    return np.stack([landed.T @ landed, seen.T @ seen])


def resample_partitions(
    graph: csr_matrix, fewest: float, most: float, random_state: int, n_partitions: int | None = None,
) -> Ensemble:
    """Return partitions of a neighbour graph, each without some papers and at another resolution.

    Parameters
    ----------
    graph : sparse matrix of shape (n_papers, n_papers)
    fewest, most : float
        The numbers of communities that the resolutions reach from and to, about.
    n_partitions : int, optional
        How many; `N_PARTITIONS`, or `N_OF_GROUPS` where there are more papers than `MAX_NODES`.
    """
    rng = np.random.default_rng(random_state)
    ways = coarsen(graph, MAX_NODES, N_WAYS)
    close = [contract(graph, groups) for groups in ways]
    networks = [Network(each) for each in close]
    low, high = bracket_resolutions(networks[0], fewest, most)
    n_partitions = n_partitions or (N_PARTITIONS if graph.shape[0] <= MAX_NODES else N_OF_GROUPS)
    partitions = np.full((n_partitions, graph.shape[0]), -1)
    for row, resolution in enumerate(rng.permutation(np.geomspace(low, high, n_partitions))):
        groups, network = ways[row % len(ways)], networks[row % len(ways)]
        kept = rng.choice(network.n_nodes, max(1, round(KEPT_SHARE * network.n_nodes)), replace=False)
        partitions[row] = network.find_communities(float(resolution), int(rng.integers(2**31)), kept)[groups]
    return Ensemble(partitions, coarsen(close[0], MAX_CELLS)[0][ways[0]])


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
    from analysis.themes.loops import link_average

    alike = likeness.astype(float)
    np.fill_diagonal(alike, -np.inf)  # stands for what is no pair, or no more
    return link_average(alike, sizes.astype(float))


def cut_dendrogram(merges: np.ndarray, sizes: np.ndarray, n_groups: int, min_size: int) -> np.ndarray:
    """Return each cell's group where `n_groups` groups of at least `min_size` papers stand, or as many as can.

    Groups below `min_size` are left as they are; `absorb_small` gives them a home.

    Returns
    -------
    ndarray of shape (n_cells,), int
    """
    from analysis.themes.loops import cut_merges

    return np.unique(cut_merges(merges, sizes, n_groups, min_size), return_inverse=True)[1]


def absorb_small(groups: np.ndarray, likeness: np.ndarray, sizes: np.ndarray, min_size: int) -> np.ndarray:
    """Return `groups` with every group below `min_size` papers given to the group it is most alike."""
    weight = np.bincount(groups, weights=sizes)
    large = np.flatnonzero(weight >= min_size)
    if not len(large):
        return np.zeros_like(groups)
    home = np.searchsorted(large, groups).clip(max=len(large) - 1)
    small = large[home] != groups
    if small.any():
        indicator = np.zeros((len(groups), len(large)))
        settled = np.flatnonzero(~small)
        indicator[settled, home[settled]] = sizes[settled] / weight[groups[settled]]
        home[small] = (likeness[small] @ indicator).argmax(axis=1)
    return home
