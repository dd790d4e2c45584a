"""Words of a text that look like names, and the lists they stand in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import islice

from analysis.facets.cues import head_kind
from analysis.facets.gazetteer import MOST_WORDS, Known, gazetteer, is_likeness
from analysis.facets.guards import Guarded
from analysis.facets.spans import MOST_KNOWN, name_key
from analysis.names.words import stopwords

LONGEST = 60
"""Characters of the longest name."""

_WORD = re.compile(r"(?<![\w}^\\])(?<![\w}]-)[^\W_][\w+]*(?:(?:[-.]|['’](?=\d))[\w+]+)*")
_JOINTS = frozenset((" ", "/", "-", ": "))
"""What may part the words of one name."""
_SIZE = re.compile(r"\d+(?:\.\d+)?[BM]\b")
_MAKES = re.compile(r"(?:XXL|XL|Large|Base|Small|Turbo|Pro|Flash|Ultra|Sonnet|Opus|Haiku|Chat|Instruct|Nano|Mini|"
                    r"Max|Plus|Coder|"
                    r"Omni|Thinking|Preview|v?\d(?:\.\d+)?[a-z]?|v?\d(?:\.\d+)?-\d+(?:\.\d+)?B|"
                    r"\d+(?:\.\d+)?[BM])(?![\w.-]\w)")
_OWN_SET = re.compile(r"((?: [A-Z][a-z]+){1,3}) (?:[Dd]ataset|[Bb]enchmark|[Cc]orpus)\b")
"""The LLaVA Test dataset is no model."""
_VERSION_LAST = re.compile(r"(?<=[-a-z ])\d[\d.]*$")
_VERSION_AFTER = re.compile(r"/(\d(?:\.\d)?)(?![\w-]|\.\d)")
_PLURAL_NOUN = re.compile(r"\s+(?!is\b|as\b|was\b|has\b|this\b|its\b)[a-z]+s\b")
_TITLE_WORDS = re.compile(r"(?:[A-Z]?[a-z]+)(?:-[A-Z]?[a-z]+)*")
_MEASURE = re.compile(r"\d+(?:\.\d+)?[A-Za-z]?(?:-(?:[a-z]+|\d+[A-Z]?))*$|\d+-\w+$|[Nn]on-|[Aa]rXiv|[Ss]em[Ee]val")
"""3B-parameter, 4K-32K, non-BERT."""
_PREFIX = re.compile(r"[a-z]+|(?:[Mm]ulti|[Nn]on|[Cc]ross|[Pp]re|[Pp]ost|[Ss]elf|[Ll]ong|[Ss]hort|[Zz]ero|[Ff]ew|"
                     r"[Dd]eep|[Ll]arge|[Ss]mall|"
                     r"[Ii]n|[Ss]emi|[Bb]i|[Oo]ff|[Oo]n|[Bb]ased|[Aa]nti|[Ss]ub|[Oo]mni)")
_LINK = Guarded(re.compile(r"https?://\S+|\b[\w-]{1,60}\.(?:com|org|io|ai|co)/\S+"),
                says=("://", ".com/", ".org/", ".io/", ".ai/", ".co/"), reach=60)
_RUN = re.compile(r"(?:[A-Z][\w-]*)(?: (?:(?:in|of|the|for) ){0,2}[A-Z0-9][\w-]*){0,4}")
_BETWEEN = re.compile(
    r"\s*(?:\([^()]{1,40}\)\s*)?(?:(?:[\d.]+%?\s?(?:->|→|rightarrow)\s?)?[\d.]+%?\s?(?:acc|accuracy|F1|EM|"
    r"BLEU)?\.?\s?)?"
    r"(?:,|;|/|&|\+|\band\b|\bor\b|\bvs\.?)?\s*(?:and|or|&|versus)?\s*(?:the )?(?:recent )?")

@dataclass
class Mention:
    """A word or words that may name a dataset or a model.

    `known` is its entry in the gazetteer; `weak` tells that it has nothing of a name but capitals.
    """

    start: int
    end: int
    said: str
    known: Known | None = None
    weak: bool = False


@dataclass
class Group:
    """Mentions in one list: ``A, B and C``."""

    members: list[Mention] = field(default_factory=list)

    @property
    def start(self) -> int:
        """Where the list begins."""
        return self.members[0].start

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.members[-1].end


def find_mentions(text: str, title: bool = False) -> list[Mention]:
    """Return what may be a name in a text, in order and without overlap.

    In a title capitals alone say nothing.
    """
    hidden = text
    for link in _LINK.finditer(text):
        hidden = hidden[:link.start()] + " " * len(link[0]) + hidden[link.end():]
    mentions: list[Mention] = []
    following = 0
    for start, end in _beginnings(hidden):
        if start < following:
            continue
        mention, following = _read(hidden, start, end)
        if mention and not (title and mention.weak):
            mentions.append(mention)
            mentions.extend(_other_versions(hidden, mention))
    return mentions


def group_mentions(text: str, mentions: list[Mention]) -> list[Group]:
    """Return the lists that mentions stand in; one that stands alone is a list of one."""
    groups: list[Group] = []
    for mention in mentions:
        between = text[groups[-1].end:mention.start] if groups else ""
        if groups and 0 < len(between) <= 60 and between.strip() and _BETWEEN.fullmatch(between):
            groups[-1].members.append(mention)
        else:
            groups.append(Group([mention]))
    return groups


def _beginnings(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of the words that a mention may begin with."""
    for piece in _pieces().finditer(text):
        place = piece.start(1)
        for start, end in _beginnings_in(piece[1]):
            yield place + start, place + end


