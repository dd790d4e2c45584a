"""The page's data: charts, their tables and the papers, as columns, compressed once."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable
from typing import Any

import pandas as pd

from analysis import charts
from analysis.charts.style import plain
from analysis.report import sections, words
from analysis.schema import Run

N_CHARACTERS = 6_000_000
"""Abstracts are packed up to this many characters in all; beyond, the page holds titles and quoted sentences."""


def pack_run(run: Run, names: Iterable[str]) -> str:
    """Return what the page draws and searches, as JSON: the charts `names`, their tables, the papers, the themes."""
    names = list(dict.fromkeys(names))
    return json.dumps({
        "charts": {name: _chart(run, name) for name in names},
        "tables": {name: _columns(charts.chart_table(run, name)) for name in names},
        "colors": charts.color_pairs(),
        "themes": {theme["key"]: {"name": theme["name"], "id": theme["id"]} for theme in sections.themes(run)},
        "papers": _papers(run),
    }, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def packed_text(text: str) -> str:
    """Return a text gzipped, in base64; the same text gives the same letters every time."""
    return base64.b64encode(gzip.compress(text.encode("utf-8"), compresslevel=9, mtime=0)).decode("ascii")


def _chart(run: Run, name: str) -> dict[str, Any]:
    """Give a chart's figure, and what differs on a narrow screen."""
    wide = json.loads(charts.CHARTS[name](run).to_json())
    narrow = json.loads(charts.CHARTS[name](run, narrow=True).to_json())
    for figure in (wide, narrow):
        figure["layout"].pop("template", None)
    if narrow["data"] == wide["data"]:
        del narrow["data"]
    return {**wide, "narrow": narrow}


def _columns(table: pd.DataFrame) -> dict[str, Any]:
    plain = json.loads(table.to_json(orient="split", index=False, double_precision=6))
    return {"columns": plain["columns"], "rows": plain["data"]}


def _papers(run: Run) -> dict[str, list[Any]]:
    """Give the papers, newest first, as columns; a placement is [theme, strength, tier, evidence start and end]."""
    known = {theme["key"] for theme in sections.themes(run)}
    placed: dict[str, list[list[Any]]] = {}
    for row in run.placements.sort_values(["paper_id", "rank"]).itertuples():
        if row.theme_key in known:
            span = [None, None] if pd.isna(row.evidence_start) else [int(row.evidence_start), int(row.evidence_end)]
            placed.setdefault(row.paper_id, []).append([row.theme_key, round(row.strength, 3), row.tier, *span])
    papers = run.papers.sort_values(["published", "paper_id"], ascending=[False, True], na_position="last")
    whole = int(papers["abstract"].str.len().sum()) <= N_CHARACTERS
    abstracts, places = [], []
    for paper_id, abstract in zip(papers["paper_id"], papers["abstract"], strict=True):
        own = placed.get(paper_id, [])
        if not whole and own and own[0][3] is not None:
            abstract = abstract[own[0][3] : own[0][4]]
            own = [[*own[0][:3], 0, len(abstract)], *([*place[:3], None, None] for place in own[1:])]
        elif not whole:
            abstract = ""
        abstracts.append(abstract)
        places.append(own)
    return {
        "id": list(papers["paper_id"]), "title": [plain(title) for title in papers["title"]],
        "abstract": [plain(abstract) for abstract in abstracts],
        "date": [words.date_words(published) for published in papers["published"]],
        "url": [sections.safe_url(url) for url in papers["url"]], "themes": places,
    }
