"""No input makes a reader crash, hang or lose a record without a word. `make bench-reliability` tries far more."""

import io
import itertools
import json
import random
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.corpus import InputFile, read_papers
from analysis.schema import InputError
from tests.hostile.documents import WRITERS
from tests.hostile.fuzz import Trial, damaged, faults_of, refusals, trials

N_TRIALS = {"workbook": 12, "page": 30, "html": 30}
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def read(content: bytes | str, name: str):
    return read_papers([InputFile(name, content if isinstance(content, bytes) else content.encode())])


@pytest.mark.parametrize("kind", WRITERS)
def test_hostile_and_damaged_documents(kind):
    some = list(itertools.islice(trials(kind, 0), N_TRIALS.get(kind, 60)))
    assert faults_of(some) == []
    for said in refusals([trial for trial in some if not trial.is_whole][:10]):
        assert said.startswith("x.") and "\n" not in said and said.isprintable()


def test_real_files_damaged(shared):
    rng = random.Random(0)
    files = [path for path in sorted((shared / "samples").glob("*/*")) if path.stat().st_size < 40_000]
    assert faults_of([damaged("", InputFile(path.name, path.read_bytes()), rng) for path in files * 2]) == []


def test_what_is_lost_or_crashes_is_seen(monkeypatch):
    good = Trial(InputFile("x.jsonl", b'{"title": "plantedabcdefghabcd"}'), 1, frozenset({"plantedabcdefghabcd"}), True)
    assert faults_of([good]) == []
    assert "1 papers and records set aside of 2" in faults_of([good._replace(n_records=2)])[0]
    assert "lost without a word" in faults_of([good._replace(planted=frozenset({"plantedhgfedcbahgfe"}))])[0]
    assert "nothing is wrong" in faults_of([good._replace(file=InputFile("x.pdf", b"%PDF"), n_records=None)])[0]
    monkeypatch.setattr("analysis.corpus.formats.parse_csv", lambda *_: 1 / 0)
    bad = Trial(InputFile("x.csv", b"title,abstract\na,b\n"), 1)
    (fault,) = faults_of([good, bad, good])
    assert fault.startswith("ZeroDivisionError") and "x.csv" in fault


@pytest.mark.parametrize(("text", "n_papers"), [
    ("PMID- 1\nTI  - A planted one\n\nPM D- 2\nTI  - A planted two\n\nPMID- 3\nTI  - A planted three\n", 3),
    ("FN x\nVR 1.0\nPT J\nTI A planted one\nER\n\nP J\nTI A planted two\nER\n\nPT J\nTI A planted three\nER\nEF\n", 3),
    ("TY  - JOUR\nTI  - A planted one\nER  - \n\nT   - JOUR\nTI  - A planted two\nER  - \n\nTY  - JOUR\nTI  - A "
     "planted three\nER  - \n", 2),
    ("@article{a,\n title={A planted one}\n}\n\narticle{b,\n title={A planted two}\n}\n\n@misc{c,\n title={A planted "
     "three}\n}\n", 2),
    ("<html><article><h3>A planted one</h3></article><article><b>A planted two</b></article><article><h3>A planted "
     "three</h3></article></html>", 2),
])
def test_a_record_whose_mark_is_damaged_is_read_or_set_aside(text, n_papers):
    corpus = read(text, "x.txt")
    assert len(corpus.papers) == n_papers and len(corpus.dropped) == 3 - n_papers
    assert "planted two" in " ".join([*corpus.papers["title"], *corpus.dropped["text"]])


