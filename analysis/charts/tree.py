"""The tree of themes as nested tiles."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from analysis.charts.colors import NEUTRAL, theme_colors, translucent
from analysis.charts.style import counted, empty_figure, finish, label
from analysis.charts.tables import chart_table
from analysis.schema import Run

TITLE = "Broad themes, themes, and fine themes inside them"


def plot_tree(run: Run, narrow: bool = False) -> go.Figure:
    """Draw the tree of themes: a tile a theme, as large as its papers, inside the tile of its parent."""
    table = chart_table(run, "tree")
    if table.empty:
        return empty_figure("tree", TITLE, "No theme holds a paper in this run.")
    colors = _tile_colors(run, table)
    figure = go.Figure(go.Treemap(
        ids=table["theme_key"], parents=table["parent_key"].fillna(""), values=table["n_papers"],
        labels=[label(name, 24 if narrow else 48) for name in table["theme"]], branchvalues="total",
        texttemplate="%{label}<br>%{value}", marker={"colors": [colors[key] for key in table["theme_key"]]},
        customdata=[f"<b>{label(row.theme, 60)}</b><br>{row.level} theme, {counted(int(row.n_papers), 'paper')}"
                    for row in table.itertuples()],
        hovertemplate="%{customdata}<extra></extra>", tiling={"pad": 2}, pathbar={"visible": False}))
    counts = table["level"].value_counts()
    caption = ", ".join(counted(int(counts.get(level, 0)), f"{word}theme")
                        for level, word in (("broad", "broad "), ("theme", ""), ("fine", "fine ")))
    return finish(figure, "tree", TITLE, f"{caption}. A theme parts only where the evidence says so; click to zoom.",
                  height=420, margin={"l": 8, "r": 8, "t": 90, "b": 8})


def _tile_colors(run: Run, table: pd.DataFrame) -> dict[str, str]:
    """Return a theme's own colour, a paler one for what is inside it, and grey for what stands above."""
    own = theme_colors(run)
    parents = dict(zip(table["theme_key"], table["parent_key"], strict=True))
    grey = translucent(NEUTRAL[0], 0.12)
    return {row.theme_key: own[row.theme_key] if row.level == "theme"
            else translucent(own.get(parents[row.theme_key], NEUTRAL[0]), 0.6) if row.level == "fine" else grey
            for row in table.itertuples()}
