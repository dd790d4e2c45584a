"""The daily papers of Hugging Face, one day after the other (https://huggingface.co/docs/hub/api)."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from analysis.sources.provider import JSON, Provider, Step, Window, read_json, with_query

if TYPE_CHECKING:
    from analysis.sources.declared import Source

ADDRESS = "https://huggingface.co/api/daily_papers"
PER_PAGE = 100


def _page(source: Source, day: dt.date, number: int = 0) -> str:
    return with_query(source.url or ADDRESS, date=day.isoformat(), limit=PER_PAGE, p=number or None)


def _first(source: Source, window: Window) -> str:
    return _page(source, window.since)


def _read(source: Source, window: Window, url: str, body: bytes) -> Step:
    n_records = len(read_json(body, "Hugging Face", list))
    asked = parse_qs(urlsplit(url).query)
    day, number = dt.date.fromisoformat(asked["date"][0]), int(asked.get("p", ["0"])[0])
    if n_records == PER_PAGE:  # a full page may have another behind it
        return Step(n_records, _page(source, day, number + 1))
    tomorrow = day + dt.timedelta(days=1)
    return Step(n_records, _page(source, tomorrow) if tomorrow <= window.until else None)


PROVIDER = Provider(ADDRESS, _first, _read, JSON, pace_s=1.0, late_days=2)
