"""The three levels of the tree as columns: which papers stand where, under which key, and by which name."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.names import ThemeWords, name_themes
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
    embed: Callable[[list[str]], np.ndarray], declared: Sequence[str],
) -> dict[str, list[ThemeWords]]:
    """Return names for every level; no theme takes a name that stands on another level."""
    middle = levels["theme"]
    given: list[str | None] = [*declared, *[None] * (middle.strengths.shape[1] - len(declared))]
    names = {"theme": name_themes(texts, middle.strengths, vectors, embed, given)}
    taken = {word.name for word in names["theme"]}
    for level in ("broad", "fine"):
        strengths = levels[level].strengths
        names[level] = name_themes(texts, strengths, vectors, embed, avoid=[taken] * strengths.shape[1])
        taken = taken | {word.name for word in names[level]}
    return names


def key_levels(levels: dict[str, Level], paper_ids: pd.Series, declared: Sequence[str]) -> dict[str, list[str]]:
    """Return the keys of every level's themes: a declared one's own, or one drawn from its strongest papers.

    A found theme is known by its papers, not by a number that the next run deals anew.
    """
    keys: dict[str, list[str]] = {}
    for name, level in levels.items():
        given = list(declared) if name == "theme" else []
        keys[name] = given + [
            _key(name, sorted(paper_ids.iloc[level.best_papers(column)]))
            for column in range(len(given), level.strengths.shape[1])
        ]
    return keys


def _key(level: str, papers: list[str]) -> str:
    seed = " ".join(papers if level == "theme" else [level, *papers])
    return f"t{hashlib.sha256(seed.encode()).hexdigest()[:8]}"
