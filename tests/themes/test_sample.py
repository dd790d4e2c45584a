"""Of a large corpus a sample is fitted, and the other papers land where they belong."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from analysis.themes import find_themes, sample
from analysis.themes.fit import fit_themes
from analysis.themes.graph import weigh_nearest
from analysis.themes.sample import choose_fitted, spread_fit
from analysis.themes.space import count_words
from tests.themes.planted import joined, planted_corpus
from tests.themes.test_themes import ORCHARD, SETTINGS, _embed, _papers

N_FITTED = 120


@pytest.fixture
def small_sample(monkeypatch):
    monkeypatch.setattr(sample, "MOST_FITTED", N_FITTED)


def test_who_is_fitted_depends_on_the_paper_alone(small_sample):
    ids = np.array([f"p{number}" for number in range(400)])
    rows, order = choose_fitted(ids), np.random.default_rng(0).permutation(400)
    assert len(rows) == N_FITTED and (np.diff(rows) > 0).all()
    assert set(ids[order][choose_fitted(ids[order])]) == set(ids[rows])
    grown = choose_fitted(np.append(ids, ["q1", "q2", "q3", "q4"]))
    assert len(set(rows) - set(grown)) <= 4
    assert list(choose_fitted(ids[:N_FITTED])) == list(range(N_FITTED))


def test_the_others_stand_with_their_subject():
    texts, vectors, labels = planted_corpus(80)
    texts, rows = joined(texts), np.arange(0, len(texts), 3)
    fit = fit_themes(count_words([texts[row] for row in rows]), vectors[rows], 0.5, 0)
    spread, agreement = spread_fit(fit, rows, texts, vectors, 0)
    assert adjusted_rand_score(labels, spread.labels) >= 0.8
    assert agreement >= 0.9
    np.testing.assert_array_equal(spread.strengths[rows], fit.strengths)
    np.testing.assert_allclose(spread.strengths.sum(axis=1), 1)
    others = np.setdiff1d(np.arange(len(texts)), rows)
    assert spread.graph[:, others].nnz == 0  # what was not fitted moves no one
    assert (spread.own_graph != fit.graph).nnz == 0


def test_agreement_is_low_where_neighbours_say_nothing():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(90, 16)).astype(np.float32)
    texts, vectors, _ = [""] * 90, vectors / np.linalg.norm(vectors, axis=1, keepdims=True), None
    rows = np.arange(60)
    fit = fit_themes(count_words(texts[:60]), vectors[:60], 0.5, 0)
    random = rng.permutation(fit.strengths)
    shuffled = replace(fit, strengths=random, labels=random.argmax(axis=1))
    assert spread_fit(shuffled, rows, texts, vectors, 0)[1] < 0.7


def test_nearest_are_weighed_exactly():
    rng = np.random.default_rng(1)
    space, among = (rng.normal(size=(n, 8)) for n in (30, 50))
    weights = weigh_nearest(space, among, 6)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-5)
    for row, cosine in enumerate(space @ among.T):
        own = weights.indices[weights.indptr[row]:weights.indptr[row + 1]]
        assert list(own) == list(np.argsort(-cosine)[:6])
        assert (np.diff(weights[row, own].toarray()[0]) <= 0).all()


def test_a_sampled_run_has_every_paper_in_every_table(small_sample):
    texts, vectors, labels = planted_corpus(60)
    papers = _papers(texts)
    order = np.random.default_rng(5).permutation(len(texts))
    found, again = (find_themes(papers.iloc[rows].sort_values("paper_id", ignore_index=True),
                                vectors[rows][np.argsort(papers["paper_id"].to_numpy()[rows])], SETTINGS,
                                _embed(vectors, labels), (ORCHARD,)) for rows in (np.arange(len(texts)), order))
    assert found.method["n_fitted"] == N_FITTED and found.method["placed_as_fitted"] >= 0.9
    first = found.placements[found.placements["rank"] == 1]
    assert sorted(first["paper_id"]) == sorted(papers["paper_id"]) == sorted(found.map["paper_id"])
    assert first["stability"].notna().all() and first["stability"].mean() > 0.8
    assert adjusted_rand_score(labels, papers["paper_id"].map(first.set_index("paper_id")["theme_key"])) >= 0.8
    parts = first.dropna(subset="fine_key").groupby("theme_key")["fine_key"].size()
    whole = first.groupby("theme_key").size()
    assert (parts == whole[parts.index]).all()  # a theme that parts, parts among all its papers
    assert found.map[["x", "y"]].abs().to_numpy().max() <= 1
    for name in ("placements", "themes", "map"):
        assert getattr(found, name).equals(getattr(again, name))
