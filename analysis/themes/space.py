"""The space that themes are found in: what the embedding means, joined with the words that are said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

MOST_LEXICAL, LEAST_LEXICAL = 1.0, 0.4
N_LEXICAL_DIMENSIONS = 100
MAX_TERMS = 50_000
BIGRAMS_BELOW = 3_000
EXACT_BELOW = 2_500
"""Up to so many papers all singular vectors are cheaper than an approximation."""
SMALLEST_SQUARE = 1e-9

TOKEN_PATTERN = r"(?u)\b[^\W\d_][\w\-]+\b"


@dataclass(frozen=True)
class WordCounts:
    """The words (and, on smaller corpora, word pairs) that texts share, counted once for fits on all or some of them.

    Parameters
    ----------
    counts : sparse matrix of shape (n_texts, n_words), int32
    words : ndarray of str, shape (n_words,)
        Each in two texts at least; there may be none.
    """

    counts: csr_matrix
    words: np.ndarray

    def __len__(self) -> int:
        return int(self.counts.shape[0])

    def take(self, rows: np.ndarray) -> WordCounts:
        """Return the counts of some of the texts."""
        return WordCounts(self.counts[rows], self.words)


def count_words(texts: Sequence[str]) -> WordCounts:
    """Return the words that the texts share, in pairs too below `BIGRAMS_BELOW` texts."""
    from scipy.sparse import csr_matrix

    counter = _counter(len(texts) < BIGRAMS_BELOW)
    try:
        return WordCounts(counter.set_params(min_df=2).fit_transform(texts), counter.get_feature_names_out())
    except ValueError:  # scikit-learn raises where no word is shared by two texts
        return WordCounts(csr_matrix((len(texts), 0), dtype=np.int32), np.array([], dtype=object))


def _counter(in_pairs: bool) -> CountVectorizer:
    from sklearn.feature_extraction.text import CountVectorizer

    return CountVectorizer(stop_words="english", ngram_range=(1, 2) if in_pairs else (1, 1),
                           token_pattern=TOKEN_PATTERN, dtype=np.int32)


def lexical_weight(n_papers: int) -> float:
    """Return what the words weigh beside the embedding: as much at a hundred papers, 0.4 of it from a thousand on.

    Few papers have few neighbours in meaning, and shared words tell them apart; on a large corpus the words' own
    dimensions shift with every paper that is left out, and the themes with them.
    """
    return float(np.clip(MOST_LEXICAL * (100 / max(n_papers, 1)) ** 0.4, LEAST_LEXICAL, MOST_LEXICAL))


@dataclass(frozen=True)
class Lexicon:
    """How words become dimensions, as some papers taught it: others are put into the same space, and do not move it.

    Parameters
    ----------
    words : ndarray of str, shape (n_words,)
        There may be none.
    weigh : TfidfTransformer or None
        Turns their counts into tf-idf rows of unit length; None where there is no word.
    axes : ndarray of shape (n_words, n_lexical)
    n_papers : int
        Papers that it was learned from.
    """

    words: np.ndarray
    weigh: TfidfTransformer | None
    axes: np.ndarray
    n_papers: int

    def join(self, texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        """Return papers in the space: shape (n_papers, n_dimensions + n_lexical), float32; as `learn_lexicon`."""
        if self.weigh is None or not len(texts):
            return _join(vectors, np.empty((len(vectors), self.axes.shape[1])), self.n_papers)
        counter = _counter(any(" " in word for word in self.words)).set_params(vocabulary=self.words)
        return _join(vectors, self.weigh.transform(counter.transform(texts).astype(np.float32)) @ self.axes,
                     self.n_papers)


def learn_lexicon(words: WordCounts, vectors: np.ndarray, random_state: int = 0) -> tuple[Lexicon, np.ndarray]:
    """Return how these papers' words become dimensions, and the papers in that space.

    Two abstracts may mean alike and speak of other things ("contrastive learning" for faces or for recommendation):
    beside the embedding stands a truncated SVD of the words' tf-idf, which tells them apart. Words of one paper, and
    of more than half of many, are left out.

    Parameters
    ----------
    words : WordCounts
        Of the papers.
    vectors : ndarray of shape (n_papers, n_dimensions)
        Unit rows.

    Returns
    -------
    Lexicon
    space : ndarray of shape (n_papers, n_dimensions + n_lexical), float32
        Rows of unit length.

    Notes
    -----
    Deerwester et al. (1990), Indexing by latent semantic analysis.
    """
    from sklearn.feature_extraction.text import TfidfTransformer

    n_papers = len(words)
    often = np.bincount(words.counts.indices, minlength=len(words.words))
    kept = np.flatnonzero((often >= 2) & (often <= max(0.5, min(1.0, 2.5 / max(n_papers, 1))) * n_papers))
    if len(kept) > MAX_TERMS:
        said = np.asarray(words.counts.sum(axis=0)).ravel()[kept]
        kept = np.sort(kept[np.argsort(-said, kind="stable")[:MAX_TERMS]])
    if not len(kept):
        lexicon = Lexicon(words.words[kept], None, np.empty((0, 0), dtype=np.float32), n_papers)
        return lexicon, _join(vectors, np.empty((len(vectors), 0)), n_papers)
    weigh = TfidfTransformer(sublinear_tf=True)
    terms = weigh.fit_transform(words.counts[:, kept].astype(np.float32))
    lexicon = Lexicon(words.words[kept], weigh, _lexical_axes(terms, random_state), n_papers)
    return lexicon, _join(vectors, terms @ lexicon.axes, n_papers)


def _join(vectors: np.ndarray, lexical: np.ndarray, n_papers: int) -> np.ndarray:
    from sklearn.preprocessing import normalize

    if not lexical.shape[1] or not len(vectors):
        return np.asarray(vectors, dtype=np.float32)
    joined = np.empty((len(vectors), vectors.shape[1] + lexical.shape[1]), dtype=np.float32)
    joined[:, :vectors.shape[1]] = vectors
    joined[:, vectors.shape[1]:] = lexical_weight(n_papers) * normalize(lexical)
    return normalize(joined, copy=False)


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
