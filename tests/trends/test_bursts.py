import numpy as np
import pytest

from analysis.trends.bursts import find_bursts
from analysis.trends.noise import estimate_noise


def bursts_of(counts, totals=None):
    counts = np.asarray(counts)
    totals = counts.sum(axis=0) if totals is None else totals
    return find_bursts(counts, totals, estimate_noise(counts, totals))


def test_a_planted_burst_is_found_in_its_periods_and_nowhere_else():
    rate = np.full((20, 24), 20.0)
    rate[0, 10:14] *= 3
    bursts = bursts_of(np.random.default_rng(0).poisson(rate)) > 0
    assert np.flatnonzero(bursts[0]).tolist() == [10, 11, 12, 13]


def test_two_bursts_keep_their_own_weights():
    counts = np.full((10, 24), 30)
    counts[0, 4:6], counts[0, 15:19] = 90, 90
    weight = bursts_of(counts, np.full(24, 300))[0]
    assert np.flatnonzero(weight).tolist() == [4, 5, 15, 16, 17, 18]
    assert weight[4] == weight[5] < weight[15] == weight[18]


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_a_constant_share_bursts_in_at_most_5_of_100_themes(noise):
    rng = np.random.default_rng(0)
    jitter = rng.gamma(1 / noise**2, noise**2, (300, 24)) if noise else 1.0
    assert (bursts_of(rng.poisson(15 * jitter * np.ones((300, 24)))) > 0).any(axis=1).mean() <= 0.05


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (3, 0), (3, 1), (3, 2)])
def test_small_tables_have_no_burst(shape):
    assert not bursts_of(np.ones(shape, dtype=int)).any()


def test_periods_without_papers_are_no_burst():
    counts = np.zeros((2, 6), dtype=int)
    assert not bursts_of(counts).any()
