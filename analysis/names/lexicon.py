"""Tokens of texts, and what is to be known of each: its normal form, and whether it can be part of a phrase."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

MOST_KNOWN = 200_000

_TOKEN = re.compile(r"[^\W_][\w+]*+(?:[-'’/][\w+]++)*+|[^\w\s]")
_EDGE = re.compile(r"^(?:[^\W\d_]|\d[^\W\d_]\b)")
"""A word begins with a letter; "3D" and "5G" are words as well."""
_PREFIX = re.compile(r"\b(pre|multi|non|post|co|inter|sub)-(?=\w)")
"""``pre-training`` and ``pretraining`` are one word to us."""
_POSSESSIVE = re.compile(r"['’]s?$")
_CONTRACTION = re.compile(r"['’](?:t|m|d|ve|re|ll)$")
_ELIDED = re.compile(r"^(?:[dlnscjmt]|qu)['’](?=\w)", re.IGNORECASE)
_DOUBLED = re.compile(r"([ae]l)l(ing|ed|er)$")
_SAME_IN_PLURAL = frozenset({"news", "series", "species", "lens"})


def normal_form(words: Sequence[str]) -> str:
    """Return words in lower case, hyphens opened, in the singular and in American spelling."""
    return " ".join(form for word in words for form in _normal_words(word))


@lru_cache(maxsize=200_000)
def _normal_words(word: str) -> tuple[str, ...]:
    text = word.lower()
    # Most words have nothing that a pattern could find, and to look for one letter costs a small part of it.
    if _is_quoted(text):
        text = _POSSESSIVE.sub("", text).replace("’", "'")
    if "-" in text:
        text = _PREFIX.sub(r"\1", text).replace("-", " ")
    return tuple(map(_base, text.split()))


def _is_quoted(text: str) -> bool:
    return "'" in text or "’" in text


def _base(word: str) -> str:
    if word.endswith("s"):
        word = _singular(word)
    if "ll" in word:
        word = _DOUBLED.sub(r"\1\2", word)
    return word.replace("isation", "ization")


def _singular(word: str) -> str:
    if word in _SAME_IN_PLURAL:
        return word
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if len(word) > 3 and not word.endswith(("ss", "us", "is", "ics")):
        return word[:-1]
    return word


def find_tokens(text: str) -> list[str]:
    """Return the words and marks of a text."""
    return _TOKEN.findall(text)


class Word(NamedTuple):
    """What is to be known of a token wherever it stands: looked up once, for texts say the same words over and over."""

    low: str
    normal: tuple[str, ...]
    form: str
    written: str
    spelt: str
    is_cut: bool
    ends: bool
    is_owner: bool


class _Lexicon(dict[str, Word]):
    """Tokens that were looked up before, forgotten where they become many."""

    def __init__(self, stopwords: frozenset[str]) -> None:
        super().__init__()
        self._stopwords = stopwords

    def __missing__(self, token: str) -> Word:
        if len(self) >= MOST_KNOWN:
            self.clear()
        quoted = _is_quoted(token)
        text, cut = _ELIDED.subn("", token) if quoted else (token, 0)
        low, normal = text.lower(), _normal_words(text)
        owned = quoted and _POSSESSIVE.search(low)
        ends = not _EDGE.match(text) or low in self._stopwords or len(text) < 2 or quoted and _CONTRACTION.search(low)
        word = self[token] = Word(low, normal, " ".join(normal), _POSSESSIVE.sub("", low) if owned else low,
                                  _POSSESSIVE.sub("", text) if quoted else text, bool(cut), bool(ends), bool(owned))
        return word


_lexicon = lru_cache(maxsize=4)(_Lexicon)


def look_up(tokens: Iterable[str], stopwords: frozenset[str]) -> list[Word]:
    """Return what is known of tokens."""
    return list(map(_lexicon(stopwords).__getitem__, tokens))
