"""What is new: terms on the radar, and themes that meet for the first time."""

from __future__ import annotations

import math

import pandas as pd
import plotly.graph_objects as go

from analysis.charts.colors import LIGHT, NEUTRAL
from analysis.charts.style import counted, empty_figure, finish, label, percent, shown
from analysis.charts.tables import chart_table
from analysis.schema import SEPARATOR, Run

N_TERMS, N_PAIRS = 20, 12
LOOKS = {"new": (LIGHT[2], "diamond"), "surging": (LIGHT[1], "circle"), "not enough data": (NEUTRAL[0], "circle-open")}
MOST_TIMES = 200.0
"""Where the scale ends: what was never said before has no upper end to speak of."""


def plot_radar(run: Run, narrow: bool = False) -> go.Figure:
    """Draw the terms that are new or surging: times their odds grew, with the 95 % interval."""
    table, title = chart_table(run, "radar"), "New and surging terms"
    called = table[table["verdict"] != "not enough data"].head(N_TERMS)
    tested = table.dropna(subset="times")
    if tested.empty:
        return empty_figure("radar", title, "Not enough data: no term has complete periods to be compared in.")
    rows = (called if len(called) else tested.head(N_TERMS // 2)).reset_index(drop=True)
    figure = go.Figure()
    for verdict, (color, symbol) in LOOKS.items():
        group = rows[rows["verdict"] == verdict]
        times = group["times"].clip(upper=MOST_TIMES)
        figure.add_scatter(
            x=times, y=list(group.index), mode="markers", name=verdict, cliponaxis=False,
            marker={"color": color, "symbol": symbol, "size": 10},
            error_x={"type": "data", "symmetric": False, "array": group["times_high"].clip(upper=MOST_TIMES) - times,
                     "arrayminus": times - group["times_low"].clip(upper=MOST_TIMES), "color": color, "thickness": 1.5,
                     "width": 0},
            customdata=[_told(row) for row in group.itertuples()], hovertemplate="%{customdata}<extra></extra>")
    begins = rows.iloc[0]
    words = "◆ new, ● surging" if len(called) else "No term can be called; the nearest"
    caption = (f"{words}: odds since {begins['now_begins']} over those from {begins['before_begins']} on, "
               "with 95 % interval.")
    figure = finish(figure, "radar", title, caption, height=130 + 28 * len(rows))
    least = min(1.0, float(rows["times_low"].min()))
    ticks = [tick for tick in ((0.1, 1, 5, 20, 100) if narrow else (0.1, 0.5, 1, 2, 5, 10, 20, 50, 100, 200))
             if tick >= least]
    figure.update_xaxes(type="log", range=[math.log10(least), math.log10(1.1 * MOST_TIMES)], tickvals=ticks,
                        tickangle=0,
                        ticktext=[f"{tick:g}{' ×' if tick != MOST_TIMES else '+'}" for tick in ticks])
    return figure.update_yaxes(tickvals=list(rows.index), ticktext=[f"{_name(row, narrow)} " for row in
                                                                    rows.itertuples()],
                               range=[len(rows) - 0.4, -0.6], showgrid=False)


def plot_together(run: Run, narrow: bool = False) -> go.Figure:
    """Draw pairs of themes that share a paper for the first time, most surprising first."""
    table, title = chart_table(run, "together"), "Themes that meet for the first time"
    table = table.head(N_PAIRS).reset_index(drop=True)
    if table.empty:
        return empty_figure("together", title, "No two themes share a paper for the first time in the latest periods.")
    titles = run.papers.set_index("paper_id")["title"]
    names = [f"{label(row.theme, 16 if narrow else 28)} + {label(row.other, 16 if narrow else 28)} "
             for row in table.itertuples()]
    figure = go.Figure(go.Bar(
        x=table["surprise"], y=list(table.index), orientation="h", width=0.5, marker={"color": LIGHT[0]},
        text=[f" {counted(int(n), 'paper')}" for n in table["n_papers"]], textposition="outside", cliponaxis=False,
        customdata=[
            f"<b>{name}</b><br>first in {label(row.first_period)}: {counted(int(row.n_papers), 'paper')}, "
            f"{row.expected:.1f} expected<br>"
            + "<br>".join(shown(titles[paper], length=90) for paper in row.paper_ids.split(SEPARATOR)[:3])
            for name, row in zip(names, table.itertuples(), strict=True)],
        hovertemplate="%{customdata}<extra></extra>"))
    caption = f"{counted(len(run.together), 'pair')}. Surprise: how unlikely so many common papers are by chance."
    figure = finish(figure, "together", title, caption, height=130 + 30 * len(table))
    figure.update_xaxes(title="surprise (bits)", range=[0, 1.2 * max(float(table["surprise"].max()), 1.0)])
    return figure.update_yaxes(tickvals=list(table.index), ticktext=names, range=[len(table) - 0.4, -0.6],
                               showgrid=False)


def _name(row: pd.Series, narrow: bool) -> str:
    return label(row.term if pd.isna(row.acronym) or narrow else f"{row.term} ({row.acronym})", 22 if narrow else 40)


def _told(row: pd.Series) -> str:
    return (f"<b>{_name(row, False)}</b>, {row.verdict}<br>"
            f"{counted(int(row.n_now), 'paper')} now ({percent(row.share_now)}), "
            f"{counted(int(row.n_before), 'paper')} before ({percent(row.share_before)})<br>"
            f"odds {row.times:.2g} times, 95 % interval {row.times_low:.2g} to {row.times_high:.2g}<br>"
            f"first: {label(row.first_published)}, {shown(row.first_title, length=90)}")
