"""The page's data, in three packs that it opens one after the other: the view, the texts, the charts.

Columns are compact: numbers are whole, a word that comes again is a place in a list, and what a paper has several of
(themes, neighbours, facets) stands in one flat column beside a count a paper.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from analysis import charts
from analysis.charts.style import plain
from analysis.report import sections, words
from analysis.schema import TIERS, Run
from analysis.trends.periods import make_grid, width_of

N_CHARACTERS = 6_000_000
"""Abstracts are packed up to this many characters in all; beyond, the page holds titles and quoted sentences."""

N_ROWS = 2000
"""Rows of a chart's table that the page holds; all are in the CSV beside it."""

N_NEAR = 10
"""Nearest papers of each paper that the page holds."""

STEPS = 65_535
"""Steps of the map from one end to the other; on a screen, at the closest, each is a few pixels."""


def pack_view(run: Run) -> str:
    """Return what the page needs to be ready, as JSON: themes, periods, and the papers with their place and themes."""
    papers, themes = _ordered(run), sections.themes(run)
    periods = sorted(set(run.trends["period"]))
    dates, at = _coded([words.date_words(published) for published in papers["published"]])
    placed = _placements(run, papers)
    keys = {theme["key"]: number for number, theme in enumerate(themes)}
    place = run.map.set_index("paper_id").reindex(papers["paper_id"])
    return _json({
        "themes": [{"key": theme["key"], "name": theme["name"], "id": theme["id"]} for theme in themes],
        "periods": periods, "dates": dates, "tiers": TIERS,
        "papers": {
            "id": list(papers["paper_id"]), "title": [plain(title) for title in papers["title"]], "date": at,
            "period": _periods(papers, periods), "x": _quantised(place["x"]), "y": _quantised(-place["y"]),
            "n_themes": _counts(placed, papers), "theme": [keys[key] for key in placed["theme_key"]],
            "strength": [round(1000 * strength) for strength in placed["strength"]],
            "tier": [TIERS.index(tier) for tier in placed["tier"]],
        },
    })


def pack_texts(run: Run) -> str:
    """Return what is read and searched, as JSON: abstracts, the sentences that placed them, addresses, neighbours."""
    papers = _ordered(run)
    placed = _placements(run, papers)
    start, end = placed["evidence_start"], placed["evidence_end"]
    abstracts = papers["abstract"]
    whole = int(abstracts.str.len().sum()) <= N_CHARACTERS
    if not whole:
        first = placed[placed["rank"] == 1].set_index("paper_id").reindex(papers["paper_id"])
        spans = zip(abstracts, first["evidence_start"].fillna(0), first["evidence_end"].fillna(0), strict=True)
        abstracts = pd.Series([text[int(begin):int(stop)] for text, begin, stop in spans], dtype="str")
        start, end = (start * 0).where(placed["rank"] == 1), (end - start).where(placed["rank"] == 1)
    return _json({
        "whole": whole, "abstract": [plain(text) for text in abstracts],
        "url": [sections.safe_url(url) for url in papers["url"]],
        "start": list(start.fillna(-1).astype(int)), "end": list(end.fillna(-1).astype(int)),
        "near": _neighbours(run, papers), "facets": _facets(run, papers),
    })


def pack_charts(run: Run, names: Iterable[str]) -> str:
    """Return the charts `names` and their tables, as JSON; the map is drawn from the view, so it has a table only."""
    names = list(dict.fromkeys(names))
    return _json({
        "charts": {name: _chart(run, name) for name in names if name != "map"},
        "tables": {name: _columns(charts.chart_table(run, name)) for name in names},
        "colors": charts.color_pairs(),
    })


def packed_text(text: str) -> str:
    """Return a text gzipped, in base64; the same text gives the same letters every time."""
    return base64.b64encode(gzip.compress(text.encode("utf-8"), compresslevel=9, mtime=0)).decode("ascii")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


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
    packed = json.loads(table.head(N_ROWS).to_json(orient="split", index=False, double_precision=6))
    return {"columns": packed["columns"], "rows": packed["data"], "n_rows": len(table)}


def _ordered(run: Run) -> pd.DataFrame:
    """Give the papers as the page counts them: newest first."""
    return run.papers.sort_values(["published", "paper_id"], ascending=[False, True], na_position="last",
                                  ignore_index=True)


def _by_paper(table: pd.DataFrame, papers: pd.DataFrame, by: str) -> pd.DataFrame:
    """Give a table's rows in the papers' order, and within a paper by column `by`; `at` is the paper's place."""
    places = pd.Series(papers.index, index=papers["paper_id"])
    at = table["paper_id"].map(places)
    return table.assign(at=at).dropna(subset="at").astype({"at": int}).sort_values(["at", by], ignore_index=True)


def _counts(rows: pd.DataFrame, papers: pd.DataFrame) -> list[int]:
    return np.bincount(rows["at"], minlength=len(papers)).tolist()


def _placements(run: Run, papers: pd.DataFrame) -> pd.DataFrame:
    listed = run.placements["theme_key"].isin(charts.listed_themes(run)["theme_key"])
    return _by_paper(run.placements[listed], papers, "rank")


def _neighbours(run: Run, papers: pd.DataFrame) -> dict[str, Any] | None:
    """Give the nearest papers of each paper, nearest first; None where the run has not looked for them."""
    table = run.tables.get("neighbours")
    if table is None or table.empty:
        return None
    rows = _by_paper(table[table["rank"] <= N_NEAR], papers, "rank")
    places = pd.Series(papers.index, index=papers["paper_id"])
    return {"n": _counts(rows, papers), "other": list(rows["other_id"].map(places)),
            "similarity": [round(100 * value) for value in rows["similarity"]]}


def _facets(run: Run, papers: pd.DataFrame) -> dict[str, Any] | None:
    """Give what several papers name, by kind; what one paper alone names parts nothing, nor does a number."""
    table = run.tables.get("facets")
    if table is None or table.empty:
        return None
    said = table.loc[table["kind"] != "number", ["paper_id", "kind", "value"]].drop_duplicates()
    said = said[said.groupby(["kind", "value"])["paper_id"].transform("size") > 1].sort_values(["kind", "value"])
    values, at = _coded(list(zip(said["kind"], said["value"], strict=True)))
    rows = _by_paper(said.assign(number=at), papers, "number")
    return {"values": [[kind, plain(value)] for kind, value in values], "n": _counts(rows, papers),
            "value": list(rows["number"])}


def _periods(papers: pd.DataFrame, periods: list[str]) -> list[int]:
    """Give the place of each paper's period in `periods`, as the trends count it; -1 where it falls in none."""
    if not periods:
        return [-1] * len(papers)
    grid = make_grid(papers, width_of(periods[0]))
    places = {label: number for number, label in enumerate(periods)}
    known = [places.get(label, -1) for label in grid.labels]
    return [known[number] if number >= 0 else -1 for number in grid.number]


def _quantised(values: pd.Series) -> list[int]:
    low, high = values.min(), values.max()
    scale = STEPS / (high - low) if high > low else 0
    middle = 0 if scale else STEPS // 2
    return [-1 if pd.isna(value) else round((value - low) * scale) + middle for value in values]


def _coded(items: list[Any]) -> tuple[list[Any], list[int]]:
    """Give the different items in order of first use, and each item as its place among them."""
    places: dict[Any, int] = {}
    at = [places.setdefault(item, len(places)) for item in items]
    return list(places), at
