import io
import json

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.corpus import InputFile, read_papers
from analysis.schema import InputError, PaperThemesError

ROWS = [
    ("On Wet Things", "We study wet things, and how they dry.", "2024-03-01", "https://a.org/1", "JWT", "12"),
    ("On Dry Things; Again", 'They "dry" slowly, or not at all.', "2023", "10.1000/xyz", "", "1.2k"),
    ("On Things", "", "", "", "", ""),
]
NAMES = ("Title", "Abstract", "Publication Date", "Link", "Source title", "Upvotes")


def table(delimiter=",", names=NAMES, rows=ROWS):
    quote = lambda cell: '"' + cell.replace('"', '""') + '"'  # noqa: E731
    return "\n".join(delimiter.join(map(quote, row)) for row in [names, *rows]) + "\n"


def read(content, name="in.csv"):
    return read_papers([InputFile(name, content if isinstance(content, bytes) else content.encode())])


def check_rows(corpus):
    papers = corpus.papers.set_index("title")
    assert len(papers) == 3 and len(corpus.dropped) == 0
    wet, dry = papers.loc["On Wet Things"], papers.loc["On Dry Things; Again"]
    assert (wet.published, wet.published_precision, wet.published_basis) == ("2024-03-01", "day", "input")
    assert (wet.url, wet.venue, wet.upvotes) == ("https://a.org/1", "JWT", 12)
    assert (dry.published, dry.url, dry.upvotes) == ("2023", "https://doi.org/10.1000/xyz", 1200)
    assert dry.abstract == 'They "dry" slowly, or not at all.' and papers.loc["On Things"].isna().sum() == 6


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "names",
    [
        NAMES,
        ("paper title", "summary", "PUBDATE", "doi", "journal", "votes"),
        ("TI", "AB", "published", "url", "venue", "likes"),
    ],
)
@pytest.mark.parametrize("name", ["in.csv", "in.txt", "in"])
def test_delimited_text_reads_whatever_its_marks_and_names(delimiter, names, name):
    check_rows(read(table(delimiter, names), name))
    check_rows(read("\ufeff" + table(delimiter, names).replace("\n", "\r\n"), name))


def test_a_column_called_name_holds_titles_where_the_extension_says_table():
    check_rows(read(table(names=("name", "Description", "Date", "URL", "booktitle", "Vote"))))


def objects():
    return [dict(zip(NAMES, row, strict=True)) for row in ROWS]


def test_json_and_parquet_read_alike():
    check_rows(read(json.dumps(objects(), indent=1), "in.json"))
    check_rows(read("\n".join(map(json.dumps, objects())), "in.jsonl"))
    check_rows(read(json.dumps({"total": 3, "papers": objects()}), "in"))
    buffer = io.BytesIO()
    pd.DataFrame(objects()).to_parquet(buffer)
    check_rows(read(buffer.getvalue(), "in.bin"))
    typed = pd.DataFrame({"title": ["A b"], "published": pd.to_datetime(["2024-03-01"]), "upvotes": [3.0]})
    typed.to_parquet(buffer := io.BytesIO())
    paper = read(buffer.getvalue()).papers.iloc[0]
    assert (paper.published, paper.upvotes, paper.abstract) == ("2024-03-01", 3, "")


def test_a_date_no_finer_than_its_column_says():
    corpus = read("title,published,date_precision\nA b,2020-07-01,month-inferred\n")
    assert corpus.papers.loc[0, "published"] == "2020-07" and corpus.papers.loc[0, "published_precision"] == "month"


def test_what_is_broken_is_set_aside_and_the_rest_is_read():
    corpus = read('title,abstract\nA one,x\nA two,y,z\n"A three,z\nA four,w\n,no title\n\nA five\n')
    assert sorted(corpus.papers["title"]) == ["A five", "A four", "A one"]
    assert corpus.dropped[["place", "kind"]].values.tolist() == [
        ["line 3", "unreadable"],
        ["line 4", "unreadable"],
        ["line 6", "no title"],
    ]
    lines = read('{"title": "A one"}\n{"title": "A tw\n[1]\n{"abstract": "x"}\n{"title": "A three"}\n', "in.jsonl")
    assert len(lines.papers) == 2
    assert lines.dropped[["place", "kind"]].values.tolist() == [
        ["line 2", "unreadable"],
        ["line 3", "not a paper"],
        ["line 4", "no title"],
    ]


def test_a_row_that_ran_into_the_names_of_the_columns_is_told():
    corpus = read('"title","abstract""A one","x"\n"A two","y"\n')
    assert list(corpus.papers["title"]) == ["A two"]
    assert corpus.dropped[["place", "kind"]].values.tolist() == [["line 1", "unreadable"]]
    assert "A one" in corpus.dropped["text"].iloc[0]


