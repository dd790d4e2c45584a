"""New papers in the themes of an earlier run, without a refit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from analysis.schema import PLACED, SEPARATOR, Run, check, empty
from analysis.settings import DeclaredTheme
from analysis.themes.graph import choose_n_neighbours, weigh_nearest
from analysis.themes.guided import score_declared
from analysis.themes.place import place_papers
from analysis.themes.space import count_words, learn_lexicon

N_NEAREST = 5


def place_newcomers(
    run: Run, vectors: np.ndarray, papers: pd.DataFrame, new_vectors: np.ndarray,
    embed: Callable[[list[str]], np.ndarray],
) -> pd.DataFrame:
    """Return where new papers belong among the themes of a run: PLACED; as `Placer` does, made for one use.

    Parameters
    ----------
    run, vectors, embed
        As for `Placer`.
    papers, new_vectors
        As for `Placer.place`.
    """
    return empty(PLACED) if papers.empty else Placer(run, vectors, embed).place(papers, new_vectors)


class Placer:
    """The themes of a run, ready to take new papers: what one placement after the other needs is computed once.

    Parameters
    ----------
    run : Run
    vectors : ndarray of shape (n_papers, n_dimensions)
        Unit rows, in the order of ``run.papers``.
    embed : callable
        Turns texts into unit rows: the declared themes' sentences.
    """

    def __init__(self, run: Run, vectors: np.ndarray, embed: Callable[[list[str]], np.ndarray]) -> None:
        self._run, self._vectors = run, vectors
        themes = run.themes[run.themes["level"] == "theme"].set_index("theme_key")
        self._names = themes["name"]
        self._declared = [_declared(theme) for theme in run.manifest["declared_themes"]]
        self._sentences = embed([f"{theme.name}. {theme.sentence}" for theme in self._declared])
        self._found = [key for key in themes.index if not themes.loc[key, "declared"]]
        words = count_words([f"{title}. {abstract}" for title, abstract in
                             zip(run.papers["title"], run.papers["abstract"], strict=True)])
        self._lexicon, self._space = learn_lexicon(words, vectors, run.manifest["settings"]["random_state"])
        self._belongs = self._membership()

    def place(self, papers: pd.DataFrame, vectors: np.ndarray) -> pd.DataFrame:
        """Return where new papers belong among the themes: PLACED.

        A new paper belongs to a found theme as far as its neighbours among the run's papers do: half by which theme
        is theirs, half by how strongly. To a declared theme it belongs by the theme's words and meaning, as in the run.

        Parameters
        ----------
        papers : DataFrame
            Title and abstract of the new papers.
        vectors : ndarray of shape (n_new, n_dimensions)
            Unit rows, from the run's model.

        Returns
        -------
        DataFrame
            Up to three rows a paper.
        """
        texts = list(zip(papers["title"], papers["abstract"], strict=True))
        guided = score_declared(self._declared, self._sentences, texts, vectors)
        joined = self._lexicon.join([f"{title}. {abstract}" for title, abstract in texts], vectors)
        said = weigh_nearest(joined, self._space, choose_n_neighbours(len(self._space))) @ self._belongs
        nearest = weigh_nearest(vectors, self._vectors, N_NEAREST).indices.reshape(len(texts), -1)
        placed = place_papers(
            [str(row) for row in range(len(papers))], [theme.key for theme in self._declared] + self._found,
            np.hstack([guided, np.clip(said, 0.0, 1.0)]), self._run.manifest["settings"]["max_placements"])
        row = placed.pop("paper_id").astype(int)
        ids, titles = self._run.papers["paper_id"].to_numpy(), self._run.papers["title"].to_numpy()
        return check(placed.assign(
            title=row.map(dict(enumerate(papers["title"]))), theme=placed["theme_key"].map(self._names),
            nearest=[SEPARATOR.join(ids[nearest[i]]) for i in row],
            nearest_titles=[SEPARATOR.join(titles[nearest[i]]) for i in row],
        ), PLACED)

    def _membership(self) -> np.ndarray:
        """Return how far each paper of the run (row) stands in each found theme (column)."""
        rows = pd.Series(np.arange(len(self._run.papers)), self._run.papers["paper_id"])
        columns = pd.Series(np.arange(len(self._found)), self._found, dtype=int)
        held = self._run.placements[self._run.placements["theme_key"].isin(columns.index)]
        belongs = np.zeros((len(rows), len(columns)))
        at = rows[held["paper_id"]].to_numpy(), columns[held["theme_key"]].to_numpy()
        belongs[at] = (held["strength"] + (held["rank"] == 1)) / 2
        return belongs


def _declared(theme: dict[str, Any]) -> DeclaredTheme:
    return DeclaredTheme(theme["key"], theme["name"], theme["sentence"], tuple(theme["include"]),
                         tuple(theme["exclude"]), tuple(theme["papers"]))
