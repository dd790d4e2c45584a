"""Phrases are followed as if each period were the last: nothing later is known."""

import numpy as np
import pytest

from analysis import charts
from analysis.trends import follow_phrases, summarise_calls
from tests.trends.planted import papers_table


@pytest.fixture(scope="module")
def archive():
    """Ten years of 400 papers; `comet` comes from 2016 on, `steam` goes, `atoms` stay."""
    rng = np.random.default_rng(0)
    years = np.repeat(np.arange(2010, 2020), 400)
    comet = rng.random(len(years)) < np.where(years >= 2016, 0.2, 0.005)
    steam = rng.random(len(years)) < np.where(years >= 2016, 0.01, 0.2)
    atoms = rng.random(len(years)) < 0.1
    words = [" ".join(np.array(["Comets", "STEAM engines", "atoms"])[list(said)]) + " and more."
             for said in zip(comet, steam, atoms, strict=True)]
    return papers_table([f"{year}-05" for year in years]).assign(abstract=words)


PATTERNS = {"comets": r"(?i)\bcomets?\b", "steam": "STEAM", "atoms": "atom", "unicorns": "unicorn"}


@pytest.fixture(scope="module")
def told(archive):
    return follow_phrases(archive, PATTERNS, "year", "2019-12-31")


def test_a_phrase_is_called_after_its_birth_and_not_before(told):
    calls = summarise_calls(told).set_index("phrase")
    assert calls.loc["comets", "rising"].startswith(("2016", "2017")) and calls["fading"].isna()["comets"]
    assert calls.loc["steam", "fading"].startswith(("2016", "2017")) and calls["rising"].isna()["steam"]
    assert calls.loc[["atoms", "unicorns"], ["rising", "fading"]].isna().all(axis=None)
    assert calls["first_said"].isna()["unicorns"] and calls.loc["atoms", "first_said"] == "2010"


def test_no_verdict_knows_a_later_period(archive, told):
    early = follow_phrases(archive[archive["published"] < "2018"], PATTERNS, "year", "2017-12-31")
    both = told.merge(early, on=["phrase", "period"], suffixes=("", "_early"))
    assert len(both) == len(early) and (both["verdict"] == both["verdict_early"]).all()


def test_shares_are_of_all_papers_and_a_paper_may_say_several(told):
    assert (told["n_total"] == 400).all() and len(told) == 4 * 10
    assert told["share"].between(told["share_low"], told["share_high"]).all()


def test_papers_without_dates_say_nothing(archive):
    undated = archive.head(20).assign(published=None, published_precision="none")
    told = follow_phrases(undated, PATTERNS)
    assert told.empty and summarise_calls(told).empty


def test_the_chart_marks_what_is_called(told):
    figure = charts.plot_phrases(told)
    marked = [trace for trace in figure.data if trace.name == "rising" and len(trace.x)]
    assert len(marked) == 1 and "atoms" in figure.layout.annotations[0].text
    assert "No period" in charts.plot_phrases(told.head(0)).layout.meta["caption"]
