"""Phrases that could name a theme, with what speaks for each of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy.sparse import csc_matrix, csr_matrix

from analysis.names.acronyms import Acronyms
from analysis.names.phrases import Phrases, normal_form
from analysis.names.words import ARTEFACTS, is_empty_opening, is_empty_word, is_hollow, stopwords

CORE_STRENGTH = 0.5
MIN_COVERAGE = 0.3
MIN_PARTS = 0.6
"""A name is supported where this share of the core says it, or says its words on average."""
WORD_BONUS = (0.0, 0.4, 1.8, 2.0, 1.8)
"""Readers prefer two or three words; by number of words."""
PARTS_WEIGHT = 0.4
TITLE_BONUS = 2.0
SAID_POWER = 0.5
PARTS_POWER = 0.4
LIFT_POWER = 1.4
MOST_LIFT = 3.5
MEANING_POWER = 2.5
MARGIN_WEIGHT, MOST_MARGIN = 8.0, 0.2
FRAGMENT_SHARE = 0.75
MIN_HEAD_SHARE = 0.1
MIN_CLOSING_SHARE = 0.4
"""An adjective seldom closes a run of words; a noun phrase often does, and a noun alone is often its head."""
MIN_GERUND_ALONE = 0.15
MAX_VERB_SHARE = 0.2
ARTEFACT_WEIGHT = 0.3
DEEDS = ("tion", "sis", "ment", "ing", "ness", "ance", "ence")
DEED_WEIGHT = 0.6
"""A deed without its object ("detection") tells little."""
LEAST_COVERAGE = 0.05
MIN_SHARED = 0.15
"""Least share of a second child's papers that say what their parent is called."""
ACRONYM_SHARE = 0.15
MAX_NAME_WORDS = 5
N_LEADING = 40
"""Phrases of a theme that are held against its meaning: so many that score best, and as many of the supported."""
SMOOTHING = 1.0


@dataclass(frozen=True)
class Candidate:
    """A phrase that could name a theme.

    Parameters
    ----------
    form : str
        Normal form.
    coverage : float
        Share of the theme's core papers that say the phrase.
    parts : float
        Share of the core papers that say a word of it, averaged over its content words.
    lift : float
        log2 of how much commoner the phrase and its words are here than elsewhere.
    rival : float
        log2 of how much commoner they are here than in the theme's nearest rival for them; below 0 it is theirs.
    margin : float
        How much nearer in meaning the phrase is to this theme's centre than to any sibling's, as a cosine.
    score : float
        How well the phrase tells what the theme is about.
    is_supported : bool
        Whether the core papers say it, or say its words and some of them the whole.
    acronym : str or None
        The phrase's acronym, where a fair share of the core says it; papers that say only that count as well.
    papers : frozenset of int
        The core papers that say it.
    """

    form: str
    coverage: float
    parts: float
    lift: float
    rival: float
    score: float
    is_supported: bool = False
    margin: float = 0.0
    acronym: str | None = None
    papers: frozenset[int] = frozenset()


def core_papers(strengths: np.ndarray) -> np.ndarray:
    """Return which papers are the core of each theme, or all its papers where it has no core.

    Parameters
    ----------
    strengths : ndarray of shape (n_papers, n_themes)

    Returns
    -------
    ndarray of shape (n_papers, n_themes), bool
    """
    core = strengths >= CORE_STRENGTH
    return np.where(core.any(axis=0, keepdims=True), core, strengths > 0)


class Forms(NamedTuple):
    """The phrases that could name any theme, and who says them.

    `said`, `titled`, `shortened` and `literally` are sparse, of shape (n_papers, n_forms): in any way, in the title, by
    the acronym alone, in full. `spoken` has a column for each single word of them, and `parts` averages over the words.
    """

    forms: list[str]
    n_words: np.ndarray
    literally: csc_matrix
    shortened: csr_matrix
    said: csc_matrix
    titled: csr_matrix
    spoken: csr_matrix
    parts: csr_matrix


def least_papers(n_papers: int) -> int:
    """Return how many papers must say a phrase that could name a theme."""
    return 1 if n_papers < 6 else 2


def list_forms(phrases: Phrases, acronyms: Acronyms) -> Forms | None:
    """Return the phrases that could name a theme of these papers; None where there is none."""
    counts = Counter(form for said in phrases.papers for form in said)
    least = least_papers(len(phrases.papers))
    forms = sorted(form for form, n in counts.items()
                   if n >= least and form not in acronyms.long_forms and _is_sayable(form, phrases))
    if not forms:
        return None
    spelt_out = {short: normal_form(acronyms.long_forms[short].split()) for short in acronyms.long_forms}
    abbreviated = [frozenset(spelt_out[short] for short in shorts if short in spelt_out) for shorts in acronyms.said]
    shortened, literally = _incidence(abbreviated, forms), _incidence(phrases.papers, forms).tocsc()
    words = sorted({word for form in forms for word in form.split()})
    n_words = np.array([phrases.surface(form).count(" ") + 1 for form in forms]).reshape(-1, 1)
    return Forms(forms, n_words, literally, shortened, literally.maximum(shortened).tocsc(),
                 _incidence(phrases.titles, forms), _incidence(phrases.words, words), _mean_of_parts(forms, words))


