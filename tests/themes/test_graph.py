"""Close groups: never too many where that can be, never one of all."""

import numpy as np
import pytest
from scipy.sparse import block_diag, csr_matrix

from analysis.themes.graph import Network, build_graph, coarsen, contract, take_largest


def points(n_papers, random_state=0):
    rng = np.random.default_rng(random_state)
    vectors = rng.normal(size=(30, 24))[np.arange(n_papers) % 30]
    vectors = vectors + 0.4 * rng.normal(size=vectors.shape)
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("n_papers", [300, 1500, 6000])
@pytest.mark.parametrize("most", [40, 250])
def test_close_groups_are_many_and_not_too_many(n_papers, most):
    ways = coarsen(build_graph(points(n_papers), 12), most, 3)
    assert len(ways) == 3
    for groups in ways:
        assert most / 8 <= groups.max() + 1 <= 1.5 * most
        assert np.bincount(groups).max() <= n_papers / 4


def test_each_paper_is_its_own_group_where_that_suffices():
    assert [list(way) for way in coarsen(build_graph(points(60), 6), 60, 5)] == [list(range(60))]


def test_a_graph_in_pieces_keeps_its_pieces_apart():
    pair = csr_matrix([[0.0, 1.0], [1.0, 0.0]])
    groups = coarsen(block_diag([pair] * 200).tocsr(), 50)[0]
    assert groups.max() + 1 == 200 and (groups[::2] == groups[1::2]).all()


def test_contracting_keeps_the_weight_and_the_communities():
    graph = build_graph(points(400), 10)
    groups = coarsen(graph, 120)[0]
    close = contract(graph, groups)
    assert close.shape[0] == groups.max() + 1 and close.sum() == pytest.approx(graph.sum(), rel=1e-5)
    found = Network(close).find_communities(0.5, 0)[groups]
    assert len(np.unique(found)) >= 2 and all(len(np.unique(found[groups == g])) == 1 for g in range(5))


@pytest.mark.parametrize("shape", [(20, 400, 7), (5, 9, 9), (3, 40, 1), (0, 6, 2), (4, 6, 0)])
@pytest.mark.parametrize("digits", [1, 8])
def test_the_largest_are_taken_in_order_and_of_equals_the_first(shape, digits):
    n_rows, n_columns, n = shape
    table = np.random.default_rng(0).random((n_rows, n_columns)).round(digits)
    columns, values = take_largest(table, n)
    assert np.array_equal(columns, np.argsort(-table, axis=1, kind="stable")[:, :n])
    assert np.array_equal(values, np.take_along_axis(table, columns, axis=1))