@pytest.mark.parametrize(("name", "content"), [
    ("a.nbib", "PMID- 1\nTI  - On one thing\nAB  - Of it.\nDMID- 2\nTI  - On another thing\nAB  - Of that.\n"),
    ("a.txt", "FN x\nVR 1.0\nPT J\nTI On one thing\nAB Of it.\nTI On another thing\nAB Of that.\nER\n\nEF\n")])
def test_two_papers_that_ran_into_each_other_are_two(name, content):
    assert sorted(read(content, name).papers["title"]) == ["On another thing", "On one thing"]


def test_xml_stays_xml_however_its_first_line_looks():
    feed = ('<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><entry><id>http://arxiv.org/abs/1601.00001'
            '</id><title>On Things</title><summary>We say so.\n\nA line.</summary></entry></feed>')
    for hurt in (feed, feed.replace("<?xml", "<?xmectronic")):
        assert list(read(hurt, "a.xml").papers["title"]) == ["On Things"]
    with pytest.raises(InputError, match="a.xml"):
        read("A line of text, and no more\n\nof it", "a.xml")


@pytest.mark.parametrize("field", ["title", "abstract", "date", "url", "venue", "upvotes"])
def test_half_a_surrogate_pair_is_no_character_anywhere(field):
    row = {"title": "A title", "abstract": "It says so.", "date": "2024-03-01", "url": "https://a.org", "venue": "J"}
    for hurt in ("x\ud800y", "https://arxiv.org/abs/2401.00001\udf08", "2024-03-01\ud800"):
        corpus = read(json.dumps({**row, field: hurt}), "in.jsonl")
        assert len(corpus.papers) == 1 and "\ud800" not in corpus.papers.to_csv()


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        ("author,year\nX,2020\n", "in.csv", "columns are 'author', 'year'; name it one of title"),
        ('{"author": "X"}\n{"author": "Y"}', "in.jsonl", "columns are 'author'"),
        ('[{"title": "A b"}, {"title"', "in.json", "not valid JSON"),
        (b"%PDF-1.7 ...", "in.pdf", "a PDF"),
        (b"PK\x03\x04....", "in.zip", "a zip archive"),
        (b"PK\x03\x04 xl/ ....", "in.xlsx", "a workbook that cannot be read"),
        (b"PAR1nonsensePAR1", "in.parquet", "cannot be read"),
        (bytes(range(256)) * 9, "in.txt", "not text"),
        ("[" * 100_000, "in.json", "not valid JSON"),
    ],
)
def test_what_cannot_be_read_says_what_came_and_what_was_expected(content, name, said):
    with pytest.raises(InputError, match=said) as caught:
        read(content, name)
    assert name in str(caught.value) and "\n" not in str(caught.value)


def test_one_unreadable_file_does_not_stop_the_others():
    corpus = read_papers([InputFile("a.pdf", b"%PDF-1.7"), InputFile("b.csv", table().encode())])
    assert len(corpus.papers) == 3
    assert corpus.dropped[["source", "place", "kind"]].values.tolist() == [["a.pdf", "whole file", "unreadable"]]


def test_nothing_gives_no_papers():
    for content in (b"", b"\n\n", b"\xef\xbb\xbf", b"[]", b"title,abstract\n"):
        assert len(read(content, "in.csv" if b"title" in content else "in").papers) == 0
    assert len(read_papers([]).papers) == 0


CELLS = st.text(
    alphabet=st.characters(exclude_categories=["Cc", "Cs"]) | st.sampled_from(",;\"'\n\t\r"),
    max_size=30,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=12))
def test_records_in_are_papers_plus_dropped(rows):
    lines = "\n".join(json.dumps(dict(zip(("title", "abstract", "date"), row, strict=True))) for row in rows)
    corpus = read('{"title": "First of all"}\n' + lines, "in.jsonl")
    assert len(corpus.papers) + len(corpus.dropped) == len(rows) + 1
    pd.DataFrame([("First of all", "", ""), *rows], columns=["title", "abstract", "date"]).to_csv(
        text := io.StringIO(), index=False
    )
    corpus = read(text.getvalue())
    blank = sum(not any(cell.strip() for cell in row) for row in rows)
    assert len(corpus.papers) + len(corpus.dropped) == len(rows) + 1 - blank


@settings(max_examples=400, deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from(["a.txt", "a.csv", "a.tsv", "a.json", "a.jsonl", "a.parquet", "a"]),
    st.sampled_from([b"", b"title,abstract\n", b"PAR1", b"[{", b'{"title":"x"}\n', b"\xff\xfe", b"A title here\n\n"]),
)
def test_any_bytes_are_read_or_refused_with_a_sentence(content, name, opening):
    try:
        read(opening + content, name)
    except PaperThemesError as error:
        assert name in str(error)


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["title", "abstract", "date", "url", "upvotes", "paper", "data", "year", "month"]),
                inner,
                max_size=5,
            )
        ),
        max_leaves=20,
    )
)
def test_any_json_is_read_or_refused(value):
    try:
        read(json.dumps(value), "in.json")
    except PaperThemesError:
        pass
