"""The report's section on what the papers say they use and claim."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from analysis.charts.style import plain
from analysis.report.sections import Fragment, fragment, safe_url, themes
from analysis.schema import Run

N_NAMES, N_CLAIMS, N_LINKS, N_ACRONYMS = 12, 3, 100, 100
"""Names and claims listed for one theme, links and acronyms in all; facets.csv of the run has every one."""
AROUND = 90
"""Characters of the abstract shown on either side of a quote."""


def facets(run: Run) -> Fragment:
    """Return what the papers of each theme say they use and claim, links to code and data, and acronyms.

    Every quote stands in its abstract's words, marked.
    """
    table, papers = run.facets, run.papers.set_index("paper_id")
    primary = run.placements[run.placements["rank"] == 1].set_index("paper_id")["theme_key"]
    placed = table.assign(theme_key=table["paper_id"].map(primary))
    rows = []
    for theme in themes(run):
        own = placed[placed["theme_key"] == theme["key"]]
        claims = own[own["kind"] == "number"].drop_duplicates("paper_id")
        rows.append({**theme, "datasets": _counted(own, "dataset"), "models": _counted(own, "model"),
                     "claims": [_claim(claim, papers) for claim in claims.head(N_CLAIMS).itertuples()],
                     "n_claims": int((own["kind"] == "number").sum())})
    links, acronyms = table[table["kind"] == "link"], table[table["kind"] == "acronym"]
    return fragment(
        "facets", themes=[row for row in rows if row["datasets"] or row["models"] or row["claims"]],
        links=[link for row in links.head(N_LINKS).itertuples() if (link := _link(row, papers))["url"]],
        acronyms=_acronyms(acronyms), n_links=len(links), n_acronyms=acronyms["value"].nunique(),
        n={kind: int((table["kind"] == kind).sum()) for kind in ("dataset", "model", "number", "link")},
        n_papers=table.loc[table["kind"] != "acronym", "paper_id"].nunique(), n_all=len(papers))


def quoted(text: str, start: int, end: int, around: int = AROUND) -> Markup:
    """Return the words around a span, escaped, with the span inside ``<mark>``; cut words leave an ellipsis."""
    text = plain(text)
    left, right = max(0, start - around), min(len(text), end + around)
    while 0 < left < start and text[left - 1] != " ":
        left += 1
    while end < right < len(text) and text[right] != " ":
        right -= 1
    return Markup("{}{}<mark>{}</mark>{}{}").format(
        "…" if left else "", escape(text[left:start]), text[start:end], escape(text[end:right]),
        "…" if right < len(text) else "")


def _counted(own: pd.DataFrame, kind: str) -> list[dict[str, Any]]:
    """Return the names of one kind, those that most papers say first."""
    counts = own.loc[own["kind"] == kind, "value"].value_counts()
    best = sorted(counts.items(), key=lambda item: (-item[1], str(item[0]).lower()))[:N_NAMES]
    return [{"name": name, "n": int(n_papers)} for name, n_papers in best]


def _claim(claim: Any, papers: pd.DataFrame) -> dict[str, Any]:
    paper = papers.loc[claim.paper_id]
    return {"title": paper["title"], "url": safe_url(paper["url"]), "value": claim.value,
            "metric": "" if pd.isna(claim.metric) else claim.metric,
            "quote": quoted(paper[claim.field], int(claim.start), int(claim.end))}


def _link(row: Any, papers: pd.DataFrame) -> dict[str, Any]:
    return {"url": safe_url(row.value), "title": papers.loc[row.paper_id, "title"]}


def _acronyms(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return each acronym with its commonest expansion and the number of papers that write it out so."""
    told = table.assign(plain=table["expansion"].str.lower()).groupby(["value", "plain"], sort=True)
    rows = [{"short": short, "long": group["expansion"].mode().iloc[0], "n": group["paper_id"].nunique()}
            for (short, _), group in told]
    return sorted(rows, key=lambda row: (-row["n"], row["short"].lower(), row["long"].lower()))[:N_ACRONYMS]
