"""WATCH: what a declared theme would have caught in every past period, and when what it catches moves away."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.schema import SEPARATOR, WATCH, check, empty
from analysis.trends import periods as calendar
from analysis.trends.together import LEAST_STRENGTH

LEAST_PAPERS = 5
"""Papers of a period, and before it, that a drift is told from."""

LEAST_DRIFT = 0.2
"""A theme drifts when the middle of what it catches moved by this share of its length, beyond what chance explains."""

FALSE_SHARE = 0.05
"""Expected share of false drifts among all that are told."""

_MOST_BEFORE, _DIMENSIONS, _SHOWN = 500, 40, 5
_SHUFFLES, _FIRST, _HOPELESS = 1999, 199, 20


def compute_watch(
    papers: pd.DataFrame, placements: pd.DataFrame, themes: pd.DataFrame, vectors: np.ndarray,
    period: str = "auto", as_of: str | None = None, random_state: int = 0,
) -> pd.DataFrame:
    """Return WATCH: for each declared theme and period, the papers it would have caught, and whether they drift.

    A theme catches a paper that is placed in it with a strength of 0.3 or more, at any rank. The mean vector of a
    period's catch is held against that of the 500 papers caught last before; which of the papers are the new ones
    is shuffled up to 1,999 times to learn how far chance alone moves it. The unfinished period is listed, not tested.

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
    from scipy.stats import false_discovery_control

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
        frame.loc[tested, "drift_false_rate"] = false_discovery_control(frame.loc[tested, "p"])
    sure = frame["drift_false_rate"] <= FALSE_SHARE
    return check(frame.drop(columns="p").assign(drifts=sure & (frame["drift"] >= LEAST_DRIFT)), WATCH)


def _drift(before: np.ndarray, now: np.ndarray, rng: np.random.Generator) -> tuple[float, float]:
    """Return how far the mean moved beyond chance, as a share of its length, and the probability of so far or more."""
    length, n, n_all = np.linalg.norm(before.mean(axis=0)), len(now), len(now) + len(before)
    both = np.concatenate([now, before]).astype(float)
    both -= both.mean(axis=0)
    # The mean of all points is nought, so the two means differ by the sum of one part times a constant.
    by_chance = np.square(both).sum() * n * (n_all - n) / (n_all * (n_all - 1))
    beyond = max(np.square(both[:n].sum(axis=0)).sum() - by_chance, 0.0)
    drift = np.sqrt(beyond) * (1 / n + 1 / len(before)) / max(length, 1e-9)
    # Seen along a few random axes: fewer numbers, and the shuffle stays a fair test.
    points = both @ rng.standard_normal((both.shape[1], _DIMENSIONS))
    moved = np.square(points[:n].sum(axis=0)).sum() * (1 - 1e-9)
    seen = _shuffled(points, n, _FIRST, rng)
    if (seen >= moved).sum() < _HOPELESS:  # what chance reaches often needs no finer count (Besag and Clifford, 1991)
        seen = np.concatenate([seen, _shuffled(points, n, _SHUFFLES - _FIRST, rng)])
    return float(drift), float(((seen >= moved).sum() + 1) / (len(seen) + 1))


def _shuffled(points: np.ndarray, n_now: int, n_shuffles: int, rng: np.random.Generator) -> np.ndarray:
    """Return the squared length of the sum of `n_now` points drawn without return, `n_shuffles` times."""
    picks = np.zeros((n_shuffles, len(points)))
    chosen = rng.random(picks.shape).argpartition(n_now - 1, axis=1)[:, :n_now]
    np.put_along_axis(picks, chosen, 1.0, axis=1)
    return np.square(picks @ points).sum(axis=1)
