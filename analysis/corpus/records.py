"""What a reader hands over: records that can become papers, records set aside, and the page's own words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from analysis.corpus.text import normalise_text

_ARXIV = re.compile(r"(?:arxiv:\s*)?(\d{4}\.\d{4,5}(?:v\d+)?|[a-z-]+(?:\.[A-Z]{2})?/\d{7})", re.IGNORECASE)
_DOI = re.compile(r"(?:doi:?\s*)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_WEB = re.compile(r"https?://[^\s<>\"\\^`{|}\x00-\x20\x7f\ud800-\udfff]+", re.IGNORECASE)
_COUNT = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*([km]?)", re.IGNORECASE)
_LABEL = re.compile(r"^(?:abstract|summary)\s*(?:[:.—–-]\s*|\s(?=[A-Z]))", re.IGNORECASE)
_RIGHTS = re.compile(r"\s*(?:copyright\s*)?©[^©]{0,200}$", re.IGNORECASE)
_NOTHING = frozenset(
    {
        "",
        "-",
        "nan",
        "none",
        "null",
        "n/a",
        "na",
        "no abstract",
        "no title",
        "abstract",
        "no abstract available",
        "[no abstract available]",
        "[no title available]",
        "no abstract available.",
        "abstract not available",
    }
)


@dataclass(frozen=True)
class InputFile:
    """One input as it came: its name, for messages and for its format's hint, and its bytes."""

    name: str
    content: bytes = field(repr=False)


class Record(NamedTuple):
    """One paper as one input tells it, already normalised. `order` sorts records as they stood in the input."""

    source: str
    place: str
    order: int
    title: str
    abstract: str
    published: str | None = None
    precision: str = "none"
    url: str | None = None
    venue: str | None = None
    upvotes: int | None = None
    first_seen: str | None = None


class Dropped(NamedTuple):
    """One record set aside: where it stood, and why."""

    source: str
    place: str
    order: int
    kind: str
    reason: str
    text: str
    paper_id: str | None = None


class Chrome(NamedTuple):
    """A line that belongs to the page and not to a paper: navigation, buttons, counts, bylines, footers."""

    source: str
    line: int
    text: str


@dataclass
class Parsed:
    """Everything that one input holds."""

    records: list[Record] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    chrome: list[Chrome] = field(default_factory=list)


def excerpt(text: str) -> str:
    """Return the beginning of a record, as one line of at most 120 characters."""
    line = normalise_text(text[:400])
    return line if len(line) <= 120 else line[:119] + "…"


def tidy_title(text: str) -> str:
    """Return a title as one line of Unicode text; empty where it says nothing."""
    title = normalise_text(text)
    return "" if title.casefold() in _NOTHING else title


def tidy_abstract(text: str) -> str:
    """Return an abstract as one line of Unicode text, without a leading label or a closing copyright line."""
    abstract = normalise_text(text)
    if "©" in abstract[-220:]:
        abstract = _RIGHTS.sub("", abstract)
    if abstract[:1] in "aAsS":
        abstract = _LABEL.sub("", abstract)
    return "" if abstract.casefold() in _NOTHING else abstract


def tidy_url(text: str, bare_ids: bool = True) -> str | None:
    """Return the http(s) address that a cell gives, made from a DOI or an arXiv id where that is all there is.

    Parameters
    ----------
    text : str
    bare_ids : bool
        Whether a DOI or an arXiv id alone counts.
    """
    text = text.strip()
    if not text:
        return None
    web = _WEB.search(text)
    if web and len(web.group()) <= 2000:
        return web.group().rstrip(".,;)")
    if not bare_ids:
        return None
    if doi := _DOI.fullmatch(text):
        return f"https://doi.org/{doi.group(1)}" if _WEB.fullmatch(f"https://doi.org/{doi.group(1)}") else None
    if arxiv := _ARXIV.fullmatch(text):
        return f"https://arxiv.org/abs/{arxiv.group(1)}"
    return None


def tidy_count(text: str) -> int | None:
    """Return the number of votes that a cell gives (``12``, ``1,204``, ``1.2k``), or None."""
    found = _COUNT.fullmatch(text.strip())
    if not found or len(found.group(1)) > 15:
        return None
    return round(float(found.group(1).replace(",", "")) * {"": 1, "k": 1e3, "m": 1e6}[found.group(2).lower()])
