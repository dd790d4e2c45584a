"""TOGETHER: pairs of themes that meet in a paper for the first time."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.schema import SEPARATOR, TOGETHER, check, empty
from analysis.trends import periods as calendar
from analysis.trends.growth import LEAST_PERIODS

LEAST_STRENGTH = 0.3
"""Strength with which a paper sits in both themes."""

LEAST_BEFORE = 3
"""Papers that each theme had before."""


def compute_together(
    papers: pd.DataFrame, placements: pd.DataFrame, themes: pd.DataFrame, period: str = "auto",
    as_of: str | None = None,
) -> pd.DataFrame:
    """Return TOGETHER: pairs of themes that share a paper in the latest complete periods and never did before.

    Both themes had papers before. An undated paper in both might be the earlier one, so it keeps a pair out. Pairs
    stand by surprise: how unlikely so many common papers would be, were the themes of now's papers independent.

    Parameters
    ----------
    papers, placements, themes : DataFrame
        PAPERS, PLACEMENTS, THEMES.
    period, as_of : str
        As for `analysis.trends.compute_trends`.

    Returns
    -------
    DataFrame
        TOGETHER, most surprising first; empty where fewer than four periods are complete.
    """
    grid = calendar.make_grid(papers, period, as_of)
    if grid.n_complete < LEAST_PERIODS:
        return empty(TOGETHER)
    from scipy.stats import hypergeom  # takes half a second to import, which other processes would wait for

    middle = calendar.split_recent(grid.width, grid.n_complete)[1]
    now = (grid.number >= middle) & (grid.number < grid.n_complete)
    before = (grid.number < middle) & (grid.number >= 0)
    keys = themes["theme_key"].sort_values(ignore_index=True)
    holds = _membership(papers, placements, keys)
    met, met_else = ((holds[rows].T @ holds[rows]).toarray() for rows in (now, before | (grid.number < 0)))
    size, size_before = met.diagonal(), np.asarray(holds[before].sum(axis=0)).ravel()
    there = size_before >= LEAST_BEFORE
    one, other = np.nonzero(np.triu((met > 0) & (met_else == 0) & there & there[:, None], 1))
    common, a, b = met[one, other], size[one], size[other]
    days, paper_ids = calendar.surely_by(papers), papers["paper_id"].to_numpy()
    order = np.lexsort((paper_ids, days.to_numpy()))
    order = order[now[order]]
    columns = holds[order].tocsc()
    shared = [paper_ids[order[np.sort((columns[:, [i]] * columns[:, [j]]).nonzero()[0])]]
              for i, j in zip(one, other, strict=True)]
    frame = pd.DataFrame({
        "theme_key": keys.to_numpy()[one], "other_key": keys.to_numpy()[other],
        "first_period": [grid.labels[grid.number[np.flatnonzero(paper_ids == own[0])[0]]] for own in shared],
        "n_papers": common, "expected": a * b / max(now.sum(), 1),
        "surprise": -hypergeom.logsf(common - 1, now.sum(), a, b) / np.log(2),
        "paper_ids": [SEPARATOR.join(own) for own in shared],
    })
    frame["surprise"] = frame["surprise"].clip(lower=0)
    return check(frame.sort_values(["surprise", "theme_key", "other_key"], ascending=[False, True, True]), TOGETHER)


def _membership(papers: pd.DataFrame, placements: pd.DataFrame, keys: pd.Series) -> sparse.csr_array:
    """Return who sits firmly in which theme, as a 0/1 table of shape (n_papers, n_themes)."""
    firm = placements[(placements["strength"] >= LEAST_STRENGTH) & (placements["tier"] != "loose")]
    row = pd.Index(papers["paper_id"]).get_indexer(firm["paper_id"])
    cells = (np.ones(len(firm), dtype=int), (row, pd.Index(keys).get_indexer(firm["theme_key"])))
    return sparse.coo_array(cells, shape=(len(papers), len(keys))).tocsr()
