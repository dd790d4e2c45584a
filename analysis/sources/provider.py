"""What a provider is: where it is asked, how politely, and what its pages say of themselves."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from analysis.sources.http import BrokenAnswer

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from analysis.sources.declared import Source

JSON = ("application/json",)
XML = ("text/xml", "application/xml", "application/atom+xml", "application/rss+xml", "application/rdf+xml")


@dataclass(frozen=True)
class Window:
    """The days that are asked for, both included."""

    since: dt.date
    until: dt.date


@dataclass(frozen=True)
class Step:
    """What one page says of itself and of the next.

    Parameters
    ----------
    n_records : int
        Records that it holds.
    next_url : str or None
        Where the fetch goes on; None at the end.
    promised : int or None
        Records that all pages should hold together, where this page says so.
    """

    n_records: int
    next_url: str | None = None
    promised: int | None = None


@dataclass(frozen=True)
class Provider:
    """One provider: it knows its addresses and how to go on, and nothing of papers.

    Parameters
    ----------
    address : str
        Asked unless the source names another.
    first : callable
        Source and window → address of the first page.
    read : callable
        Source, window, address and body → `Step`. Raises a `SourceError` where the body is none of its pages.
    accepted : tuple of str
        Content types of its pages.
    pace_s : float
        Least seconds between two requests, by the provider's published rules.
    late_days : int
        How many days after its date a paper may turn up; a fetch looks back as far.
    licence : str
        Of the metadata; empty where the provider does not say.
    needs : tuple of str
        What a source of its kind must say.
    key_variable, key_header : str
        Where its key is found, and how it is sent (empty: as a bearer token). Keys never stand in an address.
    passing : pattern or None
        What changes in a page from day to day though its papers do not: the time of the answer.
    """

    address: str
    first: Callable[[Source, Window], str]
    read: Callable[[Source, Window, str, bytes], Step]
    accepted: tuple[str, ...]
    pace_s: float
    late_days: int = 0
    licence: str = ""
    needs: tuple[str, ...] = ()
    key_variable: str = ""
    key_header: str = ""
    passing: re.Pattern[bytes] | None = None


def with_query(address: str, **parameters: object) -> str:
    """Return an address with parameters, those that are None or empty left out."""
    pairs = {key: value for key, value in parameters.items() if value not in (None, "")}
    return f"{address}{'&' if '?' in address else '?'}{urlencode(pairs)}"


def read_json(body: bytes, who: str, kind: type) -> Any:
    """Return a page of JSON, which is a list or an object as `kind` says."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, kind):
        raise BrokenAnswer(f"{who} gave a page that is no JSON {'list' if kind is list else 'object'}; try again later")
    return value


def read_xml(body: bytes, who: str, root: str) -> Element:
    """Return the root element of a page of XML, whose name without namespace is `root`.

    Entities and outside references are refused: they can make a small page fill the memory or read our disk.
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        element: Element | None = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError, LookupError, RecursionError):
        element = None
    if element is None or element.tag.rpartition("}")[2] != root:
        raise BrokenAnswer(f"{who} gave a page that is no XML of {root}; try again later")
    return element


def whole_number(text: Any) -> int | None:
    """Return a count that a page tells, or None where it is none."""
    return int(text) if re.fullmatch(r"[0-9]{1,12}", str(text).strip()) else None
