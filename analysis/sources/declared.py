"""The feeds that a person declares in ``sources.toml``: one ``[[source]]`` block each."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import tomllib
from dataclasses import dataclass
from typing import Any

from analysis.schema import SettingsError
from analysis.sources.addresses import check_address, without_secrets
from analysis.sources.providers import PROVIDERS

RESERVED = ("inbox",)
"""Names in ``data/raw`` that are no fetched feed."""


@dataclass(frozen=True)
class Source:
    """A feed to fetch.

    Parameters
    ----------
    name : str
        Names its folder in ``data/raw``: lower case letters, digits, hyphens.
    provider : str
        One of `PROVIDERS`.
    query : str
        In the provider's own words: ``cat:cs.CL`` for arXiv, a set such as ``cs:cs:CL`` for OAI-PMH, a filter such as
        ``primary_topic.subfield.id:1702`` or plain words for OpenAlex, words for Semantic Scholar, collections such as
        ``2024.acl 2024.emnlp`` for the ACL Anthology.
    url : str
        Address of the feed; for the others an address that is asked in place of the provider's own, such as a mirror.
    most : int
        Most records that one fetch takes, to the end of the page that reaches it.
    days : int
        How far back the first fetch goes.
    licence : str
        Where the person knows more than the provider says.
    prefix : str
        Metadata format of OAI-PMH: ``arXiv``, or ``oai_dc``, which every repository has.
    contact : str
        Mail address that providers may write to when we are a burden; named once, above the blocks.
    """

    name: str
    provider: str
    query: str = ""
    url: str = ""
    most: int = 5000
    days: int = 30
    licence: str = ""
    prefix: str = "arXiv"
    contact: str = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,63}", self.name) or self.name in RESERVED:
            raise SettingsError(f"source name {self.name!r} cannot name a folder; expected lower case letters, digits "
                                f"and hyphens, and not {' or '.join(RESERVED)}")
        if self.provider not in PROVIDERS:
            raise SettingsError(f"source {self.name}: provider is {self.provider!r}, expected one of "
                                f"{', '.join(PROVIDERS)}")
        if not 1 <= self.most <= 1_000_000:
            raise SettingsError(f"source {self.name}: most is {self.most}, expected 1 to 1000000 records")
        if not 1 <= self.days <= 36_600:
            raise SettingsError(f"source {self.name}: days is {self.days}, expected 1 to 36600")
        if self.url:
            check_address(self.url, f"url of source {self.name}")
        for field in ("query", "licence", "prefix", "contact"):
            if not getattr(self, field).isprintable():
                raise SettingsError(f"source {self.name}: {field} holds a line end or another control character")
        if self.contact and not re.fullmatch(r"[!-~]+@[!-~]+", self.contact):
            raise SettingsError(f"contact is {self.contact!r}, expected a mail address in ASCII")
        for field in PROVIDERS[self.provider].needs:
            if not getattr(self, field).strip():
                raise SettingsError(f"source {self.name} has no {field!r}, which {self.provider} needs")

    @property
    def key_variable(self) -> str:
        """Environment variable that may hold the provider's key; empty where it gives none."""
        return PROVIDERS[self.provider].key_variable

    def about(self, since: dt.date | None = None, until: dt.date | None = None) -> dict[str, Any]:
        """Return what a snapshot's sidecar says of where it came from, and of the days asked for; no secrets."""
        provider = PROVIDERS[self.provider]
        return {
            "source": self.name, "provider": self.provider, "query": self.query,
            "url": without_secrets(self.url or provider.address), "licence": self.licence or provider.licence or None,
            "since": since.isoformat() if since else None, "until": until.isoformat() if until else None,
        }


def read_sources(text: str, where: str) -> tuple[Source, ...]:
    """Return the feeds that a TOML text declares, one ``[[source]]`` block each, in their order.

    Raises
    ------
    SettingsError
        The text is not TOML, a key or a value is not one of `Source`, or a name stands twice.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{where}: not valid TOML ({error}); mend that line and run again") from None
    unknown = set(values) - {"source", "contact"}
    if unknown:
        raise SettingsError(f"{where}: unknown block {sorted(unknown)[0]!r}; expected contact and [[source]] blocks")
    blocks = values.get("source", [])
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise SettingsError(f"{where}: 'source' is one table, expected [[source]] blocks with double brackets")
    contact = values.get("contact", "")
    if not isinstance(contact, str):
        raise SettingsError(f"{where}: contact is {contact!r}, expected a mail address")
    sources = tuple(_source({"contact": contact, **block}, where) for block in blocks)
    names = [source.name for source in sources]
    for name in names:
        if names.count(name) > 1:
            raise SettingsError(f"{where}: source name {name!r} stands twice; give each source its own name")
    return sources


def _source(block: dict[str, Any], where: str) -> Source:
    kinds = {field.name: int if field.type == "int" else str for field in dataclasses.fields(Source)}
    for key, value in block.items():
        if key not in kinds:
            raise SettingsError(f"{where}: unknown key {key!r} in a [[source]] block; known keys are "
                                f"{', '.join(kinds)}")
        if type(value) is not kinds[key]:
            raise SettingsError(f"{where}: {key} of a [[source]] block is {value!r}, expected {kinds[key].__name__}")
    for key in ("name", "provider"):
        if key not in block:
            raise SettingsError(f"{where}: a [[source]] block has no {key!r}; it needs name and provider")
    try:
        return Source(**block)
    except SettingsError as error:
        raise SettingsError(f"{where}: {error}") from None
