"""Charts draw what their tables say, in any number of papers and themes, and show strangers' text as text."""

import json
import re
from dataclasses import replace

import pandas as pd
import pytest
from fake_run import HOSTILE_TITLES, fake_run

from analysis import charts
from analysis.charts.colors import DARK, LIGHT
from analysis.charts.style import CLOSE, OPEN, label, percent, plain, shown

SIZES = [(0, 0), (0, 3), (1, 0), (1, 1), (2, 0), (2, 1), (2, 2), (5, 2), (60, 8), (90, 20)]
MARKUP = re.compile(r"<(?!/?(?:b|br|i|sup|span)\b)")


def texts(value):
    """Every text in a figure that plotly reads markup in."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            if key not in ("bdata", "hovertemplate", "ids", "meta", "y", "x", "tickvals", "categoryarray"):
                yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def drawn(figure):
    return json.loads(figure.to_json())


@pytest.mark.parametrize("name", charts.CHARTS)
@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_every_chart_draws_any_size(name, narrow, size):
    run = fake_run(*size)
    figure = charts.CHARTS[name](run, narrow=narrow)
    meta = figure.layout.meta
    assert meta["chart"] == name and meta["title"] and meta["caption"]
    if len(figure.data) == 0:
        assert meta["empty"] and meta["caption"] in figure.layout.annotations[0].text


@pytest.mark.parametrize("name", charts.CHARTS)
def test_charts_leave_the_run_as_it_is_and_draw_the_same_twice(name):
    run = fake_run()
    before = {key: table.copy() for key, table in run.tables.items()}
    assert charts.CHARTS[name](run).to_json() == charts.CHARTS[name](run).to_json()
    for key, table in run.tables.items():
        assert table.equals(before[key]), key


@pytest.mark.parametrize("name", charts.CHARTS)
def test_hostile_text_reaches_no_chart_as_markup(name):
    figure = drawn(charts.CHARTS[name](fake_run(40, 6, hostile=True)))
    for text in texts(figure):
        assert not MARKUP.search(text), text
        assert "\u202e" not in text and "$" not in text and len(text) < 3000


def test_shown_text_is_the_text():
    for title in HOSTILE_TITLES:
        seen = shown(title, width=20_000, length=20_000).replace("&lt;", "<").replace("&gt;", ">")
        assert seen.replace("&#36;", "$").replace("&amp;", "&") == OPEN + plain(" ".join(title.split())) + CLOSE


def test_long_text_is_cut_and_says_so():
    assert label("word " * 100, length=20).count("word") <= 4
    assert "…" in label("word " * 100, length=20) and "…" not in label("word", length=20)


def test_per_cent():
    assert percent(0.224) == "22\u00a0%"
    assert percent(-0.07, sign=True) == "−7\u00a0%"
    assert percent(0.3, sign=True) == "+30\u00a0%"


def test_map_holds_each_paper_once_in_its_primary_themes_colour():
    run = fake_run()
    colors, symbols = charts.theme_colors(run), charts.theme_symbols(run)
    primary = run.placements[run.placements["rank"] == 1].set_index("paper_id")["theme_key"]
    place = run.map.set_index("paper_id")
    seen = []
    for trace in charts.plot_map(run).data:
        assert trace.marker.color == colors[trace.meta] and trace.marker.symbol == symbols[trace.meta]
        for paper, x in zip(trace.ids, trace.x, strict=True):
            assert primary[paper] == trace.meta and place.loc[paper, "x"] == x
            seen.append(paper)
    assert sorted(seen) == sorted(run.papers["paper_id"])


def test_names_on_the_map_do_not_cover_each_other():
    figure = charts.plot_map(fake_run(90, 14))
    places = [(note.x, note.y) for note in figure.layout.annotations]
    assert len(places) >= 10 and len(set(places)) == len(places)


def test_theme_bars_sum_to_the_themes_papers():
    run = fake_run()
    bars = {trace.name: list(trace.x) for trace in charts.plot_themes(run).data if trace.type == "bar"}
    themes = charts.listed_themes(run)
    assert [sum(tiers) for tiers in zip(*bars.values(), strict=True)] == list(themes["n_papers"])
    assert list(themes["n_papers"]) == sorted(themes["n_papers"], reverse=True)


def test_trends_keep_the_unfinished_period_out_of_the_line_and_say_n():
    run = fake_run()
    table = charts.chart_table(run, "trends")
    figure = charts.plot_trends(run)
    partial = set(table.loc[table["is_partial"], "period"])
    solid = [t for t in figure.data if t.type == "scatter" and t.mode == "lines+markers" and t.line.dash is None]
    dotted = [t for t in figure.data if t.type == "scatter" and t.line.dash == "dot"]
    hatched = [t for t in figure.data if t.type == "bar"]
    assert len(solid) == len(dotted) == len(hatched) == table["theme_key"].nunique()
    assert all(not partial & set(trace.x) for trace in solid)
    assert all(trace.x[-1] in partial and "unfinished" in trace.customdata[-1] for trace in dotted)
    assert all(trace.marker.pattern.shape == "/" and set(trace.x) == partial for trace in hatched)
    row = table[~table["is_partial"]].iloc[0]
    assert f"{row.n_papers} of {row.n_total} paper" in solid[0].customdata[0]


def test_trends_count_the_undated_papers():
    run = fake_run()
    undated = int(run.papers["published"].isna().sum())
    assert undated > 0 and f"{undated} without" in charts.plot_trends(run).layout.meta["caption"]


def test_a_period_without_papers_breaks_the_line():
    run = fake_run()
    trends = run.trends.copy()
    middle = sorted(trends["period"].unique())[2]
    empty = trends["period"] == middle
    trends.loc[empty, ["share", "share_low", "share_high"]] = None
    trends.loc[empty, ["n_papers", "n_total"]] = 0
    figure = charts.plot_trends(type(run)(run.run_id, run.manifest, run.tables | {"trends": trends}))
    bands = [trace for trace in figure.data if trace.type == "scatter" and trace.fill == "toself"]
    assert len(bands) == 2 * trends["theme_key"].nunique()


def test_similarity_is_drawn_both_ways_even_where_a_pair_is_stored_once():
    run = fake_run()
    once = run.similarity[run.similarity["theme_key"] < run.similarity["other_key"]]
    half = type(run)(run.run_id, run.manifest, run.tables | {"similarity": once})
    assert charts.plot_similarity(half).data[0].z == charts.plot_similarity(run).data[0].z


def test_several_draws_each_placement():
    run = fake_run(20, 5)
    table = charts.chart_table(run, "several")
    marks = next(trace for trace in charts.plot_several(run).data if trace.mode == "markers")
    assert len(marks.x) == len(table) and len(set(marks.ids)) == len(table)
    assert table.groupby("paper_id").size().min() >= 2


def test_the_chosen_candidate_is_ringed():
    run = fake_run()
    chosen = run.candidates[run.candidates["chosen"]]
    ring = charts.plot_candidates(run).data[-1]
    assert list(ring.x) == list(chosen["n_themes"]) and list(ring.y) == list(chosen["score"])


def test_a_theme_keeps_its_colour_when_others_shrink_or_go():
    run = fake_run(60, 8)
    colors = charts.theme_colors(run)
    last = sorted(run.themes.loc[~run.themes["declared"], "theme_key"])[-1]
    fewer = run.themes[run.themes["theme_key"] != last]
    less = charts.theme_colors(type(run)(run.run_id, run.manifest, run.tables | {"themes": fewer}))
    assert less == {key: color for key, color in colors.items() if key != last}
    other_sizes = charts.theme_colors(fake_run(33, 8))
    assert other_sizes == colors


@pytest.mark.parametrize("n_themes", [10, 14, 40, 98])
def test_no_two_themes_look_alike(n_themes):
    run = fake_run(10, n_themes)
    colors, symbols = charts.theme_colors(run), charts.theme_symbols(run)
    assert len({(colors[key], symbols[key]) for key in colors}) == n_themes
    if n_themes <= len(LIGHT):
        assert len(set(colors.values())) == n_themes


def luminance(color):
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(("palette", "page"), [(LIGHT, "#fcfbf8"), (DARK, "#1b1e25")])
def test_colours_stand_out_from_the_page(palette, page):
    for color in palette:
        light, dark = sorted((luminance(color), luminance(page)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 3, color
    assert len(set(palette)) == len(palette)


def test_every_light_colour_has_its_dark_one():
    pairs = charts.color_pairs()
    assert [pairs[color] for color in LIGHT] == list(DARK)


@pytest.mark.parametrize("name", charts.CHARTS)
def test_numbers_as_csv_read_back(name):
    import io

    import pandas as pd

    table = charts.chart_table(fake_run(), name)
    again = pd.read_csv(io.StringIO(charts.csv_text(table)))
    assert list(again.columns) == list(table.columns) and len(again) == len(table)


def test_csv_holds_no_formula():
    table = charts.chart_table(fake_run(3, 1), "map").assign(title="=HYPERLINK(1)")
    assert charts.csv_text(table).count("'=HYPERLINK(1)") == 3


def test_an_unknown_chart_is_named():
    with pytest.raises(ValueError, match="no chart is called 'pie'; there are themes, tree"):
        charts.chart_table(fake_run(), "pie")


def test_the_tree_holds_every_paper_at_each_level_below_its_parent():
    run = fake_run(60, 8)
    themes = run.themes.copy()
    broad = themes.iloc[[0]].assign(theme_key="above", level="broad", name="Above", n_papers=themes["n_papers"].sum())
    themes["parent_key"] = "above"
    tree = charts.plot_tree(replace(run, tables={**run.tables, "themes": pd.concat([themes, broad])})).data[0]
    assert tree.ids[0] == "above" and tree.parents[0] == ""
    assert set(tree.parents[1:]) == {"above"} and sum(tree.values[1:]) == tree.values[0]


def test_the_profile_draws_the_stages_in_their_order():
    run = fake_run(9, 2)
    del run.manifest["profile"]
    assert charts.plot_profile(run).layout.meta["empty"]
    run.manifest["profile"] = {"read": 0.5, "themes": 2.25, "answers": {"asked": 1}}
    figure = charts.plot_profile(run)
    assert list(figure.data[0].x) == [0.5, 2.25] and figure.data[0].text == ("0.5 s", "2.2 s")
    assert "2.8 s in all" in figure.layout.meta["caption"]
