"""The three levels of the tree as columns: which papers stand where, under which key, and by which name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pandas as pd

from analysis.names import MAX_NAME_WORDS, ThemeWords, name_themes, read_texts
from analysis.themes.place import Blend
from analysis.themes.tree import Tree

N_EXEMPLARS = 5


@dataclass(frozen=True)
class Level:
    """One level of the tree.

    Parameters
    ----------
    strengths : ndarray of shape (n_papers, n_themes_here)
        How far each paper belongs to the theme that it stands in here; 0 elsewhere.
    parents : ndarray of shape (n_themes_here,), int
        Theme one level up; -1 where there is none.
    """

    strengths: np.ndarray
    parents: np.ndarray

    def best_papers(self, theme: int) -> np.ndarray:
        """Return the rows of the theme's strongest papers, strongest first."""
        own = np.flatnonzero(self.strengths[:, theme] > 0)
        return own[np.argsort(-self.strengths[own, theme], kind="stable")][:N_EXEMPLARS]


def split_levels(blend: Blend, tree: Tree) -> dict[str, Level]:
    """Return the levels ``broad``, ``theme`` and ``fine``; children part the papers of their parent between them."""
    primary = blend.primary
    held = np.zeros_like(blend.strengths)
    rows = np.flatnonzero(primary >= 0)
    # A strength of exactly 0 would put the paper nowhere, and it stands where its strongest theme is.
    held[rows, primary[rows]] = np.maximum(blend.strengths[rows, primary[rows]], 1e-9)
    n_broad, n_fine = int(tree.broad.max(initial=-1)) + 1, int(tree.fine.max(initial=-1)) + 1
    broad = np.zeros((len(primary), n_broad))
    for theme in np.flatnonzero(tree.broad >= 0):
        broad[:, tree.broad[theme]] += held[:, theme]
    fine, above = np.zeros((len(primary), n_fine)), np.full(n_fine, -1)
    parted = np.flatnonzero(tree.fine >= 0)
    fine[parted, tree.fine[parted]] = held[parted, primary[parted]]
    above[tree.fine[parted]] = primary[parted]
    return {
        "broad": Level(broad, np.full(n_broad, -1)), "theme": Level(held, tree.broad), "fine": Level(fine, above),
    }


def name_levels(
    levels: dict[str, Level], texts: Sequence[tuple[str, str]], vectors: np.ndarray,
    embed: Callable[[list[str]], np.ndarray], given: dict[str, list[str | None]],
) -> dict[str, list[ThemeWords]]:
    """Return names for every level; no theme takes a name that stands on another level.

    A broad theme is called what at least two of its themes say, or, where that is no phrase, by its two largest.

    Parameters
    ----------
    given : dict of str to list of str or None
        Names that stand already, level by level: those of declared themes, and those that a theme keeps.
    """
    reading = read_texts(texts, np.hstack([level.strengths for level in levels.values()]))
    meanings: dict[str, np.ndarray] = {}

    def embed_once(phrases: list[str]) -> np.ndarray:
        new = [phrase for phrase in phrases if phrase not in meanings]
        meanings.update(zip(new, embed(new), strict=True) if new else ())
        return np.array([meanings[phrase] for phrase in phrases])

    middle = levels["theme"].strengths
    names = {"theme": name_themes(texts, middle, vectors, embed_once, given["theme"], reading=reading)}
    primary = np.where(middle.any(axis=1), middle.argmax(axis=1), -1) if middle.shape[1] else np.full(len(middle), -1)
    taken = {word.name for word in names["theme"]}
    for level, children in (("broad", primary), ("fine", None)):
        strengths = levels[level].strengths
        kept = [None if name in taken else name for name in given[level]]
        names[level] = name_themes(texts, strengths, vectors, embed_once, kept, [taken] * strengths.shape[1],
                                   reading=reading, children=children)
        if level == "broad":
            sizes = np.bincount(primary[primary >= 0], minlength=middle.shape[1])
            names[level] = [word if kept[broad] else _join_names(
                word, np.flatnonzero(levels["theme"].parents == broad), names["theme"], sizes)
                for broad, word in enumerate(names[level])]
        taken = taken | {word.name for word in names[level]}
    return names


def _join_names(word: ThemeWords, children: np.ndarray, named: list[ThemeWords], sizes: np.ndarray) -> ThemeWords:
    """Return a broad theme's own name where it is a phrase, or else the names of its two largest themes as one."""
    if " " in word.name and word.coverage > 0:
        return word
    largest = sorted(children, key=lambda child: (-sizes[child], child))
    names = [named[child].name.partition(" (")[0] for child in largest]
    for one, other in combinations(names, 2):
        joined = f"{one} & {other[:1].lower() + other[1:] if other[1:2].islower() else other}"
        if len(joined.split()) <= MAX_NAME_WORDS:
            return replace(word, name=joined)
    return word


def key_levels(
    levels: dict[str, Level], paper_ids: pd.Series, given: dict[str, list[str | None]],
) -> dict[str, list[str]]:
    """Return the keys of every level's themes: those that are settled, and for the others one drawn from their papers.

    A found theme is known by its papers, not by a number that the next run deals anew.

    Parameters
    ----------
    given : dict of str to list of str or None
        Keys that are settled, level by level: declared themes', and those that go on under the key they had.
    """
    taken = {key for keys in given.values() for key in keys if key is not None}
    keys: dict[str, list[str]] = {}
    for name, level in levels.items():
        keys[name] = []
        for column, own in enumerate(given[name]):
            key = own or _key(name, sorted(paper_ids.iloc[level.best_papers(column)]), taken)
            taken.add(key)
            keys[name].append(key)
    return keys


def _key(level: str, papers: list[str], taken: Collection[str]) -> str:
    seed = " ".join(papers if level == "theme" else [level, *papers])
    while True:
        key = f"t{hashlib.sha256(seed.encode()).hexdigest()[:8]}"
        if key not in taken:
            return key
        seed += " "
