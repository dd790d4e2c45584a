import numpy as np
import pytest
from scipy import special, stats
from statsmodels.api import GLM, families

from analysis.trends import model


@pytest.fixture
def no_prior(monkeypatch):
    monkeypatch.setattr(model, "LEVEL_SPREAD", 1e6)


def test_every_course_goes_from_nought_a_window_ago_to_one_now():
    courses = model.make_courses(24, 12)
    assert courses[:, -1].tolist() == [1.0] * len(courses)
    assert courses[:, -13].tolist() == [0.0] * len(courses)


def test_a_wander_varies_as_a_random_walk_does():
    wander = model.make_wander(10)
    time = np.arange(1, 11)
    assert wander.T @ wander == pytest.approx(np.minimum(time[:, None], time))


def fit(counts, totals, noise, monkeypatch):
    """Return mean and spread of the change along a line, with next to no prior, at one noise."""
    monkeypatch.setattr(model, "NOISES", (noise,))
    course = model.make_courses(len(totals), len(totals) // 2)[:1]
    _, mean, variance = model._fit(counts, totals, course[:, None] * 1e6, len(totals) // 2)
    return mean.item(), np.sqrt(variance.item()), np.c_[np.ones(len(totals)), course[0]]


def test_without_noise_and_prior_the_fit_is_that_of_a_binomial_regression(no_prior, monkeypatch):
    rng = np.random.default_rng(0)
    totals = rng.integers(50, 200, 16).astype(float)
    counts = rng.binomial(totals.astype(int), special.expit(np.linspace(-2.7, -1.3, 16)))[None].astype(float)
    mean, spread, design = fit(counts, totals, 0.0, monkeypatch)
    exact = GLM(np.c_[counts[0], totals - counts[0]], design, family=families.Binomial()).fit()
    assert (mean, spread) == (pytest.approx(exact.params[1], rel=1e-4), pytest.approx(exact.bse[1], rel=1e-4))


def test_with_noise_rare_themes_are_fitted_as_by_a_negative_binomial_regression(no_prior, monkeypatch):
    rng = np.random.default_rng(1)
    totals = np.full(16, 1e5)
    counts = rng.poisson(np.exp(np.linspace(2.5, 3.5, 16)) * rng.gamma(4, 0.25, 16))[None].astype(float)
    mean, spread, design = fit(counts, totals, 0.5, monkeypatch)
    exact = GLM(counts[0], design, family=families.NegativeBinomial(alpha=0.25)).fit()
    assert (mean, spread) == (pytest.approx(exact.params[1], rel=1e-2), pytest.approx(exact.bse[1], rel=1e-2))


def test_evidence_weighs_noises_as_the_negative_binomial_likelihood_does():
    rng = np.random.default_rng(2)
    totals = np.full(24, 100_000.0)
    counts = rng.poisson(40 * rng.gamma(10, 0.1, 24))[None].astype(float)
    course = model.make_courses(24, 12)[:1, None] * 1e-4
    evidence = model._fit(counts, totals, course, 12)[0][0, 0]
    size = [1 / max(noise**2, 1e-9) for noise in model.NOISES]
    mean = counts.mean()
    exact = [stats.nbinom.logpmf(counts, a, a / (a + mean)).sum() for a in size]
    assert evidence - evidence[3] == pytest.approx(np.array(exact) - exact[3], abs=1.5)


def test_a_planted_change_is_recovered_with_its_spread():
    rng = np.random.default_rng(0)
    course = np.clip(1 - np.arange(23, -1, -1.0) / 12, 0, None)
    totals = np.full(24, 1000)
    counts = rng.binomial(1000, special.expit(-3 + np.outer(np.linspace(-1, 1, 40), course)))
    posterior = model.fit_courses(counts, totals, 12)[0]
    low, high = posterior.quantile(0.025), posterior.quantile(0.975)
    truth = np.linspace(-1, 1, 40)
    assert np.mean((low <= truth) & (truth <= high)) >= 0.9
    assert np.abs(posterior.quantile(0.5) - truth).mean() < 0.15


def test_a_quiet_theme_is_judged_by_its_company():
    rng = np.random.default_rng(0)
    quiet, lively = rng.poisson(20, (30, 24)), rng.poisson(20, (30, 24))
    lively[:, 12:] = rng.poisson(20 * rng.choice([1 / 3, 3], (30, 1)), (30, 12))
    one = rng.poisson(np.repeat([20, 27], [18, 6]))
    chance = [
        1 - model.fit_courses(np.vstack([one, company]), np.full(24, 1000), 12)[0].below(np.log(1.1))[0]
        for company in (quiet, lively)
    ]
    assert chance[0] < chance[1]


def test_quantiles_and_probabilities_agree():
    rng = np.random.default_rng(0)
    weight = rng.dirichlet(np.ones(3), size=4)
    posterior = model.Posterior(weight, rng.normal(size=(4, 3)), rng.gamma(2, size=(4, 3)))
    for level in (0.025, 0.5, 0.975):
        assert posterior.below(posterior.quantile(level)) == pytest.approx(level)