@pytest.mark.parametrize(("text", "name"), [
    ("TY  - JOUR\nTI  - A planted one\nAU  - A, B\nTI  - A planted two\nER  - \n", "x.ris"),
    ("PMID- 1\nTI  - A planted one\nAB  - Text.\nTI - A planted two\n", "x.nbib"),
    ("@article{a,\n title = {A planted one},\n abstract = {Text.},\n title = {A planted two}\n}\n", "x.bib"),
    ("@article{a,\n title = {A planted one}\n}\n@artiA planted two},\n abstract = {Text.}\n}\n", "x.bib"),
    ("PMID- 1\nTI  - A planted one\nAB  - Text.\n  - A planted two\n      and more\n", "x.nbib"),
    ("FN x\nVR 1.0\nPT J\nTI A planted one\nAB Text.\n- A planted two\nER\nEF\n", "x.txt"),
])
def test_a_record_that_ran_into_another_is_read_or_told(text, name):
    corpus = read(text, name)
    assert len(corpus.papers) + len(corpus.dropped) == 2
    assert "planted two" in " ".join([*corpus.papers["title"], *corpus.dropped["text"]])


@pytest.mark.parametrize("word", [
    "&#" + "9" * 5000 + ";", "<![CDA]]>", "<![", "<![x[y]]>", "<![if x]>", "<![CDATA[x]]>",
])
def test_what_html_does_not_mean_is_text(word):
    page = f"<html><body><article><h3>A planted {word} title</h3></article></body></html>"
    assert len(read(page, "x.html").papers) == 1
    feed = "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>A title</title><summary>{}</summary></entry></feed>"
    said = read(feed.format(f"<![CDATA[<p>A planted {word.replace(']]>', ']')} word</p>]]>"), "x.xml").papers
    assert said["abstract"].str.contains("planted").all() and len(said) == 1


@pytest.mark.parametrize("text", [
    "<rss><channel><item><title>A planted one<item><title>A planted two</title></item></title></item>"
    "<item><title>A planted three</title></item></channel></rss>",
    "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>A planted one</title><entry><title>A planted two</title>"
    "<entry/></entry></entry><entry><title>A planted three</title></entry></feed>",
])
def test_an_entry_inside_another_is_set_aside(text):
    corpus = read(text, "x.xml")
    assert sorted(corpus.papers["title"]) == ["A planted one", "A planted three"]
    assert list(corpus.dropped["reason"])[:1] == ["an entry inside another"]
    assert len(corpus.dropped) == text.count("<entry") + text.count("<item") - 2
    assert "planted two" in " ".join(corpus.dropped["text"])


def test_a_feed_whose_namespace_is_no_address_is_told():
    feed = ("<feed xmlns='http://www.w3.org/2005/Atom' xmlns:a='x\xa0y'><entry><a:b/><title>A title</title></entry>"
            "</feed>")
    with pytest.raises(InputError, match="x.xml: a feed that cannot be read .*; fetch it again"):
        read(feed, "x.xml")


@pytest.mark.parametrize(("text", "name"), [
    ("TY  - JOUR\nTI  - A title\nAB  - One\ntwo.\nPY  - 2024\nAB  - Three.\nER  - \n", "x.ris"),
    ("PMID- 1\nTI  - A title\nAB  - One\n      two.\nDP  - 2024\nAB  - Three.\n", "x.nbib"),
    ("FN x\nVR 1.0\nPT J\nTI A title\nAB One\n   two.\nPY 2024\nAB Three.\nER\nEF\n", "x.txt"),
    ("@article{a,\n title = {A title},\n abstract = {One two.},\n year = 2024,\n abstract = {Three.}\n}\n", "x.bib"),
])
def test_an_abstract_in_two_pieces_is_one(text, name):
    corpus = read(text, name)
    assert list(corpus.papers["abstract"]) == ["One two. Three."] and corpus.dropped.empty
    assert corpus.papers["published"].str.startswith("2024").all()


def test_a_table_whose_line_ends_are_gone_is_set_aside():
    rows = "".join(f'"A planted title {n}","It says a thing about planting."' for n in range(20))
    assert list(read(f'"title","abstract"{rows}', "x.csv").dropped["kind"]) == ["unreadable"]


