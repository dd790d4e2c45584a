"""Real files of other people's tools; each reads, with its abstracts and dates."""

import contextlib
import io
import json
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.corpus import InputFile, read_papers
from analysis.schema import InputError

# file: papers, dropped, with an abstract, with a date
EXPECTED = {
    "acl_xml/2020.ccl.xml": (109, 0, 109, 109),
    "acl_xml/2021.jeptalnrecital.xml": (56, 0, 56, 56),
    "acl_xml/2022.nidcp.xml": (9, 0, 9, 9),
    "acl_xml/2024.loresmt.xml": (20, 0, 20, 20),
    "arxiv_atom/arxiv2bib_two_entries_2012.xml": (2, 0, 2, 2),
    "arxiv_atom/silverbullet_1706.03762.xml": (1, 0, 1, 1),
    "arxiv_atom/zoia_1601.00001.xml": (1, 0, 1, 1),
    "arxiv_jsonl/arxiv_frontpage_2024-07-17.first40.jsonl": (40, 0, 40, 40),
    "arxiv_jsonl/daily_arxiv_2025-06-06.first60.jsonl": (59, 1, 59, 0),
    "arxiv_jsonl/daily_arxiv_2025-06-06_AI_enhanced_Chinese.first25.jsonl": (25, 0, 25, 0),
    "arxiv_oai/invenio_listrecords_2013.xml": (1, 0, 1, 1),
    "arxiv_oai/nesta_end_of_list_2018_anonymised.xml": (1, 0, 1, 1),
    "bibtex/ijcai2024.first30.bib": (30, 0, 0, 30),
    "bibtex/scopus_export.bib": (24, 0, 24, 24),
    "bibtex/scopus_mcda.first11.bib": (11, 0, 11, 11),
    "bibtex/wos_export.bib": (29, 0, 29, 29),
    "csv_other/cinahl.csv": (10, 0, 10, 10),
    "csv_other/cochrane.csv": (3, 0, 3, 3),
    "csv_other/covidence.csv": (10, 0, 8, 10),
    "csv_other/embase.csv": (10, 0, 8, 10),
    "csv_other/excel.csv": (10, 0, 8, 10),
    "csv_other/googlescholar.csv": (10, 0, 0, 10),
    "csv_other/pubmed.csv": (10, 0, 0, 10),
    "hf_api_json/2024-05-29.json": (8, 0, 8, 8),
    "hf_api_json/2024-12-11.json": (26, 0, 26, 26),
    "hf_api_json/2025-01-10.json": (9, 0, 9, 9),
    "hf_api_json/2026-08-20.first8.json": (8, 0, 8, 8),
    "hf_page_html/RECONSTRUCTED_daily_2025-09-16.html": (8, 0, 8, 8),
    "hf_page_html/RECONSTRUCTED_daily_2026-08-20.html": (8, 0, 8, 8),
    "hf_page_text/daily_log_2024-02-12_korean_excerpt.md": (2, 0, 2, 0),
    "hf_page_text/paper_page_capture_2310.08491_excerpt.md": (1, 0, 1, 1),
    "mlanthology_json/colt-2019.first15.json": (15, 0, 15, 15),
    "mlanthology_json/cvprw-legacy.first40.jsonl": (40, 0, 40, 40),
    "openalex_csv/openalex.csv": (9, 0, 9, 9),
    "openalex_json/works_envelope.json": (2, 0, 2, 2),
    "openalex_json/works_list_1.json": (4, 0, 4, 4),
    "openalex_json/works_list_2.json": (4, 0, 4, 4),
    "papercopilot_json/colm2024.first20.json": (20, 0, 20, 0),
    "papercopilot_json/corl2022.first20.json": (20, 0, 20, 0),
    "papercopilot_json/ijcai2024.first20.json": (20, 0, 20, 0),
    "pubmed_nbib/pubmed_export.first.nbib.txt": (36, 0, 36, 36),
    "pubmed_nbib/pubmed_misnamed.ris": (35, 0, 34, 35),
    "ris/endnote.ris": (10, 0, 8, 10),
    "ris/mendeley.ris": (10, 0, 8, 10),
    "ris/rayyan.ris": (10, 0, 8, 10),
    "ris/scopus.ris": (10, 0, 10, 10),
    "ris/webofscience.ris": (10, 0, 7, 10),
    "ris/zotero.ris": (10, 0, 8, 10),
    "scopus_csv/scopus.first8.csv": (8, 0, 8, 8),
    "semantic_scholar_json/paper_real_quant-ph0008051.json": (1, 0, 1, 1),
    "semantic_scholar_json/search_fixture_partial.json": (2, 0, 1, 1),
    "semantic_scholar_json/search_missing_fields.json": (2, 0, 1, 2),
    "tsv/refworks.first40lines.tsv": (38, 1, 38, 38),
    "wos_txt/metaknowledge_TwoPaper.txt": (2, 0, 1, 2),
    "xlsx/embase.xlsx": (10, 0, 8, 10),
    "xlsx/eppireviewer.xlsx": (10, 0, 0, 10),
    "zotero_csv/zotero_2021.first60.csv": (60, 0, 58, 60),
    "zotero_csv/zotero_2024.csv": (10, 0, 8, 10),
    "zotero_rdf/zotero_article_real_in_wrapper.rdf": (1, 0, 1, 1),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_sample(shared, name):
    file = shared / "samples" / name
    papers, dropped, _ = read_papers([InputFile(file.name, file.read_bytes())])
    found = len(papers), len(dropped), int((papers["abstract"] != "").sum()), int(papers["published"].notna().sum())
    assert found == EXPECTED[name]


def test_one_paper_from_three_tools_is_one_paper(shared):
    files = [
        shared / "samples" / name
        for name in ("csv_other/embase.csv", "csv_other/excel.csv", "zotero_csv/zotero_2024.csv")
    ]
    corpus = read_papers([InputFile(file.name, file.read_bytes()) for file in files])
    assert len(corpus.papers) == 10 and len(corpus.dropped) == 20 and corpus.papers["url"].notna().all()


def test_every_sample_reads(shared):
    assert {f"{file.parent.name}/{file.name}" for file in (shared / "samples").glob("*/*")} == set(EXPECTED)


def test_objects_written_as_python_read_and_run_nothing(tmp_path):
    planted = tmp_path / "planted"
    entries = [str({"title": "A paper in quotes", "summary": "It's \"here\"."}),
               f"{{'title': __import__('pathlib').Path('{planted}').touch()}}", "{'title': " + "-" * 10_000 + "1}"]
    papers, dropped, _ = read_papers([InputFile("dump.json", json.dumps({"data": entries}).encode())])
    assert list(papers["abstract"]) == ['It\'s "here".'] and list(dropped["place"]) == ["entry 2", "entry 3"]
    assert not planted.exists()


def test_one_paper_from_three_sources_is_one_paper():
    feed = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>http://arxiv.org/abs/2401.00001v2</id>'
        "<title>On  Planted\n Papers</title><published>2024-01-02T03:04:05Z</published>"
        "<summary>We plant a paper in three gardens and see it come up once.</summary></entry></feed>")
    daily = json.dumps([{"paper": {"id": "2401.00001", "title": "On Planted Papers", "upvotes": 12,
                                   "summary": "We plant a paper in three gardens and see it come up once."},
                         "title": "On Planted Papers"}])
    words = "We plant a paper in three gardens and see it come up once.".split()
    index = {word: [place for place, said in enumerate(words) if said == word] for word in words}
    work = {"title": "On planted papers", "publication_date": "2024-01-02", "abstract_inverted_index": index}
    works = json.dumps({"meta": {"count": 1}, "results": [work]})
    texts = {"a.xml": feed, "b.json": daily, "c.json": works}
    files = [InputFile(name, text.encode()) for name, text in texts.items()]
    for order in (files, files[::-1]):
        corpus = read_papers(order)
        assert len(corpus.papers) == 1 and len(corpus.dropped) == 2
        (paper,) = corpus.papers.itertuples()
        assert (paper.published, paper.published_precision, paper.upvotes) == ("2024-01-02", "day", 12)
        assert paper.abstract == " ".join(words) and paper.title == "On Planted Papers"


