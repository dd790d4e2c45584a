"""The neighbour graph of the papers, and communities in it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np

from analysis.themes.compiled import load_umap

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MIN_NEIGHBOURS = 4
MAX_NEIGHBOURS = 30
N_ITERATIONS = 2
COARSEST, FINER, LOWEST = 15.0, 1.6, 0.5
"""The search for close groups starts at this part of the most, takes such steps, and ends at this resolution."""
BLOCK = 256
"""Papers that are held against all others together: of 20,000 a table of 20 MB."""


def choose_n_neighbours(n_papers: int) -> int:
    """Return how many neighbours a paper is joined to: about the square root of the corpus, within bounds."""
    return int(min(max(MIN_NEIGHBOURS, round(n_papers**0.5)), MAX_NEIGHBOURS, max(n_papers - 1, 1)))


def find_neighbours(space: np.ndarray, n_neighbours: int) -> tuple[np.ndarray, np.ndarray]:
    """Return each paper's nearest papers and their cosine distances, itself first.

    Returns
    -------
    indices : ndarray of shape (n_papers, n_neighbours + 1), int
    distances : ndarray of shape (n_papers, n_neighbours + 1), float32
        Exact; blocks of rows keep the memory flat.
    """
    n_papers = len(space)
    width = min(n_neighbours + 1, n_papers)
    indices = np.empty((n_papers, width), dtype=np.int64)
    distances = np.empty((n_papers, width), dtype=np.float32)
    for start in range(0, n_papers, BLOCK):
        rows = np.arange(start, min(start + BLOCK, n_papers))
        cosine = space[rows] @ space.T
        cosine[np.arange(len(rows)), rows] = 2.0  # a paper comes before its exact copies
        indices[rows], near = take_largest(cosine, width)
        distances[rows] = 1.0 - near
    distances[:, 0] = 0.0
    return indices, np.clip(distances, 0.0, 2.0)


def take_largest(table: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the `n` largest numbers of each row, largest first, and where they stand; of equals the first.

    Sorting, or even parting, whole rows is slow. The columns are dealt to many groups; a number that is among the `n`
    largest is no smaller than the n-th largest of the groups' largest, and few others are.

    Parameters
    ----------
    table : float ndarray of shape (n_rows, n_columns), n_columns >= n

    Returns
    -------
    columns, values : ndarray of shape (n_rows, n)
    """
    n_rows, n_columns = table.shape
    depth = max(1, n_columns // (16 * n)) if n else 1
    n_groups = n_columns // depth
    dealt = table[:, :depth * n_groups].reshape(n_rows, depth, n_groups).max(axis=1)
    tops = np.hstack([dealt, table[:, depth * n_groups:]])
    least = np.partition(tops, tops.shape[1] - n, axis=1)[:, [-n]] if n else np.full((n_rows, 1), np.inf)
    row, column = np.nonzero(table >= least)
    value = table[row, column]
    order = np.lexsort((column, -value, row))
    begins = np.searchsorted(row, np.arange(n_rows))
    chosen = order[begins[:, None] + np.arange(n)]
    return column[chosen], value[chosen]


def weigh_nearest(space: np.ndarray, among: np.ndarray, n_neighbours: int) -> csr_matrix:
    """Return how much each of `among` says about each paper: its nearest ones, the nearer the more.

    As in the graph, a paper's distances are scaled to its own neighbourhood.

    Parameters
    ----------
    space : ndarray of shape (n_papers, n_dimensions)
        Unit rows.
    among : ndarray of shape (n_others, n_dimensions)
        Unit rows of the papers that are asked.

    Returns
    -------
    sparse matrix of shape (n_papers, n_others)
        Rows sum to 1, with `n_neighbours` filled cells at most, the nearest first. Exact; blocks of rows keep the
        memory flat.
    """
    from scipy.sparse import csr_matrix

    width = min(n_neighbours, len(among))
    nearest = np.empty((len(space), width), dtype=np.int32)
    weights = np.empty((len(space), width), dtype=np.float32)
    for start in range(0, len(space), BLOCK):
        cosine = space[start:start + BLOCK] @ among.T
        rows = slice(start, start + len(cosine))
        nearest[rows], close = take_largest(cosine, width)
        weight = np.exp((close - close[:, :1]) / np.maximum(close.std(axis=1, keepdims=True), 1e-6))
        weights[rows] = weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-12)
    ends = np.arange(len(space) + 1) * width
    return csr_matrix((weights.ravel(), nearest.ravel(), ends), shape=(len(space), len(among)))


def build_graph(space: np.ndarray, n_neighbours: int) -> csr_matrix:
    """Return the weighted neighbour graph of the papers.

    Weights are UMAP's: each paper's distances are scaled to its own neighbourhood, so that a dense and
    a sparse corner of the corpus count alike, and an edge stands where either end wants it.

    Returns
    -------
    sparse matrix of shape (n_papers, n_papers)
        Symmetric, weights in (0, 1], empty diagonal.

    Notes
    -----
    McInnes, Healy, Melville (2018), UMAP, section 3.1.
    """
    indices, distances = find_neighbours(space, n_neighbours)
    graph, _, _ = load_umap().fuzzy_simplicial_set(
        space, indices.shape[1], np.random.RandomState(0), "cosine", knn_indices=indices, knn_dists=distances,
    )
    graph.setdiag(0)
    graph.eliminate_zeros()
    return graph.tocsr()


