"""What each provider asks, and how it reads a page: real answers where they lie beside the repository, and others."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from analysis.schema import SourceError
from analysis.sources.declared import Source
from analysis.sources.http import BrokenAnswer
from analysis.sources.provider import Step, Window
from analysis.sources.providers import PROVIDERS

WINDOW = Window(dt.date(2025, 6, 2), dt.date(2025, 6, 4))
SOURCES = {
    "hugging-face": Source("hf", "hugging-face"),
    "arxiv": Source("cl", "arxiv", "cat:cs.CL OR cat:cs.LG"),
    "oai": Source("cs", "oai", "cs:cs:CL"),
    "openalex": Source("works", "openalex", "primary_topic.id:T10028"),
    "semantic-scholar": Source("s2", "semantic-scholar", "distillation | \"in-context learning\""),
    "feed": Source("blog", "feed", url="https://blog.example/feed.xml"),
    "acl": Source("acl", "acl", "2024.acl, 2024.emnlp"),
}


def asked(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def read(provider: str, body: bytes, url: str | None = None) -> Step:
    source = SOURCES[provider]
    return PROVIDERS[provider].read(source, WINDOW, url or PROVIDERS[provider].first(source, WINDOW), body)


def test_every_provider_has_a_source_here_and_rules_of_its_own() -> None:
    assert set(SOURCES) == set(PROVIDERS)
    assert PROVIDERS["arxiv"].pace_s >= 3 and PROVIDERS["oai"].pace_s >= 3
    assert all(provider.pace_s > 0 and provider.accepted for provider in PROVIDERS.values())


@pytest.mark.parametrize("provider", [name for name in SOURCES if name not in ("feed", "acl")])
def test_the_first_page_names_its_days(provider: str) -> None:
    url = PROVIDERS[provider].first(SOURCES[provider], WINDOW)
    assert url.startswith("https://") and "key" not in asked(url)
    if provider != "arxiv":  # newest first, without days
        assert "2025-06-02" in url


SAMPLES = [
    ("hugging-face", "hf_api_json/2024-05-29.json", None, None),
    ("hugging-face", "hf_api_json/2026-08-20.first8.json", 8, None),
    ("arxiv", "arxiv_atom/arxiv2bib_two_entries_2012.xml", 2, None),
    ("arxiv", "arxiv_atom/silverbullet_1706.03762.xml", 1, None),
    ("oai", "arxiv_oai/invenio_listrecords_2013.xml", None, None),
    ("oai", "arxiv_oai/nesta_end_of_list_2018_anonymised.xml", None, 1463679),
    ("openalex", "openalex_json/works_envelope.json", 2, 2),
    ("semantic-scholar", "semantic_scholar_json/search_fixture_partial.json", 2, 2),
    ("semantic-scholar", "semantic_scholar_json/search_missing_fields.json", 2, 2),
    ("acl", "acl_xml/2022.nidcp.xml", None, None),
    ("acl", "acl_xml/2024.loresmt.xml", None, None),
    ("feed", "arxiv_atom/zoia_1601.00001.xml", 1, None),
]


@pytest.mark.parametrize(("provider", "sample", "n_records", "promised"), SAMPLES)
def test_real_answers_are_counted(
    shared: Path, provider: str, sample: str, n_records: int | None, promised: int | None,
) -> None:
    body = (shared / "samples" / sample).read_bytes()
    mark = {"oai": b"<record>", "acl": b"<paper ", "hugging-face": b'"paper": {'}.get(provider, b"")
    step = read(provider, body)
    assert step.n_records == (body.count(mark) if n_records is None else n_records) > 0
    assert step.promised == promised


def test_hugging_face_goes_day_by_day() -> None:
    step = read("hugging-face", b"[{}, {}]")
    assert (step.n_records, asked(step.next_url or "")["date"]) == (2, "2025-06-03")
    assert read("hugging-face", b"[]", "https://x/?date=2025-06-04") == Step(0)
    full = read("hugging-face", b"[" + b",".join([b"{}"] * 100) + b"]")
    assert asked(full.next_url or "") == {"date": "2025-06-02", "limit": "100", "p": "1"}


def atom(dates: list[str], total: int) -> bytes:
    entries = "".join(f"<entry><id>http://arxiv.org/abs/2506.{i:05d}</id><published>{date}T09:00:00Z</published></entry>"
                      for i, date in enumerate(dates))
    return (f'<feed xmlns="http://www.w3.org/2005/Atom"><updated>now</updated><o:totalResults xmlns:o="http://a9.com/-/'
            f'spec/opensearch/1.1/">{total}</o:totalResults>{entries}</feed>').encode()


def test_arxiv_goes_back_until_the_papers_are_old_enough() -> None:
    first = PROVIDERS["arxiv"].first(SOURCES["arxiv"], WINDOW)
    assert asked(first) == {"search_query": "cat:cs.CL OR cat:cs.LG", "start": "0", "max_results": "200",
                            "sortBy": "submittedDate", "sortOrder": "descending"}
    step = read("arxiv", atom(["2025-06-04", "2025-06-03", "2025-06-02"], 9000), first)
    assert (step.n_records, asked(step.next_url or "")["start"]) == (3, "3")  # a short page: on from where it ended
    assert read("arxiv", atom(["2025-06-02", "2025-06-01"], 9000), step.next_url) == Step(2)
    assert read("arxiv", atom(["2025-06-03"], 4), step.next_url) == Step(1)
    assert read("arxiv", atom([], 3), step.next_url) == Step(0)


def test_arxiv_may_not_give_an_empty_page_in_the_middle() -> None:
    with pytest.raises(BrokenAnswer, match="empty page at paper 0 of 9000"):
        read("arxiv", atom([], 9000))
    with pytest.raises(BrokenAnswer, match="at paper 0 of none; .* check that its query finds something"):
        read("arxiv", atom([], 0))  # no day is asked for, so a query finds something or is wrong


def test_arxiv_says_what_it_does_not_understand() -> None:
    body = (b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>https://arxiv.org/api/errors#bad</id>'
            b"<summary>malformed query\x0a\xe2\x80\xa6</summary></entry></feed>")
    with pytest.raises(SourceError, match=r"does not understand the query of source cl \(malformed query"):
        read("arxiv", body)


def oai(inside: str) -> bytes:
    return f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">{inside}</OAI-PMH>'.encode()


def test_oai_goes_by_token() -> None:
    first = PROVIDERS["oai"].first(SOURCES["oai"], WINDOW)
    assert asked(first) == {"verb": "ListRecords", "metadataPrefix": "arXiv", "set": "cs:cs:CL", "from": "2025-06-02",
                            "until": "2025-06-04"}
    step = read("oai", oai('<ListRecords><record/><record/><resumptionToken cursor="0" completeListSize="3">a|b'
                           "</resumptionToken></ListRecords>"))
    assert (step.n_records, step.promised) == (2, 3)
    assert asked(step.next_url or "") == {"verb": "ListRecords", "resumptionToken": "a|b"}
    assert read("oai", oai("<ListRecords><record/></ListRecords>")) == Step(1)
    assert read("oai", oai('<error code="noRecordsMatch"/>')) == Step(0)
    with pytest.raises(SourceError, match=r"badArgument \(no such set\)"):
        read("oai", oai('<error code="badArgument">no such set</error>'))


def test_openalex_goes_by_cursor() -> None:
    first = asked(PROVIDERS["openalex"].first(SOURCES["openalex"], WINDOW))
    assert (first["cursor"], first["per-page"]) == ("*", "100")
    assert first["filter"] == "primary_topic.id:T10028,from_publication_date:2025-06-02,to_publication_date:2025-06-04"
    words = asked(PROVIDERS["openalex"].first(Source("w", "openalex", "theme discovery"), WINDOW))
    assert words["search"] == "theme discovery" and words["filter"].startswith("from_publication_date")
    step = read("openalex", b'{"meta": {"count": 3, "next_cursor": "Ils="}, "results": [{}, {}]}')
    assert (step.n_records, step.promised, asked(step.next_url or "")["cursor"]) == (2, 3, "Ils=")
    assert read("openalex", b'{"meta": {"count": 3, "next_cursor": null}, "results": [{}]}') == Step(1, None, 3)
    assert read("openalex", b'{"meta": {"count": 3, "next_cursor": "Ils="}, "results": []}') == Step(0, None, 3)


def test_semantic_scholar_goes_by_token() -> None:
    first = asked(PROVIDERS["semantic-scholar"].first(SOURCES["semantic-scholar"], WINDOW))
    assert first["publicationDateOrYear"] == "2025-06-02:2025-06-04" and "abstract" in first["fields"]
    step = read("semantic-scholar", b'{"total": 3, "token": "SDK=", "data": [{}, {}]}')
    assert (step.n_records, step.promised, asked(step.next_url or "")["token"]) == (2, 3, "SDK=")
    assert read("semantic-scholar", b'{"total": 3, "token": null, "data": [{}]}') == Step(1, None, 3)


def test_the_anthology_goes_from_one_collection_to_the_next() -> None:
    first = PROVIDERS["acl"].first(SOURCES["acl"], WINDOW)
    assert first.endswith("/data/xml/2024.acl.xml")
    body = b"<collection><volume><paper/><paper/></volume></collection>"
    step = read("acl", body, first)
    assert step.n_records == 2 and (step.next_url or "").endswith("/2024.emnlp.xml")
    assert read("acl", body, step.next_url) == Step(2)
    odd = Source("acl", "acl", "../../secret")
    assert PROVIDERS["acl"].first(odd, WINDOW).endswith("/..%2F..%2Fsecret.xml")


def test_a_feed_is_rss_or_atom_and_never_a_path() -> None:
    assert read("feed", b'<rss version="2.0"><channel><item><title>a</title></item></channel></rss>') == Step(1)
    assert read("feed", b'<rss version="2.0"><channel></channel></rss>') == Step(0)
    for body in (b"<html><body>Log in</body></html>", b"/etc/passwd", b"http://127.0.0.1:9/feed", b""):
        with pytest.raises(SourceError, match="no RSS or Atom feed"):
            read("feed", body)


BOMB = b'<!DOCTYPE a [<!ENTITY b "cccc"><!ENTITY d "&b;&b;">]>'


@pytest.mark.parametrize(("provider", "body"), [
    ("hugging-face", b'{"error": "no"}'), ("hugging-face", b"[" * 100_000), ("hugging-face", b"[{}, {"),
    ("openalex", b"[]"), ("semantic-scholar", b"\xff\xfe"), ("arxiv", b"<html></html>"), ("arxiv", b"<feed"),
    ("arxiv", BOMB + b'<feed xmlns="http://www.w3.org/2005/Atom">&d;</feed>'), ("oai", atom([], 0)), ("acl", b""),
    ("acl", BOMB + b"<collection>&d;</collection>"), ("feed", BOMB + b"<rss><channel>&d;</channel></rss>"),
])
def test_a_page_of_another_kind_is_told(provider: str, body: bytes) -> None:
    with pytest.raises(SourceError) as error:
        read(provider, body)
    assert str(error.value).isprintable()
