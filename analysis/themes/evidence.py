"""The sentence of an abstract that speaks most for a theme, and the theme's terms that the paper says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

import pandas as pd

from analysis.corpus import fold, split_sentences
from analysis.schema import SEPARATOR
from analysis.themes.guided import compile_phrases, may_say
from analysis.workers import Each, each_here

BLOCK = 2000
"""Placements that are looked through together."""
MOST_KNOWN = 2000
"""Terms whose patterns are remembered."""


def find_evidence(
    placements: pd.DataFrame, papers: pd.DataFrame, terms: Mapping[str, Sequence[str]], each: Each = each_here,
) -> pd.DataFrame:
    """Return `placements` with evidence_start, evidence_end and evidence_terms.

    Parameters
    ----------
    placements : DataFrame
        At least paper_id and theme_key.
    papers : DataFrame
        PAPERS.
    terms : dict of theme_key to terms, best first
        The first term weighs most. Where a paper says none of them, its evidence is empty: that is told, not invented.
    each : callable
        Who looks through blocks of placements.
    """
    row = pd.Index(papers["paper_id"]).get_indexer(placements["paper_id"])
    placed = list(zip(placements["theme_key"], papers["title"].to_numpy()[row], papers["abstract"].to_numpy()[row],
                      strict=True))
    blocks = each(_quote, dict(terms), (placed[start:start + BLOCK] for start in range(0, len(placed), BLOCK)))
    found = pd.DataFrame([quote for block in blocks for quote in block], index=placements.index,
                         columns=["evidence_start", "evidence_end", "evidence_terms"])
    return placements.assign(
        evidence_start=found["evidence_start"].astype("Int64"), evidence_end=found["evidence_end"].astype("Int64"),
        evidence_terms=found["evidence_terms"].astype("str"),
    )


def _quote(
    terms: Mapping[str, Sequence[str]], placed: Sequence[tuple[str, str, str]],
) -> list[tuple[int | None, int | None, str | None]]:
    """Return span and terms for each theme_key, title and abstract."""
    patterns = {key: [(2 + place, term, *_look_for(term)) for place, term in enumerate(said) if term.strip()]
                for key, said in terms.items()}
    rows = []
    for theme_key, title, abstract in placed:
        folded = fold(f"{title}. {abstract}")
        likely = [term for term in patterns[theme_key] if term[3](folded)]
        sentences = split_sentences(abstract) if likely else []
        parts = [fold(abstract[start:end]) for start, end in sentences]
        weights = [0.0] * len(sentences)
        said = []
        for place, term, pattern, may_stand_in in likely:
            hits = [number for number, part in enumerate(parts)
                    if may_stand_in(part) and pattern.search(abstract, *sentences[number])]
            for number in hits:
                weights[number] += 1 / place
            if hits or pattern.search(title):
                said.append(term)
        best = max(range(len(sentences)), key=lambda i: weights[i]) if sentences and max(weights) > 0 else None
        start, end = sentences[best] if best is not None else (None, None)
        rows.append((start, end, SEPARATOR.join(said) or None))
    return rows


@lru_cache(maxsize=MOST_KNOWN)
def _look_for(term: str) -> tuple[re.Pattern[str], Callable[[str], bool]]:
    """Return what finds a term, and a quick test; made once, for all blocks and themes ask for the same."""
    pattern = compile_phrases([term])
    assert pattern
    return pattern, may_say([term])
