"""Which paper says which term: a sparse table of the noun phrases and acronyms of a corpus of any size."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from analysis.names.phrases import extract_phrases
from analysis.names.runs import distinct, number_each, read_runs, running_sum
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
    begins = np.cumsum([0, *(len(block.codes) for block in blocks)])
    known, first, number = number_each(np.concatenate([block.codes for block in blocks]))
    column = number[np.concatenate([begin + block.said for begin, block in zip(begins, blocks, strict=False)])]
    n_saying = np.bincount(column, minlength=len(known))
    kept = np.flatnonzero(n_saying >= max(LEAST_PAPERS, round(LEAST_SHARE * len(texts))))
    where = np.searchsorted(begins, first[kept], side="right") - 1
    spelled = np.array([blocks[block].spell(phrase) for block, phrase in zip(where, first[kept] - begins[where],
                                                                             strict=True)], dtype=object)
    kept, spelled = kept[np.argsort(spelled)], np.sort(spelled)
    titled = np.bincount(number, np.concatenate([block.titled for block in blocks]), len(known))

    renumber = np.full(len(known), -1)
    renumber[kept] = np.arange(len(kept))
    row, column = np.arange(len(texts)).repeat(sizes), renumber[column]
    there = column >= 0
    cells = (np.ones(there.sum(), dtype=np.int32), (row[there], column[there]))
    says = sparse.coo_array(cells, shape=(len(texts), len(kept))).tocsr()
    return Terms(spelled.tolist(), says, titled[kept].astype(int))


@dataclass(frozen=True)
class _Block:
    """The phrases of a block of papers that may be terms.

    `codes` are their hashes; `spans` are where each stands in `spoken`, numbers of `words`; `titled` is how many papers
    say it in the title; `said` is the number of each phrase that each paper says, `sizes` how many those are.
    """

    codes: np.ndarray
    spans: np.ndarray
    spoken: np.ndarray
    words: list[str]
    titled: np.ndarray
    said: np.ndarray
    sizes: np.ndarray

    def spell(self, number: int) -> str:
        start, stop = self.spans[number]
        return " ".join(self.words[word] for word in self.spoken[start:stop])


def _read_block(shared: None, texts: Sequence[tuple[str, str]]) -> _Block:
    runs = read_runs([*(title for title, _ in texts), *(abstract for _, abstract in texts)], stopwords())
    spoken, words = runs.spoken, runs.normal
    first, size = runs.spans()
    start, stop = runs.edges[first], runs.edges[first + size]
    addresses = running_sum(_among(words, _ADDRESS)[spoken].astype(int))
    letters = running_sum(np.array([len(word) + 1 for word in words], dtype=int)[spoken])
    last, means = spoken[stop - 1], ~_among(words, RESEARCH_WORDS)
    fits = (letters[stop] - letters[start] > 3) & (addresses[start] == addresses[stop])
    fits &= means[last] & ((stop - start == 1) | ~_among(words, stopwords())[last])
    start, stop, text = start[fits], stop[fits], runs.text[runs.held][first[fits]]
    codes, example, number = number_each(runs.codes(start, stop))
    says = text % len(texts) * len(codes) + number
    said, titled = distinct(says), distinct(says[text < len(texts)])
    n = max(len(codes), 1)
    spans = np.column_stack([start, stop])[example].astype(np.int32)
    return _Block(codes, spans, spoken.astype(np.int32), words, np.bincount(titled % n, minlength=len(codes)),
                  (said % n).astype(np.int32), np.bincount(said // n, minlength=len(texts)))


def _among(words: Sequence[str], some: Collection[str]) -> np.ndarray:
    return np.array([word in some for word in words], dtype=bool)


def spell_terms(texts: Sequence[tuple[str, str]], terms: Terms, chosen: np.ndarray) -> dict[int, str]:
    """Return how papers write each `chosen` term that is a noun phrase or an acronym; others are left out.

    A few papers that say the term are read for it, spread over all who do.
    """
    says = terms.says[:, chosen].tocsc()
    readers = set()
    for column in range(says.shape[1]):
        rows = says.indices[says.indptr[column] : says.indptr[column + 1]]
        readers.update(rows[np.unique(np.linspace(0, len(rows) - 1, _SPECIMENS).round().astype(int))].tolist())
    # At least so many of the readers say each chosen term.
    phrases = extract_phrases([texts[row] for row in sorted(readers)], stopwords(), LEAST_PAPERS)
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
