"""Bursts: stretches of periods in which something is said much more often than usual.

Kleinberg's two-state automaton over batches: in its base state a theme (or a term) has its usual share of the papers,
in its burst state twice that; entering a burst costs, leaving it is free. The likelihood allows for the theme's noise,
so that a restless theme does not burst at every turn.

References
----------
Kleinberg, J. (2003), Bursty and hierarchical structure in streams, doi:10.1023/A:1024940629314.
"""

from __future__ import annotations

import numpy as np

SCALE = 2.0
"""How many times its usual odds something has in a burst."""

PRICE = 1.5
"""Cost of entering a burst, in units of the log of the number of periods (Kleinberg's gamma). At his default of 1, one
in ten themes of constant share has a burst; at 1.5, one to three in a hundred."""


def find_bursts(counts: np.ndarray, totals: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Return the weight of the burst that each period belongs to, 0 where it belongs to none.

    Parameters
    ----------
    counts : int array of shape (n_rows, n_periods)
        Papers of each theme (or with each term) in each complete period.
    totals : int array of shape (n_periods,)
        All dated papers of each period.
    noise : float array of shape (n_rows,)
        Standard deviation of the log-odds beyond chance, from `analysis.trends.noise.estimate_noise`.

    Returns
    -------
    float array of shape (n_rows, n_periods)
        The gain in log-likelihood of the whole burst over staying in the base state.
    """
    n_rows, n_periods = counts.shape
    if n_periods < 2:
        return np.zeros(counts.shape)
    usual = (counts.sum(axis=1, keepdims=True) + 0.5) / (totals.sum() + 1)
    lifted = SCALE * usual / (1 + (SCALE - 1) * usual)
    gain = counts * np.log(lifted / usual) + (totals - counts) * (np.log1p(-lifted) - np.log1p(-usual))
    gain = gain / (1 + noise[:, None] ** 2 * totals * usual * (1 - usual))
    price = PRICE * np.log(n_periods)

    # The best way to end each period outside and inside a burst, and whether it came from outside.
    outside, inside = np.zeros(n_rows), np.full(n_rows, -np.inf)
    entered, left = np.zeros(counts.shape, dtype=bool), np.zeros(counts.shape, dtype=bool)
    for t in range(n_periods):
        entered[:, t] = outside - price > inside
        left[:, t] = inside > outside
        outside, inside = np.maximum(outside, inside), np.maximum(outside - price, inside) + gain[:, t]

    bursts = np.zeros(counts.shape)
    within = inside > outside
    for t in range(n_periods - 1, -1, -1):
        bursts[:, t] = within
        within = np.where(within, ~entered[:, t], left[:, t])
    return _weigh(bursts.astype(bool), gain)


def _weigh(within: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """Return, in every period of a burst, the sum of its gains."""
    begins = within & ~np.pad(within, ((0, 0), (1, 0)))[:, :-1]
    number = np.where(within, begins.ravel().cumsum().reshape(within.shape), 0)
    weight = np.bincount(number.ravel(), np.where(within, gain, 0).ravel())
    return np.where(within, weight[number], 0.0)
