"""The phrases that papers use: runs of words between stop words and punctuation, counted per paper."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

MAX_WORDS = 4
MAX_CHARACTERS = 40

_TOKEN = re.compile(r"[^\W_][\w+]*(?:[-'’/][\w+]+)*|[^\w\s]")
_EDGE = re.compile(r"^[^\W\d_]")
_PREFIX = re.compile(r"\b(pre|multi|non|post|co|inter|sub)-(?=\w)")
"""``pre-training`` and ``pretraining`` are one word to us."""
_LONG_FORM = re.compile(r"((?:[\w\-]+\s+){1,7})\(\s*([A-Z][A-Za-z\-]*[A-Z]s?)\s*\)")


@dataclass
class Phrases:
    """Phrases of a set of papers.

    Parameters
    ----------
    papers : list of frozenset of str
        Normal forms that each paper says anywhere.
    titles : list of frozenset of str
        Normal forms in each paper's title.
    surfaces : dict of str to Counter
        How each normal form is written.
    closings : Counter
        How often each normal form closes its run of words, as a noun phrase does and an adjective does not.
    heads : Counter
        How often it closes a run that is longer than itself, as a noun does and a verb seldom.
    """

    papers: list[frozenset[str]]
    titles: list[frozenset[str]]
    surfaces: dict[str, Counter[str]] = field(repr=False)
    closings: Counter[str] = field(repr=False)
    heads: Counter[str] = field(repr=False)

    def head_share(self, phrase: str) -> float:
        """Return the share of the places of `phrase` in which it is the head of something longer."""
        return self.heads[phrase] / max(sum(self.surfaces[phrase].values()), 1)

    def closing_share(self, phrase: str) -> float:
        """Return the share of the places of `phrase` in which no further word of the run follows it."""
        return self.closings[phrase] / max(sum(self.surfaces[phrase].values()), 1)

    def surface(self, phrase: str) -> str:
        """Return the commonest way in which `phrase` is written; ties go to the first in the alphabet."""
        return min(self.surfaces[phrase].items(), key=lambda item: (-item[1], item[0]))[0]


def normal_form(words: Sequence[str]) -> str:
    """Return words in lower case, hyphens opened, the last one in the singular."""
    text = _PREFIX.sub(r"\1", " ".join(words).lower()).replace("-", " ").replace("’", "'")
    head, _, last = text.rpartition(" ")
    return f"{head} {_singular(last)}".strip()


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "ics")):
        return word[:-1]
    return word


def extract_phrases(texts: Sequence[tuple[str, str]], stopwords: frozenset[str]) -> Phrases:
    """Return the phrases of one to four words that each (title, abstract) says."""
    found = Phrases([], [], {}, Counter(), Counter())
    for title, abstract in texts:
        # Titles Are Written In Capitals, so they say less about how a phrase is written.
        in_title = _note_phrases(title, stopwords, found, 1)
        found.titles.append(frozenset(in_title))
        found.papers.append(frozenset(in_title | _note_phrases(abstract, stopwords, found, 3)))
    return found


def _note_phrases(text: str, stopwords: frozenset[str], found: Phrases, weight: int) -> set[str]:
    said = set()
    for words in _chunks(text, stopwords):
        for start in range(len(words)):
            for end in range(start + 1, min(start + MAX_WORDS, len(words)) + 1):
                phrase = " ".join(words[start:end])
                if len(phrase) > MAX_CHARACTERS:
                    break
                form = normal_form(words[start:end])
                written = " ".join(map(lowered, words[start:end]))
                said.add(form)
                found.surfaces.setdefault(form, Counter())[written] += weight
                found.closings[form] += weight * (end == len(words))
                found.heads[form] += weight * (end == len(words) and start > 0)
    return said


def find_long_forms(texts: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return acronyms with the long form that the papers give most often: ``{"icl": "in-context learning"}``."""
    found: dict[str, Counter[str]] = {}
    for _, abstract in texts:
        for before, short in _LONG_FORM.findall(abstract):
            long_form = _match_initials(before.split(), short)
            if long_form:
                found.setdefault(short.rstrip("s").lower(), Counter())[long_form.lower()] += 1
    return {short: min(forms.items(), key=lambda item: (-item[1], item[0]))[0] for short, forms in found.items()}


def _match_initials(words: list[str], short: str) -> str | None:
    letters = [letter.lower() for letter in short.rstrip("s") if letter.isalpha()]
    for start in range(len(words)):
        initials = [part[0].lower() for word in words[start:] for part in word.split("-") if part]
        if initials == letters:
            return " ".join(words[start:])
    return None


def _chunks(text: str, stopwords: frozenset[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    for token in _TOKEN.findall(text):
        if _EDGE.match(token) and token.lower() not in stopwords and len(token) > 1:
            chunk.append(token)
        elif chunk:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def lowered(word: str) -> str:
    """Return a word in lower case unless its capitals belong to it (``BERT``, ``GPT-4``, ``LoRA``)."""
    parts = word.split("-")
    return "-".join(part.lower() if part[:1].isupper() and part[1:].islower() else part for part in parts)
