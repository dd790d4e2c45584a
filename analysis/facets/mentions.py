"""Words of a text that look like names, and the lists they stand in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

from analysis.facets.cues import head_kind
from analysis.facets.gazetteer import MOST_WORDS, Known, gazetteer, is_likeness
from analysis.names.words import stopwords

LONGEST = 60
"""Characters of the longest name."""
MOST_KNOWN = 100_000
"""Words that are remembered: texts say the same ones over and over."""

_WORD = re.compile(r"(?<![\w}^\\])(?<![\w}]-)[^\W_][\w+]*(?:(?:[-.]|['’](?=\d))[\w+]+)*")
_JOINT = re.compile(r"[ /-]|: ")
_POSSESSIVE = re.compile(r"['’]s?$")
_SIZE = re.compile(r"\d+(?:\.\d+)?[BM]\b")
_MAKES = re.compile(r"(?:XXL|XL|Large|Base|Small|Turbo|Pro|Flash|Ultra|Sonnet|Opus|Haiku|Chat|Instruct|Nano|Mini|"
                    r"Max|Plus|Coder|"
                    r"Omni|Thinking|Preview|v?\d(?:\.\d+)?[a-z]?|v?\d(?:\.\d+)?-\d+(?:\.\d+)?B|"
                    r"\d+(?:\.\d+)?[BM])(?![\w.-]\w)")
_OWN_SET = re.compile(r"((?: [A-Z][a-z]+){1,3}) (?:[Dd]ataset|[Bb]enchmark|[Cc]orpus)\b")
"""The LLaVA Test dataset is no model."""
_VERSION_AFTER = re.compile(r"/(\d(?:\.\d)?)(?![\w-]|\.\d)")
_PLURAL_NOUN = re.compile(r"\s+(?!is\b|as\b|was\b|has\b|this\b|its\b)[a-z]+s\b")
_TITLE_WORDS = re.compile(r"(?:[A-Z]?[a-z]+)(?:-[A-Z]?[a-z]+)*")
_MEASURE = re.compile(r"\d+(?:\.\d+)?[A-Za-z]?(?:-(?:[a-z]+|\d+[A-Z]?))*$|\d+-\w+$|[Nn]on-|[Aa]rXiv|[Ss]em[Ee]val")
"""3B-parameter, 4K-32K, non-BERT."""
_PREFIX = re.compile(r"[a-z]+|(?:[Mm]ulti|[Nn]on|[Cc]ross|[Pp]re|[Pp]ost|[Ss]elf|[Ll]ong|[Ss]hort|[Zz]ero|[Ff]ew|"
                     r"[Dd]eep|[Ll]arge|[Ss]mall|"
                     r"[Ii]n|[Ss]emi|[Bb]i|[Oo]ff|[Oo]n|[Bb]ased|[Aa]nti|[Ss]ub|[Oo]mni)")
_LINK = re.compile(r"https?://\S+|\b[\w-]{1,60}\.(?:com|org|io|ai|co)/\S+")
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
    hidden = _LINK.sub(lambda link: " " * len(link[0]), text)
    low = gazetteer().low
    words, worth = [], []
    for match in _WORD.finditer(hidden):
        # Nearly all words are in lower case and begin no name.
        worth.append(len(match[0]) <= LONGEST and (not (match[0].islower() and match[0].isalpha()) or match[0] in low))
        words.append((match.start(), match.start() + len(_POSSESSIVE.sub("", match[0]) if worth[-1] else match[0])))
    mentions: list[Mention] = []
    number = 0
    while number < len(words):
        mention, used = _read(hidden, words, number) if worth[number] else (None, 1)
        if mention and not (title and mention.weak):
            mentions.append(mention)
            mentions.extend(_other_versions(hidden, mention))
        number += used
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


def _read(text: str, words: list[tuple[int, int]], number: int) -> tuple[Mention | None, int]:
    """Return the mention that begins at a word, if any, and how many words it takes."""
    names, (start, end) = gazetteer(), words[number]
    word = text[start:end]
    for n_words, last in reversed(_reaches(text, words, number)):
        known = names.find(text[start:last])
        if known and (own := _OWN_SET.match(text, last)) and (known.kind == "model" or known.contested):
            return Mention(start, own.end(1), text[start:own.end(1)], weak=True), n_words + len(own[1].split())
        if known and known.bare:
            return _with_version(text, words, number + n_words, Mention(start, last, text[start:last], known), n_words)
    if is_likeness(word):
        return None, 1
    if found := _find_version(word):
        known, length = found
        return _with_version(text, words, number + 1, Mention(start, start + length, word[:length], known), 1)
    if names.find(word):
        return None, 1
    if looks_like_name(word):
        stop = end
        if size := _SIZE.match(text, end + 1) if text[end:end + 1] == " " else None:
            stop = size.end()
        return Mention(start, stop, text[start:stop]), 1 + (stop > end)
    if word[0].isupper() and word.lower() not in stopwords() and (run := _RUN.match(text, start)):
        parts = run[0].split()
        if is_generic(word):
            return None, 1
        if head_kind(parts[-1]) or (_opens_sentence(text, start) and _TITLE_WORDS.fullmatch(word)):
            return None, 1
        plain = not any(looks_like_name(part) or names.find(part) for part in parts[1:])
        return Mention(start, run.end(), run[0], weak=True), len(_WORD.findall(run[0])) if plain else 1
    return None, 1


@lru_cache(maxsize=MOST_KNOWN)
def _find_version(word: str) -> tuple[Known, int] | None:
    return gazetteer().find_version(word)


def _reaches(text: str, words: list[tuple[int, int]], number: int) -> list[tuple[int, int]]:
    """Return where a name that begins at a word may end: for one word, two words …, the number of words and the end."""
    start, end = words[number]
    ends = [(1, end)]
    if not gazetteer().goes_on(text[start:end]):
        return ends
    for n_words in range(2, min(MOST_WORDS, len(words) - number) + 1):
        (begin, end), before = words[number + n_words - 1], ends[-1][1]
        if begin - before > 2 or not _JOINT.fullmatch(text[before:begin]) or not gazetteer().goes_on(
                text[start:before]):
            break
        ends.append((n_words, end))
    return ends


def _opens_sentence(text: str, start: int) -> bool:
    """Return whether a word opens a sentence, where a capital says nothing."""
    return not text[:start].strip() or text[:start].rstrip()[-1] in ".:;!?•"


def _with_version(
    text: str, words: list[tuple[int, int]], number: int, mention: Mention, used: int,
) -> tuple[Mention, int]:
    """Take what follows a model's name after a space as its version, size or make: Llama 2 70B."""
    known = mention.known
    if known is None or known.kind != "model" or not (made := _makes_after(text, words, number))[0]:
        return mention, used
    parts, end = made
    return Mention(mention.start, end, text[mention.start:end], gazetteer().version(known, parts)), used + len(parts)


def _other_versions(text: str, mention: Mention) -> list[Mention]:
    """``GPT-3/3.5/4`` names three models; each quote is what stands between the strokes."""
    known, last = mention.known, re.search(r"(?<=[-a-z ])\d[\d.]*$", mention.said)
    if known is None or known.kind != "model" or not last:
        return []
    others, place = [], mention.end
    while other := _VERSION_AFTER.match(text, place):
        name = known.name[:len(known.name) - len(last[0])] + other[1]
        others.append(Mention(*other.span(1), name, Known("model", name, name)))
        place = other.end()
    return others


def _makes_after(text: str, words: list[tuple[int, int]], number: int) -> tuple[list[str], int]:
    made: list[str] = []
    end = 0
    for start, stop in words[number:number + 3]:
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
