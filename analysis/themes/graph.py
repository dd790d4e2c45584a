"""The neighbour graph of the papers, and communities in it."""

from __future__ import annotations

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
BLOCK = 512
"""Papers that are held against each other together: a table that a core has at hand."""


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
    from analysis.themes.loops import keep_largest

    n_papers = len(space)
    width = min(n_neighbours + 1, n_papers)
    indices = np.zeros((n_papers, width), dtype=np.int64)
    near = np.full((n_papers, width), -np.inf, dtype=np.float32)
    parts = [slice(start, start + BLOCK) for start in range(0, n_papers, BLOCK)]
    for number, these in enumerate(parts):
        for those in parts[number:]:  # a cosine is one of both papers'
            cosine = np.asarray(space[these] @ space[those].T, dtype=np.float32)
            if those is these:
                np.fill_diagonal(cosine, 2.0)  # a paper comes before its exact copies
            else:
                keep_largest(np.ascontiguousarray(cosine.T), these.start, indices[those], near[those])
            keep_largest(cosine, those.start, indices[these], near[these])
    distances = 1.0 - near
    distances[:, 0] = 0.0
    return indices, np.clip(distances, 0.0, 2.0)


def take_largest(table: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the `n` largest numbers of each row, largest first, and where they stand; of equals the first.

    Parameters
    ----------
    table : float ndarray of shape (n_rows, n_columns), n_columns >= n
        Finite.

    Returns
    -------
    columns, values : ndarray of shape (n_rows, n)
    """
    from analysis.themes.loops import keep_largest

    columns = np.zeros((len(table), n), dtype=np.int64)
    values = np.full((len(table), n), -np.inf, dtype=table.dtype)
    if n:
        keep_largest(table, 0, columns, values)
    return columns, values


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


def keep_nearest(graph: csr_matrix, n_neighbours: int) -> csr_matrix:
    """Return the graph with the heaviest edges of each paper alone: `n_neighbours`, and those that the others keep.

    Returns
    -------
    sparse matrix of shape (n_papers, n_papers)
        Symmetric, as the graph is.
    """
    from scipy.sparse import csr_matrix

    edges = graph.tocoo()
    order = np.lexsort((-edges.data, edges.row))  # in a row the first of equals come first
    kept = order[np.arange(edges.nnz) - graph.indptr[edges.row] < n_neighbours]
    some = csr_matrix((edges.data[kept], (edges.row[kept], edges.col[kept])), shape=graph.shape)
    return some.maximum(some.T).tocsr()


class Network:
    """The neighbour graph as the community search wants it, built once and searched often.

    Parameters
    ----------
    graph : sparse matrix of shape (n_nodes, n_nodes)
        Symmetric weights. What stands on the diagonal joins a node with itself: it makes the node heavier and no
        more.
    """

    def __init__(self, graph: csr_matrix) -> None:
        self.n_nodes = graph.shape[0]
        cells = graph.tocoo()
        edges = (cells.row != cells.col) & (cells.data > 0)
        self._begins = np.searchsorted(cells.row[edges], np.arange(self.n_nodes + 1)).astype(np.uint64)
        self._ends = cells.col[edges].astype(np.uint32)
        self._weights = cells.data[edges].astype(float)
        self._own = graph.diagonal().astype(float)

    def find_communities(
        self, resolution: float, random_state: int, kept: np.ndarray | None = None, n_iterations: int = N_ITERATIONS,
    ) -> np.ndarray:
        """Return each node's community by the Leiden method on modularity.

        Parameters
        ----------
        resolution : float
            Higher gives more, smaller communities.
        kept : ndarray of int, optional
            Nodes to look at, as if there were no other.
        n_iterations : int
            How often the whole search is done, each time from the communities of the last.

        Returns
        -------
        ndarray of shape (n_nodes,), int
            Communities numbered from 0; -1 for nodes that are not kept.
        """
        from analysis.themes.loops import find_communities

        is_kept = np.full(self.n_nodes, kept is None)
        if kept is not None:
            is_kept[kept] = True
        return find_communities(self._begins, self._ends, self._weights, self._own, is_kept, float(resolution),
                                random_state, n_iterations)


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

    def part(resolution: float, way: int = 0) -> np.ndarray:
        return network.find_communities(resolution, way, n_iterations=1)  # a second one gives no better themes

    resolution = most / COARSEST
    groups = part(resolution)
    while groups.max() + 1 > most and resolution > LOWEST:  # a graph in pieces has as many groups at any resolution
        resolution /= FINER
        groups = part(resolution)
    while True:  # until there are as many as there may be
        finer = part(resolution * FINER)
        if finer.max() + 1 > most:
            break
        groups, resolution = finer, resolution * FINER
    return [groups, *(part(resolution, way) for way in range(1, n_ways))]


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