@cache
def _pieces() -> re.Pattern[str]:
    """Return what finds the pieces between spaces, save for plain words in lower case, which begin no name."""
    # It fails nowhere, so that a text that ends in plain words is not tried again from each letter of them.
    low = "|".join(word for word in sorted(gazetteer().low) if re.fullmatch("[a-z]+", word))
    return re.compile(rf"(?:(?!(?:{low})[,. ])[a-z]++[,.]?+ )*+([^ ]*+) ?")


@lru_cache(maxsize=MOST_KNOWN)
def _beginnings_in(piece: str) -> tuple[tuple[int, int], ...]:
    """Return those in what stands between spaces: no word holds a space, nor looks beyond one."""
    return tuple(word.span() for word in _WORD.finditer(piece) if _may_begin(word[0]))


def _may_begin(word: str) -> bool:
    """Return whether a mention may begin with a word: where this is False, `_read` finds none, whatever follows."""
    # Nearly all words are in lower case and begin no name.
    if len(word) > LONGEST or (word.islower() and word.isalpha() and word not in gazetteer().low):
        return False
    return bool(looks_like_name(word) or _may_be_weak(word) or gazetteer().goes_on(name_key(word)) or _find(word)
                or _find_version(word))


def _read(text: str, start: int, end: int) -> tuple[Mention | None, int]:
    """Return the mention that begins at a word, if any, and the end of the words that it takes."""
    word = text[start:end]
    for last, key in reversed(_reaches(text, start, end)):
        known = gazetteer().find(text[start:last], key)
        if known and (own := _OWN_SET.match(text, last)) and (known.kind == "model" or known.contested):
            return Mention(start, own.end(1), text[start:own.end(1)], weak=True), own.end(1)
        if known and known.bare:
            return _with_version(text, Mention(start, last, text[start:last], known), last)
    if is_likeness(word):
        return None, end
    if found := _find_version(word):
        known, length = found
        return _with_version(text, Mention(start, start + length, word[:length], known), end)
    if _find(word):
        return None, end
    if looks_like_name(word):
        size = _SIZE.match(text, end + 1) if text[end:end + 1] == " " else None
        stop = size.end() if size else end
        return Mention(start, stop, text[start:stop]), stop
    if _may_be_weak(word) and (run := _RUN.match(text, start)):
        parts = run[0].split()
        if head_kind(parts[-1]) or (_opens_sentence(text, start) and _TITLE_WORDS.fullmatch(word)):
            return None, end
        plain = not any(looks_like_name(part) or _find(part) for part in parts[1:])
        return Mention(start, run.end(), run[0], weak=True), run.end() if plain else end
    return None, end


