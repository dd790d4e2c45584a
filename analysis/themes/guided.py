"""Themes that a person declares in words: how likely each paper belongs to each of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from analysis.corpus import fold
from analysis.settings import DeclaredTheme

# Log-odds of belonging. A phrase in the title weighs as much as three mentions in the abstract; closeness in meaning
# alone never places a paper, and one passing mention does not either.
INTERCEPT = -5.5
PER_COSINE = 6.0
PER_TITLE = 2.5
PER_DOUBLED_MENTION = 1.6
PER_EXCLUDED = -3.0
PLACED = 0.5


def compile_phrases(phrases: Sequence[str]) -> re.Pattern[str] | None:
    """Return a pattern that finds any of the phrases as whole words, or None where there is no phrase.

    Hyphens and spaces are one, a plural counts, and capitals do not matter, save for acronyms (``ICL``), which
    are found as they are written.
    """
    pieces = []
    for phrase in sorted({phrase.strip() for phrase in phrases if phrase.strip()}, key=lambda p: (-len(p), p)):
        words = [re.escape(word) for word in split_words(phrase)]
        body = r"[\s\-]+".join(words)
        pieces.append(body + r"s?" if phrase.isupper() else f"(?i:{body}(?:s|es)?)")
    return re.compile(rf"(?<!\w)(?:{'|'.join(pieces)})(?!\w)") if pieces else None


def may_say(phrases: Sequence[str]) -> Callable[[str], bool]:
    """Return a quick test of folded text, always true where `compile_phrases` finds a phrase in it.

    Looking for plain strings costs a small part of what a pattern does, and most texts do not say most phrases.
    """
    wanted = [[fold(word) for word in split_words(phrase)] for phrase in phrases]
    if len(wanted) == 1:
        first, *others = wanted[0]
        return lambda folded: first in folded and all(map(folded.__contains__, others))
    return lambda folded: any(all(map(folded.__contains__, words)) for words in wanted)


def split_words(phrase: str) -> list[str]:
    """Return the words of a phrase, each of which stands in a text wherever `compile_phrases` finds the phrase."""
    return re.split(r"[\s\-]+", phrase.strip())


def score_declared(
    declared: Sequence[DeclaredTheme], declared_vectors: np.ndarray, texts: Sequence[tuple[str, str]],
    vectors: np.ndarray, trust_examples: bool = True,
) -> np.ndarray:
    """Return how likely each paper belongs to each declared theme.

    Parameters
    ----------
    declared : sequence of DeclaredTheme, length n_declared
    declared_vectors : ndarray of shape (n_declared, n_dimensions)
        Of each theme's name and sentence; unit rows.
    texts : sequence of (title, abstract), length n_papers
    vectors : ndarray of shape (n_papers, n_dimensions)
        Unit rows.
    trust_examples : bool
        Give a theme's example papers to it, whatever they say. Without, they are judged by their words as all others.

    Returns
    -------
    ndarray of shape (n_papers, n_declared)
        Probabilities: a logistic function of the cosine to the theme's sentence, of its words in the title, and of
        how often the abstract says them.
    """
    scores = np.zeros((len(texts), len(declared)))
    folded = [fold(f"{title}. {abstract}") for title, abstract in texts] if len(declared) else []
    for column, theme in enumerate(declared):
        phrases = (theme.name, *theme.include)
        include, exclude = compile_phrases(phrases), compile_phrases(theme.exclude)
        may_include, may_exclude = may_say(phrases), may_say(theme.exclude)
        examples = _titles(theme) if trust_examples else set()
        cosine = vectors @ declared_vectors[column] if len(texts) else np.zeros(0)
        for row, (title, abstract) in enumerate(texts):
            if title.casefold().strip() in examples:
                scores[row, column] = 1.0
                continue
            said = include is not None and may_include(folded[row])
            mentions = len(include.findall(abstract)) if include and said else 0
            odds = (
                INTERCEPT + PER_COSINE * cosine[row]
                + PER_TITLE * bool(include and said and include.search(title))
                + PER_DOUBLED_MENTION * np.log2(1 + mentions)
                + PER_EXCLUDED * bool(exclude and may_exclude(folded[row]) and exclude.search(f"{title}. {abstract}"))
            )
            scores[row, column] = 1 / (1 + np.exp(-odds))
    return scores


@dataclass(frozen=True)
class ExampleCheck:
    """How a declared theme's words do on the example papers that a person gave.

    Parameters
    ----------
    theme_key : str
    n_examples : int
        Its examples that are in the corpus.
    recall : float or None
        Share of them that the words alone place in the theme; None without examples in the corpus.
    precision : float or None
        Of all declared themes' examples that the words place in this theme, the share that are its own. None where
        no other theme gives an example that could be wrong here, or the words place none.
    """

    theme_key: str
    n_examples: int
    recall: float | None
    precision: float | None


def check_examples(
    declared: Sequence[DeclaredTheme], by_words: np.ndarray, titles: Sequence[str],
) -> list[ExampleCheck]:
    """Return recall and precision of each declared theme that gives example papers.

    Parameters
    ----------
    by_words : ndarray of shape (n_papers, n_declared)
        From `score_declared` without trusting the examples, or every example would be right.
    titles : sequence of str, length n_papers
    """
    said = np.array([title.casefold().strip() for title in titles], dtype=object)
    mine = np.array([[title in _titles(theme) for theme in declared] for title in said], dtype=bool)
    mine = mine.reshape(len(said), len(declared))
    placed = by_words >= PLACED
    checks = []
    for column, theme in enumerate(declared):
        if not theme.papers:
            continue
        own = mine[:, column]
        others = mine.any(axis=1) & ~own
        hits, misses = int((placed[:, column] & own).sum()), int((placed[:, column] & others).sum())
        checks.append(ExampleCheck(
            theme.key, int(own.sum()), hits / int(own.sum()) if own.any() else None,
            hits / (hits + misses) if others.any() and hits + misses else None,
        ))
    return checks


def _titles(theme: DeclaredTheme) -> set[str]:
    return {title.casefold().strip() for title in theme.papers}
