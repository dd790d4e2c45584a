"""Text as one line of Unicode, the identity of a title, and sentences."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

from analysis.corpus.latex import latex_to_unicode

_PLAIN = re.compile(r"[!-#%'-;=?-Z\]^_a-z|~]+(?: [!-#%'-;=?-Z\]^_a-z|~]+)*")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_BLOCK_TAG = re.compile(
    r"</?(?:jats:)?(?:p|br|hr|div|title|sec|section|list|list-item|ul|ol|li)(?:\s[^<>]{0,200})?/?>", re.I
)
_INLINE_TAG = re.compile(
    r"</?(?:(?:jats|mml):[\w-]{1,30}|i|b|u|em|strong|sub|sup|sc|scp|span|italic|bold|font|math|m[inos]|mrow|msu[bp]|"
    r"inline-formula|tex-math)(?:\s[^<>]{0,200})?/?>",
    re.I,
)
_TERMINAL = re.compile(r"\x1b\[[0-9;]{0,20}[A-Za-z]")
# invisible characters that reorder, hide or break words: they are never part of a title
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# ligatures, full-width forms and mathematical alphabets are typography; superscripts and fractions carry meaning
_TYPOGRAPHY = re.compile("[\ufb00-\ufb06\uff01-\uff5e\U0001d400-\U0001d7ff]+")

_NOT_KEY = re.compile(r"[^\w+#]|_")
_GREEK = {
    code: unicodedata.name(chr(code)).rsplit(" ", 1)[-1].lower().replace("lamda", "lambda")
    for code in range(0x3B1, 0x3CA)
}

_ABBREVIATIONS = frozenset(
    "e.g i.e et al etc cf vs resp approx fig figs eq eqs sec tab ref refs no nos vol ch pp dr mr mrs ms prof st inc "
    "ltd jr sr ca viz w.r.t a.k.a i.i.d u.s u.k"
    .split()
)
# It begins with a set of characters, which a search leaps to; what stood before the first of them is asked afterwards.
_END = re.compile(
    r"[.!?…。！？](?:(?<=[。！？])[。！？]*[」』”）]*|(?<=[.!?…])(?<![.!?…]{2})[.!?…]*+[)\]}\"'”’»]*(?=\s+\S))"
)
_NEXT = re.compile(r"\s*[\"'“‘«(\[{$]*[^\W_]")


def normalise_text(text: str) -> str:
    """Return `text` as one line of Unicode.

    LaTeX and HTML marks become what they stand for; invisible and control characters go; white space is single.
    """
    if _PLAIN.fullmatch(text):
        return text
    if "&" in text:
        text = _ENTITY.sub(lambda entity: html.unescape(entity.group()), text)
    if "<" in text:
        text = _INLINE_TAG.sub("", _BLOCK_TAG.sub(" ", text))
    text = _CONTROL.sub(" ", _TERMINAL.sub("", text))
    if "\\" in text or "$" in text or "``" in text or "{" in text:
        text = latex_to_unicode(text)
    if not text.isascii():
        text = _SURROGATE.sub("\ufffd", text)
        text = _INVISIBLE.sub("", text)
        text = _TYPOGRAPHY.sub(lambda run: unicodedata.normalize("NFKC", run.group()), text)
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


def title_key(title: str) -> str:
    r"""Return the identity of a title: the same for other capitals, punctuation, spacing, accents, LaTeX or Unicode.

    Greek letters count as their names, so that ``$\beta$-VAE``, ``β-VAE`` and ``beta-VAE`` are one title. A title
    without any letter or digit is its own identity.
    """
    folded = normalise_text(title).casefold()
    if not folded.isascii():
        folded = unicodedata.normalize("NFKD", folded)
        folded = "".join(c for c in folded if not unicodedata.combining(c)).casefold().translate(_GREEK)
    return _NOT_KEY.sub("", folded.replace("&", "and")) or "".join(folded.split())


def fold(text: str) -> str:
    """Return a text without case: whatever letter stands for another under ``re.IGNORECASE`` is that other.

    `str.casefold` alone would leave the dotless ı, and a dot above what was İ: a pattern takes both for i.
    """
    folded = text.casefold()
    return folded if folded.isascii() else folded.replace("i\u0307", "i").replace("\u0131", "i")


def split_sentences(text: str) -> list[tuple[int, int]]:
    """Return the sentences of `text` as (start, end) spans, in order; together they hold every visible character."""
    spans = []
    start = 0
    for mark in _END.finditer(text):
        if not _NEXT.match(text, mark.end()) or _is_inside(text, start, mark):
            continue
        spans.append((start, mark.end()))
        start = mark.end()
    spans.append((start, len(text)))
    return [span for span in (_trim(text, *span) for span in spans) if span[0] < span[1]]


def _is_inside(text: str, start: int, mark: re.Match[str]) -> bool:
    """Tell whether the mark ends an abbreviation, an initial or a number rather than a sentence."""
    if mark.group()[0] in "。！？":
        return False
    following = text[mark.end() : mark.end() + 40].lstrip().lstrip("\"'“‘«([{$")
    if following[:1].islower() and not re.match(r"[a-z]+[A-Z0-9]", following):  # "gpt4All" may open a sentence
        return True
    if mark.group() != ".":
        return False
    word = text[max(start, mark.start() - 20) : mark.start()].rsplit(None, 1)[-1:]
    last = word[0].lstrip("(\"'“[").casefold() if word else ""
    if last == "al" or last in _ABBREVIATIONS:
        # "etc. We" and "et al. We" may end a sentence; a name or a number after it says that it goes on
        return not (last in ("etc", "al") and re.match(r"(?:We|The|This|These|In|However|Our|It)\b", following))
    is_initial = len(last) == 1 and last.isalpha() and last != "i" and word[0][-1].isupper()
    return is_initial and bool(text[start : min(start + 50, mark.start() - 1)].strip())


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


@lru_cache(maxsize=65536)
def squeeze(name: str) -> str:
    """Return a column's name in small letters without spaces and marks, so that 'Paper Title' is 'papertitle'."""
    return "".join(c for c in name.casefold() if c.isalnum())
