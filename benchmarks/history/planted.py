"""What becomes of themes, planted: five subjects that share no word, and a run before that knew them otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis.lineage import trace_themes
from analysis.schema import SEPARATOR
from analysis.settings import Settings
from analysis.themes import Themes, find_themes
from analysis.themes.match import Ended
from analysis.themes.memory import Memory, list_standing
from benchmarks.history.runs import Row
from tests.themes.planted import fake_embed, planted_corpus

EVENTS = ("born", "split", "merged", "ended", "revived")
DETAIL = 0.2
"""Asks for about as many themes as there are subjects."""


class Planted(NamedTuple):
    """The papers that an event should name, and what LINEAGE tells beside themes that go on: event → papers."""

    wanted: set[str]
    told: list[tuple[str, set[str]]]

    def is_found(self, event: str) -> bool:
        """Tell whether the event was told with exactly its papers."""
        return (event, self.wanted) in self.told


def measure_planted(n_seeds: int = 4) -> Iterator[Row]:
    """Yield a row an event: how often it is told exactly, over sizes and seeds."""
    for event in EVENTS:
        tried = [plant(event, n_each, seed) for n_each in (10, 16, 24) for seed in range(n_seeds)]
        found = [planted.is_found(event) for planted in tried]
        # The first run may part a subject, and the second one not: an event that is told rightly, and not planted.
        n_others = sum(len(planted.told) for planted in tried) - sum(found)
        yield Row(f"planted: {event}", "all found, exactly, with their papers",
                  f"{sum(found)} of {len(found)}; {n_others} other events were told", all(found))


def plant(event: str, n_each: int, seed: int) -> Planted:
    """Plant one event between two runs, with `n_each` papers a subject, of which the first run knows three in four."""
    texts, vectors, labels = planted_corpus(n_each, seed)
    papers = pd.DataFrame({"paper_id": [f"p{row:03d}" for row in range(len(texts))],
                           "title": [f"{title} {row}" for row, (title, _) in enumerate(texts)],
                           "abstract": [abstract for _, abstract in texts]})
    rng = np.random.default_rng(seed)
    known, subject = rng.random(len(labels)) < 0.75, labels == rng.integers(5)
    ids = papers["paper_id"].to_numpy()
    if event == "born":
        first = _look(papers, vectors, known & ~subject)
        return Planted(set(ids[subject]), _told(papers, vectors, np.full(len(ids), True), _memory(first)))
    if event == "ended":
        first = _look(papers, vectors, known)
        return Planted(set(ids[known & subject]), _told(papers, vectors, ~subject, _memory(first)))
    if event == "revived":
        ended = Ended("t-old", "An old theme", "theme", vectors[known & subject].mean(axis=0))
        memory = replace(_memory(_look(papers, vectors, known & ~subject)), ended=(ended,))
        return Planted(set(ids[subject]), _told(papers, vectors, np.full(len(ids), True), memory))
    first = _look(papers, vectors, known)
    if event == "split":
        other = labels == (labels[subject][0] + 1) % 5
        memory = _rekeyed(first, set(ids[known & other]), _key_of(first, ids[known & subject]))
        halves = [set(ids[known & half]) for half in (subject, other)]
    else:
        part = subject & (rng.random(len(ids)) < 0.4)
        memory = _rekeyed(first, set(ids[known & part]), "t-part")
        halves = [set(ids[known & part]), set(ids[known & subject & ~part])]
    told = _told(papers, vectors, np.full(len(ids), True), memory)
    # Which half goes on under its key is the matching's to say.
    return Planted(next((half for half in halves if (event, half) in told), halves[0]), told)


def _look(papers: pd.DataFrame, vectors: np.ndarray, rows: np.ndarray, memory: Memory | None = None) -> Themes:
    return find_themes(papers[rows].reset_index(drop=True), vectors[rows], Settings(n_resamples=2, detail=DETAIL),
                       fake_embed, memory=memory)


def _memory(found: Themes) -> Memory:
    return Memory(found.themes, found.placements, 0.9)


def _key_of(found: Themes, ids: np.ndarray) -> str:
    first = found.placements[found.placements["rank"] == 1].set_index("paper_id")["theme_key"]
    return str(first[ids].mode()[0])


def _rekeyed(found: Themes, ids: set[str], key: str) -> Memory:
    """Return the run as it would be had these papers stood in the theme `key`."""
    placements, themes = found.placements.copy(), found.themes.copy()
    moved = placements["paper_id"].isin(ids) & (placements["rank"] == 1)
    source = placements.loc[moved, "theme_key"].mode()[0]
    placements = placements[~placements["paper_id"].isin(ids) | moved]
    placements.loc[moved, "theme_key"] = key
    if key not in set(themes["theme_key"]):
        themes = pd.concat([themes, themes[themes["theme_key"] == source].assign(theme_key=key, name="A part")])
    emptied = ~themes["theme_key"].isin(placements["theme_key"]) & (themes["level"] == "theme")
    return Memory(themes[~emptied], placements, 0.9)


def _told(papers: pd.DataFrame, vectors: np.ndarray, rows: np.ndarray, memory: Memory) -> list[tuple[str, set[str]]]:
    now = _look(papers, vectors, rows, memory)
    lineage = trace_themes(now.themes, list_standing(now.placements, now.themes), memory.themes, memory.standing,
                           memory.ended)
    rows_told = lineage[(lineage["level"] == "theme") & (lineage["event"] != "continued")]
    return [(row.event, set(row.paper_ids.split(SEPARATOR))) for row in rows_told.itertuples()]
