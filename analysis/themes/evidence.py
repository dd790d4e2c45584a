"""The sentence of an abstract that speaks most for a theme, and the theme's terms that the paper says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from analysis.corpus import split_sentences
from analysis.schema import SEPARATOR
from analysis.themes.guided import compile_phrases, may_say


def find_evidence(placements: pd.DataFrame, papers: pd.DataFrame, terms: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Return `placements` with evidence_start, evidence_end and evidence_terms.

    Parameters
    ----------
    placements : DataFrame
        At least paper_id and theme_key.
    papers : DataFrame
        PAPERS.
    terms : dict of theme_key to terms, best first
        The first term weighs most. Where a paper says none of them, its evidence is empty: that is told, not invented.
    """
    texts = {paper_id: (title, abstract, f"{title}. {abstract}".casefold())
             for paper_id, title, abstract in zip(papers["paper_id"], papers["title"], papers["abstract"], strict=True)}
    patterns = {key: [(term, compile_phrases([term]), may_say([term])) for term in said] for key, said in terms.items()}
    spans: dict[str, list[tuple[int, int]]] = {}
    rows = []
    for paper_id, theme_key in zip(placements["paper_id"], placements["theme_key"], strict=True):
        title, abstract, folded = texts[paper_id]
        if paper_id not in spans:
            spans[paper_id] = split_sentences(abstract)
        sentences = spans[paper_id]
        weights = [0.0] * len(sentences)
        said = []
        for position, (term, pattern, may_stand_in) in enumerate(patterns[theme_key]):
            if pattern is None or not may_stand_in(folded):
                continue
            hits = [bool(pattern.search(abstract, start, end)) for start, end in sentences]
            weights = [weight + hit / (2 + position) for weight, hit in zip(weights, hits, strict=True)]
            if any(hits) or pattern.search(title):
                said.append(term)
        best = max(range(len(sentences)), key=lambda i: weights[i]) if sentences and max(weights) > 0 else None
        start, end = sentences[best] if best is not None else (None, None)
        rows.append((start, end, SEPARATOR.join(said) or None))
    found = pd.DataFrame(rows, columns=["evidence_start", "evidence_end", "evidence_terms"], index=placements.index)
    return placements.assign(
        evidence_start=found["evidence_start"].astype("Int64"), evidence_end=found["evidence_end"].astype("Int64"),
        evidence_terms=found["evidence_terms"].astype("str"),
    )
