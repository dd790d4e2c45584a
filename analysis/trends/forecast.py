"""FORECASTS and SCORES: what a run says of the next periods, and how well such sayings held."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from analysis.schema import FORECASTS, SCORES, check, empty
from analysis.trends import periods as calendar
from analysis.trends.growth import LEAST_PERIODS, WINDOW, count_matrix
from analysis.trends.model import Posterior, fit_courses

MOST_BACK = 12
"""Past periods that a back-test goes back to."""

_DRAWS = 1000


def compute_forecasts(trends: pd.DataFrame, n_ahead: int = 1, random_state: int = 0) -> pd.DataFrame:
    """Return FORECASTS of the periods after the last complete one: an unfinished period is forecast too.

    The forecast is the middle, in log-odds, between what the model of `analysis.trends.model` foresees and no change:
    the mean of two forecasts is hard to beat.

    Parameters
    ----------
    trends : DataFrame
        TRENDS.
    n_ahead : int
        Periods to forecast.
    random_state : int
        Seed of the draws that the intervals are read from.

    Returns
    -------
    DataFrame
        FORECASTS; empty where fewer than four periods are complete.

    References
    ----------
    Bates, J. M., Granger, C. W. J. (1969), The combination of forecasts, doi:10.1057/jors.1969.103.
    """
    complete = trends[~trends["is_partial"]]
    keys = pd.Series(complete["theme_key"].unique(), dtype="str").sort_values(ignore_index=True)
    counts, totals, labels = count_matrix(complete, keys)
    if len(labels) < LEAST_PERIODS:
        return empty(FORECASTS)
    width = calendar.width_of(labels[0])
    window = min(WINDOW[width], len(labels) // 2)
    ahead = fit_courses(counts, totals, window, n_ahead)[1:]
    last = calendar.parse_label(labels[-1])
    filled = np.flatnonzero(totals)[-1]
    last_share = counts[:, filled] / totals[filled]
    last_odds = special.logit((counts[:, filled] + 0.5) / (totals[filled] + 1))
    n_next = int(np.median(totals[totals > 0][-window:]))
    rng = np.random.default_rng(random_state)
    frames = []
    for label, posterior in zip(calendar.label_periods(last + 1 + np.arange(n_ahead), width), ahead, strict=True):
        middle = posterior.quantile(0.5)
        shift = (last_odds - middle) / 2
        seen = rng.binomial(n_next, special.expit(_draw(posterior, rng) + shift[:, None])) / n_next
        above = (seen > last_share[:, None]).mean(axis=1) + (seen == last_share[:, None]).mean(axis=1) / 2
        low, high = np.quantile(seen, [0.025, 0.975], axis=1)
        frames.append(
            pd.DataFrame(
                {
                    "theme_key": keys,
                    "period": label,
                    "after": labels[-1],
                    "share": special.expit(middle + shift),
                    "share_low": low,
                    "share_high": high,
                    "last_share": last_share,
                    "rise_chance": above,
                }
            )
        )
    return check(pd.concat(frames), FORECASTS)


def score_forecasts(
    forecasts: pd.DataFrame, trends: pd.DataFrame, made_by: str = "an earlier run"
) -> pd.DataFrame:
    """Return SCORES of the forecasts whose period is complete in `trends`, by when they were made and for when.

    A theme that `trends` does not know, or a period without a paper, is not scored. Of two forecasts of the same after
    the same period the first one counts.
    """
    forecasts = forecasts.drop_duplicates(["theme_key", "period", "after"])
    seen = trends.loc[~trends["is_partial"], ["theme_key", "period", "share"]].dropna()
    both = forecasts.merge(seen, on=["theme_key", "period"], suffixes=("", "_seen"))
    if both.empty:
        return empty(SCORES)
    rose = (both["share_seen"] > both["last_share"]) + (both["share_seen"] == both["last_share"]) / 2
    scored = both[["after", "period"]].assign(
        made_by=made_by,
        n_themes=1,
        coverage=both["share_seen"].between(both["share_low"], both["share_high"]).astype(float),
        error=(both["share_seen"] - both["share"]).abs(),
        error_last=(both["share_seen"] - both["last_share"]).abs(),
        brier=(both["rise_chance"] - rose) ** 2,
        brier_coin=(0.5 - rose) ** 2,
    )
    by = scored.groupby(["made_by", "after", "period"], as_index=False)
    return check(by.mean().assign(n_themes=by["n_themes"].sum()["n_themes"]), SCORES)


def backtest(
    trends: pd.DataFrame, n_ahead: int = 1, n_back: int | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return (FORECASTS, SCORES) as each of the last `n_back` periods would have made them, knowing nothing later."""
    labels = sorted(trends.loc[~trends["is_partial"], "period"].unique())
    past = labels[LEAST_PERIODS - 1 : -1][-n_back if n_back else None :]
    made = [compute_forecasts(trends[trends["period"] <= label], n_ahead) for label in past]
    forecasts = pd.concat(made, ignore_index=True) if made else empty(FORECASTS)
    return forecasts, score_forecasts(forecasts, trends, "a back-test")


def compute_scores(earlier: pd.DataFrame, trends: pd.DataFrame) -> pd.DataFrame:
    """Return SCORES of what earlier runs forecast, and of a back-test over the last 12 periods.

    Parameters
    ----------
    earlier : DataFrame
        FORECASTS of earlier runs of the same feed; those whose period is not complete yet are passed over.
    trends : DataFrame
        TRENDS.
    """
    return check(pd.concat([score_forecasts(earlier, trends), backtest(trends, n_back=MOST_BACK)[1]]), SCORES)


def _draw(posterior: Posterior, rng: np.random.Generator) -> np.ndarray:
    """Return draws from each theme's mixture, of shape (n_themes, n_draws)."""
    pick = rng.random((len(posterior.weight), _DRAWS))
    edges = posterior.weight.cumsum(axis=1)
    part = np.array([np.searchsorted(edge, chance) for edge, chance in zip(edges, pick, strict=True)])
    part = np.minimum(part, posterior.weight.shape[1] - 1).reshape(pick.shape)
    mean, spread = (np.take_along_axis(table, part, axis=1) for table in (posterior.mean, posterior.spread))
    return mean + spread * rng.standard_normal(pick.shape)
