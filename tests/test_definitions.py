"""Acronyms where a text writes them out, both ways round, with their spans."""

import pytest

from analysis.names.definitions import read_definitions


@pytest.mark.parametrize(("text", "short", "long_form"), [
    ("by in-context learning (ICL), as", "ICL", "in-context learning"),
    ("Large language models (LLMs) are", "LLMs", "Large language models"),
    ("neural radiance field (NeRF) is", "NeRF", "neural radiance field"),
    ("GUIDE (guideline-guided) is", "GUIDE", "guideline-guided"),
    ("prefer-to-classify (P2C) is", "P2C", "prefer-to-classify"),
    ("explainable artificial intelligence (XAI) is", "XAI", "explainable artificial intelligence"),
    ("by Meta Learning(ML) alone", "ML", "Meta Learning"),
])
def test_acronyms_are_read_both_ways_round(text, short, long_form):
    found, = read_definitions(text)
    assert (found.short, found.long_form) == (short, long_form)
    assert text[found.start:found.end] == short and text[found.long_start:].startswith(long_form)


def test_remarks_in_brackets_are_no_acronyms():
    assert read_definitions("the missing labels (Correction) of tasks (Section 3) in trees (BERT, GPT-2)") == []
