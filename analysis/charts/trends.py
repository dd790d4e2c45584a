"""Each theme's share of the papers, period by period."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from analysis.charts.colors import NEUTRAL, theme_colors, translucent
from analysis.charts.style import counted, empty_figure, finish, label, percent
from analysis.charts.tables import chart_table
from analysis.schema import Run

TITLE = "Share of the papers, by theme"
MARKS = {"rising": "▲ rising", "fading": "▼ fading", "steady": "■ steady", "not enough data": "not enough data"}


def plot_trends(run: Run, narrow: bool = False) -> go.Figure:
    """Draw one small chart a theme: share per period with its 95 % interval; the unfinished period hatched."""
    table = chart_table(run, "trends")
    if table.empty:
        return empty_figure("trends", TITLE, f"No curve can be drawn: {dated_words(run)}.")
    keys = list(dict.fromkeys(table["theme_key"]))
    columns = 1 if narrow else min(3, len(keys))
    rows = -(-len(keys) // columns)
    colors = theme_colors(run)
    periods = list(dict.fromkeys(table.sort_values("period")["period"]))
    top = min(1.0, max(0.02, 1.08 * float(table["share_high"].max()))) if table["share_high"].notna().any() else 1.0
    cell, gap = (96, 56) if narrow else (104, 60)
    figure = make_subplots(rows, columns, shared_xaxes="all", shared_yaxes="all", horizontal_spacing=0.05,
                           vertical_spacing=gap / (rows * (cell + gap) - gap) if rows > 1 else 0,
                           subplot_titles=[_heading(table[table["theme_key"] == key]) for key in keys])
    for number, key in enumerate(keys):
        place = {"row": number // columns + 1, "col": number % columns + 1}
        group = table[table["theme_key"] == key].sort_values("period")
        for trace in curve(group, colors[key], top):
            figure.add_trace(trace.update(meta=key), **place)
    partial = sorted(table.loc[table["is_partial"], "period"].unique())
    caption = (f"Band: 95 % interval. {dated_words(run)}."
               + (f" Hatched: {', '.join(partial)} is unfinished and in no slope." if partial else ""))
    figure = finish(figure, "trends", TITLE, caption, height=136 + rows * (cell + gap) - gap,
                    bargap=0, hovermode="closest", margin={"l": 8, "r": 8, "t": 104, "b": 24})
    figure.update_annotations(font={"size": 12.5}, xanchor="left", align="left")
    for number, annotation in enumerate(figure.layout.annotations[: len(keys)]):
        axis = figure.layout[f"xaxis{number + 1 if number else ''}"]
        annotation.x = axis.domain[0]
        axis.showticklabels = number >= len(keys) - columns
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=periods, showgrid=False, nticks=5,
                        tickangle=0, tickfont={"size": 11})
    return figure.update_yaxes(range=[0, top], tickformat=".0%", nticks=4, tickfont={"size": 11})


def _heading(group: pd.DataFrame) -> str:
    verdict = group["verdict"].iloc[0]
    words = MARKS.get(verdict, "") if isinstance(verdict, str) else ""
    return f"<b>{label(group['theme'].iloc[0], 30)}</b>" + f"<br><span style='font-size:11px'>{words or ' '}</span>"


def curve(group: pd.DataFrame, color: str, top: float) -> list[go.Scatter | go.Bar]:
    """Return the band, the line over finished periods, the dotted step into the unfinished one, and its hatching."""
    done, partial = group[~group["is_partial"]], group[group["is_partial"]]
    traces: list[go.Scatter | go.Bar] = []
    if len(partial):
        traces.append(hatching(partial["period"], top))
    for _, run in done.dropna(subset="share").groupby(done["share"].isna().cumsum()):
        traces.append(go.Scatter(
            x=[*run["period"], *run["period"][::-1]], y=[*run["share_high"], *run["share_low"][::-1]],
            fill="toself", fillcolor=translucent(color), mode="lines", hoverinfo="skip",
            line={"width": 0 if len(run) > 1 else 8, "color": translucent(color)}))
    traces.append(go.Scatter(
        x=done["period"], y=done["share"], mode="lines+markers", line={"color": color, "width": 2},
        marker={"color": color, "size": 5}, customdata=_told(done), hovertemplate="%{customdata}<extra></extra>"))
    if len(partial.dropna(subset="share")):
        step = pd.concat([done.tail(1), partial.dropna(subset="share")])
        traces.append(go.Scatter(
            x=step["period"], y=step["share"], mode="lines+markers",
            line={"color": color, "width": 1.5, "dash": "dot"},
            marker={"color": color, "size": 6, "symbol": "circle-open"},
            customdata=_told(step), hovertemplate="%{customdata}<extra></extra>"))
    return traces


def hatching(periods: pd.Series | list[str], top: float) -> go.Bar:
    """Return the hatched ground of unfinished periods, from 0 to `top`."""
    return go.Bar(
        x=list(periods), y=[top] * len(periods), hoverinfo="skip", width=1,
        marker={"color": "rgba(0,0,0,0)", "line": {"width": 0},
                "pattern": {"shape": "/", "fgcolor": translucent(NEUTRAL[0]), "fgopacity": 1, "size": 5}})


def _told(group: pd.DataFrame) -> list[str]:
    return [
        f"<b>{label(row.period)}{' (unfinished)' if row.is_partial else ''}</b><br>"
        f"{row.n_papers} of {counted(int(row.n_total), 'paper')}: {percent(row.share)}<br>"
        f"95 % interval {percent(row.share_low)} to {percent(row.share_high)}" if row.n_total else ""
        for row in group.itertuples(index=False)
    ]


def dated_words(run: Run) -> str:
    """Return how many papers carry a date, and how many do not."""
    undated = int(run.papers["published"].isna().sum())
    dated = len(run.papers) - undated
    return f"{counted(dated, 'paper')} with a date, {undated:,} without"
