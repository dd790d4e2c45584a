"""Runs of words that no stop word or mark breaks, of many texts at once, and the phrases in them by running sums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.names.lexicon import Word, find_tokens, look_up

MAX_WORDS = 4
MAX_CHARACTERS = 40

_BASE = 0xD6E8FEB86659FD93
"""An odd number, so that each power of it has an inverse."""


@dataclass(frozen=True)
class Runs:
    """The runs of words of some texts.

    Parameters
    ----------
    words : list of Word
        The tokens of the texts, each once.
    at, text : int arrays of shape (n_places,)
        Number of the token at each place, and of the text.
    held : int array of shape (n_held,)
        The places whose tokens phrases are made of: no stop words, no marks.
    run : int array of shape (n_held,)
        Number of the run that each stands in, rising.
    normal : list of str
        The words of normal forms, each once.
    spoken : int array
        Their numbers, one after the other: a token is one of them, or several where it has hyphens.
    edges : int array of shape (n_held + 1,)
        Where in `spoken` those of each held place begin, and where the last ones end.
    """

    words: list[Word]
    at: np.ndarray
    text: np.ndarray
    held: np.ndarray
    run: np.ndarray
    normal: list[str]
    spoken: np.ndarray
    edges: np.ndarray

    def told(self, feature: Callable[[Word], bool]) -> np.ndarray:
        """Return of which places something is true."""
        return np.array([feature(word) for word in self.words], dtype=bool)[self.at]

    def spans(self) -> tuple[np.ndarray, np.ndarray]:
        """Return all phrases that are not too long: which held places are their first, and how many tokens they have.

        No phrase is put together, for most occur once.
        """
        letters = running_sum(np.array([len(word) + 1 for word in self.normal], dtype=int)[self.spoken])
        firsts, sizes = [], []
        for size in range(1, MAX_WORDS + 1):
            first = np.arange(max(len(self.held) - size + 1, 0))
            fits = self.run[first] == self.run[first + size - 1]
            fits &= letters[self.edges[first + size]] - letters[self.edges[first]] - 1 <= MAX_CHARACTERS
            firsts.append(first[fits])
            sizes.append(np.full(len(firsts[-1]), size))
        return np.concatenate(firsts), np.concatenate(sizes)

    def codes(self, start: np.ndarray, stop: np.ndarray) -> np.ndarray:
        """Return a hash of the normal form between two places of `spoken`; it is the same in other texts."""
        hashes = pd.util.hash_array(np.array(self.normal, dtype=object), categorize=False)
        return _hash(hashes[self.spoken], start, stop)

    def ways(self, first: np.ndarray, size: np.ndarray) -> np.ndarray:
        """Return a hash of the tokens of phrases."""
        hashes = pd.util.hash_array(np.arange(1, len(self.words) + 1))  # that of 0 is 0, which would add nothing
        return _hash(hashes[self.at[self.held]], first, first + size)


def read_runs(texts: Iterable[str], stopwords: frozenset[str]) -> Runs:
    """Return the runs of words of texts."""
    numbers: defaultdict[str, int] = defaultdict()
    numbers.default_factory = numbers.__len__
    places: list[int] = []
    sizes = []
    for one in texts:
        tokens = find_tokens(one)
        places.extend(map(numbers.__getitem__, tokens))
        sizes.append(len(tokens))
    words = look_up(numbers, stopwords)
    at, text = np.array(places, dtype=int), np.arange(len(sizes)).repeat(sizes)
    held = np.flatnonzero(~np.array([word.ends for word in words], dtype=bool)[at])
    own = at[held]
    begins = (np.diff(held, prepend=-2) > 1) | (np.diff(text[held], prepend=-1) > 0)
    # "l'analyse d'un corpus": the article before the apostrophe ends a phrase; "a teacher's student" is two phrases.
    begins |= np.array([word.is_cut for word in words], dtype=bool)[own]
    begins[1:] |= np.array([word.is_owner for word in words], dtype=bool)[own[:-1]]
    known: dict[str, int] = {}
    normal = np.array([known.setdefault(part, len(known)) for word in words for part in word.normal], dtype=int)
    n_parts = np.array([len(word.normal) for word in words], dtype=int)
    edges = running_sum(n_parts[own])
    spoken = normal[((n_parts.cumsum() - n_parts)[own] - edges[:-1]).repeat(n_parts[own]) + np.arange(edges[-1])]
    return Runs(words, at, text, held, begins.cumsum(), list(known), spoken, edges)


def running_sum(values: np.ndarray) -> np.ndarray:
    """Return the sums of the first 0, 1, 2, … values."""
    return np.concatenate([np.zeros(1, values.dtype), values]).cumsum(dtype=values.dtype)


def distinct(numbers: np.ndarray) -> np.ndarray:
    """Return what `np.unique` does, which hashes plain numbers and takes longer."""
    numbers = np.sort(numbers)
    return numbers[np.diff(numbers, prepend=-1) > 0]


def number_each(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return each value once, in the order in which they come, where it first stands, and its number at every place.

    It is `np.unique` with index and inverse, which sorts the values and takes longer.
    """
    number, known = pd.factorize(values)
    return known, np.flatnonzero(np.diff(np.maximum.accumulate(number), prepend=-1)), number


def _hash(hashes: np.ndarray, start: np.ndarray, stop: np.ndarray) -> np.ndarray:
    """Return a hash of parts of a sequence: the sum of its hashes, each times a power for its place in the part."""
    powers = np.cumprod(np.full(len(hashes) + 1, _BASE, dtype=np.uint64))
    inverse = np.cumprod(np.full(len(hashes) + 1, pow(_BASE, -1, 2**64), dtype=np.uint64))
    sums = running_sum(hashes * powers[:-1])
    return (sums[stop] - sums[start]) * inverse[start]