class Network:
    """The neighbour graph as the community search wants it, built once and searched often.

    Parameters
    ----------
    graph : sparse matrix of shape (n_nodes, n_nodes)
        Symmetric weights. What stands on the diagonal joins a node with itself: it makes the node heavier and no
        more.
    """

    def __init__(self, graph: csr_matrix) -> None:
        import igraph
        from scipy.sparse import triu

        edges = triu(graph, k=1).tocoo()
        self.n_nodes = graph.shape[0]
        self._ends = np.column_stack([edges.row, edges.col])
        self._weights = edges.data.astype(float)
        self._own = graph.diagonal().astype(float)
        self._network = igraph.Graph(n=self.n_nodes, edges=self._ends)
        self._network.es["weight"] = self._weights.tolist()

    def find_communities(self, resolution: float, random_state: int, kept: np.ndarray | None = None) -> np.ndarray:
        """Return each node's community by the Leiden method on modularity.

        Parameters
        ----------
        resolution : float
            Higher gives more, smaller communities.
        kept : ndarray of int, optional
            Nodes to look at, as if there were no other.

        Returns
        -------
        ndarray of shape (n_nodes,), int
            Communities numbered from 0; -1 for nodes that are not kept.

        Notes
        -----
        Traag, Waltman, van Eck (2019), From Louvain to Leiden, doi:10.1038/s41598-019-41695-z.
        """
        import igraph

        found = np.full(self.n_nodes, -1)
        nodes = np.arange(self.n_nodes) if kept is None else np.sort(kept)
        if not len(self._ends):
            found[nodes] = np.arange(len(nodes))
            return found
        is_kept = np.zeros(self.n_nodes, dtype=bool)
        is_kept[nodes] = True
        weights = self._weights * is_kept[self._ends].all(axis=1)
        mass = self._own * is_kept
        for end in self._ends.T:
            mass += np.bincount(end, weights, self.n_nodes)
        network = self._network if kept is None else self._network.induced_subgraph(nodes.tolist())
        igraph.set_random_number_generator(random.Random(random_state))
        # Modularity, written so that a node may be many papers: each weighs what its papers' edges weigh.
        communities = network.community_leiden(
            objective_function="CPM", weights="weight", node_weights=mass[nodes],
            resolution=resolution / max(float(mass.sum()), 1e-12), n_iterations=N_ITERATIONS,
        )
        found[nodes] = np.unique(np.asarray(communities.membership), return_inverse=True)[1]
        return found


def coarsen(graph: csr_matrix, most: int, n_ways: int = 1) -> list[np.ndarray]:
    """Return groups of papers so close that no theme parts them, about `most` at most, found in several ways.

    Parameters
    ----------
    n_ways : int
        How many times; where each paper can be a group of its own, once is enough.

    Returns
    -------
    list of ndarray of shape (n_papers,), int
        Group of each paper, numbered from 0.
    """
    n_papers = graph.shape[0]
    if n_papers <= most:
        return [np.arange(n_papers)]
    network = Network(graph)
    resolution = most / COARSEST
    groups = network.find_communities(resolution, 0)
    while groups.max() + 1 > most and resolution > LOWEST:  # a graph in pieces has as many groups at any resolution
        resolution /= FINER
        groups = network.find_communities(resolution, 0)
    while True:  # until there are as many as there may be
        finer = network.find_communities(resolution * FINER, 0)
        if finer.max() + 1 > most:
            break
        groups, resolution = finer, resolution * FINER
    return [groups, *(network.find_communities(resolution, way) for way in range(1, n_ways))]


def contract(graph: csr_matrix, groups: np.ndarray) -> csr_matrix:
    """Return the graph of groups: between two of them the sum of their papers' edges, inside each on the diagonal."""
    from scipy.sparse import csr_matrix

    n_papers = len(groups)
    member = csr_matrix((np.ones(n_papers), (np.arange(n_papers), groups)), shape=(n_papers, int(groups.max()) + 1))
    return (member.T @ graph @ member).tocsr()


def bracket_resolutions(network: Network, fewest: float, most: float) -> tuple[float, float]:
    """Return two resolutions at which the network falls into about `fewest` and `most` communities."""
    tried = 0.2 * 1.35 ** np.arange(16)
    counts = []
    for resolution in tried:
        counts.append(int(network.find_communities(float(resolution), 0).max()) + 1)
        if counts[-1] >= most:
            break
    low, high = np.interp([fewest, most], np.maximum.accumulate(counts), tried[: len(counts)])
    return float(low), float(max(high, low * 1.2))
