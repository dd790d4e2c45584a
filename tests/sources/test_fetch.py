"""Whole fetches from a server on the loopback: pages to the end, patience, and every way in which a page can fail."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import time

import pytest
from local_server import Behaviour, by_query, endless, in_turn, local_server

from analysis.schema import SourceError
from analysis.sources import Page, Patience, Resume, Source, fetch_source
from analysis.sources import fetch as room

SINCE, UNTIL = dt.date(2025, 6, 4), dt.date(2025, 6, 6)


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = dt.datetime(2025, 6, 6, 12, tzinfo=dt.UTC)
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += dt.timedelta(seconds=seconds)


def pages(source: Source, clock: Clock | None = None, **more: object) -> list[Page]:
    clock = clock or Clock()
    patience = Patience(clock.sleep, lambda: clock.now, more.pop("told", lambda sentence: None))  # type: ignore[arg-type]
    return list(fetch_source(source, SINCE, UNTIL, patience=patience, **more))  # type: ignore[arg-type]


def daily(path: str, asked: dict[str, str]) -> bytes:
    n = {"2025-06-02": 2, "2025-06-03": 0, "2025-06-06": 3}.get(asked["date"], 1)
    return json.dumps([{"paper": {"id": f"{asked['date']}-{i}"}} for i in range(n)]).encode()


def test_days_are_asked_one_by_one_at_the_provider_s_pace() -> None:
    clock = Clock()
    with local_server(by_query(daily)) as there:
        found = pages(Source("hf", "hugging-face", url=there.url, contact="me@example.org"), clock)
    assert [page.n_records for page in found] == [2, 0, 1, 1, 3]  # two days earlier on: papers are added late
    assert [page.number for page in found] == [1, 2, 3, 4, 5] and found[-1].next_url is None
    assert b"2025-06-02-1" in found[0].body and found[0].url.startswith(there.url)
    assert clock.slept == [1.0] * 4
    agent = there.requests[0][1]["User-Agent"]
    assert agent.startswith("paper-themes/") and agent.endswith(" (+mailto:me@example.org)")


def test_two_sources_at_one_server_keep_its_pace_between_them() -> None:
    clock = Clock()
    patience = Patience(clock.sleep, lambda: clock.now)
    feed = b'<rss version="2.0"><channel><item><title>a</title></item></channel></rss>'
    with local_server(lambda h: h.say(feed, "text/xml")) as there:
        for name in ("a", "b"):
            list(fetch_source(Source(name, "feed", url=f"{there.url}/{name}"), SINCE, UNTIL, patience=patience))
    assert clock.slept == [1.0]


def cursor(path: str, asked: dict[str, str]) -> bytes:
    """Three pages by cursor, token or OAI's token, as OpenAlex and Semantic Scholar word them."""
    here = {"*": 0, "": 0, "c1": 1, "c2": 2}[asked.get("cursor", asked.get("token", ""))]
    after = f"c{here + 1}" if here < 2 else None
    papers = [{"id": 3 * here + i} for i in range(3)]
    return json.dumps({"meta": {"count": 9, "next_cursor": after}, "results": papers, "total": 9, "data": papers,
                       "token": after}).encode()


@pytest.mark.parametrize("provider", ["openalex", "semantic-scholar"])
def test_cursors_and_tokens_are_followed_and_keys_stay_out_of_addresses(provider: str) -> None:
    key = "planted-4711"
    with local_server(by_query(cursor)) as there:
        found = pages(Source("x", provider, "distillation", url=there.url), key=key)
    assert [page.n_records for page in found] == [3, 3, 3] and not any(page.warning for page in found)
    for path, headers, _ in there.requests:
        assert key not in path
        assert headers.get("x-api-key", headers.get("Authorization")) in (key, f"Bearer {key}")
    assert not any(key in str(page) for page in found)


def test_a_key_that_is_not_let_in_is_told_with_its_variable() -> None:
    with local_server(lambda h: h.say(b"{}", status=401)) as there:
        with pytest.raises(SourceError, match="environment variable PAPER_THEMES_OPENALEX_KEY"):
            pages(Source("x", "openalex", "a", url=there.url))
    assert len(there.requests) == 1


