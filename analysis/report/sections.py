"""The report's sections: each takes a run and returns a piece of HTML in which every text is escaped."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
import pandas as pd
from markupsafe import Markup, escape

from analysis.charts.colors import theme_colors, theme_symbols
from analysis.charts.style import counted, plain
from analysis.charts.tables import chart_table, listed_themes, theme_names
from analysis.report import words
from analysis.report.curve import curve
from analysis.schema import SEPARATOR, Run
from analysis.store import run_sha256

PAGE = Path(__file__).parent / "page"
N_BEST = 3
N_LISTED = 60
"""Papers that one list holds; the finder has them all."""


@dataclass(frozen=True)
class Fragment:
    """A piece of the report, which a notebook shows as it stands."""

    html: str

    def _repr_html_(self) -> str:
        return self.html


def headline(run: Run, made_at: str = "") -> Fragment:
    """Return what the feed is about, how new it is, when this was made, how much there is, how far to trust it."""
    newest = words.newest_published(run)
    counts = run.manifest.get("counts", {})
    return fragment(
        "headline", feed=str(run.manifest.get("settings", {}).get("title", "")), title=words.title_sentence(run),
        sentences=words.feed_sentences(run), newest=words.date_words(newest) if newest else "unknown: none is dated",
        age=words.age_sentence(newest, made_at), made=words.moment_words(made_at), n_papers=len(run.papers),
        n_dropped=counts.get("dropped", len(run.dropped)), trust=words.trust_sentence(run),
        themes=[theme for theme in themes(run) if theme["n_papers"]])


def summary(run: Run) -> Fragment:
    """Return what the feed is about in a heading and a few sentences."""
    return fragment("summary", title=words.title_sentence(run), sentences=words.feed_sentences(run),
                     trust=words.trust_sentence(run))


def movers(run: Run) -> Fragment:
    """Return the themes that rise or fade, each with its interval; or why no one can tell."""
    signals = run.signals.set_index("theme_key")
    called: dict[str, list[dict[str, Any]]] = {"rising": [], "fading": []}
    for theme in themes(run):
        signal = signals.loc[theme["key"]] if theme["key"] in signals.index else None
        if signal is not None and signal["verdict"] in called:
            growth = words.growth_words(signal["growth"], signal["growth_low"], signal["growth_high"])
            called[signal["verdict"]].append({**theme, "growth": growth, "n_dated": int(signal["n_dated"])})
    return fragment("movers", sentence=words.movers_sentence(run), called=called)


def theme_cards(run: Run) -> Fragment:
    """Return a card for each theme: terms, tiers, stability, course, and its best papers, each with a quoted sentence.

    A theme that was declared and holds no paper is named, with 0.
    """
    papers = run.papers.set_index("paper_id")
    names = theme_names(run)
    parents = dict(zip(run.themes["theme_key"], run.themes["parent_key"], strict=True))
    near = run.similarity.sort_values("similarity", ascending=False)
    trends = run.trends.sort_values("period")
    signals = run.signals.set_index("theme_key")
    cards = []
    for theme in themes(run):
        placed = run.placements[run.placements["theme_key"] == theme["key"]].sort_values(
            ["rank", "strength", "paper_id"], ascending=[True, False, True])
        exemplars = [key for key in theme["exemplars"] if key in set(placed["paper_id"])]
        best = list(dict.fromkeys([*exemplars, *placed.loc[placed["rank"] == 1, "paper_id"]]))[:N_BEST]
        by_paper = placed.set_index("paper_id")
        close = near.loc[near["theme_key"] == theme["key"]].head(3)
        cards.append({
            **theme,
            "best": [_paper(papers.loc[key], by_paper.loc[key], quote=True) for key in best if key in papers.index],
            "all": [_paper(papers.loc[row.paper_id], by_paper.loc[row.paper_id])
                    for row in placed.head(N_LISTED).itertuples() if row.paper_id in papers.index],
            "near": [{"name": names[key], "id": theme_ids(run).get(key)} for key in close["other_key"] if key in names],
            "verdict": str(signals.loc[theme["key"], "verdict"]) if theme["key"] in signals.index else "",
            "reason": str(signals.loc[theme["key"], "reason"]) if theme["key"] in signals.index else "",
            "curve": curve(trends[trends["theme_key"] == theme["key"]]),
            "above": names.get(parents[theme["key"]], ""),
            **_branches(run, theme["key"]),
        })
    return fragment("theme_cards", cards=[card for card in cards if card["n_any"]],
                     empty=[card for card in cards if not card["n_any"]], n_papers=len(run.papers))


def search(run: Run) -> Fragment:
    """Return the fields to search and choose by, which the page's script brings to life."""
    return fragment("search", themes=themes(run), n_papers=len(run.papers))


