"""New papers in the themes of an earlier run, without a refit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.schema import PLACED, SEPARATOR, Run, check, empty
from analysis.settings import DeclaredTheme
from analysis.themes.graph import choose_n_neighbours
from analysis.themes.guided import score_declared
from analysis.themes.place import place_papers
from analysis.themes.space import join_new

N_NEAREST = 5


def place_newcomers(
    run: Run, vectors: np.ndarray, papers: pd.DataFrame, new_vectors: np.ndarray,
    embed: Callable[[list[str]], np.ndarray],
) -> pd.DataFrame:
    """Return where new papers belong among the themes of a run: PLACED.

    A new paper belongs to a found theme as far as its neighbours among the run's papers do: half by which theme is
    theirs, half by how strongly. To a declared theme it belongs by the theme's words and meaning, as in the run.

    Parameters
    ----------
    run : Run
    vectors : ndarray of shape (n_papers, n_dimensions)
        Unit rows, in the order of ``run.papers``.
    papers : DataFrame
        Title and abstract of the new papers.
    new_vectors : ndarray of shape (n_new, n_dimensions)
        Unit rows, from the same model.
    embed : callable
        Turns texts into unit rows: the declared themes' sentences.

    Returns
    -------
    DataFrame
        Up to three rows a paper.
    """
    if papers.empty:
        return empty(PLACED)
    themes = run.themes[run.themes["level"] == "theme"].set_index("theme_key")
    declared = [_declared(theme) for theme in run.manifest["declared_themes"]]
    found = [key for key in themes.index if not themes.loc[key, "declared"]]
    texts = list(zip(papers["title"], papers["abstract"], strict=True))
    sentences = [f"{theme.name}. {theme.sentence}" for theme in declared]
    guided = score_declared(declared, embed(sentences), texts, new_vectors)
    nearest = np.argsort(-(new_vectors @ vectors.T), axis=1, kind="stable")[:, :N_NEAREST]
    strengths = np.hstack([guided, _neighbours_say(run, vectors, texts, new_vectors, found)])
    rows = [str(row) for row in range(len(papers))]
    keys = [theme.key for theme in declared] + found
    placed = place_papers(rows, keys, strengths, run.manifest["settings"]["max_placements"])
    row = placed.pop("paper_id").astype(int)
    ids, titles = run.papers["paper_id"].to_numpy(), run.papers["title"].to_numpy()
    return check(placed.assign(
        title=row.map(dict(enumerate(papers["title"]))), theme=placed["theme_key"].map(themes["name"]),
        nearest=[SEPARATOR.join(ids[nearest[i]]) for i in row],
        nearest_titles=[SEPARATOR.join(titles[nearest[i]]) for i in row],
    ), PLACED)


def _neighbours_say(
    run: Run, vectors: np.ndarray, texts: Sequence[tuple[str, str]], new_vectors: np.ndarray, found: list[str],
) -> np.ndarray:
    """Return how far each new paper (row) belongs to each found theme (column)."""
    old = [f"{title}. {abstract}" for title, abstract in zip(run.papers["title"], run.papers["abstract"], strict=True)]
    new = [f"{title}. {abstract}" for title, abstract in texts]
    space, new_space = join_new(old, vectors, new, new_vectors, run.manifest["settings"]["random_state"])
    rows = pd.Series(np.arange(len(run.papers)), run.papers["paper_id"])
    columns = pd.Series(np.arange(len(found)), found, dtype=int)
    held = run.placements[run.placements["theme_key"].isin(columns.index)]
    strength, own = np.zeros((2, len(run.papers), len(found)))
    at = rows[held["paper_id"]].to_numpy(), columns[held["theme_key"]].to_numpy()
    strength[at] = held["strength"]
    own[at] = held["rank"] == 1
    cosine = new_space @ space.T
    n_neighbours = min(choose_n_neighbours(len(space)), len(space))
    said = np.zeros((len(new), len(found)))
    for row, near in enumerate(np.argsort(-cosine, axis=1, kind="stable")[:, :n_neighbours]):
        # As in the run's own graph, a paper's distances are scaled to its own neighbourhood.
        distance = 1 - cosine[row, near]
        weight = np.exp(-(distance - distance.min(initial=1)) / max(float(distance.std()), 1e-6)) if len(near) else near
        said[row] = weight @ ((own[near] + strength[near]) / 2) / max(float(weight.sum()), 1e-12)
    return np.clip(said, 0.0, 1.0)


def _declared(theme: dict[str, Any]) -> DeclaredTheme:
    return DeclaredTheme(theme["key"], theme["name"], theme["sentence"], tuple(theme["include"]),
                         tuple(theme["exclude"]), tuple(theme["papers"]))
