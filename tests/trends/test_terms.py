"""Terms are counted by running sums, and are those that reading phrase by phrase finds."""

from collections import Counter

import pytest

from analysis.names.words import RESEARCH_WORDS, stopwords
from analysis.trends import terms
from analysis.trends.terms import count_terms
from tests.slow_phrases import ODD, extract_slowly


def _may_be_term(form):
    words = form.split(" ")
    return (words[-1] not in RESEARCH_WORDS and terms._ADDRESS.isdisjoint(words) and len(form) > 2
            and not (len(words) > 1 and words[-1] in stopwords()))


@pytest.mark.parametrize("block", [1, 3, 100])
def test_terms_are_the_phrases_that_are_read(block, monkeypatch):
    monkeypatch.setattr(terms, "_BLOCK", block)
    monkeypatch.setattr(terms, "LEAST_PAPERS", 1)
    phrases = extract_slowly(ODD)
    papers = [{form for form in said if _may_be_term(form)} for said in phrases.papers]
    counted = count_terms(ODD)
    assert counted.forms == sorted(set().union(*papers))
    table = counted.says.toarray()
    assert [{counted.forms[term] for term in row.nonzero()[0]} for row in table] == papers and table.max() == 1
    titled = Counter(form for said in phrases.titles for form in said)
    assert counted.titled.tolist() == [titled[form] for form in counted.forms]


def test_where_nothing_is_said_there_are_no_terms():
    for texts in ([], [("", "")], [("of the", "! ?")]):
        counted = count_terms(texts)
        assert not counted.forms and counted.says.shape == (len(texts), 0) and not len(counted.titled)
