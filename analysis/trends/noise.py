"""How much a theme's share jumps from period to period beyond what drawing papers by chance explains."""

from __future__ import annotations

import numpy as np

PRIOR_NOISE = 0.2
"""Standard deviation, on the log-odds, that a corpus too small to tell is given."""

_PRIOR_PAIRS = 4.0


def estimate_noise(counts: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """Return each theme's noise: the standard deviation of its log-odds around their course, beyond chance.

    Neighbouring periods are compared, so a slow rise adds nothing and a jump adds little. The variance of a
    difference of shares beyond the binomial's, over its size at noise one, estimates the squared noise; themes lend
    each other strength (a random-effects mean over themes, each theme drawn to it by how little it tells alone).

    Parameters
    ----------
    counts : int array of shape (n_themes, n_periods)
        Papers of each theme in each complete period.
    totals : int array of shape (n_periods,)
        All dated papers of each period. Periods without a paper are passed over.

    Returns
    -------
    float array of shape (n_themes,)
        Noise, 0 or more, on the log-odds.

    References
    ----------
    DerSimonian, R., Laird, N. (1986), doi:10.1016/0197-2456(86)90046-2, for the mean over themes.
    """
    filled = totals > 0
    counts, totals = counts[:, filled].astype(float), totals[filled].astype(float)
    both = totals[1:] + totals[:-1]
    pair_share = (counts[:, 1:] + counts[:, :-1]) / both
    spread = pair_share * (1 - pair_share)
    chance = spread * (1 / totals[1:] + 1 / totals[:-1])
    jump = np.diff(counts / totals, axis=1) ** 2
    # The square of a share estimated from few papers is too large by its own variance.
    unit = 2 * np.clip(pair_share**2 - spread / both, 0, None) * (1 - pair_share) ** 2

    share = counts.sum(axis=1, keepdims=True) / max(totals.sum(), 1.0)
    usual = share * (1 - share) * (1 / totals[1:] + 1 / totals[:-1]) + 2 * (share * (1 - share) * PRIOR_NOISE) ** 2
    weight = np.divide(1, usual**2, out=np.zeros_like(usual), where=usual > 0)
    size = (weight * unit).sum(axis=1)
    estimate = np.divide((weight * (jump - chance)).sum(axis=1), size, out=np.zeros(len(size)), where=size > 0)
    # Neighbouring squared differences share a period (correlation 1/4): hence 3 where independent ones would have 2.
    rare = 1 / np.clip(share * totals.mean() if len(totals) else share, 0.5, None)
    variance = np.divide((3 + rare[:, 0]) * weight.sum(axis=1), size**2, out=np.full(len(size), np.inf), where=size > 0)

    prior = PRIOR_NOISE**2
    mean, between = _pool(np.append(estimate, prior), np.append(variance, 3 * prior**2 * 4 / _PRIOR_PAIRS))
    pull = np.divide(between, between + variance, out=np.zeros_like(variance), where=np.isfinite(variance))
    return np.sqrt(np.clip(mean + pull * (estimate - mean), 0, None))


def _pool(estimate: np.ndarray, variance: np.ndarray) -> tuple[float, float]:
    """Return the random-effects mean of the estimates and their variance between themes."""
    weight = np.divide(1, variance, out=np.zeros_like(variance), where=variance > 0)
    mean = (weight * estimate).sum() / weight.sum()
    scatter = (weight * (estimate - mean) ** 2).sum() - (np.count_nonzero(weight) - 1)
    between = max(0.0, scatter / (weight.sum() - (weight**2).sum() / weight.sum() + 1e-12))
    weight = np.where(weight > 0, 1 / (variance + between), 0)
    return float((weight * estimate).sum() / weight.sum()), float(between)
