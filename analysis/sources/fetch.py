"""A declared source, page by page, as the pages came."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from analysis.schema import SourceError
from analysis.sources.addresses import server, without_secrets
from analysis.sources.declared import Source
from analysis.sources.http import AGENT, BrokenAnswer, fetch
from analysis.sources.patience import Patience
from analysis.sources.provider import Step, Window
from analysis.sources.providers import PROVIDERS

TIMEOUT_S = 120.0
"""For one page: arXiv's slowest take a minute and a half."""
MOST_BYTES = 100_000_000
MOST_REDIRECTS = 5
MOST_PAGES = 10_000


@dataclass(frozen=True)
class Page:
    """One answer of a provider, as it came.

    Parameters
    ----------
    number : int
        1 for the first. A page 1 after others means that the fetch began anew: those before it count no more.
    body : bytes
    content_type : str
    url : str
        Where it came from, without secrets.
    n_records : int
    next_url : str or None
        Where the fetch goes on; None at the end.
    papers_sha256 : str
        Of the page without what changes from day to day, such as the time of the answer.
    warning : str
        What is wrong with the fetch so far, in a sentence; empty where nothing is.
    """

    number: int
    body: bytes
    content_type: str
    url: str
    n_records: int
    next_url: str | None
    papers_sha256: str
    warning: str = ""


@dataclass(frozen=True)
class Resume:
    """Where an interrupted fetch goes on.

    Parameters
    ----------
    next_url : str or None
        None: it had come to its end.
    n_pages, n_records : int
        What it had fetched.
    """

    next_url: str | None
    n_pages: int
    n_records: int


def fetch_source(
    source: Source, since: dt.date, until: dt.date, *, patience: Patience, key: str = "", resume: Resume | None = None,
    notice: Callable[[str], None] = lambda sentence: None, timeout_s: float = TIMEOUT_S,
) -> Iterator[Page]:
    """Yield the pages of a source that hold what is new between two days, both included, and some that are older.

    Parameters
    ----------
    since, until : date
        A provider whose papers turn up late is asked from some days earlier on.
    patience : Patience
        One for all sources.
    key : str
        The provider's key, from the environment variable that ``source.key_variable`` names.
    resume : Resume, optional
        Where an earlier fetch of the same source and days was interrupted.
    notice : callable
        Is told, in one sentence, what is missing.
    timeout_s : float
        For one page.

    Raises
    ------
    SourceError
        The provider gives no answer, or none that can be used. Pages yielded before are good.
    SettingsError
        The key cannot be sent.
    """
    provider = PROVIDERS[source.provider]
    window = Window(min(since, until) - dt.timedelta(days=provider.late_days), until)
    if resume is not None:
        if resume.next_url is None:
            return
        try:
            yield from _pages(source, window, patience, key, resume, notice, timeout_s)
            return
        except _Stale:
            notice(f"source {source.name} cannot go on where its last fetch stopped; it is fetched anew")
    first = Resume(provider.first(source, window), 0, 0)
    yield from _pages(source, window, patience, key, first, notice, timeout_s)


class _Stale(Exception):
    """The first page after an interruption was refused: tokens and cursors live for a while only."""


def _pages(
    source: Source, window: Window, patience: Patience, key: str, start: Resume, notice: Callable[[str], None],
    timeout_s: float,
) -> Iterator[Page]:
    url, number, n_records, before = start.next_url, start.n_pages, start.n_records, b""
    while url is not None:
        try:
            body, content_type, step = _ask(source, window, url, patience, key, timeout_s)
        except SourceError as error:
            refused = error.status in (None, 400, 404, 410, 422) and not isinstance(error, BrokenAnswer)
            if refused and number == start.n_pages > 0:
                raise _Stale from None
            raise
        if step.n_records and body == before:
            raise SourceError(f"source {source.name}: {server(url)} gives the same page again and again; check the "
                              "url in sources.toml")
        number, n_records, before = number + 1, n_records + step.n_records, body
        next_url, warning = _go_on(source, step, number, n_records)
        if warning:
            notice(warning)
        yield Page(number, body, content_type, without_secrets(url), step.n_records, next_url,
                   _papers_sha256(source, body), warning)
        url = next_url


def _ask(
    source: Source, window: Window, url: str, patience: Patience, key: str, timeout_s: float,
) -> tuple[bytes, str, Step]:
    provider = PROVIDERS[source.provider]
    agent = f"{AGENT} (+mailto:{source.contact})" if source.contact else AGENT

    def once() -> tuple[bytes, str, Step]:
        patience.keep_pace(server(url), provider.pace_s)
        reply = fetch(url, timeout_s=timeout_s, key=key, key_header=provider.key_header, most_bytes=MOST_BYTES,
                      accepted=provider.accepted, most_redirects=MOST_REDIRECTS, agent=agent)
        return reply.body, reply.content_type, provider.read(source, window, url, reply.body)

    try:
        return patience.ask(once)
    except SourceError as error:
        if error.status in (401, 403) and provider.key_variable:
            raise SourceError(f"{error}, which is taken from the environment variable {provider.key_variable}",
                              error.status) from None
        raise


def _go_on(source: Source, step: Step, number: int, n_records: int) -> tuple[str | None, str]:
    """Return where the fetch goes on, and what is wrong with that."""
    if step.next_url is None:
        if step.promised is not None and n_records < step.promised:
            return None, (f"source {source.name} promised {step.promised:,} records and gave {n_records:,}; the others "
                          "are missing, fetch again later")
        return None, ""
    if n_records >= source.most or number >= MOST_PAGES:
        return None, (f"source {source.name} has more records than the {n_records:,} that were taken; raise `most` in "
                      "sources.toml, or fetch more often")
    return step.next_url, ""


def _papers_sha256(source: Source, body: bytes) -> str:
    passing = PROVIDERS[source.provider].passing
    return hashlib.sha256(passing.sub(b"", body) if passing else body).hexdigest()
