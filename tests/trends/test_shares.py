import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from analysis.schema import TRENDS, InputError, SchemaError, check
from analysis.trends import compute_trends, count_too_coarse, count_undated
from analysis.trends.shares import share_interval
from tests.trends.planted import feed, last_day, papers_table, placements_table, themes_table


def grid(trends, column):
    return trends.pivot(index="theme_key", columns="period", values=column)


def test_counts_totals_and_shares_of_a_planted_feed():
    counts = [[3, 0, 5], [1, 0, 5], [0, 0, 0]]
    trends = compute_trends(*feed(counts), period="month", as_of=last_day(3))
    assert trends["period"].unique().tolist() == ["2020-01", "2020-02", "2020-03"]
    assert grid(trends, "n_papers").to_numpy().tolist() == counts
    assert grid(trends, "n_total").to_numpy().tolist() == [[4, 0, 10]] * 3
    share = grid(trends, "share")
    assert share["2020-01"].tolist() == [0.75, 0.25, 0.0]
    assert share["2020-02"].isna().all()
    assert not trends["is_partial"].any()
    known = trends.dropna(subset="share")
    assert (known["share_low"] <= known["share"]).all() and (known["share"] <= known["share_high"]).all()


def test_the_period_of_as_of_is_partial_unless_it_is_its_last_day():
    tables = feed([[20, 20]])
    for as_of, partial in (("2020-02-28", True), ("2020-02-29", False), (None, True)):
        trends = compute_trends(*tables, period="month", as_of=as_of)
        assert trends["is_partial"].tolist() == [False, partial]


def test_periods_up_to_as_of_are_there_and_later_papers_are_not_counted():
    tables = feed([[4, 4, 4]])
    late = compute_trends(*tables, period="month", as_of="2020-05-31")
    assert late["n_papers"].tolist() == [4, 4, 4, 0, 0]
    early = compute_trends(*tables, period="month", as_of="2020-02-10")
    assert early["n_papers"].tolist() == [4, 4]
    assert compute_trends(*tables, period="month", as_of="2019-02-10").empty


def test_dates_too_coarse_for_the_width_are_counted_apart():
    papers = papers_table(["2024-01-05", "2024-01-06", "2024-02", "2024", None])
    placements, themes = placements_table(papers, ["a"] * 5), themes_table(["a"])
    expected = {"day": [1, 1], "week": [1, 1 - 1 + 1], "month": [2, 1], "quarter": [3], "year": [4]}
    for width, counted in expected.items():
        trends = compute_trends(papers, placements, themes, period=width)
        in_period = sum(counted) if width != "week" else 2
        assert trends["n_papers"].sum() == in_period
        assert count_too_coarse(papers, trends) + in_period + count_undated(papers) == len(papers)
    assert count_undated(papers) == 1


def test_loose_and_secondary_placements_are_not_counted_but_loose_papers_are_in_the_total():
    papers = papers_table(["2024-01-05"] * 4)
    firm = placements_table(papers, ["a", "b", "a", "b"])
    firm.loc[3, "tier"] = "loose"
    second = firm.iloc[[0]].assign(theme_key="b", rank=2)
    trends = compute_trends(papers, pd.concat([firm, second]), themes_table(["a", "b"]), period="day")
    assert trends["n_papers"].tolist() == [2, 1]
    assert trends["n_total"].tolist() == [4, 4]


