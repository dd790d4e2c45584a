"""NOVELTY: how unlike each paper is to all that surely appeared before it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.neighbours.search import DECIMALS
from analysis.schema import NOVELTY, check
from analysis.trends.periods import read_days

LEAST = 20
"""Earlier papers below which a paper is not called novel, and papers below which none is ranked among the others."""

_SAMPLE = 1000
"""Papers whose pairs tell how rare a similarity is."""

_CELLS = 2**22
"""Similarities held at once: 16 MB."""


def compute_novelty(papers: pd.DataFrame, vectors: np.ndarray, neighbours: pd.DataFrame) -> pd.DataFrame:
    """Return NOVELTY: each paper's nearest earlier paper, and how far even that one is from it.

    A paper counts as earlier only where the dates leave no doubt: a paper of 2023 is earlier than one of March 2024,
    and neither of two papers of one day, or of March 2024 and of 2024, is earlier than the other.

    The nearest of many papers is nearer than the nearest of few, so cosines cannot be compared as they stand. Each is
    turned into the chance that as many papers as are earlier, drawn by lot, would hold one so near, from how rare such
    a cosine is among pairs of the feed; novelty is the part of the other papers for which that chance is lower.

    Parameters
    ----------
    papers : DataFrame
        PAPERS.
    vectors : float array of shape (n_papers, n_dimensions)
        Unit rows, in the order of `papers`.
    neighbours : DataFrame
        NEIGHBOURS: the nearest earlier paper is looked up there, and among all earlier ones where none stands there.

    Returns
    -------
    DataFrame
        NOVELTY, by paper_id. The order of the papers does not change it. Below `LEAST` earlier papers, or `LEAST`
        papers to be ranked, there is an ancestor and no novelty.
    """
    by_id = papers["paper_id"].argsort(kind="stable").to_numpy()
    papers = papers.iloc[by_id].reset_index(drop=True)
    space = np.asarray(vectors, dtype=np.float32)[by_id]
    first, last = _date_bounds(papers)
    n_earlier = np.searchsorted(np.sort(last[~np.isnat(last)]), first)
    n_earlier[np.isnat(first)] = 0
    ancestor, cosine = _find_ancestors(papers["paper_id"], space, neighbours, first, last)
    compared = n_earlier >= LEAST
    compared &= compared.sum() >= LEAST
    novelty = np.full(len(papers), np.nan)
    novelty[compared] = _rank(_chance(space, cosine[compared], n_earlier[compared]), cosine[compared])
    dated, found = ~np.isnat(first), ancestor >= 0
    ids = papers["paper_id"].to_numpy(dtype=object)
    return check(pd.DataFrame({
        "paper_id": papers["paper_id"],
        "novelty": novelty,
        "ancestor_id": pd.Series(np.where(found, ids[ancestor], None), dtype="str"),
        "similarity": np.where(found, cosine, np.nan),
        "n_earlier": pd.Series(n_earlier, dtype="Int64").where(pd.Series(dated)),
        "basis": np.select([~dated, compared], ["undated", "compared"], "not enough data"),
    }), NOVELTY)


def _date_bounds(papers: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the first and the last day on which each paper may have appeared; NaT where it is undated."""
    first = read_days(papers).to_numpy().astype("datetime64[D]")
    last = first.copy()
    for precision, unit in (("month", "datetime64[M]"), ("year", "datetime64[Y]")):
        coarse = (papers["published_precision"] == precision).to_numpy()
        last[coarse] = (first[coarse].astype(unit) + 1).astype("datetime64[D]") - 1
    return first, last


def _find_ancestors(
    ids: pd.Series, space: np.ndarray, neighbours: pd.DataFrame, first: np.ndarray, last: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the row of each paper's nearest earlier paper, -1 where there is none, and their cosine."""
    ancestor, cosine = np.full(len(ids), -1), np.full(len(ids), np.nan)
    index = pd.Index(ids)
    one, other = index.get_indexer(neighbours["paper_id"]), index.get_indexer(neighbours["other_id"])
    known = last[other] < first[one]  # false where either is undated
    rows, at = np.unique(one[known], return_index=True)
    ancestor[rows] = other[known][at]
    cosine[rows] = neighbours["similarity"].to_numpy()[known][at]
    # Where no neighbour is earlier, all earlier papers are looked at: those that come first by their last day.
    by_last = np.argsort(last, kind="stable")
    by_last = by_last[: int((~np.isnat(last)).sum())]
    n_earlier = np.searchsorted(last[by_last], first)
    left = np.flatnonzero((ancestor < 0) & (n_earlier > 0) & ~np.isnat(first))
    left = left[np.argsort(n_earlier[left], kind="stable")]
    while len(left):
        part = left[: max(_CELLS // int(n_earlier[left[0]]), 1)]
        part = part[n_earlier[part] <= 2 * n_earlier[part[0]]]
        left = left[len(part):]
        earlier = by_last[: n_earlier[part[-1]]]
        near = (space[part] @ space[earlier].T).astype(np.float64).round(DECIMALS)
        near[np.arange(len(earlier)) >= n_earlier[part][:, None]] = -np.inf
        best = near.max(axis=1)
        ancestor[part] = np.where(near == best[:, None], earlier, len(ids)).min(axis=1)  # the lesser paper_id of equals
        cosine[part] = best.clip(-1, 1)
    return ancestor, cosine


def _chance(space: np.ndarray, cosine: np.ndarray, n_earlier: np.ndarray) -> np.ndarray:
    """Return how likely so many papers drawn by lot hold one at least as near: 1 − (1 − rarity) ** n_earlier."""
    rows = space[np.linspace(0, len(space) - 1, min(len(space), _SAMPLE)).astype(int)] if len(space) else space
    pairs = np.sort((rows @ rows.T).astype(np.float64).round(DECIMALS)[np.triu_indices(len(rows), 1)])
    rarer = len(pairs) - np.searchsorted(pairs, cosine)
    return -np.expm1(n_earlier * np.log1p(-(rarer + 0.5) / (len(pairs) + 1.0)))


def _rank(chance: np.ndarray, cosine: np.ndarray) -> np.ndarray:
    """Return the part of the other papers that are surely less novel: lower by chance, and by cosine where that ties.

    Equal papers are not above each other, so copies of what came before are at 0 together.
    """
    order = np.lexsort((-cosine, chance))
    ordered = np.column_stack([chance, cosine])[order]
    new = np.r_[True, (ordered[1:] != ordered[:-1]).any(axis=1)] if len(order) else np.zeros(0, dtype=bool)
    below = np.empty(len(order))
    below[order] = np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))
    return below / max(len(order) - 1, 1)
