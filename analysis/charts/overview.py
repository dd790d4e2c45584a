"""All themes through time at a glance, and the life of one."""

from __future__ import annotations

import math

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from analysis.charts.colors import LIGHT, NEUTRAL, theme_colors, translucent
from analysis.charts.style import GRID, counted, empty_figure, finish, label, percent
from analysis.charts.tables import chart_table, listed_themes
from analysis.charts.trends import MARKS, curve, dated_words, hatching
from analysis.schema import Run

N_STACKED = 10
LEAST_PAPERS = 5
"""Papers of a period below which it is left out of the overviews: their shares are 0, a half or all."""

STRONG = 2.0
"""Doublings, or halvings, at which the heat map's colour is full."""


def plot_stacked(run: Run, narrow: bool = False) -> go.Figure:
    """Draw the shares of the largest themes on top of each other, the rest above them, up to all papers."""
    table, title = chart_table(run, "stacked"), "What the papers are about, period by period"
    done = table[~table["is_partial"] & (table["n_total"] >= LEAST_PAPERS)].dropna(subset="share")
    if done["period"].nunique() < 2:
        return empty_figure("stacked", title, f"Two complete periods with {LEAST_PAPERS} papers each are needed.")
    colors = theme_colors(run)
    keys = list(dict.fromkeys(table["theme_key"]))[:N_STACKED]
    periods = sorted(table["period"].unique())
    figure = go.Figure()
    for key in keys:
        group = done[done["theme_key"] == key].sort_values("period")
        figure.add_scatter(
            x=group["period"], y=group["share"], stackgroup="all", mode="lines", name=label(group["theme"].iloc[0], 26),
            line={"width": 0.8, "color": colors[key]}, fillcolor=translucent(colors[key], 0.6),
            customdata=[f"<b>{label(row.theme)}</b><br>{label(row.period)}: {percent(row.share)}, 95 % interval "
                        f"{percent(row.share_low)} to {percent(row.share_high)}" for row in group.itertuples()],
            hovertemplate="%{customdata}<extra></extra>")
    partial = sorted(table.loc[table["is_partial"], "period"].unique())
    if partial:
        figure.add_trace(hatching(partial, 1.0).update(showlegend=False))
    caption = (f"The {counted(len(keys), 'largest theme')}; white: all other papers. {dated_words(run)}."
               + (f" Hatched: {', '.join(partial)} is unfinished." if partial else ""))
    figure = finish(figure, "stacked", title, caption, height=520 if narrow else 460, showlegend=True, bargap=0,
                    legend={"orientation": "h", "y": -0.12, "yanchor": "top", "x": 0, "traceorder": "normal"})
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=periods, showgrid=False, nticks=8,
                        tickangle=0)
    return figure.update_yaxes(range=[0, 1], tickformat=".0%", nticks=5)


def plot_heatmap(run: Run, narrow: bool = False) -> go.Figure:
    """Draw theme × period: how far each share is above or below the theme's usual one, where that is sure."""
    table, title = chart_table(run, "heatmap"), "When each theme had its time"
    table = table[(table["usual"] > 0) & (table["n_total"] >= LEAST_PAPERS)]
    if table["period"].nunique() < 2:
        return empty_figure("heatmap", title, f"Two complete periods with {LEAST_PAPERS} papers each are needed.")
    ratio = (table["share"] / table["usual"]).clip(lower=2**-STRONG, upper=2**STRONG)
    table = table.assign(doublings=[math.log2(value) for value in ratio], told=[
        f"<b>{label(row.theme)}</b><br>{label(row.period)}: {counted(int(row.n_papers), 'paper')}, "
        f"{percent(row.share)} ({percent(row.share_low)} to {percent(row.share_high)})<br>usually {percent(row.usual)}"
        + ("" if row.apart else ": no sure difference") for row in table.itertuples()])
    table["doublings"] = table["doublings"].where(table["apart"], 0.0)
    keys = list(dict.fromkeys(table["theme_key"]))[::-1]
    periods = sorted(run.trends["period"].unique())
    grid, told = (table.pivot(index="theme_key", columns="period", values=name).reindex(index=keys, columns=periods)
                  for name in ("doublings", "told"))
    low, high = LIGHT[0], LIGHT[1]
    figure = go.Figure(go.Heatmap(
        x=periods, y=keys, z=grid.to_numpy(dtype=float).tolist(), zmin=-STRONG, zmax=STRONG, xgap=1, ygap=2,
        hoverongaps=False, hovertemplate="%{customdata}<extra></extra>",
        colorscale=[[0, translucent(low, 0.95)], [0.5, "rgba(128,136,150,0.10)"], [1, translucent(high, 0.95)]],
        customdata=told.astype(object).where(told.notna(), "").to_numpy().tolist(),
        colorbar={"tickvals": [-2, -1, 0, 1, 2], "ticktext": ["¼", "½", "usual", "2 ×", "4 ×"], "thickness": 10,
                  "outlinewidth": 0, "title": None}))
    partial = sorted(run.trends.loc[run.trends["is_partial"], "period"].unique())
    caption = ("Coloured where a share's 95 % interval leaves the theme's usual share."
               + (f" Blank: {', '.join(partial)} is unfinished." if partial else ""))
    names = dict(zip(table["theme_key"], table["theme"], strict=True))
    figure = finish(figure, "heatmap", title, caption, height=130 + 24 * len(keys))
    figure.update_xaxes(type="category", showgrid=False, nticks=6 if narrow else 12, tickangle=0)
    return figure.update_yaxes(tickvals=keys, ticktext=[f"{label(names[key], 18 if narrow else 34)} " for key in keys],
                               showgrid=False)


