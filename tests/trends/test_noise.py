import numpy as np
import pytest

from analysis.trends.noise import PRIOR_NOISE, estimate_noise


@pytest.mark.parametrize("noise", [0.0, 0.2, 0.5])
def test_planted_noise_is_found(noise):
    rng = np.random.default_rng(0)
    rate = np.full((30, 24), 30.0) * (rng.gamma(1 / noise**2, noise**2, (30, 24)) if noise else 1.0)
    counts = rng.poisson(rate)
    assert estimate_noise(counts, counts.sum(axis=0)).mean() == pytest.approx(noise, abs=0.07)


def test_a_rise_is_not_noise():
    rate = np.full((30, 24), 30.0)
    rate[:5] *= np.linspace(1, 3, 24)
    counts = np.random.default_rng(0).poisson(rate)
    assert estimate_noise(counts, counts.sum(axis=0)).max() < 0.12


def test_a_restless_theme_keeps_more_noise_than_quiet_ones():
    rng = np.random.default_rng(0)
    rate = np.full((20, 24), 100.0)
    rate[0] *= rng.gamma(4, 0.25, 24)
    counts = rng.poisson(rate)
    noise = estimate_noise(counts, np.full(24, 2000))
    assert noise[0] > 0.3 and noise[1:].max() < 0.15


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (3, 0), (3, 1)])
def test_a_corpus_too_small_to_tell_gets_the_prior(shape):
    noise = estimate_noise(np.ones(shape, dtype=int), np.full(shape[1], 4))
    assert noise.tolist() == [pytest.approx(PRIOR_NOISE)] * shape[0]
