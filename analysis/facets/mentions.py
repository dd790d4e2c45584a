"""Words of a text that look like names, and the lists they stand in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import islice
from typing import NamedTuple

from analysis.facets.cues import head_kind
from analysis.facets.gazetteer import MOST_WORDS, Known, gazetteer, is_likeness
from analysis.facets.guards import Guarded
from analysis.facets.spans import MOST_KNOWN, name_key
from analysis.names.words import stopwords

LONGEST = 60
"""Characters of the longest name."""

_WORD = re.compile(r"(?<![\w}^\\])(?<![\w}]-)[^\W_][\w+]*(?:(?:[-.]|['’](?=\d))[\w+]+)*")
_JOINTS = (" ", "/", "-", ": ")
"""What may part the words of one name."""
_FOLLOWING = re.compile(rf"(?:{'|'.join(_JOINTS)})({_WORD.pattern})")
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
    for start, word in _beginnings(hidden):
        if start < following:
            continue
        mention, following = _read(hidden, start, word)
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


class _Word(NamedTuple):
    """What is to be known of a word that a mention may begin with, wherever it stands.

    `goes_on` tells that the key of a longer name begins with its `key`, `known` is what the gazetteer takes it for,
    `version` what it takes a part of it for, with a version, and the length of that part.
    """

    said: str
    key: str
    goes_on: bool
    known: Known | None
    version: tuple[Known, int] | None
    is_name: bool
    is_weak: bool


def _beginnings(text: str) -> Iterator[tuple[int, _Word]]:
    """Yield the words that a mention may begin with, and where they stand."""
    for piece in _pieces().finditer(text):
        place = piece.start(1)
        for start, word in _beginnings_in(piece[1]):
            yield place + start, word


@cache
def _pieces() -> re.Pattern[str]:
    """Return what finds the pieces between spaces, save for plain words in lower case, which begin no name."""
    # ``the`` begins the Pile, and nothing where another letter follows; one beyond ASCII may be a P in another dress.
    names = [known.said.lower().partition(" ") for known in gazetteer().known.values()]
    low = "|".join(sorted({rf"{first} (?:(?i:{rest[0]})|[^\x00-\x7f])" if rest else rf"{first}[,. ]"
                           for first, _, rest in names if first in gazetteer().low and re.fullmatch("[a-z]+", first)}))
    # It fails nowhere, so that a text that ends in plain words is not tried again from each letter of them.
    return re.compile(rf"(?:(?!{low})[a-z]++[,.]?+ )*+([^ ]*+) ?")


@lru_cache(maxsize=MOST_KNOWN)
def _beginnings_in(piece: str) -> tuple[tuple[int, _Word], ...]:
    """Return those in what stands between spaces: no word holds a space, nor looks beyond one."""
    return tuple((match.start(), word) for match in _WORD.finditer(piece) if (word := _look_at(match[0])))


@lru_cache(maxsize=MOST_KNOWN)
def _look_at(said: str) -> _Word | None:
    """Return what a word is; None where no mention begins with it, whatever follows."""
    # Nearly all words are in lower case and begin no name.
    if len(said) > LONGEST or (said.islower() and said.isalpha() and said not in gazetteer().low):
        return None
    key = name_key(said)
    word = _Word(said, key, gazetteer().goes_on(key), gazetteer().find(said, key), gazetteer().find_version(said),
                 looks_like_name(said), _may_be_weak(said))
    return word if any(word[2:]) else None


def _read(text: str, start: int, word: _Word) -> tuple[Mention | None, int]:
    """Return the mention that begins at a word, if any, and the end of the words that it takes."""
    end = start + len(word.said)
    for last, known in reversed(_known_from(text, start, word)):
        if (own := _OWN_SET.match(text, last)) and (known.kind == "model" or known.contested):
            return Mention(start, own.end(1), text[start:own.end(1)], weak=True), own.end(1)
        if known.bare:
            return _with_version(text, Mention(start, last, text[start:last], known), last)
    if is_likeness(word.said):
        return None, end
    if word.version:
        known, length = word.version
        return _with_version(text, Mention(start, start + length, word.said[:length], known), end)
    if word.known:
        return None, end
    if word.is_name:
        size = _SIZE.match(text, end + 1) if text[end:end + 1] == " " else None
        stop = size.end() if size else end
        return Mention(start, stop, text[start:stop]), stop
    if word.is_weak and (run := _RUN.match(text, start)):
        parts = run[0].split()
        if head_kind(parts[-1]) or (_opens_sentence(text, start) and _TITLE_WORDS.fullmatch(word.said)):
            return None, end
        plain = not any(looks_like_name(part) or _find(part) for part in parts[1:])
        return Mention(start, run.end(), run[0], weak=True), run.end() if plain else end
    return None, end


def _may_be_weak(word: str) -> bool:
    """Return whether a word has at least the capital of a name, and is no common word."""
    return word[0].isupper() and word.lower() not in stopwords() and not is_generic(word)


@lru_cache(maxsize=MOST_KNOWN)
def _find(said: str) -> Known | None:
    return gazetteer().find(said)


def _known_from(text: str, start: int, word: _Word) -> list[tuple[int, Known]]:
    """Return what the gazetteer knows from a word on: the end of that word alone, or with the next …, and the name.

    The key of some words is that of the first, of the second …: a joint leaves nothing in it.
    """
    end, key = start + len(word.said), word.key
    found = [(end, word.known)] if word.known else []
    n_words, goes_on = 1, word.goes_on
    while goes_on and n_words < MOST_WORDS and (following := _FOLLOWING.match(text, end)):
        end, key = following.end(), key + name_key(following[1])
        if known := gazetteer().find(text[start:end], key):
            found.append((end, known))
        n_words, goes_on = n_words + 1, gazetteer().goes_on(key)
    return found


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
    capitals = sum(map(str.isupper, word))
    if not capitals or len(word) < 2 or (capitals == 1 and word[0].isupper() and not any(map(str.isdigit, word))):
        return False
    return not (is_generic(word) or _TITLE_WORDS.fullmatch(word) or _MEASURE.match(word))


@lru_cache(maxsize=MOST_KNOWN)
def is_generic(word: str) -> bool:
    """Return whether a word is a common acronym, also in the plural or in a compound: LLMs, RAG-based, multi-GPU."""
    if _is_common(word):
        return True
    parts = re.split(r"[-/]", word) if "-" in word or "/" in word else []
    general = list(map(_is_common, parts))
    return any(general) and all(one or _PREFIX.fullmatch(part) for one, part in zip(general, parts, strict=True))


def _is_common(word: str) -> bool:
    low = word.lower()
    return low in gazetteer().generic or low.removesuffix("s") in gazetteer().generic
