import numpy as np
import pandas as pd
import pytest

from analysis.schema import LIFE, check
from analysis.trends import compute_life, compute_trends
from tests.trends.planted import feed, last_day, papers_table, placements_table, themes_table


def life_of(counts, as_of=None):
    tables = feed(counts)
    trends = compute_trends(*tables, "month", as_of or last_day(np.shape(counts)[1]))
    return check(compute_life(*tables, trends), LIFE).set_index("theme_key")


def test_a_planted_boom_has_its_peak_and_its_half_life():
    counts = np.full((5, 24), 40)
    counts[0] = np.round(10 + 90 * 0.5 ** (np.abs(np.arange(24) - 8) / 4)).astype(int)
    row = life_of(counts).loc["t00"]
    assert row["peak_period"] == "2020-09" and row["age"] == 23 and row["now_period"] == "2021-12"
    assert 4 <= row["half_life"] <= 8
    assert row["peak_share"] == pytest.approx(100 / 260)
    assert row["peak_low"] < row["peak_share"] < row["peak_high"]
    assert row["now_share"] < row["now_high"] < row["peak_low"]


def test_a_theme_that_still_grows_has_no_half_life():
    counts = np.full((5, 24), 40)
    counts[0] = np.arange(24) * 3
    row = life_of(counts).loc["t00"]
    assert pd.isna(row["half_life"]) and row["peak_period"] >= "2021-10"


@pytest.mark.parametrize("n_periods", [1, 2, 3, 4])
def test_few_periods_are_enough_to_be_read(n_periods):
    lives = life_of(np.full((4, n_periods), 30))
    assert len(lives) == 4 and lives["half_life"].isna().all() and (lives["now_share"] == 0.25).all()


def test_two_of_three_papers_are_no_peak():
    counts = np.full((3, 24), 30)
    counts[0] = 20
    counts[0, 15] = 70
    counts[:, 2] = [2, 1, 0]  # the highest share of all, of three papers
    assert life_of(counts)["peak_period"]["t00"] == "2021-04"


def test_the_unfinished_period_is_neither_peak_nor_now():
    counts = np.full((3, 13), 30)
    counts[0, -1] = 300
    row = life_of(counts, "2021-01-20").loc["t00"]
    assert row["now_period"] == "2020-12" and row["peak_period"] != "2021-01"


def test_the_first_paper_is_the_one_that_is_surely_earliest():
    papers = papers_table(["2022", "2022-03", "2022-02-10", None, "2023-01-01"])
    placements, themes = placements_table(papers, ["a"] * 5), themes_table(["a", "b"])
    life = compute_life(papers, placements, themes, compute_trends(papers, placements, themes))
    assert life["first_paper"].tolist()[0] == "p000002" and life["first_published"][0] == "2022-02-10"
    assert life.iloc[1, 1:].isna().all() or life["now_share"][1] == 0
    assert pd.isna(life["peak_period"][0])


def test_what_dates_do_not_bear_is_empty():
    papers = papers_table([None, None])
    placements, themes = placements_table(papers, ["a", "b"]), themes_table(["a", "b"])
    life = compute_life(papers, placements, themes, compute_trends(papers, placements, themes))
    assert len(life) == 2 and life.drop(columns="theme_key").isna().all(axis=None)
