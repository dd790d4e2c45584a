"""Calendar periods in UTC, half-open: which one a date falls in, what it is called, and which width fits a corpus.

A period is a whole number here (years, quarters or months since 1970, ISO weeks or days since 1970-01-01), so that
"the next period" is plus one and counting is fast. Outside this room it is its label: 2024, 2024-Q1, 2024-03,
2024-W09 or 2024-03-01.
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.schema import InputError, SchemaError

WIDTHS = ("day", "week", "month", "quarter", "year")

FINE_ENOUGH = {
    "day": ("day",),
    "week": ("day",),
    "month": ("day", "month"),
    "quarter": ("day", "month"),
    "year": ("day", "month", "year"),
}
"""Precisions that say in which period of a width a paper falls: a paper dated to the month is in no one week."""

RECENT = {"day": 7, "week": 4, "month": 3, "quarter": 2, "year": 1}
"""What "now" is to things that are new, in complete periods; never more than a third of them."""

BEFORE = 4
"""It is compared with the complete periods before it, this many times as many at most."""

# What "auto" asks of a width; the finest width that passes is taken, else years.
MOST_PERIODS = 36
LEAST_PAPERS = 10
USABLE_SHARE = 0.9
THIN_SHARE = 0.2

_LABELS = {
    "day": r"\d{4}-\d{2}-\d{2}",
    "week": r"\d{4}-W\d{2}",
    "month": r"\d{4}-\d{2}",
    "quarter": r"\d{4}-Q[1-4]",
    "year": r"\d{4}",
}


def read_days(papers: pd.DataFrame) -> pd.Series:
    """Return the first day that each paper's date allows, as datetime64[s]; NaT where it is undated.

    Raises
    ------
    SchemaError
        A date is not ISO 8601, or shorter than its precision says.
    """
    length = papers["published_precision"].map({"day": 10, "month": 7, "year": 4, "none": 0}).astype(int)
    text = papers["published"].where(length > 0)
    known = text.notna()
    pairs = zip(text[known], length[known], strict=True)
    cut = pd.Series([date[:size] for date, size in pairs], index=text.index[known], dtype="str")
    short = cut.str.len() < length[known]
    padded = cut + cut.str.len().map({4: "-01-01", 7: "-01"}).fillna("")
    days = pd.to_datetime(padded, format="%Y-%m-%d", errors="coerce").astype("datetime64[s]")
    wrong = short | days.isna()
    if wrong.any():
        row = papers.loc[wrong.index[wrong][0]]
        raise SchemaError(
            f"paper {row['paper_id']}: published is {row['published']!r}, expected an ISO 8601 date to the "
            f"{row['published_precision']}"
        )
    return days.reindex(papers.index)


def read_as_of(as_of: str | None, days: pd.Series) -> datetime.date | None:
    """Return the last day that the feed knows about: `as_of`, or the newest date; None where there is no date.

    Raises
    ------
    InputError
        `as_of` is not a day.
    """
    if as_of is None:
        return None if days.isna().all() else days.max().date()
    try:
        return datetime.date.fromisoformat(as_of)
    except ValueError:
        raise InputError(f"as_of is {as_of!r}, expected a day such as 2025-03-31") from None


def period_of(days: np.ndarray, width: str) -> np.ndarray:
    """Return the period (whole number) of each day (datetime64)."""
    if width == "day":
        return days.astype("datetime64[D]").astype(int)
    if width == "week":  # 1970-01-01 was a Thursday; ISO weeks begin on Monday
        return (days.astype("datetime64[D]").astype(int) + 3) // 7
    if width == "month":
        return days.astype("datetime64[M]").astype(int)
    if width == "quarter":
        return days.astype("datetime64[M]").astype(int) // 3
    return days.astype("datetime64[Y]").astype(int)


def first_day(periods: np.ndarray, width: str) -> np.ndarray:
    """Return the first day (datetime64[D]) of each period; a period ends before the first day of the next."""
    periods = np.asarray(periods)
    if width == "day":
        return periods.astype("datetime64[D]")
    if width == "week":
        return (periods * 7 - 3).astype("datetime64[D]")
    months = {"month": 1, "quarter": 3, "year": 12}[width]
    return (periods * months).astype("datetime64[M]").astype("datetime64[D]")


def label_periods(periods: np.ndarray, width: str) -> list[str]:
    """Return the label of each period; labels of one width sort as time does."""
    days = first_day(periods, width)
    if width == "week":
        weeks = [day.isocalendar() for day in days.astype(object)]
        return [f"{week.year:04d}-W{week.week:02d}" for week in weeks]
    if width == "quarter":
        return [f"{day.year:04d}-Q{(day.month + 2) // 3}" for day in days.astype(object)]
    return [day.isoformat()[: {"day": 10, "month": 7, "year": 4}[width]] for day in days.astype(object)]


def width_of(label: str) -> str:
    """Return the width that a period's label shows.

    Raises
    ------
    SchemaError
        The label is none of the five forms.
    """
    for width, form in _LABELS.items():
        if re.fullmatch(form, label):
            return width
    raise SchemaError(f"period is {label!r}, expected a form such as 2024, 2024-Q1, 2024-03, 2024-W09 or 2024-03-01")


def parse_label(label: str) -> int:
    """Return the period (whole number) that a label names; its width is `width_of` the label."""
    width = width_of(label)
    if width == "week":
        day = datetime.date.fromisocalendar(int(label[:4]), int(label[6:]), 1).isoformat()
    elif width == "quarter":
        day = f"{label[:4]}-{int(label[6]) * 3 - 2:02d}-01"
    else:
        day = (label + "-01-01")[:10]
    return int(period_of(np.array([day], dtype="datetime64[D]"), width)[0])


@dataclass(frozen=True)
class Grid:
    """The periods of a corpus, and which of them each paper falls in.

    Parameters
    ----------
    width : str
        One of `WIDTHS`.
    labels : list of str, length n_periods
        Every period from the first with a paper to the one that holds `as_of`.
    number : int array of shape (n_papers,)
        Place of each paper's period in `labels`; -1 for a paper that is undated, too coarsely dated, or too late.
    is_partial : bool array of shape (n_periods,)
        True for the unfinished period, which can only be the last one.
    """

    width: str
    labels: list[str]
    number: np.ndarray
    is_partial: np.ndarray

    @property
    def n_complete(self) -> int:
        """Number of complete periods; they come first."""
        return int((~self.is_partial).sum())

    @property
    def totals(self) -> np.ndarray:
        """Papers of each period."""
        return np.bincount(self.number[self.number >= 0], minlength=len(self.labels))


def make_grid(papers: pd.DataFrame, period: str = "auto", as_of: str | None = None) -> Grid:
    """Return the periods of `papers`; none where no paper is dated finely enough.

    Parameters
    ----------
    papers : DataFrame
        PAPERS.
    period : str
        ``day``, ``week``, ``month``, ``quarter``, ``year``, or ``auto``: see `choose_width`.
    as_of : str or None
        Last day the feed knows about. None: the newest date. Its period is partial unless this is its last day;
        papers of later periods are left out.

    Raises
    ------
    InputError
        `period` or `as_of` is not one of the expected.
    """
    if period != "auto" and period not in WIDTHS:
        raise InputError(f"period is {period!r}, expected one of auto, {', '.join(WIDTHS)}")
    width = choose_width(papers) if period == "auto" else period
    days = read_days(papers)
    last_day = read_as_of(as_of, days)
    usable = (days.notna() & papers["published_precision"].isin(FINE_ENOUGH[width])).to_numpy()
    none = Grid(width, [], np.full(len(papers), -1), np.zeros(0, dtype=bool))
    if last_day is None:
        return none
    last = int(period_of(np.array([last_day], dtype="datetime64[D]"), width)[0])
    number = np.where(usable, period_of(days.to_numpy(), width), last + 1)
    usable = usable & (number <= last)
    if not usable.any():
        return none
    first = int(number[usable].min())
    periods = np.arange(first, last + 1)
    is_partial = first_day(periods + 1, width) - 1 > np.datetime64(last_day)
    return Grid(width, label_periods(periods, width), np.where(usable, number - first, -1), is_partial)


def split_recent(width: str, n_complete: int) -> tuple[int, int]:
    """Return where the window before begins, and where it ends and `now` begins; `now` ends with the last complete."""
    recent = max(min(RECENT[width], n_complete // 3), 1)
    return max(n_complete - (1 + BEFORE) * recent, 0), max(n_complete - recent, 0)


def surely_by(papers: pd.DataFrame) -> pd.Series:
    """Return the day by which each paper had surely appeared, NaT where undated: a year's paper on its last day."""
    stretch = papers["published_precision"].map({"day": 0, "month": 30, "year": 365, "none": 0})
    return read_days(papers) + pd.to_timedelta(stretch, unit="D")


def choose_width(papers: pd.DataFrame) -> str:
    """Return the finest width that the dates of `papers` bear.

    A width is borne when at least nine in ten dated papers are dated finely enough for it, the bulk of them (all but
    the first and the last hundredth) spans at most 36 periods, a period of the bulk holds ten papers on average, and
    at most one period in five holds less than a quarter of that average: papers of yearly conferences are counted
    by the year. Years are taken where nothing finer is borne.
    """
    days = read_days(papers)
    precision = papers["published_precision"]
    n_dated = int(days.notna().sum())
    for width in WIDTHS[:-1]:
        usable = days[days.notna() & precision.isin(FINE_ENOUGH[width])]
        if len(usable) < USABLE_SHARE * n_dated or usable.empty:
            continue
        periods = np.sort(period_of(usable.to_numpy(), width))
        low, high = np.quantile(periods, [0.01, 0.99], method="nearest")
        counts = np.bincount(periods[(periods >= low) & (periods <= high)] - low, minlength=int(high - low) + 1)
        thin = (counts < counts.mean() / 4).mean()
        if len(counts) <= MOST_PERIODS and counts.mean() >= LEAST_PAPERS and thin <= THIN_SHARE:
            return width
    return "year"