def finder(run: Run) -> Fragment:
    """Return the place for the papers that are found, and for the one that is read."""
    return fragment("finder", n_papers=len(run.papers))


def several(run: Run) -> Fragment:
    """Return how many papers sit in several themes."""
    table = chart_table(run, "several")
    return fragment("several", n=table["paper_id"].nunique(), n_papers=len(run.papers),
                     sentence=words.overlap_sentence(run))


def trust(run: Run) -> Fragment:
    """Return every check of QUALITY in words, with its figure, its bound and whether it passes."""
    order = {"warn": 0, "pass": 1, "not measured": 2}
    quality = run.quality.sort_values("verdict", key=lambda verdicts: verdicts.map(order), kind="stable")
    checks = [
        {"metric": words.metric_words(row.metric), "value": _number(row.value), "floor": _number(row.floor),
         "verdict": row.verdict, "meaning": row.meaning}
        for row in quality.itertuples()
    ]
    return fragment("trust", sentence=words.trust_sentence(run), checks=checks)


def _branches(run: Run, key: str) -> dict[str, Any]:
    """Return the fine themes within a theme, and what became of it since the run before."""
    within = run.themes[(run.themes["parent_key"] == key) & (run.themes["level"] == "fine")]
    lived = run.lineage[(run.lineage["theme_key"] == key) & (run.lineage["event"] != "continued")]
    return {"within": [(row.name, int(row.n_papers)) for row in within.itertuples(index=False)],
            "lived": [(row.event, row.previous_name if isinstance(row.previous_name, str) else "")
                      for row in lived.itertuples()]}


def set_aside(run: Run) -> Fragment:
    """Return the records that were dropped and why, the papers that fit loosely, and those without date or abstract."""
    papers = run.papers.set_index("paper_id")
    primary = run.placements[run.placements["rank"] == 1]
    loose = primary[primary["tier"] == "loose"].sort_values(["strength", "paper_id"])
    names = theme_names(run)
    nearest = [{**_paper(papers.loc[row.paper_id], row._asdict()), "theme": names.get(row.theme_key, "")}
               for row in loose.head(N_LISTED).itertuples() if row.paper_id in papers.index]
    unplaced = papers[~papers.index.isin(run.placements["paper_id"])]
    return fragment(
        "set_aside", dropped=run.dropped.head(200).to_dict("records"), n_dropped=len(run.dropped), loose=nearest,
        n_loose=len(loose), n_papers=len(papers), unplaced=list(unplaced["title"].head(N_LISTED)),
        n_unplaced=len(unplaced), n_undated=int(papers["published"].isna().sum()),
        n_no_abstract=int((papers["abstract"] == "").sum()))


def receipt(run: Run) -> Fragment:
    """Return what it takes to make this report again: run, inputs' sha256, settings, versions, tables' sha256."""
    manifest = run.manifest
    method = {key: manifest[key] for key in ("method", "embedding", "dates_sha256") if manifest.get(key)}
    packages = manifest.get("packages", manifest.get("package_versions", {}))
    return fragment(
        "receipt", run_id=run.run_id, method_version=manifest.get("method_version", ""),
        inputs=manifest.get("inputs", []), settings=_flat(manifest.get("settings", {})),
        packages=_flat(packages), method=_flat(method), tables=manifest.get("tables", {}),
        counts=manifest.get("counts", {}), previous=manifest.get("previous_run"), as_of=manifest.get("as_of"),
        run_sha256=run_sha256(manifest))


def contents(run: Run) -> Fragment:
    """Return the list of themes inside the table of contents."""
    return fragment("contents", themes=themes(run))


def figure(run: Run, layout: dict[str, Any]) -> Fragment:
    """Return the place that a chart is drawn in, with its words around it and its numbers beside it."""
    meta = layout["meta"]
    return fragment("map" if meta["chart"] == "map" else "figure", chart=meta["chart"], title=meta["title"],
                    caption=meta["caption"], empty=meta.get("empty", False), height=layout["height"] - 60,
                    n_rows=len(chart_table(run, meta["chart"])))