@lru_cache(maxsize=MOST_KNOWN)
def _may_be_weak(word: str) -> bool:
    """Return whether a word has at least the capital of a name, and is no common word."""
    return word[0].isupper() and word.lower() not in stopwords() and not is_generic(word)


@lru_cache(maxsize=MOST_KNOWN)
def _find(said: str) -> Known | None:
    return gazetteer().find(said)


@lru_cache(maxsize=MOST_KNOWN)
def _find_version(word: str) -> tuple[Known, int] | None:
    return gazetteer().find_version(word)


def _reaches(text: str, start: int, end: int) -> list[tuple[int, str]]:
    """Return where a name that begins at a word may end: with that word, with the next …, and the keys to there.

    The key of some words is that of the first, of the second …: a joint leaves nothing in it.
    """
    key = name_key(text[start:end])
    reaches = [(end, key)]
    while len(reaches) < MOST_WORDS and gazetteer().goes_on(key):
        word = _WORD.search(text, end)
        if not word or text[end:word.start()] not in _JOINTS:
            break
        end, key = word.end(), key + name_key(word[0])
        reaches.append((end, key))
    return reaches


def _opens_sentence(text: str, start: int) -> bool:
    """Return whether a word opens a sentence, where a capital says nothing."""
    before = text[:start].rstrip()
    return not before or before[-1] in ".:;!?•"


def _with_version(text: str, mention: Mention, end: int) -> tuple[Mention, int]:
    """Take what follows a model's name after a space as its version, size or make: Llama 2 70B.

    `end` is the end of the words that the name takes, and what is returned with it that of all.
    """
    known = mention.known
    if known is None or known.kind != "model" or not (made := _makes_after(text, end))[0]:
        return mention, end
    parts, end = made
    return Mention(mention.start, end, text[mention.start:end], gazetteer().version(known, parts)), end


def _other_versions(text: str, mention: Mention) -> list[Mention]:
    """``GPT-3/3.5/4`` names three models; each quote is what stands between the strokes."""
    known = mention.known
    if known is None or known.kind != "model" or not (last := _VERSION_LAST.search(mention.said)):
        return []
    others, place = [], mention.end
    while other := _VERSION_AFTER.match(text, place):
        name = known.name[:len(known.name) - len(last[0])] + other[1]
        others.append(Mention(*other.span(1), name, Known("model", name, name)))
        place = other.end()
    return others


def _makes_after(text: str, place: int) -> tuple[list[str], int]:
    made: list[str] = []
    end = 0
    for start, stop in (word.span() for word in islice(_WORD.finditer(text, place), 3)):
        make = _MAKES.match(text, start)
        if text[start - 1] != " " or text[start - 2] in ".,;:)" or not make or make.end() != stop:
            break
        if make[0].isdigit() and _PLURAL_NOUN.match(text, stop):
            break
        made.append(make[0])
        end = stop
    return made, end


@lru_cache(maxsize=MOST_KNOWN)
def looks_like_name(word: str) -> bool:
    """Return whether a word is written as names are: capitals inside, or capitals with digits; no common acronym."""
    capitals = sum(letter.isupper() for letter in word)
    if not capitals or len(word) < 2 or is_generic(word) or _TITLE_WORDS.fullmatch(word) or _MEASURE.match(word):
        return False
    return capitals >= 2 or any(letter.isdigit() for letter in word) or not word[0].isupper()


@lru_cache(maxsize=MOST_KNOWN)
def is_generic(word: str) -> bool:
    """Return whether a word is a common acronym, also in the plural or in a compound: LLMs, RAG-based, multi-GPU."""
    parts = [word, *re.split(r"[-/]", word)]
    general = [part.lower() in gazetteer().generic or part.lower().removesuffix("s") in gazetteer().generic
               for part in parts]
    return general[0] or any(general[1:]) and all(one or _PREFIX.fullmatch(part)
                             for one, part in zip(general[1:], parts[1:], strict=True))
