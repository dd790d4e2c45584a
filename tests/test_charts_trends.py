"""Charts of trends say what their tables say, and hold back what is not sure."""

import pytest
from fake_run import fake_run

from analysis import charts


def with_tables(run, **tables):
    return type(run)(run.run_id, run.manifest, run.tables | tables)


def test_the_radar_shows_called_terms_with_their_intervals():
    run = fake_run()
    called = run.vocabulary[run.vocabulary["verdict"] != "not enough data"].head(20)
    traces = charts.plot_radar(run).data
    assert sum(len(trace.x) for trace in traces) == len(called)
    new = next(trace for trace in traces if trace.name == "new")
    rows = called[called["verdict"] == "new"]
    assert list(new.x) == rows["times"].tolist()
    assert list(new.x - new.error_x.arrayminus) == pytest.approx(rows["times_low"].tolist())


def test_the_radar_of_a_feed_that_bears_no_call_says_so():
    run = fake_run()
    none = run.vocabulary.assign(verdict="not enough data")
    figure = charts.plot_radar(with_tables(run, vocabulary=none))
    assert "No term can be called" in figure.layout.meta["caption"]
    untested = none.assign(times=None, times_low=None, times_high=None).astype({"times": float})
    assert charts.plot_radar(with_tables(run, vocabulary=untested)).layout.meta["empty"]


def test_the_heat_map_colours_only_what_the_interval_tells_apart_and_no_unfinished_period():
    run = fake_run(200, 6)
    table = charts.chart_table(run, "heatmap")
    heat = charts.plot_heatmap(run).data[0]
    partial = set(run.trends.loc[run.trends["is_partial"], "period"])
    for key, row in zip(heat.y, heat.z, strict=True):
        for period, value in zip(heat.x, row, strict=True):
            cell = table[(table["theme_key"] == key) & (table["period"] == period)]
            assert not value or value != value or (cell["apart"].item() and period not in partial)


def test_stacked_shares_never_pass_all_papers():
    run = fake_run(200, 6)
    bands = [trace for trace in charts.plot_stacked(run).data if trace.type == "scatter"]
    partial = set(run.trends.loc[run.trends["is_partial"], "period"])
    assert bands and not partial & {period for band in bands for period in band.x}


def test_one_theme_has_its_life_by_key_or_name_and_an_unknown_one_is_named():
    run = fake_run()
    row = charts.chart_table(run, "life").dropna(subset="peak_share").iloc[0]
    assert charts.plot_life(run, row["theme"]).to_json() == charts.plot_life(run, row["theme_key"]).to_json()
    assert f"peak \u2068{row['peak_period']}" in charts.plot_life(run, row["theme"]).layout.meta["caption"]
    with pytest.raises(ValueError, match="no theme is called 'pie'; there are "):
        charts.plot_life(run, "pie")


def test_shares_by_source_have_a_small_chart_each():
    from analysis.trends import shares_by

    run = fake_run(120, 4)
    papers = run.papers.assign(source=["a" if i % 2 else "b" for i in range(len(run.papers))])
    shares = shares_by(papers, run.placements, run.themes, "source", "year")
    figure = charts.plot_shares_by(run, shares, run.themes["name"][0])
    assert sorted(note.text.strip("\u2068\u2069") for note in figure.layout.annotations) == ["a", "b"]
    assert charts.plot_shares_by(run, shares.iloc[:0], run.themes["name"][0]).layout.meta["empty"]


def test_watch_rings_the_periods_that_drift():
    run = fake_run()
    rings = [trace for trace in charts.plot_watch(run).data if trace.type == "scatter"]
    assert sum(len(ring.x) for ring in rings) == int(run.watch["drifts"].sum()) > 0


def test_scores_tell_earlier_runs_from_the_back_test():
    names = [trace.name for trace in charts.plot_scores(fake_run()).data]
    assert set(names) == {"a back-test", "an earlier run"}
