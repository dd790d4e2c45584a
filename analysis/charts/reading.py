"""How much of the feed any number of papers covers, read in several orders."""

from __future__ import annotations

import plotly.graph_objects as go

from analysis.charts.colors import LIGHT, NEUTRAL, translucent
from analysis.charts.style import counted, empty_figure, finish, percent
from analysis.charts.tables import chart_table
from analysis.schema import WAYS, Run

LOOKS = {"best cover": (LIGHT[0], "solid", 2.5), "newest first": (LIGHT[1], "dash", 1.8),
         "most upvoted": (LIGHT[2], "dashdot", 1.8), "at random": (NEUTRAL[0], "dot", 1.8)}


def plot_budget(run: Run, narrow: bool = False) -> go.Figure:
    """Draw the part of the feed that is covered against the papers read: best cover, and the orders beside it."""
    table, title = chart_table(run, "budget"), "How much of the feed is covered, paper by paper"
    if table.empty:
        return empty_figure("budget", title, "There is no paper to read.")
    figure = go.Figure()
    drawn = table[table["way"] == "at random"]
    figure.add_scatter(
        x=[*drawn["n_read"], *drawn["n_read"][::-1]], y=[*drawn["covered_high"], *drawn["covered_low"][::-1]],
        fill="toself", fillcolor=translucent(NEUTRAL[0]), mode="lines", line={"width": 0}, hoverinfo="skip",
        showlegend=False)
    for way in [way for way in WAYS if (table["way"] == way).any()][::-1]:
        own = table[table["way"] == way]
        color, dash, width = LOOKS[way]
        figure.add_scatter(
            x=own["n_read"], y=own["covered"], name=way, mode="lines" if len(own) > 1 else "markers",
            line={"color": color, "dash": dash, "width": width}, marker={"color": color},
            customdata=[f"<b>{way}</b><br>{counted(int(row.n_read), 'paper')} read: {percent(row.covered)} covered"
                        + (f"<br>95 % of the orders drawn: {percent(row.covered_low)} to {percent(row.covered_high)}"
                           if way == "at random" else "") for row in own.itertuples()],
            hovertemplate="%{customdata}<extra></extra>")
    n_all, most = len(run.papers), int(table["n_read"].max())
    caption = (f"Up to {counted(most, 'paper')} of {n_all:,}. A paper covers itself, and others as far as they are "
               "more alike than unrelated papers and stand in the same themes. Band: 95 % of the random orders drawn.")
    figure = finish(figure, "budget", title, caption, height=420, showlegend=True, hovermode="closest",
                    legend={"orientation": "h", "y": -0.18, "yanchor": "top", "x": 0, "traceorder": "reversed"})
    figure.update_xaxes(title="papers read", rangemode="tozero")
    return figure.update_yaxes(tickformat=".0%", range=[0, min(1.02, 1.08 * float(table["covered"].max()))])
