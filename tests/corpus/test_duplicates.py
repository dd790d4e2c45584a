import json
import random

from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from analysis.corpus import InputFile, paper_text, read_papers

WORDS = "alpha bravo charlie delta hotel india juliet kilo lima mike november oscar papa quebec romeo sierra".split()


def read(*files):
    return read_papers(
        [InputFile(f"{n}.jsonl", "\n".join(map(json.dumps, rows)).encode()) for n, rows in enumerate(files)]
    )


def test_the_fullest_record_is_kept_and_its_blanks_filled():
    full = {"title": "ON THINGS", "abstract": " ".join(WORDS), "date": "2024", "upvotes": 3}
    short = {
        "title": "On things",
        "abstract": " ".join(WORDS[:9]),
        "date": "2024-03-02",
        "url": "https://a.org",
        "upvotes": 7,
    }
    corpus = read([short], [full])
    paper = corpus.papers.iloc[0]
    assert (paper.title, paper.abstract, paper.published) == ("On things", " ".join(WORDS), "2024-03-02")
    assert (paper.url, paper.upvotes, paper.source) == ("https://a.org", 7, "1.jsonl")
    assert corpus.dropped[["source", "kind", "reason"]].values.tolist() == [
        ["0.jsonl", "duplicate", "the same paper as line 1 of 1.jsonl, which is kept"]
    ]


def test_of_titles_that_are_as_good_the_fullest_records_is_shown():
    full = {"title": "On treehouses", "abstract": " ".join(WORDS)}
    assert list(read([{"title": "On tree\x00houses", "abstract": ""}], [full]).papers["title"]) == ["On treehouses"]


def test_one_title_over_two_abstracts_is_two_papers():
    rows = [{"title": "Editorial", "abstract": " ".join(half)} for half in (WORDS[:8], WORDS[8:])]
    corpus, other_way = read(rows), read(rows[::-1])
    assert len(corpus.papers) == 2 and len(corpus.dropped) == 0
    assert_frame_equal(corpus.papers, other_way.papers)
    alone = read(rows[:1]).papers
    assert alone["paper_id"].str.fullmatch("p[0-9a-f]{12}").all()


def test_a_new_version_under_a_new_title_is_the_same_paper():
    old = {"title": "On things", "abstract": " ".join(WORDS), "url": "https://arxiv.org/abs/2401.00001v1",
           "first_seen": "2024-01-02"}
    new = {"title": "Some things", "abstract": " ".join([*WORDS, "added"]), "url": "http://arxiv.org/pdf/2401.00001v3",
           "first_seen": "2024-03-02"}
    page = {"title": "Things, again", "abstract": "", "url": "https://huggingface.co/papers/2401.00001"}
    doi = {"title": "Things", "abstract": " ".join(WORDS[2:]), "url": "https://doi.org/10.48550/arXiv.2401.00001"}
    first = read([old]).papers["paper_id"].item()
    for rows in ([old, new, page, doi], [doi, page, new, old]):
        corpus = read(rows)
        assert corpus.papers["paper_id"].tolist() == [first] and len(corpus.dropped) == 3
        assert corpus.papers["abstract"].item() == new["abstract"]


def test_a_volume_with_one_doi_for_all_is_not_one_paper():
    url = "https://doi.org/10.1000/volume.7"
    rows = [{"title": f"Part {number}", "abstract": " ".join(half), "url": url}
            for number, half in enumerate((WORDS[:8], WORDS[8:]))]
    assert len(read(rows).papers) == 2


RECORDS = st.fixed_dictionaries(
    {
        "title": st.sampled_from(["Editorial", "EDITORIAL", "On $\\beta$", "On β", "On beta.", "Things", ""]),
        "abstract": st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join),
        "date": st.sampled_from(["", "2020", "2020-03", "2020-03-04", "2021"]),
        "url": st.sampled_from(["", "https://a.org/1", "https://a.org/2"]),
        "upvotes": st.sampled_from(["", "1", "20"]),
    }
)


@settings(max_examples=150, deadline=None)
@given(st.lists(RECORDS, max_size=12), st.integers(0, 9))
def test_the_order_of_records_does_not_matter(records, chance):
    records = [{"title": "Always here"}, *records]
    shuffled = random.Random(chance).sample(records, len(records))
    one, other = read(records), read(shuffled)
    assert_frame_equal(one.papers, other.papers)
    assert len(one.papers) + len(one.dropped) == len(records)
    assert sorted(one.dropped["kind"]) == sorted(other.dropped["kind"])


def test_a_thousand_namesakes_are_told_apart():
    rows = [
        {
            "title": "Editorial",
            "abstract": f"{'abcdefghij'[n // 100] * 5} {'abcdefghij'[n // 10 % 10] * 6} {'abcdefghij'[n % 10] * 7}",
        }
        for n in range(1000)
    ]
    corpus = read(rows)
    assert len(corpus.papers) + len(corpus.dropped) == 1000


def test_the_text_of_a_paper():
    papers = read([{"title": "Why", "abstract": "Because."}, {"title": "Alone"}]).papers
    assert sorted(paper_text(papers)) == ["Alone", "Why. Because."]
