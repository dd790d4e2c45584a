"""What all that is lifted from a text has in common: its span, and a key that spellings share."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

MOST_KNOWN = 30_000
"""Words that are remembered: texts say the same ones over and over."""

_SEPARATORS = re.compile(r"(?<=\d)\.(?=\d)|[^\w+.]|_|\.(?!\d)|(?<!\d)\.")


@dataclass(frozen=True)
class Found:
    """Something that a text says.

    Parameters
    ----------
    kind : str
        One of `FACET_KINDS`.
    value : str
        In its one spelling.
    start, end : int
        Span of the quote in the text, in characters.
    unit, metric : str, optional
        Of a number.
    expansion : str, optional
        Of an acronym.
    """

    kind: str
    value: str
    start: int
    end: int
    unit: str | None = None
    metric: str | None = None
    expansion: str | None = None


@lru_cache(maxsize=MOST_KNOWN)
def name_key(name: str) -> str:
    """Return what spellings of one name share: GSM8K, GSM-8K and gsm 8k; the point of 3.5 and the plus of + stay."""
    plain = name.replace("-", "")
    if plain.isascii() and plain.isalnum():
        return plain.lower()
    folded = unicodedata.normalize("NFKC", name).lower()
    return _SEPARATORS.sub(lambda cut: "." if cut[0] == "." and cut.start() > 0 and cut.end() < len(folded)
                           and folded[cut.start() - 1].isdigit() and folded[cut.end()].isdigit() else "", folded)
