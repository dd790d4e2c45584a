"""NOVELTY: how unlike each paper is to all that surely appeared before it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.neighbours.search import DECIMALS, EXACT_UP_TO
from analysis.schema import NOVELTY, check
from analysis.themes.graph import take_largest
from analysis.trends.periods import read_days

LEAST = 20
"""Earlier papers below which a paper is not called novel, and papers below which none is ranked among the others."""

_SAMPLE = 1000
"""Papers whose pairs tell how rare a similarity is."""

_CELLS = 2**22
"""Similarities held at once: 16 MB."""

_PIVOTS_PER_ROOT, _N_PROBED = 4, 48
"""Papers by which a large feed is parted into regions, for each square root of its papers, and the regions looked at
for a paper: those of its nearest pivots."""


def compute_novelty(
    papers: pd.DataFrame, vectors: np.ndarray, neighbours: pd.DataFrame, exact_up_to: int = EXACT_UP_TO,
) -> pd.DataFrame:
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
    exact_up_to : int
        Earlier papers up to which all of them are looked at; of more, those around the paper.

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
    by_last, n_earlier = _order_earlier(first, last)
    ancestor, cosine = _find_ancestors(
        papers["paper_id"], space, neighbours, first, last, by_last, n_earlier, exact_up_to)
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


def _order_earlier(first: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of dated papers by their last day, and how many of them are surely earlier than each paper."""
    by_last = np.argsort(last, kind="stable")[: int((~np.isnat(last)).sum())]
    n_earlier = np.searchsorted(last[by_last], first)
    n_earlier[np.isnat(first)] = 0
    return by_last, n_earlier


def _find_ancestors(
    ids: pd.Series, space: np.ndarray, neighbours: pd.DataFrame, first: np.ndarray, last: np.ndarray,
    by_last: np.ndarray, n_earlier: np.ndarray, exact_up_to: int,
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
    left = np.flatnonzero((ancestor < 0) & (n_earlier > 0))
    many = n_earlier[left] > exact_up_to
    few, rest = left[~many], left[many]
    ancestor[few], cosine[few] = _look_at_all(space, few, by_last, n_earlier)
    ancestor[rest], cosine[rest] = _look_around(space, rest, by_last, n_earlier, exact_up_to)
    return ancestor, cosine


def _look_at_all(
    space: np.ndarray, rows: np.ndarray, by_last: np.ndarray, n_earlier: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the nearest of all earlier papers, and its cosine, of the papers in `rows`."""
    ancestor, cosine = np.full(len(rows), -1), np.full(len(rows), np.nan)
    left = np.argsort(n_earlier[rows], kind="stable")
    while len(left):
        n = n_earlier[rows[left]]
        part = left[: max(_CELLS // int(n[0]), 1)]
        part = part[n[: len(part)] <= 2 * n[0]]
        left = left[len(part):]
        earlier = by_last[: n_earlier[rows[part[-1]]]]
        near = (space[rows[part]] @ space[earlier].T).astype(np.float64).round(DECIMALS)
        near[np.arange(len(earlier)) >= n_earlier[rows[part]][:, None]] = -np.inf
        best = near.max(axis=1)
        ancestor[part] = np.where(near == best[:, None], earlier, len(space)).min(axis=1)  # the lesser of equals
        cosine[part] = best.clip(-1, 1)
    return ancestor, cosine


def _look_around(
    space: np.ndarray, rows: np.ndarray, by_last: np.ndarray, n_earlier: np.ndarray, exact_up_to: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return about the same, at a cost that grows as n ** 1.5: only papers around a paper are looked at.

    Some papers are pivots, and each paper stands in the region of its nearest one. The earlier papers in the regions of
    a paper's nearest pivots are looked at (an inverted file; Jégou, Douze, Schmid, 2011, doi:10.1109/TPAMI.2010.57);
    where none of them is earlier, as many earlier ones as may be looked at, spread over them all.
    """
    ancestor, cosine = np.full(len(rows), -1), np.full(len(rows), -np.inf)
    if not len(rows):
        return ancestor, cosine
    n_pivots = min(int(_PIVOTS_PER_ROOT * len(space) ** 0.5), len(space))
    pivots = space[np.linspace(0, len(space) - 1, n_pivots).astype(int)]
    place = np.empty(len(space), dtype=np.int64)  # how early each paper is
    place[by_last] = np.arange(len(by_last))
    members = _split(_nearest(space[by_last], pivots, 1), n_pivots)
    asking = _split(_nearest(space[rows], pivots, min(_N_PROBED, n_pivots)), n_pivots)
    for who, inside in zip(asking, (np.sort(by_last[member]) for member in members), strict=True):
        if not len(inside):
            continue
        size = max(_CELLS // len(inside), 1)
        for part in (who[start:start + size] for start in range(0, len(who), size)):
            near = space[rows[part]] @ space[inside].T
            near[place[inside] >= n_earlier[rows[part]][:, None]] = -np.inf
            at = near.argmax(axis=1)
            best, lesser = near[np.arange(len(part)), at].astype(np.float64).round(DECIMALS), inside[at]
            better = (best > cosine[part]) | ((best == cosine[part]) & (lesser < ancestor[part]) & np.isfinite(best))
            cosine[part[better]], ancestor[part[better]] = best[better], lesser[better]
    alone = np.flatnonzero(ancestor < 0)
    step = -(-len(by_last) // exact_up_to)
    ancestor[alone], cosine[alone] = _look_at_all(space, rows[alone], by_last[::step], -(-n_earlier // step))
    return ancestor, cosine.clip(-1, 1)


def _nearest(space: np.ndarray, pivots: np.ndarray, n: int) -> np.ndarray:
    """Return the `n` nearest pivots of each paper."""
    parts = [take_largest(space[start:start + 1024] @ pivots.T, n)[0] for start in range(0, len(space), 1024)]
    return np.concatenate(parts)


def _split(regions: np.ndarray, n_regions: int) -> list[np.ndarray]:
    """Return the rows that name each region, of a table with one or more regions a row."""
    rows = np.argsort(regions, axis=None, kind="stable") // regions.shape[1]
    return np.split(rows, np.bincount(regions.ravel(), minlength=n_regions).cumsum()[:-1])


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
