"""Columns of papers: what they may be called, and how a row becomes a record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from analysis.corpus.dates import UNDATED, combine_date, cut_date, finest, parse_date
from analysis.corpus.records import Dropped, Parsed, Record, excerpt, tidy_abstract, tidy_count, tidy_title, tidy_url
from analysis.corpus.text import normalise_text, squeeze
from analysis.schema import InputError

# What a column may be called, squeezed to small letters and digits; the better name stands first.
# fmt: off
NAMES: dict[str, tuple[str, ...]] = {
    "title": (
        "title", "papertitle", "articletitle", "documenttitle", "titleprimary", "primarytitle", "displayname",
        "ti", "t1", "name"
    ),
    "abstract": ("abstract", "paperabstract", "abstracttext", "abstractnote", "summary", "ab", "description", "n2"),
    "date": (
        "published", "publicationdate", "publisheddate", "datepublished", "dateofpublication", "pubdate",
        "publishedat", "publishedon", "date", "coverdate", "submitted", "submitteddate", "created",
        "createdat", "year", "publicationyear", "publishedyear", "pubyear", "yearofpublication", "py"
    ),
    "month": ("publishedmonth", "publicationmonth", "pubmonth", "pubmonthday", "month"),
    "day": ("publishedday", "publicationday", "pubday", "day"),
    "precision": ("publishedprecision", "dateprecision", "precision"),
    "basis": ("publishedbasis", "basis"),
    "url": (
        "url", "paperurl", "link", "abs", "absurl", "landingpageurl", "primarylocationlandingpageurl",
        "arxivurl", "doi", "do", "arxivid", "eprint", "fulltextlink", "venueurl", "pdfurl", "pdf", "plink",
        "id", "paperid"
    ),
    "venue": (
        "venue", "venuename", "journal", "journaltitle", "booktitle", "sourcetitle", "publicationtitle",
        "containertitle", "conference", "conferencename", "journalbook", "periodicalfull", "publication",
        "publicationname", "primarylocationsourcedisplayname", "so", "jo", "jf", "source"
    ),
    "upvotes": ("upvotes", "upvote", "votes", "vote", "likes", "numupvotes"),
    "first_seen": ("firstseen",),
}
# fmt: on
_FIELD = {name: (field, rank) for field, names in NAMES.items() for rank, name in enumerate(names)}

Layout = dict[str, list[Any]]
"""Where each field stands: the keys or positions of its columns, the best first."""


def layout(columns: Iterable[tuple[Any, str]]) -> Layout:
    """Return where each field stands among `columns`, given as (key, name)."""
    found: dict[str, list[tuple[int, int, Any]]] = {}
    for place, (key, name) in enumerate(columns):
        field, rank = _FIELD.get(squeeze(str(name)[:80]), ("", 0))
        if field:
            found.setdefault(field, []).append((rank, place, key))
    return {field: [key for _, _, key in sorted(places, key=lambda p: p[:2])] for field, places in found.items()}


def require_title(source: str, places: Layout, columns: Sequence[Any]) -> None:
    """Raise InputError where no column holds titles, saying which columns came and what is understood."""
    if "title" not in places:
        came = ", ".join(repr(excerpt(str(name))) for name in columns[:30]) or "none"
        raise InputError(
            f"{source}: no column holds titles; columns are {came}; name it one of "
            f"{', '.join(NAMES['title'])} (any capitals)"
        )


def add_record(parsed: Parsed, source: str, where: str, order: int, cells: Mapping[Any, Any], places: Layout) -> None:
    """Add the paper that `cells` hold, or the reason why they hold none."""
    title = tidy_title(first_cell(cells, places, "title"))
    if not title:
        said = " ".join(filter(None, (cell_text(cell) for cell in list(cells.values())[:50])))
        parsed.dropped.append(Dropped(source, where, order, "no title", "the title is empty", excerpt(said)))
        return
    published, precision = _date(cells, places)
    first_seen, seen_precision = parse_date(first_cell(cells, places, "first_seen"))
    venue = normalise_text(first_cell(cells, places, "venue"))
    parsed.records.append(
        Record(
            source,
            where,
            order,
            title,
            tidy_abstract(first_cell(cells, places, "abstract")),
            published,
            precision,
            _url(cells, places),
            venue or None,
            tidy_count(first_cell(cells, places, "upvotes")),
            first_seen if seen_precision == "day" else None,
        )
    )


def _date(cells: Mapping[Any, Any], places: Layout) -> tuple[str | None, str]:
    candidates = []
    for key in places.get("date", ()):
        value = cells.get(key)
        candidates.append(parse_date(value if isinstance(value, dt.date | int | float) else cell_text(value)))
    dated = finest(candidates)
    if dated[1] == "year" and "month" in places:
        dated = combine_date(dated[0], first_cell(cells, places, "month"), first_cell(cells, places, "day"))
    return cut_date(dated, first_cell(cells, places, "precision")) if dated != UNDATED else UNDATED


def _url(cells: Mapping[Any, Any], places: Layout) -> str | None:
    return next(filter(None, (tidy_url(cell_text(cells.get(key))) for key in places.get("url", ()))), None)


def first_cell(cells: Any, places: Layout, field: str) -> str:
    """Return the first cell of the field that says something."""
    for key in places.get(field, ()):
        value = cells.get(key) if isinstance(cells, Mapping) else cells[key] if key < len(cells) else None
        if text := cell_text(value):
            return text
    return ""


def cell_text(value: Any) -> str:
    """Return what a cell says as text; empty where it says nothing."""
    if isinstance(value, str):
        return "" if value.isspace() else value
    if value is None or value != value or isinstance(value, dict | bool):  # NaN differs from itself
        return ""
    if isinstance(value, list | tuple):
        return " ".join(filter(None, (cell_text(item) for item in value if not isinstance(item, list | tuple))))
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    try:
        return str(value)
    except ValueError:  # a number of more digits than Python prints
        return ""
