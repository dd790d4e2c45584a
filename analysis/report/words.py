"""Sentences about a run, each computed from its tables: no number is written by hand, and none is said twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import combinations

import pandas as pd

from analysis.charts.style import counted, percent
from analysis.charts.tables import listed_themes
from analysis.schema import Run

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")


def title_sentence(run: Run) -> str:
    """Return the report's heading: how many papers in how many themes, and which lead."""
    n_papers = len(run.papers)
    themes = _filled(run)
    if n_papers == 0:
        return "No paper came in"
    if len(themes) == 0:
        return f"{counted(n_papers, 'paper')}, too few to make a theme"
    if len(themes) == 1:
        return f"{counted(n_papers, 'paper')} on one theme: {themes['name'].iloc[0]}"
    leaders = listed(list(themes["name"].head(3)))
    return f"{counted(n_papers, 'paper')} in {counted(len(themes), 'theme')}, led by {leaders}"


def feed_sentences(run: Run) -> list[str]:
    """Return what the feed is about, in at most three sentences: themes, dates, overlap."""
    return [text for text in (_size_sentence(run), _date_sentence(run), overlap_sentence(run)) if text]


def movers_sentence(run: Run) -> str:
    """Return how many themes rise and fade, or why no one can tell."""
    verdicts = _signals(run)["verdict"]
    n_called = int((verdicts != "not enough data").sum())
    if verdicts.empty:
        return "There is no theme whose course could be told."
    if n_called == 0:
        most = counted(int(_signals(run)["n_dated"].max()), "dated paper")
        return (f"Not enough data: none of {counted(len(verdicts), 'theme')} has the dated papers that it takes to "
                f"tell a rise from chance; the fullest has {most} in complete periods. Each theme below says why.")
    counts = verdicts.value_counts()
    parts = [f"{counts[word]} {word}" for word in ("rising", "steady", "fading") if word in counts]
    rest = len(verdicts) - n_called
    return (f"Of {counted(len(verdicts), 'theme')}: {listed(parts)}"
            + (f"; for the other {rest}, not enough data." if rest else "."))


def trust_sentence(run: Run) -> str:
    """Return in one line how far to trust the themes, from QUALITY."""
    measured = run.quality[run.quality["verdict"] != "not measured"]
    weak = measured[measured["verdict"] == "warn"]
    if measured.empty:
        return "Nothing could be measured on so few papers: read the themes as a sorting aid."
    if weak.empty:
        return f"All {counted(len(measured), 'check')} pass."
    return (f"{len(measured) - len(weak)} of {counted(len(measured), 'check')} pass. "
            f"Take care with: {listed([metric_words(name) for name in weak['metric']])}.")


def age_sentence(newest: str | None, made_at: str) -> str:
    """Return how long before the report the newest paper appeared; empty where one of the two is unknown."""
    made = _day(made_at)
    if not newest or made is None:
        return ""
    if len(newest) == 4:
        years = made.year - int(newest)
        return "the year of this report" if years == 0 else f"{counted(years, 'year')} before this report"
    start = date.fromisoformat(newest if len(newest) == 10 else f"{newest}-01")
    months = (made.year - start.year) * 12 + made.month - start.month
    if len(newest) == 10 and (made - start).days < 60:
        return f"{counted((made - start).days, 'day')} before this report"
    if months < 24:
        return "the month of this report" if months == 0 else f"{counted(months, 'month')} before this report"
    return f"{counted(months // 12, 'year')} before this report"


def date_words(published: str | None) -> str:
    """Return an ISO date cut to its precision as a reader writes it: 2024, March 2024, 5 March 2024."""
    if not isinstance(published, str) or not published:
        return "undated"
    year, *rest = published[:10].split("-")
    month = f"{MONTHS[int(rest[0]) - 1]} " if rest else ""
    day = f"{int(rest[1])} " if len(rest) > 1 else ""
    return f"{day}{month}{year}"


