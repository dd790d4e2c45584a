"""Acronyms that the papers define: ``in-context learning (ICL)``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from analysis.names.definitions import read_definitions
from analysis.names.phrases import normal_form

CLEAR_SHARE = 0.6
"""An acronym stands for a long form only where most of the papers that define it mean that one."""

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
    """Return the acronyms that abstracts define by initials, each with its commonest long form."""
    forms: dict[str, Counter[str]] = {}
    spellings: dict[str, Counter[str]] = {}
    writings: dict[str, Counter[str]] = {}
    for _, abstract in texts:
        for found in read_definitions(abstract):
            if found.by_initials:
                short = found.short.removesuffix("s")
                form = normal_form(found.long_form.split())
                forms.setdefault(short.lower(), Counter())[form] += 1
                spellings.setdefault(short.lower(), Counter())[short] += 1
                writings.setdefault(form, Counter())[found.long_form.lower()] += 1
    long_forms: dict[str, str] = {}
    spelt: dict[str, str] = {}
    for short, counter in sorted(forms.items()):
        form, n_papers = min(counter.items(), key=lambda item: (-item[1], item[0]))
        if n_papers >= CLEAR_SHARE * sum(counter.values()):
            long_forms[short] = _commonest(writings[form])
            spelt.setdefault(form, _commonest(spellings[short]))
    said = [frozenset(short.lower() for short in _ACRONYM.findall(f"{title}. {abstract}")) for title, abstract in texts]
    return Acronyms(long_forms, spelt, said)


def _commonest(counter: Counter[str]) -> str:
    return min(counter.items(), key=lambda item: (-item[1], item[0]))[0]
