import numpy as np
import pytest

from analysis.schema import SHARES_BY, InputError, check
from analysis.trends import compute_trends, shares_by
from tests.trends.planted import feed, last_day


def tables():
    papers, placements, themes = feed([[20] * 6, [60] * 6])
    venue = np.where(np.arange(len(papers)) % 4 == 0, "ACL", "EMNLP").astype(object)
    venue[:5] = None
    return papers.assign(venue=venue).astype({"venue": "str"}), placements, themes


def test_the_papers_of_the_venues_sum_to_all_that_have_one():
    papers, placements, themes = tables()
    shares = check(shares_by(papers, placements, themes, "venue", "month", last_day(6)), SHARES_BY)
    assert shares["value"].unique().tolist() == ["EMNLP", "ACL"]
    whole = compute_trends(papers.dropna(subset="venue"), placements[~placements["paper_id"].isin(
        papers.loc[papers["venue"].isna(), "paper_id"])], themes, "month", last_day(6))
    summed = shares.groupby(["theme_key", "period"])["n_papers"].sum().reset_index(drop=True)
    assert summed.tolist() == whole["n_papers"].tolist()
    held = shares.dropna()
    assert held["share"].between(held["share_low"], held["share_high"]).all()


def test_one_source_is_the_whole_feed():
    papers, placements, themes = tables()
    shares = shares_by(papers, placements, themes, "source", "month", last_day(6))
    trends = compute_trends(papers, placements, themes, "month", last_day(6))
    same = ["theme_key", "period", "n_papers", "n_total", "share", "share_low", "share_high", "is_partial"]
    assert shares[same].equals(trends[same])


def test_a_facet_that_is_none_is_named_and_none_there_is_empty():
    papers, placements, themes = tables()
    with pytest.raises(InputError, match="by is 'title', expected one of source, venue"):
        shares_by(papers, placements, themes, "title")
    assert check(shares_by(papers.assign(venue=None).astype({"venue": "str"}), placements, themes, "venue"),
                 SHARES_BY).empty
