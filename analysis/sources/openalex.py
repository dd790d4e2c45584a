"""OpenAlex works by cursor (https://developers.openalex.org). It asks for a key, which is free."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from analysis.sources.provider import JSON, Provider, Step, Window, read_json, whole_number, with_query

if TYPE_CHECKING:
    from analysis.sources.declared import Source

ADDRESS = "https://api.openalex.org/works"
PER_PAGE = 100
FIELDS = ("id", "doi", "ids", "title", "display_name", "publication_date", "publication_year", "type", "language",
          "primary_location", "cited_by_count", "abstract_inverted_index")


def _page(source: Source, window: Window, cursor: str) -> str:
    is_filter = re.match(r"[a-z_.]+:", source.query) is not None
    days = f"from_publication_date:{window.since},to_publication_date:{window.until}"
    return with_query(
        source.url or ADDRESS, filter=f"{source.query},{days}" if is_filter else days,
        search=None if is_filter else source.query, select=",".join(FIELDS), cursor=cursor, **{"per-page": PER_PAGE},
    )


def _first(source: Source, window: Window) -> str:
    return _page(source, window, "*")


def _read(source: Source, window: Window, url: str, body: bytes) -> Step:
    page = read_json(body, "OpenAlex", dict)
    works, meta = page.get("results"), page.get("meta")
    n_records = len(works) if isinstance(works, list) else 0
    cursor = meta.get("next_cursor") if isinstance(meta, dict) else None
    promised = whole_number(meta.get("count")) if isinstance(meta, dict) else None
    more = n_records > 0 and isinstance(cursor, str) and cursor != ""
    return Step(n_records, _page(source, window, str(cursor)) if more else None, promised)


PROVIDER = Provider(
    ADDRESS, _first, _read, JSON, pace_s=0.2, late_days=30, licence="CC0-1.0", needs=("query",),
    key_variable="PAPER_THEMES_OPENALEX_KEY",
    passing=re.compile(rb'"(?:db_response_time_ms|next_cursor|cost_usd)"\s*:\s*(?:"[^"]*"|[^,}\s]*)'),
)
