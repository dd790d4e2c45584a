"""Found and declared themes in one table of strengths, and the placements read from it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from analysis.settings import DeclaredTheme
from analysis.themes.choose import min_theme_size

ABSORBED_SHARE = 0.5
CORE_STRENGTH = 0.5
LOOSE_STRENGTH = 0.25
NEXT_TO_SURE = 0.99
SECOND_STRENGTH = 0.2
"""A further placement is told where it is at least this strong."""


@dataclass(frozen=True)
class Blend:
    """Found and declared themes together.

    Parameters
    ----------
    strengths : ndarray of shape (n_papers, n_themes)
        Declared themes first, in their order, then the found ones that no declared theme took in.
    primary : ndarray of shape (n_papers,), int
        Column of each paper's strongest theme.
    declared : tuple of DeclaredTheme
        One for each of the first columns.
    taken_in : dict of int to int
        Found theme → column of the declared theme that took it in.
    found : tuple of int
        Found theme of each column after the declared ones.
    """

    strengths: np.ndarray
    primary: np.ndarray
    declared: tuple[DeclaredTheme, ...]
    taken_in: dict[int, int]
    found: tuple[int, ...] = ()


def blend_themes(
    found: np.ndarray, guided: np.ndarray, declared: Sequence[DeclaredTheme], pinned: Collection[int] = (),
) -> Blend:
    """Return found and declared themes as one set.

    A found theme most of whose papers belong to one declared theme is the same theme under another name: the
    declared one takes it in, and a paper of it that the declared theme's words do not speak for goes to its next
    theme. So does every paper of a found theme left with too few to stand.

    Parameters
    ----------
    found : ndarray of shape (n_papers, n_found)
        Rows sum to 1.
    guided : ndarray of shape (n_papers, n_declared)
        Probabilities.
    pinned : collection of int
        Found themes that stand whatever happens.
    """
    n_papers, n_found = found.shape
    labels = found.argmax(axis=1) if n_found else np.zeros(n_papers, dtype=int)
    taken_in: dict[int, int] = {}
    for theme in range(n_found):
        members = labels == theme
        if not members.any() or not len(declared) or theme in pinned:
            continue
        shares = (guided[members] >= 0.5).mean(axis=0)
        best = int(shares.argmax())
        if shares[best] >= ABSORBED_SHARE:
            taken_in[theme] = best
    kept = [theme for theme in range(n_found) if theme not in taken_in]
    smallest = 1 if n_papers < 6 else min_theme_size(n_papers)
    while True:
        columns = np.hstack([guided, found[:, kept]])
        primary = columns.argmax(axis=1) if columns.shape[1] else np.full(n_papers, -1)
        sizes = np.bincount(primary[primary >= 0], minlength=columns.shape[1])[len(declared):]
        weak = [theme for theme, size in zip(kept, sizes, strict=True) if size < smallest and theme not in pinned]
        if not weak or len(kept) == 1:
            return Blend(columns, primary, tuple(declared), taken_in, tuple(kept))
        weakest = min(weak, key=lambda theme: (int(sizes[kept.index(theme)]), theme))
        kept.remove(weakest)


def hold_papers(blend: Blend, held: Mapping[int, int]) -> Blend:
    """Return the blend with papers where a person put them: row of a paper → column of its theme, at full strength."""
    strengths = blend.strengths.copy()
    for row, column in held.items():
        strengths[row] = np.minimum(strengths[row], NEXT_TO_SURE)
        strengths[row, column] = 1.0
    return replace(blend, strengths=strengths, primary=strengths.argmax(axis=1) if held else blend.primary)


def place_papers(
    paper_ids: Sequence[str], theme_keys: Sequence[str], strengths: np.ndarray, max_placements: int,
) -> pd.DataFrame:
    """Return up to `max_placements` themes for each paper: paper_id, theme_key, rank, strength, tier.

    The first is the strongest; further ones are told where they are strong in their own right. A paper whose
    strongest theme is weak is loose: it is shown with that theme, and not counted as one of its core.
    """
    columns = ["paper_id", "theme_key", "rank", "strength", "tier"]
    rows = []
    order = np.argsort(-strengths, axis=1, kind="stable")[:, :max_placements]
    for row, (paper_id, themes) in enumerate(zip(paper_ids, order, strict=True)):
        for rank, theme in enumerate(themes, start=1):
            strength = float(strengths[row, theme])
            if rank > 1 and strength < SECOND_STRENGTH:
                break
            tier = "core" if strength >= CORE_STRENGTH else "member" if strength >= LOOSE_STRENGTH else "loose"
            rows.append((paper_id, theme_keys[theme], rank, strength, tier))
    return pd.DataFrame(rows, columns=columns)
