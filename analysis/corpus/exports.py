"""Exports of reference managers and databases: RIS, BibTeX, PubMed and Web of Science in tagged lines, workbooks."""

from __future__ import annotations

import csv
import io
import logging
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from analysis.corpus.objects import parse_objects
from analysis.corpus.records import Dropped, Parsed, excerpt
from analysis.corpus.tabular import parse_csv, sniff_csv
from analysis.schema import InputError

MOST_UNPACKED = 300_000_000
"""Bytes that a workbook may hold when it is unpacked, and characters of one sheet."""
MOST_CELLS = 30_000_000

_RIS = {"title": ("title", "primary_title", "translated_title", "short_title"),
        "abstract": ("abstract", "notes_abstract"),
        "date": ("date", "publication_year", "year", "access_date"), "doi": ("doi",), "url": ("urls", "url"),
        "journal": ("journal_name", "secondary_title", "alternate_title1", "alternate_title3")}
_PUBMED = {"TI": "title", "AB": "abstract", "DP": "date", "JT": "journal", "LID": "doi", "AID": "doi"}
_WOS = {"TI": "title", "AB": "abstract", "PY": "year", "PD": "month", "SO": "journal", "DI": "doi"}
_TAG = re.compile(r"([A-Z][A-Z0-9]{1,3}) *- ?(.*)")
_RIS_TAG = re.compile(r"(?m)^([A-Z][A-Z0-9])  ?- ?")
_RIS_TITLE = re.compile(r"(?m)^(TI|T1)  ?-")
_RIS_ABSTRACT = re.compile(r"(?m)^AB  - (.*(?:\n(?![A-Z][A-Z0-9]  - ).*)*)")
_RIS_END = re.compile(r"(?m)^ER  ?-.*$")
_BIB_FIELD = re.compile(r"\b(?:title|abstract|author)\s*=", re.I)
_WOS_TAG = re.compile(r"([A-Z][A-Z0-9])(?: (.*))?$")
_STRAY, _BLANK = "?", ""
"""What stands for the tag of a line that has none."""


def parse_ris(source: str, text: str) -> Parsed:
    """Return the papers of RIS, as six tools write it.

    Raises
    ------
    InputError
        It cannot be read as RIS, or no record has a title.
    """
    import rispy

    blocks = re.split(r"(?m)^(?=TY  ?-)", text.replace("\r\n", "\n").replace("\r", "\n"))

    def entries() -> Iterator[tuple[str, int, Any]]:
        number = 0
        for block in blocks:
            inside, *after = _RIS_END.split(block, maxsplit=1) if block.startswith("TY") else ("", block)
            for part in _split_at_titles(inside):
                number += 1
                whole = _RIS_TAG.sub(r"\1  - ", part.rstrip() + "\nER  - \n")
                try:
                    (record,) = rispy.loads(whole, skip_unknown_tags=True)
                except Exception as error:  # the library documents no kind
                    yield f"record {number}", number, _unreadable(number, error, part)
                else:
                    abstracts = _RIS_ABSTRACT.findall(whole)
                    if len(abstracts) > 1:  # the library knows the last one
                        record["abstract"] = " ".join(abstracts)
                    yield f"record {number}", number, _fields(record)
            for below in filter(_RIS_TAG.search, after):
                yield f"below record {number}", number, _unreadable(
                    number, "tagged lines of no record; a record begins with TY and ends with ER", below)

    return parse_objects(source, entries())


def _split_at_titles(inside: str) -> Iterator[str]:
    """Yield the records of a block: a title after a title, in the same tag, is one whose first line is damaged."""
    begins = [0] if inside else []
    said: set[str] = set()
    for title in _RIS_TITLE.finditer(inside):
        if title[1] in said:
            begins.append(title.start())
            said.clear()
        said.add(title[1])
    for begin, end in pairwise([*begins, len(inside)]):
        yield ("TY  - GEN\n" if begin else "") + inside[begin:end]


def parse_bibtex(source: str, text: str) -> Parsed:
    """Return the papers of BibTeX; a block that cannot be read is set aside.

    Raises
    ------
    InputError
        No entry has a title.
    """
    import bibtexparser
    from bibtexparser.model import ImplicitComment, ParsingFailedBlock

    logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)
    try:
        library: Any = bibtexparser.parse_string(text)  # type: ignore[attr-defined]
    except Exception as error:  # the library documents no kind
        raise InputError(f"{source}: BibTeX that cannot be read ({excerpt(str(error))}); export it again") from None

    def entries() -> Iterator[tuple[str, int, Any]]:
        for block in library.blocks:
            line = (block.start_line or 0) + 1
            has_failed = isinstance(block, ParsingFailedBlock)
            # Where a key or a field stands twice, the library fails and tells the entry all the same.
            entry: Any = getattr(block, "ignore_error_block", None) if has_failed else block
            if hasattr(entry, "fields"):
                yield from ((f"entry {entry.key}", line, record) for record in _records_of(entry.fields))
            elif has_failed:
                yield f"line {line}", line, _unreadable(line, block.error, block.raw or "")
            elif isinstance(block, ImplicitComment) and _BIB_FIELD.search(block.comment):
                yield f"line {line}", line, _unreadable(line, "a field that stands in no entry", block.comment)

    return parse_objects(source, entries())