@pytest.mark.parametrize(("name", "unit", "n"), [
    ("x.txt", "![](", 50_000), ("x.txt", "![", 100_000), ("x.txt", "[a](http://a", 20_000),
    ("x.txt", "([{<$\\", 40_000),
    ("x.bib", "@a{b,\n", 10_000), ("x.html", "<!--", 50_000), ("x.html", "<p ", 50_000), ("x.html", "<a", 50_000),
    ("x.html", "<![CDATA[", 20_000), ("x.json", "[", 200_000), ("x.csv", '"', 100_000), ("x.csv", "\n'", 20_000),
    ("x.ris", "TY  - \n", 10_000), ("x.xml", "<a>", 100_000),
])
def test_a_pattern_said_again_and_again_comes_to_an_end(name, unit, n):
    opening = {"x.html": "<html>", "x.csv": "title,abstract\n", "x.xml": "<feed>"}.get(name, "")
    assert faults_of([Trial(InputFile(name, (opening + unit * n).encode()), None)]) == []


@pytest.mark.parametrize("text", ["{'a': {[]: 1}}", "{'a':" * 50_000 + "1" + "}" * 50_000,
                                  "{'a':" + "-" * 99_999 + "1}",
                                  "{'a': ...}", "{'a': __import__('os').abort()}"])
def test_python_spelled_out_by_a_stranger_is_data_or_set_aside(text):
    assert faults_of([Trial(InputFile("x.json", json.dumps([text, {"title": "A title"}]).encode()), 2)]) == []


def test_elements_within_elements_without_end_are_refused():
    with pytest.raises(InputError, match="nested more than"):
        read("<html>" + "<article><h1>" * 20_000, "x.html")


def workbook(rows: str) -> bytes:
    """Return a workbook of one sheet with `rows`, whose texts are "title" (0) and a very long one (1)."""
    kinds = "application/vnd.openxmlformats-"
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">' + "".join(
            f'<Override PartName="/xl/{part}" ContentType="{kinds}officedocument.spreadsheetml.{kind}+xml"/>'
            for part, kind in (("workbook.xml", "sheet.main"), ("sheet1.xml", "worksheet"), ("s.xml", "sharedStrings"))
        ) + "</Types>",
        "_rels/.rels": relations("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{SHEET}" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/'
                           'relationships"><sheets><sheet name="x" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations("worksheet", "sheet1.xml"),
        "xl/sheet1.xml": f'<worksheet xmlns="{SHEET}"><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c>'
                         f'<c r="B1" t="s"><v>0</v></c></row>{rows}</sheetData></worksheet>',
        "xl/s.xml": f'<sst xmlns="{SHEET}"><si><t>title</t></si><si><t>{"x" * 30_000}</t></si></sst>',
    }
    with zipfile.ZipFile(out := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as packed:
        for name, text in parts.items():
            packed.writestr(name, text)
    return out.getvalue()


def relations(kind: str, target: str) -> str:
    return ('<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
            f'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/>'
            "</Relationships>")


def test_small_files_that_unfold_without_end_are_refused(monkeypatch):
    long = read(workbook('<row r="2"><c r="A2" t="s"><v>1</v></c></row>'), "x.xlsx").papers["title"].str.len()
    assert list(long) == [30_000]
    monkeypatch.setattr("analysis.corpus.exports.MOST_CELLS", 100_000)
    monkeypatch.setattr("analysis.corpus.exports.MOST_UNPACKED", 1_000_000)
    for rows in ('<row><c t="s"><v>1</v></c></row>' * 50,  # cells that share one long text
                 "".join(f'<row r="{n}"><c r="XFD{n}" t="s"><v>0</v></c></row>' for n in range(2, 10))):  # far corners
        with pytest.raises(InputError, match="a sheet of more than"):
            read(workbook(rows), "x.xlsx")
    monkeypatch.setattr("analysis.corpus.objects.MOST_UNPACKED", 1_000_000)
    for text, n_rows, said in (("x" * 10_000, 200, "2,000,000 bytes unpacked"), ("x", 6_000_000, "6,000,000 rows")):
        column = pa.DictionaryArray.from_arrays(pa.array([0] * n_rows, pa.int8()), pa.array([text]))
        pq.write_table(pa.table({"title": column}), out := io.BytesIO())
        assert len(out.getvalue()) < 20_000
        with pytest.raises(InputError, match=said):
            read(out.getvalue(), "x.parquet")
