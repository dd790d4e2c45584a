"""Vectors and words → themes, placements and the data map."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from analysis.ledger import Edited, Entry, apply_to_themes, edit_groups
from analysis.schema import CANDIDATES, MAP, PLACEMENTS, SIMILARITY, THEMES, check
from analysis.settings import DeclaredTheme, Settings
from analysis.themes.datamap import map_papers
from analysis.themes.evidence import find_evidence
from analysis.themes.fit import CONSENSUS, Fit, Grouping, fit_themes, regroup, relabel
from analysis.themes.guided import ExampleCheck, check_examples, score_declared
from analysis.themes.levels import Level, key_levels, name_levels, split_levels
from analysis.themes.memory import Memory
from analysis.themes.place import Blend, blend_themes, hold_papers, place_papers
from analysis.themes.rivals import MAX_JUDGED, N_REFITS, RIVALS, judge_methods
from analysis.themes.sample import choose_fitted, spread_fit, spread_refit, spread_tree
from analysis.themes.space import WordCounts, count_words
from analysis.themes.stability import (
    Stability,
    Strengths,
    measure_stability,
    refit_without_some,
    regroup_all,
    strengths_without_some,
)
from analysis.themes.tables import candidates_table, similarity_table, themes_table
from analysis.themes.tree import grow_tree
from analysis.workers import Each, begin, each_here, release_memory

__all__ = ["Themes", "find_themes"]


class Themes(NamedTuple):
    """What `find_themes` returns: checked tables, how they were reached, and what the next run has to know.

    `parts_known` is the share of each theme's papers that were there when its parts were last sought, by key.
    """

    placements: pd.DataFrame
    themes: pd.DataFrame
    similarity: pd.DataFrame
    map: pd.DataFrame
    candidates: pd.DataFrame
    stability: Stability
    examples: list[ExampleCheck]
    method: dict[str, Any]
    parts_known: dict[str, float]


def find_themes(
    papers: pd.DataFrame, vectors: np.ndarray, settings: Settings, embed: Callable[[list[str]], np.ndarray],
    declared: Sequence[DeclaredTheme] = (), memory: Memory | None = None, ledger: Sequence[Entry] = (),
    each: Each = each_here, aside: Each = each_here, on_placed: Callable[[pd.DataFrame], None] = lambda placed: None,
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
    memory : Memory, optional
        The run before: themes go on under their keys and names, and papers stay where nothing speaks against it.
    ledger : sequence of Entry
        What a person has decided about themes.
    each : callable
        Who makes the refits, parts the themes, and places blocks of the papers that are not fitted.
    aside : callable
        Who draws the map.
    on_placed : callable
        Is told where the papers stand (paper_id, theme_key, rank, strength, tier) as soon as that is settled, while
        names and evidence are still to come.
    """
    texts = list(zip(papers["title"], papers["abstract"], strict=True))
    joined = [f"{title}. {abstract}" for title, abstract in texts]
    rows = choose_fitted(papers["paper_id"])
    some_vectors, some_ids = vectors[rows], papers["paper_id"].iloc[rows]
    some = count_words([joined[row] for row in rows])
    fit, refits, judged, method = _fit(some, some_vectors, settings, some_ids, memory, each)
    release_memory()
    agreement = None
    map_begun = begin(aside, map_papers, fit.space, fit.graph, settings.random_state,
                      None if memory is None else memory.where_on_map(some_ids))
    if len(rows) < len(papers):
        fit, agreement = spread_fit(fit, rows, joined, vectors, settings.random_state, each)
    edited = _edit(fit, papers["paper_id"], vectors, memory, ledger)
    if edited is not None:
        fit = relabel(fit, edited.labels)
    sentences = [f"{theme.name}. {theme.sentence}" for theme in declared]
    declared_vectors = embed(sentences) if len(papers) else vectors
    guided = score_declared(declared, declared_vectors, texts, vectors)
    by_words = score_declared(declared, declared_vectors, texts, vectors, trust_examples=False)
    blend, settled = _blend(fit, guided, declared, edited)
    tree = grow_tree(fit.own_graph, some_vectors, blend.primary[rows], blend.strengths.shape[1], settings.random_state,
                     None if memory is None else memory.tree(some_ids), each)
    tree = spread_tree(tree, fit, blend.primary)
    levels = split_levels(blend, tree)
    given = _settle_keys(levels, blend, settled, papers["paper_id"], vectors, memory)
    keys = key_levels(levels, papers["paper_id"], given)
    placements = place_papers(papers["paper_id"], keys["theme"], blend.strengths, settings.max_placements)
    on_placed(placements)
    names = name_levels(levels, texts, vectors, embed, _keep_names(levels, given, texts, declared, memory))
    release_memory()
    stability = None if memory is None else _known_badges(blend, papers["paper_id"], keys["theme"], memory)
    if stability is None:
        if refits is None:
            refits = strengths_without_some(
                fit, some, some_vectors, settings.detail, settings.random_state, settings.n_resamples, each=each)
        stability = measure_stability(
            blend, (spread_refit(fit, (rows[kept], again)) for kept, again in refits), guided, declared)
    steady = pd.Series(stability.papers, index=papers["paper_id"])
    first = placements["rank"] == 1
    placements["stability"] = placements["paper_id"].map(steady).where(first)
    finer = pd.Series([keys["fine"][i] if i >= 0 else None for i in tree.fine], papers["paper_id"], dtype="str")
    placements["fine_key"] = placements["paper_id"].map(finer).where(first)
    terms = {key: _evidence_terms(said.terms, blend, column)
             for column, (key, said) in enumerate(zip(keys["theme"], names["theme"], strict=True))}
    placements = find_evidence(placements, papers, terms, each)
    themes = themes_table(levels, keys, names, papers["paper_id"], placements, stability.themes, declared)
    places, map_method = map_begun()
    places = fit.hand_out(places)
    return Themes(
        placements=check(placements.sort_values(["paper_id", "rank"]), PLACEMENTS),
        themes=check(apply_to_themes(themes, ledger), THEMES),
        similarity=check(similarity_table(blend, keys["theme"], vectors, placements), SIMILARITY),
        map=check(pd.DataFrame({"paper_id": papers["paper_id"], "x": places[:, 0], "y": places[:, 1]}), MAP),
        candidates=check(candidates_table(fit, judged, len(papers)), CANDIDATES),
        stability=stability,
        examples=check_examples(declared, by_words, papers["title"]),
        method=_describe(fit, method, blend, judged, map_method, agreement),
        parts_known=dict(zip(keys["theme"], tree.known.round(6).tolist(), strict=True)),
    )


