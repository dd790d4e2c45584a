"""Themes through the runs: bands of papers from each theme to what it became."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from analysis.charts.colors import NEUTRAL, translucent
from analysis.charts.style import counted, empty_figure, finish, label

TITLE = "Themes through the runs"
NEW = ""


def plot_flows(flows: pd.DataFrame) -> go.Figure:
    """Draw where the papers of each theme went from run to run.

    Parameters
    ----------
    flows : DataFrame
        From `analysis.history.flows`.
    """
    if flows.empty:
        return empty_figure("flows", TITLE, "There are no two runs to compare yet.")
    flows = flows.fillna({"theme_key": NEW})
    ends = list(zip(flows["run_id"], flows["theme_key"], strict=True))
    starts = list(zip(flows["next_run_id"], flows["next_key"], strict=True))
    names = dict(zip(ends, flows["name"], strict=True)) | dict(zip(starts, flows["next_name"], strict=True))
    number = {node: place for place, node in enumerate(names)}
    moved = (flows["theme_key"] != flows["next_key"]) & (flows["theme_key"] != NEW)
    stayed = flows["theme_key"] == flows["next_key"]
    figure = go.Figure(go.Sankey(
        node={"label": [label(names[node], 24) for node in number], "pad": 8, "thickness": 10,
              "color": [NEUTRAL[0]] * len(number)},
        link={"source": [number[node] for node in ends], "target": [number[node] for node in starts],
              "value": flows["n_papers"],
              "color": [translucent("#d1495b" if change else NEUTRAL[0], 0.6 if change else 0.2) for change in moved],
              "customdata": [f"{label(one, 40)} → {label(other, 40)}: {counted(int(n), 'paper')}" for one, other, n in
                             zip(flows["name"], flows["next_name"], flows["n_papers"], strict=True)],
              "hovertemplate": "%{customdata}<extra></extra>"}))
    old = int(flows.loc[moved | stayed, "n_papers"].sum())
    kept = int(flows.loc[stayed, "n_papers"].sum())
    caption = (f"{counted(flows['next_run_id'].nunique() + 1, 'run')}; of the papers that a run knew from the one "
               f"before, {kept / max(old, 1):.0%} stayed in their theme. Red bands went to another.")
    return finish(figure, "flows", TITLE, caption, height=560, margin={"l": 8, "r": 8, "t": 90, "b": 8})
