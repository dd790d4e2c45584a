"""The table: quotes where it says, one spelling a name, the seed's labels, and hostile text."""

from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from analysis.facets import MOST_READ, begin_facets, find_facets, read_facets
from analysis.names.definitions import read_definitions
from analysis.schema import FACETS, check
from benchmarks.bench_facets import score

LABELS = Path(__file__).with_name("seed_labels.csv")


@pytest.fixture(scope="module")
def facets(seed):
    return find_facets(seed.papers)


def papers(*abstracts):
    return pd.DataFrame({"paper_id": [f"p{number}" for number in range(len(abstracts))], "title": "A title",
                         "abstract": abstracts})


def test_the_seeds_labels_are_met(seed, facets):
    for row in score(seed.papers, facets, pd.read_csv(LABELS), by="title").itertuples():
        assert row.precision >= 0.9 and row.recall >= 0.75, row


def test_every_acronym_before_a_bracket_of_the_seed_is_found(seed, facets):
    """Where each word gives a letter, nothing is left to judgement."""
    for paper in seed.papers.itertuples():
        plain = {found.short for found in read_definitions(paper.abstract) if found.by_initials}
        own = facets[(facets["paper_id"] == paper.paper_id) & (facets["kind"] == "acronym")]
        assert plain <= set(own["value"])
    assert {"SSE-CoT", "NeRF", "FiGRet", "XAI", "P2C", "gFun", "SysID", "TabFMs"} <= set(facets["value"])


def test_each_quote_stands_where_the_table_says(seed, facets):
    texts = seed.papers.set_index("paper_id")
    for row in facets.itertuples():
        quote = texts.loc[row.paper_id, row.field][row.start:row.end]
        assert quote.strip() == quote and 0 < len(quote) < 200
        assert row.kind != "link" or row.value.lower().endswith(quote.lower().removeprefix("http"))


def test_papers_shuffled_give_the_same_rows(seed, facets):
    order = facets.columns[:6].tolist()
    shuffled = find_facets(seed.papers.sample(frac=1, random_state=3))
    pd.testing.assert_frame_equal(facets.sort_values(order, ignore_index=True),
                                  shuffled.sort_values(order, ignore_index=True))


def test_an_unknown_name_takes_its_commonest_spelling():
    table = find_facets(papers("Tests on the Quiz-Barn dataset.", "On the QuizBarn dataset.", "The QuizBarn dataset."))
    assert set(table["value"]) == {"QuizBarn"} and len(table) == 3


def test_no_papers_and_no_abstract_give_an_empty_table():
    for frame in (papers(), papers("")):
        assert check(find_facets(frame), FACETS).empty


@pytest.mark.parametrize("piece", ["(", "A", "Aa ", "GPT-4 ", "1.2 ", "A1, ", "a-", "a.", "http://", "(A B)", "GPT-3/",
                                   "github.com/", "B1 is a large ", "<script>", "\\", "+1"])
def test_a_megabyte_of_anything_is_read(piece):
    """A pattern that tries every way to match would never come back from it."""
    text = piece * (1_000_000 // len(piece))
    assert all(one.end <= MOST_READ for _, one in read_facets(text, text))


def test_papers_that_say_what_they_said_are_not_read_again(monkeypatch):
    old = papers("Tests on the Quiz-Barn dataset.", "On the QuizBarn dataset.", "It gains 3.2 points on GSM8K.")
    new = pd.concat([old, papers("A", "B", "C", "We use MMLU.").iloc[3:]], ignore_index=True)
    new.loc[1, "abstract"] = "Nothing is named here."
    whole, read = find_facets(new), []
    monkeypatch.setattr("analysis.facets.read_facets", lambda *texts: read.append(texts) or read_facets(*texts))
    assert_frame_equal(find_facets(new, begin_facets(new, (old, find_facets(old)))), whole)
    assert len(read) == 3 + 2
