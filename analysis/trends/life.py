"""LIFE: each theme's first paper, peak and half-life, and what is left of it now."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.schema import LIFE, check
from analysis.trends import periods as calendar
from analysis.trends.growth import LEAST_PAPERS, LEAST_PERIODS, count_matrix
from analysis.trends.noise import estimate_noise
from analysis.trends.shares import primary_papers, share_interval

THIN = 0.25
"""A period with less than this part of the papers of a usual one is no peak: one paper of one is not a boom."""


def compute_life(
    papers: pd.DataFrame, placements: pd.DataFrame, themes: pd.DataFrame, trends: pd.DataFrame
) -> pd.DataFrame:
    """Return LIFE: one row a theme, by theme. What dates or papers do not bear is left empty.

    The peak is the complete period whose share surely reached highest: the one with the highest lower end of the
    95 % interval, among periods that are not thin. The half-life is the number of periods
    from the peak until the share, smoothed over three periods, is half of what it was, the fall being more than its
    interval explains. Peak and half-life need four complete periods and five dated papers.

    Parameters
    ----------
    papers, placements, themes, trends : DataFrame
        PAPERS, PLACEMENTS, THEMES and the TRENDS made from them.
    """
    keys = themes["theme_key"].sort_values(ignore_index=True)
    first = _first_papers(papers, primary_papers(placements, themes)).reindex(keys)
    frame = pd.DataFrame({"theme_key": keys, "first_paper": first["paper_id"].array,
                          "first_published": first["published"].array})
    empty_numbers = ["peak_share", "peak_low", "peak_high", "now_share", "now_low", "now_high", "age", "half_life"]
    frame[["peak_period", "now_period"]], frame[empty_numbers] = None, np.nan
    complete = trends[~trends["is_partial"]]
    counts, totals, labels = count_matrix(complete, keys)
    if not totals.any() or keys.empty:
        return check(frame, LIFE)

    low, share, high = (
        complete.pivot(index="theme_key", columns="period", values=name).loc[keys].to_numpy(dtype=float)
        for name in ("share_low", "share", "share_high"))
    rows, now = np.arange(len(keys)), int(np.flatnonzero(totals)[-1])
    frame["age"] = [_age(day, labels) for day in first["published"]]
    frame["now_period"], frame["now_share"], frame["now_low"], frame["now_high"] = (
        labels[now], share[:, now], low[:, now], high[:, now])
    enough = (counts.sum(axis=1) >= LEAST_PAPERS) & (len(labels) >= LEAST_PERIODS)
    thin = totals < THIN * np.median(totals[totals > 0])
    peak = np.where(thin, -1.0, np.nan_to_num(low, nan=-1.0)).argmax(axis=1)
    frame["peak_period"] = pd.Series(np.array(labels)[peak]).where(enough)
    for name, table in (("peak_share", share), ("peak_low", low), ("peak_high", high)):
        frame[name] = np.where(enough, table[rows, peak], np.nan)
    frame["half_life"] = np.where(enough, _half_lives(counts, totals, peak), np.nan)
    return check(frame, LIFE)


def _half_lives(counts: np.ndarray, totals: np.ndarray, peak: np.ndarray) -> np.ndarray:
    """Return the periods from each peak until the smoothed share has surely fallen, and to half; nan if not yet."""
    noise = estimate_noise(counts, totals)[:, None]
    # With both neighbours; "same" would give back three periods where there are two.
    smooth = np.array([np.convolve(row, np.ones(3))[1:-1] for row in counts])
    whole = np.convolve(totals, np.ones(3))[1:-1]
    with np.errstate(invalid="ignore"):
        share = smooth / whole
    high = share_interval(smooth, whole, noise)[1]
    top = share[np.arange(len(counts)), peak][:, None]
    fallen = (share <= top / 2) & (high < top) & (np.arange(counts.shape[1]) > peak[:, None])
    return np.where(fallen.any(axis=1), fallen.argmax(axis=1) - peak, np.nan)


def _first_papers(papers: pd.DataFrame, placed: pd.DataFrame) -> pd.DataFrame:
    """Return paper_id and published of the paper of each theme that had surely appeared first."""
    dated = papers[["paper_id", "published"]].assign(end=calendar.surely_by(papers)).dropna(subset="end")
    first = placed.merge(dated, on="paper_id").sort_values(["end", "paper_id"]).drop_duplicates("theme_key")
    return first.set_index("theme_key")[["paper_id", "published"]]


def _age(published: str | float | None, labels: list[str]) -> float:
    """Return the periods from a date to the last complete one; nan where the date is coarser than a period."""
    width = calendar.width_of(labels[-1])
    precision = {10: "day", 7: "month", 4: "year"}[len(published)] if isinstance(published, str) else "none"
    if precision not in calendar.FINE_ENOUGH[width]:
        return float("nan")
    published = str(published)
    day = np.array([published + "-01-01"[: 10 - len(published)]], dtype="datetime64[D]")
    return float(max(calendar.parse_label(labels[-1]) - calendar.period_of(day, width)[0], 0))
