"""The stages in order, nothing else."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from analysis import METHOD_VERSION
from analysis.corpus import InputFile, paper_text, read_papers
from analysis.embed import embed_papers, embed_texts
from analysis.facets import begin_facets, find_facets
from analysis.ledger import Entry, report_entries
from analysis.lineage import trace_themes
from analysis.names.asked import ask_names
from analysis.neighbours import EXACT_UP_TO, compute_bridges, compute_neighbours, compute_novelty
from analysis.quality import compute_quality
from analysis.reading import compute_reading
from analysis.schema import FORECASTS, LINEAGE, Past, Run, empty
from analysis.settings import DeclaredTheme, Settings
from analysis.store import AnswerCache, VectorCache
from analysis.themes import find_themes
from analysis.themes.compiled import load_umap
from analysis.themes.match import Ended
from analysis.themes.memory import Memory, list_standing
from analysis.trends import (
    compute_forecasts,
    compute_life,
    compute_scores,
    compute_signals,
    compute_together,
    compute_trends,
    compute_vocabulary,
    compute_watch,
)
from analysis.workers import (
    MOST_ASIDE,
    WORTH_SHARING,
    Each,
    begin,
    each_here,
    each_on_cores,
    load_on_cores,
    release_memory,
    seldom_collecting,
    single_thread_products,
)

PACKAGES = ("bertopic", "hdbscan", "numba", "numpy", "pandas", "scikit-learn", "scipy", "sentence-transformers",
            "torch", "umap-learn")

DATED = ("published", "published_precision")
N_AHEAD = 2
"""Periods that each run forecasts, for the themes of the middle level."""
BYTES_PER_PAPER = 1000
"""Of a file, about: enough to guess whether it holds so many papers that other processes will be asked."""


@seldom_collecting()
@single_thread_products()
def analyse(
    inputs: Sequence[InputFile], settings: Settings, declared: Sequence[DeclaredTheme] = (),
    dates: pd.DataFrame | None = None, cache: VectorCache | None = None,
    progress: Callable[[str], None] = lambda line: None, earlier: pd.DataFrame | None = None,
    ask: Callable[[str, str], str] | None = None, answers: AnswerCache | None = None,
    past: Past | None = None, ledger: Sequence[Entry] = (), each: Each = each_here,
) -> Run:
    """Return the run that `inputs` and `settings` give: every table, and the manifest that says how.

    Parameters
    ----------
    inputs : sequence of InputFile
        Their order does not matter.
    dates : DataFrame, optional
        Curated dates, from `read_dates`.
    cache : VectorCache, optional
        Where vectors are looked up and kept.
    progress : callable
        Is told one line a stage.
    earlier : DataFrame, optional
        FORECASTS of earlier runs of the same feed, which this run scores.
    ask : callable, optional
        Asks a language model: instruction and question → answer, or `SourceError`. Without it none is asked, and the
        papers' own words name every theme.
    answers : AnswerCache, optional
        Where its answers are looked up and kept.
    past : Past, optional
        What earlier runs leave: themes go on under their keys and names, and LINEAGE says what became of them.
    ledger : sequence of Entry
        What a person has decided about themes.
    each : callable
        Who works on blocks of papers: this process, or others (`analysis.workers`). The tables are the same. Others
        read the papers' words while this one finds themes, so the profile's seconds of these stages are those that
        were waited for.
    """
    clock = _StageClock()
    on_cores = each is each_on_cores
    # Files read fast, and the model uses all cores by itself: another machine is worth the way, another process is not.
    far = each_here if on_cores else each
    if on_cores and sum(len(file.content) for file in inputs) >= WORTH_SHARING * BYTES_PER_PAPER:
        load_on_cores(_load_libraries)
    papers, dropped, *_ = read_papers(inputs, dates, far)
    release_memory()
    clock.lap("read")
    progress(f"read {len(papers)} papers, set {len(dropped)} records aside{_counted(dropped['kind'])}")
    if on_cores and len(papers) < WORTH_SHARING:
        each = each_here
    aside = each if on_cores and len(papers) <= MOST_ASIDE else each_here
    # What asks for the papers' words alone can begin: other processes read them while this one finds themes. What is
    # handed over last goes first: the vocabulary is one long piece, and the facets are short ones to fill gaps with.
    by_the_same_rules = past is not None and past.previous.manifest["method_version"] == METHOD_VERSION
    facets_read = begin_facets(
        papers, (past.previous.papers, past.previous.facets) if past and by_the_same_rules else None, each)
    vocabulary_begun = begin(aside, compute_vocabulary, papers[["paper_id", "title", "abstract", *DATED]],
                             settings.period, settings.as_of, each_here if aside is not each_here else each)
    embedding = embed_papers(papers, settings.model, cache, progress, far)
    release_memory()
    clock.lap("embed")
    progress(f"embedded {len(papers)} papers")

    def embed(texts: list[str]) -> np.ndarray:
        return embed_texts(texts, settings.model, cache)[0]

    memory = _remember(past, embed) if past is not None else None
    neighbours_begun = begin(aside, compute_neighbours, list(papers["paper_id"]), embedding.vectors)
    reading_begun: Callable[[], tuple[pd.DataFrame, pd.DataFrame, str]] | None = None

    def choose_reading(placed: pd.DataFrame) -> None:
        nonlocal reading_begun
        reading_begun = begin(aside, compute_reading, papers[["paper_id", "upvotes", *DATED]], embedding.vectors,
                              placed, settings.random_state)

    found = find_themes(papers, embedding.vectors, settings, embed, declared, memory, ledger, each, aside,
                        choose_reading)
    clock.lap("themes")
    progress(f"found {found.method['n_found']} themes beside {len(declared)} declared ones")
    asked = None
    if ask is not None:
        asked = ask_names(found.themes, papers, found.placements, ask=ask, model=settings.names_model,
                          budget=settings.names_budget, cache=answers, progress=progress)
        found = found._replace(themes=asked.themes, method={**found.method, "names": asked.method})
        clock.lap("names")
    trends = compute_trends(papers, found.placements, found.themes, settings.period, settings.as_of)
    middle = trends[trends["theme_key"].isin(found.themes.loc[found.themes["level"] == "theme", "theme_key"])]
    scores_begun = begin(aside, compute_scores, empty(FORECASTS) if earlier is None else earlier, middle)
    signals = compute_signals(papers, found.placements, found.themes, trends)
    life = compute_life(papers, found.placements, found.themes, trends)
    together = compute_together(papers, found.placements, found.themes, settings.period, settings.as_of)
    forecasts = compute_forecasts(middle, N_AHEAD, settings.random_state)
    scores = scores_begun()
    clock.lap("trends")
    watch = compute_watch(papers, found.placements, found.themes, embedding.vectors, settings.period, settings.as_of,
                          settings.random_state)
    clock.lap("watch")
    vocabulary = vocabulary_begun()
    clock.lap("vocabulary")
    progress(f"followed {trends['theme_key'].nunique()} themes and {len(vocabulary)} terms through "
             f"{trends['period'].nunique()} periods")
    neighbours = neighbours_begun()
    novelty = compute_novelty(papers, embedding.vectors, neighbours)
    bridges = compute_bridges(found.placements, found.themes, neighbours)
    clock.lap("neighbours")
    assert reading_begun is not None
    reading, budget, chosen = reading_begun()
    clock.lap("reading")
    progress(f"chose {len(reading)} papers to read")
    standing = list_standing(found.placements, found.themes)
    lineage = empty(LINEAGE) if memory is None else trace_themes(
        found.themes, standing, memory.themes, memory.standing, memory.ended)
    obeyed = report_entries(ledger, found.themes, found.placements, past.keys if past is not None else (),
                            papers["paper_id"])
    for conflict in obeyed.loc[~obeyed["obeyed"]].itertuples():
        progress(f"the ledger's entry is not obeyed: {conflict.entry}: {conflict.reason}")
    quality = compute_quality(papers, dropped, found.placements, found.themes, found.stability,
                              found.examples, asked.method if asked else None)
    progress(f"measured {len(quality)} figures of quality{_counted(quality['verdict'])}")
    facets = find_facets(papers, facets_read)  # last, for others read them while this process does the above
    clock.lap("facets")
    progress(f"lifted {len(facets)} facets")
    tables = {
        "papers": papers, "dropped": dropped, "map": found.map, "placements": found.placements,
        "themes": found.themes, "similarity": found.similarity, "neighbours": neighbours, "reading": reading,
        "budget": budget, "bridges": bridges, "trends": trends, "signals": signals,
        "life": life, "novelty": novelty, "together": together, "vocabulary": vocabulary,
        "forecasts": forecasts, "scores": scores, "watch": watch, "facets": facets, "lineage": lineage,
        "ledger": obeyed, "quality": quality,
        "candidates": found.candidates,
    }
    asked_for = describe_inputs(inputs, settings, declared, dates, ledger)
    method = {**found.method, "neighbours": "exact" if len(papers) <= EXACT_UP_TO else "approximate", "reading": chosen}
    manifest = _manifest(asked_for, settings, tables, embedding.embedding, method,
                         asked.answers_sha256 if asked else None, past)
    manifest["parts_known"] = found.parts_known
    manifest["profile"] = {**clock.seconds, **({"answers": asked.traffic} if asked else {})}
    return Run(manifest["run_id"], manifest, tables)


def _load_libraries() -> None:
    """Load, in another process, what its work will ask for: all that this module imports, and what is slowest."""
    load_umap()


def _counted(kinds: pd.Series) -> str:
    """Return how many there are of each kind, in brackets; empty where there is none."""
    told = ", ".join(f"{n} {kind}" for kind, n in kinds.value_counts().sort_index().items())
    return f" ({told})" if told else ""


def describe_inputs(
    inputs: Sequence[InputFile], settings: Settings, declared: Sequence[DeclaredTheme], dates: pd.DataFrame | None,
    ledger: Sequence[Entry] = (),
) -> dict[str, Any]:
    """Return all that a run is asked for, as its manifest tells it: is it as in the last run, nothing is new."""
    return {
        "method_version": METHOD_VERSION,
        "inputs": sorted(
            ({"name": file.name, "bytes": len(file.content), "sha256": hashlib.sha256(file.content).hexdigest()}
             for file in inputs), key=lambda entry: (entry["name"], entry["sha256"])),
        "settings": settings.as_dict(),
        "declared_themes": [{key: list(value) if isinstance(value, tuple) else value
                             for key, value in dataclasses.asdict(theme).items()} for theme in declared],
        "dates_sha256": None if dates is None else hashlib.sha256(dates.to_csv(index=False).encode()).hexdigest(),
        "ledger": [str(entry) for entry in ledger],
    }


def _remember(past: Past, embed: Callable[[list[str]], np.ndarray]) -> Memory:
    previous = past.previous
    agreement = previous.quality.set_index("metric")["value"].get("refit_agreement")
    ended = []
    for (key, level, name), papers in past.ended.groupby(["theme_key", "level", "name"]):
        ended.append(Ended(key, name, level, embed(list(paper_text(papers))).mean(axis=0)))
    return Memory(previous.themes, previous.placements, None if pd.isna(agreement) else float(agreement), tuple(ended),
                  previous.map, previous.manifest.get("parts_known", {}))


def _manifest(
    asked_for: dict[str, Any], settings: Settings, tables: dict[str, pd.DataFrame], embedding: dict[str, Any],
    method: dict[str, Any], answers_sha256: str | None, past: Past | None,
) -> dict[str, Any]:
    papers, scores = tables["papers"], tables["scores"]
    scored = scores[scores["made_by"] == "an earlier run"]
    dated = papers.loc[papers["published"].notna(), "published"]
    content = {
        **asked_for,
        "embedding": embedding,
        # A language model may answer otherwise tomorrow, or not at all, so its answers are an input like the others.
        "answers_sha256": answers_sha256,
        # What earlier runs foretold is an input too, once there is something to hold it against.
        "scored_sha256": None if scored.empty else hashlib.sha256(scored.to_csv(index=False).encode()).hexdigest(),
        "previous_run": None if past is None else past.previous.run_id,
    }
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    newest = max(dated, default=None)
    return {
        "run_id": f"r{digest[:12]}",
        **content,
        "counts": {"read": len(papers) + len(tables["dropped"]), "kept": len(papers),
                   "dropped": len(tables["dropped"])},
        "newest_paper": newest,
        "as_of": settings.as_of or newest,
        # Where each theme that is gone was last: the next run can bring it back without reading all runs.
        "ended": {} if past is None else _list_ended(past.previous, tables["themes"]),
        "method": method,
        "packages": {name: version(name) for name in PACKAGES},
    }


def _list_ended(previous: Run, themes: pd.DataFrame) -> dict[str, str]:
    gone = {key: previous.run_id for key in previous.themes.loc[previous.themes["n_papers"] > 0, "theme_key"]}
    here = set(themes["theme_key"])
    return {key: run_id for key, run_id in sorted({**previous.manifest.get("ended", {}), **gone}.items())
            if key not in here}


class _StageClock:
    """Seconds that each stage took. How long, never what time it is."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._since = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = round(now - self._since, 3)
        self._since = now
