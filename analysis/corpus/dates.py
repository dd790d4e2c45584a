"""Dates as ISO text, cut to what the input really says; and the curated list of dates."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from analysis.corpus.text import title_key
from analysis.schema import PRECISIONS, InputError

if TYPE_CHECKING:
    import pandas as pd

Dated = tuple[str | None, str]
"""An ISO date cut to its precision, and that precision; (None, 'none') where nothing is known."""

UNDATED: Dated = (None, "none")
DATE_COLUMNS = ("title_key", "published", "published_precision", "published_basis")

_LENGTH = {"year": 4, "month": 7, "day": 10}
_MONTHS = {
    name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)
}
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(\d{4})"
_ISO = re.compile(r"(\d{4})(?:([-/.])(\d{1,2})(?:\2(\d{1,2}))?)?(?:[T ](?:\d.*)?)?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_NUMBERS = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:[T ].*)?", re.ASCII)
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+)?"
_WRITTEN = tuple(
    (re.compile(_WEEKDAY + pattern + r"(?:[\s,;T].*)?", re.IGNORECASE | re.ASCII | re.DOTALL), order)
    for pattern, order in (
        (rf"{_DAY}[\s.-]*{_MONTH}[\s,.-]*{_YEAR}", "dmy"),
        (rf"{_MONTH}\s*{_DAY}\s*,?\s+{_YEAR}", "mdy"),
        (rf"{_YEAR}[\s,.-]*{_MONTH}\s*{_DAY}\b(?!\s*-)", "ymd"),
        (rf"{_MONTH}[\s,.-]*{_YEAR}", "my"),
        (rf"{_YEAR}[\s,.-]*{_MONTH}(?!\s*-)", "ym"),
    )
)
_LONE_YEAR = re.compile(r"(?<![\d.:/-])((?:1[5-9]|20)\d\d)(?![\d/]|[.-]\d{3,})", re.ASCII)


def parse_date(value: Any) -> Dated:
    """Return the date that `value` gives, as ISO text cut to its precision, and the precision.

    Times with an offset are read in UTC. What is not said is not made up: ``24 Apr`` has no year and gives none,
    ``4/3/2024`` may be April or March and gives its year.

    Parameters
    ----------
    value : str, int, float, date or datetime
    """
    if isinstance(value, dt.datetime):
        return _moment(value)
    if isinstance(value, dt.date):
        return _dated(value.year, value.month, value.day)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return _parse_text(_short(value)) if isinstance(value, str | int) else UNDATED


def combine_date(year: Any, month: Any, day: Any = "") -> Dated:
    """Return the date that separate cells give; a month cell may also hold the day, as ``03/30``."""
    dated = parse_date(year)
    text = str(month).strip()
    if dated[1] != "year" or not text:
        return dated
    numbers = re.fullmatch(r"(\d{1,2})(?:\.0)?(?:[/ -](\d{1,2}))?", text, re.ASCII)
    written = re.fullmatch(rf"{_MONTH}(?:\s+(\d{{1,2}}))?", text, re.IGNORECASE | re.ASCII)
    if numbers:
        month_number = int(numbers.group(1))
    elif written:
        month_number = _MONTHS[written.group(1)[:3].lower()]
    else:
        return dated
    found = (numbers or written).group(2) or str(day).strip()  # type: ignore[union-attr]
    return _dated(int(dated[0] or 0), month_number, int(found) if re.fullmatch(r"\d{1,2}", found, re.ASCII) else None)


def cut_date(dated: Dated, precision: str) -> Dated:
    """Return the date no finer than `precision` says, as ``month`` or ``month-inferred``."""
    word = next((known for known in PRECISIONS if precision.strip().casefold().startswith(known)), None)
    if word is None or dated[0] is None or PRECISIONS.index(word) <= PRECISIONS.index(dated[1]):
        return dated
    return (dated[0][: _LENGTH[word]], word) if word != "none" else UNDATED


def finest(dates: Iterable[Dated]) -> Dated:
    """Return the most precise date, the first of equals."""
    return min(dates, key=lambda dated: PRECISIONS.index(dated[1]), default=UNDATED)


def curated_dates(rows: Iterable[tuple[str, dict[str, str]]], where: str) -> pd.DataFrame:
    """Return the curated dates: one row a title, with the columns of `DATE_COLUMNS`.

    Parameters
    ----------
    rows : iterable of (place, cells)
        Cells ``title``, ``published``, ``published_precision`` and ``basis``.
    where : str
        Name of the list, for messages.

    Raises
    ------
    InputError
        A date or a precision cannot be read, or two rows contradict each other.
    """
    import pandas as pd

    found: dict[str, tuple[Dated, str]] = {}
    for place, cells in rows:
        text, precision = cells.get("published", ""), cells.get("published_precision", "")
        dated = parse_date(text)
        if text and dated == UNDATED:
            raise InputError(
                f"{where}, {place}: published is {text!r}, expected a date such as 2024, 2024-03 or "
                f"2024-03-01; mend that row or leave the cell empty"
            )
        if precision and precision not in PRECISIONS:
            raise InputError(
                f"{where}, {place}: published_precision is {precision!r}, expected one of {', '.join(PRECISIONS)}"
            )
        dated, key = cut_date(dated, precision), title_key(cells["title"])
        if dated == UNDATED or not key:
            continue
        earlier = found.get(key, (UNDATED, ""))[0]
        if earlier[0] and dated[0] and not (earlier[0].startswith(dated[0]) or dated[0].startswith(earlier[0])):
            raise InputError(
                f"{where}, {place}: {cells['title']!r} is dated {dated[0]} here and {earlier[0]} in "
                f"another row; keep the right one"
            )
        if PRECISIONS.index(dated[1]) < PRECISIONS.index(earlier[1]):
            found[key] = (dated, cells.get("basis", "") or "curated")
    rows_out = [(key, dated[0], dated[1], basis) for key, (dated, basis) in sorted(found.items())]
    return pd.DataFrame(rows_out, columns=list(DATE_COLUMNS), dtype="str")


def add_curated_dates(papers: pd.DataFrame, dates: pd.DataFrame) -> pd.DataFrame:
    """Return `papers` with curated dates where the input gives none, or a coarser one.

    Parameters
    ----------
    papers : DataFrame
        PAPERS.
    dates : DataFrame
        As `read_dates` returns them.
    """
    keys = papers["title"].map(title_key)
    listed = dates.set_index("title_key").reindex(keys)
    rank = {word: place for place, word in enumerate(PRECISIONS)}
    better = (
        listed["published_precision"].map(rank).fillna(len(rank)).to_numpy()
        < papers["published_precision"].map(rank).to_numpy()
    )
    dated = papers.copy()
    for column in DATE_COLUMNS[1:]:
        dated[column] = papers[column].where(~better, listed[column].to_numpy())
    return dated


def _short(value: str | int) -> str:
    """Return the beginning of a cell: a date is no longer than this, and whole abstracts need not be remembered."""
    return value.strip()[:80] if isinstance(value, str) else str(value) if 0 <= value < 10**8 else ""


@lru_cache(maxsize=65536)
def _parse_text(text: str) -> Dated:
    if text.startswith('="'):  # a spreadsheet's way of keeping text
        text = text[2:].rstrip('"')
    if re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*(?:[+-]\d\d:?\d\d|Z)$", text):
        try:
            return _moment(dt.datetime.fromisoformat(text))
        except (ValueError, OverflowError):
            pass
    if iso := _ISO.fullmatch(text):
        return _dated(*(int(part) if part else None for part in iso.group(1, 3, 4)))  # type: ignore[arg-type]
    if compact := _COMPACT.fullmatch(text):
        year, month, day = map(int, compact.groups())
        return _dated(year, month, day, lenient=False)
    if numbers := _NUMBERS.fullmatch(text):
        first, second, year = int(numbers.group(1)), int(numbers.group(3)), int(numbers.group(4))
        if first > 12 or first == second:
            return _dated(year, second, first)
        return _dated(year, first, second) if second > 12 else _dated(year)
    for pattern, order in _WRITTEN:
        if written := pattern.fullmatch(text):
            part = dict(zip(order, written.groups(), strict=True))
            return _dated(int(part["y"]), _MONTHS[part["m"][:3].lower()], int(part["d"]) if "d" in part else None)
    years = set(_LONE_YEAR.findall(text))
    return _dated(int(years.pop())) if len(years) == 1 else UNDATED


def _moment(value: dt.datetime) -> Dated:
    if value.tzinfo is not None:
        try:
            value = value.astimezone(dt.UTC)
        except OverflowError:
            return UNDATED
    return _dated(value.year, value.month, value.day)


def _dated(year: int, month: int | None = None, day: int | None = None, lenient: bool = True) -> Dated:
    """Return the date; a part that the calendar does not have is left out, with all that is finer."""
    if not 1500 <= year <= 2100:
        return UNDATED
    if month is None:
        return f"{year:04d}", "year"
    try:
        dt.date(year, month, day or 1)
    except ValueError:
        if not lenient:
            return UNDATED
        return _dated(year, month) if day is not None and 1 <= month <= 12 else _dated(year)
    return (f"{year:04d}-{month:02d}", "month") if day is None else (f"{year:04d}-{month:02d}-{day:02d}", "day")