def moment_words(made_at: str) -> str:
    """Return an ISO moment as `23 November 2026, 12:40 UTC`; the text itself where it is no ISO moment."""
    try:
        moment = datetime.fromisoformat(made_at)
    except ValueError:
        return made_at or "not recorded"
    clock = f", {moment:%H:%M} {moment.tzname() or ''}".rstrip() if "T" in made_at or " " in made_at else ""
    return date_words(f"{moment:%Y-%m-%d}") + clock


def stability_words(stability: float | None) -> tuple[str, str]:
    """Return how firmly a theme holds under resampling, as (class, words)."""
    if stability is None or pd.isna(stability):
        return "unknown", "stability not measured"
    if stability >= 0.75:
        return "firm", "firm"
    return ("fair", "fairly firm") if stability >= 0.5 else ("shaky", "shaky")


def metric_words(metric: str) -> str:
    """Return a metric's name as words."""
    return metric.replace("_", " ").strip()


def growth_words(growth: float, low: float, high: float) -> str:
    """Return a growth, its interval first: `between +5 % and +46 % a period, +25 % at best guess`."""
    return (f"between {percent(low, sign=True)} and {percent(high, sign=True)} a period, "
            f"{percent(growth, sign=True)} at best guess")


def listed(items: Sequence[str]) -> str:
    """Return items as a reader lists them: `a`, `a and b`, `a, b and c`."""
    *start, last = items
    return f"{', '.join(start)} and {last}" if start else last


def newest_published(run: Run) -> str | None:
    """Return the newest paper's date, at its own precision."""
    known = run.papers["published"].dropna()
    return None if known.empty else str(known.max())


def _filled(run: Run) -> pd.DataFrame:
    themes = listed_themes(run)
    return themes[themes["n_papers"] > 0]


def _size_sentence(run: Run) -> str:
    themes, n_papers = _filled(run), len(run.papers)
    if len(themes) < 2:
        return ""
    first, others = themes.iloc[0], themes.iloc[1:3]
    n_top = int(themes["n_papers"].head(3).sum())
    then = listed([f"{row.name_} ({row.n_papers})" for row in others.rename(columns={"name": "name_"}).itertuples()])
    return (f"The largest theme, {first['name']}, has {first['n_papers']} of {counted(n_papers, 'paper')} "
            f"({percent(first['n_papers'] / n_papers)}), then come {then}; "
            f"the first {min(3, len(themes))} hold {percent(n_top / n_papers)}.")


def _date_sentence(run: Run) -> str:
    known = run.papers["published"].dropna().sort_values()
    n_undated = len(run.papers) - len(known)
    if known.empty:
        return "No paper carries a date." if len(run.papers) else ""
    first, last, middle = known.iloc[0], known.iloc[-1], known.iloc[len(known) // 2]
    if first[:4] == last[:4]:
        span = f"All dated papers are from {first[:4]}"
    else:
        span = f"The papers appeared from {first[:4]} to {last[:4]}, half of them in {middle[:4]} or later"
    return span + (f"; {counted(n_undated, 'paper carries', 'papers carry')} no date." if n_undated else ".")


def overlap_sentence(run: Run) -> str:
    """Return how many papers sit in several themes, and in which two most often; empty where none does."""
    held = run.placements[run.placements["theme_key"].isin(listed_themes(run)["theme_key"])]
    per_paper = held.groupby("paper_id")["theme_key"].apply(lambda keys: sorted(keys))
    several = per_paper[per_paper.map(len) > 1]
    if several.empty:
        return ""
    pairs = pd.Series([pair for keys in several for pair in combinations(keys, 2)]).value_counts()
    names = dict(zip(run.themes["theme_key"], run.themes["name"], strict=True))
    n_top = int(pairs.iloc[0])
    one, other = min(pairs.index[pairs == n_top])
    return (f"{counted(len(several), 'paper sits', 'papers sit')} in more than one theme"
            + (f", most often in {names[one]} and {names[other]} ({n_top})." if n_top > 1 else "."))


def _signals(run: Run) -> pd.DataFrame:
    """Signals of the themes that the page lists; broad and fine ones are in the run's tables."""
    return run.signals[run.signals["theme_key"].isin(set(_filled(run)["theme_key"]))]


def _day(made_at: str) -> date | None:
    try:
        return datetime.fromisoformat(made_at).date()
    except ValueError:
        return None
