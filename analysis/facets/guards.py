"""Patterns that are looked for only where a text holds a word that they cannot do without.

Looking for a plain string costs a small part of what a pattern does, and most texts hold few of the words. A guard only
ever spares the search: it never changes what is found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from analysis.corpus import fold


@dataclass(frozen=True)
class Guarded:
    """A pattern, and what any text in which it is found holds.

    Parameters
    ----------
    pattern : Pattern
    says : tuple of str
        One of these, folded, stands in what is found.
    ends : tuple of str
        A text in which it is found ends with one of these, folded, or with a number; white space may follow.
    reach : int
        Characters from the beginning of what is found to the first of `says` in it, at most; for `finditer`.
    """

    pattern: re.Pattern[str]
    says: tuple[str, ...] = ("",)
    ends: tuple[str, ...] = ("",)
    reach: int = 0

    def may_find(self, folded: str) -> bool:
        """Return whether the pattern may be found in a text, given folded; True wherever it is."""
        said = folded.rstrip()
        return (said.endswith(self.ends) or said[-1:].isdecimal()) and any(word in folded for word in self.says)

    def finds(self, text: str, folded: str) -> bool:
        """Return whether the pattern is found in a text, which is also given folded."""
        return self.may_find(folded) and bool(self.pattern.search(text))

    def finditer(self, text: str) -> Iterator[re.Match[str]]:
        """Return what the pattern's own `finditer` does, from where the first of `says` may belong to a match."""
        folded = fold(text)
        places = [place for word in self.says if (place := folded.find(word)) >= 0]
        if not places:
            return iter(())
        # Folding moves places only where a letter becomes two, and those are not ASCII.
        return self.pattern.finditer(text, max(0, min(places) - self.reach) if text.isascii() else 0)
