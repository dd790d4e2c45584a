"""arXiv's search (https://info.arxiv.org/help/api/user-manual.html): newest first, until the pages are old enough.

No range of dates is asked for: a search that wrongly finds nothing would then look like a day without papers. Papers
that appear while we page push the others down, so pages overlap and nothing is missed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from analysis.schema import SourceError
from analysis.sources.http import BrokenAnswer, plain
from analysis.sources.provider import XML, Provider, Step, Window, read_xml, whole_number, with_query

if TYPE_CHECKING:
    from analysis.sources.declared import Source

ADDRESS = "https://export.arxiv.org/api/query"
PER_PAGE = 200
_ATOM = "{http://www.w3.org/2005/Atom}"
_TOTAL = "{http://a9.com/-/spec/opensearch/1.1/}totalResults"


def _page(source: Source, start: int) -> str:
    return with_query(source.url or ADDRESS, search_query=source.query, start=start, max_results=PER_PAGE,
                      sortBy="submittedDate", sortOrder="descending")


def _first(source: Source, window: Window) -> str:
    return _page(source, 0)


def _read(source: Source, window: Window, url: str, body: bytes) -> Step:
    feed = read_xml(body, "arXiv", "feed")
    entries = feed.findall(f"{_ATOM}entry")
    for entry in entries:
        if "/api/errors" in entry.findtext(f"{_ATOM}id", ""):
            raise SourceError(f"arXiv does not understand the query of source {source.name} "
                              f"({plain(entry.findtext(f'{_ATOM}summary', ''))}); mend it in sources.toml")
    start = int(parse_qs(urlsplit(url).query)["start"][0])
    total = whole_number(feed.findtext(_TOTAL, ""))
    if not entries and (total is None or start < total or start == 0):
        # A known habit of the server; most times the page is there when asked again.
        raise BrokenAnswer(f"arXiv gave source {source.name} an empty page at paper {start} of {total or 'none'}; try "
                           "again later, and check that its query finds something")
    oldest = min((entry.findtext(f"{_ATOM}published", "")[:10] for entry in entries), default="")
    old_enough = "" < oldest < window.since.isoformat()
    reached = start + len(entries)
    if not entries or old_enough or (total is not None and reached >= total):
        return Step(len(entries))
    return Step(len(entries), _page(source, reached))


PROVIDER = Provider(
    ADDRESS, _first, _read, XML, pace_s=3.0, late_days=7, licence="CC0-1.0", needs=("query",),
    passing=re.compile(rb"\A.*?(?=<entry>)", re.S),
)
