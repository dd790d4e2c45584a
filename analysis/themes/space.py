"""The space that themes are found in: what the embedding means, joined with the words that are said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import TfidfVectorizer

MOST_LEXICAL, LEAST_LEXICAL = 1.0, 0.4
N_LEXICAL_DIMENSIONS = 100
MAX_TERMS = 50_000
BIGRAMS_BELOW = 3_000
EXACT_BELOW = 2_500
"""Up to so many papers all singular vectors are cheaper than an approximation."""
SMALLEST_SQUARE = 1e-9

TOKEN_PATTERN = r"(?u)\b[^\W\d_][\w\-]+\b"


def count_terms(texts: Sequence[str], random_state: int = 0) -> tuple[csr_matrix, np.ndarray]:
    """Return tf-idf rows of the words (and, on smaller corpora, word pairs) that the texts share.

    Parameters
    ----------
    texts : sequence of str, length n_papers

    Returns
    -------
    matrix : sparse matrix of shape (n_papers, n_terms)
        Rows have unit length; a text without a shared term has a zero row. `n_terms` may be 0.
    terms : ndarray of str, shape (n_terms,)
    """
    from scipy.sparse import csr_matrix

    vectorizer = _vectorizer(len(texts))
    try:
        matrix = vectorizer.fit_transform(texts)
    except ValueError:  # scikit-learn raises where no term is shared by two texts
        return csr_matrix((len(texts), 0), dtype=np.float32), np.array([], dtype=str)
    return matrix.tocsr(), vectorizer.get_feature_names_out()


def _vectorizer(n_papers: int) -> TfidfVectorizer:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(
        stop_words="english", sublinear_tf=True, min_df=2, max_df=max(0.5, min(1.0, 2.5 / max(n_papers, 1))),
        ngram_range=(1, 2) if n_papers < BIGRAMS_BELOW else (1, 1), max_features=MAX_TERMS,
        token_pattern=TOKEN_PATTERN, dtype=np.float32,
    )


def lexical_weight(n_papers: int) -> float:
    """Return what the words weigh beside the embedding: as much at a hundred papers, 0.4 of it from a thousand on.

    Few papers have few neighbours in meaning, and shared words tell them apart; on a large corpus the words' own
    dimensions shift with every paper that is left out, and the themes with them.
    """
    return float(np.clip(MOST_LEXICAL * (100 / max(n_papers, 1)) ** 0.4, LEAST_LEXICAL, MOST_LEXICAL))


def join_space(vectors: np.ndarray, terms: csr_matrix, random_state: int = 0) -> np.ndarray:
    """Return dense and lexical vectors side by side, each row of unit length.

    Two abstracts may mean alike and speak of other things ("contrastive learning" for faces or for
    recommendation): the lexical half, a truncated SVD of tf-idf, tells them apart.

    Parameters
    ----------
    vectors : ndarray of shape (n_papers, n_dimensions)
        Unit rows.
    terms : sparse matrix of shape (n_papers, n_terms)
        From `count_terms`.

    Returns
    -------
    ndarray of shape (n_papers, n_dimensions + n_lexical), float32

    Notes
    -----
    Deerwester et al. (1990), Indexing by latent semantic analysis.
    """
    axes = _lexical_axes(terms, random_state)
    return _join(vectors, terms @ axes, len(vectors))


@dataclass(frozen=True)
class Lexicon:
    """How words become dimensions, as some papers taught it: others are put into the same space, and do not move it.

    Parameters
    ----------
    vectorizer : TfidfVectorizer or None
        None where no term is shared by two texts.
    axes : ndarray of shape (n_terms, n_lexical)
    n_papers : int
        Papers that it was learned from.
    """

    vectorizer: TfidfVectorizer | None
    axes: np.ndarray
    n_papers: int

    def join(self, texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        """Return papers in the space: shape (n_papers, n_dimensions + n_lexical), float32; as `join_space`."""
        if self.vectorizer is None or not len(texts):
            return _join(vectors, np.empty((len(vectors), self.axes.shape[1])), self.n_papers)
        return _join(vectors, self.vectorizer.transform(texts) @ self.axes, self.n_papers)


def learn_lexicon(texts: Sequence[str], vectors: np.ndarray, random_state: int = 0) -> tuple[Lexicon, np.ndarray]:
    """Return how these papers' words become dimensions, and the papers in that space: as `join_space` has them."""
    vectorizer = _vectorizer(len(texts))
    try:
        terms = vectorizer.fit_transform(texts)
    except ValueError:  # no term is shared by two texts
        lexicon = Lexicon(None, np.empty((0, 0), dtype=np.float32), len(texts))
        return lexicon, lexicon.join(texts, vectors)
    lexicon = Lexicon(vectorizer, _lexical_axes(terms, random_state), len(texts))
    return lexicon, _join(vectors, terms @ lexicon.axes, len(texts))


def _join(vectors: np.ndarray, lexical: np.ndarray, n_papers: int) -> np.ndarray:
    from sklearn.preprocessing import normalize

    if not lexical.shape[1] or not len(vectors):
        return np.asarray(vectors, dtype=np.float32)
    return normalize(np.hstack([vectors, lexical_weight(n_papers) * normalize(lexical)])).astype(np.float32)


def _lexical_axes(terms: csr_matrix, random_state: int) -> np.ndarray:
    """Return the leading right singular vectors of tf-idf, one a column: exact where papers are few."""
    n_papers, n_terms = terms.shape
    n_axes = min(N_LEXICAL_DIMENSIONS, min(terms.shape) - 1)
    if n_axes < 1:
        return np.empty((n_terms, 0), dtype=np.float32)
    if n_papers > EXACT_BELOW:
        from sklearn.decomposition import TruncatedSVD

        return np.asarray(TruncatedSVD(n_axes, random_state=random_state).fit(terms).components_.T)
    from scipy.linalg import eigh

    alike = (terms @ terms.T).toarray().astype(float)
    squares, papers = eigh(alike, subset_by_index=[n_papers - n_axes, n_papers - 1])
    filled = squares > SMALLEST_SQUARE * max(squares[-1], SMALLEST_SQUARE)  # identical texts span fewer axes
    return np.asarray(terms.T @ (papers[:, filled] / np.sqrt(squares[filled])), dtype=np.float32)
