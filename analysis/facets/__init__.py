"""What papers say they use and claim: datasets, models, numbers, links, acronyms, each with its quoted span.

Rules and a list of known names, no language model: the same paper gives the same facets wherever it is read. What each
kind holds, and what it does not, is in the codebook under FACETS.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np
import pandas as pd

from analysis.facets.links import find_links
from analysis.facets.named import find_names
from analysis.facets.numbers import find_numbers
from analysis.facets.spans import Found, name_key
from analysis.names.definitions import read_definitions
from analysis.schema import FACET_FIELDS, FACET_KINDS, FACETS, check, empty
from analysis.workers import Each, each_here

MOST_READ = 20_000
"""Characters of an abstract or title that are read: ten times the longest usual one."""
BLOCK = 1000
"""Papers that are read together."""

__all__ = ["begin_facets", "find_facets", "read_facets"]


def begin_facets(papers: pd.DataFrame, earlier: tuple[pd.DataFrame, pd.DataFrame] | None = None,
                 each: Each = each_here) -> Iterator[pd.DataFrame]:
    """Yield the facets of blocks of papers, for `find_facets`; `each` reads them.

    Parameters
    ----------
    papers : DataFrame
        PAPERS.
    earlier : (PAPERS, FACETS), optional
        Of a run by these same rules: papers with the same texts there are not read again.
    """
    known = set() if earlier is None else _unchanged(papers, earlier[0])
    unread = papers.loc[~papers["paper_id"].isin(known), ["paper_id", "title", "abstract"]]
    kept = [] if earlier is None else [earlier[1][earlier[1]["paper_id"].isin(known)]]
    return chain(each(_read_block, None, (unread[start:start + BLOCK] for start in range(0, len(unread), BLOCK))), kept)


def find_facets(papers: pd.DataFrame, read: Iterable[pd.DataFrame] | None = None) -> pd.DataFrame:
    """Return FACETS: what each paper's abstract and title say, with the span of the quote.

    Parameters
    ----------
    papers : DataFrame
        PAPERS.
    read : iterable of DataFrame, optional
        From `begin_facets`, where that was begun before.

    Returns
    -------
    DataFrame
        In the order of the papers, then by kind and place. Names, links and acronyms stand once a paper. A name that
        the gazetteer does not know takes the spelling that most papers give it.
    """
    parts = [part for part in (begin_facets(papers) if read is None else read) if len(part)]
    if not parts:
        return empty(FACETS)
    table = pd.concat(parts, ignore_index=True)
    table = table.iloc[np.argsort(pd.Index(papers["paper_id"]).get_indexer(table["paper_id"]), kind="stable")]
    named = table["kind"].isin(["dataset", "model"])
    table.loc[named, "value"] = _one_spelling(table.loc[named, "value"])
    return check(table, FACETS)


def _read_block(shared: None, papers: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame([{"paper_id": paper.paper_id, "field": field, **vars(found)} for paper in papers.itertuples()
                         for field, found in read_facets(paper.title, paper.abstract)])


def _unchanged(papers: pd.DataFrame, earlier: pd.DataFrame) -> set[str]:
    """Return the papers that say what they said."""
    columns = ["title", "abstract"]
    now, then = (table.set_index("paper_id")[columns] for table in (papers, earlier))
    return set(now.index[(now == then.reindex(now.index)).all(axis=1)])


def read_facets(title: str, abstract: str) -> Iterator[tuple[str, Found]]:
    """Yield what one paper says, each with the field that says it; the title for the rest."""
    texts = (abstract[:MOST_READ], title[:MOST_READ])
    definitions = [read_definitions(text) for text in texts]
    found = find_names(texts, definitions)
    for number, text in enumerate(texts):
        found.extend((number, link) for link in find_links(text))
        found.extend((number, Found("acronym", own.short, own.start, own.end, expansion=own.long_form))
                     for own in definitions[number])
    # A title says no number that its abstract does not say better.
    numbers = [(0, claim) for claim in find_numbers(texts[0])]
    seen: set[tuple[str, str]] = set()
    order = {kind: number for number, kind in enumerate(FACET_KINDS)}
    for number, one in sorted([*found, *numbers], key=lambda item: (item[0], order[item[1].kind], item[1].start)):
        key = (one.kind, one.value.rstrip("/") if one.kind == "link" else name_key(one.value))
        if one.kind == "number" or key not in seen:
            seen.add(key)
            yield FACET_FIELDS[number], one


def _one_spelling(values: pd.Series) -> pd.Series:
    """Give all spellings of a name the one that stands most often, of several the first in the alphabet."""
    spelt: dict[str, Counter[str]] = {}
    keys = {value: name_key(value) for value in values.unique()}
    for value, n_papers in values.value_counts().items():
        spelt.setdefault(keys[value], Counter())[value] = n_papers
    best = {key: min(counter, key=lambda value: (-counter[value], value)) for key, counter in spelt.items()}
    return values.map(lambda value: best[keys[value]])
