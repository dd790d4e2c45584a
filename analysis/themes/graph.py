"""The neighbour graph of the papers, and communities in it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MIN_NEIGHBOURS = 4
MAX_NEIGHBOURS = 30


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
    for start in range(0, n_papers, 1024):
        rows = np.arange(start, min(start + 1024, n_papers))
        cosine = space[rows] @ space.T
        cosine[np.arange(len(rows)), rows] = 2.0  # a paper comes before its exact copies
        nearest = np.argpartition(-cosine, width - 1, axis=1)[:, :width]
        # Sorting by (distance, index) makes ties independent of the partition's order.
        near = np.take_along_axis(cosine, nearest, axis=1)
        order = np.lexsort((nearest, -near), axis=1)
        indices[rows] = np.take_along_axis(nearest, order, axis=1)
        distances[rows] = 1.0 - np.take_along_axis(near, order, axis=1)
    distances[:, 0] = 0.0
    return indices, np.clip(distances, 0.0, 2.0)


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
    from umap.umap_ import fuzzy_simplicial_set

    indices, distances = find_neighbours(space, n_neighbours)
    graph, _, _ = fuzzy_simplicial_set(
        space, indices.shape[1], np.random.RandomState(0), "cosine", knn_indices=indices, knn_dists=distances,
    )
    graph.setdiag(0)
    graph.eliminate_zeros()
    return graph.tocsr()


def find_communities(graph: csr_matrix, resolution: float, random_state: int) -> np.ndarray:
    """Return each paper's community by the Leiden method on modularity.

    Parameters
    ----------
    graph : sparse matrix of shape (n_papers, n_papers)
        Symmetric weights.
    resolution : float
        Higher gives more, smaller communities.

    Returns
    -------
    ndarray of shape (n_papers,), int
        Communities numbered from 0.

    Notes
    -----
    Traag, Waltman, van Eck (2019), From Louvain to Leiden, doi:10.1038/s41598-019-41695-z.
    """
    import igraph
    from scipy.sparse import triu

    edges = triu(graph, k=1).tocoo()
    network = igraph.Graph(n=graph.shape[0], edges=np.column_stack([edges.row, edges.col]))
    if not network.ecount():
        return np.arange(graph.shape[0])
    igraph.set_random_number_generator(random.Random(random_state))
    found = network.community_leiden(
        objective_function="modularity", weights=edges.data, resolution=resolution, n_iterations=4,
    )
    return np.asarray(found.membership)
