"""A pasted page cut into paragraphs: Markdown marks taken off, hard-wrapped lines joined again, chrome marked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from analysis.corpus.chrome import is_chrome, is_label
from analysis.corpus.records import tidy_url
from analysis.corpus.text import split_sentences

_LINE_END = re.compile(r"\r\n?|\n")
_HEADING = re.compile(r"^#{1,6}\s+")
_BULLET = re.compile(r"^(?:[*+•‣▪–-]|\(?\d{1,3}[.)]|\[\d{1,4}\])\s+(?=\S)")
_PICTURE = re.compile(r"!\[[^\[\]]*+\]\([^()\s]*+\)")
_LINK = re.compile(r"\[([^\[\]]++)\]\((https?://[^)\s]{1,2000})\)")
_UNDERLINE = re.compile(r"=={2,}|--{2,}")
_SENTENCE_END = re.compile(r"[.。…][)\]}\"'”’»]*$")
_PLAIN_LOWER = re.compile(r"[^\W\d_]+[,;:.)]?(?=\s|$)")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_ABSTRACT_OPENING = re.compile(
    r"(?:we|our|in this|this|these|the results?|results?|here|code|data|finally|experiments?|moreover|"
    r"furthermore|however|[A-Z][\w ]{2,20}:)\b",
    re.IGNORECASE,
)

MAX_TITLE_WORDS = 40
WRAP_LIMIT = 160
"""Text wrapped by hand has lines of about 80 characters; a longer line is a paragraph of its own."""


@dataclass
class Paragraph:
    """Lines that belong together: where they begin, their text, and what they were recognised as."""

    line: int
    lines: list[str]
    is_chrome: bool = False
    is_heading: bool = False
    marker: str = ""
    url: str | None = None

    @property
    def text(self) -> str:
        """The lines as one; a hyphen at a line's end stays."""
        return re.sub(r"(?<=[^\W\d_])-\n(?=[^\W\d_])", "-", "\n".join(self.lines)).replace("\n", " ")


def read_paragraphs(text: str) -> list[Paragraph]:
    """Return the paragraphs of a pasted page, in order."""
    paragraphs = _split_untitled(_paragraphs(text))
    _mark_closed_titles(paragraphs)
    return paragraphs


def _paragraphs(text: str) -> list[Paragraph]:
    """Cut a page into paragraphs, each marked where it is chrome for sure."""
    lines = list(_marked_lines(_LINE_END.split(text)))
    wrap = _wrap(lines)
    paragraphs: list[Paragraph] = []
    is_new = True
    for line in lines:
        if line is None:
            is_new = True
            continue
        last = paragraphs[-1] if paragraphs else None
        if last and not is_new and wrap and _continues(last, line, wrap):
            last.lines.append(line.marker + line.text)
        else:
            paragraphs.append(line)
        is_new = False
    for before, after in zip(paragraphs, paragraphs[1:], strict=False):
        if is_label(before.text) and n_words(after.text) <= (6 if before.text == "by" else 3):
            after.is_chrome = True
    for paragraph in paragraphs:  # chrome may be wrapped, too
        paragraph.is_chrome = paragraph.is_chrome or is_chrome(paragraph.text)
    return paragraphs


def _marked_lines(lines: list[str]) -> Iterator[Paragraph | None]:
    """Give each line as a paragraph without its Markdown marks, and None for a blank line."""
    matter = _front_matter(lines)
    for number, raw in enumerate(lines, start=1):
        line = " ".join(raw.split())
        if number <= matter:
            yield Paragraph(number, [line], is_chrome=True) if line else None
        elif not line or not (line := _PICTURE.sub("", line).strip()):
            yield None
        elif _UNDERLINE.fullmatch(line):
            yield None
        else:
            heading, item = _HEADING.match(line), _BULLET.match(line)
            line = _HEADING.sub("", line, count=1) if heading else _BULLET.sub("", line, count=1)
            links = _LINK.findall(line)
            line = _LINK.sub(r"\1", line).replace("**", "").strip().lstrip(">").strip()
            is_underlined = number < len(lines) and bool(_UNDERLINE.fullmatch(lines[number].strip()))
            yield Paragraph(
                number,
                [line],
                is_chrome=is_chrome(line),
                is_heading=bool(heading) or is_underlined,
                marker=item.group() if item else "",
                url=tidy_url(links[0][1]) if len(links) == 1 and links[0][0] == line else None,
            )


def _front_matter(lines: list[str]) -> int:
    """Return how many lines of `key: value` between two rules open the page, rules included."""
    if lines[0].strip() != "---":
        return 0
    for number, line in enumerate(lines[1:60], start=2):
        if line.strip() == "---":
            return number
        if line.strip() and not re.match(r"[\w-]+:|\s+\S|- ", line):
            return 0
    return 0


@dataclass(frozen=True)
class Wrap:
    """How a page was wrapped: at which width, and whether every line holds as many words as fit."""

    width: int
    is_greedy: bool

    def cuts(self, above: str, below: str, slack: float = 0.9) -> bool:
        """Tell whether the next line's first word had no room on the line above, so that a wrap may stand between."""
        room = self.width if self.is_greedy else slack * self.width
        return len(above) + 1 + len(below.split(None, 1)[0]) > room


