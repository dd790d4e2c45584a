"""What a digest says, as plain sentences computed from the run's tables. Nothing is escaped here."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.charts.style import counted, percent
from analysis.charts.tables import listed_themes
from analysis.digest.escape import plain_line, safe_link
from analysis.report.words import age_sentence, date_words, growth_words, listed, metric_words, newest_published
from analysis.schema import LINEAGE, SEPARATOR, WATCH, Run, Table, empty
from analysis.trends.together import LEAST_STRENGTH

MOST = 10
"""Items of a kind that one page holds; the others are counted."""

_EVENTS = {"born": ("new theme", "new themes"), "split": ("theme split", "themes split"),
           "merged": ("theme merged", "themes merged"), "ended": ("theme ended", "themes ended"),
           "revived": ("theme revived", "themes revived")}


@dataclass(frozen=True)
class Item:
    """One line of a list: what it is about, where it leads, and what is said of it."""

    text: str
    url: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Section:
    """A heading, what is said under it, and a list of which `n_more` items are left out."""

    heading: str
    sentences: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    n_more: int = 0
    is_ranked: bool = False


@dataclass(frozen=True)
class Contents:
    """A digest before it is written in any language."""

    title: str
    subject: str
    lead: tuple[str, ...]
    sections: tuple[Section, ...]
    run_id: str


def gather_contents(run: Run, previous: Run | None, reading: pd.DataFrame, made_at: str) -> Contents:
    """Return what there is to say of `run` since `previous`.

    Parameters
    ----------
    run, previous : Run
        `previous` is None for the first run of a feed: then there is nothing to hold it against, and it says so.
    reading : DataFrame
        READING.
    made_at : str
        The moment of making, ISO 8601.
    """
    new = _new_papers(run, previous)
    title = plain_line(run.manifest.get("settings", {}).get("title") or "Paper Themes", 100)
    changes = _changes(run, previous)
    news = [counted(len(new), "new paper") if previous is not None else f"first run, {counted(len(new), 'paper')}"]
    news += [counted(n, *_EVENTS[event]) for event, n in _counts(changes).items() if n]
    sections = (
        _theme_changes(run, changes, is_first=previous is None), _movers(run), _to_read(run, reading, len(new)),
        _caught(run, new), _trust(run, made_at))
    return Contents(title, f"{title}: {', '.join(news)}", _lead(run, previous, new),
                    tuple(section for section in sections if section is not None), plain_line(run.run_id, 80))


def _new_papers(run: Run, previous: Run | None) -> pd.DataFrame:
    known = previous.papers["paper_id"] if previous is not None else []
    return run.papers[~run.papers["paper_id"].isin(known)]


def _lead(run: Run, previous: Run | None, new: pd.DataFrame) -> tuple[str, ...]:
    n_papers, n_themes = len(run.papers), int((listed_themes(run)["n_papers"] > 0).sum())
    whole = f"{counted(n_papers, 'paper')} in {counted(n_themes, 'theme')}"
    if previous is None:
        return (f"This is the first run of this feed: {whole}, all of them new. From the next one on, this page says "
                "what changed.",)
    n_gone = int((~previous.papers["paper_id"].isin(run.papers["paper_id"])).sum())
    said = [f"{counted(len(new), 'paper is', 'papers are')} new since the run before; there are now {whole}."
            if len(new) else f"No paper is new since the run before; there are {whole}."]
    if n_gone:
        said.append(f"{counted(n_gone, 'paper')} of the run before no longer {'comes' if n_gone == 1 else 'come'} in.")
    return tuple(said)


def _table(run: Run, table: Table) -> pd.DataFrame:
    """Return a table of the run; an empty one where the run is older than the table."""
    return run.tables.get(table.name, empty(table))


def _changes(run: Run, previous: Run | None) -> pd.DataFrame:
    """Return what became of the themes that a reader meets, but for those that just go on."""
    lineage = _table(run, LINEAGE)
    if previous is None:
        return lineage.iloc[:0]
    told = lineage[(lineage["level"] == "theme") & lineage["event"].isin(_EVENTS)]
    unlisted, gone = _unlisted(run), _unlisted(previous)
    is_ended = told["theme_key"].isna()
    return told[~told["theme_key"].isin(unlisted) & ~(is_ended & told["previous_key"].isin(gone))]


def _unlisted(run: Run) -> set[str]:
    return set(run.themes["theme_key"]) - set(listed_themes(run)["theme_key"])


def _counts(changes: pd.DataFrame) -> dict[str, int]:
    """Themes with each event: one that took in three others merged once, and one that fell in three split once."""
    side = changes["theme_key"].where(~changes["event"].isin(["ended", "split"]), changes["previous_key"])
    return {event: int(side[changes["event"] == event].nunique()) for event in _EVENTS}


def _theme_changes(run: Run, changes: pd.DataFrame, *, is_first: bool) -> Section | None:
    heading = "Themes that changed"
    if is_first:
        return None
    if changes.empty:
        return Section(heading, ("No theme began, split, merged, ended or came back.",))
    titles = dict(zip(run.papers["paper_id"], run.papers["title"], strict=True))
    items, n_more = [], 0
    for event in _EVENTS:
        rows = changes[changes["event"] == event].sort_values(
            ["n_shared", "name", "theme_key", "previous_key"], ascending=[False, True, True, True])
        items += [Item(_name(row["name"]), "", (_told(event, row, titles),))
                  for row in rows.head(MOST).to_dict("records")]
        n_more += max(len(rows) - MOST, 0)
    return Section(heading, (), tuple(items), n_more)


def _told(event: str, row: dict[Hashable, Any], titles: dict[str, str]) -> str:
    before = _name(row["previous_name"]) if isinstance(row["previous_name"], str) else "an earlier theme"
    shared = counted(int(row["n_shared"]), "paper")
    if event == "born":
        ids = row["paper_ids"].split(SEPARATOR) if isinstance(row["paper_ids"], str) else []
        known = [paper_id for paper_id in ids if paper_id in titles]
        example = f", with such papers as “{plain_line(titles[known[0]], 120)}”" if known else ""
        return f"New{example}."
    if row["theme_key"] == row["previous_key"]:
        return {"split": f"Split: gave papers to another theme and keeps {shared}.",
                "merged": f"Merged: took another theme in, beside {shared} of its own.",
                "ended": "Ended.", "revived": "Revived."}[event]
    return {
        "split": f"Split: holds {shared} that stood in {before}.",
        "merged": f"Merged: took in {shared} of {before}.",
        "ended": "Ended: no theme of this run goes on with its papers.",
        "revived": f"Revived: {shared} in common with {before}, which had ended.",
    }[event]


def _movers(run: Run) -> Section:
    themes = listed_themes(run)
    names = dict(zip(themes["theme_key"], themes["name"], strict=True))
    signals = run.signals[run.signals["theme_key"].isin(names)]
    items, n_more = [], 0
    for verdict, sign in (("rising", 1), ("fading", -1)):
        called = signals[signals["verdict"] == verdict]
        nearest = called["growth_low" if sign > 0 else "growth_high"] * sign  # the surest change first
        called = called.assign(nearest=nearest).sort_values(["nearest", "theme_key"], ascending=[False, True])
        items += [Item(_name(names[row.theme_key]), "", (
            f"{verdict.capitalize()}: {growth_words(row.growth, row.growth_low, row.growth_high)}, from "
            f"{counted(int(row.n_dated), 'dated paper')}.",)) for row in called.head(MOST).itertuples()]
        n_more += max(len(called) - MOST, 0)
    if items:
        return Section("What rises and fades", (), tuple(items), n_more)
    n_steady = int((signals["verdict"] == "steady").sum())
    n_unknown = len(signals) - n_steady
    if signals.empty:
        said = "There is no theme whose course could be told."
    elif n_steady == 0:
        said = f"No theme can be called rising or fading: for {counted(n_unknown, 'theme')}, not enough data."
    else:
        said = f"No theme surely rises or fades: {counted(n_steady, 'theme')} steady, {n_unknown} without enough data."
    return Section("What rises and fades", (said,))


def _to_read(run: Run, reading: pd.DataFrame, n_new: int) -> Section:
    if reading.empty:
        return Section("To read", ("No paper is new, so there is none to read.",) if n_new == 0 else
                       ("No paper was chosen.",))
    papers = run.papers.set_index("paper_id")
    primary = run.placements[run.placements["rank"] == 1].set_index("paper_id")
    names = dict(zip(run.themes["theme_key"], run.themes["name"], strict=True))
    items = []
    for row in reading.sort_values("rank").itertuples():
        paper = papers.loc[row.paper_id]
        theme = "no theme"
        if row.paper_id in primary.index:
            placed = primary.loc[row.paper_id]
            theme = f"theme {_name(names.get(placed['theme_key'], placed['theme_key']))} ({placed['tier']})"
        items.append(Item(plain_line(paper["title"]) or "(no title)", safe_link(paper["url"]), (
            f"Adds {_part(row.gain)} of what is new, {_part(row.covered)} covered so far: {plain_line(row.reasons)}.",
            f"{theme[0].upper()}{theme[1:]}; {date_words(paper['published'])}.")))
    last = reading["covered"].max()
    cover = counted(len(items), "paper covers", "papers cover")
    said = (f"{cover} {_part(last)} of what is new. A paper covers itself, and others as far as they are closer to it "
            "than papers of this feed are to each other anyway; each is ranked by what it adds.")
    return Section("To read", (said,), tuple(items), is_ranked=True)


def _caught(run: Run, new: pd.DataFrame) -> Section | None:
    declared = listed_themes(run).query("declared")
    if declared.empty:
        return None
    firm = run.placements[(run.placements["strength"] >= LEAST_STRENGTH) & (run.placements["tier"] != "loose")]
    firm = firm[firm["paper_id"].isin(new["paper_id"])].sort_values(["strength", "paper_id"], ascending=[False, True])
    papers = new.set_index("paper_id")
    items = []
    for key, name in zip(declared["theme_key"], declared["name"], strict=True):
        held = firm[firm["theme_key"] == key]
        if held.empty:
            continue
        best = tuple(f"“{plain_line(papers.loc[row.paper_id, 'title'], 120)}” (strength {row.strength:.2f})"
                     for row in held.head(3).itertuples())
        notes = (f"{counted(len(held), 'new paper')}, the strongest first:", *best, *_drift(run, key))
        items.append((len(held), Item(_name(name), "", notes)))
    items.sort(key=lambda pair: (-pair[0], pair[1].text))
    said = "" if items else f"None of {counted(len(declared), 'declared theme')} caught a new paper."
    return Section("Declared themes that caught new papers", (said,) if said else (),
                   tuple(item for _, item in items[:MOST]), max(len(items) - MOST, 0))


def _drift(run: Run, key: str) -> tuple[str, ...]:
    """Return a sentence where what a declared theme catches moved away in the last complete period."""
    watch = _table(run, WATCH)
    row = watch[(watch["theme_key"] == key) & ~watch["is_partial"]].sort_values("period").tail(1)
    if row.empty or not row["drifts"].iloc[0]:
        return ()
    return (f"What it catches moved in {row['period'].iloc[0]}, by {percent(row['drift'].iloc[0])} of its length: see "
            "whether its words still say what you want.",)


def _trust(run: Run, made_at: str) -> Section:
    newest = newest_published(run)
    age = age_sentence(newest, made_at)
    said = [f"The newest paper is of {date_words(newest)}{f', {age}' if age else ''}." if newest
            else "No paper carries a date, so how new this is cannot be told."]
    known = run.papers["published_precision"].value_counts()
    vague = [f"{known[kind]:,} {words}" for kind, words in (("none", "without a date, and so in no trend"),
                                                            ("year", "with only a year")) if known.get(kind)]
    if newest and vague:
        said.append(f"Of {counted(len(run.papers), 'paper')}: {'; '.join(vague)}.")
    measured = run.quality[run.quality["verdict"] != "not measured"]
    weak = measured[measured["verdict"] == "warn"]
    if measured.empty:
        said.append("Nothing could be measured on so few papers: read the themes as a sorting aid.")
    elif weak.empty:
        said.append(f"All {counted(len(measured), 'check')} pass.")
    else:
        said.append(f"{len(measured) - len(weak)} of {counted(len(measured), 'check')} pass; take care with "
                    f"{listed([plain_line(metric_words(name), 60) for name in weak['metric'].head(MOST)])}.")
    items = [Item(plain_line(metric_words(row.metric), 60), "", (
        f"{row.value:.2f}, held to {row.floor:.2f}: {plain_line(row.meaning, 300)}",))
        for row in weak.head(MOST).itertuples()]
    return Section("How far to trust it", tuple(said), tuple(items), max(len(weak) - MOST, 0))


def _name(name: object) -> str:
    return plain_line(name, 80) or "(no name)"


def _part(share: float) -> str:
    """Return a share as per cent, with a decimal where it would round to nought."""
    return percent(share) if share >= 0.01 or share == 0 else f"{100 * share:.1f}\u00a0%"
