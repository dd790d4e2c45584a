"""SIGNALS: how fast each theme grows now, and what the data allow to say about it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.schema import SEPARATOR, SIGNALS, check
from analysis.trends import periods as calendar
from analysis.trends.bursts import find_bursts
from analysis.trends.model import Posterior, fit_courses
from analysis.trends.noise import estimate_noise
from analysis.trends.shares import primary_papers

WINDOW = {"day": 14, "week": 13, "month": 12, "quarter": 4, "year": 3}
"""What "now" looks back over, in periods; never more than half of the complete periods."""

LEAST_PERIODS = 4
LEAST_PAPERS = 5
LEAST_PAPERS_STEADY, LEAST_RATE_STEADY = 30, 5
"""Papers in all, and a period of the window, below which nothing is called steady. With n papers the log of the ratio
of two halves has a standard error of about 2 / sqrt(n): fewer than 30 cannot tell a doubling from chance. With fewer
than 5 a period, a threefold rise of the last two periods would mostly go unseen."""

CHANGE = float(np.log(1.1))
"""A theme rises when its odds grew by more than a tenth over the window, and fades when they shrank by as much."""

BIG_CHANGE = float(np.log(2.0))
"""A theme is steady when it surely neither doubled nor halved over the window."""

FALSE_SHARE = 0.05
"""Expected share of wrong calls among all the themes of a run that are called rising or fading."""

SURE_CALL, SURE_STEADY = 0.8, 0.85
"""Least probability of every single call, and of "steady"."""


def compute_signals(
    papers: pd.DataFrame, placements: pd.DataFrame, themes: pd.DataFrame, trends: pd.DataFrame
) -> pd.DataFrame:
    """Return SIGNALS: for each theme its growth per period now, with interval, verdict and the reason in words.

    The model is in `analysis.trends.model`. Growth is the change of the theme's odds over the window (`WINDOW`),
    per period; the unfinished period takes no part. A theme is called rising or fading when it surely changed by
    more than a tenth: as many themes as keep the expected share of wrong calls at 5 %; steady when it
    probably (85 %) neither doubled nor halved, and it has 30 papers and 5 a period; otherwise there is not enough data.

    Parameters
    ----------
    papers, placements, themes, trends : DataFrame
        PAPERS, PLACEMENTS, THEMES and the TRENDS made from them.

    Returns
    -------
    DataFrame
        SIGNALS, one row a theme, by theme.
    """
    keys = themes["theme_key"].sort_values(ignore_index=True)
    complete = trends[~trends["is_partial"]]
    counts, totals, labels = count_matrix(complete, keys)
    width = calendar.width_of(labels[0]) if labels else "year"
    n_dated = counts.sum(axis=1)
    placed = primary_papers(placements, themes)
    n_placed = keys.map(placed["theme_key"].value_counts()).fillna(0).astype(int).to_numpy()

    frame = pd.DataFrame({"theme_key": keys, "n_dated": n_dated})
    frame["burst_periods"] = _burst_periods(counts, totals, labels)
    if len(labels) < LEAST_PERIODS or len(keys) == 0:
        frame[["growth", "growth_low", "growth_high"]] = np.nan
        frame["verdict"] = "not enough data"
        frame["reason"] = [
            _too_short(int(n), int(placed_n), len(labels), width) for n, placed_n in zip(n_dated, n_placed, strict=True)
        ]
        return check(frame, SIGNALS)

    window = min(WINDOW[width], len(labels) // 2)
    posterior = fit_courses(counts, totals, window)[0]
    change = np.array([posterior.quantile(level) for level in (0.025, 0.5, 0.975)])
    enough = n_dated >= LEAST_PAPERS
    for name, row in zip(("growth_low", "growth", "growth_high"), change, strict=True):
        frame[name] = np.where(enough, np.expm1(row / window), np.nan)
    rate = counts[:, -window:].mean(axis=1)
    frame["verdict"] = decide(posterior, n_dated, rate)
    span = _Span(width, window, len(labels))
    frame["reason"] = [
        span.reason(verdict, int(n), papers_a_period, np.exp(row))
        for verdict, n, papers_a_period, row in zip(frame["verdict"], n_dated, rate, change.T, strict=True)
    ]
    return check(frame, SIGNALS)


def count_matrix(trends: pd.DataFrame, keys: pd.Series) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return papers per theme and period, all papers per period, and the periods' labels in order."""
    labels = sorted(trends["period"].unique())
    counts = np.zeros((len(keys), len(labels)), dtype=int)
    totals = np.zeros(len(labels), dtype=int)
    column = pd.Index(labels).get_indexer(trends["period"])
    counts[pd.Index(keys).get_indexer(trends["theme_key"]), column] = trends["n_papers"].to_numpy(dtype=int)
    totals[column] = trends["n_total"].to_numpy(dtype=int)
    return counts, totals, labels


