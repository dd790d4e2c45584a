"""WATCH: what a declared theme would have caught in every past period, and when what it catches moves away."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

from analysis.schema import SEPARATOR, WATCH, check, empty
from analysis.trends import periods as calendar
from analysis.trends.together import LEAST_STRENGTH

LEAST_PAPERS = 5
"""Papers of a period, and before it, that a drift is told from."""

LEAST_DRIFT = 0.25
"""A theme drifts when the middle of what it catches moved by this share of its length, beyond what chance explains."""

FALSE_SHARE = 0.05
"""Expected share of false drifts among all that are told."""

_MOST_BEFORE, _DIMENSIONS, _SHUFFLES, _SHOWN = 1000, 40, 1999, 5


def compute_watch(
    papers: pd.DataFrame, placements: pd.DataFrame, themes: pd.DataFrame, vectors: np.ndarray,
    period: str = "auto", as_of: str | None = None, random_state: int = 0,
) -> pd.DataFrame:
    """Return WATCH: for each declared theme and period, the papers it would have caught, and whether they drift.

    A theme catches a paper that is placed in it with a strength of 0.3 or more, at any rank. The mean vector of a
    period's catch is held against that of the 1,000 papers caught last before; which of the papers are the new ones
    is shuffled 1,999 times to learn how far chance alone moves it. The unfinished period is listed and not tested.

    Parameters
    ----------
    papers, placements, themes : DataFrame
        PAPERS, PLACEMENTS, THEMES.
    vectors : float array of shape (n_papers, n_dimensions)
        Unit rows, in the order of `papers`.
    period, as_of : str
        As for `analysis.trends.compute_trends`.
    random_state : int
        Seed of the shuffles.

    Returns
    -------
    DataFrame
        WATCH, by theme and period; empty where no theme is declared or no paper is dated finely enough.

    References
    ----------
    Benjamini, Y., Hochberg, Y. (1995), doi:10.1111/j.2517-6161.1995.tb02031.x, over all themes and periods tested.
    """
    grid = calendar.make_grid(papers, period, as_of)
    declared = themes.loc[themes["declared"], "theme_key"].sort_values()
    if not grid.labels or declared.empty:
        return empty(WATCH)
    caught = placements[(placements["strength"] >= LEAST_STRENGTH) & (placements["tier"] != "loose")]
    caught = caught.assign(row=pd.Index(papers["paper_id"]).get_indexer(caught["paper_id"]))
    caught = caught.assign(number=grid.number[caught["row"]]).query("number >= 0")
    rng = np.random.default_rng(random_state)
    rows = []
    for key in declared:
        own = caught[caught["theme_key"] == key].sort_values(["number", "strength", "paper_id"],
                                                             ascending=[True, False, True])
        for number, label in enumerate(grid.labels):
            now, before = own[own["number"] == number], own[own["number"] < number].tail(_MOST_BEFORE)
            drift, p = np.nan, np.nan
            if min(len(now), len(before)) >= LEAST_PAPERS and not grid.is_partial[number]:
                drift, p = _drift(vectors[before["row"]], vectors[now["row"]], rng)
            rows.append({"theme_key": key, "period": label, "n_papers": len(now), "n_total": grid.totals[number],
                         "is_partial": grid.is_partial[number], "drift": drift, "p": p,
                         "paper_ids": SEPARATOR.join(now["paper_id"].head(_SHOWN)) or None})
    frame = pd.DataFrame(rows)
    tested = frame["p"].notna()
    frame["drift_false_rate"] = np.nan
    if tested.any():
        frame.loc[tested, "drift_false_rate"] = stats.false_discovery_control(frame.loc[tested, "p"])
    sure = frame["drift_false_rate"] <= FALSE_SHARE
    return check(frame.drop(columns="p").assign(drifts=sure & (frame["drift"] >= LEAST_DRIFT)), WATCH)


def _drift(before: np.ndarray, now: np.ndarray, rng: np.random.Generator) -> tuple[float, float]:
    """Return how far the mean moved beyond chance, as a share of its length, and the probability of so far or more."""
    length = np.linalg.norm(before.mean(axis=0))
    both = np.concatenate([now, before]).astype(float)
    both -= both.mean(axis=0)
    # What the papers vary in most: any fixed view of all papers together leaves the shuffle a fair test.
    axes = np.linalg.eigh(both.T @ both)[1][:, -_DIMENSIONS:]
    points = both @ axes
    picks = np.zeros((_SHUFFLES + 1, len(points)))
    picks[0, : len(now)] = 1
    chosen = rng.random((_SHUFFLES, len(points))).argpartition(len(now) - 1, axis=1)[:, : len(now)]
    np.put_along_axis(picks[1:], chosen, 1, axis=1)
    # The mean of all points is nought, so the two means differ by the sum of one part times a constant.
    moved = np.square(picks @ points).sum(axis=1) * (1 / len(now) + 1 / len(before)) ** 2
    p = (moved[1:] >= moved[0] * (1 - 1e-9)).mean() * _SHUFFLES
    beyond = max(moved[0] - moved[1:].mean(), 0.0)
    return float(np.sqrt(beyond) / max(length, 1e-9)), float((p + 1) / (_SHUFFLES + 1))
