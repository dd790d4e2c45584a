"""The ways to group, judged side by side, and what is done where another one wins."""

from dataclasses import replace

import numpy as np
import pytest

from analysis.themes import rivals
from analysis.themes.fit import CONSENSUS, fit_themes
from analysis.themes.rivals import RIVALS, judge_methods
from tests.themes.planted import joined, planted_corpus


@pytest.fixture(scope="module")
def planted():
    return planted_corpus(10)


def test_every_method_is_judged_and_one_is_chosen(planted):
    texts, vectors, _ = planted
    table = judge_methods(joined(texts), vectors, 0.5, 0)
    assert list(table["method"]) == [CONSENSUS, *RIVALS]
    assert table["chosen"].sum() == 1
    assert table["stability"].between(-1, 1).all() and table["separation"].between(-1, 1).all()
    # Planted groups are found again whoever looks; the consensus gives way only to a clearly better one.
    assert table["stability"].iloc[0] > 0.9
    assert table["method"][table["chosen"]].iloc[0] == CONSENSUS


def test_too_few_papers_are_not_judged(planted):
    texts, vectors, _ = planted
    assert judge_methods(joined(texts)[:14], vectors[:14], 0.5, 0).empty


def test_a_clearly_better_rival_is_chosen(planted, monkeypatch):
    texts, vectors, _ = planted
    rng = np.random.default_rng(0)

    def scattered(*arguments):
        fit = fit_themes(*arguments)
        return replace(fit, labels=rng.integers(0, 5, len(fit.labels)))

    monkeypatch.setattr(rivals, "fit_themes", scattered)
    monkeypatch.setattr(rivals, "RIVALS", {"Ward linkage": RIVALS["Ward linkage"]})
    assert list(judge_methods(joined(texts), vectors, 0.5, 0)["chosen"]) == [False, True]


def test_a_rival_with_one_theme_above_a_quarter_of_the_papers_is_not_chosen(planted, monkeypatch):
    texts, vectors, _ = planted
    monkeypatch.setattr(rivals, "RIVALS", {"one theme": lambda fit, n_themes, seed: np.zeros(len(fit.space), int)})
    assert list(judge_methods(joined(texts), vectors, 0.5, 0)["chosen"]) == [True, False]


@pytest.mark.parametrize("name", RIVALS)
def test_a_fit_can_rest_on_any_rival_and_still_places_every_paper(planted, name):
    texts, vectors, labels = planted
    fit = fit_themes(joined(texts), vectors, 0.5, 0, RIVALS[name])
    assert len(fit.labels) == len(texts) and (fit.labels >= 0).all()
    assert np.allclose(fit.strengths.sum(axis=1), 1)
    purity = sum(np.bincount(labels[fit.labels == theme]).max() for theme in np.unique(fit.labels)) / len(labels)
    assert purity > 0.8
