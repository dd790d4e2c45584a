"""Phrases followed through an archive."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from analysis.charts.colors import LIGHT, NEUTRAL
from analysis.charts.style import counted, empty_figure, finish, label
from analysis.charts.trends import curve

TITLE = "What each period's run would have said"
MARKS = {"rising": "triangle-up", "fading": "triangle-down"}


def plot_phrases(told: pd.DataFrame) -> go.Figure:
    """Draw one small chart a phrase: its share with the interval, and a mark where the run of that period calls it.

    Parameters
    ----------
    told : DataFrame
        From `analysis.trends.follow_phrases`.
    """
    if told.empty:
        return empty_figure("phrases", TITLE, "No period is complete, so nothing can be followed.")
    phrases = list(dict.fromkeys(told["phrase"]))
    columns = min(2, len(phrases))
    rows = -(-len(phrases) // columns)
    headings = [f"<b>{label(name, 40)}</b>" for name in phrases]
    figure = make_subplots(rows, columns, shared_xaxes="all", horizontal_spacing=0.1, vertical_spacing=0.36 / rows,
                           subplot_titles=headings)
    for number, name in enumerate(phrases):
        place = {"row": number // columns + 1, "col": number % columns + 1}
        course = told[told["phrase"] == name].assign(is_partial=False)
        for trace in curve(course, LIGHT[number % len(LIGHT)], 1.0):
            figure.add_trace(trace, **place)
        for verdict, symbol in MARKS.items():
            called = course[course["verdict"] == verdict]
            figure.add_scatter(
                x=called["period"], y=called["share"], mode="markers", name=verdict, **place,
                marker={"symbol": symbol, "size": 12, "color": NEUTRAL[0], "line": {"width": 1, "color": "white"}},
                hovertemplate=f"called {verdict}<extra></extra>")
    caption = (f"{counted(len(phrases), 'phrase')}; band: 95 % interval. ▲ the run of that period calls it rising, "
               "▼ fading; no run knows a later period.")
    figure = finish(figure, "phrases", TITLE, caption, height=120 + 170 * rows, hovermode="closest",
                    margin={"l": 8, "r": 8, "t": 110, "b": 24})
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=sorted(told["period"].unique()),
                        showgrid=False, nticks=6, tickangle=0, tickfont={"size": 11})
    return figure.update_yaxes(rangemode="tozero", tickformat=".1%", nticks=4, tickfont={"size": 11})
