"""A page that someone copied from a browser: titles and abstracts among the page's own words.

Each paragraph is told apart by what it is (chrome, title or prose), and titles are paired with the prose below them.
What is neither a paper nor recognised as chrome is set aside with its line and a reason, never lost.
"""

from __future__ import annotations

import re
from collections import Counter

from analysis.corpus.chrome import is_footer, is_invitation
from analysis.corpus.dates import UNDATED, Dated, parse_date
from analysis.corpus.paragraphs import MAX_TITLE_WORDS, Paragraph, is_prose, n_words, read_paragraphs, title_case
from analysis.corpus.records import (
    Chrome,
    Dropped,
    Parsed,
    Record,
    excerpt,
    tidy_abstract,
    tidy_title,
    tidy_url,
)
from analysis.corpus.text import title_key

_TITLE_LABEL = re.compile(r"^title:\s+", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{4,}")
_PUBLISHED = re.compile(r"(?:published|submitted)(?: on)?:? (.*\d{4})", re.IGNORECASE)

OFTEN = 3
"""A short line that a page says this often, without an abstract, is the page's furniture."""


def parse_page(source: str, text: str) -> Parsed:
    """Return the papers of a pasted page, what was set aside, and the page's own words."""
    parsed = Parsed()
    paragraphs = read_paragraphs(text)
    vocabulary = {
        word
        for p in paragraphs
        if not p.is_chrome and is_prose(p)
        for word in _WORD.findall(p.text)
        if word == word.lower()
    }
    reader = _PageReader(source, parsed, vocabulary)
    for paragraph in paragraphs:
        reader.take(paragraph)
    reader.finish()
    return parsed


class _PageReader:
    """Pairs titles with the prose below them, one paragraph at a time."""

    def __init__(self, source: str, parsed: Parsed, vocabulary: set[str]) -> None:
        self.source, self.parsed, self.vocabulary = source, parsed, vocabulary
        self.heads: list[Paragraph] = []
        self.lonely: list[Paragraph] = []
        self.title: Paragraph | None = None
        self.body: list[Paragraph] = []
        self.dated: Dated = UNDATED
        self.url: str | None = None
        self.is_open = False

    def take(self, paragraph: Paragraph) -> None:
        if paragraph.is_chrome:
            self.is_open = False
            self._chrome(paragraph)
            if self.heads:  # between a title and its abstract, the page speaks of that paper
                said = _PUBLISHED.fullmatch(paragraph.text)
                self.dated = parse_date(said.group(1)) if said else self.dated
                arxiv = paragraph.text if paragraph.text.lower().startswith("arxiv:") else ""
                self.url = self.url or tidy_url(arxiv)
        elif is_prose(paragraph) and is_footer(paragraph.text, self.heads != []):
            self._chrome(paragraph)
        elif not is_prose(paragraph):
            self._close()
            self.dated, self.url = UNDATED, paragraph.url
            self.heads.append(paragraph)
        elif self.heads:
            self._open(paragraph)
        elif self.is_open:
            self.body.append(paragraph)
        else:
            self._drop(paragraph, "no title", "reads like an abstract, and no title stands above it")

    def finish(self) -> None:
        self._close()
        self.lonely.extend(self.heads)
        titles = {key for record in self.parsed.records if len(key := title_key(record.title)) > 25}
        lengths = sorted({len(key) for key in titles})
        repeats = Counter(title_key(head.text) for head in self.lonely)
        for head in self.lonely:
            key = title_key(head.text)
            is_echo = any(key[:n] in titles or key[-n:] in titles for n in lengths if n < len(key))
            if is_echo or repeats[key] >= OFTEN and n_words(head.text) <= 6:
                self._chrome(head)  # "Paper page - <title>", or what the page says again and again
            else:
                self._settle(head)
        self.parsed.records.sort(key=lambda record: record.order)
        self.parsed.chrome.sort(key=lambda chrome: chrome.line)

    def _open(self, prose: Paragraph) -> None:
        """Begin a paper: its title is the last head, unless that is a name and a better one stands above."""
        while len(self.heads) > 1 and self._is_weak(self.heads[-1]) and not self._is_weak(self.heads[-2]):
            self._chrome(self.heads.pop())
        self.title = self.heads.pop()
        self.lonely.extend(self.heads)
        self.heads = []
        self.body, self.is_open = [prose], True

    def _close(self) -> None:
        if self.title is not None:
            self._paper(self.title, " ".join(part.text for part in self.body), self.dated, self.url or self.title.url)
        self.title, self.body, self.is_open = None, [], False

    def _paper(self, head: Paragraph, abstract: str, dated: Dated = UNDATED, url: str | None = None) -> None:
        title = tidy_title(_TITLE_LABEL.sub("", head.text))
        if not title or not title_key(title):
            self._drop(head, "no title", "an abstract below a line without words")
            return
        self.parsed.records.append(
            Record(self.source, f"line {head.line}", head.line, title, tidy_abstract(abstract), *dated, url)
        )

    def _settle(self, head: Paragraph) -> None:
        """Decide what a line is that could be a title and has no abstract."""
        text, count = head.text, n_words(head.text)
        if is_invitation(text) or count <= 1 or self._is_names(text):
            self._chrome(head)
        elif count > MAX_TITLE_WORDS or text.endswith((",", ";")):
            self._drop(
                head,
                "not a paper",
                "too long for a title, and not written like an abstract"
                if count > MAX_TITLE_WORDS
                else "a fragment, and no abstract below it",
            )
        elif count >= 3 and (
            not self.vocabulary or self._familiarity(text) > 0 or count >= 4 and (title_case(text) or 0) >= 0.5
        ):
            self._paper(head, "", url=head.url)
        else:
            self._drop(head, "not a paper", f"{count} words that do not read like a title, and no abstract below them")

    def _is_weak(self, head: Paragraph) -> bool:
        if head.is_heading or head.url:
            return False
        return (
            self._is_names(head.text)
            or is_invitation(head.text)
            or (n_words(head.text) <= 3 and self._familiarity(head.text) == 0)
        )

    def _familiarity(self, text: str) -> float:
        """Return the share of a line's words that the page's abstracts say in small letters: names score 0."""
        words = _WORD.findall(text)
        return sum(word.lower() in self.vocabulary for word in words) / len(words) if words else 0.0

    def _is_names(self, text: str) -> bool:
        """Tell whether a line lists people: items of two to five capitalised words that the page uses as names only."""
        items = [
            item.strip(" .*†‡0123456789")
            for item in re.split(r",|;|·|\band\b|&", text)
            if item.strip(" .*†‡0123456789")
        ]
        words = [word for item in items for word in item.split()]
        return (
            len(items) >= 2
            and ":" not in text
            and self._familiarity(text) < 0.25
            and all(2 <= len(item.split()) <= 5 for item in items)
            and all(
                word[0].isupper()
                or word.lower()
                in {
                    "van",
                    "von",
                    "de",
                    "der",
                    "den",
                    "la",
                    "le",
                    "al",
                    "et",
                    "da",
                    "di",
                    "del",
                    "dos",
                    "bin",
                    "el",
                    "ten",
                }
                for word in words
            )
        )

    def _chrome(self, paragraph: Paragraph) -> None:
        self.parsed.chrome.append(Chrome(self.source, paragraph.line, paragraph.text))

    def _drop(self, paragraph: Paragraph, kind: str, reason: str) -> None:
        self.parsed.dropped.append(
            Dropped(self.source, f"line {paragraph.line}", paragraph.line, kind, reason, excerpt(paragraph.text))
        )