def plot_lives(run: Run, narrow: bool = False) -> go.Figure:
    """Draw each theme's peak and now with their intervals, its first paper and half-life in words."""
    table, title = chart_table(run, "life"), "How far each theme is from its peak"
    table = table.dropna(subset=["peak_share", "now_share"])
    if table.empty:
        return empty_figure("life", title, "No theme has the dated papers and complete periods that a peak takes.")
    colors = theme_colors(run)
    figure = go.Figure()
    for shift, (name, symbol) in zip((0.17, -0.17), (("peak", "circle-open"), ("now", "circle")), strict=True):
        figure.add_scatter(
            x=table[f"{name}_share"], y=[len(table) - 1 - i + shift for i in range(len(table))], mode="markers",
            name=name, marker={"symbol": symbol, "size": 9, "color": [colors[key] for key in table["theme_key"]]},
            error_x={"type": "data", "symmetric": False, "array": table[f"{name}_high"] - table[f"{name}_share"],
                     "arrayminus": table[f"{name}_share"] - table[f"{name}_low"], "thickness": 1.2, "width": 0,
                     "color": NEUTRAL[0]},
            customdata=[_life_words(row) for row in table.itertuples()], hovertemplate="%{customdata}<extra></extra>")
    caption = (f"{counted(len(table), 'theme')} with a peak. Ring: share at the peak, dot: share now; lines: 95 % "
               "intervals.")
    figure = finish(figure, "life", title, caption, height=130 + 34 * len(table))
    figure.update_xaxes(tickformat=".0%", rangemode="tozero")
    names = [f"{label(name, 18 if narrow else 34)} " for name in table["theme"]]
    return figure.update_yaxes(tickvals=list(range(len(table)))[::-1], ticktext=names, showgrid=False)