def find_candidates(
    phrases: Phrases, acronyms: Acronyms, forms: Forms | None, strengths: np.ndarray, vectors: np.ndarray,
    embed: Callable[[list[str]], np.ndarray], children: np.ndarray | None = None,
) -> list[list[Candidate]]:
    """Return each theme's candidates, best first.

    Parameters
    ----------
    forms : Forms or None
        From `list_forms`.
    strengths : ndarray of shape (n_papers, n_themes)
    vectors : ndarray of shape (n_papers, n_dimensions)
    embed : callable
        Turns phrases into unit rows of the same dimensions.
    children : ndarray of shape (n_papers,), int, optional
        Theme one level below that each paper stands in: what only one of them says, names that one.
    """
    firmness = strengths**2  # the core of a theme says what it is about, its fringe what it touches
    if forms is None or not strengths.shape[1]:
        return [[] for _ in range(strengths.shape[1])]
    tables = _score(forms, acronyms, strengths, firmness, children)
    return _weigh_meaning(tables, phrases, firmness, vectors, embed)


def _score(
    known: Forms, acronyms: Acronyms, strengths: np.ndarray, firmness: np.ndarray, children: np.ndarray | None,
) -> list[list[Candidate]]:
    n_papers, n_themes = strengths.shape
    forms, parts = known.forms, known.parts
    core = core_papers(strengths).astype(float)
    n_core = np.maximum(core.sum(axis=0), 1)
    coverage, word_coverage = (known.literally.T @ core) / n_core, parts @ ((known.spoken.T @ core) / n_core)
    shortened = (known.shortened.T @ core) / n_core
    has_acronym = (shortened >= ACRONYM_SHARE) & (shortened * n_core >= min(2, n_papers))
    has_acronym &= known.n_words < MAX_NAME_WORDS
    coverage = np.where(has_acronym, (known.said.T @ core) / n_core, coverage)
    # What one paper of many says is put together by us, not said by them.
    heard = coverage >= np.maximum(LEAST_COVERAGE, np.minimum(0.25, 2 / n_core))
    supported = (coverage >= MIN_COVERAGE) | (heard & (word_coverage >= MIN_PARTS))

    inside, mass = known.said.T @ firmness, firmness.sum(axis=0)
    soft = (1 - PARTS_WEIGHT) * inside + PARTS_WEIGHT * (parts @ (known.spoken.T @ firmness))
    lift, rival = _contrast(soft, mass)
    weight = np.array([WORD_BONUS[min(form.count(" ") + 1, 4)] for form in forms])
    weight *= [ARTEFACT_WEIGHT if form.split()[-1] in ARTEFACTS or is_hollow(form) else 1.0 for form in forms]
    weight *= [DEED_WEIGHT if " " not in form and form.endswith(DEEDS) else 1.0 for form in forms]
    in_title = (known.titled.T @ firmness) / np.maximum(inside, 1e-9)
    share = inside / np.maximum(mass, 1e-9)
    score = share**SAID_POWER * (soft / np.maximum(mass, 1e-9))**PARTS_POWER * np.clip(lift, 0, MOST_LIFT)**LIFT_POWER
    score *= weight.reshape(-1, 1) * (1 + TITLE_BONUS * in_title)
    if children is not None:
        score *= _is_shared(known.said, core, children)
    tables = []
    for theme in range(n_themes):
        best = np.argsort(-score[:, theme], kind="stable")
        # What most of the papers say is a candidate, however many rarer phrases score higher.
        often = best[supported[best, theme]]
        leading = dict.fromkeys([*best[:N_LEADING].tolist(), *often[:N_LEADING].tolist()])
        tables.append(_drop_fragments([
            Candidate(forms[i], float(coverage[i, theme]), float(word_coverage[i, theme]), float(lift[i, theme]),
                      float(rival[i, theme]), float(score[i, theme]), bool(supported[i, theme]),
                      acronym=acronyms.spelt[forms[i]] if has_acronym[i, theme] else None,
                      papers=_sayers(known.said if has_acronym[i, theme] else known.literally, i, core[:, theme]))
            for i in leading if score[i, theme] > 0
        ]))
    return tables


def _is_shared(said: csc_matrix, core: np.ndarray, children: np.ndarray) -> np.ndarray:
    """Return which phrases (rows) are said in at least two of each theme's children."""
    member = np.zeros((len(children), int(children.max(initial=-1)) + 1))
    inside = children >= 0
    member[inside, children[inside]] = 1.0
    shared = np.zeros((said.shape[1], core.shape[1]), dtype=bool)
    for theme in range(core.shape[1]):
        own = member * core[:, [theme]]
        sizes = own.sum(axis=0)
        own, sizes = own[:, sizes > 0], sizes[sizes > 0]
        if own.shape[1] < 2:
            shared[:, theme] = True
        else:
            shared[:, theme] = np.sort((said.T @ own) / sizes, axis=1)[:, -2] >= MIN_SHARED
    return shared


