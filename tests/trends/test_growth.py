import numpy as np
import pandas as pd
import pytest

from analysis.schema import SIGNALS, check
from analysis.trends import compute_signals, compute_trends
from tests.trends.planted import feed, papers_table, placements_table, themes_table, trends_table


def signals_of(counts, n_partial=0):
    trends = trends_table(counts, n_partial)
    papers = papers_table([])
    themes = themes_table(trends["theme_key"].unique())
    return compute_signals(papers, placements_table(papers, []), themes, trends).set_index("theme_key")


def simulate(seed, noise=0.0, courses=None, n_themes=30, n_periods=24, mean=15.0):
    rng = np.random.default_rng(seed)
    rate = np.full((n_themes, n_periods), float(mean))
    for theme, course in (courses or {}).items():
        rate[theme] *= course
    return rng.poisson(rate * (rng.gamma(1 / noise**2, noise**2, rate.shape) if noise else 1.0))


def test_pure_noise_is_called_in_at_most_5_of_100_seeds():
    verdicts = [signals_of(simulate(seed, noise=0.3 * (seed % 2)))["verdict"] for seed in range(100)]
    assert sum(verdict.isin(["rising", "fading"]).any() for verdict in verdicts) <= 5


def test_planted_rises_and_falls_are_found_within_two_periods():
    ago = np.arange(23, -1, -1)
    step = np.where(ago < 2, 3.0, 1.0)
    found, inside, wrong = [], [], []
    for seed in range(12):
        counts = simulate(seed, 0.1, {0: step, 1: step, 2: 1 / step, 3: 1 / step}, mean=30)
        signals = signals_of(counts)
        verdict = signals["verdict"].to_numpy()
        found += [*(verdict[:2] == "rising"), *(verdict[2:4] == "fading")]
        total = 26 + 2 * 3 + 2 / 3
        for row, factor in zip(signals.itertuples(), (3, 3, 1 / 3, 1 / 3), strict=False):
            growth = (factor / (total - factor) * 29) ** (1 / 12) - 1
            inside.append(row.growth_low <= growth <= row.growth_high)
        wrong += list(np.isin(verdict[4:], ["rising", "fading"]))
    assert np.mean(found) >= 0.85
    assert np.mean(inside) >= 0.93
    assert np.mean(wrong) <= 0.05


def test_a_constant_share_with_an_unfinished_last_month_never_falls_and_is_steady():
    steady = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        total = rng.poisson(np.append(np.full(23, 100), 40))
        theme = rng.binomial(total, 0.1)
        counts = np.array([theme, total - theme])
        verdict = signals_of(counts, n_partial=1)["verdict"]["t00"]
        assert verdict != "fading"
        steady += verdict == "steady"
    assert steady >= 97


def test_the_unfinished_period_changes_nothing():
    counts = simulate(0)
    bare = signals_of(counts[:, :-1])
    burst = counts.copy()
    burst[0, -1] *= 20
    pd.testing.assert_frame_equal(bare, signals_of(burst, n_partial=1))


def test_a_rise_of_three_in_a_clean_feed_is_told_with_its_size():
    rise = np.round(40 * 3 ** np.clip((np.arange(24) - 11) / 12, 0, 1)).astype(int)
    signals = signals_of([rise, *np.full((9, 24), 200)])
    assert signals["verdict"].tolist() == ["rising"] + ["steady"] * 9
    assert signals["growth"]["t00"] == pytest.approx(3 ** (1 / 12) - 1, abs=0.02)
    assert signals["reason"]["t00"].startswith("Grew over the last 12 complete months: the odds ")
    assert f"{rise.sum()} papers" in signals["reason"]["t00"]
    assert signals["n_dated"]["t00"] == rise.sum()


def test_a_rise_long_ago_that_has_held_since_is_not_rising_now():
    counts = np.full((10, 48), 100)
    counts[0, 20:] = 300
    assert signals_of(counts)["verdict"]["t00"] == "steady"


def test_a_theme_that_rises_from_nothing_is_found():
    counts = np.full((20, 16), 30)
    counts[0] = np.append(np.zeros(13, dtype=int), [8, 20, 35])
    assert signals_of(counts)["verdict"]["t00"] == "rising"


def test_a_boom_that_is_over_is_fading_though_it_stands_above_its_beginnings():
    counts = np.full((10, 30), 100)
    counts[0] = np.round(100 * np.exp(1.8 - np.abs(np.arange(30) - 17) * 0.12))
    assert signals_of(counts)["verdict"]["t00"] == "fading"


def test_few_papers_are_not_called_and_the_reason_says_how_few():
    counts = np.full((5, 12), 20)
    counts[0] = [0] * 11 + [1]
    counts[1] = 0
    signals = signals_of(counts)
    assert signals["verdict"].tolist()[:2] == ["not enough data"] * 2
    assert signals["reason"]["t00"] == "1 paper in 12 complete months; a trend needs at least 5."
    assert signals["reason"]["t01"].startswith("0 papers")
    assert signals.loc[["t00", "t01"], "growth"].isna().all()


def test_one_period_is_never_a_trend():
    signals = signals_of([[50], [50]])
    assert set(signals["verdict"]) == {"not enough data"}
    assert "1 complete month" in signals["reason"]["t00"]


@pytest.mark.parametrize("dates", [[], [None], ["2024"], [None, "2024-03-01"]])
def test_no_or_hardly_any_dates_give_a_row_a_theme_and_no_verdict(dates):
    papers = papers_table(dates)
    placements, themes = placements_table(papers, ["a"] * len(dates)), themes_table(["a", "b"])
    signals = compute_signals(papers, placements, themes, compute_trends(papers, placements, themes))
    assert check(signals, SIGNALS)["verdict"].tolist() == ["not enough data"] * 2
    assert signals["reason"].str.startswith(f"{len(dates)} paper").tolist()[0]


def test_no_themes_give_an_empty_table():
    papers = papers_table(["2024-03-01"])
    tables = (papers, placements_table(papers.iloc[:0], []), themes_table([]))
    assert compute_signals(*tables, compute_trends(*tables)).empty


def test_permuting_the_tables_changes_nothing():
    tables = feed(simulate(1))
    expected = compute_signals(*tables, compute_trends(*tables))
    shuffled = [table.sample(frac=1, random_state=2) for table in tables]
    pd.testing.assert_frame_equal(expected, compute_signals(*shuffled, compute_trends(*shuffled).sample(frac=1)))
