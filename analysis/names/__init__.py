"""Theme → short readable name, said by the papers themselves, and the terms that set it apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count

import numpy as np

from analysis.names.phrases import Phrases, extract_phrases, find_long_forms, normal_form
from analysis.names.words import ARTEFACTS, is_empty_word, stopwords

MAX_SAMPLED = 4000
MIN_COVERAGE = 0.3
"""A name that fewer of the papers say is worth less."""
MAX_NAME_WORDS = 5
N_TERMS = 12
WORD_BONUS = (0.0, 0.6, 1.8, 2.0, 1.8)
"""Readers prefer two or three words; by number of words."""
TITLE_BONUS = 1.0
FRAGMENT_SHARE = 0.75
MIN_HEAD_SHARE = 0.2
N_WEIGHED = 60
MEANING_POWER = 1.5
ARTEFACT_WEIGHT = 0.3
LEAST_COVERAGE = 0.1
MIN_LIFT = 1.0
MIN_CLOSING_SHARE = 0.4
"""An adjective seldom closes a run of words; a noun phrase often does, and a noun alone is often its head."""


@dataclass(frozen=True)
class ThemeWords:
    """What a theme is called, and what it says.

    Parameters
    ----------
    name : str
    terms : tuple of str
        Best first.
    coverage : float
        Share of the theme's papers that say the name.
    """

    name: str
    terms: tuple[str, ...]
    coverage: float


def name_themes(
    texts: Sequence[tuple[str, str]], strengths: np.ndarray, vectors: np.ndarray,
    embed: Callable[[list[str]], np.ndarray], given: Sequence[str | None] = (),
    avoid: Sequence[Collection[str]] = (),
) -> list[ThemeWords]:
    """Return a name and terms for each theme.

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

    Returns
    -------
    list of ThemeWords, length n_themes
        Names are unique, free of stop words, and at most four words long unless given.
    """
    n_themes = strengths.shape[1]
    rows = _sample(strengths)
    texts = [texts[row] for row in rows]
    phrases = extract_phrases(texts, stopwords())
    firmness = strengths[rows] ** 2  # the core of a theme says what it is about, its fringe what it touches
    tables = _score_phrases(phrases, firmness)
    tables = _weigh_meaning(tables, phrases, firmness, vectors[rows], embed)
    long_forms = find_long_forms(texts)
    taken = {_bag(name) for name in given if name}
    words: dict[int, ThemeWords] = {}
    for theme in sorted(range(n_themes), key=lambda theme: -max([row.score for row in tables[theme]], default=0.0)):
        table, name = tables[theme], given[theme] if given else None
        if name:
            coverage = next((row.coverage for row in table if row.form == normal_form(name.split())), 0.0)
        else:
            name, coverage = _choose_name(table, phrases, long_forms, taken | _bags(avoid[theme] if avoid else ()))
            taken.add(_bag(name))
        words[theme] = ThemeWords(name, tuple(_terms(table, phrases)), coverage)
    return [words[theme] for theme in range(n_themes)]


@dataclass(frozen=True)
class _Scored:
    form: str
    score: float
    coverage: float
    lift: float


def _sample(strengths: np.ndarray) -> np.ndarray:
    """Choose the papers that names are read from: all of them, or on a large corpus every theme's firmest."""
    n_papers, n_themes = strengths.shape
    if n_papers <= MAX_SAMPLED or not n_themes:
        return np.arange(n_papers)
    share = max(MAX_SAMPLED // n_themes, 20)
    firmest = [np.argsort(-strengths[:, theme], kind="stable")[:share] for theme in range(n_themes)]
    return np.unique(np.concatenate(firmest))


def _score_phrases(phrases: Phrases, strengths: np.ndarray) -> list[list[_Scored]]:
    n_papers, n_themes = strengths.shape
    counts = Counter(form for said in phrases.papers for form in said)
    least = 1 if n_papers < 6 else 2
    forms = sorted(form for form, n in counts.items() if n >= least and _sayable(form, phrases))
    number = {form: i for i, form in enumerate(forms)}
    inside, titled = np.zeros((2, len(forms), n_themes))
    for row, (said, in_title) in enumerate(zip(phrases.papers, phrases.titles, strict=True)):
        inside[[number[form] for form in said if form in number]] += strengths[row]
        titled[[number[form] for form in in_title if form in number]] += strengths[row]
    mass = strengths.sum(axis=0)
    coverage = inside / np.maximum(mass, 1e-9)
    outside = (inside.sum(axis=1, keepdims=True) - inside + 1.0) / (mass.sum() - mass + 1.0)
    lift = np.log2(1e-9 + coverage / outside)
    weight = np.array([WORD_BONUS[min(form.count(" ") + 1, 4)] for form in forms]).reshape(-1, 1)
    in_title_share = titled / np.maximum(inside, 1e-9)
    score = coverage**0.8 * np.maximum(lift, 0.0) ** 1.2 * weight * (1 + TITLE_BONUS * in_title_share)
    tables = []
    for theme in range(n_themes):
        best = np.argsort(-score[:, theme], kind="stable")[: 3 * N_WEIGHED]
        table = _drop_fragments([
            _Scored(forms[i], float(score[i, theme]), float(coverage[i, theme]), float(lift[i, theme]))
            for i in best if score[i, theme] > 0
        ])[:N_WEIGHED]
        tables.append(table)
    return tables


def _weigh_meaning(
    tables: list[list[_Scored]], phrases: Phrases, strengths: np.ndarray, vectors: np.ndarray,
    embed: Callable[[list[str]], np.ndarray],
) -> list[list[_Scored]]:
    """Score the leading phrases again by how near they are to the theme's centre in the embedding."""
    leading = sorted({phrases.surface(row.form) for table in tables for row in table})
    if not leading:
        return tables
    meaning = dict(zip(leading, embed(leading), strict=True))
    weighed = []
    for theme, table in enumerate(tables):
        centre = strengths[:, theme] @ vectors
        centre = centre / max(float(np.linalg.norm(centre)), 1e-12)
        nearness = [max(float(meaning[phrases.surface(row.form)] @ centre), 0.0) for row in table]
        again = [replace(row, score=row.score * near**MEANING_POWER) for row, near in zip(table, nearness, strict=True)]
        weighed.append(sorted(again, key=lambda row: (-row.score, row.form)))
    return weighed


def _sayable(form: str, phrases: Phrases) -> bool:
    words = form.split()
    return (
        not (is_empty_word(words[0]) or is_empty_word(words[-1]) or words[-1].endswith(("ly", "ed")))
        and any(len(word) > 2 for word in words)
        and phrases.closing_share(form) >= MIN_CLOSING_SHARE
        and (len(words) > 1 or phrases.head_share(form) >= MIN_HEAD_SHARE)
    )


def _drop_fragments(table: list[_Scored]) -> list[_Scored]:
    """Leave out what is said almost only as part of something longer ("teacher model's" in "… student")."""
    kept = []
    for row in table:
        longer = [other for other in table if f" {row.form} " in f" {other.form} " and other.form != row.form]
        if not any(other.coverage >= FRAGMENT_SHARE * row.coverage for other in longer):
            kept.append(row)
    return kept


def _choose_name(
    table: list[_Scored], phrases: Phrases, long_forms: dict[str, str], taken: set[frozenset[str]],
) -> tuple[str, float]:
    def fitness(row: _Scored) -> float:
        common = min(1.0, row.coverage / MIN_COVERAGE) ** 1.5
        return -row.score * common * (ARTEFACT_WEIGHT if row.form.split()[-1] in ARTEFACTS else 1.0)

    # What is not twice as common here as elsewhere, or said by hardly anyone, would be a name in nothing but form.
    for row in sorted(table, key=fitness):
        name = long_forms.get(row.form, phrases.surface(row.form))
        telling = row.lift >= MIN_LIFT and row.coverage >= LEAST_COVERAGE
        if telling and _bag(name) not in taken and len(name.split()) <= MAX_NAME_WORDS:
            return _cased(name), row.coverage
    name = next(name for name in _spare_names() if _bag(name) not in taken)
    return name, 0.0


def _spare_names() -> Iterator[str]:
    yield "Other papers"
    for number in count(2):
        yield f"Other papers {number}"


def _bag(name: str) -> frozenset[str]:
    return frozenset(normal_form([word]) for word in name.replace("-", " ").split())


def _bags(names: Collection[str]) -> set[frozenset[str]]:
    return {_bag(name) for name in names}


def _cased(name: str) -> str:
    first, _, rest = name.partition(" ")
    first = first[:1].upper() + first[1:] if first == first.lower() else first
    return f"{first} {rest}".strip()


def _terms(table: list[_Scored], phrases: Phrases) -> list[str]:
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
