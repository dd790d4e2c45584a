"""READING and BUDGET of a run: what to read of the whole feed, and how much of it any number of papers covers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.reading.choose import choose_rows, reading_table
from analysis.reading.cover import Cover, make_cover, sorted_ids, usual_similarity
from analysis.schema import BUDGET, check
from analysis.trends.periods import surely_by

MOST_READ = 100
"""Papers at which the curve ends, where there are more."""

CHOOSE_FROM = 12_000
"""Most papers to choose from. Of more, so many are drawn; what the chosen ones cover is counted on all."""

N_ORDERS = 40
"""Orders drawn at random."""

_TAIL = 1 / 40


def compute_reading(
    papers: pd.DataFrame, vectors: np.ndarray, placements: pd.DataFrame, random_state: int,
    choose_from: int = CHOOSE_FROM,
) -> tuple[pd.DataFrame, pd.DataFrame, str]:
    """Return what to read of the whole feed, and what it covers beside reading it in other orders.

    Parameters
    ----------
    papers : DataFrame
        PAPERS.
    vectors : float array of shape (n_papers, n_dimensions)
        Unit rows, in the order of `papers`.
    placements : DataFrame
        PLACEMENTS.
    random_state : int
        Seed of the random orders, and of the draw where there are many papers.
    choose_from : int
        Most papers that the choice is made from, which takes time and no memory quadratic in them.

    Returns
    -------
    reading : DataFrame
        READING, over all papers: up to `MOST_READ`, chosen as by `choose_reading`.
    budget : DataFrame
        BUDGET: that order, newest first (where any paper is dated), most upvoted (where any has upvotes), and the
        mean of `N_ORDERS` random orders. Papers that an order cannot tell apart stand by paper_id, those without date
        or upvotes last.
    basis : str
        What the choice was made from, in words.
    """
    ids, order = sorted_ids(papers["paper_id"])
    papers, vectors = papers.iloc[order].reset_index(drop=True), np.asarray(vectors)[order]
    cover, n = make_cover(ids, vectors, placements, usual_similarity(vectors)), len(ids)
    rng = np.random.default_rng(random_state)
    most = min(MOST_READ, n)
    if n > choose_from:
        drawn = np.sort(rng.choice(n, choose_from, replace=False))
        rows = list(drawn[choose_rows(cover.take(drawn), most)])
        basis = f"chosen from {choose_from:,} of {n:,} papers, drawn by lot; what they cover is counted on all"
    else:
        rows, basis = choose_rows(cover, most), "chosen from all papers"
    orders = {"best cover": rows}
    if papers["published"].notna().any():
        orders["newest first"] = _first(surely_by(papers), most)
    if papers["upvotes"].notna().any():
        orders["most upvoted"] = _first(papers["upvotes"], most)
    parts = [pd.DataFrame({"way": way, "n_read": range(1, len(own) + 1), "paper_id": ids[own],
                           "covered": _curve(cover, own)}) for way, own in orders.items()]
    if n:
        drawn = np.array([_curve(cover, rng.permutation(n)[:most]) for _ in range(N_ORDERS)])
        low, high = np.quantile(drawn, [_TAIL, 1 - _TAIL], axis=0)
        parts.append(pd.DataFrame({"way": "at random", "n_read": range(1, most + 1), "covered": drawn.mean(axis=0),
                                   "covered_low": low, "covered_high": high}))
    budget = pd.concat(parts).reindex(columns=BUDGET.column_names)
    return reading_table(ids, cover, rows, "paper"), check(budget, BUDGET), basis


def _first(values: pd.Series, most: int) -> list[int]:
    """Return the rows of the greatest values, the first of equals first, those without a value last."""
    return list(values.sort_values(ascending=False, kind="stable", na_position="last").index[:most])


def _curve(cover: Cover, rows: Sequence[int] | np.ndarray) -> np.ndarray:
    """Return the part of all papers that the first of `rows` cover, for each number of them."""
    covered, best = np.zeros(len(rows)), np.zeros(len(cover), dtype=np.float32)
    for number, (columns, values) in enumerate(cover.covered(rows)):
        best[columns] = np.maximum(best[columns], values)
        covered[number] = best.mean(dtype=np.float64)
    return covered
