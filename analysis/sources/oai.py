"""Repositories that speak OAI-PMH 2.0 (https://www.openarchives.org/OAI/openarchivesprotocol.html), arXiv's first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from analysis.schema import SourceError
from analysis.sources.http import plain
from analysis.sources.provider import XML, Provider, Step, Window, read_xml, whole_number, with_query

if TYPE_CHECKING:
    from analysis.sources.declared import Source

ADDRESS = "https://oaipmh.arxiv.org/oai"
_OAI = "{http://www.openarchives.org/OAI/2.0/}"


def _first(source: Source, window: Window) -> str:
    # Dates here are days on which a record was added or changed, so what turns up late is not missed.
    return with_query(source.url or ADDRESS, verb="ListRecords", metadataPrefix=source.prefix, set=source.query,
                      **{"from": window.since.isoformat(), "until": window.until.isoformat()})


def _read(source: Source, window: Window, url: str, body: bytes) -> Step:
    root = read_xml(body, "The repository", "OAI-PMH")
    error = root.find(f"{_OAI}error")
    if error is not None:
        if error.get("code") == "noRecordsMatch":
            return Step(0)
        raise SourceError(f"source {source.name}: the repository says {plain(error.get('code') or 'error')} "
                          f"({plain((error.text or '').strip())}); check query, prefix and url in sources.toml")
    records = root.findall(f"{_OAI}ListRecords/{_OAI}record")
    token = root.find(f"{_OAI}ListRecords/{_OAI}resumptionToken")
    if token is None:
        return Step(len(records))
    promised = whole_number(token.get("completeListSize", ""))
    if not (token.text or "").strip():
        return Step(len(records), promised=promised)
    next_url = with_query(source.url or ADDRESS, verb="ListRecords", resumptionToken=(token.text or "").strip())
    return Step(len(records), next_url, promised)


PROVIDER = Provider(
    ADDRESS, _first, _read, XML, pace_s=3.0, late_days=1,
    passing=re.compile(rb"<responseDate>[^<]*</responseDate>|<resumptionToken.*?(?:</resumptionToken>|/>)", re.S),
)
