import pandas as pd
import pytest

from analysis.schema import TOGETHER, check
from analysis.trends import compute_together
from tests.trends.planted import feed, last_day, papers_table, placements_table, themes_table


def tables():
    """Return 3 themes of 10 papers in each of 12 months, each paper in one."""
    return feed([[10] * 12] * 3)


def also(placements, paper_ids, key, strength=0.6):
    extra = placements[placements["paper_id"].isin(paper_ids)].assign(theme_key=key, rank=2, strength=strength)
    return pd.concat([placements, extra], ignore_index=True)


def of_month(papers, placements, key, month):
    own = placements.loc[placements["theme_key"] == key, "paper_id"]
    return papers.loc[papers["paper_id"].isin(own) & papers["published"].str.startswith(month), "paper_id"].tolist()


def test_a_planted_first_meeting_is_found_with_its_papers_and_an_old_one_is_not():
    papers, placements, themes = tables()
    new = of_month(papers, placements, "t00", "2020-11")[:3]
    placements = also(placements, new, "t01")
    old = of_month(papers, placements, "t01", "2020-03")[:1] + of_month(papers, placements, "t01", "2020-12")[:4]
    placements = also(placements, old, "t02")
    found = check(compute_together(papers, placements, themes, "month", last_day(12)), TOGETHER)
    told = found[["theme_key", "other_key", "first_period", "n_papers"]]
    assert told.values.tolist() == [["t00", "t01", "2020-11", 3]]
    assert found["paper_ids"][0] == " | ".join(new)
    assert found["expected"][0] == pytest.approx(30 * 33 / 90)
    shuffled = compute_together(papers.sample(frac=1, random_state=0), placements.sample(frac=1, random_state=1),
                                themes.sample(frac=1, random_state=2), "month", last_day(12))
    assert shuffled.equals(found)


def test_an_undated_paper_may_have_been_the_first():
    papers, placements, themes = tables()
    new = of_month(papers, placements, "t00", "2020-11")[:3]
    undated = papers.assign(
        published=papers["published"].mask(papers["paper_id"] == new[0]),
        published_precision=papers["published_precision"].mask(papers["paper_id"] == new[0], "none"))
    assert compute_together(undated, also(placements, new, "t01"), themes, "month", last_day(12)).empty


def test_weak_placements_and_new_themes_do_not_meet():
    papers, placements, themes = tables()
    new = of_month(papers, placements, "t00", "2020-11")[:3]
    assert compute_together(papers, also(placements, new, "t01", 0.2), themes, "month", last_day(12)).empty
    born = themes_table(["t00", "t01", "t02", "t03"])
    assert compute_together(papers, also(placements, new, "t03"), born, "month", last_day(12)).empty


def test_pairs_that_independence_expects_less_are_more_surprising():
    papers, placements, themes = feed([[30] * 12, [30] * 12, [3] * 12, [3] * 12])
    both = also(placements, of_month(papers, placements, "t00", "2020-12")[:1], "t01")
    both = also(both, of_month(papers, both, "t02", "2020-12")[:1], "t03")
    found = compute_together(papers, both, themes, "month", last_day(12))
    assert found["theme_key"].tolist() == ["t02", "t00"] and found["expected"].is_monotonic_increasing


def test_without_complete_periods_there_is_none():
    papers = papers_table(["2024-03-01", None])
    tables = papers, placements_table(papers, ["a", "b"]), themes_table(["a", "b"])
    assert check(compute_together(*tables), TOGETHER).empty
