"""Where the seconds of a run went."""

from __future__ import annotations

import plotly.graph_objects as go

from analysis.charts.colors import NEUTRAL
from analysis.charts.style import empty_figure, finish, label
from analysis.schema import Run

TITLE = "Where the seconds went"


def plot_profile(run: Run) -> go.Figure:
    """Draw how many seconds each stage of a run took, in the order of the stages.

    It is no chart of the report: the same run takes another time on another machine.
    """
    seconds = {stage: value for stage, value in run.manifest.get("profile", {}).items()
               if isinstance(value, int | float)}
    if not seconds:
        return empty_figure("profile", TITLE, "This run does not tell how long it took.")
    figure = go.Figure(go.Bar(
        x=list(seconds.values()), y=[label(stage) for stage in seconds], orientation="h", marker_color=NEUTRAL[0],
        text=[f"{value:.1f} s" for value in seconds.values()], textposition="auto",
        hovertemplate="%{y}: %{x:.3f} s<extra></extra>"))
    figure = finish(figure, "profile", TITLE, f"{sum(seconds.values()):.1f} s in all, measured by the run itself.",
                    height=120 + 28 * len(seconds))
    return figure.update_xaxes(title="seconds").update_yaxes(autorange="reversed", type="category")
