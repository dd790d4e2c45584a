import numpy as np
import pandas as pd
import pytest

from analysis.schema import FORECASTS, SCORES, check
from analysis.trends.forecast import backtest, compute_forecasts, compute_scores, score_forecasts
from tests.trends.planted import trends_table


def feed(seed=0, noise=0.1, n_periods=24):
    rng = np.random.default_rng(seed)
    return trends_table(rng.poisson(30 * rng.gamma(1 / noise**2, noise**2, (20, n_periods))))


def test_a_constant_share_is_forecast_near_itself_with_its_interval():
    forecasts = compute_forecasts(trends_table(np.full((10, 24), 50)), n_ahead=2)
    assert forecasts["share"].tolist() == pytest.approx([0.1] * 20, abs=0.005)
    assert forecasts["rise_chance"].tolist() == pytest.approx([0.5] * 20, abs=0.1)
    assert (forecasts["share_low"] < 0.1).all() and (forecasts["share_high"] > 0.1).all()
    assert forecasts["period"].unique().tolist() == ["2022-01", "2022-02"]
    assert set(forecasts["after"]) == {"2021-12"}


def test_a_steep_rise_is_forecast_to_go_on():
    counts = np.full((10, 24), 500)
    counts[0] = np.round(100 * np.exp(np.clip(np.arange(24) - 11, 0, None) * 0.2))
    forecast = compute_forecasts(trends_table(counts)).iloc[0]
    assert forecast["rise_chance"] > 0.7
    assert forecast["share"] > forecast["last_share"]


def test_the_unfinished_period_is_forecast_and_not_used():
    counts = np.full((5, 13), 40)
    counts[0, -1] = 0
    forecasts = compute_forecasts(trends_table(counts, n_partial=1))
    assert set(forecasts["period"]) == {"2021-01"}
    assert forecasts["share"].tolist() == pytest.approx([0.2] * 5, abs=0.01)


def test_scores_of_known_forecasts():
    trends = trends_table([[10, 10, 10, 10, 30], [10, 10, 10, 10, 10]])
    forecasts = check(
        pd.DataFrame(
            {
                "theme_key": ["t00", "t01"],
                "period": "2020-05",
                "after": "2020-04",
                "share": [0.7, 0.3],
                "share_low": [0.6, 0.28],
                "share_high": [0.8, 0.35],
                "last_share": 0.5,
                "rise_chance": [0.9, 0.2],
            }
        ),
        FORECASTS,
    )
    score = score_forecasts(forecasts, trends).iloc[0]
    assert score["n_themes"] == 2
    assert score["coverage"] == 0.5
    assert score["error"] == pytest.approx(0.05)
    assert score["error_last"] == pytest.approx(0.25)
    assert score["brier"] == pytest.approx((0.1**2 + 0.2**2) / 2)
    assert score["brier_coin"] == pytest.approx(0.25)


def test_a_forecast_whose_period_is_not_over_is_not_scored():
    trends = feed()
    assert check(score_forecasts(compute_forecasts(trends), trends), SCORES).empty


def test_a_back_test_knows_nothing_later():
    trends = feed()
    early, _ = backtest(trends[trends["period"] < "2021-07"])
    whole, _ = backtest(trends)
    merged = early.merge(whole, on=["theme_key", "period", "after"], suffixes=("", "_whole"))
    assert len(merged) == len(early) > 0
    assert merged["share"].tolist() == pytest.approx(merged["share_whole"].tolist())


def test_back_tested_intervals_hold_what_they_promise_and_beat_no_change():
    scores = pd.concat([backtest(feed(seed))[1] for seed in range(3)])
    assert 0.92 <= scores["coverage"].mean() <= 0.99
    assert scores["error"].mean() < scores["error_last"].mean()
    assert scores["brier"].mean() < scores["brier_coin"].mean()


@pytest.mark.parametrize("n_periods", [0, 1, 3])
def test_too_few_periods_are_not_forecast(n_periods):
    trends = trends_table(np.full((3, n_periods), 5))
    assert check(compute_forecasts(trends), FORECASTS).empty
    assert all(table.empty for table in backtest(trends))


def test_the_same_trends_give_the_same_forecasts():
    pd.testing.assert_frame_equal(compute_forecasts(feed()), compute_forecasts(feed().sample(frac=1, random_state=0)))


def test_an_earlier_runs_forecasts_are_scored_beside_a_back_test_once_their_period_is_over():
    trends = feed()
    known = trends[trends["period"] <= "2021-10"]
    calls = compute_forecasts(known, n_ahead=2)
    assert (compute_scores(calls, known)["made_by"] == "a back-test").all()
    scores = check(compute_scores(pd.concat([calls, calls]), trends), SCORES)
    kept = scores[scores["made_by"] == "an earlier run"]
    assert kept[["after", "period", "n_themes"]].values.tolist() == [
        ["2021-10", "2021-11", 20], ["2021-10", "2021-12", 20]]
    assert (scores["made_by"] == "a back-test").sum() == 12
