"""Acronyms where a text writes them out: ``in-context learning (ICL)``, ``ICL (in-context learning)``.

The letters of the short form are looked for from the end of the words beside the bracket to their beginning, the first
of them at the start of a word: Schwartz & Hearst, "A simple algorithm for identifying abbreviation definitions in
biomedical text", PSB 2003. Added to it: digits that are said (``P2C``, prefer to classify), and ``X`` for words in ex-.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

MOST_WORDS, MOST_CHARACTERS = 7, 120
"""How much before a bracket is read where every word gives one letter."""

_BRACKET = re.compile(r"\(([^()]{2,120})\)")
_SHORT = re.compile(r"[^\W_][\w+/&.\-]{0,11}(?: [A-Z0-9][\w\-]{0,4})?")
_PLAIN = re.compile(r"\s*([A-Z][A-Za-z\-]*[A-Z]s?)\s*")
_NOT_WORDS = re.compile(r"[^\w\s\-]")
_CLAUSE = re.compile(r"[.;:!?,]\s|[()\[\]\"“”]")
_REMARK = re.compile(r";|,\s(?=(?:for|in|hereafter|henceforth|i\.e\.|e\.g\.|see|also|cf\.)\s)")
_SIZE = re.compile(r"[- ]\d[\d.]*[BMK]?$")
_WORD_BEFORE = re.compile(r"(?<![^\s(,;:/\"“])[^\W_][\w+/\-]{1,11}\s*$")
_SAID_DIGITS = {"2": "t", "4": "f"}


@dataclass(frozen=True)
class Definition:
    """One acronym where it is written out.

    Parameters
    ----------
    short : str
        As written, a plural ``s`` included.
    start, end : int
        Its span in the text, in characters.
    long_form : str
        As written.
    long_start : int
        Where the long form begins.
    by_initials : bool
        True where each word, or part of a word between hyphens, gives one letter and the long form stands first.
    """

    short: str
    start: int
    end: int
    long_form: str
    long_start: int
    by_initials: bool


def read_definitions(text: str) -> list[Definition]:
    """Return the acronyms that a text writes out in brackets, in order.

    Parameters
    ----------
    text : str
        One line of text. What a bracket holds is taken for the short form, else for the long one.
    """
    found = []
    for match in _BRACKET.finditer(text):
        definition = _by_initials(text, match) or _short_inside(text, match) or _long_inside(text, match)
        if definition:
            found.append(definition)
    return found


def _by_initials(text: str, bracket: re.Match[str]) -> Definition | None:
    plain = _PLAIN.fullmatch(bracket[1])
    if not plain:
        return None
    # Only what is near is looked at, and of that the words that nothing but space parts from the bracket.
    near = text[max(0, bracket.start() - MOST_CHARACTERS):bracket.start()]
    if not near[-1:].isspace():
        return None
    words = _NOT_WORDS.split(near)[-1]
    long_form = match_initials(words.split()[-MOST_WORDS:], plain[1])
    if not long_form:
        return None
    begin = bracket.start() - len(words) + _rindex_words(words, len(long_form.split()))
    return Definition(plain[1], *_shift(plain.span(1), bracket.start(1)), long_form, begin, True)


def _short_inside(text: str, bracket: re.Match[str]) -> Definition | None:
    """``long form (SF)``, also ``(SF; …)`` and ``(SF, …)``."""
    first = _REMARK.split(bracket[1], maxsplit=1)[0]
    short = first.strip()
    if not _looks_short(short):
        return None
    begin = bracket.start() - MOST_CHARACTERS
    near = text[max(0, begin):bracket.start()].rstrip()
    start = bracket.start(1) + first.index(short)
    clause = max((cut.end() for cut in _CLAUSE.finditer(near)), default=0)
    long_form = _match_letters(near[clause:], short)
    if not long_form:
        return None
    return Definition(short, start, start + len(short), long_form, max(0, begin) + len(near) - len(long_form), False)


def _long_inside(text: str, bracket: re.Match[str]) -> Definition | None:
    """``SF (long form)``."""
    before = _WORD_BEFORE.search(text, max(0, bracket.start() - 14), bracket.start())
    inside = bracket[1].strip()
    if not before or not _looks_short(before[0].strip()):
        return None
    short = before[0].strip()
    long_form = _match_letters(inside, short)
    if not long_form or not _capitals_agree(short, inside, long_form):
        return None
    start = bracket.start(1) + bracket[1].index(long_form)
    return Definition(short, before.start(), before.start() + len(short), long_form, start, False)


def _looks_short(short: str) -> bool:
    letters = [letter for letter in short if letter.isalpha()]
    capitals = sum(letter.isupper() for letter in letters)
    return bool(_SHORT.fullmatch(short)) and len(letters) >= 2 and (
        capitals >= 2 or (capitals == 1 and len(short) <= 5 and not short.isdigit()))


def _match_letters(words: str, short: str) -> str | None:
    """Return the end of `words` that `short` stands for: as few words as its letters allow.

    Where it can be so, each capital begins a word.
    """
    spelt = _SIZE.sub("", short.removesuffix("s") if short[:-1].isupper() else short)
    letters = [letter for letter in spelt if letter.isalnum()]
    if len(letters) < 2:
        return None
    near = " ".join(words.split(" ")[-min(len(letters) + 5, 2 * len(letters)):])
    if len(near.lower()) != len(near):
        return None
    for firsts in ([n == 0 or letter.isupper() for n, letter in enumerate(letters)], [n == 0 for n in range(99)]):
        place = _align(near.lower(), [letter.lower() for letter in letters], firsts)
        if place is not None:
            long_form = near[near.rfind(" ", 0, place) + 1:].lstrip("'\"“‘([")
            if len(long_form) > len(short) and short.lower() not in long_form.lower().split() and _sound(
                    long_form, short):
                return long_form
    return None


def _align(lower: str, letters: Sequence[str], firsts: Sequence[bool]) -> int | None:
    """Return where the first letter stands if all are found from the end on; those in `firsts` begin a word."""
    place = len(lower)
    for letter, first in zip(reversed(letters), reversed(firsts[:len(letters)]), strict=True):
        place = _find_letter(lower, letter, place, first)
        if place < 0:
            return None
    return place


def _find_letter(lower: str, letter: str, end: int, first: bool) -> int:
    while (place := lower.rfind(letter, 0, end)) >= 0:
        opens = place == 0 or not lower[place - 1].isalnum()
        if not first or opens or (letter == "x" and lower[place - 1] == "e"
                                  and (place == 1 or not lower[place - 2].isalnum())):
            return place
        end = place
    said = _SAID_DIGITS.get(letter)
    return _find_letter(lower, said, end, first) if said and letter not in lower else -1


def _sound(long_form: str, short: str) -> bool:
    """Return whether a short form with one capital is the beginning of a word, or has a word for each letter."""
    if sum(letter.isupper() for letter in short) >= 2 or not short[0].isupper():
        return True
    initials = "".join(word[0] for word in re.split(r"[\s\-]+", long_form.lower()) if word)
    return long_form.lower().startswith(short.lower()) or initials == short.lower()


def _capitals_agree(short: str, inside: str, long_form: str) -> bool:
    """``SF (long form)``: most of the bracket is the long form, so that it is no remark."""
    return len(long_form) >= 0.6 * len(inside) and sum(letter.isupper() for letter in short) >= 2


def match_initials(words: Sequence[str], short: str) -> str | None:
    """Return the last words whose initials `short` is, a plural ``s`` aside; None where there are none."""
    letters = [letter.lower() for letter in short.removesuffix("s") if letter.isalpha()]
    for start in range(len(words)):
        initials = [part[0].lower() for word in words[start:] for part in word.split("-") if part]
        if initials == letters:
            return " ".join(words[start:])
    return None


def _rindex_words(text: str, n_words: int) -> int:
    """Return where the last `n_words` words of a text begin."""
    return [match.start() for match in re.finditer(r"\S+", text)][-n_words]


def _shift(span: tuple[int, int], by: int) -> tuple[int, int]:
    return span[0] + by, span[1] + by
