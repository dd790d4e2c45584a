"""The fit finds what was planted, whatever the order, and never raises."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import average, fcluster, from_mlab_linkage
from scipy.spatial.distance import squareform
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics import adjusted_rand_score

from analysis.themes.choose import rand_index, usual_n_themes
from analysis.themes.consensus import Ensemble, absorb_small, cut_dendrogram, link_cells
from analysis.themes.fit import fit_themes
from analysis.themes.graph import build_graph, find_neighbours
from analysis.themes.space import BIGRAMS_BELOW, TOKEN_PATTERN, count_words, learn_lexicon
from tests.themes.planted import counted, joined, planted_corpus


@pytest.mark.parametrize("n_each", [12, 60])
def test_planted_subjects_are_found(n_each):
    texts, vectors, labels = planted_corpus(n_each)
    fit = fit_themes(counted(texts), vectors, 0.5, 0)
    assert adjusted_rand_score(labels, fit.labels) >= 0.8


def test_the_same_input_gives_the_same_fit():
    texts, vectors, _ = planted_corpus(12)
    first, second = (fit_themes(counted(texts), vectors, 0.5, 3) for _ in range(2))
    assert np.array_equal(first.strengths, second.strengths)


def test_strengths_are_shares():
    texts, vectors, _ = planted_corpus(15)
    fit = fit_themes(counted(texts), vectors, 0.5, 0)
    assert fit.strengths.min() >= 0
    assert np.allclose(fit.strengths.sum(axis=1), 1)


def test_detail_moves_from_few_to_many_themes():
    texts, vectors, _ = planted_corpus(40)
    coarse, fine = (fit_themes(counted(texts), vectors, detail, 0).strengths.shape[1] for detail in (0.0, 1.0))
    assert coarse < fine
    assert usual_n_themes(1000, 0.0) < usual_n_themes(1000, 0.5) < usual_n_themes(1000, 1.0)


@pytest.mark.parametrize("n_papers", [0, 1, 2, 3, 5, 6, 7, 8, 13, 21])
def test_any_number_of_papers(n_papers):
    texts, vectors, _ = planted_corpus(5)
    fit = fit_themes(counted(texts[:n_papers]), vectors[:n_papers], 0.5, 0)
    assert fit.labels.shape == (n_papers,)
    assert fit.strengths.shape[0] == n_papers


@pytest.mark.parametrize("text", ["", "the", "同じ 文章", "🙂 🙂", "word " * 50_000])
def test_identical_papers_are_one_theme_or_more_and_never_an_exception(text):
    vectors = np.ones((20, 8), dtype=np.float32) / np.sqrt(8)
    fit = fit_themes(count_words([text] * 20), vectors.astype(np.float32), 0.5, 0)
    assert len(fit.labels) == 20


def test_neighbours_are_exact_and_start_with_the_paper_itself():
    _, vectors, _ = planted_corpus(8)
    indices, distances = find_neighbours(vectors, 5)
    cosine = vectors @ vectors.T
    np.fill_diagonal(cosine, 2.0)
    best = np.sort(cosine, axis=1)[:, ::-1][:, :6]
    assert np.array_equal(indices[:, 0], np.arange(len(vectors)))
    assert np.allclose(1 - distances[:, 1:], best[:, 1:], atol=1e-5)


def test_the_graph_is_symmetric_with_weights_in_bounds():
    _, vectors, _ = planted_corpus(8)
    graph = build_graph(vectors, 5)
    assert abs(graph - graph.T).max() < 1e-6
    assert graph.data.min() > 0 and graph.data.max() <= 1 + 1e-6
    assert graph.diagonal().max() == 0


def test_average_linkage_agrees_with_scipy_where_every_cell_is_one_paper():
    likeness = np.random.default_rng(0).uniform(size=(12, 12))
    likeness = (likeness + likeness.T) / 2
    np.fill_diagonal(likeness, 1.0)
    ours = link_cells(likeness, np.ones(12, dtype=int))
    theirs = average(squareform(1 - likeness, checks=False))[:, :2].astype(int)
    assert [frozenset(pair) for pair in ours] == [frozenset(pair) for pair in theirs]


@pytest.mark.parametrize("n_groups", [1, 2, 7, 40, 50])
def test_a_cut_without_a_least_size_is_scipys(n_groups):
    likeness = np.random.default_rng(0).uniform(size=(40, 40))
    merges = link_cells(likeness + likeness.T, np.ones(40, dtype=int))
    levels = from_mlab_linkage(np.column_stack([merges + 1.0, np.arange(1.0, 40)]))
    theirs = fcluster(levels, n_groups, "maxclust")
    assert adjusted_rand_score(cut_dendrogram(merges, np.ones(40, dtype=int), n_groups, 1), theirs) == 1.0


def test_a_heavy_cell_counts_as_many_papers():
    likeness = np.array([[1.0, 0.9, 0.1], [0.9, 1.0, 0.5], [0.1, 0.5, 1.0]])
    groups = cut_dendrogram(link_cells(likeness, np.array([5, 1, 5])), np.array([5, 1, 5]), 2, 5)
    assert groups[0] == groups[1] != groups[2]


def test_small_groups_go_to_the_group_they_are_most_alike():
    likeness = np.array([[1.0, 0.9, 0.1, 0.2], [0.9, 1.0, 0.2, 0.7], [0.1, 0.2, 1.0, 0.1], [0.2, 0.7, 0.1, 1.0]])
    home = absorb_small(np.array([0, 0, 1, 2]), likeness, np.array([3, 3, 6, 1]), 2)
    assert home[3] == home[0] and home[2] != home[0]


def test_texts_without_a_shared_word_have_no_lexical_half():
    words = count_words(["alpha", "beta", ""])
    assert len(words) == 3 and words.counts.shape == (3, 0)
    vectors = np.eye(3, dtype=np.float32)
    lexicon, space = learn_lexicon(words, vectors)
    assert np.array_equal(space, vectors)
    assert np.array_equal(lexicon.join(["alpha beta"], vectors[:1]), vectors[:1])


@pytest.mark.parametrize("n_papers", [40, BIGRAMS_BELOW + 10])
def test_words_counted_once_serve_for_some_of_the_papers(n_papers):
    """As if only these had been counted: scikit-learn's tf-idf of their texts has the same words and axes."""
    texts, vectors, _ = planted_corpus(-(-n_papers // 4))
    texts = joined(texts)[:n_papers]
    rows = np.sort(np.random.default_rng(0).choice(len(texts), 9 * len(texts) // 10, replace=False))
    words = count_words(texts)
    lexicon, space = learn_lexicon(words.take(rows), vectors[rows])
    plain = TfidfVectorizer(stop_words="english", sublinear_tf=True, min_df=2, max_df=0.5, token_pattern=TOKEN_PATTERN,
                            ngram_range=(1, 2) if n_papers < BIGRAMS_BELOW else (1, 1), dtype=np.float32)
    terms = plain.fit_transform([texts[row] for row in rows])
    assert list(lexicon.words) == list(plain.get_feature_names_out())
    counts = words.take(rows).counts[:, np.isin(words.words, lexicon.words)].astype(np.float32)
    assert abs(lexicon.weigh.transform(counts) - terms).max() < 1e-6
    again = lexicon.join([texts[row] for row in rows], vectors[rows])
    np.testing.assert_allclose(again, space, atol=1e-6)


@pytest.mark.parametrize("n_groups", [(1, 1), (4, 4), (2, 9)])
def test_agreement_of_cells_is_that_of_their_papers(n_groups):
    rng = np.random.default_rng(0)
    cells = np.append(np.arange(40), rng.integers(0, 40, 260))
    one, other = (rng.integers(0, n, 40) for n in n_groups)
    sizes = np.bincount(cells)
    assert rand_index(one, other, sizes) == adjusted_rand_score(one[cells], other[cells])
    assert rand_index(one, one, sizes) == 1.0


def test_likeness_is_how_often_two_cells_land_together():
    rng = np.random.default_rng(0)
    cells = np.append(np.arange(6), rng.integers(0, 6, 14))
    partitions = rng.integers(-1, 3, (9, 20))
    half = np.array([True, False, True] * 3)
    likeness = Ensemble(partitions, cells).likeness([half])
    assert np.array_equal(Ensemble(partitions, cells).likeness(), likeness[:1])
    for number, counts in enumerate([half | True, half, ~half]):
        for a in range(6):
            for b in range(6):
                pairs = [(one == other, one >= 0 and other >= 0) for row in partitions[counts]
                         for one in row[cells == a] for other in row[cells == b]]
                there = sum(both for _, both in pairs)
                together = sum(same and both for same, both in pairs)
                assert likeness[number, a, b] == (together / there if there else 0)