def _sayers(said: csc_matrix, form: int, core: np.ndarray) -> frozenset[int]:
    rows = said.indices[said.indptr[form]:said.indptr[form + 1]]
    return frozenset(rows[core[rows] > 0].tolist())


def _contrast(inside: np.ndarray, mass: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how much commoner phrases are in each theme than in the others together, and than in each other one."""
    n_forms, n_themes = inside.shape
    if np.count_nonzero(mass) < 2:  # nothing to be told apart from
        return np.ones((n_forms, n_themes)), np.ones((n_forms, n_themes))
    total, everything = inside.sum(axis=1, keepdims=True), mass.sum()
    usual = total / everything
    outside = (total - inside + SMOOTHING) / (everything - mass + SMOOTHING)
    smoothed = (inside + SMOOTHING * usual) / (mass + SMOOTHING)
    two = np.sort(smoothed, axis=1)[:, -2:]
    best_other = np.where(smoothed >= two[:, 1:], two[:, :1], two[:, 1:])
    return np.log2(1e-9 + smoothed / outside), np.log2((1e-9 + smoothed) / (1e-9 + best_other))


def _incidence(papers: Sequence[frozenset[str]], forms: list[str]) -> csr_matrix:
    number = {form: i for i, form in enumerate(forms)}
    columns = [sorted(number[form] for form in said if form in number) for said in papers]
    ends = np.cumsum([0, *map(len, columns)])
    flat = np.array([column for row in columns for column in row], dtype=np.int64)
    return csr_matrix((np.ones(len(flat)), flat, ends), shape=(len(papers), len(forms)))


def _mean_of_parts(forms: list[str], words: list[str]) -> csr_matrix:
    number = {word: i for i, word in enumerate(words)}
    rows = [sorted({number[word] for word in form.split() if word not in stopwords()}) for form in forms]
    rows = [row or [number[form.split()[0]]] for row, form in zip(rows, forms, strict=True)]
    values = np.array([1 / len(row) for row in rows for _ in row])
    flat = np.array([column for row in rows for column in row], dtype=np.int64)
    return csr_matrix((values, flat, np.cumsum([0, *map(len, rows)])), shape=(len(forms), len(words)))


def _weigh_meaning(
    tables: list[list[Candidate]], phrases: Phrases, firmness: np.ndarray, vectors: np.ndarray,
    embed: Callable[[list[str]], np.ndarray],
) -> list[list[Candidate]]:
    """Score candidates again by how near they are to the theme's centre, and whether a sibling's is nearer."""
    leading = sorted({phrases.surface(row.form) for table in tables for row in table})
    if not leading:
        return tables
    meaning = dict(zip(leading, embed(leading), strict=True))
    centres = firmness.T @ vectors
    centres = centres / np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-12)
    filled = firmness.sum(axis=0) > 0
    weighed = []
    for theme, table in enumerate(tables):
        others = filled.copy()
        others[theme] = False
        again = []
        for row in table:
            near = centres @ meaning[phrases.surface(row.form)]
            margin = float(near[theme] - near[others].max()) if others.any() else 0.0
            lead = MARGIN_WEIGHT * float(np.clip(margin, -MOST_MARGIN, MOST_MARGIN))
            factor = max(float(near[theme]), 0.0) ** MEANING_POWER * float(np.exp(lead))
            again.append(replace(row, score=row.score * factor, margin=margin))
        weighed.append(sorted(again, key=lambda row: (-row.score, row.form)))
    return weighed


def _is_sayable(form: str, phrases: Phrases) -> bool:
    words = phrases.surface(form).split()  # "in-context learning" is two words, and neither of them is "in"
    if is_empty_word(words[-1]) or not any(len(word) > 2 for word in words):
        return False
    if len(words) > 1 and is_empty_opening(words[0], len(form.split())):
        return False
    if len(words[-1]) > 4 and words[-1].endswith(("ly", "ed")):
        return False
    if phrases.closing_share(form) < MIN_CLOSING_SHARE:
        return False
    if len(form.split()) == 1 and phrases.head_share(form) < MIN_HEAD_SHARE and words[0] == words[0].lower():
        return False
    return not _is_verb(form, phrases)


def _is_verb(form: str, phrases: Phrases) -> bool:
    """Return whether a phrase begins or ends with a word that acts ("guiding students", "technology gets")."""
    first, last = form.split()[0], form.split()[-1]
    # "Guiding" stands before "the", never behind another word; "training" does both, "spiking" neither.
    heads = phrases.head_share(first)
    gerund = first.endswith("ing") and heads < 0.1 and phrases.closing_share(first) - heads > MIN_GERUND_ALONE
    return gerund or any(phrases.verb_share(word) > MAX_VERB_SHARE for word in (first, last))


def _drop_fragments(table: list[Candidate]) -> list[Candidate]:
    """Leave out what is said almost only as part of something longer ("teacher model's" in "… student")."""
    kept = []
    for row in table:
        longer = [other for other in table if f" {row.form} " in f" {other.form} " and other.form != row.form]
        longer = [other for other in longer if other.is_supported or not row.is_supported]
        if not any(other.coverage >= FRAGMENT_SHARE * row.coverage for other in longer):
            kept.append(row)
    return kept
