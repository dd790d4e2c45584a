"""Any phrase, followed through the archive: its share, and what each period's run would have said of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from analysis.schema import PLACEMENTS, THEMES, empty
from analysis.trends.growth import LEAST_PERIODS, compute_signals
from analysis.trends.shares import compute_trends


def follow_phrases(
    papers: pd.DataFrame, phrases: Mapping[str, str], period: str = "auto", as_of: str | None = None,
) -> pd.DataFrame:
    """Return the share of the papers that say each phrase, by period, with the verdict of a run that ended there.

    Nothing of a later period is known to a verdict, so the table tells when a rise would have been called.

    Parameters
    ----------
    papers : DataFrame
        PAPERS.
    phrases : mapping of str to str
        Name → regular expression, searched for in titles and abstracts. A paper may say several.
    period, as_of : str
        As for `compute_trends`.

    Returns
    -------
    DataFrame
        phrase, period, n_papers, n_total, share, share_low, share_high, verdict; by phrase and complete period.
    """
    said = papers["title"] + ". " + papers["abstract"]
    trends = pd.concat([
        compute_trends(papers, _placed(papers[said.str.contains(pattern)], name), _themes([name]), period, as_of)
        for name, pattern in phrases.items()
    ], ignore_index=True)
    trends = trends[~trends["is_partial"]]
    themes, nobody = _themes(list(phrases)), empty(PLACEMENTS)
    verdicts = []
    for last in sorted(trends["period"].unique())[LEAST_PERIODS - 1:]:
        signals = compute_signals(papers, nobody, themes, trends[trends["period"] <= last])
        verdicts.append(signals[["theme_key", "verdict"]].assign(period=last))
    if not verdicts:
        verdicts = [pd.DataFrame({"theme_key": [], "verdict": [], "period": []}, dtype="str")]
    told = trends.merge(pd.concat(verdicts), on=["theme_key", "period"], how="left")
    told["verdict"] = told["verdict"].fillna("not enough data")
    columns = ["phrase", "period", "n_papers", "n_total", "share", "share_low", "share_high", "verdict"]
    return told.rename(columns={"theme_key": "phrase"})[columns].sort_values(["phrase", "period"], ignore_index=True)


def summarise_calls(told: pd.DataFrame) -> pd.DataFrame:
    """Return when each phrase was first said and first called: one row a phrase, from `follow_phrases`.

    Returns
    -------
    DataFrame
        phrase, first_said, rising (periods whose run calls it rising, "first to last (how many)"), fading (likewise),
        share_now.
    """
    rows = []
    for phrase, course in told.groupby("phrase"):
        said = course.loc[course["n_papers"] > 0, "period"]
        rows.append({"phrase": phrase, "first_said": said.min() if len(said) else None,
                     "rising": _span(course, "rising"), "fading": _span(course, "fading"),
                     "share_now": course["share"].iloc[-1] if len(course) else np.nan})
    return pd.DataFrame(rows, columns=["phrase", "first_said", "rising", "fading", "share_now"])


def _span(course: pd.DataFrame, verdict: str) -> str | None:
    called = course.loc[course["verdict"] == verdict, "period"].tolist()
    return f"{called[0]} to {called[-1]} ({len(called)})" if called else None


def _themes(names: list[str]) -> pd.DataFrame:
    table = pd.DataFrame({"theme_key": names, "name": names}).reindex(columns=THEMES.column_names)
    return table.assign(level="theme", declared=True, n_papers=0, n_any=0)


def _placed(papers: pd.DataFrame, name: str) -> pd.DataFrame:
    table = pd.DataFrame({"paper_id": papers["paper_id"], "theme_key": name}).reindex(columns=PLACEMENTS.column_names)
    return table.assign(rank=1, strength=1.0, tier="core")
