"""Strangers' text, made fit for a line: nothing in it may move, hide, format or lead anywhere."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote, urlsplit

_ORDERS = re.compile(
    r"\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"  # to the terminal, with a text of its own: a window's title, a link
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # colour, cursor
    r"|\x1b[ -/]*[0-~]?", re.DOTALL)
_TURNS = frozenset("\u061c\u200b\u200e\u200f\u2060\ufeff")
"""Format characters that turn the writing round or hide. Others, such as joiners, make letters of many scripts."""

_MARKDOWN = re.compile(r"[\\`*_{}\[\]#|<>~&$@!]|(?<=www)\.|:(?=\S)|^[-+=]", re.IGNORECASE)
_NUMBERED = re.compile(r"^(\d{1,9})([.)])(?=\s)")
_LONGEST_LINK = 500


def plain_line(text: object, length: int = 200) -> str:
    """Return a stranger's text as one line of at most `length` characters.

    Orders to a terminal, control characters, marks that turn the writing round, and what XML cannot hold are gone.
    """
    line = _ORDERS.sub("", str(text)[: 20 * length])
    line = " ".join("".join(letter if _stays(letter) else " " for letter in line).split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def _stays(letter: str) -> bool:
    code, kind = ord(letter), unicodedata.category(letter)
    if kind in ("Cc", "Cs", "Zl", "Zp") or letter in _TURNS or code & 0xFFFE == 0xFFFE:
        return False
    return not (0x202A <= code <= 0x202E or 0x2066 <= code <= 0x206F or 0xFFF9 <= code <= 0xFFFB
                or 0xE0000 <= code <= 0xE007F or 0xFDD0 <= code <= 0xFDEF)


def markdown_line(text: str) -> str:
    """Return a line in which every mark that Markdown, its tables, its links or its formulas would read is escaped."""
    return _NUMBERED.sub(r"\1\\\2", _MARKDOWN.sub(lambda found: "\\" + found[0], plain_line(text, 2000)))


def safe_link(url: object) -> str:
    """Return an http or https address in ASCII that is safe in any attribute or bracket; empty for anything else.

    An address with a user name is refused: what stands before the ``@`` is often meant to be taken for the host.
    """
    if not isinstance(url, str) or not 0 < len(url) <= _LONGEST_LINK:
        return ""
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return ""
    if not known or "@" in parts.netloc or not re.fullmatch(r"[A-Za-z0-9.:\[\]-]+", parts.netloc):
        return ""
    if any(not _stays(letter) or letter.isspace() or letter == "\\" for letter in url):
        return ""
    rest = url.split("//", 1)[1][len(parts.netloc):]
    return f"{parts.scheme}://{parts.netloc}{quote(rest, safe='/?#&=%:;,+~!$@.-_')}"
