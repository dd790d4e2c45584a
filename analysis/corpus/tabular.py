"""Delimited text: CSV, TSV and their kin, however ragged; and the curated list of dates."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from analysis.corpus.columns import add_record, first_cell, layout, require_title
from analysis.corpus.records import Chrome, Dropped, Parsed, excerpt
from analysis.corpus.text import squeeze
from analysis.schema import InputError

_DELIMITERS = (",", "\t", ";", "|")
LONGEST_NAMES = 400
"""Characters of a line of names that may stand alone: a search that found nothing."""
_END = "\x00end of input\x00"


def parse_csv(source: str, text: str, delimiter: str, header_line: int) -> Parsed:
    """Return the papers of delimited text whose header stands on the line `header_line`, counted from 1.

    Raises
    ------
    InputError
        No column holds titles.
    """
    lines = _lines(text)
    parsed = Parsed(
        chrome=[
            Chrome(source, number, line.strip())
            for number, line in enumerate(lines[: header_line - 1], 1)
            if line.strip(" \r\n;,\t-")
        ]
    )
    rows = _csv_rows(lines, delimiter, header_line)
    header = next((cells for _, cells in rows if cells), [])
    places = layout(enumerate(header))
    require_title(source, places, header)
    has_rows = False
    for line, cells in rows:
        where, has_rows = f"line {line}", True
        if cells is None:
            parsed.dropped.append(
                Dropped(
                    source,
                    where,
                    line,
                    "unreadable",
                    "a quotation mark opens in this row and never closes; close it, or double it where it is text",
                    excerpt(lines[line - 1]),
                )
            )
        elif not any(cell.strip() for cell in cells):
            continue
        elif any(cell.strip() for cell in cells[len(header) :]):
            parsed.dropped.append(
                Dropped(
                    source,
                    where,
                    line,
                    "unreadable",
                    f"the row has {len(cells)} cells and the header "
                    f"{len(header)}; quote the cell that holds the delimiter {delimiter!r}",
                    excerpt(delimiter.join(cells)),
                )
            )
        else:
            add_record(parsed, source, where, line, dict(enumerate(cells)), places)
    only = lines[header_line - 1].strip()
    if any('"' in name for name in header):
        parsed.dropped.append(Dropped(source, f"line {header_line}", header_line, "unreadable", "a name of a column "
                                      "holds a quotation mark; has the end of that line gone, and a row with it?",
                                      excerpt(delimiter.join(header))))
    elif not has_rows and len(only) > LONGEST_NAMES:
        parsed.dropped.append(Dropped(source, f"line {header_line}", header_line, "unreadable", "the only line, and "
                                      "longer than names of columns are; have the ends of lines gone?", excerpt(only)))
    return parsed


def sniff_csv(text: str) -> tuple[str, int] | None:
    """Return the delimiter and the header's line (from 1) where `text` is a table with a title column, else None."""
    lines = _lines(text[:200_000])[:25]
    best: tuple[int, int, str] | None = None
    for number, line in enumerate(lines, start=1):
        for delimiter in _DELIMITERS:
            if delimiter in line:
                cells: list[str] = next(_reader([line], delimiter), [])
                names = layout(enumerate(cells))
                exact = any(squeeze(cells[place]) != "name" for place in names.get("title", ()))
                if "title" in names and (len(names) > 1 or exact and len(cells) > 1) and max(map(len, cells)) <= 80:
                    best = max(best or (0, 0, ""), (len(names), -number, delimiter))
    return (best[2], -best[1]) if best else None


def curated_rows(source: str, text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Return the rows of a curated list of dates, as (place, cells by field).

    Raises
    ------
    InputError
        There is no title or no date column.
    """
    lines = _lines(text)
    rows = _csv_rows(lines, ",", 1)
    header = next((cells for _, cells in rows if cells), [])
    places = layout(enumerate(header))
    if "title" not in places or "date" not in places:
        raise InputError(
            f"{source}: columns are {', '.join(header) or 'none'}, expected title, published, "
            "published_precision and basis"
        )
    for line, cells in rows:
        if cells is None:
            raise InputError(f"{source}, line {line}: a quotation mark opens and never closes; close it")
        if any(cells):
            cell = {
                field: first_cell(cells, places, field).strip() for field in ("title", "date", "precision", "basis")
            }
            yield (
                f"line {line}",
                {
                    "title": cell["title"],
                    "published": cell["date"],
                    "published_precision": cell["precision"],
                    "basis": cell["basis"],
                },
            )


def _lines(text: str) -> list[str]:
    """Return the lines with their ends; unlike `splitlines`, only what an editor counts as a line's end ends one."""
    text = text.replace("\r\n", "\n")
    return io.StringIO(text.replace("\r", " " if "\n" in text else "\n"), newline="\n").readlines()


def _reader(lines: Iterable[str], delimiter: str) -> Any:
    csv.field_size_limit(2**31 - 1)  # the library's default refuses a long abstract
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=delimiter != "\t")


def _csv_rows(lines: list[str], delimiter: str, first: int) -> Iterator[tuple[int, list[str] | None]]:
    """Give (line, cells), or (line, None) for a row whose quotation mark never closes; reading goes on below it."""
    failures = 0
    while True:
        reader = _reader([*lines[first - 1 :], _END], delimiter)
        at = first
        held: tuple[int, list[str]] | None = None
        try:
            for row in reader:
                if held:
                    yield held
                held = (at, row)
                at = first + reader.line_num
        except csv.Error:  # a field past the library's limit: the row it opens in is broken
            held = (at, [])
        if held is None or held[1] == [_END]:
            return
        yield held[0], None
        failures += 1
        first = held[0] + 1
        if failures == 20:  # each try reads to the end: a file of such rows is given up line by line
            yield from ((number, None) for number in range(first, len(lines) + 1) if lines[number - 1].strip())
            return