def _wrap(lines: list[Paragraph | None]) -> Wrap | None:
    """Return how the page was wrapped, or None: a line that goes on in small letters certainly was."""
    n_pairs, cut = 0, []
    for before, after in zip(lines, lines[1:], strict=False):
        if before and after and not before.is_chrome and not after.is_chrome and 40 <= len(before.text) <= WRAP_LIMIT:
            n_pairs += 1
            if _opens_lower(after.text) and (n_words(after.text) >= 3 or _SENTENCE_END.search(after.text)):
                cut.append((before.text, after.text))
    if not cut or len(cut) < 0.25 * n_pairs:
        return None
    # a stray long line above a small letter must not widen the page
    width = sorted(len(above) for above, _ in cut)[int(0.98 * (len(cut) - 1))]
    strict = Wrap(width, is_greedy=True)
    return Wrap(width, sum(strict.cuts(*pair) for pair in cut) >= 0.97 * len(cut))


def _continues(before: Paragraph, after: Paragraph, wrap: Wrap) -> bool:
    """Tell whether a line goes on with the paragraph above it, on a wrapped page."""
    last, line = before.lines[-1], after.marker + after.text
    if after.marker and (
        not wrap.is_greedy
        or not after.marker[0].isalnum()
        and after.marker[0] != "("
        or ")" not in after.marker
        and _SENTENCE_END.search(last)
    ):
        return False  # a list's item; "(2) Training" inside a wrapped paragraph is none
    if before.is_chrome or after.is_heading and not before.is_heading or len(last) > WRAP_LIMIT:
        return False
    if wrap.is_greedy and max(len(last), len(line)) > wrap.width or not wrap.cuts(last, line):
        # no wrap stands here, unless the page was wrapped unevenly and a sentence goes on in small letters
        return (
            not wrap.is_greedy
            and not after.is_chrome
            and _opens_lower(line)
            and len(last) >= 0.5 * wrap.width
            and not re.search(r"[.!?]$", last)
        )
    if after.is_chrome:  # "Models" alone on a line is a title's last word where the line above it is full
        return wrap.is_greedy and not _SENTENCE_END.search(last)
    if _opens_lower(line) and not re.search(r"[.!?]$", last):
        return True
    # the line above is full: it was wrapped, unless a title ends or begins here
    above, here = title_case(before.text), title_case(line)
    if _SENTENCE_END.search(last):
        return not (here is not None and here >= 0.7 and not _SENTENCE_END.search(line) and n_words(line) >= 3)
    return not (
        above is not None
        and above >= 0.6
        and here is not None
        and here <= 0.4
        and not _opens_lower(line)
        and not _SENTENCE_END.search(before.text)
    )


def _split_untitled(paragraphs: list[Paragraph]) -> list[Paragraph]:
    """Part a title from the abstract that was joined to it: prose below prose, whose first line stands alone."""
    parted: list[Paragraph] = []
    above: Paragraph | None = None
    for paragraph in paragraphs:
        if (
            not paragraph.is_chrome
            and len(paragraph.lines) > 1
            and is_prose(paragraph)
            and (above is None or is_prose(above))
            and not _SENTENCE_END.search(paragraph.lines[0])
            and paragraph.lines[1][:1].isupper()
            and (title_case(paragraph.lines[0]) or 0) >= 0.5
        ):
            # the second line could be the first's end; a title set close to its abstract is more usual
            parted.append(Paragraph(paragraph.line, paragraph.lines[:1], is_heading=True))
            paragraph = Paragraph(paragraph.line + 1, paragraph.lines[1:])
        parted.append(paragraph)
        above = above if paragraph.is_chrome else paragraph
    return parted


def _mark_closed_titles(paragraphs: list[Paragraph]) -> None:
    """Mark titles that end in a full stop: one short sentence between two abstracts, not in an abstract's words."""
    shown = [p for p in paragraphs if not p.is_chrome]
    for above, here, below in zip([None, *shown], shown, shown[1:], strict=False):
        here.is_heading = here.is_heading or (
            is_prose(here)
            and n_words(here.text) <= 25
            and len(split_sentences(here.text)) <= 2
            and (above is None or n_words(above.text) > MAX_TITLE_WORDS)
            and n_words(below.text) > MAX_TITLE_WORDS
            and not _ABSTRACT_OPENING.match(here.text)
        )


def is_prose(paragraph: Paragraph) -> bool:
    """Tell whether a paragraph reads like (part of) an abstract: long, or a sentence with its full stop."""
    text = paragraph.text
    count = n_words(text)
    if paragraph.is_heading:
        return count > MAX_TITLE_WORDS
    if count > MAX_TITLE_WORDS:
        return True
    if not _SENTENCE_END.search(text) or count < (15 if text.endswith(("…", "...")) else 5):
        return count >= 25 and len(re.findall(r"[.!?] [A-Z]", text)) >= 2
    return bool(paragraph.marker) or (title_case(text) or 0) < 0.7


def n_words(text: str) -> int:
    """Return the number of words; two characters of a script without spaces count as one."""
    return max(len(text.split()), len(_CJK.findall(text)) // 2)


def title_case(text: str) -> float | None:
    """Return the share of the longer words that begin with a capital, or None where there are fewer than two."""
    words = [word for word in re.findall(r"\w[\w'’-]*", text) if len(word) >= 4]
    return sum(word[0].isupper() or word[0].isdigit() for word in words) / len(words) if len(words) >= 2 else None


def _opens_lower(line: str) -> bool:
    word = _PLAIN_LOWER.match(line)
    return bool(word) and line[0].islower() and word.group().islower()  # type: ignore[union-attr]
