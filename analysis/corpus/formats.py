"""Bytes to papers: which format an input is in, told by its content, with its name as a hint."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from analysis.corpus.exports import parse_bibtex, parse_pubmed, parse_ris, parse_web_of_science, parse_workbook
from analysis.corpus.markup import parse_html, parse_xml
from analysis.corpus.objects import parse_json, parse_json_lines, parse_parquet
from analysis.corpus.page import parse_page
from analysis.corpus.records import InputFile, Parsed
from analysis.corpus.tabular import parse_csv, sniff_csv
from analysis.schema import InputError

_READS = ("a pasted page (text), a saved web page, CSV, TSV, JSON, JSON Lines, Parquet, an Excel workbook, Atom, RSS, "
          "OAI-PMH, ACL Anthology XML, Zotero RDF, BibTeX, RIS, PubMed nbib or Web of Science text")
_SIGNATURES = (
    (b"%PDF", "a PDF"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"SQLite format 3", "a database"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"ARROW1", "an Arrow file"),
    (b"{\\rtf", "rich text"),
)
# Formats that look like text and would give nonsense as a page.
_TEXT_FORMATS: tuple[tuple[re.Pattern[str], Callable[[str, str], Parsed]], ...] = (
    (re.compile(r"\s*<(?:!doctype html|html|head|body)\b", re.I), parse_html),
    (re.compile(r"\s*<(?:\?xml|[A-Za-z][\w:.-]*[\s/>])"), parse_xml),
    (re.compile(r"^\s*@\w+\s*\{\s*[^\s,{}]+\s*,", re.M), parse_bibtex),
    (re.compile(r"^PMID *- ", re.M), parse_pubmed),
    (re.compile(r"^TY  ?- ", re.M), parse_ris),
    (re.compile(r"\A\s*FN .{0,60}\nVR |\A\s*PT [A-Z]\n(?:.*\n)*?ER\b"), parse_web_of_science),
)
_CONTROL = bytes(code for code in range(27) if code not in b"\t\n\v\f\r")
_BOMS = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


def parse_file(file: InputFile) -> Parsed:
    """Return what `file` holds.

    Raises
    ------
    InputError
        The file as a whole cannot be read: it is not text, in a format that is not read, or has no titles.
    """
    name, content = file.name, file.content
    if not content.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        return Parsed()
    if content[:4] == b"PAR1":
        return parse_parquet(name, content)
    if content.startswith(b"PK\x03\x04") and b"xl/" in content:
        return parse_workbook(name, content)
    for signature, what in _SIGNATURES:
        if content.startswith(signature):
            raise InputError(f"{name}: {what}, expected {_READS}; export or copy the papers into one of these")
    text = decode(file)
    extension = name.lower().rpartition(".")[2]
    if text.lstrip()[:1] in ("[", "{") or extension in ("json", "jsonl", "ndjson"):
        parsed = _json(name, text, extension)
        if parsed is not None:
            return parsed
    for pattern, parse in _TEXT_FORMATS:
        start = text[:20_000].replace("\r\n", "\n")
        if pattern.match(start) if parse in (parse_html, parse_xml) else pattern.search(start):
            return parse(name, text)
    if extension == "xml":  # no page and no table, however its first line looks
        return parse_xml(name, text)
    table = sniff_csv(text)
    if table or extension in ("csv", "tsv", "tab"):
        delimiter, header_line = table or ("," if extension == "csv" else "\t", _first_line(text))
        return parse_csv(name, text, delimiter, header_line)
    return parse_page(name, text)


def decode(file: InputFile) -> str:
    """Return the text of `file`: by its byte order mark, else UTF-8, UTF-16 or Windows Latin, whichever it fits.

    Raises
    ------
    InputError
        The bytes are not text.
    """
    content = file.content
    encoding = next((encoding for mark, encoding in _BOMS if content.startswith(mark)), None)
    if encoding is None and content.count(0) > len(content) / 4:
        encoding = "utf-16-le" if content[1:4000:2].count(0) > content[:4000:2].count(0) else "utf-16-be"
    text = content.decode(encoding, "replace") if encoding else _decode_bytes(content)
    as_bytes = text.encode("utf-8", "surrogatepass")
    odd = len(as_bytes) - len(as_bytes.translate(None, _CONTROL)) + text.count("\ufffd")
    if odd > max(5, 0.02 * len(text)):
        raise InputError(f"{file.name}: not text ({odd} of {len(text)} characters are unreadable), expected {_READS}")
    return text.removeprefix("\ufeff")


def _decode_bytes(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    # some broken bytes in a text that is otherwise UTF-8, or another encoding altogether
    if sum(1 for character in text if character > "\x7f") > 2 * broken:
        return text
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _json(name: str, text: str, extension: str) -> Parsed | None:
    """Return the papers of JSON or JSON Lines; None where the text only begins like JSON."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        lines = [line for line in text[:200_000].splitlines()[:50] if line.strip()]
        if any(_is_object(line) for line in lines):
            return parse_json_lines(name, text)
        if extension in ("json", "jsonl", "ndjson") or re.match(r"\s*[\[{]\s*[\"{\[]", text):
            reason = str(error) or "nested too deeply"
            raise InputError(
                f"{name}: not valid JSON ({reason}); expected a list of objects, or one object a line"
            ) from None
        return None
    one_line = "\n" not in text.strip() and isinstance(value, dict)
    if one_line and extension in ("jsonl", "ndjson"):
        return parse_json_lines(name, text)
    return parse_json(name, value)


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _first_line(text: str) -> int:
    return next((number for number, line in enumerate(re.split(r"\r\n?|\n", text), start=1) if line.strip()), 1)
