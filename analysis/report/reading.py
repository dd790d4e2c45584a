"""The report's sections on reading: what to read first, what is unlike the rest, what connects themes."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.charts.style import counted, percent
from analysis.charts.tables import listed_themes, theme_names
from analysis.report import sections
from analysis.report.words import date_words, listed
from analysis.schema import SEPARATOR, Run

N_READ = 7
"""Papers to read first: one a day."""

N_NOVEL = 5
N_PAIRS = 6
N_TERMS = 5
RIVALS = {"newest first": "the {} newest", "most upvoted": "the {} most upvoted"}


def to_read(run: Run) -> sections.Fragment:
    """Return the few papers that cover most of the feed, each with what made its rank, beside reading otherwise."""
    papers, anchors = run.papers.set_index("paper_id"), sections.theme_ids(run)
    names = theme_names(run)
    placed = run.placements[run.placements["rank"] == 1].set_index("paper_id")
    rows = []
    for row in run.reading.sort_values("rank").head(N_READ).itertuples():
        theme = row.theme_key if row.theme_key in anchors else None
        said = placed["evidence_terms"].get(row.paper_id) if theme else None
        rows.append({**_paper(papers.loc[row.paper_id]), "gain": percent(row.gain), "reason": row.reasons,
                     "theme": names[theme] if theme else "", "anchor": anchors[theme] if theme else "",
                     "terms": _terms(said)})
    return _fragment("to_read", sentence=reading_sentence(run), papers=rows)


def reading_sentence(run: Run) -> str:
    """Return how much of the feed a few papers cover, beside as many read in other orders, and what half takes."""
    best = run.budget[run.budget["way"] == "best cover"].set_index("n_read")
    if best.empty:
        return "There is no paper to read."
    n, n_all = min(N_READ, len(best)), len(run.papers)
    if n == n_all:
        return f"With {counted(n_all, 'paper')} there is nothing to choose: read {'it' if n == 1 else 'them'}."
    said = [f"Read {'this paper' if n == 1 else f'these {n}'} of {counted(n_all, 'paper')}, and you have covered "
            f"{percent(best.loc[n, 'covered'])} of the feed."]
    then = run.budget[run.budget["n_read"] == n].set_index("way")
    rivals = [f"{words.format(n)} cover {percent(then.loc[way, 'covered'])}" for way, words in RIVALS.items()
              if way in then.index]
    lot = then.loc["at random"]
    rivals.append(f"{n} drawn by lot cover {percent(lot['covered'])} on average ({percent(lot['covered_low'])} to "
                  f"{percent(lot['covered_high'])})")
    beside = listed(rivals)
    said.append(f"{beside[0].upper()}{beside[1:]}.")
    n_half = best.index[best["covered"] >= 0.5].min()
    if pd.notna(n_half):
        said.append(f"Half of it takes {counted(int(n_half), 'paper')}.")
    else:
        said.append(f"Not even {len(best):,} of them cover half of it; they come to "
                    f"{percent(best['covered'].iloc[-1])}.")
    return " ".join(said)


def novel(run: Run) -> sections.Fragment:
    """Return the papers least like all that came before them, each with its nearest earlier paper."""
    papers = run.papers.set_index("paper_id")
    known = run.novelty.dropna(subset="novelty").sort_values(["novelty", "paper_id"], ascending=[False, True])
    rows = [{**_paper(papers.loc[row.paper_id]), "n_earlier": int(row.n_earlier), "similarity": row.similarity,
             "ancestor": _paper(papers.loc[row.ancestor_id])} for row in known.head(N_NOVEL).itertuples()]
    return _fragment("novel", sentence=novelty_sentence(run), papers=rows)


def novelty_sentence(run: Run) -> str:
    """Return how many papers can be held against earlier ones, and why the others cannot."""
    counts = run.novelty["basis"].value_counts()
    n_all, n_known = len(run.novelty), int(counts.get("compared", 0))
    missing = [f"{counted(int(counts[basis]), 'paper')} {words}" for basis, words in (
        ("undated", "without a date"), ("not enough data", "with too few that surely appeared earlier"),
    ) if counts.get(basis, 0)]
    if n_known == 0:
        return f"No paper can be held against earlier ones{f': {listed(missing)}' if missing else ''}."
    return (f"{n_known:,} of {counted(n_all, 'paper')} can be held against earlier ones"
            + (f"; the rest cannot: {listed(missing)}." if missing else "."))


def bridges(run: Run) -> sections.Fragment:
    """Return the pairs of themes that papers connect most evenly, each with its best papers."""
    papers, anchors, names = run.papers.set_index("paper_id"), sections.theme_ids(run), theme_names(run)
    shown = set(listed_themes(run)["theme_key"])
    found = run.bridges[run.bridges["theme_key"].isin(shown) & run.bridges["other_key"].isin(shown)]
    ends = pd.Series([tuple(sorted(pair)) for pair in zip(found["theme_key"], found["other_key"], strict=True)],
                     index=found.index, dtype=object)
    pairs: list[dict[str, Any]] = []
    for keys in ends.drop_duplicates().head(N_PAIRS):
        own = found[ends == keys]
        best = own.iloc[0]
        pairs.append({
            "ends": [{"name": names[key], "anchor": anchors[key]} for key in (best["theme_key"], best["other_key"])],
            "n_more": len(own) - 1, "reason": best["reason"], **_paper(papers.loc[best["paper_id"]])})
    return _fragment("bridges", pairs=pairs, n_papers=found["paper_id"].nunique(), n_pairs=ends.nunique())


def _terms(said: Any) -> list[str]:
    """Return the theme's terms that a paper says, each once, however it is written."""
    terms = {term.lower(): term for term in said.split(SEPARATOR)[::-1]} if isinstance(said, str) else {}
    return list(terms.values())[::-1][:N_TERMS]


def _paper(paper: pd.Series) -> dict[str, Any]:
    return {"title": paper["title"], "url": sections.safe_url(paper["url"]), "date": date_words(paper["published"])}


def _fragment(name: str, **values: Any) -> sections.Fragment:
    return sections.Fragment(sections.environment().get_template(f"{name}.html.j2").render(**values))