def _records_of(fields: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """Yield the records of an entry's fields: a title after a title is of one whose first line is damaged."""
    record: dict[str, Any] = {}
    for field in fields:
        name = field.key.lower()
        if name == "title" and name in record:
            yield record
            record = {}
        record[name] = _with_earlier(record, name, _unbraced(field.value))
    yield record


def parse_pubmed(source: str, text: str) -> Parsed:
    """Return the papers of a PubMed export (nbib, MEDLINE); a line that is no part of a field is set aside."""
    entries: list[dict[str, str] | Dropped] = []
    # A blank line ends a record, for the next one's PMID may be damaged.
    for record, field, value in _in_records(entries, _tagged_fields(text, _TAG, " " * 6), _PUBMED, "PMID", {_BLANK}):
        plain = value.replace("[doi]", "").strip()
        if field != "doi":
            record[field] = _with_earlier(record, field, plain)
        elif value.endswith("[doi]"):
            record.setdefault(field, plain)
    return parse_objects(source, _numbered(entries))


def parse_web_of_science(source: str, text: str) -> Parsed:
    """Return the papers of a Web of Science export in tagged lines; a line that is no part of a field is set aside."""
    entries: list[dict[str, str] | Dropped] = []
    fields = _tagged_fields(text, _WOS_TAG, " " * 3)
    for record, field, value in _in_records(entries, fields, _WOS, "PT", {"ER", "EF", "FN", "VR"}):
        record[field] = _with_earlier(record, field, value)
    return parse_objects(source, _numbered(entries))


def _in_records(
    entries: list[dict[str, str] | Dropped], fields: Iterable[tuple[int, str, str]], names: dict[str, str],
    opening: str, closing: set[str],
) -> Iterator[tuple[dict[str, str], str, str]]:
    """Yield known fields with the record that each belongs to, and put records and stray lines among the `entries`.

    A record begins with the tag `opening`, or with whatever comes where none is open, or with a second title: that is
    of a paper whose own first line is damaged. It ends with a tag of `closing`.
    """
    record: dict[str, str] | None = None
    for number, tag, value in fields:
        if tag in closing:
            record = None
        elif tag == _STRAY and record is not None:
            entries.append(_unreadable(number, "a line of no field", value))
        elif tag != _BLANK:
            field = names.get(tag, "")
            if record is None or tag == opening or (field == "title" and record["title"]):
                record = {"title": "", "opening": value}
                entries.append(record)
            if field:
                yield record, field, value


def _with_earlier(record: dict[str, Any], field: str, value: Any) -> Any:
    """Return a field's value; an abstract in two pieces, or of two records that ran into each other, is one text."""
    return f"{record[field]} {value}" if field == "abstract" and record.get(field) else value


def _tagged_fields(text: str, tag: re.Pattern[str], indent: str) -> Iterator[tuple[int, str, str]]:
    """Yield each field's line number, tag and value, with the lines that go on; and blank lines, and stray ones."""
    number, name, value = 0, _BLANK, ""
    for here, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1):
        found = tag.match(line.rstrip())
        if not found and line.startswith(indent) and line.strip() and name != _BLANK:
            value = f"{value} {line.strip()}".strip()
            continue
        if number:
            yield number, name, value
        number = here
        if found:
            name, value = found[1], (found[2] or "").strip()
        else:
            name, value = (_STRAY, line.strip()) if line.strip() else (_BLANK, "")
    yield number, name, value


def parse_workbook(source: str, content: bytes) -> Parsed:
    """Return the papers of an Excel workbook: of its first sheet that has a column of titles.

    Raises
    ------
    InputError
        It is damaged or too large unpacked, or no sheet has a column of titles.
    """
    import openpyxl

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            size = sum(item.file_size for item in packed.infolist())
        if size > MOST_UNPACKED:
            raise InputError(f"{source}: a workbook of {size:,} bytes unpacked, expected at most {MOST_UNPACKED:,}; "
                             "save the sheet as CSV")
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        tables = [_sheet_csv(source, sheet) for sheet in book.worksheets]
    except InputError:
        raise
    except Exception as error:  # a damaged file makes the library raise kinds that it does not document
        raise InputError(f"{source}: a workbook that cannot be read ({excerpt(str(error))}); save the sheet as CSV"
                         ) from None
    for text in tables:
        found = sniff_csv(text)
        if found:
            return parse_csv(source, text, *found)
    raise InputError(f"{source}: a workbook without a column of titles; name one of its columns 'title'")


def _sheet_csv(source: str, sheet: Any) -> str:
    """Return a sheet as CSV. Its cells can share one long text, and name a far corner, in a few bytes: both count."""
    sheet.reset_dimensions()  # what it says of its own size may be wrong
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    n_cells = 0
    for row in sheet.iter_rows(values_only=True):
        n_cells += len(row)
        writer.writerow("" if cell is None else cell for cell in row)
        if n_cells > MOST_CELLS or out.tell() > MOST_UNPACKED:
            raise InputError(f"{source}: a sheet of more than {MOST_CELLS:,} cells, or {MOST_UNPACKED:,} characters; "
                             "save it as CSV")
    return out.getvalue()


def _numbered(records: Sequence[dict[str, str] | Dropped]) -> Iterator[tuple[str, int, Any]]:
    return ((f"record {number}", number, record) for number, record in enumerate(records, start=1))


def _fields(record: dict[str, Any]) -> dict[str, Any]:
    fields: dict[str, Any] = {"title": ""}
    for name, keys in _RIS.items():
        values = [value[0] if isinstance(value, list) and value else value for value in map(record.get, keys) if value]
        if values:
            fields[name] = values[0]
    if "date" in fields:
        fields["date"] = str(fields["date"]).strip("/ ")
        fields["year"] = str(record.get("publication_year") or record.get("year") or "").strip("/ ")[:4]
    return fields


def _unbraced(value: Any) -> Any:
    return value.replace("{", "").replace("}", "") if isinstance(value, str) and "\\" not in value else value


def _unreadable(number: int, error: object, text: str) -> Dropped:
    return Dropped("", "", number, "unreadable", excerpt(str(error).partition("\n")[0] or "no record"), excerpt(text))
