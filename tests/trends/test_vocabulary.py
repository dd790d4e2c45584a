"""The radar finds planted terms, and calls nothing that chance or an unfinished month explains."""

import numpy as np
import pandas as pd
import pytest

from analysis.schema import VOCABULARY, check
from analysis.trends import compute_vocabulary
from tests.trends.planted import papers_table

WORDS = ["graph", "parser", "kernel", "speech", "vision", "tutor", "planner", "market", "protein", "robot", "melody",
         "river", "engine", "garden", "ledger", "signal", "mirror", "beacon", "lantern", "harbour"]


def archive(n_months=16, rate=60, planted=(), seed=0, last_days=28):
    """Return papers of two-word subjects; `planted` holds (phrase, month → papers that say it) pairs."""
    rng = np.random.default_rng(seed)
    dates, abstracts = [], []
    for month in range(n_months):
        n_papers = rate if month < n_months - 1 else rate * last_days // 28
        days = rng.integers(1, (28 if month < n_months - 1 else last_days) + 1, n_papers)
        texts = [f"We study {' of '.join(' '.join(rng.choice(WORDS, 2)) for _ in range(4))}." for _ in days]
        for phrase, says in planted:
            for row in range(min(says(month), n_papers)):
                texts[row] += f" It is about {phrase}."
        dates += [f"{2022 + month // 12}-{month % 12 + 1:02d}-{day:02d}" for day in days]
        abstracts += texts
    return papers_table(dates).assign(abstract=abstracts)


def test_a_planted_new_term_is_called_new_with_its_first_paper():
    papers = archive(planted=[("quantum llamas", lambda month: 8 if month >= 13 else 0)])
    radar = compute_vocabulary(papers, "month", "2023-04-30")
    check(radar, VOCABULARY)
    called = radar[radar["verdict"] != "not enough data"]
    assert called[["term", "verdict", "n_now", "n_before", "n_papers"]].values.tolist() == [
        ["quantum llamas", "new", 24, 0, 24]]
    saying = papers[papers["abstract"].str.contains("llamas")].sort_values(["published", "paper_id"])
    row = called.iloc[0]
    assert (row["first_paper"], row["first_published"]) == tuple(saying.iloc[0][["paper_id", "published"]])
    assert row["times_low"] > 1.5 and row["false_rate"] < 0.05
    assert row["burst_periods"] == "2023-02 | 2023-03 | 2023-04"
    assert (row["now_begins"], row["before_begins"]) == ("2023-02", "2022-02")


def test_a_planted_surge_is_called_surging_and_not_new():
    radar = compute_vocabulary(archive(planted=[("quantum llamas", lambda month: 20 if month >= 13 else 4)]), "month",
                               "2023-04-30")
    called = radar[radar["verdict"] != "not enough data"]
    assert called[["term", "verdict"]].values.tolist() == [["quantum llamas", "surging"]]


def test_a_term_that_only_rides_on_an_unfinished_month_is_not_called():
    papers = archive(planted=[("quantum llamas", lambda month: 25 if month == 15 else 0)], last_days=12)
    radar = compute_vocabulary(papers, "month", "2023-04-12").set_index("term")
    assert not (radar["verdict"] != "not enough data").any()
    assert radar["n_now"].get("quantum llamas", 0) == 0 and radar["now_begins"].iloc[0] == "2023-01"
    finished = compute_vocabulary(papers, "month", "2023-04-30").set_index("term")
    assert finished["n_now"]["quantum llamas"] == 25


def test_two_papers_are_no_trend():
    radar = compute_vocabulary(archive(planted=[("quantum llamas", lambda month: 2 if month == 15 else 0)]), "month",
                               "2023-04-30")
    assert (radar["verdict"] == "not enough data").all()


def test_permuted_dates_give_few_calls():
    n_called = 0
    for seed in range(10):
        papers = archive(rate=40, planted=[("quantum llamas", lambda month: 20 if month >= 13 else 2)], seed=seed)
        order = np.random.default_rng(seed).permutation(len(papers))
        shuffled = papers.assign(published=papers["published"].to_numpy()[order])
        n_called += (compute_vocabulary(shuffled, "month", "2023-04-30")["verdict"] != "not enough data").any()
    assert n_called <= 1


def test_an_acronym_joins_its_long_form_and_a_part_does_not_stand_beside_the_whole():
    papers = archive(planted=[("quantum llama herding (QLH)", lambda month: 9 if month >= 13 else 0)])
    radar = compute_vocabulary(papers, "month", "2023-04-30")
    called = radar[radar["verdict"] != "not enough data"]
    assert called[["term", "acronym"]].values.tolist() == [["quantum llama herding", "QLH"]]


def test_order_of_the_papers_and_undated_ones_change_nothing():
    papers = archive(planted=[("quantum llamas", lambda month: 8 if month >= 13 else 0)])
    radar = compute_vocabulary(papers, "month", "2023-04-30")
    assert radar.equals(compute_vocabulary(papers.sample(frac=1, random_state=1), "month", "2023-04-30"))
    undated = papers.iloc[:50].assign(paper_id=[f"u{i:03d}" for i in range(50)], published=None,
                                      published_precision="none", abstract="About quantum llamas.")
    assert radar.equals(compute_vocabulary(pd.concat([papers, undated], ignore_index=True), "month", "2023-04-30"))


@pytest.mark.parametrize("n_papers", [0, 1, 3, 40])
def test_a_small_feed_is_told_that_there_is_not_enough_data(n_papers):
    papers = archive(n_months=2, rate=20).head(n_papers)
    radar = check(compute_vocabulary(papers), VOCABULARY)
    assert (radar["verdict"] == "not enough data").all() and radar["times"].isna().all()
