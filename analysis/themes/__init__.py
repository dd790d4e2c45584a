"""Vectors and words → themes, placements and the data map."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.schema import CANDIDATES, MAP, PLACEMENTS, SIMILARITY, THEMES, check
from analysis.settings import DeclaredTheme, Settings
from analysis.themes.datamap import map_papers
from analysis.themes.evidence import find_evidence
from analysis.themes.fit import CONSENSUS, Fit, fit_themes, regroup
from analysis.themes.guided import ExampleCheck, check_examples, score_declared
from analysis.themes.levels import key_levels, name_levels, split_levels
from analysis.themes.place import Blend, blend_themes, place_papers
from analysis.themes.rivals import MAX_JUDGED, N_REFITS, RIVALS, judge_methods
from analysis.themes.stability import Refit, Stability, measure_stability, refit_without_some
from analysis.themes.tables import candidates_table, similarity_table, themes_table
from analysis.themes.tree import grow_tree

__all__ = ["Themes", "find_themes"]


class Themes(NamedTuple):
    """What `find_themes` returns: checked tables, and how they were reached."""

    placements: pd.DataFrame
    themes: pd.DataFrame
    similarity: pd.DataFrame
    map: pd.DataFrame
    candidates: pd.DataFrame
    stability: Stability
    examples: list[ExampleCheck]
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
    refits = refit_without_some(joined, vectors, settings.detail, settings.random_state, settings.n_resamples)
    judged = _judge(joined, vectors, fit, refits, settings)
    method = CONSENSUS if judged.empty else judged.loc[judged["chosen"], "method"].iloc[0]
    if method in RIVALS:
        fit = regroup(fit, RIVALS[method], settings.random_state)
        refits = [Refit(rows, regroup(again, RIVALS[method], settings.random_state)) for rows, again in refits]
    sentences = [f"{theme.name}. {theme.sentence}" for theme in declared]
    declared_vectors = embed(sentences) if len(papers) else vectors
    guided = score_declared(declared, declared_vectors, texts, vectors)
    by_words = score_declared(declared, declared_vectors, texts, vectors, trust_examples=False)
    blend = blend_themes(fit.strengths, guided, declared)
    stability = measure_stability(blend, refits, guided, declared)
    n_themes = blend.strengths.shape[1]
    tree = grow_tree(fit.graph, vectors, blend.primary, n_themes, settings.random_state)
    levels = split_levels(blend, tree)
    names = name_levels(levels, texts, vectors, embed, [theme.name for theme in declared])
    keys = key_levels(levels, papers["paper_id"], [theme.key for theme in declared])
    placements = place_papers(papers["paper_id"], keys["theme"], blend.strengths, settings.max_placements)
    steady = pd.Series(stability.papers, index=papers["paper_id"])
    first = placements["rank"] == 1
    placements["stability"] = placements["paper_id"].map(steady).where(first)
    finer = pd.Series([keys["fine"][i] if i >= 0 else None for i in tree.fine], papers["paper_id"], dtype="str")
    placements["fine_key"] = placements["paper_id"].map(finer).where(first)
    terms = {key: _evidence_terms(said.terms, blend, column)
             for column, (key, said) in enumerate(zip(keys["theme"], names["theme"], strict=True))}
    placements = find_evidence(placements, papers, terms)
    themes = themes_table(levels, keys, names, papers["paper_id"], placements, stability.themes, declared)
    places, map_method = map_papers(fit.space, fit.graph, settings.random_state)
    return Themes(
        placements=check(placements.sort_values(["paper_id", "rank"]), PLACEMENTS),
        themes=check(themes, THEMES),
        similarity=check(similarity_table(blend, keys["theme"], vectors, placements), SIMILARITY),
        map=check(pd.DataFrame({"paper_id": papers["paper_id"], "x": places[:, 0], "y": places[:, 1]}), MAP),
        candidates=check(candidates_table(fit, judged, len(papers)), CANDIDATES),
        stability=stability,
        examples=check_examples(declared, by_words, papers["title"]),
        method=_describe(fit, method, blend, judged, map_method),
    )


def _judge(
    joined: Sequence[str], vectors: np.ndarray, fit: Fit, refits: Sequence[Refit], settings: Settings,
) -> pd.DataFrame:
    """Judge the ways to group on all papers, or on a sample where the slowest way would take long."""
    if len(joined) <= MAX_JUDGED:
        return judge_methods(fit, refits, settings.random_state)
    rows = np.sort(np.random.default_rng(settings.random_state).choice(len(joined), MAX_JUDGED, replace=False))
    texts, detail, seed = [joined[row] for row in rows], settings.detail, settings.random_state
    parts = refit_without_some(texts, vectors[rows], detail, seed, min(settings.n_resamples, N_REFITS))
    return judge_methods(fit_themes(texts, vectors[rows], detail, seed), parts, seed)


def _evidence_terms(terms: Sequence[str], blend: Blend, column: int) -> list[str]:
    if column < len(blend.declared):
        theme = blend.declared[column]
        return list(dict.fromkeys([theme.name, *theme.include, *terms]))
    return list(terms)


def _describe(fit: Fit, method: str, blend: Blend, judged: pd.DataFrame, map_method: str) -> dict[str, Any]:
    runners_up = [] if judged.empty else judged.loc[~judged["chosen"]].sort_values("score", ascending=False)["method"]
    return {
        "themes": method if fit.cut is not None else "one group",
        "runners_up": list(runners_up),
        "n_found": int(blend.strengths.shape[1] - len(blend.declared)),
        "n_declared": len(blend.declared),
        "n_taken_in": len(blend.taken_in),
        "map": map_method,
    }
