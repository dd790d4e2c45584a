"""SHARES_BY: shares of themes within each venue or source, to see whether a theme rises everywhere."""

from __future__ import annotations

import pandas as pd

from analysis.schema import SHARES_BY, InputError, check, empty
from analysis.trends import periods as calendar
from analysis.trends.shares import UPVOTE_COLUMNS, compute_trends

FACETS = ("source", "venue")


def shares_by(
    papers: pd.DataFrame, placements: pd.DataFrame, themes: pd.DataFrame, by: str = "source", period: str = "auto",
    as_of: str | None = None, n_values: int = 6,
) -> pd.DataFrame:
    """Return SHARES_BY: each theme's share of the papers of each venue or source, by period.

    Parameters
    ----------
    papers, placements, themes : DataFrame
        PAPERS, PLACEMENTS, THEMES.
    by : str
        ``source`` or ``venue``.
    period, as_of : str
        As for `compute_trends`, and chosen for all papers together.
    n_values : int
        Venues or sources to show: those with the most papers in periods. Papers without one are left out.

    Raises
    ------
    InputError
        `by` is no facet.
    """
    if by not in FACETS:
        raise InputError(f"by is {by!r}, expected one of {', '.join(FACETS)}")
    grid = calendar.make_grid(papers, period, as_of)
    last_day = calendar.read_as_of(as_of, calendar.read_days(papers))
    sizes = papers.loc[grid.number >= 0, by].dropna().value_counts()
    largest = sorted(sizes.index, key=lambda value: (-sizes[value], value))[:n_values]
    tables = []
    for value in largest:
        own = papers[papers[by] == value]
        placed = placements[placements["paper_id"].isin(own["paper_id"])]
        table = compute_trends(own.drop(columns="upvotes").assign(upvotes=pd.NA), placed, themes, grid.width,
                               str(last_day))
        tables.append(table.drop(columns=list(UPVOTE_COLUMNS)).assign(facet=by, value=value))
    return check(pd.concat(tables), SHARES_BY) if tables else empty(SHARES_BY)
