"""Feeds with a known answer."""

import numpy as np
import pandas as pd

from analysis.schema import PAPERS, PLACEMENTS, THEMES, TRENDS, check
from analysis.trends.periods import first_day, label_periods


def papers_table(dates, ids=None):
    """Return PAPERS with one paper a date; the precision follows from the date's length, None is undated."""
    ids = ids if ids is not None else [f"p{i:06d}" for i in range(len(dates))]
    precision = {None: "none", 4: "year", 7: "month", 10: "day"}
    return check(
        pd.DataFrame(
            {
                "paper_id": ids,
                "title": ids,
                "abstract": "",
                "published": dates,
                "published_precision": [precision[None if date is None else len(date)] for date in dates],
                "published_basis": None,
                "source": "test",
                "url": None,
                "venue": None,
                "upvotes": None,
                "first_seen": None,
            }
        ),
        PAPERS,
    )


def placements_table(papers, keys, tier="core"):
    """Return PLACEMENTS that put each paper first in the theme of the same place in `keys`."""
    return check(
        pd.DataFrame(
            {
                "paper_id": papers["paper_id"],
                "theme_key": pd.Series(list(keys), dtype="str"),
                "rank": 1,
                "strength": 0.9,
                "tier": tier,
                "stability": None,
                "fine_key": None,
                "evidence_start": None,
                "evidence_end": None,
                "evidence_terms": None,
            }
        ),
        PLACEMENTS,
    )


def themes_table(keys, parents=None):
    """Return THEMES with the given keys."""
    return check(
        pd.DataFrame(
            {
                "theme_key": pd.Series(list(keys), dtype="str"),
                "name": pd.Series(list(keys), dtype="str"),
                "name_source": "papers",
                "level": "theme",
                "parent_key": parents,
                "declared": False,
                "hidden": False,
                "n_papers": 0,
                "n_any": 0,
                "terms": None,
                "exemplars": None,
                "stability": None,
            }
        ),
        THEMES,
    )


def feed(counts, width="month", start=600):
    """Return papers, placements and themes that hold `counts` (themes × periods) papers, spread over each period."""
    counts = np.asarray(counts)
    dates, keys = [], []
    for theme, row in enumerate(counts):
        for period, count in enumerate(row):
            low, high = first_day(np.array([start + period, start + period + 1]), width).astype(int)
            days = low + (np.arange(count) * (high - low)) // max(count, 1)
            dates += [str(day) for day in days.astype("datetime64[D]")]
            keys += [f"t{theme:02d}"] * int(count)
    papers = papers_table(dates)
    return papers, placements_table(papers, keys), themes_table([f"t{i:02d}" for i in range(len(counts))])


def last_day(n_periods, width="month", start=600):
    """Return the last day of a feed of `n_periods` periods, so that the last one is complete."""
    return str(first_day(np.array([start + n_periods]), width)[0] - 1)


def trends_table(counts, n_partial=0):
    """Return TRENDS that hold `counts` (themes × months from 2020-01), without papers behind them."""
    counts = np.asarray(counts)
    n_themes, n_periods = counts.shape
    totals = counts.sum(axis=0)
    share = np.divide(counts, totals, out=np.full(counts.shape, np.nan), where=totals > 0)
    frame = pd.DataFrame(
        {
            "theme_key": np.repeat([f"t{i:02d}" for i in range(n_themes)], n_periods),
            "period": label_periods(np.arange(600, 600 + n_periods), "month") * n_themes,
            "n_papers": counts.ravel(),
            "n_total": np.tile(totals, n_themes),
            "share": share.ravel(),
            "share_low": share.ravel(),
            "share_high": share.ravel(),
            "upvote_share": None,
            "upvote_low": None,
            "upvote_high": None,
            "is_partial": np.tile(np.arange(n_periods) >= n_periods - n_partial, n_themes),
        }
    )
    return check(frame, TRENDS)
