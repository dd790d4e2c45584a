"""Shares of the upvotes: what readers turned to, beside what was written."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse, special

_DRAWS, _BATCH = 200, 50
_QUANTILES = (0.025, 0.5, 0.975)


def upvote_shares(
    papers: pd.DataFrame, number: np.ndarray, cells: tuple[np.ndarray, np.ndarray], shape: tuple[int, int],
    noise: np.ndarray, random_state: int = 0,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return each theme's share of each period's upvotes, and the ends of its 95 % interval.

    The interval is a Bayesian bootstrap over the period's papers: one paper with a thousand upvotes makes it wide.
    As Jeffreys' prior adds half a paper to a share's two sides, half a paper of mean upvotes is added here, so that a
    theme without a paper has an upper end too. It is widened by the theme's noise as the share of papers is.

    Parameters
    ----------
    papers : DataFrame
        PAPERS. A paper without upvotes (the input gave none) takes no part.
    number : int array of shape (n_papers,)
        Period of each paper; negative: none.
    cells : two int arrays
        Rows of `papers` and the theme that each is counted in; a paper may be in several themes of the tree.
    shape : (n_themes, n_periods)
    noise : float array of shape (n_themes,)
        From `analysis.trends.noise.estimate_noise`.
    random_state : int
        Seed of the draws. They follow paper_id, so the order of the papers changes nothing.

    Returns
    -------
    three float arrays of shape (n_themes, n_periods)
        nan where the period has no upvotes.

    References
    ----------
    Rubin, D. B. (1981), The Bayesian bootstrap, doi:10.1214/aos/1176345338.
    """
    votes = papers["upvotes"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    known = (number >= 0) & ~np.isnan(votes)
    nothing = np.full(shape, np.nan)
    if not (votes[known] > 0).any():
        return nothing, nothing, nothing
    order = np.flatnonzero(known)[np.argsort(papers["paper_id"].to_numpy()[known])]
    weight, period = votes[order], number[order]
    place = np.full(len(papers), -1)
    place[order] = np.arange(len(order))
    row, theme = place[cells[0]], cells[1]
    row, theme = row[row >= 0], theme[row >= 0]
    members = sparse.coo_array((np.ones(len(row), dtype="float32"), (theme * shape[1] + period[row], row)),
                               shape=(shape[0] * shape[1], len(order))).tocsr()
    periods = sparse.coo_array((np.ones(len(order), dtype="float32"), (period, np.arange(len(order)))),
                               shape=(shape[1], len(order))).tocsr()
    total, size = periods @ weight, np.asarray(periods.sum(axis=1)).ravel()
    with np.errstate(invalid="ignore", divide="ignore"):
        share = (members @ weight).reshape(shape) / total
        mean = total / size
    rng = np.random.default_rng(random_state)
    halves = np.tile(np.nan_to_num(mean) / 2, shape[0])[:, None]
    draws = np.concatenate([_draw(members, periods, weight, halves, rng) for _ in range(_DRAWS // _BATCH)], axis=1)
    extra = 1.96 * noise[:, None]
    draws.sort(axis=1)
    least, middle, most = (special.logit(draws[:, round(q * (_DRAWS - 1))].astype(float).reshape(shape))
                           for q in _QUANTILES)
    low = special.expit(middle - np.hypot(least - middle, extra))
    high = special.expit(middle + np.hypot(most - middle, extra))
    low, high = np.where(share == 0, 0.0, np.fmin(low, share)), np.where(share == 1, 1.0, np.fmax(high, share))
    empty = np.broadcast_to(total <= 0, shape)
    return np.where(empty, np.nan, share), np.where(empty, np.nan, low), np.where(empty, np.nan, high)


def _draw(
    members: sparse.csr_array, periods: sparse.csr_array, weight: np.ndarray, halves: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return draws of the shares, of shape (n_themes * n_periods, n_draws), strictly between 0 and 1.

    `halves` is half the mean upvotes of each cell's period; times a squared normal it is a draw of half a paper's.
    """
    drawn = weight[:, None].astype("float32") * rng.standard_exponential((len(weight), _BATCH), dtype="float32")
    inside, whole = members @ drawn, periods @ drawn
    one, other = (halves * rng.standard_normal((2, len(halves), _BATCH), dtype="float32") ** 2).astype("float32")
    inside = inside + one
    whole = np.tile(whole, (len(halves) // len(whole), 1)) + one + other
    return np.clip(inside / np.maximum(whole, 1e-9), 1e-6, 1 - 1e-6)
