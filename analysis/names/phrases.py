"""The phrases that papers use: runs of words between stop words and punctuation, counted per paper."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from analysis.names.lexicon import normal_form
from analysis.names.runs import Runs, distinct, number_each, read_runs

__all__ = ["Phrases", "extract_phrases", "normal_form"]

CAPITAL_SHARE = 0.75
"""A phrase that is written with capitals more often than this is a proper name."""

_BEFORE_VERBS = frozenset(
    "to we i you he she it they who which can cannot could may might must should will would have has had".split()
)
_SENTENCE_ENDS = frozenset(".!?:;>|*")


@dataclass
class Phrases:
    """Phrases of a set of papers.

    Parameters
    ----------
    papers : list of frozenset of str
        Normal forms that each paper says anywhere.
    titles : list of frozenset of str
        Normal forms in each paper's title.
    words : list of frozenset of str
        Normal forms of all single words that each paper says, stop words among them.
    surfaces : dict of str to dict of str to int
        In how many places each normal form is written in which way, in lower case.
    closings : Counter
        How often each normal form closes its run of words, as a noun phrase does and an adjective does not.
    heads : Counter
        How often it closes a run that is longer than itself, as a noun does and a verb seldom.
    verbs : Counter
        How often a word follows "to", a pronoun or an auxiliary, as a verb does.
    spellings : dict of str to Counter
        How words and phrases with capitals are written inside sentences, by their lower case.
    placed : Counter
        How often words and phrases stand inside sentences, where a capital means something, by their lower case.
    """

    papers: list[frozenset[str]] = field(default_factory=list, repr=False)
    titles: list[frozenset[str]] = field(default_factory=list, repr=False)
    words: list[frozenset[str]] = field(default_factory=list, repr=False)
    surfaces: dict[str, dict[str, int]] = field(default_factory=dict, repr=False)
    closings: Counter[str] = field(default_factory=Counter, repr=False)
    heads: Counter[str] = field(default_factory=Counter, repr=False)
    verbs: Counter[str] = field(default_factory=Counter, repr=False)
    spellings: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter), repr=False)
    placed: Counter[str] = field(default_factory=Counter, repr=False)

    def count(self, phrase: str) -> int:
        """Return in how many places `phrase` stands; a place in an abstract counts three times."""
        return sum(self.surfaces[phrase].values()) if phrase in self.surfaces else 0

    def head_share(self, phrase: str) -> float:
        """Return the share of the places of `phrase` in which it is the head of something longer."""
        return self.heads[phrase] / max(self.count(phrase), 1)

    def closing_share(self, phrase: str) -> float:
        """Return the share of the places of `phrase` in which no further word of the run follows it."""
        return self.closings[phrase] / max(self.count(phrase), 1)

    def verb_share(self, word: str) -> float:
        """Return the share of the places of `word` in which it stands where a verb does."""
        return self.verbs[word] / max(self.count(word), 1)

    def surface(self, phrase: str) -> str:
        """Return the commonest way in which `phrase` is written; ties go to the first in the alphabet."""
        written = _commonest(self.surfaces[phrase])
        if " " in written and (capitals := self.spellings.get(written)):
            names = sum(n for spelt, n in capitals.items() if all(_is_capital(word) for word in spelt.split()))
            if names > CAPITAL_SHARE * self.placed[written] and not _is_shout(_commonest(capitals)):
                return _commonest(capitals)
        return " ".join(map(self._spelt, written.split()))

    def _spelt(self, word: str) -> str:
        capitals = self.spellings.get(word)
        if not capitals or 2 * sum(capitals.values()) <= self.placed[word]:
            return word
        return _commonest(capitals)


def _commonest(counter: Mapping[str, int]) -> str:
    return min(counter.items(), key=lambda item: (-item[1], item[0]))[0]


def _is_capital(word: str) -> bool:
    return word[:1].isupper()


def _is_shout(phrase: str) -> bool:
    """Return whether a phrase is all in capitals and too long for acronyms."""
    return phrase.isupper() and max(map(len, phrase.split())) > 5


def extract_phrases(texts: Sequence[tuple[str, str]], stopwords: frozenset[str], least: int = 1) -> Phrases:
    """Return the phrases of one to four words that each (title, abstract) says.

    Parameters
    ----------
    texts : sequence of (title, abstract)
    stopwords : frozenset of str
    least : int
        Phrases that fewer papers say are left out, save for single words: most phrases occur once.
    """
    n = len(texts)
    runs = read_runs([*(title for title, _ in texts), *(abstract for _, abstract in texts)], stopwords)
    first, size = runs.spans()
    number = number_each(runs.codes(runs.edges[first], runs.edges[first + size]))[2]
    n_forms = int(number.max(initial=0)) + 1
    text = runs.text[runs.held][first]
    said, titled = (distinct(text[some] % n * n_forms + number[some]) for some in (text >= 0, text < n))
    often = np.bincount(said % n_forms, minlength=n_forms) >= least
    often[number[size == 1]] = True
    kept = np.flatnonzero(often[number])
    found = Phrases()
    forms = _note_ways(runs, first[kept], size[kept], number[kept], n, found)
    _note_verbs(runs, n, found)
    for papers, some in ((found.papers, said), (found.titles, titled)):
        papers.extend(_by_paper(some[often[some % n_forms]], forms, n, n_forms))
    normal = [word.normal for word in runs.words]
    at, begins = runs.at.tolist(), np.searchsorted(runs.text, np.arange(2 * n + 1)).tolist()
    for paper in range(n):
        tokens = {*at[begins[paper]:begins[paper + 1]], *at[begins[n + paper]:begins[n + paper + 1]]}
        found.words.append(frozenset(chain.from_iterable(map(normal.__getitem__, tokens))))
    return found


def _note_ways(
    runs: Runs, first: np.ndarray, size: np.ndarray, number: np.ndarray, n_papers: int, found: Phrases,
) -> dict[int, str]:
    """Note how and where phrases are written, each way of writing one once, and return their forms by number."""
    last = first + size - 1
    begins, ends = np.diff(runs.run, prepend=0) > 0, np.diff(runs.run, append=-1) != 0
    in_abstract = runs.text[runs.held][first] >= n_papers
    # Titles Are Written In Capitals, so they say less about how a phrase is written.
    weight = np.where(in_abstract, 3, 1)
    # The first word of a sentence wears a capital whatever it is, and before a bracket ("Mixture of Experts (MoE)")
    # words wear capitals only to explain the letters in it.
    opens, bracket = runs.told(lambda word: word.low in _SENTENCE_ENDS), runs.told(lambda word: word.low == "(")
    starts_text = np.diff(runs.text, prepend=-1) > 0
    begins_sentence = (np.roll(opens, 1) | starts_text)[runs.held]
    defined = np.roll(bracket & ~starts_text, -1)[runs.held] & ~runs.told(lambda word: word.is_owner)[runs.held]
    placed = in_abstract & ~begins_sentence[first] & ~defined[ends][runs.run[first] - 1]
    _, example, way = number_each(runs.ways(first, size))
    counts = [np.bincount(way, weight * some).astype(int).tolist() for some in (
        np.ones(len(first)), ends[last], ends[last] & ~begins[first])]
    forms: dict[int, str] = {}
    words = [runs.words[token] for token in runs.at[runs.held].tolist()]
    for start, length, form_number, times, closing, head, n_placed in zip(
            first[example].tolist(), size[example].tolist(), number[example].tolist(), *counts,
            np.bincount(way, placed).astype(int).tolist(), strict=True):
        own = words[start:start + length]
        form = forms.setdefault(form_number, " ".join([word.form for word in own]))
        written, spelt = " ".join([word.written for word in own]), " ".join([word.spelt for word in own])
        ways = found.surfaces.setdefault(form, {})
        ways[written] = ways.get(written, 0) + times
        found.closings[form] += closing
        found.heads[form] += head
        if n_placed:
            found.placed[written] += n_placed
            if spelt != written:
                found.spellings[written][spelt] += n_placed
    return forms


def _note_verbs(runs: Runs, n_papers: int, found: Phrases) -> None:
    before = np.roll(runs.told(lambda word: word.low in _BEFORE_VERBS), 1) & (np.diff(runs.text, prepend=-1) == 0)
    places = np.flatnonzero(before & ~runs.told(lambda word: word.ends))
    times = np.bincount(runs.at[places], np.where(runs.text[places] < n_papers, 1, 3), len(runs.words))
    for token in np.flatnonzero(times).tolist():
        found.verbs[runs.words[token].form] += int(times[token])


def _by_paper(said: np.ndarray, forms: Mapping[int, str], n_papers: int, n_forms: int) -> list[frozenset[str]]:
    said_forms = list(map(forms.__getitem__, (said % n_forms).tolist()))
    ends = np.searchsorted(said, np.arange(n_papers + 1) * n_forms).tolist()
    return [frozenset(said_forms[start:end]) for start, end in zip(ends, ends[1:], strict=False)]
