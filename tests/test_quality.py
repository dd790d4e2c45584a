"""Figures of merit are figures, and what cannot be measured is not passed."""

import numpy as np

from analysis.quality import compute_quality
from analysis.themes.stability import Stability
from tests.fake_run import fake_run


def _quality(n_papers, agreement, asked=None):
    run = fake_run(n_papers=n_papers)
    stability = Stability(np.array(agreement), np.full(len(run.themes), np.nan), np.full(n_papers, np.nan))
    table = compute_quality(run.papers, run.dropped, run.placements, run.themes, stability, asked=asked)
    return run, table.set_index("metric")


def test_coverage_and_the_largest_theme_are_counted():
    run, quality = _quality(60, [0.7, 0.8, 0.9])
    primary = run.placements[run.placements["rank"] == 1]
    assert quality.loc["coverage", "value"] == (primary["tier"] != "loose").mean()
    assert quality.loc["largest_theme_share", "value"] == run.themes["n_papers"].max() / 60
    assert quality.loc["refit_agreement", "value"] == 0.8


def test_names_from_a_model_are_counted_where_one_was_asked():
    assert "names_from_model" not in _quality(60, [0.7])[1].index
    quality = _quality(60, [0.7], {"n_asked": 4, "n_named": 3, "n_refused": 1, "n_unanswered": 0})[1]
    assert quality.loc["names_from_model", ["value", "verdict"]].tolist() == [0.75, "warn"]
    assert "answers refused: 1, answers that did not come: 0" in quality.loc["names_from_model", "meaning"]
    none_asked = {"n_asked": 0, "n_named": 0, "n_refused": 0, "n_unanswered": 0}
    assert _quality(60, [0.7], none_asked)[1].loc["names_from_model", "verdict"] == "not measured"


def test_a_floor_that_is_missed_is_a_warning():
    assert _quality(60, [0.1])[1].loc["refit_agreement", "verdict"] == "warn"


def test_what_was_not_measured_is_not_passed():
    quality = _quality(0, [])[1]
    assert set(quality["verdict"]) == {"not measured"}
