"""TRENDS: the share of each theme in each period, with an interval."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from analysis.schema import TRENDS, SchemaError, check, empty
from analysis.trends import periods as calendar
from analysis.trends.noise import estimate_noise
from analysis.trends.upvotes import upvote_shares

LEVEL = 0.95
UPVOTE_COLUMNS = ("upvote_share", "upvote_low", "upvote_high")
_Z = float(special.ndtri((1 + LEVEL) / 2))


def compute_trends(
    papers: pd.DataFrame,
    placements: pd.DataFrame,
    themes: pd.DataFrame,
    period: str = "auto",
    as_of: str | None = None,
) -> pd.DataFrame:
    """Return TRENDS: one row a theme and period, from the first period with a paper to the one that holds `as_of`.

    A theme's count is the papers whose primary placement is there, or in a theme below it, with tier core or member.
    The denominator is all dated papers of the period, loose ones too, so shares and the loose remainder sum to 1.

    Parameters
    ----------
    papers, placements, themes : DataFrame
        PAPERS, PLACEMENTS, THEMES. Undated papers, and papers dated too coarsely for the width, are in no period:
        `count_undated` and `count_too_coarse` say how many.
    period : str
        ``day``, ``week``, ``month``, ``quarter``, ``year``, or ``auto``: see `analysis.trends.periods.choose_width`.
    as_of : str or None
        Last day the feed knows about. None: the newest date. Its period is partial unless this is its last day;
        papers of later periods are left out.

    Returns
    -------
    DataFrame
        TRENDS, by theme and period. Empty where no paper is dated finely enough.

    Raises
    ------
    InputError
        `period` or `as_of` is not one of the expected.
    SchemaError
        A placement names a paper or a theme that is not there.
    """
    grid = calendar.make_grid(papers, period, as_of)
    placed = primary_papers(placements, themes)
    paper = pd.Index(papers["paper_id"]).get_indexer(placed["paper_id"])
    if (paper < 0).any():
        raise SchemaError(f"placements name paper {placed.loc[paper < 0, 'paper_id'].iloc[0]!r}, which papers lack")
    if not grid.labels:
        return empty(TRENDS)
    theme_keys = themes["theme_key"].sort_values(ignore_index=True)
    row = pd.Index(theme_keys).get_indexer(placed["theme_key"])
    counts, totals = count_cells(row, grid.number[paper], (len(theme_keys), len(grid.labels))), grid.totals
    done = ~grid.is_partial
    noise = estimate_noise(counts[:, done], totals[done])
    low, high = share_interval(counts, totals, noise[:, None])
    by_upvotes = upvote_shares(papers, grid.number, (paper, row), counts.shape, noise)
    with np.errstate(invalid="ignore"):
        share = counts / totals
    frame = pd.DataFrame(
        {
            "theme_key": theme_keys.repeat(len(grid.labels)).array,
            "period": pd.array(grid.labels * len(theme_keys), dtype="str"),
            "n_papers": counts.ravel(),
            "n_total": np.tile(totals, len(theme_keys)),
            "share": share.ravel(),
            "share_low": low.ravel(),
            "share_high": high.ravel(),
            **{name: table.ravel() for name, table in zip(UPVOTE_COLUMNS, by_upvotes, strict=True)},
            "is_partial": np.tile(grid.is_partial, len(theme_keys)),
        }
    )
    return check(frame, TRENDS)


def count_cells(row: np.ndarray, column: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    """Return how often each (row, column) occurs, as a table of `shape`; pairs with a negative member are left out."""
    there = (row >= 0) & (column >= 0)
    cell = row[there] * shape[1] + column[there]
    return np.bincount(cell, minlength=shape[0] * shape[1]).reshape(shape)


def primary_papers(placements: pd.DataFrame, themes: pd.DataFrame) -> pd.DataFrame:
    """Return (paper_id, theme_key): each paper's primary theme unless loose, its fine theme, and every theme above.

    Raises
    ------
    SchemaError
        A placement names a theme that `themes` lacks, or the tree of themes runs in a circle.
    """
    firm = placements.loc[(placements["rank"] == 1) & (placements["tier"] != "loose"), ["paper_id", "theme_key"]]
    unknown = ~firm["theme_key"].isin(themes["theme_key"])
    if unknown.any():
        raise SchemaError(f"placements name theme {firm.loc[unknown, 'theme_key'].iloc[0]!r}, which themes lack")
    parent = themes.set_index("theme_key")["parent_key"].dropna()
    finer = placements.loc[firm.index].dropna(subset="fine_key")
    steps, step = [finer[["paper_id", "fine_key"]].set_axis(firm.columns, axis=1), firm], firm
    while len(step := step.assign(theme_key=step["theme_key"].map(parent)).dropna(subset="theme_key")):
        steps.append(step)
        if len(steps) > len(themes) + 1:
            raise SchemaError("themes: parent_key runs in a circle")
    return pd.concat(steps).drop_duplicates(ignore_index=True)


def share_interval(counts: np.ndarray, totals: np.ndarray, noise: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the 95 % interval of each share, nan where the period has no paper.

    Jeffreys' interval of a binomial share, widened on the log-odds by the theme's noise, as two independent errors
    add. A share of 0 keeps 0 as its lower end, and a share of 1 keeps 1 as its upper end.

    References
    ----------
    Brown, L. D., Cai, T. T., DasGupta, A. (2001), doi:10.1214/ss/1009213286.
    """
    counts, totals = np.broadcast_arrays(np.asarray(counts, dtype=float), np.asarray(totals, dtype=float))
    a, b = counts + 0.5, totals - counts + 0.5
    middle = special.logit(a / (a + b))
    extra = (_Z * np.asarray(noise)) ** 2
    tail = (1 - LEVEL) / 2
    low = special.expit(middle - np.hypot(middle - special.logit(special.betaincinv(a, b, tail)), np.sqrt(extra)))
    high = special.expit(middle + np.hypot(special.logit(special.betaincinv(a, b, 1 - tail)) - middle, np.sqrt(extra)))
    low, high = np.where(counts == 0, 0.0, low), np.where(counts == totals, 1.0, high)
    return np.where(totals > 0, low, np.nan), np.where(totals > 0, high, np.nan)


def count_undated(papers: pd.DataFrame) -> int:
    """Return how many papers carry no date at all; they are in no period."""
    return int(calendar.read_days(papers).isna().sum())


def count_too_coarse(papers: pd.DataFrame, trends: pd.DataFrame) -> int:
    """Return how many dated papers are in no period of `trends` since their date is coarser than its periods."""
    dated = calendar.read_days(papers).notna()
    if trends.empty:
        return int(dated.sum())
    fine = papers["published_precision"].isin(calendar.FINE_ENOUGH[calendar.width_of(trends["period"].iloc[0])])
    return int((dated & ~fine).sum())