@given(st.integers(0, 60), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_shares_and_the_loose_remainder_sum_to_one(n, random):
    papers = papers_table([f"2024-{random.randint(1, 6):02d}-{random.randint(1, 28):02d}" for _ in range(n)])
    placements = placements_table(papers, [random.choice("abc") for _ in range(n)])
    placements["tier"] = pd.Series([random.choice(["core", "member", "loose"]) for _ in range(n)], dtype="str")
    trends = compute_trends(papers, placements, themes_table("abc"), period="month")
    month = placements.merge(papers, on="paper_id").assign(month=lambda t: t["published"].str[:7])
    for period, rows in trends.groupby("period"):
        tiers = month.loc[month["month"] == period, "tier"]
        if len(tiers):
            assert rows["share"].sum() + (tiers == "loose").mean() == pytest.approx(1)
        else:
            assert rows["share"].isna().all()


def test_permuting_papers_placements_and_themes_changes_nothing():
    papers, placements, themes = feed(np.random.default_rng(0).poisson(3, (4, 10)))
    expected = compute_trends(papers, placements, themes)
    shuffled = compute_trends(*(t.sample(frac=1, random_state=1) for t in (papers, placements, themes)))
    pd.testing.assert_frame_equal(expected, shuffled)


def test_arguments_are_left_as_they_were():
    tables = feed([[2, 3]])
    before = [table.copy() for table in tables]
    compute_trends(*tables)
    for table, copy in zip(tables, before, strict=True):
        pd.testing.assert_frame_equal(table, copy)


def test_a_broad_theme_counts_the_papers_of_the_themes_below_it_once():
    papers = papers_table(["2024-01-05"] * 3)
    themes = themes_table(["broad", "x", "y"], parents=[None, "broad", "broad"])
    trends = compute_trends(papers, placements_table(papers, ["x", "y", "y"]), themes, period="day")
    assert trends["n_papers"].tolist() == [3, 1, 2]


@pytest.mark.parametrize("dates", [[], [None], [None, None, None]])
def test_no_dates_give_an_empty_valid_table(dates):
    papers = papers_table(dates)
    trends = compute_trends(papers, placements_table(papers, ["a"] * len(dates)), themes_table(["a"]))
    assert check(trends, TRENDS).empty
    assert count_undated(papers) == len(dates) and count_too_coarse(papers, trends) == 0


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_few_papers_work(n):
    papers = papers_table(["2022-05", "2023-06-01", "2024"][:n])
    trends = compute_trends(papers, placements_table(papers, ["a"] * n), themes_table(["a", "b"]))
    assert trends["n_papers"].sum() == n
    assert len(trends) == 2 * n


def test_unknown_names_are_refused():
    papers, placements, themes = feed([[2, 3]])
    with pytest.raises(InputError, match="fortnight"):
        compute_trends(papers, placements, themes, period="fortnight")
    with pytest.raises(SchemaError, match="t00"):
        compute_trends(papers, placements, themes_table(["other"]))
    with pytest.raises(SchemaError, match="p000000"):
        compute_trends(papers.iloc[1:], placements, themes)
    with pytest.raises(SchemaError, match="circle"):
        compute_trends(papers, placements, themes_table(["t00", "u"], parents=["u", "t00"]))


@pytest.mark.parametrize("noise", [0.0, 0.2, 0.45])
def test_intervals_cover_the_share_in_93_to_97_of_100_cases(noise):
    rng = np.random.default_rng(3)
    truth = rng.dirichlet(np.full(30, 2.0), size=60)[:, :, None]
    jitter = rng.gamma(1 / noise**2, noise**2, (60, 30, 24)) if noise else 1.0
    counts = rng.poisson(400 * truth * jitter)
    low, high = share_interval(counts, counts.sum(axis=1, keepdims=True), noise)
    assert 0.93 <= ((low <= truth) & (truth <= high)).mean() <= 0.97


def test_without_noise_the_interval_is_jeffreys():
    low, high = share_interval(np.array([10]), np.array([100]), 0.0)
    assert (low[0], high[0]) == pytest.approx(proportion_confint(10, 100, method="jeffreys"))


def test_the_seed_feed_is_counted_by_the_year_with_2025_unfinished(seed):
    papers = seed.papers
    trends = compute_trends(papers, placements_table(papers, ["a"] * len(papers)), themes_table(["a"]))
    assert trends["period"].tolist() == [str(year) for year in range(2015, 2026)]
    assert trends.loc[trends["is_partial"], "period"].tolist() == ["2025"]
    assert trends["n_total"].sum() + count_undated(papers) + count_too_coarse(papers, trends) == len(papers) == 90