def test_oai_tokens_are_followed() -> None:
    def answer(path: str, asked: dict[str, str]) -> bytes:
        token = asked.get("resumptionToken")
        assert token or asked["from"] == "2025-06-03"
        more = "" if token == "t2" else f"<resumptionToken>{'t2' if token else 't1'}</resumptionToken>"
        return (f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>{time.time_ns()}</responseDate>'
                f"<ListRecords><record/>{token or ''}{more}</ListRecords></OAI-PMH>").encode()
    clock = Clock()
    with local_server(by_query(answer, "text/xml;charset=utf-8")) as there:
        source = Source("x", "oai", "cs", url=there.url)
        found, again = pages(source, clock), pages(source)
    assert [page.n_records for page in found] == [1, 1, 1] and clock.slept == [3.0, 3.0]
    assert [page.body for page in found] != [page.body for page in again]
    assert [page.papers_sha256 for page in found] == [page.papers_sha256 for page in again]


def test_a_fetch_goes_on_where_it_stopped() -> None:
    with local_server(by_query(cursor)) as there:
        source = Source("x", "openalex", "a", url=there.url)
        first = pages(source)[0]
        rest = pages(source, resume=Resume(first.next_url, 1, 3))
        assert [(page.number, page.n_records) for page in rest] == [(2, 3), (3, 3)]
        assert not rest[-1].warning
        assert pages(source, resume=Resume(None, 3, 9)) == []


def test_a_token_that_has_died_begins_the_fetch_anew() -> None:
    said: list[str] = []
    with local_server(by_query(cursor)) as there:  # an unknown cursor is a 404
        source = Source("x", "openalex", "a", url=there.url)
        found = pages(source, resume=Resume(f"{there.url}?cursor=dead", 2, 6), notice=said.append)
    assert [page.number for page in found] == [1, 2, 3]
    assert said == ["source x cannot go on where its last fetch stopped; it is fetched anew"]


def test_a_promise_that_is_not_kept_is_told() -> None:
    said: list[str] = []
    body = b'{"meta": {"count": 7, "next_cursor": null}, "results": [{}, {}]}'
    with local_server(lambda h: h.say(body)) as there:
        found = pages(Source("x", "openalex", "a", url=there.url), notice=said.append)
    assert said == [found[0].warning] == ["source x promised 7 records and gave 2; the others are missing, fetch again "
                                          "later"]


def test_more_than_was_asked_for_is_told() -> None:
    said: list[str] = []
    with local_server(by_query(cursor)) as there:
        found = pages(Source("x", "openalex", "a", url=there.url, most=4), notice=said.append)
    assert len(found) == 2 and found[-1].next_url is None
    assert "has more records than the 6 that were taken; raise `most`" in said[0]


def test_a_server_that_turns_in_circles_is_left() -> None:
    body = b'{"meta": {"count": 7, "next_cursor": "same"}, "results": [{}]}'
    with local_server(lambda h: h.say(body)) as there:
        with pytest.raises(SourceError, match="the same page again and again"):
            pages(Source("x", "openalex", "a", url=there.url))
    assert len(there.requests) == 2


GOOD: Behaviour = lambda h: h.say(b"[]")  # noqa: E731


def fails(status: int, **headers: str) -> Behaviour:
    return lambda h: h.say(b"", status=status, **headers)


def cut(handler: object) -> None:
    handler.send_response(200)  # type: ignore[attr-defined]
    handler.send_header("Content-Type", "application/json")  # type: ignore[attr-defined]
    handler.send_header("Content-Length", "1000")  # type: ignore[attr-defined]
    handler.end_headers()  # type: ignore[attr-defined]
    handler.wfile.write(b"[]")  # type: ignore[attr-defined]


def closes(handler: object) -> None:
    handler.close_connection = True  # type: ignore[attr-defined]


LATER = {"Date": "Fri, 06 Jun 2025 12:00:00 GMT", "Retry_After": "Fri, 06 Jun 2025 12:00:42 GMT"}


def date_later(handler: object) -> None:
    handler.send_response_only(503)  # type: ignore[attr-defined]
    for name, value in {**LATER, "Content_Length": "0"}.items():
        handler.send_header(name.replace("_", "-"), value)  # type: ignore[attr-defined]
    handler.end_headers()  # type: ignore[attr-defined]


