"""Whether the papers of a theme still say its name."""

from __future__ import annotations

import re
from collections.abc import Sequence

from analysis.names.phrases import normal_form
from analysis.names.words import stopwords

SAID_WHOLE, SAID_IN_PARTS = 0.3, 0.6
_WORD = re.compile(r"[^\W_]+")


def is_said(name: str, texts: Sequence[str]) -> bool:
    """Return whether 30 % of the texts say the name, or 60 %, on average over its words, a word of it.

    Parameters
    ----------
    name : str
        What stands in brackets behind it, an acronym, is left out.
    texts : sequence of str
        Of the theme's core papers.
    """
    words = [word for word in _normal(name.partition(" (")[0]).split() if word not in stopwords()]
    if not words or not texts:
        return False
    papers = [f" {_normal(text)} " for text in texts]
    whole = sum(f" {' '.join(words)} " in paper for paper in papers) / len(papers)
    parts = sum(f" {word} " in paper for paper in papers for word in words) / (len(papers) * len(words))
    return whole >= SAID_WHOLE or parts >= SAID_IN_PARTS


def _normal(text: str) -> str:
    return normal_form(_WORD.findall(text.lower()))
