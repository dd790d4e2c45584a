import numpy as np
import pandas as pd

from analysis.schema import WATCH, check
from analysis.trends import compute_watch
from tests.trends.planted import feed, last_day, papers_table, placements_table, themes_table


def archive(moved_from=99, seed=0, n_dimensions=64, size=30):
    """Return papers of one declared theme and another, whose vectors move from period `moved_from` on."""
    papers, placements, themes = feed([[size] * 12] * 2)
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(len(papers), n_dimensions)) / np.sqrt(n_dimensions)
    vectors[:, 0] += 0.8
    vectors[papers["published"].to_numpy() >= f"2020-{moved_from:02d}", 1] += 0.8
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return papers, placements, themes.assign(declared=themes["theme_key"] == "t00"), vectors


def test_a_planted_drift_is_told_in_its_period_and_not_before():
    watch = check(compute_watch(*archive(moved_from=9), "month", last_day(12)), WATCH)
    assert set(watch["theme_key"]) == {"t00"} and watch["n_papers"].tolist() == [30] * 12
    assert watch.loc[watch["drifts"], "period"].tolist()[0] == "2020-09"
    assert watch.loc[watch["period"] == "2020-09", "drift"].iloc[0] > 0.5


def test_what_stays_as_it_was_does_not_drift():
    told = [compute_watch(*archive(seed=seed), "month", last_day(12))["drifts"].sum() for seed in range(10)]
    assert sum(told) == 0


def test_what_it_would_have_caught_is_counted_at_any_rank_strongest_first():
    papers, placements, themes, vectors = archive()
    other = placements["theme_key"] == "t01"
    march = papers.loc[papers["published"].str.startswith("2020-03"), "paper_id"]
    extra = placements[other & placements["paper_id"].isin(march)].head(2).assign(
        theme_key="t00", rank=2, strength=[0.95, 0.2])
    watch = compute_watch(papers, pd.concat([placements, extra], ignore_index=True), themes, vectors, "month",
                          last_day(12))
    row = watch[watch["period"] == "2020-03"].iloc[0]
    assert row["n_papers"] == 31 and row["n_total"] == 60
    assert row["paper_ids"].split(" | ")[0] == extra["paper_id"].iloc[0]


def test_the_unfinished_period_is_listed_and_not_tested():
    tables = archive(moved_from=12)
    last = compute_watch(*tables, "month", "2020-12-20").iloc[-1]
    assert last["is_partial"] and pd.isna(last["drift"]) and not last["drifts"] and last["n_papers"] > 0


def test_few_papers_none_declared_and_none_dated():
    papers, placements, themes, vectors = archive(size=2)
    few = compute_watch(papers, placements, themes, vectors, "month", last_day(12))
    assert not few["drifts"].any() and few["drift"].head(3).isna().all()
    assert compute_watch(papers, placements, themes.assign(declared=False), vectors).empty
    undated = papers_table([None])
    declared = themes_table(["a"]).assign(declared=True)
    assert check(compute_watch(undated, placements_table(undated, ["a"]), declared, np.ones((1, 4))), WATCH).empty
