"""Vectors and words → themes, placements and the data map."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.names import name_themes
from analysis.schema import CANDIDATES, MAP, PLACEMENTS, SEPARATOR, SIMILARITY, THEMES, check
from analysis.settings import DeclaredTheme, Settings
from analysis.themes.datamap import map_papers
from analysis.themes.evidence import find_evidence
from analysis.themes.fit import Fit, fit_themes
from analysis.themes.graph import choose_n_neighbours
from analysis.themes.guided import score_declared
from analysis.themes.place import Blend, blend_themes, place_papers
from analysis.themes.stability import Stability, measure_stability

N_EXEMPLARS = 5

__all__ = ["Themes", "find_themes"]


class Themes(NamedTuple):
    """What `find_themes` returns: checked tables, and how they were reached."""

    placements: pd.DataFrame
    themes: pd.DataFrame
    similarity: pd.DataFrame
    map: pd.DataFrame
    candidates: pd.DataFrame
    stability: Stability
    method: dict[str, Any]


def find_themes(
    papers: pd.DataFrame, vectors: np.ndarray, settings: Settings, embed: Callable[[list[str]], np.ndarray],
    declared: Sequence[DeclaredTheme] = (),
) -> Themes:
    """Return the themes of `papers`, every paper placed.

    Parameters
    ----------
    papers : DataFrame
        PAPERS.
    vectors : ndarray of shape (n_papers, n_dimensions)
        Unit rows, in the order of `papers`.
    embed : callable
        Turns texts into unit rows of the same dimensions: declared themes' sentences, and candidates for names.
    declared : sequence of DeclaredTheme
    """
    texts = list(zip(papers["title"], papers["abstract"], strict=True))
    joined = [f"{title}. {abstract}" for title, abstract in texts]
    fit = fit_themes(joined, vectors, settings.detail, settings.random_state)
    sentences = [f"{theme.name}. {theme.sentence}" for theme in declared]
    guided = score_declared(declared, embed(sentences) if len(papers) else vectors, texts, vectors)
    blend = blend_themes(fit.strengths, guided, declared)
    stability = measure_stability(joined, vectors, fit, blend, guided, declared, settings)
    words = name_themes(texts, _primary_only(blend), vectors, embed, _given_names(blend))
    keys = _theme_keys(blend, papers["paper_id"])
    placements = place_papers(papers["paper_id"], keys, blend.strengths, settings.max_placements)
    steady = pd.Series(stability.papers, index=papers["paper_id"])
    placements["stability"] = placements["paper_id"].map(steady).where(placements["rank"] == 1)
    terms = {key: _evidence_terms(theme.terms, blend, column)
             for column, (key, theme) in enumerate(zip(keys, words, strict=True))}
    placements = find_evidence(placements, papers, terms)
    themes = _themes_table(blend, keys, words, placements, stability.themes)
    places, map_method = map_papers(fit.space, choose_n_neighbours(len(papers)), settings.random_state)
    return Themes(
        placements=check(placements.sort_values(["paper_id", "rank"]), PLACEMENTS),
        themes=check(themes, THEMES),
        similarity=check(_similarity_table(blend, keys, vectors, placements), SIMILARITY),
        map=check(pd.DataFrame({"paper_id": papers["paper_id"], "x": places[:, 0], "y": places[:, 1]}), MAP),
        candidates=check(_candidates_table(fit, len(papers)), CANDIDATES),
        stability=stability,
        method=_describe(fit, blend, map_method),
    )


def _primary_only(blend: Blend) -> np.ndarray:
    own = np.zeros_like(blend.strengths)
    rows = np.flatnonzero(blend.primary >= 0)
    own[rows, blend.primary[rows]] = blend.strengths[rows, blend.primary[rows]]
    return own


def _given_names(blend: Blend) -> list[str | None]:
    n_found = blend.strengths.shape[1] - len(blend.declared)
    return [theme.name for theme in blend.declared] + [None] * n_found


def _theme_keys(blend: Blend, paper_ids: pd.Series) -> list[str]:
    keys = [theme.key for theme in blend.declared]
    for column in range(len(keys), blend.strengths.shape[1]):
        # A found theme is known by its strongest papers, not by a number that the next run deals anew.
        own = np.flatnonzero(blend.primary == column)
        best = own[np.argsort(-blend.strengths[own, column], kind="stable")][:N_EXEMPLARS]
        digest = hashlib.sha256(" ".join(sorted(paper_ids.iloc[best])).encode()).hexdigest()
        keys.append(f"t{digest[:8]}")
    return keys


def _evidence_terms(terms: Sequence[str], blend: Blend, column: int) -> list[str]:
    if column < len(blend.declared):
        theme = blend.declared[column]
        return list(dict.fromkeys([theme.name, *theme.include, *terms]))
    return list(terms)


def _themes_table(
    blend: Blend, keys: list[str], words: list[Any], placements: pd.DataFrame, stability: np.ndarray,
) -> pd.DataFrame:
    primary = placements[placements["rank"] == 1]
    n_papers = primary["theme_key"].value_counts()
    n_any = placements["theme_key"].value_counts()
    rows = []
    for column, (key, said) in enumerate(zip(keys, words, strict=True)):
        is_declared = column < len(blend.declared)
        own = primary[primary["theme_key"] == key].sort_values(["strength", "paper_id"], ascending=[False, True])
        terms = said.terms or (blend.declared[column].include if is_declared else ())
        rows.append({
            "theme_key": key, "name": said.name, "name_source": "declared" if is_declared else "papers",
            "level": "theme", "parent_key": None, "declared": is_declared,
            "n_papers": int(n_papers.get(key, 0)), "n_any": int(n_any.get(key, 0)),
            "terms": SEPARATOR.join(terms) or None,
            "exemplars": SEPARATOR.join(own["paper_id"].head(N_EXEMPLARS)) or None,
            "stability": stability[column],
        })
    table = pd.DataFrame(rows, columns=THEMES.column_names)
    return table.sort_values(["n_papers", "name"], ascending=[False, True])


def _similarity_table(
    blend: Blend, keys: list[str], vectors: np.ndarray, placements: pd.DataFrame,
) -> pd.DataFrame:
    centroids = blend.strengths.T @ vectors if vectors.shape[1] else np.zeros((len(keys), 1))
    centroids = centroids / np.maximum(np.linalg.norm(centroids, axis=1, keepdims=True), 1e-12)
    cosine = np.clip(centroids @ centroids.T, -1, 1)
    inside = pd.crosstab(placements["paper_id"], placements["theme_key"]).reindex(columns=keys, fill_value=0).to_numpy()
    shared = inside.T @ inside
    rows = [
        (keys[a], keys[b], cosine[a, b], shared[a, b])
        for a in range(len(keys)) for b in range(len(keys)) if a != b
    ]
    return pd.DataFrame(rows, columns=SIMILARITY.column_names)


def _candidates_table(fit: Fit, n_papers: int) -> pd.DataFrame:
    if fit.cut is None:
        row = {"method": "one group", "parameter": f"n_papers={n_papers}", "n_themes": min(n_papers, 1),
               "largest_share": float(min(n_papers, 1)), "stability": None, "balance": None, "score": None,
               "separation": None, "chosen": True}
        return pd.DataFrame([row])
    table = fit.cut.candidates.assign(method="consensus of neighbour graphs", separation=None)
    table["parameter"] = "n_themes=" + table["n_themes"].astype(str)
    return table


def _describe(fit: Fit, blend: Blend, map_method: str) -> dict[str, Any]:
    return {
        "themes": "consensus of neighbour graphs" if fit.cut is not None else "one group",
        "n_found": int(blend.strengths.shape[1] - len(blend.declared)),
        "n_declared": len(blend.declared),
        "n_taken_in": len(blend.taken_in),
        "map": map_method,
    }