def theme_ids(run: Run) -> dict[str, str]:
    """Return each listed theme's anchor in the page, which rests on its key alone."""
    ids: dict[str, str] = {}
    for key in listed_themes(run)["theme_key"]:
        slug = "theme-" + (re.sub(r"[^a-z0-9]+", "-", key.lower()).strip("-") or "x")
        while slug in ids.values():
            slug += "-2"
        ids[key] = slug
    return ids


def safe_url(url: Any) -> str:
    """Return an address that may stand behind a link: http or https, else nothing."""
    if not isinstance(url, str):
        return ""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.netloc else ""


def themes(run: Run) -> list[dict[str, Any]]:
    """Return each listed theme as a template wants it: key, name, anchor, mark, counts, terms, badge."""
    light, dark, symbols, ids = theme_colors(run), theme_colors(run, dark=True), theme_symbols(run), theme_ids(run)
    tiers = chart_table(run, "themes").set_index("theme_key")
    rows = []
    for theme in listed_themes(run).itertuples():
        key = theme.theme_key
        badge, held = words.stability_words(theme.stability)
        rows.append({
            "key": key, "name": theme.name, "id": ids[key], "light": light[key], "dark": dark[key],
            "symbol": symbols[key], "declared": bool(theme.declared), "n_papers": int(theme.n_papers),
            "n_any": int(theme.n_any), "terms": _items(theme.terms), "exemplars": _items(theme.exemplars),
            "stability": None if pd.isna(theme.stability) else float(theme.stability), "badge": badge, "held": held,
            "tiers": {tier: int(tiers.loc[key, tier]) for tier in ("core", "member", "loose")},
        })
    return rows


def _paper(paper: pd.Series, placement: Any, quote: bool = False) -> dict[str, Any]:
    start, end = placement["evidence_start"], placement["evidence_end"]
    known = quote and pd.notna(start) and pd.notna(end)
    text = paper["abstract"][int(start):int(end)].strip() if known else ""
    return {
        "id": paper.name, "title": paper["title"], "url": safe_url(paper["url"]),
        "date": words.date_words(paper["published"]), "strength": float(placement["strength"]),
        "tier": placement["tier"], "rank": int(placement["rank"]),
        "quote": marked(text, _items(placement["evidence_terms"])) if text else "",
    }


def marked(text: str, terms: list[str]) -> Markup:
    """Return a text, escaped, with the terms that it says inside ``<mark>``."""
    if not terms:
        return escape(plain(text))
    longest_first = sorted(terms, key=len, reverse=True)
    pattern = re.compile(r"(?<!\w)(" + "|".join(map(re.escape, longest_first)) + r")(?!\w)", re.IGNORECASE)
    pieces = pattern.split(plain(text))
    return Markup("").join(Markup("<mark>{}</mark>").format(piece) if number % 2 else escape(piece)
                           for number, piece in enumerate(pieces))


def _items(cell: Any) -> list[str]:
    return [item for item in cell.split(SEPARATOR) if item] if isinstance(cell, str) else []


def _readable(text: str) -> str:
    """Show odd characters as such; markup of ours keeps its line ends."""
    return text if isinstance(text, Markup) else plain(text)


def _number(value: Any) -> str:
    return "" if pd.isna(value) else f"{value:.2f}".rstrip("0").rstrip(".")


def _flat(values: Any, lead: str = "") -> dict[str, str]:
    """Give nested values as one level: ``a.b`` → text."""
    if not isinstance(values, dict):
        return {lead or "value": str(values)}
    flat: dict[str, str] = {}
    for key, value in values.items():
        flat |= _flat(value, f"{lead}.{key}" if lead else str(key))
    return flat


@cache
def environment() -> jinja2.Environment:
    """Return the templates of the page, with every value escaped as it is put in."""
    made = jinja2.Environment(loader=jinja2.FileSystemLoader(PAGE), autoescape=True, undefined=jinja2.StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True,
                              finalize=lambda value: _readable(value) if isinstance(value, str) else value)
    made.globals["counted"] = counted
    return made


def fragment(name: str, **values: Any) -> Fragment:
    """Return a template of the page, filled."""
    return Fragment(environment().get_template(f"{name}.html.j2").render(**values))