SNIPPETS = {
    "ris": "TY  - JOUR\nTI  - A planted paper\nAB  - It says a thing.\nPY  - 2020\nER  - \n",
    "bib": "@article{key1,\n title = {A {Planted} Paper},\n abstract = {It says a thing.},\n year = 2020\n}\n",
    "nbib": "PMID- 1\nTI  - A planted\n      paper\nAB  - It says a thing.\nDP  - 2020 Feb\n",
    "wos": "FN X\nVR 1.0\nPT J\nTI A planted paper\nAB It says\n   a thing.\nPY 2020\nER\nEF\n",
    "html": "<!doctype html><html><body><article><h3>A planted paper</h3><p>It says a thing.</p></article>"
            "</body></html>",
    "xml": "<collection id='x'><volume id='1'><meta><year>2020</year></meta><paper id='1'><title>A <fixed-case>P"
           "</fixed-case>lanted paper</title><abstract>It says a thing.</abstract></paper></volume></collection>",
}


@pytest.mark.parametrize("kind", SNIPPETS)
def test_a_snippet_of_each_format_reads(kind):
    papers = read_papers([InputFile(f"x.{kind}", SNIPPETS[kind].encode())]).papers
    assert list(papers["title"].str.lower()) == ["a planted paper"] and list(papers["abstract"]) == ["It says a thing."]


@pytest.mark.parametrize("text", ["[]", '{"total": 0, "data": []}', '{"meta": {}, "results": []}',
                                  '<feed xmlns="http://www.w3.org/2005/Atom"><title>None</title></feed>'])
def test_an_answer_that_found_nothing_is_no_error(text):
    corpus = read_papers([InputFile("page-0001", text.encode())])
    assert corpus.papers.empty and corpus.dropped.empty


@pytest.mark.parametrize("kind", SNIPPETS)
@given(data=st.data())
@settings(max_examples=60, deadline=None, derandomize=True)
def test_damage_is_told_and_never_a_crash(kind, data):
    text = bytearray(SNIPPETS[kind].encode() * 3)
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(text) - 1))
        if data.draw(st.booleans()):
            text[place] = data.draw(st.integers(0, 255))
        else:
            del text[place:place + data.draw(st.integers(1, 20))]
        if not text:
            return
    with contextlib.suppress(InputError):
        read_papers([InputFile(f"x.{kind}", bytes(text))])


def test_entities_and_bombs_are_refused():
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><feed>&b;</feed>'
    with pytest.raises(InputError, match="cannot be read"):
        read_papers([InputFile("bomb.xml", bomb.encode())])
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"0" * 301_000_000)
    with pytest.raises(InputError, match="unpacked"):
        read_papers([InputFile("bomb.xlsx", out.getvalue())])