@pytest.mark.parametrize(("first", "waits"), [
    ([fails(429, Retry_After="7")], [7.0]), ([fails(503, Retry_After="0")], [1.0]), ([date_later], [42.0]),
    ([fails(429)], [5.0]), ([fails(503, Retry_After="soon")], [5.0]),
    ([fails(500), fails(502), fails(504)], [5.0, 10.0, 20.0]), ([cut], [5.0]), ([closes], [5.0]),
    ([lambda h: h.say(b"[{}, ")], [5.0]),
    ([lambda h: h.say(b"not packed", Content_Encoding="gzip")], [5.0]),
])
def test_what_passes_is_waited_for(first: list[Behaviour], waits: list[float]) -> None:
    clock, said = Clock(), []  # type: ignore[var-annotated]
    with local_server(in_turn(*first, GOOD)) as there:
        found = pages(Source("x", "hugging-face", url=there.url), clock, told=said.append)
    assert len(found) == 5 and len(there.requests) == 5 + len(first)
    assert clock.slept[: len(waits)] == waits
    assert len(said) == len(waits) and all("asking again in" in sentence for sentence in said)


@pytest.mark.parametrize(("behaviour", "sentence", "times"), [
    (fails(500), r"status 500.*asked 4 times", 4), (fails(429), r"left alone.*asked 4 times", 4),
    (fails(429, Retry_After="86400"), "longer than the 5 minutes", 1), (fails(404), "status 404", 1),
    (cut, "broke off in the middle .*asked 4 times", 4),
    (lambda h: h.say(b"<html>Log in</html>", "text/html"), "answered text/html, expected application/json", 1),
    (lambda h: h.say(b"<html>Log in</html>"), "no JSON list", 4),
    (lambda h: h.say(gzip.compress(b"0" * 3_000_000), Content_Encoding="gzip"), "more than the 1,000,000 bytes", 1),
    (endless, "more than the 1,000,000 bytes", 1),
])
def test_what_does_not_pass_is_told(
    behaviour: Behaviour, sentence: str, times: int, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(room, "MOST_BYTES", 1_000_000)
    with local_server(behaviour) as there:
        with pytest.raises(SourceError, match=sentence) as error:
            pages(Source("x", "hugging-face", url=there.url))
    assert len(there.requests) == times and str(error.value).isprintable()


@pytest.mark.parametrize("drip", [True, False])
def test_a_slow_server_is_left_in_time(drip: bool) -> None:
    def slowly(handler: object) -> None:
        handler.send_response(200)  # type: ignore[attr-defined]
        handler.send_header("Content-Length", "1000")  # type: ignore[attr-defined]
        handler.end_headers()  # type: ignore[attr-defined]
        for _ in range(15):
            if drip:
                handler.wfile.write(b"[")  # type: ignore[attr-defined]
                handler.wfile.flush()  # type: ignore[attr-defined]
            time.sleep(0.03)

    with local_server(slowly) as there:
        began = time.monotonic()
        with pytest.raises(SourceError, match="no whole answer within 0.1 s"):
            pages(Source("x", "hugging-face", url=there.url), timeout_s=0.1)
        assert time.monotonic() - began < 3


def test_pages_before_a_failure_are_good() -> None:
    got: list[Page] = []
    clock = Clock()
    with local_server(in_turn(GOOD, GOOD, fails(404))) as there:
        with pytest.raises(SourceError):
            for page in fetch_source(Source("x", "hugging-face", url=there.url), SINCE, UNTIL,
                                     patience=Patience(clock.sleep, lambda: clock.now)):
                got.append(page)
    assert [page.number for page in got] == [1, 2]


def test_a_clock_that_is_set_back_does_not_make_us_wait() -> None:
    clock = Clock()
    patience = Patience(clock.sleep, lambda: clock.now)
    patience.keep_pace("here", 3)
    clock.now -= dt.timedelta(days=9)
    patience.keep_pace("here", 3)
    assert clock.slept == [3.0]


def test_days_that_end_before_they_begin_are_the_last_one() -> None:
    clock, asked = Clock(), []

    def keep(path: str, query: dict[str, str]) -> bytes:
        asked.append(query["date"])
        return b"[]"

    with local_server(by_query(keep)) as there:
        list(fetch_source(Source("x", "hugging-face", url=there.url), UNTIL + dt.timedelta(days=3), UNTIL,
                          patience=Patience(clock.sleep, lambda: clock.now)))
    assert asked == ["2025-06-04", "2025-06-05", "2025-06-06"]
