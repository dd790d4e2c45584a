"""Numbers that are claims and numbers that are none; links with and without a scheme."""

import pytest

from analysis.facets.links import find_links
from analysis.facets.numbers import find_numbers


@pytest.mark.parametrize(("text", "value", "unit", "metric"), [
    ("It gains 9.3 % in accuracy.", "9.3%", "%", "accuracy"),
    ("with 36.5 points higher accuracy", "36.5 points", "points", "accuracy"),
    ("summarization (+0.53 Rouge-2 score)", "+0.53 Rouge-2", None, "Rouge-2"),
    ("It is 2.5x faster.", "2.5x", "x", None),
    ("about 10-100x less annotation cost", "10-100x", "x", "cost"),
    ("an F1 score of 0.85 is reached", "0.85", None, "F1"),
    ("(23.5->26.9 F1 on tales)", "23.5 → 26.9 F1", None, "F1"),
    ("rises from 47% to 72%", "47% to 72%", "%", None),
    ("improves by 3 points", "3 points", "points", None),
    ("up to 40\\% less memory", "40%", "%", "memory"),
    ("wins on 16 out of 23 scenarios", "16 out of 23", "of", None),
])
def test_a_claim_is_read_with_unit_and_metric(text, value, unit, metric):
    found, = find_numbers(text)
    assert (found.value, found.unit, found.metric) == (value, unit, metric)


@pytest.mark.parametrize("text", [
    "a 7B model on 2.5M examples of 2019", "three times a day, 224x224 pixels", "with 95% confidence intervals",
    "CIFAR-100 and GPT-3.5", "50,000 data points in 12 domains", "4x super-resolution", "under a 30% budget",
])
def test_sizes_counts_and_settings_are_no_claims(text):
    assert find_numbers(text) == []


def test_links_lose_the_sentence_around_them_and_gain_a_scheme():
    text = "Code (https://Example.org/a_(b)), data at github.com/me/it, see www.example.com/x. Not javascript:alert(1)!"
    found = find_links(text)
    assert [one.value for one in found] == ["https://example.org/a_(b)", "https://github.com/me/it",
                                            "https://www.example.com/x"]
    assert text[found[0].start:found[0].end] == "https://Example.org/a_(b)"
