"""The model of growth: which courses a theme's log-odds may have taken, and how themes learn from each other.

The log-odds of a theme are a level, plus one of a few **courses**, plus noise in each period. A course is a line
through all periods, a step or a rise that begins 1, 2, 3 … periods ago, or a wander (a random walk, for themes that
come and go). Its size is normal around 0 with one of a few spreads, from a slight drift to a theme born from nothing.
The noise has one of a few sizes. Every combination is fitted to every theme, and weighed by how well it foretells the
theme's counts.

**Partial pooling**: how common each spread, each size of noise, and wandering are, is learned from all themes
together (empirical Bayes, by expectation and maximisation), starting from a weak prior. So a lively theme among quiet
ones needs more evidence than one among lively ones.

Counts are binomial with noise on top: their variance is ``n m (1 - m) (1 + n s^2 (1 - p) m)`` for a mean share m, a
noise s and the theme's overall share p; for a rare theme that is a negative binomial's. Fits are by Fisher scoring
of the quasi-likelihood with its normal prior, evidence by Laplace's approximation.

References
----------
McCullagh, P., Nelder, J. A. (1989), Generalized Linear Models, chapter 9, for quasi-likelihood.
Stephens, M. (2017), doi:10.1093/biostatistics/kxw041, for effects as a mixture on a grid, learned from all units.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

LEVEL_SPREAD = 3.0
SPREADS = (0.1, 0.4, 1.2)
"""Standard deviations of the change over the window, in log-odds: a drift that does not count, then real changes."""
WANDERS = (0.1, 0.2, 0.4, 1.0)
"""Standard deviations of a wander's step from one period to the next."""
NOISES = (0.0, 0.1, 0.2, 0.3, 0.45, 0.65, 1.0)
FAMILIES = (0.5, 0.2, 0.15, 0.15)
"""Prior weight of drifts, of the two spreads of real changes, and of wanders."""
NOISE_PRIOR = (0.2, 0.2, 0.2, 0.15, 0.1, 0.1, 0.05)
PSEUDO_THEMES = 5.0
"""How many themes the prior weights are worth."""

DAMPING = 0.7
"""What rises goes on rising, but in each period ahead by this much of the period before."""

_HISTORY = 12
_SMOOTH = 12
_STEPS = 8
_ROUNDS = 30
_BLOCK = 64


@dataclass(frozen=True)
class Posterior:
    """What is known of one quantity of each theme: a mixture of normal distributions.

    `weight`, `mean` and `spread` are arrays of shape (n_themes, n_parts); `weight` sums to 1 over the parts.
    """

    weight: np.ndarray
    mean: np.ndarray
    spread: np.ndarray

    def below(self, value: float | np.ndarray) -> np.ndarray:
        """Return the probability, per theme, that the quantity is below `value`."""
        value = np.broadcast_to(np.asarray(value, dtype=float), self.weight.shape[:1])[:, None]
        return (self.weight * special.ndtr((value - self.mean) / self.spread)).sum(axis=1)

    def quantile(self, level: float) -> np.ndarray:
        """Return, per theme, the value that the quantity is below with probability `level`."""
        low = (self.mean - 8 * self.spread).min(axis=1)
        high = (self.mean + 8 * self.spread).max(axis=1)
        for _ in range(40):
            middle = (low + high) / 2
            under = self.below(middle) < level
            low, high = np.where(under, middle, low), np.where(under, high, middle)
        return (low + high) / 2


def make_courses(n_periods: int, window: int, n_ahead: int = 0) -> np.ndarray:
    """Return the courses of one change, of shape (n_courses, n_periods + n_ahead): nought a window ago and one now.

    Steps and rises begin 1, 2, 3, 4, 6, 8, 11 … periods ago, and a window ago: what began long ago need not be dated
    finely.
    """
    ago = np.append(np.arange(n_periods - 1, -1, -1.0), -np.cumsum(DAMPING ** np.arange(1, n_ahead + 1)))
    begins = sorted({min(round(2 ** (k / 2)), window) for k in range(2 * window.bit_length() + 1)})
    steps = [(ago < begin).astype(float) for begin in begins]
    rises = [np.clip(1 - ago / begin, 0, None) for begin in begins if begin > 2]
    return np.array([1 - ago / window, *steps, *rises])


def make_wander(n_periods: int, n_ahead: int = 0) -> np.ndarray:
    """Return a random walk of unit steps as features of shape (n_features, n_periods + n_ahead), less its jitter."""
    time = np.arange(1, n_periods + 1)
    value, vector = np.linalg.eigh(np.minimum(time[:, None], time))
    top = np.argsort(value)[::-1][:_SMOOTH]
    return np.pad((vector[:, top] * np.sqrt(value[top])).T, ((0, 0), (0, n_ahead)), mode="edge")


