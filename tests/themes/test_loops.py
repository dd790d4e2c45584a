"""Communities, beside a library's."""

import random

import numpy as np
import pytest
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.metrics import adjusted_rand_score

from analysis.themes.graph import Network, build_graph, coarsen, contract


def blocks(n_blocks: int, size: int, inside: float, across: float, seed: int) -> csr_matrix:
    """Return a planted network: edges are likelier inside a block than across."""
    rng = np.random.default_rng(seed)
    block = np.repeat(np.arange(n_blocks), size)
    likely = np.where(block[:, None] == block, inside, across)
    edges = np.triu(rng.random(likely.shape) < likely, 1) * rng.uniform(0.5, 1.0, likely.shape)
    return csr_matrix(edges + edges.T)


def neighbours(n_papers: int, seed: int) -> csr_matrix:
    points = np.random.default_rng(seed).standard_normal((n_papers, 12)).astype(np.float32)
    points += 1.5 * np.random.default_rng(seed + 1).standard_normal((8, 12)).repeat(-(-n_papers // 8), 0)[:n_papers]
    return build_graph(points / np.linalg.norm(points, axis=1, keepdims=True), 15)


def modularity(graph: csr_matrix, labels: np.ndarray, resolution: float) -> float:
    """Return what the search makes large, counting a node's own weight for what it weighs and no more."""
    edges, mass = coo_matrix(graph), np.asarray(graph.sum(axis=1)).ravel()
    inside = edges.data[(labels[edges.row] == labels[edges.col]) & (edges.row != edges.col)].sum()
    return float(inside - resolution / mass.sum() * (np.bincount(labels, mass) ** 2).sum())


def by_library(graph: csr_matrix, resolution: float, seed: int) -> np.ndarray:
    import igraph

    edges = coo_matrix(graph)
    upper = edges.row < edges.col
    network = igraph.Graph(n=graph.shape[0], edges=np.column_stack([edges.row, edges.col])[upper])
    igraph.set_random_number_generator(random.Random(seed))
    mass = np.asarray(graph.sum(axis=1)).ravel()
    return np.array(network.community_leiden(
        objective_function="CPM", weights=edges.data[upper].tolist(), node_weights=mass.tolist(),
        resolution=resolution / mass.sum(), n_iterations=2).membership)


@pytest.mark.parametrize("seed", range(4))
def test_planted_communities_are_found(seed):
    found = Network(blocks(6, 40, 0.4, 0.02, seed)).find_communities(1.0, seed)
    assert adjusted_rand_score(np.repeat(np.arange(6), 40), found) == 1.0


@pytest.mark.parametrize("resolution", [0.5, 1.0, 3.0, 12.0])
@pytest.mark.parametrize("contracted", [False, True])
def test_communities_are_as_good_as_the_library_s(resolution, contracted):
    graphs = [neighbours(600, seed) for seed in range(3)]
    if contracted:
        graphs = [contract(graph, coarsen(graph, 150)[0]) for graph in graphs]
    ours = [modularity(graph, Network(graph).find_communities(resolution, 0), resolution) for graph in graphs]
    theirs = [modularity(graph, by_library(graph, resolution, 0), resolution) for graph in graphs]
    assert np.mean(ours) > np.mean(theirs) - 0.01 * abs(np.mean(theirs))


@pytest.mark.parametrize("resolution", [0.5, 2.0, 20.0])
def test_each_community_hangs_together(resolution):
    graph = neighbours(500, 3)
    found = Network(graph).find_communities(resolution, 1)
    assert (np.unique(found) == np.arange(found.max() + 1)).all()
    for community in range(found.max() + 1):
        own = np.flatnonzero(found == community)
        assert connected_components(graph[own][:, own])[0] == 1


def test_nodes_that_are_not_kept_might_not_be_there():
    graph = neighbours(400, 5)
    kept = np.sort(np.random.default_rng(0).choice(400, 300, replace=False))
    found = Network(graph).find_communities(1.0, 7, kept)
    assert (np.flatnonzero(found >= 0) == kept).all()
    assert (found[kept] == Network(graph[kept][:, kept]).find_communities(1.0, 7)).all()


def test_a_seed_decides():
    network = Network(neighbours(400, 6))
    found = [network.find_communities(4.0, seed) for seed in (0, 0, 1)]
    assert (found[0] == found[1]).all() and (found[0] != found[2]).any()


@pytest.mark.parametrize("n_nodes", [0, 1, 5])
def test_nodes_without_edges_stand_alone(n_nodes):
    found = Network(csr_matrix((n_nodes, n_nodes))).find_communities(1.0, 0)
    assert sorted(found) == list(range(n_nodes))


@pytest.mark.parametrize("resolution", [0.3, 1.0, 4.0])
def test_ties_everywhere_end(resolution):
    ring = csr_matrix(np.roll(np.eye(60), 1, axis=1) + np.roll(np.eye(60), -1, axis=1)) * 0.1
    whole = csr_matrix(np.ones((40, 40)) - np.eye(40)) * 0.3
    for graph in (ring, whole):
        for seed in range(20):
            found = Network(graph).find_communities(resolution, seed)
            assert (np.unique(found) == np.arange(found.max() + 1)).all()
