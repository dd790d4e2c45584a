"""Novelty claims an order only where the dates allow it, and does not grow or fall by the number of papers before."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.neighbours import compute_neighbours, compute_novelty
from analysis.neighbours.novelty import LEAST

PRECISIONS = {10: "day", 7: "month", 4: "year", 0: "none"}


def dated(dates: list[str | None]) -> pd.DataFrame:
    return pd.DataFrame({
        "paper_id": [f"p{i:04}" for i in range(len(dates))], "published": pd.Series(dates, dtype="str"),
        "published_precision": [PRECISIONS[len(date or "")] for date in dates]})


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def noise(n: int, seed: int = 0) -> np.ndarray:
    return unit(np.random.default_rng(seed).standard_normal((n, 24)))


def measure(papers: pd.DataFrame, vectors: np.ndarray) -> pd.DataFrame:
    near = compute_neighbours(list(papers["paper_id"]), vectors)
    return compute_novelty(papers, vectors, near).set_index("paper_id")


def days(n: int, start: str = "2024-01-01") -> list[str]:
    return [str(day) for day in np.datetime64(start) + np.arange(n)]


def surely_before(one: str | None, other: str | None) -> bool:
    """By the calendar: the last day of one stands before the first of the other."""
    if not one or not other:
        return False
    earlier, later = (pd.Period(date, {10: "D", 7: "M", 4: "Y"}[len(date)]) for date in (one, other))
    return earlier.end_time < later.start_time


def test_the_ancestor_is_the_nearest_of_those_surely_earlier_whatever_the_precision() -> None:
    rng = np.random.default_rng(0)
    dates = [[None, f"{y}", f"{y}-{m:02}", f"{y}-{m:02}-{d:02}"][p] for y, m, d, p in zip(
        rng.integers(2022, 2025, 150), rng.integers(1, 13, 150), rng.integers(1, 29, 150), rng.integers(0, 4, 150),
        strict=True)]
    papers, vectors = dated(dates), noise(150)
    found = measure(papers, vectors)
    cosine = (vectors @ vectors.T).astype(float).round(6)
    for i, paper in enumerate(papers["paper_id"]):
        earlier = [j for j in range(150) if surely_before(dates[j], dates[i])]
        row = found.loc[paper]
        if dates[i] is None:
            assert row["basis"] == "undated" and pd.isna(row["n_earlier"]) and pd.isna(row["ancestor_id"])
            continue
        assert row["n_earlier"] == len(earlier)
        assert (row["basis"] == "compared") == (len(earlier) >= LEAST)
        if earlier:
            assert row["ancestor_id"] == papers["paper_id"][max(earlier, key=lambda j: (cosine[i, j], -j))]
            assert row["similarity"] == pytest.approx(cosine[i].take(earlier).max(), abs=2e-6)
        else:
            assert pd.isna(row["ancestor_id"]) and pd.isna(row["similarity"])


def test_a_copy_is_at_0_and_a_stranger_at_1() -> None:
    vectors = unit(noise(60) + 3 * np.eye(24)[0])
    vectors[50], vectors[55] = vectors[10], -vectors[0]
    found = measure(dated(days(60)), vectors)
    assert found["novelty"]["p0050"] == 0 and found["ancestor_id"]["p0050"] == "p0010"
    assert found["novelty"]["p0055"] == 1 == found["novelty"].max()
    assert found["novelty"][:LEAST].isna().all() and found["novelty"][LEAST:].between(0, 1).all()


def test_a_copy_of_one_day_is_no_ancestor() -> None:
    vectors = noise(40)
    vectors[39] = vectors[38]
    found = measure(dated([*days(38), "2024-06-01", "2024-06-01"]), vectors)
    assert found["ancestor_id"]["p0039"] not in ("p0038", "p0039")
    assert found["ancestor_id"]["p0038"] == found["ancestor_id"]["p0039"]


def test_many_earlier_papers_make_none_less_novel_by_themselves() -> None:
    """Dates by lot: the nearest earlier paper draws nearer as there are more of them, novelty stays where it is."""
    rng = np.random.default_rng(5)
    vectors = unit(rng.standard_normal((15, 24))[rng.integers(0, 15, 900)] + rng.standard_normal((900, 24)))
    found = measure(dated(days(900)), vectors).dropna(subset="novelty")
    order = np.arange(len(found))
    assert np.corrcoef(order, found["similarity"])[0, 1] > 0.25
    assert abs(np.corrcoef(order, found["novelty"])[0, 1]) < 0.15
    assert found["novelty"].mean() == pytest.approx(0.5, abs=0.01)


def test_the_order_of_the_papers_changes_nothing() -> None:
    papers, vectors = dated([*days(70), *[None] * 5, *["2023"] * 5]), noise(80)
    vectors[60:64] = vectors[3]
    mixed = np.random.default_rng(1).permutation(80)
    one, other = measure(papers, vectors), measure(papers.iloc[mixed].reset_index(drop=True), vectors[mixed])
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize("n_papers", [0, 1, 2, 3])
@pytest.mark.parametrize("date", [None, "2024", "2024-03-01"])
def test_too_few_or_undated_papers_say_so(n_papers: int, date: str | None) -> None:
    found = measure(dated([date] * n_papers), np.eye(24)[:n_papers])
    assert list(found["basis"]) == ["not enough data" if date else "undated"] * n_papers
    assert found["novelty"].isna().all() and found["ancestor_id"].isna().all()


def test_twenty_earlier_papers_are_not_enough_where_few_can_be_ranked() -> None:
    found = measure(dated(days(LEAST + 5)), noise(LEAST + 5))
    assert set(found["basis"]) == {"not enough data"} and found["novelty"].isna().all()
    assert found["ancestor_id"].notna().sum() == LEAST + 4, "an ancestor is a fact all the same"


def test_copies_without_end_are_all_at_0() -> None:
    found = measure(dated(days(60)), np.tile(noise(1), (60, 1)))
    assert (found["novelty"].dropna() == 0).all() and found["ancestor_id"]["p0059"] == "p0000"


def test_of_many_earlier_papers_those_around_a_paper_are_looked_at() -> None:
    """Papers of one day are each other's neighbours, so that the nearest earlier one has to be looked for."""
    rng = np.random.default_rng(0)
    subjects = rng.standard_normal((40, 24))
    vectors = unit(subjects[rng.integers(0, 40, 3000)] * 2 + rng.standard_normal((3000, 24)))
    dates = [days(15)[i // 200] for i in range(3000)]
    papers = dated(dates)
    alike = compute_neighbours(list(papers["paper_id"]), vectors, 8)
    same_day = alike[alike["paper_id"].str[1:].astype(int) // 200 == alike["other_id"].str[1:].astype(int) // 200]
    exact, about = (compute_novelty(papers, vectors, same_day, n).set_index("paper_id") for n in (10_000, 100))
    assert about["ancestor_id"].notna().equals(exact["ancestor_id"].notna())
    assert (about["similarity"] <= exact["similarity"] + 1e-6)[exact["ancestor_id"].notna()].all()
    assert (about["ancestor_id"] == exact["ancestor_id"])[200:].mean() > 0.95
    assert (about["novelty"] - exact["novelty"]).abs().mean() < 0.01
