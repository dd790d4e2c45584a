"""Where the seconds of runs went."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from analysis.charts.colors import LIGHT, SYMBOLS
from analysis.charts.style import counted, empty_figure, finish, label

TITLE = "Where the seconds go"


def plot_seconds(told: pd.DataFrame) -> go.Figure:
    """Draw the seconds of each stage against the papers of the run, both by powers of ten.

    Parameters
    ----------
    told : DataFrame
        From `analysis.history.list_seconds`.
    """
    told = told[(told["seconds"] > 0) & (told["n_papers"] > 0)]
    if told.empty:
        return empty_figure("seconds", TITLE, "No run here says how long its stages took.")
    figure = go.Figure()
    for number, (stage, course) in enumerate(told.groupby("stage", sort=False)):
        course = course.sort_values("n_papers")
        figure.add_scatter(
            x=course["n_papers"], y=course["seconds"], mode="lines+markers", name=label(stage),
            line={"color": LIGHT[number % len(LIGHT)], "width": 1.5},
            marker={"color": LIGHT[number % len(LIGHT)], "symbol": SYMBOLS[number % len(SYMBOLS)], "size": 9},
            hovertemplate=f"{label(stage)}<br>%{{x:,}} papers: %{{y:.1f}} s<extra></extra>",
        )
    caption = (f"{counted(told['run_id'].nunique(), 'run')}. A line that rises by one step of ten for each such step "
               "of papers costs the same for every paper.")
    return finish(figure, "seconds", TITLE, caption, height=440, margin={"l": 8, "r": 8, "t": 110, "b": 8},
                  showlegend=True, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
                  xaxis={"title": "papers", "type": "log"}, yaxis={"title": "seconds", "type": "log"})
