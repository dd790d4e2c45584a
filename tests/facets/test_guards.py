"""What spares a search leaves nothing out: each guard is held to its pattern."""

import re
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.corpus import fold
from analysis.facets import cues, links, mentions, numbers
from analysis.facets.guards import Guarded
from analysis.facets.spans import name_key

ALIKE = {"i": "iI\u0130\u0131", "s": "sS\u017f", "k": "kK\u212a"}
"""Letters that ``re.IGNORECASE`` takes for each other, and that folding might not."""
IN_MODULES = [value for module in (cues, links, mentions) for value in vars(module).values()]
GUARDS = [guard for value in IN_MODULES for guard in (value.values() if isinstance(value, dict) else [value])
          if isinstance(guard, Guarded)]
PLACES = [guard for guard in GUARDS if guard.reach]
PIECES = st.sampled_from([
    "the", "The", "Pile", "Stack", "v2", "multilingual", "BERT", "GPT-4", "Llama", "2", "70B", "Natural", "Questions",
    "GSM", "8k", "3.5", "-", "/", ": ", " ", "  ", ", ", ". ", "\n", "\t", "'", "+", "_", "^", "}", "\\", "e.g.", "x",
    "\u0130\u0131\u017f\u212a", "\ufb01", "\u00df", "\u03a3", "i\u0307"])
TEXTS = st.lists(PIECES | st.text(max_size=3), max_size=25).map("".join)


def twisted(draw, text):
    """Write some letters of a text in another way that means the same to a pattern without case."""
    random = draw(st.randoms(use_true_random=False))
    return "".join(random.choice(ALIKE.get(letter.lower(), letter + letter.swapcase()[:1])) if random.random() < 0.3
                   else letter for letter in text)


@st.composite
def found_texts(draw, pattern):
    """Draw a text that a pattern finds, or nearly."""
    return draw(TEXTS) + draw(st.sampled_from([" ", ""])) + twisted(draw, draw(st.from_regex(pattern)))


def test_all_guards_are_held():
    assert len(GUARDS) == 11 and len(PLACES) == 2


def test_folding_makes_one_of_all_that_patterns_take_for_one():
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    for letter in "abcdefghijklmnopqrstuvwxyz":
        assert {fold(found) for found in re.findall(letter, every, re.IGNORECASE)} == {letter}


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.pattern.pattern[:40])
@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_guard_lets_through_whatever_its_pattern_finds(guard, data):
    text = data.draw(found_texts(guard.pattern))
    assert guard.finds(text, fold(text)) == bool(guard.pattern.search(text))


@pytest.mark.parametrize("guard", PLACES, ids=lambda guard: guard.pattern.pattern[:40])
@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_search_begins_before_all_that_is_found(guard, data):
    text = data.draw(found_texts(guard.pattern)) + data.draw(TEXTS)
    assert [found.span() for found in guard.finditer(text)] == [found.span() for found in guard.pattern.finditer(text)]


@pytest.mark.parametrize("link", ["x" * 60 + ".github.io/x", "x" * 60 + ".org/x", "HTTPS://x.y", "www.x-y.zz",
                                  "gist.github.com", "dx.doi.org/1", "g\u0131thub.com", "\u212aaggle.com", "hf.co/x"])
@pytest.mark.parametrize("before", ["", "See ", "xX", "(", "-", "\u0130 "])
def test_the_longest_beginning_of_a_link_is_reached(link, before):
    for guard in PLACES:
        found, wanted = guard.finditer(before + link), guard.pattern.finditer(before + link)
        assert [one.span() for one in found] == [one.span() for one in wanted]


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_claim_begins_earlier_than_a_sign_before_its_number(data):
    text = data.draw(found_texts(numbers._CLAIM)) + data.draw(TEXTS)
    for claim in numbers._CLAIM.finditer(text):
        digit = re.search(r"\d", claim[0])
        assert digit and digit.start() <= numbers._LONGEST_SIGN


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_the_words_between_spaces_are_those_of_the_whole_text(text):
    wanted = [(match.start(), word) for match in mentions._WORD.finditer(text) if (word := mentions._look_at(match[0]))]
    found = list(mentions._beginnings(text))
    assert [one for one in wanted if one in found] == found
    for start, word in wanted:  # "the" is left out where no name goes on from it
        assert (start, word) in found or mentions._read(text, start, word) == (None, start + len(word.said))


@settings(max_examples=200, deadline=None)
@given(TEXTS, TEXTS, st.sampled_from(mentions._JOINTS))
def test_the_key_of_words_is_that_of_each(first, second, joint):
    for one in mentions._WORD.findall(first):
        for other in mentions._WORD.findall(second):
            assert name_key(f"{one}{joint}{other}") == name_key(one) + name_key(other)


def test_nothing_but_plain_words_takes_no_longer_for_its_end():
    assert list(mentions._beginnings("plain words, " * 20_000)) == []
