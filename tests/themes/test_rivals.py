"""The ways to group, judged side by side, and what is done where another one wins."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from analysis.themes import rivals
from analysis.themes.fit import CONSENSUS, fit_themes, regroup
from analysis.themes.rivals import RIVALS, judge_methods
from analysis.themes.stability import MOST_ANEW, Refit, refit_without_some, strengths_without_some
from tests.themes.planted import counted, planted_corpus


@pytest.fixture(scope="module")
def planted():
    return planted_corpus(10)


@pytest.fixture(scope="module")
def fits(planted):
    texts, vectors, _ = planted
    words = counted(texts)
    return fit_themes(words, vectors, 0.5, 0), list(refit_without_some(words, vectors, 0.5, 0, 6))


def test_every_method_is_judged_and_one_is_chosen(fits):
    table = judge_methods(*fits, 0)
    assert list(table["method"]) == [CONSENSUS, *RIVALS]
    assert table["chosen"].sum() == 1
    assert table["stability"].between(-1, 1).all() and table["separation"].between(-1, 1).all()
    # Planted groups are found again whoever looks; the consensus gives way only to a clearly better one.
    assert table["stability"].iloc[0] > 0.9
    assert table["method"][table["chosen"]].iloc[0] == CONSENSUS


def test_refits_leave_another_tenth_out_each_time(planted, fits):
    rows = [tuple(refit.rows) for refit in fits[1]]
    n_papers = len(planted[0])
    assert len(set(rows)) == 6 and {len(each) for each in rows} == {round(0.9 * n_papers)}
    assert all(len(refit.fit.labels) == len(refit.rows) for refit in fits[1])


def test_badges_of_few_papers_rest_on_refits_that_begin_with_the_words(planted, fits):
    texts, vectors, _ = planted
    assert len(texts) <= MOST_ANEW
    refits = list(strengths_without_some(fits[0], counted(texts), vectors, 0.5, 0, 6))
    assert len(refits) == 6
    for (rows, strengths), anew in zip(refits, fits[1], strict=True):
        assert np.array_equal(rows, anew.rows) and np.array_equal(strengths, anew.fit.strengths)


@pytest.mark.parametrize("group", [None, RIVALS["Ward linkage"]])
def test_badges_of_many_papers_rest_on_refits_among_the_neighbours_that_the_fit_gave_them(group):
    texts, vectors, labels = planted_corpus(MOST_ANEW // 5 + 20)
    words = counted(texts)
    fit = fit_themes(words, vectors, 0.5, 0)
    refits = list(strengths_without_some(fit, words, vectors, 0.5, 0, 3, group))
    assert len({tuple(rows) for rows, _ in refits}) == 3
    for rows, strengths in refits:
        assert len(rows) == len(strengths) == round(0.9 * len(texts)) and (np.diff(rows) > 0).all()
        assert np.allclose(strengths.sum(axis=1), 1)
        assert adjusted_rand_score(labels[rows], strengths.argmax(axis=1)) > 0.6
    # They are fits of their own: another tenth missing parts other papers.
    assert any(strengths.shape[1] != fit.strengths.shape[1] or not np.allclose(strengths, fit.strengths[rows])
               for rows, strengths in refits)


def test_too_few_papers_are_not_judged(planted):
    texts, vectors, _ = planted
    few = counted(texts[:11])
    assert list(refit_without_some(few, vectors[:11], 0.5, 0, 6)) == []
    assert judge_methods(fit_themes(few, vectors[:11], 0.5, 0), [], 0).empty


def test_a_clearly_better_rival_is_chosen(fits, monkeypatch):
    rng = np.random.default_rng(0)

    def scatter(fit):
        return replace(fit, labels=rng.integers(0, 5, len(fit.labels)))

    monkeypatch.setattr(rivals, "RIVALS", {"Ward linkage": RIVALS["Ward linkage"]})
    scattered = [Refit(rows, scatter(fit)) for rows, fit in fits[1]]
    assert list(judge_methods(scatter(fits[0]), scattered, 0)["chosen"]) == [False, True]


def test_a_rival_that_is_better_by_chance_is_not_chosen(fits, monkeypatch):
    """A rival that is lucky in one refit of four, and as good in the others, proves nothing."""
    rng = np.random.default_rng(0)
    blurred = [Refit(rows, replace(fit, labels=rng.permutation(fit.labels) if i == 0 else fit.labels))
               for i, (rows, fit) in enumerate(fits[1])]
    monkeypatch.setattr(rivals, "RIVALS", {"Ward linkage": RIVALS["Ward linkage"]})
    table = judge_methods(fits[0], blurred, 0)
    assert table["score"].iloc[1] > table["score"].iloc[0]
    assert list(table["chosen"]) == [True, False]


def test_a_rival_with_one_theme_above_a_quarter_of_the_papers_is_not_chosen(fits, monkeypatch):
    monkeypatch.setattr(rivals, "RIVALS", {"one theme": lambda fit, n_themes, seed: np.zeros(len(fit.space), int)})
    assert list(judge_methods(*fits, 0)["chosen"]) == [True, False]


@pytest.mark.parametrize("name", RIVALS)
def test_a_fit_can_rest_on_any_rival_and_still_places_every_paper(planted, fits, name):
    texts, vectors, labels = planted
    fit = regroup(fits[0], RIVALS[name], 0)
    assert len(fit.labels) == len(texts) and (fit.labels >= 0).all()
    assert np.allclose(fit.strengths.sum(axis=1), 1)
    purity = sum(np.bincount(labels[fit.labels == theme]).max() for theme in np.unique(fit.labels)) / len(labels)
    assert purity > 0.8
