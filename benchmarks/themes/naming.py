"""How good the names of themes are: readable, unique, and said by the theme's own papers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

MAX_WORDS = 5
CORE_STRENGTH = 0.5
SAID_WHOLE = 0.3
SAID_IN_PARTS = 0.6
FIGURES = ("without_stopwords", "short", "unique", "said")

ACRONYM = re.compile(r" \([^()]*\)$")
NUMBER = re.compile(r"^-?\d+_")
TERMS = frozenset({"system", "bill", "computer", "fire", "interest"})
"""Words of scikit-learn's list that people's fields are named with."""


def judge_names(
    names: Sequence[str], labels: np.ndarray, strengths: np.ndarray | None, texts: Sequence[str],
) -> dict[str, float]:
    """Return four shares of the names, one for each of `FIGURES`.

    Parameters
    ----------
    names : sequence of str, length n_themes
        The number that a library puts before a name (``0_the_of_and_to``) is no part of it.
    labels : ndarray of shape (n_papers,), int
    strengths : ndarray of shape (n_papers,), optional
        A theme's core are its papers of strength 0.5 or more; all its papers where there are none.
    texts : sequence of str, length n_papers

    Returns
    -------
    dict
        without_stopwords; short: at most five words; unique: no other theme is called the same; said: 30 % of the
        core say the name, or 60 % of it, on average, a word of it that is no stop word. Letters in brackets that
        stand for the words before them are another way to say the name.
    """
    if not names:
        return dict.fromkeys(FIGURES, float("nan"))
    split = [split_name(name) for name in names]
    stopwords = _stopwords()
    same = Counter(" ".join(words) for words in split)
    plain = [f" {' '.join(normal_words(text))} " for text in texts]
    good = np.zeros((len(names), len(FIGURES)))
    for theme, words in enumerate(split):
        own = np.flatnonzero(labels == theme)
        core = own if strengths is None else own[strengths[own] >= CORE_STRENGTH]
        papers = [plain[row] for row in (core if len(core) else own)]
        good[theme] = (
            bool(words) and not any(word in stopwords for word in words),
            0 < len(words) <= MAX_WORDS,
            same[" ".join(words)] == 1,
            _is_said(names[theme], papers, stopwords),
        )
    return dict(zip(FIGURES, good.mean(axis=0).tolist(), strict=True))


def split_name(name: str) -> list[str]:
    """Return the words of a name, in lower case; a word with hyphens is one."""
    return [word for word in re.split(r"[\s_,;:/]+", NUMBER.sub("", name).lower()) if word]


def normal_words(text: str) -> list[str]:
    """Return the words of a text without case, hyphens and the plural's s, so that near spellings meet."""
    words = re.findall(r"[^\W_]+", text.lower())
    return [word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("as", "is", "ss", "us")) else word
            for word in words]


def _is_said(name: str, papers: Sequence[str], stopwords: frozenset[str]) -> bool:
    letters = ACRONYM.search(name)
    words = split_name(ACRONYM.sub("", name))
    content = normal_words(" ".join(word for word in words if word not in stopwords))
    if not papers or not content:
        return False
    ways = [" ".join(normal_words(" ".join(words))), *(normal_words(letters[0]) if letters else [])]
    if np.mean([any(f" {way} " in paper for way in ways) for paper in papers]) >= SAID_WHOLE:
        return True
    parts = [np.mean([f" {word} " in paper for paper in papers]) for word in content]
    return bool(np.mean(parts) >= SAID_IN_PARTS)


def _stopwords() -> frozenset[str]:
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return frozenset(ENGLISH_STOP_WORDS) - TERMS
