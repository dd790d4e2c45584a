"""Records written in each of the formats that are read, so that how many went in is known."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from html import escape
from typing import Any
from xml.sax.saxutils import quoteattr

Record = dict[str, str]
FIELDS = ("title", "abstract", "date", "url", "venue")


def _xml(text: str) -> str:
    """Escape for XML, without what XML cannot hold at all."""
    return escape("".join(letter for letter in text if letter in "\t\n\r" or " " <= letter <= "\ud7ff"
                          or "\ue000" <= letter <= "\ufffd" or letter >= "\U00010000"))


def _one_line(text: str) -> str:
    """Return what a format of tagged lines can hold."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _delimited(delimiter: str) -> Callable[[Sequence[Record]], bytes]:
    def write(records: Sequence[Record]) -> bytes:
        out = io.StringIO()
        table = csv.DictWriter(out, FIELDS, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
        table.writeheader()
        table.writerows(records)
        return out.getvalue().encode("utf-8", "replace")
    return write


def _json(records: Sequence[Record]) -> bytes:
    return json.dumps(records, indent=1).encode()


def _json_lines(records: Sequence[Record]) -> bytes:
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def _openalex(records: Sequence[Record]) -> bytes:
    results = [{"display_name": record["title"], "publication_date": record["date"], "doi": record["url"],
                "abstract_inverted_index": {word: [place] for place, word in enumerate(record["abstract"].split())}}
               for record in records]
    return json.dumps({"meta": {"count": len(results)}, "results": results}).encode()


def _daily(records: Sequence[Record]) -> bytes:
    return json.dumps([{"paper": {"id": "2401.00001", "title": record["title"], "summary": record["abstract"],
                                  "publishedAt": record["date"], "upvotes": 3}} for record in records]).encode()


def _atom(records: Sequence[Record]) -> bytes:
    entries = "".join(f"<entry><id>{_xml(r['url'])}</id><title>{_xml(r['title'])}</title><summary>{_xml(r['abstract'])}"
                      f"</summary><published>{_xml(r['date'])}</published></entry>\n" for r in records)
    return f'<?xml version="1.0"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title>{entries}</feed>'.encode()


def _rss(records: Sequence[Record]) -> bytes:
    items = "".join(f"<item><title>{_xml(r['title'])}</title><description>{_xml(r['abstract'])}</description>"
                    f"<link>{_xml(r['url'])}</link><pubDate>{_xml(r['date'])}</pubDate></item>\n" for r in records)
    return f'<rss version="2.0"><channel><title>x</title>{items}</channel></rss>'.encode()


def _oai(records: Sequence[Record]) -> bytes:
    parts = "".join(
        f"<record><header><identifier>oai:x:{number}</identifier></header><metadata><dc><title>{_xml(r['title'])}"
        f"</title><description>{_xml(r['abstract'])}</description><date>{_xml(r['date'])}</date></dc></metadata>"
        "</record>\n" for number, r in enumerate(records))
    return f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>{parts}</ListRecords></OAI-PMH>'.encode()


def _anthology(records: Sequence[Record]) -> bytes:
    papers = "".join(f"<paper id={quoteattr(str(n))}><title>{_xml(r['title'])}</title><abstract>{_xml(r['abstract'])}"
                     f"</abstract><url>{_xml(r['url'])}</url></paper>\n" for n, r in enumerate(records))
    return (f"<collection id='x'><volume id='1'><meta><booktitle>x</booktitle><year>2020</year></meta>{papers}</volume>"
            "</collection>").encode()


def _zotero(records: Sequence[Record]) -> bytes:
    items = "".join(f"<Article><itemType>journalArticle</itemType><title>{_xml(r['title'])}</title><abstract>"
                    f"{_xml(r['abstract'])}</abstract><date>{_xml(r['date'])}</date></Article>\n" for r in records)
    return (f'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">{items}</rdf:RDF>').encode()


def _html(records: Sequence[Record]) -> bytes:
    articles = "".join(f"<article><h3><a href={quoteattr(_xml(r['url']))}>{_xml(r['title'])}</a></h3><p>"
                       f"{_xml(r['abstract'])}</p></article>\n" for r in records)
    return f"<!doctype html><html><body>{articles}</body></html>".encode()


def _bibtex(records: Sequence[Record]) -> bytes:
    def braced(text: str) -> str:
        return _one_line(text).translate(str.maketrans("", "", "{}\\@"))
    entries = (f"@article{{key{n},\n  title = {{{braced(r['title'])}}},\n  abstract = {{{braced(r['abstract'])}}},\n  "
               f"year = {{{braced(r['date'])}}}\n}}\n\n" for n, r in enumerate(records))
    return "".join(entries).encode("utf-8", "replace")


def _ris(records: Sequence[Record]) -> bytes:
    return "".join(f"TY  - JOUR\nTI  - {_one_line(r['title'])}\nAB  - {_one_line(r['abstract'])}\nPY  - "
                   f"{_one_line(r['date'])}\nER  - \n\n" for r in records).encode("utf-8", "replace")


def _pubmed(records: Sequence[Record]) -> bytes:
    return "".join(f"PMID- {n}\nTI  - {_one_line(r['title'])}\nAB  - {_one_line(r['abstract'])}\nDP  - "
                   f"{_one_line(r['date'])}\n\n" for n, r in enumerate(records)).encode("utf-8", "replace")


def _web_of_science(records: Sequence[Record]) -> bytes:
    parts = "".join(f"PT J\nTI {_one_line(r['title'])}\nAB {_one_line(r['abstract'])}\nPY {_one_line(r['date'])}\n"
                    "ER\n\n" for r in records)
    return f"FN x\nVR 1.0\n{parts}EF\n".encode("utf-8", "replace")


def _workbook(records: Sequence[Record]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(FIELDS)
    for record in records:
        for column, field in enumerate(FIELDS, start=1):
            cell = sheet.cell(sheet.max_row + (column == 1), column)
            cell.value = _xml(record[field])[:30_000]
            cell.data_type = "s"
    book.save(out := io.BytesIO())
    return out.getvalue()


def _parquet(records: Sequence[Record]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    columns = {field: [record[field].encode("utf-8", "replace").decode() for record in records] for field in FIELDS}
    pq.write_table(pa.table(columns, schema=pa.schema([(field, pa.string()) for field in FIELDS])),
                   out := io.BytesIO())
    return out.getvalue()


def _page(records: Sequence[Record]) -> bytes:
    return "\n\n".join(f"{r['title']}\n\n{r['abstract']}" for r in records).encode("utf-8", "replace")


WRITERS: dict[str, tuple[str, Callable[[Sequence[Record]], bytes]]] = {
    "page": ("txt", _page), "html": ("html", _html), "csv": ("csv", _delimited(",")), "tsv": ("tsv", _delimited("\t")),
    "json": ("json", _json), "json lines": ("jsonl", _json_lines), "openalex": ("json", _openalex),
    "daily papers": ("json", _daily), "parquet": ("parquet", _parquet), "workbook": ("xlsx", _workbook),
    "atom": ("xml", _atom), "rss": ("xml", _rss), "oai-pmh": ("xml", _oai), "anthology": ("xml", _anthology),
    "zotero": ("rdf", _zotero), "bibtex": ("bib", _bibtex), "ris": ("ris", _ris), "pubmed": ("nbib", _pubmed),
    "web of science": ("txt", _web_of_science),
}
"""Format → the usual ending of its files, and how records become one."""

COUNTED = frozenset(WRITERS) - {"page"}
"""Formats whose records stand apart whatever they say; a page's are told apart by what they say."""


def blank(record: Record, kind: str) -> bool:
    """Tell whether a record says nothing at all in its format, so that none is there."""
    said: Any = (cell.strip() for cell in record.values())
    return kind in ("csv", "tsv", "workbook") and not any(said)
