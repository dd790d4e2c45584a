"""Semantic Scholar's bulk search by token (https://api.semanticscholar.org/api-docs/graph)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from analysis.sources.provider import JSON, Provider, Step, Window, read_json, whole_number, with_query

if TYPE_CHECKING:
    from analysis.sources.declared import Source

ADDRESS = "https://api.semanticscholar.org/graph/v1/paper/search/bulk"
FIELDS = "title,abstract,year,publicationDate,venue,url,externalIds,citationCount,fieldsOfStudy,publicationTypes"


def _page(source: Source, window: Window, token: str = "") -> str:
    return with_query(source.url or ADDRESS, query=source.query, fields=FIELDS, sort="publicationDate:desc",
                      publicationDateOrYear=f"{window.since}:{window.until}", token=token)


def _first(source: Source, window: Window) -> str:
    return _page(source, window)


def _read(source: Source, window: Window, url: str, body: bytes) -> Step:
    page = read_json(body, "Semantic Scholar", dict)
    papers, token = page.get("data"), page.get("token")
    n_records = len(papers) if isinstance(papers, list) else 0
    more = n_records > 0 and isinstance(token, str) and token != ""
    return Step(n_records, _page(source, window, token) if more else None, whole_number(page.get("total")))


PROVIDER = Provider(
    ADDRESS, _first, _read, JSON, pace_s=1.0, late_days=30, licence="ODC-BY-1.0", needs=("query",),
    key_variable="PAPER_THEMES_S2_KEY", key_header="x-api-key",
    passing=re.compile(rb'"token"\s*:\s*"[^"]*"'),
)
