"""Acronyms that the papers define: ``in-context learning (ICL)``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from analysis.names.phrases import normal_form

CLEAR_SHARE = 0.6
"""An acronym stands for a long form only where most of the papers that define it mean that one."""

_DEFINED = re.compile(r"\(\s*([A-Z][A-Za-z\-]*[A-Z]s?)\s*\)")
_WORDS_BEFORE = re.compile(r"(?:[\w\-]+\s+)*$")
MOST_WORDS, MOST_CHARACTERS = 7, 120
_ACRONYM = re.compile(r"\b[A-Z][A-Za-z\-]*[A-Z](?=s?\b)")


@dataclass(frozen=True)
class Acronyms:
    """Acronyms with the long form that the papers give them.

    Parameters
    ----------
    long_forms : dict of str to str
        Acronym in lower case → long form as written in lower case.
    spelt : dict of str to str
        Normal form of the long form → acronym as the papers spell it.
    said : list of frozenset of str
        Acronyms, in lower case, that each paper says.
    """

    long_forms: dict[str, str] = field(default_factory=dict)
    spelt: dict[str, str] = field(default_factory=dict)
    said: list[frozenset[str]] = field(default_factory=list, repr=False)

    def expand(self, form: str) -> str:
        """Return a normal form with its acronyms written out."""
        words = [normal_form(self.long_forms[word].split()) if word in self.long_forms else word
                 for word in form.split()]
        return " ".join(words)


def find_acronyms(texts: Sequence[tuple[str, str]]) -> Acronyms:
    """Return the acronyms that abstracts define in brackets, each with its commonest long form."""
    forms: dict[str, Counter[str]] = {}
    spellings: dict[str, Counter[str]] = {}
    writings: dict[str, Counter[str]] = {}
    for _, abstract in texts:
        for words, short in _defined(abstract):
            long_form = _match_initials(words, short)
            if long_form:
                short = short.removesuffix("s")
                form = normal_form(long_form.split())
                forms.setdefault(short.lower(), Counter())[form] += 1
                spellings.setdefault(short.lower(), Counter())[short] += 1
                writings.setdefault(form, Counter())[long_form.lower()] += 1
    long_forms: dict[str, str] = {}
    spelt: dict[str, str] = {}
    for short, counter in sorted(forms.items()):
        form, n_papers = min(counter.items(), key=lambda item: (-item[1], item[0]))
        if n_papers >= CLEAR_SHARE * sum(counter.values()):
            long_forms[short] = _commonest(writings[form])
            spelt.setdefault(form, _commonest(spellings[short]))
    said = [frozenset(short.lower() for short in _ACRONYM.findall(f"{title}. {abstract}")) for title, abstract in texts]
    return Acronyms(long_forms, spelt, said)


def _defined(abstract: str) -> set[tuple[tuple[str, ...], str]]:
    """Return the letters in brackets, each with the words that stand right before them."""
    found = set()
    for match in _DEFINED.finditer(abstract):
        # Only what is near is looked at: a search for words before a bracket would try every word of the text.
        near = abstract[max(0, match.start() - MOST_CHARACTERS):match.start()]
        words = _WORDS_BEFORE.search(near)
        if words:
            found.add((tuple(words[0].split()[-MOST_WORDS:]), match[1]))
    return found


def _commonest(counter: Counter[str]) -> str:
    return min(counter.items(), key=lambda item: (-item[1], item[0]))[0]


def _match_initials(words: Sequence[str], short: str) -> str | None:
    letters = [letter.lower() for letter in short.removesuffix("s") if letter.isalpha()]
    for start in range(len(words)):
        initials = [part[0].lower() for word in words[start:] for part in word.split("-") if part]
        if initials == letters:
            return " ".join(words[start:])
    return None