def plot_life(run: Run, theme: str | None = None) -> go.Figure:
    """Draw one theme's life: share with its 95 % band, first paper, peak and half-life marked.

    Parameters
    ----------
    run : Run
    theme : str, optional
        A theme's key or name. None: the largest theme.

    Raises
    ------
    ValueError
        No listed theme has that key or name.
    """
    trends, lives = chart_table(run, "trends"), chart_table(run, "life")
    if theme is None and lives.empty:
        return empty_figure("life", "The life of a theme", "No theme was found or declared in this run.")
    theme = lives["theme_key"].iloc[0] if theme is None else theme
    known = trends[(trends["theme_key"] == theme) | (trends["theme"] == theme)].sort_values("period")
    life = lives[(lives["theme_key"] == theme) | (lives["theme"] == theme)]
    if life.empty:
        raise ValueError(f"no theme is called {theme!r}; there are {', '.join(lives['theme'])}")
    row = life.iloc[0]
    title = f"The life of {row['theme']}"
    if known["share"].isna().all():
        return empty_figure("life", title, f"No curve can be drawn: {dated_words(run)}.")
    color = theme_colors(run)[row["theme_key"]]
    top = min(1.0, max(0.02, 1.15 * float(known["share_high"].max())))
    figure = go.Figure(curve(known, color, top))
    done = known[~known["is_partial"]].reset_index(drop=True)
    place = {period: number for number, period in enumerate(done["period"])}
    peak = place.get(row["peak_period"])
    marks = {"peak": peak, "half of it": None if peak is None or pd.isna(row["half_life"]) else peak + row["half_life"]}
    for words, number in marks.items():
        if number is not None:
            figure.add_annotation(x=int(number), y=float(done["share"][int(number)]), text=words, ay=-44, ax=0,
                                  arrowwidth=1, arrowcolor=NEUTRAL[0], font={"size": 12})
    verdict = known["verdict"].iloc[0]
    figure = finish(figure, "life", title, f"{_life_words(row, ', ')}. {MARKS.get(verdict, '')}. Band: 95 % interval.",
                    height=360, bargap=0, hovermode="closest")
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=list(known["period"]), showgrid=False,
                        nticks=10, tickangle=0)
    return figure.update_yaxes(range=[0, top], tickformat=".0%", nticks=5)


def plot_shares_by(run: Run, shares: pd.DataFrame, theme: str | None = None) -> go.Figure:
    """Draw one theme's share within each venue or source: a small chart each, on one scale.

    Parameters
    ----------
    run : Run
    shares : DataFrame
        SHARES_BY, from `analysis.trends.shares_by`.
    theme : str, optional
        A theme's key or name. None: the largest theme.
    """
    largest = listed_themes(run)["name"].head(1)
    theme = (largest.iloc[0] if len(largest) else "No theme") if theme is None else theme
    keys = dict(zip(run.themes["name"], run.themes["theme_key"], strict=True))
    names = {key: name for name, key in keys.items()}
    key = keys.get(theme, theme)
    title = f"{names.get(key, theme)}, by {shares['facet'].iloc[0] if len(shares) else 'source'}"
    table = shares[shares["theme_key"] == key]
    if table["share"].isna().all():
        return empty_figure("shares_by", title, "No dated paper has a venue or source to part the papers by.")
    values = list(dict.fromkeys(table["value"]))
    columns = min(3, len(values))
    rows = -(-len(values) // columns)
    figure = make_subplots(rows, columns, shared_yaxes="all", shared_xaxes="all", horizontal_spacing=0.05,
                           vertical_spacing=0.3 / rows, subplot_titles=[label(value, 30) for value in values])
    top = min(1.0, max(0.02, 1.08 * float(table["share_high"].max())))
    color = theme_colors(run).get(key, NEUTRAL[0])
    for number, value in enumerate(values):
        for trace in curve(table[table["value"] == value].sort_values("period"), color, top):
            figure.add_trace(trace, row=number // columns + 1, col=number % columns + 1)
    figure = finish(figure, "shares_by", title, "Share of the papers of each. Band: 95 % interval.",
                    height=130 + 160 * rows, bargap=0, margin={"l": 8, "r": 8, "t": 96, "b": 24})
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=sorted(table["period"].unique()),
                        showgrid=False, nticks=5, tickangle=0, tickfont={"size": 11})
    return figure.update_yaxes(range=[0, top], tickformat=".0%", nticks=4, gridcolor=GRID, tickfont={"size": 11})


def _life_words(row: pd.Series, between: str = "<br>") -> str:
    """Return first paper, peak, half-life and now, in words."""
    parts = [] if between != "<br>" else [f"<b>{label(row.theme)}</b>"]
    if isinstance(row.first_published, str):
        parts.append(f"first paper {label(row.first_published)}")
    if isinstance(row.peak_period, str):
        parts.append(f"peak {label(row.peak_period)}: {percent(row.peak_share)} ({percent(row.peak_low)} to "
                     f"{percent(row.peak_high)})")
        parts.append("not yet down to half" if pd.isna(row.half_life)
                     else f"down to half after {counted(int(row.half_life), 'period')}")
    if isinstance(row.now_period, str):
        parts.append(f"{label(row.now_period)}: {percent(row.now_share)} ({percent(row.now_low)} to "
                     f"{percent(row.now_high)})")
    return between.join(parts)