def fit_courses(counts: np.ndarray, totals: np.ndarray, window: int, n_ahead: int = 0) -> list[Posterior]:
    """Return what is known of each theme's change over the last `window` periods, and of its next log-odds.

    Parameters
    ----------
    counts : int array of shape (n_themes, n_periods)
        Papers of each theme in each complete period.
    totals : int array of shape (n_periods,)
        All dated papers of each period.
    window : int
        Periods that the change is measured over. The fit looks at twice as many, and at 12 at least.
    n_ahead : int
        Periods to look ahead.

    Returns
    -------
    list of Posterior
        The change in log-odds; then, for each period ahead, its log-odds with noise.
    """
    history = max(2 * window, _HISTORY)
    counts, totals = counts[:, -history:].astype(float), totals[-history:].astype(float)
    courses = make_courses(counts.shape[1], window, n_ahead)
    wander = make_wander(counts.shape[1], n_ahead)
    single = np.concatenate([courses[:, None] * spread for spread in SPREADS])
    wanders = np.array([wander * spread for spread in WANDERS])
    family = np.repeat(np.arange(len(FAMILIES)), [len(courses)] * len(SPREADS) + [len(WANDERS)])

    tables = []
    for start in range(0, len(counts), _BLOCK):
        block = counts[start : start + _BLOCK]
        tables.append(np.concatenate([_fit(block, totals, part, window) for part in (single, wanders)], axis=2))
    evidence, *quantities = np.concatenate(tables, axis=1)
    weight = _pool(evidence, family).reshape(len(counts), -1)
    jitter = np.zeros((len(family), len(NOISES)))
    posteriors = []
    for ahead, (mean, variance) in enumerate(zip(quantities[::2], quantities[1::2], strict=True)):
        if ahead:
            jitter = np.add.outer(np.zeros(len(family)), np.square(NOISES))
            jitter[-len(WANDERS) :] += ahead * np.square(WANDERS)[:, None]
        spread = np.sqrt(variance + jitter)
        posteriors.append(Posterior(weight, mean.reshape(weight.shape), spread.reshape(weight.shape)))
    return posteriors


def _pool(evidence: np.ndarray, family: np.ndarray) -> np.ndarray:
    """Return the weight of each combination for each theme, with the weights of families and noises learned."""
    size = np.bincount(family)
    families, noises = np.array(FAMILIES), np.array(NOISE_PRIOR)
    likelihood = np.exp(evidence - evidence.max(axis=(1, 2), keepdims=True))
    member = np.eye(len(size))[family]
    for _ in range(_ROUNDS):
        weight = likelihood * (families / size)[family][:, None] * noises
        weight /= weight.sum(axis=(1, 2), keepdims=True)
        share = PSEUDO_THEMES / (PSEUDO_THEMES + len(evidence))
        families = share * np.array(FAMILIES) + (1 - share) * (weight.sum(axis=2) @ member).mean(axis=0)
        noises = share * np.array(NOISE_PRIOR) + (1 - share) * weight.sum(axis=1).mean(axis=0)
    return weight


def _fit(counts: np.ndarray, totals: np.ndarray, features: np.ndarray, window: int) -> np.ndarray:
    """Return the evidence, then mean and variance of the change and of each next log-odds, one after the other.

    `features`, of shape (n_courses, n_features, n_periods + n_ahead), carry weights that are normal with spread 1. The
    result has shape (3 + 2 n_ahead, n_themes, n_courses, n_noises).
    """
    n_themes, n_noises = len(counts), len(NOISES)
    share = (counts.sum(axis=1) + 0.5) / (totals.sum() + 1)
    # From here on one row is a theme at a noise, so that a course's fits are one product of matrices.
    y, n = counts.repeat(n_noises, axis=0), totals
    home = special.logit(share).repeat(n_noises)[:, None]
    shape = 1 / np.maximum(np.outer(1 - share, np.square(NOISES)).reshape(-1, 1), 1e-9)
    size = n / shape
    n_courses, n_features, n_periods = features.shape[0], features.shape[1] + 1, counts.shape[1]
    whole = np.pad(features, ((0, 0), (1, 0), (0, 0)), constant_values=LEVEL_SPREAD)
    design = whole[:, :, :n_periods]
    squares = np.einsum("crt,cqt->ctrq", design, design).reshape(n_courses, n_periods, n_features**2)
    by_period = design.swapaxes(1, 2)

    fit = np.zeros((n_courses, len(y), n_features))
    for step in range(_STEPS + 1):
        m = special.expit(home + fit @ design)
        damp = 1 / (1 + size * m)
        hessian = (n * m * (1 - m) * damp) @ squares
        hessian = hessian.reshape(*fit.shape, n_features) + np.eye(n_features)
        if step < _STEPS:
            score = ((y - n * m) * damp) @ by_period - fit
            fit = fit + np.clip(np.linalg.solve(hessian, score[..., None])[..., 0], -1, 1)
    own = np.clip(y / np.maximum(n, 1), 1e-12, 1 - 1e-12)
    quasi = _quasi(y, n, m, size).sum(axis=2)
    # How likely the counts are at their own mean depends on the noise, as for a negative binomial.
    fixed = special.gammaln(y + shape) - special.gammaln(shape) - (y + shape) * np.log1p(y / shape)
    fixed += special.xlogy(y, y / shape) - _quasi(y, n, own, size)
    evidence = quasi + fixed.sum(axis=1) - np.square(fit).sum(axis=2) / 2 - np.linalg.slogdet(hessian)[1] / 2
    rows = [evidence]
    change = design[:, :, -1] - design[:, :, -1 - window]
    for i, contrast in enumerate([change, *whole[:, :, n_periods:].transpose(2, 0, 1)]):
        rows.append(np.where(i, home[:, 0], 0) + np.einsum("cjr,cr->cj", fit, contrast))
        solved = np.linalg.solve(hessian, np.broadcast_to(contrast[:, None, :, None], (*fit.shape, 1)))[..., 0]
        rows.append(np.einsum("cjr,cr->cj", solved, contrast))
    return np.array(rows).reshape(len(rows), n_courses, n_themes, n_noises).swapaxes(1, 2)


def _quasi(y: np.ndarray, n: np.ndarray, m: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Return the quasi-log-likelihood of `y` of `n` at mean `m`, whose variance is n m (1 - m) (1 + size m)."""
    return y * np.log(m) + ((n - y) * np.log1p(-m) - (n + size * y) * np.log1p(size * m)) / (1 + size)
