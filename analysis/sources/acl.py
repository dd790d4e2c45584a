"""Collections of the ACL Anthology, as the XML that its maintainers keep (https://github.com/acl-org/acl-anthology)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from analysis.schema import SettingsError
from analysis.sources.provider import XML, Provider, Step, Window, read_xml

if TYPE_CHECKING:
    from analysis.sources.declared import Source

ADDRESS = "https://raw.githubusercontent.com/acl-org/acl-anthology/master/data/xml"


def _addresses(source: Source) -> list[str]:
    """Return one address a collection; those that the query names in place of days, for a collection has one date."""
    names = source.query.replace(",", " ").split()
    if not names:
        raise SettingsError(f"source {source.name} names no collection; expected such as 2024.acl")
    return [f"{(source.url or ADDRESS).rstrip('/')}/{quote(name, safe='')}.xml" for name in dict.fromkeys(names)]


def _first(source: Source, window: Window) -> str:
    return _addresses(source)[0]


def _read(source: Source, window: Window, url: str, body: bytes) -> Step:
    n_records = sum(1 for _ in read_xml(body, "The ACL Anthology", "collection").iter("paper"))
    addresses = _addresses(source)
    left = addresses[addresses.index(url) + 1:]
    return Step(n_records, left[0] if left else None)


PROVIDER = Provider(
    ADDRESS, _first, _read, (*XML, "text/plain"), pace_s=1.0, needs=("query",),
    licence="CC-BY-4.0 (before 2016: CC-BY-NC-SA-3.0)",
)
