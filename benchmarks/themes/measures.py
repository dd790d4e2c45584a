"""Measures of a grouping, the same for every method. Arrays and lists in, numbers out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from benchmarks.themes.task import NOT_PLACED, NOT_THERE

TOKEN = re.compile(r"\b\w\w+\b")
N_WORDS = 10
N_BINS = 10


def compare_labels(labels: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Return adjusted mutual information and adjusted Rand index of `labels` with `truth`.

    Papers that were not placed stand together as one more group: they are a guess like any other.
    """
    from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score

    return float(adjusted_mutual_info_score(truth, labels)), float(adjusted_rand_score(truth, labels))


def compare_fits(first: np.ndarray, second: np.ndarray) -> float:
    """Return the adjusted Rand index of two fits, on the papers that both had."""
    from sklearn.metrics import adjusted_rand_score

    both = (first != NOT_THERE) & (second != NOT_THERE)
    return float(adjusted_rand_score(first[both], second[both]))


def count_themes(labels: np.ndarray) -> int:
    """Return the number of themes that have a paper; papers that were not placed are none."""
    return len(np.unique(labels[labels >= 0]))


def largest_share(labels: np.ndarray) -> float:
    """Return the share of all papers that the largest theme holds."""
    placed, there = labels[labels >= 0], labels != NOT_THERE
    return float(np.bincount(placed).max() / there.sum()) if len(placed) else 0.0


def coverage(labels: np.ndarray, loose: np.ndarray | None) -> float:
    """Return the share of papers that are placed and not loose."""
    placed = labels != NOT_PLACED
    return float((placed if loose is None else placed & ~loose).mean())


def topic_diversity(words: Sequence[Sequence[str]]) -> float:
    """Return the share of different ones among the leading words of all themes.

    Notes
    -----
    Dieng, Ruiz, Blei (2020), doi:10.1162/tacl_a_00325, section 6.
    """
    leading = [word.lower() for row in words for word in row[:N_WORDS]]
    return len(set(leading)) / len(leading) if leading else float("nan")


def npmi_coherence(words: Sequence[Sequence[str]], texts: Sequence[str]) -> float:
    """Return how often the leading words of a theme stand in the same texts: mean NPMI of their pairs, then of themes.

    A phrase counts where its words stand side by side. A pair that never meets counts -1.

    Notes
    -----
    Bouma (2009), Normalized (pointwise) mutual information; Röder et al. (2015), doi:10.1145/2684822.2685324.
    """
    from sklearn.feature_extraction.text import CountVectorizer

    themes = [list(dict.fromkeys(filter(None, (_plain(word) for word in row[:N_WORDS])))) for row in words]
    terms = sorted({term for row in themes for term in row})
    if not terms or not len(texts):
        return float("nan")
    column = {term: i for i, term in enumerate(terms)}
    longest = max(term.count(" ") + 1 for term in terms)
    counter = CountVectorizer(
        vocabulary=terms, ngram_range=(1, longest), binary=True, token_pattern=TOKEN.pattern, dtype=np.float32)
    said = counter.transform(texts).tocsc()
    single = np.asarray(said.sum(axis=0)).ravel() / len(texts)
    scores = []
    for row in themes:
        columns = [column[term] for term in row]
        together = (said[:, columns].T @ said[:, columns]).toarray() / len(texts)
        pairs = [_npmi(together[a, b], single[columns[a]], single[columns[b]])
                 for a, b in combinations(range(len(columns)), 2)]
        if pairs:
            scores.append(np.mean(pairs))
    return float(np.mean(scores)) if scores else float("nan")


def measure_reliability(strengths: np.ndarray, labels: np.ndarray, truth: np.ndarray) -> dict[str, Any]:
    """Return, for bins of strength, how many papers stand where their label belongs.

    A placement is right where the theme is the one that most papers of this label stand in, or the label is the
    theme's commonest: a theme may join two labels, and a label may part into two themes, and neither is an error of
    placement.

    Returns
    -------
    dict
        bins: one dict a bin that holds papers (low, high, n, strength: their mean, right: the share, commonest: the
        share by the second half of the rule alone); error: expected calibration error, the mean of
        ``|strength - right|`` over bins, weighted by papers.
    """
    kinds, codes = np.unique(np.asarray(truth, dtype=str), return_inverse=True)
    placed = labels >= 0
    table = np.zeros((int(labels.max(initial=0)) + 1, len(kinds)))
    np.add.at(table, (labels[placed], codes[placed]), 1)
    commonest = table.argmax(axis=1)[labels] == codes
    right = commonest | (table.argmax(axis=0)[codes] == labels)
    place = np.minimum((strengths * N_BINS).astype(int), N_BINS - 1)
    rows, error = [], 0.0
    for number in range(N_BINS):
        inside = placed & (place == number)
        if not inside.any():
            continue
        mean, share = float(strengths[inside].mean()), float(right[inside].mean())
        rows.append({"low": number / N_BINS, "high": (number + 1) / N_BINS, "n": int(inside.sum()),
                     "strength": mean, "right": share, "commonest": float(commonest[inside].mean())})
        error += abs(mean - share) * inside.sum() / placed.sum()
    return {"bins": rows, "error": float(error)}


def characteristic_words(labels: np.ndarray, texts: Sequence[str]) -> list[list[str]]:
    """Return ten words for each theme by class-based tf-idf, English stop words left out.

    They are chosen alike for every method, so that what is measured on them is the grouping and not the wording.

    Notes
    -----
    Grootendorst (2022), BERTopic, arXiv:2203.05794, equation 2.
    """
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import CountVectorizer

    placed = np.flatnonzero(labels >= 0).tolist()
    counter = CountVectorizer(stop_words="english", token_pattern=TOKEN.pattern)
    counts = counter.fit_transform([texts[row] for row in placed])
    kinds, codes = np.unique(labels[placed], return_inverse=True)
    member = csr_matrix((np.ones(len(placed)), (codes, np.arange(len(placed)))), shape=(len(kinds), len(placed)))
    table = (member @ counts).toarray()
    rarity = np.log(1 + table.sum(axis=1).mean() / np.maximum(table.sum(axis=0), 1))
    score = table / np.maximum(table.sum(axis=1, keepdims=True), 1) * rarity
    vocabulary = counter.get_feature_names_out()
    best = np.argsort(-score, axis=1, kind="stable")[:, :N_WORDS]
    return [[str(vocabulary[i]) for i in row if score[theme, i] > 0] for theme, row in enumerate(best)]


def _plain(term: str) -> str:
    return " ".join(TOKEN.findall(term.lower()))


def _npmi(together: float, first: float, second: float) -> float:
    if together <= 0:
        return -1.0
    if together >= 1:
        return 1.0
    return float(np.log(together / (first * second)) / -np.log(together))
