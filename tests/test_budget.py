"""What any number of papers covers: near the best that can be, above other orders, and counted honestly."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from fake_run import fake_run
from test_reading import coverage, names, placed, planted

from analysis import report
from analysis.reading import compute_reading, cover
from analysis.reading.cover import make_cover
from analysis.schema import PLACEMENTS, Run, empty

NO_THEMES = empty(PLACEMENTS)


def papers_of(n: int, upvotes: list[int | None] | None = None, dates: list[str | None] | None = None) -> pd.DataFrame:
    dates = dates or [None] * n
    return pd.DataFrame({
        "paper_id": names(n), "published": pd.Series(dates, dtype="str"),
        "published_precision": ["day" if date else "none" for date in dates],
        "upvotes": pd.Series(upvotes or [None] * n, dtype="Int64")})


def curve(budget: pd.DataFrame, way: str = "best cover") -> np.ndarray:
    return budget.loc[budget["way"] == way].sort_values("n_read")["covered"].to_numpy()


@pytest.mark.parametrize("seed", range(6))
def test_the_choice_reaches_its_part_of_the_best_there_is(seed: int) -> None:
    rng = np.random.default_rng(seed)
    vectors, _ = planted(list(rng.integers(1, 4, 6)), spread=0.25, seed=seed, d=8)
    n = len(vectors)
    budget = compute_reading(papers_of(n), vectors, NO_THEMES, 0)[1]
    for k in (1, 2, 3):
        best = max(coverage(vectors, np.array(picked)) for picked in combinations(range(n), k))
        assert curve(budget)[k - 1] >= (1 - 1 / np.e) * best - 1e-6
        assert curve(budget)[k - 1] <= best + 1e-5


def test_the_curve_rises_ever_more_slowly_to_all() -> None:
    vectors, where = planted([20, 15, 10, 3], spread=0.2)
    reading, budget, basis = compute_reading(papers_of(48), vectors, placed(names(48), where), 0)
    steps = np.diff(curve(budget), prepend=0)
    assert (steps > 0).all() and (np.diff(steps) <= 1e-6).all()
    assert curve(budget)[-1] == pytest.approx(1, abs=1e-5) and basis == "chosen from all papers"
    assert np.allclose(curve(budget)[: len(reading)], reading["covered"], atol=1e-5)
    assert list(budget.loc[budget["way"] == "best cover", "paper_id"]) == list(reading["paper_id"])


def test_each_order_is_what_it_says_and_none_is_above_the_choice() -> None:
    vectors, _ = planted([30, 12, 9, 5, 2, 1, 1], spread=0.15)
    rng = np.random.default_rng(0)
    order = rng.permutation(60)
    upvotes = [int(vote) if vote % 4 else None for vote in order]
    dates = [f"2024-{1 + day // 28:02}-{1 + day % 28:02}" if day % 5 else None for day in rng.permutation(60)]
    budget = compute_reading(papers_of(60, upvotes, dates), vectors, NO_THEMES, 0)[1]
    votes = pd.Series(upvotes, index=names(60), dtype=float)
    when = pd.Series(dates, index=names(60))
    for way, values in (("most upvoted", votes), ("newest first", when)):
        read = budget.loc[budget["way"] == way, "paper_id"]
        known = values[values.notna()].sort_values(ascending=False)
        assert list(read)[: len(known)] == list(known.index), "those without one come last"
        first = read.head(7).str[1:].astype(int).to_numpy()
        assert curve(budget, way)[6] == pytest.approx(coverage(vectors, first), abs=1e-4)
    for k in (2, 4, 7, 15):
        row = budget[budget["n_read"] == k].set_index("way")["covered"]
        assert row.drop("best cover").max() < row["best cover"], k
    drawn = budget[budget["way"] == "at random"]
    assert (drawn["covered_low"] <= drawn["covered"]).all() and (drawn["covered"] <= drawn["covered_high"]).all()
    mean = np.mean([coverage(vectors, rng.choice(60, 5, replace=False)) for _ in range(400)])
    assert curve(budget, "at random")[4] == pytest.approx(mean, abs=0.05)


def test_no_order_is_made_up() -> None:
    vectors, _ = planted([5, 5])
    budget = compute_reading(papers_of(10), vectors, NO_THEMES, 0)[1]
    assert set(budget["way"]) == {"best cover", "at random"}


@pytest.mark.parametrize("n_papers", [0, 1, 2, 3])
def test_the_smallest_corpora(n_papers: int) -> None:
    reading, budget, _ = compute_reading(papers_of(n_papers), np.eye(4)[:n_papers], NO_THEMES, 0)
    assert list(reading["rank"]) == list(range(1, n_papers + 1))
    assert np.allclose(curve(budget), np.arange(1, n_papers + 1) / max(n_papers, 1))
    assert np.allclose(curve(budget), curve(budget, "at random"))


def test_copies_are_read_once() -> None:
    reading, budget, _ = compute_reading(papers_of(6), np.tile(np.eye(4)[0], (6, 1)), NO_THEMES, 0)
    assert list(reading["paper_id"]) == ["p00000"] and list(curve(budget)) == [1.0]


def test_the_order_of_the_papers_changes_nothing() -> None:
    vectors, where = planted([20, 15, 10, 3], spread=0.2)
    dates = [f"2024-03-{1 + i % 9:02}" for i in range(48)]
    papers, mixed = papers_of(48, list(range(48)), dates), np.random.default_rng(3).permutation(48)
    one = compute_reading(papers, vectors, placed(names(48), where), 0)
    other = compute_reading(papers.iloc[mixed], vectors[mixed], placed(names(48), where).sample(frac=1), 0)
    pd.testing.assert_frame_equal(one[0], other[0])
    pd.testing.assert_frame_equal(one[1], other[1])


def test_a_choice_from_a_part_loses_little_and_is_counted_on_all() -> None:
    vectors, where = planted([300, 200, 150, 100, 80, 60, 40, 30, 20, 20], spread=0.1)
    n, themes = len(vectors), placed(names(1000), where)
    whole = compute_reading(papers_of(n), vectors, themes, 0)[1]
    reading, part, basis = compute_reading(papers_of(n), vectors, themes, 0, choose_from=250)
    assert "250 of 1,000 papers, drawn by lot" in basis
    for k in (5, 10, 30):
        assert 0.95 * curve(whole)[k - 1] <= curve(part)[k - 1] <= curve(whole)[k - 1] + 1e-6
    assert curve(part)[: len(reading)] == pytest.approx(reading["covered"].to_numpy(), abs=1e-4)


@pytest.mark.parametrize("room", [0, 300, cover.MOST_KEPT])
def test_what_is_kept_is_what_is_measured(room: int, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, where = planted([20, 15, 10, 3], spread=0.2)
    themes, rows = placed(names(48), where), np.array([3, 41, 7])
    vectors[41] = vectors[2]  # of other themes, and the same
    dense = np.zeros((3, 48))
    for number, row in enumerate(rows):
        close = np.maximum(vectors @ vectors[row] - 0.1, 0) / 0.9 * (where == where[row])
        dense[number] = np.where((vectors == vectors[row]).all(axis=1), 1, close)
    whole = compute_reading(papers_of(48), vectors, themes, 0)
    monkeypatch.setattr(cover, "MOST_KEPT", room)
    monkeypatch.setattr(cover, "_CELLS", 100)
    some = make_cover(np.array(names(48)), vectors, themes, 0.1)
    for _ in range(2):
        told = np.zeros((3, 48))
        for number, (columns, values) in enumerate(some.covered(rows)):
            told[number, columns] = values
        assert np.allclose(told, dense, atol=1e-6)
    again = compute_reading(papers_of(48), vectors, themes, 0)
    pd.testing.assert_frame_equal(whole[0], again[0])
    pd.testing.assert_frame_equal(whole[1], again[1])


def said(run: Run, **tables: pd.DataFrame) -> str:
    return report.reading.reading_sentence(Run(run.run_id, run.manifest, run.tables | tables))


def test_the_sentence_says_what_the_table_holds() -> None:
    run = fake_run(60, 8)
    assert said(run) == (
        "Read these 7 of 60 papers, and you have covered 19\u00a0% of the feed. The 7 newest cover 12\u00a0%, the 7 "
        "most upvoted cover 13\u00a0% and 7 drawn by lot cover 10\u00a0% on average (8\u00a0% to 12\u00a0%). Half "
        "of it takes 23 papers.")
    no_votes = said(run, budget=run.budget[run.budget["way"] != "most upvoted"])
    assert "upvoted" not in no_votes and "The 7 newest cover" in no_votes
    few = run.budget[run.budget["n_read"] <= 10]
    assert said(run, budget=few).endswith("Not even 10 of them cover half of it; they come to 26\u00a0%.")
    assert said(fake_run(3, 1)) == "With 3 papers there is nothing to choose: read them."
    assert said(fake_run(0, 0)) == "There is no paper to read."


def test_every_ranked_paper_stands_with_its_reason() -> None:
    run = fake_run(60, 8)
    html = report.to_read(run).html
    titles = run.papers.set_index("paper_id")["title"]
    assert html.count("<li>") == 7
    assert all(titles[row.paper_id] in html and row.reasons in html for row in run.reading.head(7).itertuples())


def test_the_least_expected_paper_stands_first_beside_its_ancestor() -> None:
    run = fake_run(60, 8)
    html = report.novel(run).html
    first = run.novelty.sort_values("novelty", ascending=False).iloc[0]
    titles = run.papers.set_index("paper_id")["title"]
    assert html.index(titles[first["paper_id"]]) < html.index(titles[first["ancestor_id"]])
    undated = int(run.papers["published"].isna().sum())
    assert f"{undated} papers without a date" in html
    assert "No paper can be held against earlier ones" in report.novel(fake_run(5, 2)).html


def test_a_hidden_theme_is_connected_to_nothing() -> None:
    run = fake_run(60, 8)
    key = run.bridges["theme_key"].iloc[0]
    name = run.themes.set_index("theme_key").loc[key, "name"]
    assert f">{name}</a>" in report.bridges(run).html
    hidden = run.themes.assign(hidden=run.themes["theme_key"] == key)
    assert f">{name}</a>" not in report.bridges(Run(run.run_id, run.manifest, run.tables | {"themes": hidden})).html