def _fit(
    words: WordCounts, vectors: np.ndarray, settings: Settings, paper_ids: pd.Series, memory: Memory | None,
    each: Each,
) -> tuple[Fit, Iterable[Strengths] | None, pd.DataFrame, str]:
    """Fit the papers; without a memory by whichever way holds best, with one by the way that can take it in.

    The ways are judged on all papers, whose refits then serve for the badges, or on a sample where the slowest way
    would take long. With a memory there are no refits yet.
    """
    detail, seed, n_refits = settings.detail, settings.random_state, settings.n_resamples
    if memory is not None:
        fit = fit_themes(words, vectors, detail, seed, memory.groups(paper_ids)[0])
        return fit, None, pd.DataFrame(), CONSENSUS
    if len(words) <= MAX_JUDGED:
        begun = refit_without_some(words, vectors, detail, seed, n_refits, each)
        fit = fit_themes(words, vectors, detail, seed)
        trials = list(begun)
        judged = judge_methods(fit, trials, seed)
        method, group = _chosen(judged)
        return regroup(fit, group, seed), regroup_all(trials, group, seed), judged, method
    rows = np.sort(np.random.default_rng(seed).choice(len(words), MAX_JUDGED, replace=False))
    few = words.take(rows)
    begun = refit_without_some(few, vectors[rows], detail, seed, min(n_refits, N_REFITS), each)
    fit = fit_themes(words, vectors, detail, seed)
    judged = judge_methods(fit_themes(few, vectors[rows], detail, seed), list(begun), seed)
    method, group = _chosen(judged)
    refits = strengths_without_some(fit, words, vectors, detail, seed, n_refits, group, each)
    return regroup(fit, group, seed), refits, judged, method


