"""The phrases that papers use: runs of words between stop words and punctuation, counted per paper."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

MAX_WORDS = 4
MAX_CHARACTERS = 40
MOST_KNOWN = 200_000
CAPITAL_SHARE = 0.75
"""A phrase that is written with capitals more often than this is a proper name."""

_TOKEN = re.compile(r"[^\W_][\w+]*(?:[-'’/][\w+]+)*|[^\w\s]")
_EDGE = re.compile(r"^(?:[^\W\d_]|\d[^\W\d_]\b)")
"""A word begins with a letter; "3D" and "5G" are words as well."""
_PREFIX = re.compile(r"\b(pre|multi|non|post|co|inter|sub)-(?=\w)")
"""``pre-training`` and ``pretraining`` are one word to us."""
_POSSESSIVE = re.compile(r"['’]s?$")
_CONTRACTION = re.compile(r"['’](?:t|m|d|ve|re|ll)$")
_ELIDED = re.compile(r"^(?:[dlnscjmt]|qu)['’](?=\w)", re.IGNORECASE)
_DOUBLED = re.compile(r"([ae]l)l(ing|ed|er)$")
_SAME_IN_PLURAL = frozenset({"news", "series", "species", "lens"})
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
        capitals = self.spellings.get(written, Counter())
        names = sum(n for spelt, n in capitals.items() if all(_is_capital(word) for word in spelt.split()))
        if " " in written and names > CAPITAL_SHARE * self.placed[written] and not _is_shout(_commonest(capitals)):
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


def extract_phrases(texts: Sequence[tuple[str, str]], stopwords: frozenset[str]) -> Phrases:
    """Return the phrases of one to four words that each (title, abstract) says."""
    found = Phrases()
    for title, abstract in texts:
        words: set[str] = set()
        # Titles Are Written In Capitals, so they say less about how a phrase is written.
        in_title = _note_phrases(title, stopwords, found, 1, words)
        found.titles.append(frozenset(in_title))
        found.papers.append(frozenset(in_title | _note_phrases(abstract, stopwords, found, 3, words)))
        found.words.append(frozenset(words))
    return found


def find_words(texts: Iterable[str], stopwords: frozenset[str]) -> tuple[list[Word], list[int], list[int]]:
    """Return the words that texts say, for each place the number of the word there, and how many places texts have."""
    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__
    places: list[int] = []
    sizes = []
    for text in texts:
        tokens = _TOKEN.findall(text)
        places.extend(map(numbers.__getitem__, tokens))
        sizes.append(len(tokens))
    return list(map(_lexicon(stopwords).__getitem__, numbers)), places, sizes


def _note_phrases(text: str, stopwords: frozenset[str], found: Phrases, weight: int, words: set[str]) -> set[str]:
    said: set[str] = set()
    surfaces = found.surfaces
    tokens = _look(text, stopwords)
    before = "."
    for token in tokens:
        words.update(token.normal)
        if before in _BEFORE_VERBS and not token.ends:
            found.verbs[token.form] += weight
        before = token.low
    for run, defined in _runs(tokens):
        for start, (first, begins) in enumerate(run):
            form, written, spelt = first.form, first.written, first.spelt
            for end in range(start + 1, min(start + MAX_WORDS, len(run)) + 1):
                if end > start + 1:
                    word = run[end - 1][0]
                    form, written, spelt = f"{form} {word.form}", f"{written} {word.written}", f"{spelt} {word.spelt}"
                if len(form) > MAX_CHARACTERS:
                    break
                said.add(form)
                if (ways := surfaces.get(form)) is None:
                    surfaces[form] = {written: weight}
                else:
                    ways[written] = ways.get(written, 0) + weight
                if end == len(run):
                    found.closings[form] += weight
                    found.heads[form] += weight * (start > 0)
                if weight > 1 and not begins and not defined:
                    found.placed[written] += 1
                    if spelt != written:
                        found.spellings[written][spelt] += 1
    return said


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


def _look(text: str, stopwords: frozenset[str]) -> list[Word]:
    lexicon = _lexicon(stopwords)
    return [lexicon[token] for token in _TOKEN.findall(text)]


def _runs(tokens: Sequence[Word]) -> Iterator[tuple[list[tuple[Word, bool]], bool]]:
    """Yield runs of words that no stop word or punctuation breaks, and whether a bracket follows.

    Each word comes with whether a sentence begins with it. Before a bracket ("Mixture of Experts (MoE)") words wear
    capitals only to explain the letters in it.
    """
    run: list[tuple[Word, bool]] = []
    before = "."
    for token in tokens:
        if run and token.is_cut:  # "l'analyse d'un corpus": the article before the apostrophe ends a phrase
            yield run, False
            run = []
        if not token.ends:
            run.append((token, before in _SENTENCE_ENDS))
        if run and (token.ends or token.is_owner):  # "a teacher's student" is two phrases
            yield run, token.low == "("
            run = []
        before = token.low
    if run:
        yield run, False
