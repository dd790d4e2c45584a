"""Which paper says which term: a sparse table of the noun phrases and acronyms of a corpus of any size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.names.phrases import extract_phrases, phrases_said
from analysis.names.words import RESEARCH_WORDS, stopwords
from analysis.workers import Each, each_here

LEAST_PAPERS = 3
LEAST_SHARE = 0.0002
"""A term is counted that so many papers say, and so large a share of them: 3 of 90 papers, 10 of 50,000."""

CLOSING = 0.4
"""A term closes its run of words in this share of its places, as a noun phrase does."""

TITLED, HEAD = 0.1, 0.3
"""A single word that is no acronym stands in the title of this share of its papers, and in this share of its places
it is the head of something longer. Verbs and adjectives seldom do: they are no terms."""

_BLOCK = 2000
_SPECIMENS = 5
_ADDRESS = frozenset("http https www com org io github huggingface href url arxiv".split())


@dataclass(frozen=True)
class Terms:
    """Terms in alphabetical order, and who says them.

    `forms` are normal forms; `says` is a sparse 0/1 table of shape (n_papers, n_terms), int32; `titled` is how many
    papers say each in their title.
    """

    forms: list[str]
    says: sparse.csr_array
    titled: np.ndarray


def count_terms(texts: Sequence[tuple[str, str]], each: Each = each_here) -> Terms:
    """Return who says which term, among terms that enough of the papers say.

    Papers are read in blocks, and of what only a few papers say nothing but a 64-bit hash is kept: the phrases of
    50,000 abstracts, most of which occur once, would not fit in memory.

    Parameters
    ----------
    texts : sequence of (title, abstract)
    each : callable
        Who reads blocks of them.
    """
    blocks = list(each(_read_block, None, (texts[start : start + _BLOCK] for start in range(0, len(texts), _BLOCK))))
    sizes = np.concatenate([block.sizes for block in blocks]) if blocks else np.zeros(0, dtype=int)
    if not sizes.sum():
        return Terms([], sparse.csr_array((len(texts), 0), dtype=np.int32), np.zeros(0, dtype=int))
    known, column, n_saying = np.unique(
        np.concatenate([block.said for block in blocks]), return_inverse=True, return_counts=True)
    kept = np.flatnonzero(n_saying >= max(LEAST_PAPERS, round(LEAST_SHARE * len(texts))))
    codes = np.concatenate([block.codes for block in blocks])
    first = np.unique(codes, return_index=True)[1]  # in the order of `known`
    spelled = pd.concat([block.forms for block in blocks]).to_numpy(dtype=object)[first[kept]]
    kept, spelled = kept[np.argsort(spelled)], np.sort(spelled)
    titled = np.bincount(np.searchsorted(known, codes), np.concatenate([block.titled for block in blocks]), len(known))

    renumber = np.full(len(known), -1)
    renumber[kept] = np.arange(len(kept))
    row, column = np.arange(len(texts)).repeat(sizes), renumber[column]
    there = column >= 0
    cells = (np.ones(there.sum(), dtype=np.int32), (row[there], column[there]))
    says = sparse.coo_array(cells, shape=(len(texts), len(kept))).tocsr()
    return Terms(spelled.tolist(), says, titled[kept].astype(int))


@dataclass(frozen=True)
class _Block:
    """Forms of a block of papers with their hashes and papers that say them in the title; who says which hash."""

    forms: pd.Series
    codes: np.ndarray
    titled: np.ndarray
    said: np.ndarray
    sizes: np.ndarray


def _read_block(shared: None, texts: Sequence[tuple[str, str]]) -> _Block:
    titles = [phrases_said(title, stopwords()) for title, _ in texts]
    papers = [said | phrases_said(abstract, stopwords()) for said, (_, abstract) in zip(titles, texts, strict=True)]
    forms = sorted(form for form in set().union(*papers) if _may_be_term(form))
    codes = pd.util.hash_array(np.array(forms, dtype=object), categorize=False)
    place = {form: number for number, form in enumerate(forms)}
    own = [sorted(place[form] for form in said if form in place) for said in papers]
    titled = np.array([place[form] for said in titles for form in said if form in place], dtype=int)
    said = np.array([number for numbers in own for number in numbers], dtype=int)
    return _Block(pd.Series(forms, dtype="str"), codes, np.bincount(titled, minlength=len(forms)), codes[said],
                  np.array([len(numbers) for numbers in own], dtype=int))


def spell_terms(texts: Sequence[tuple[str, str]], terms: Terms, chosen: np.ndarray) -> dict[int, str]:
    """Return how papers write each `chosen` term that is a noun phrase or an acronym; others are left out.

    A few papers that say the term are read for it, spread over all who do.
    """
    says = terms.says[:, chosen].tocsc()
    readers = set()
    for column in range(says.shape[1]):
        rows = says.indices[says.indptr[column] : says.indptr[column + 1]]
        readers.update(rows[np.unique(np.linspace(0, len(rows) - 1, _SPECIMENS).round().astype(int))].tolist())
    phrases = extract_phrases([texts[row] for row in sorted(readers)], stopwords())
    named, n_saying = {}, terms.says.sum(axis=0)
    for term in chosen.tolist():
        form = terms.forms[term]
        written = phrases.surface(form)
        is_noun = phrases.head_share(form) >= HEAD and terms.titled[term] >= TITLED * n_saying[term]
        if phrases.closing_share(form) >= CLOSING and (" " in form or is_acronym(written) or is_noun):
            named[term] = written
    return named


def is_acronym(written: str) -> bool:
    """Return whether a single word is written in capitals (``RAG``, ``LLMs``, ``GPT-4``, ``LoRA``)."""
    return " " not in written and sum(letter.isupper() for letter in written) >= 2


def _may_be_term(form: str) -> bool:
    """Return whether a form has a say: the last word means something, and no word is part of an address."""
    words = form.split(" ")
    if words[-1] in RESEARCH_WORDS or not _ADDRESS.isdisjoint(words):
        return False
    return len(form) > 2 and not (len(words) > 1 and words[-1] in stopwords())
