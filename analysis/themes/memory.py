"""What a run knows of the run before: its themes' keys, names and badges, and where each paper stood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.names.support import is_said
from analysis.themes.match import Ended, cosines, count_shared, match_ended, match_themes
from analysis.themes.tree import Stood

N_SAYING = 30
"""Strongest papers of a theme that are asked whether they still say its name."""
MEASURED_SHARE = 0.9
"""Badges are handed on while so many of the papers have one, and measured anew after."""


@dataclass(frozen=True)
class Memory:
    """The run before, as the next one sees it.

    Parameters
    ----------
    themes, placements : DataFrame
        Its THEMES and PLACEMENTS.
    agreement : float or None
        Its refits' median agreement.
    ended : tuple of Ended
        Themes of still earlier runs, which it had not.
    places : DataFrame or None
        Its MAP.
    known : mapping of str to float
        Key → share of the theme's papers that were there when its parts were sought; none for a theme that did not
        tell.
    """

    themes: pd.DataFrame
    placements: pd.DataFrame
    agreement: float | None = None
    ended: tuple[Ended, ...] = ()
    places: pd.DataFrame | None = None
    known: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def standing(self) -> pd.DataFrame:
        """Where each paper stood, once a level."""
        return list_standing(self.placements, self.themes)

    def where(self, level: str) -> pd.Series:
        """Return the theme that each paper stood in: paper_id → theme_key."""
        return self.standing[self.standing["level"] == level].set_index("paper_id")["theme_key"]

    def groups(self, paper_ids: pd.Series, level: str = "theme") -> tuple[np.ndarray, list[str]]:
        """Return where each of today's papers stood, as numbers (-1: nowhere), and the keys of the numbers."""
        keys = sorted(self.themes.loc[self.themes["level"] == level, "theme_key"])
        return pd.Index(keys).get_indexer(paper_ids.map(self.where(level))), keys

    def tree(self, paper_ids: pd.Series) -> Stood:
        """Return the tree as today's papers stood in it."""
        themes, keys = self.groups(paper_ids)
        return Stood(themes, self.groups(paper_ids, "fine")[0], np.array([self.known.get(key, 0.0) for key in keys]))

    def where_on_map(self, paper_ids: pd.Series) -> np.ndarray | None:
        """Return each paper's place on the map, nan for a new one: shape (n_papers, 2)."""
        if self.places is None:
            return None
        return self.places.set_index("paper_id")[["x", "y"]].reindex(paper_ids).to_numpy(dtype=float)

    def hand_on_keys(
        self, level: str, now: np.ndarray, given: Sequence[str | None], paper_ids: pd.Series, vectors: np.ndarray,
    ) -> list[str | None]:
        """Return the key that each theme of today goes on under; None where it is a new one.

        Parameters
        ----------
        now : ndarray of shape (n_papers,), int
            Theme of each paper, -1 for none.
        given : sequence of str or None, length n_themes
            Keys that are settled already.
        vectors : ndarray of shape (n_papers, n_dimensions)
            Unit rows.
        """
        keys, taken = list(given), {key for key in given if key is not None}
        then, old_keys = self.groups(paper_ids, level)
        free_old = [number for number, key in enumerate(old_keys) if key not in taken]
        free = [column for column, key in enumerate(keys) if key is None]
        if free and free_old:
            shared = count_shared(now, then, len(keys), len(old_keys))[np.ix_(free, free_old)]
            likeness = cosines(_centres(vectors, now, free), _centres(vectors, then, free_old))
            match = match_themes(shared, likeness)
            for a, b in zip(match.now, match.then, strict=True):
                keys[free[a]] = old_keys[free_old[b]]
        free = [column for column in free if keys[column] is None]
        ended = [theme for theme in self.ended if theme.level == level and theme.theme_key not in keys]
        if free and ended:
            middle = vectors.mean(axis=0)
            for a, b, _ in match_ended(_centres(vectors, now, free), ended, middle):
                keys[free[a]] = ended[b].theme_key
        return keys

    def hand_on_names(
        self, keys: Sequence[str | None], strengths: np.ndarray, texts: Sequence[tuple[str, str]],
    ) -> list[str | None]:
        """Return the name that each theme keeps: its last one, as long as its papers say it."""
        known = {theme.theme_key: theme.name for theme in self.ended}
        known |= dict(zip(self.themes["theme_key"], self.themes["name"], strict=True))
        names: list[str | None] = []
        for column, key in enumerate(keys):
            name = known.get(key) if key is not None else None
            best = np.argsort(-strengths[:, column], kind="stable")[:N_SAYING]
            said = [" ".join(texts[row]) for row in best if strengths[row, column] > 0]
            names.append(name if name is not None and name not in names and is_said(name, said) else None)
        return names

    def badges(self, paper_ids: pd.Series, keys: Sequence[str]) -> tuple[np.ndarray, pd.Series] | None:
        """Return the stability of papers and themes as it was measured; None where too many papers have none."""
        first = self.placements[self.placements["rank"] == 1].set_index("paper_id")
        # A badge belongs to a placement: one that has changed since has none.
        here = pd.Series(list(keys), index=paper_ids)
        same = first["theme_key"].reindex(paper_ids) == here
        papers = first["stability"].reindex(paper_ids).where(same).to_numpy(dtype=float)
        if self.agreement is None or not len(papers) or (~np.isnan(papers)).mean() < MEASURED_SHARE:
            return None
        return papers, self.themes.set_index("theme_key")["stability"]


def list_standing(placements: pd.DataFrame, themes: pd.DataFrame) -> pd.DataFrame:
    """Return where each paper stands, once a level: paper_id, level, theme_key.

    Parameters
    ----------
    placements, themes : DataFrame
        PLACEMENTS and THEMES of one run.
    """
    first = placements[placements["rank"] == 1]
    parent = themes.set_index("theme_key")["parent_key"]
    levels = {"broad": first["theme_key"].map(parent), "theme": first["theme_key"], "fine": first["fine_key"]}
    frames = [pd.DataFrame({"paper_id": first["paper_id"], "level": level, "theme_key": keys}).dropna()
              for level, keys in levels.items()]
    return pd.concat(frames, ignore_index=True)


def _centres(vectors: np.ndarray, groups: np.ndarray, wanted: Sequence[int]) -> np.ndarray:
    """Return the mean vector of each wanted group; zeros for an empty one."""
    centres = np.zeros((len(wanted), vectors.shape[1]))
    for number, group in enumerate(wanted):
        if (groups == group).any():
            centres[number] = vectors[groups == group].mean(axis=0)
    return centres