def decide(posterior: Posterior, n_dated: np.ndarray, rate: np.ndarray) -> np.ndarray:
    """Return each theme's verdict, from its papers in all and a period of the window, `rate`.

    Themes are called in order of how sure the call is, as long as the mean of their probabilities of being wrong
    stays below 5 % (Bayesian false-discovery control) and each is at most 20 %.

    References
    ----------
    Stephens, M. (2017), False discovery rates: a new deal, doi:10.1093/biostatistics/kxw041.
    """
    rise = 1 - posterior.below(CHANGE)
    fall = posterior.below(-CHANGE)
    wrong = 1 - np.maximum(rise, fall)
    wrong[n_dated < LEAST_PAPERS] = 1.0
    order = np.argsort(wrong, kind="stable")
    mean_wrong = np.cumsum(wrong[order]) / np.arange(1, len(wrong) + 1)
    called = np.zeros(len(wrong), dtype=bool)
    called[order] = (mean_wrong <= FALSE_SHARE) & (wrong[order] <= 1 - SURE_CALL)
    small = posterior.below(BIG_CHANGE) - posterior.below(-BIG_CHANGE)
    steady = (small >= SURE_STEADY) & (n_dated >= LEAST_PAPERS_STEADY) & (rate >= LEAST_RATE_STEADY)
    return np.select([called & (rise > fall), called, steady], ["rising", "fading", "steady"], "not enough data")


@dataclass(frozen=True)
class _Span:
    width: str
    window: int
    n_periods: int

    def reason(self, verdict: str, n_papers: int, rate: float, change: np.ndarray) -> str:
        """Return the sentence that says why a theme has its verdict; `change` is low, middle and high, as a factor."""
        papers = f"{n_papers} paper{'' if n_papers == 1 else 's'}"
        if n_papers < LEAST_PAPERS:
            return f"{papers} in {self.n_periods} complete {self.width}s; a trend needs at least {LEAST_PAPERS}."
        low, middle, high = change
        span = f"over the last {self.window} complete {self.width}s"
        factor = (
            f"the odds of a paper being here are {middle:.2g} times what they were, "
            f"95 % interval {low:.2g} to {high:.2g}; {papers}"
        )
        if verdict == "rising":
            return f"Grew {span}: {factor}."
        if verdict == "fading":
            return f"Shrank {span}: {factor}."
        if verdict == "steady":
            return f"No sure change {span}, and neither doubled nor halved: {factor}."
        if n_papers < LEAST_PAPERS_STEADY or rate < LEAST_RATE_STEADY:
            return f"Too few papers to tell a change {span} from chance: {factor}."
        return f"Too uneven to tell a change {span} from chance: {factor}."


def _too_short(n_dated: int, n_placed: int, n_periods: int, width: str) -> str:
    papers = f"{n_placed} paper{'' if n_placed == 1 else 's'}"
    if n_periods == 0:
        return f"{papers}, and no complete period: dates are missing, too coarse, or all of the unfinished period."
    periods = f"{n_periods} complete {width}{'' if n_periods == 1 else 's'}"
    return f"{papers}, {n_dated} of them in {periods}; a trend needs at least {LEAST_PERIODS} complete periods."


def _burst_periods(counts: np.ndarray, totals: np.ndarray, labels: list[str]) -> list[str | None]:
    bursts = find_bursts(counts, totals, estimate_noise(counts, totals)) > 0
    return [SEPARATOR.join(np.array(labels)[row]) if row.any() else None for row in bursts]
