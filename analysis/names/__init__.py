"""Theme → short readable name, said by the papers themselves, and the terms that set it apart."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from analysis.names.acronyms import Acronyms, find_acronyms
from analysis.names.candidates import MAX_NAME_WORDS, Candidate, Forms, find_candidates, least_papers, list_forms
from analysis.names.choose import choose_names
from analysis.names.phrases import Phrases, extract_phrases
from analysis.names.words import stopwords

MAX_SAMPLED = 2000
LEAST_SAMPLED = 30
N_TERMS = 12

__all__ = ["MAX_NAME_WORDS", "Reading", "ThemeWords", "name_themes", "read_texts"]


@dataclass(frozen=True)
class ThemeWords:
    """What a theme is called, and what it says.

    Parameters
    ----------
    name : str
    terms : tuple of str
        Best first.
    coverage : float
        Share of the theme's core papers that say the name.
    parts : float
        Share of the core papers that say a word of the name, averaged over its words.
    """

    name: str
    terms: tuple[str, ...]
    coverage: float
    parts: float = 0.0


class Reading(NamedTuple):
    """What was read of a corpus: the rows that were looked at, and what they say."""

    rows: np.ndarray
    phrases: Phrases
    acronyms: Acronyms
    forms: Forms | None


def read_texts(texts: Sequence[tuple[str, str]], strengths: np.ndarray) -> Reading:
    """Return the phrases and acronyms of the papers; of a large corpus, of as many of each theme.

    Parameters
    ----------
    texts : sequence of (title, abstract), length n_papers
    strengths : ndarray of shape (n_papers, n_themes)
        Of all themes that are to be named, at whatever level.
    """
    rows = _sample(strengths)
    chosen = [texts[row] for row in rows]
    phrases = extract_phrases(chosen, stopwords(), least_papers(len(chosen)))
    acronyms = find_acronyms(chosen)
    return Reading(rows, phrases, acronyms, list_forms(phrases, acronyms))


def name_themes(
    texts: Sequence[tuple[str, str]], strengths: np.ndarray, vectors: np.ndarray,
    embed: Callable[[list[str]], np.ndarray], given: Sequence[str | None] = (),
    avoid: Sequence[Collection[str]] = (), reading: Reading | None = None, children: np.ndarray | None = None,
) -> list[ThemeWords]:
    """Return a name and terms for each theme.

    A name is chosen among the phrases that the theme's papers say: first those that are supported (30 % of its core
    say the phrase, or 60 % its words on average) and telling (commoner here than elsewhere, and no nearer in meaning
    to a sibling), of several words before single ones.

    Parameters
    ----------
    texts : sequence of (title, abstract), length n_papers
    strengths : ndarray of shape (n_papers, n_themes)
        How far each paper belongs to each theme; a paper counts for a theme as far as it belongs.
    vectors : ndarray of shape (n_papers, n_dimensions)
        Unit rows.
    embed : callable
        Turns phrases into unit rows of the same dimensions, so that a name can be held against what the theme means.
    given : sequence of str or None, length n_themes
        Names that stand already (declared themes); they are kept, and no other theme takes them.
    avoid : sequence of collections of str, length n_themes
        Names that a theme may not take. To name a tree, name it level by level, and let a theme avoid the names of
        the other levels.
    reading : Reading, optional
        From `read_texts`, so that the levels of a tree share one; read anew if missing.
    children : ndarray of shape (n_papers,), int, optional
        Theme one level below that each paper stands in, -1 for none: a name must be said in two of a theme's.

    Returns
    -------
    list of ThemeWords, length n_themes
        Names are unique (plurals, hyphens and acronyms make no difference), free of stop words, and at most five
        words long unless given.
    """
    n_themes = strengths.shape[1]
    rows, phrases, acronyms, forms = reading or read_texts(texts, strengths)
    tables = find_candidates(
        phrases, acronyms, forms, strengths[rows], vectors[rows], embed, None if children is None else children[rows])
    names = choose_names(tables, phrases, acronyms, given or [None] * n_themes, avoid or [()] * n_themes)
    words = []
    for table, choice in zip(tables, names, strict=True):
        same = [row for row in table if acronyms.expand(row.form) == choice.key]  # a given name may be a phrase as well
        coverage, parts = (same[0].coverage, same[0].parts) if same else (choice.coverage, choice.parts)
        words.append(ThemeWords(choice.name, tuple(_terms(table, phrases)), coverage, parts))
    return words


def _sample(strengths: np.ndarray) -> np.ndarray:
    """Choose the papers that names are read from: all of them, or on a large corpus as many of each theme.

    From firm to loose at even steps, so that what the sample says is what the theme says.
    """
    n_papers, n_themes = strengths.shape
    if n_papers <= MAX_SAMPLED or not n_themes:
        return np.arange(n_papers)
    share = max(MAX_SAMPLED // n_themes, LEAST_SAMPLED)
    chosen = []
    for theme in range(n_themes):
        own = np.flatnonzero(strengths[:, theme])
        own = own[np.argsort(-strengths[own, theme], kind="stable")]
        steps = np.linspace(0, len(own) - 1, min(share, len(own))).round().astype(int)
        chosen.append(own[steps])
    return np.unique(np.concatenate(chosen))


def _terms(table: Sequence[Candidate], phrases: Phrases) -> list[str]:
    terms: list[str] = []
    bags: list[frozenset[str]] = []
    for row in table:
        bag = frozenset(row.form.split())
        if not any(bag <= other or other <= bag for other in bags):
            terms.append(phrases.surface(row.form))
            bags.append(bag)
        if len(terms) == N_TERMS:
            break
    return terms
