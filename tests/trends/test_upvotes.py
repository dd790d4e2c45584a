import numpy as np
import pytest

from analysis.trends import compute_trends
from tests.trends.planted import feed, last_day


def trends_of(tables, upvotes, n_periods):
    papers, placements, themes = tables
    papers = papers.assign(upvotes=upvotes).astype({"upvotes": "Int64"})
    return compute_trends(papers, placements, themes, "month", last_day(n_periods))


def test_equal_upvotes_give_the_share_of_papers_and_nearly_its_interval():
    trends = trends_of(feed([[30] * 8, [90] * 8]), 7, 8)
    assert trends["upvote_share"].tolist() == pytest.approx(trends["share"].tolist())
    assert trends["upvote_low"].tolist() == pytest.approx(trends["share_low"].tolist(), abs=0.02)
    assert trends["upvote_high"].tolist() == pytest.approx(trends["share_high"].tolist(), abs=0.02)


def test_one_loved_paper_lifts_the_share_and_widens_its_interval():
    tables = feed([[10] * 6, [30] * 6])
    upvotes = np.where(np.arange(len(tables[0])) == 0, 1000, 5)
    row = trends_of(tables, upvotes, 6).iloc[0]
    assert row["upvote_share"] == pytest.approx((1000 + 45) / (1000 + 195)) and row["share"] == 0.25
    assert row["upvote_low"] < 0.45 < 0.9 < row["upvote_high"]


def test_a_theme_without_a_paper_has_an_upper_end():
    row = trends_of(feed([[0] * 6, [30] * 6]), 4, 6).iloc[0]
    assert row["upvote_share"] == row["upvote_low"] == 0 and 0.01 < row["upvote_high"] < 0.2


def test_intervals_hold_the_true_share_in_nearly_95_of_100():
    rng = np.random.default_rng(0)
    held = []
    for _ in range(20):
        counts = rng.multinomial(150, [0.2, 0.8], 12).T
        trends = trends_of(feed(counts), rng.geometric(0.1, counts.sum()), 12).head(12)
        held += list((trends["upvote_low"] <= 0.2) & (0.2 <= trends["upvote_high"]))
    assert 0.91 <= np.mean(held) <= 0.99


def test_a_feed_without_upvotes_has_no_share_of_them_and_order_changes_nothing():
    tables = feed([[3, 4], [5, 6]])
    assert trends_of(tables, None, 2)[["upvote_share", "upvote_low", "upvote_high"]].isna().all(axis=None)
    upvotes = np.arange(len(tables[0]))
    papers = tables[0].assign(upvotes=upvotes).astype({"upvotes": "Int64"})
    one, other = (compute_trends(table, *tables[1:], "month", last_day(2))
                  for table in (papers, papers.sample(frac=1, random_state=3)))
    assert one.equals(other)
