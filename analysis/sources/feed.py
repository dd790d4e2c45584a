"""Any RSS or Atom feed: one page, read by feedparser, which forgives what real feeds get wrong."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from analysis.schema import SourceError
from analysis.sources.provider import XML, Provider, Step, Window

if TYPE_CHECKING:
    from analysis.sources.declared import Source


def _first(source: Source, window: Window) -> str:
    return source.url


def _read(source: Source, window: Window, url: str, body: bytes) -> Step:
    import feedparser

    if b"<!ENTITY" in body:
        raise SourceError(f"source {source.name} gave a feed that declares entities of its own, which is not read: "
                          "they can make a small page fill the memory")
    # A stream, never the bytes alone: a text that looks like an address or a path would be opened.
    feed = feedparser.parse(io.BytesIO(body))
    if not feed.entries and not feed.get("version"):
        raise SourceError(f"source {source.name} gave a page that is no RSS or Atom feed; check the url in "
                          "sources.toml")
    return Step(len(feed.entries))


PROVIDER = Provider(
    "", _first, _read, (*XML, "text/plain"), pace_s=1.0, needs=("url",),
    passing=re.compile(rb"\A.*?(?=<(?:item|entry)[\s>])", re.S),
)