def _chosen(judged: pd.DataFrame) -> tuple[str, Grouping | None]:
    method = CONSENSUS if judged.empty else judged.loc[judged["chosen"], "method"].iloc[0]
    return method, RIVALS.get(method)


def _edit(
    fit: Fit, paper_ids: pd.Series, vectors: np.ndarray, memory: Memory | None, ledger: Sequence[Entry],
) -> Edited | None:
    """Return the groups as the ledger wants them; None where there is none, or nothing it could be about."""
    if memory is None or not ledger or fit.cut is None:
        return None
    keys = memory.hand_on_keys("theme", fit.labels, [None] * fit.strengths.shape[1], paper_ids, vectors)
    return edit_groups(fit.labels, keys, ledger, list(paper_ids), dict(memory.where("theme")))


def _blend(
    fit: Fit, guided: np.ndarray, declared: Sequence[DeclaredTheme], edited: Edited | None,
) -> tuple[Blend, list[str | None]]:
    """Return found and declared themes as one set, and the keys of the columns that are settled."""
    own: list[str | None] = [theme.key for theme in declared]
    if edited is None:
        blend = blend_themes(fit.strengths, guided, declared)
        return blend, own + [None] * len(blend.found)
    wanted = edited.pinned | set(edited.held.values())
    pinned = [number for number, key in enumerate(edited.keys) if key in wanted and key not in own]
    blend = blend_themes(fit.strengths, guided, declared, pinned)
    settled = own + [None if edited.keys[number] in own else edited.keys[number] for number in blend.found]
    held = {row: settled.index(key) for row, key in edited.held.items() if key in settled}
    return hold_papers(blend, held), settled


def _settle_keys(
    levels: dict[str, Level], blend: Blend, settled: list[str | None], paper_ids: pd.Series, vectors: np.ndarray,
    memory: Memory | None,
) -> dict[str, list[str | None]]:
    given: dict[str, list[str | None]] = {name: [None] * len(level.parents) for name, level in levels.items()}
    given["theme"] = list(settled)
    if memory is None:
        return given
    for name, level in levels.items():
        now = np.where(level.strengths.any(axis=1), level.strengths.argmax(axis=1), -1) if len(level.parents) else None
        if now is not None:
            given[name] = memory.hand_on_keys(name, now, given[name], paper_ids, vectors)
    return given


def _keep_names(
    levels: dict[str, Level], given: dict[str, list[str | None]], texts: Sequence[tuple[str, str]],
    declared: Sequence[DeclaredTheme], memory: Memory | None,
) -> dict[str, list[str | None]]:
    names: dict[str, list[str | None]] = {
        name: [None] * len(keys) if memory is None else memory.hand_on_names(keys, levels[name].strengths, texts)
        for name, keys in given.items()}
    names["theme"][:len(declared)] = [theme.name for theme in declared]
    return names


def _known_badges(blend: Blend, paper_ids: pd.Series, keys: list[str], memory: Memory) -> Stability | None:
    """Return the badges that the run before measured; None where they are due anew."""
    known = memory.badges(paper_ids, [keys[column] for column in blend.primary])
    if known is None:
        return None
    return Stability(np.array([memory.agreement]), known[1].reindex(keys).to_numpy(dtype=float), known[0])


def _evidence_terms(terms: Sequence[str], blend: Blend, column: int) -> list[str]:
    if column < len(blend.declared):
        theme = blend.declared[column]
        return list(dict.fromkeys([theme.name, *theme.include, *terms]))
    return list(terms)


def _describe(
    fit: Fit, method: str, blend: Blend, judged: pd.DataFrame, map_method: str, agreement: float | None,
) -> dict[str, Any]:
    runners_up = [] if judged.empty else judged.loc[~judged["chosen"]].sort_values("score", ascending=False)["method"]
    return {
        "themes": method if fit.cut is not None else "one group",
        "runners_up": list(runners_up),
        "n_found": int(blend.strengths.shape[1] - len(blend.declared)),
        "n_declared": len(blend.declared),
        "n_taken_in": len(blend.taken_in),
        "map": map_method,
        # Of a large corpus a sample is fitted; how often a paper's neighbours place it where the fit does, is told.
        **({} if fit.fitted is None else {"n_fitted": len(fit.fitted), "placed_as_fitted": agreement}),
    }
