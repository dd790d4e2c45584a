"""How the grouping was chosen."""

from __future__ import annotations

import plotly.graph_objects as go

from analysis.charts.colors import LIGHT, NEUTRAL, SYMBOLS
from analysis.charts.style import counted, empty_figure, finish, label, percent
from analysis.charts.tables import chart_table
from analysis.schema import Run

TITLE = "Which grouping was chosen"


def plot_candidates(run: Run, narrow: bool = False) -> go.Figure:
    """Draw the groupings that were tried: number of themes against the score they were judged by, the chosen ringed."""
    table = chart_table(run, "candidates").dropna(subset="score")
    if table.empty:
        return empty_figure("candidates", TITLE, "No grouping was weighed against another in this run.")
    figure = go.Figure()
    for number, ((method, judged_by), group) in enumerate(table.groupby(["method", "judged_by"], sort=True)):
        figure.add_scatter(
            x=group["n_themes"], y=group["score"], mode="lines+markers", name=label(f"{method}, {judged_by}"),
            line={"color": LIGHT[number % len(LIGHT)], "width": 1.5},
            marker={"color": LIGHT[number % len(LIGHT)], "symbol": SYMBOLS[number % len(SYMBOLS)], "size": 9},
            customdata=[_told(row) for row in group.itertuples()], hovertemplate="%{customdata}<extra></extra>",
        )
    chosen = table[table["chosen"]]
    figure.add_scatter(
        x=chosen["n_themes"], y=chosen["score"], mode="markers+text", text=["chosen"] * len(chosen), name="chosen",
        textposition="top center", hoverinfo="skip", cliponaxis=False,
        marker={"symbol": "circle-open", "size": 20, "color": NEUTRAL[0], "line": {"width": 2.5}},
    )
    caption = (f"{counted(len(table), 'grouping')} tried. Higher is better: stable under resampling, well apart, "
               "evenly sized. A tenth of the papers left out chooses the method, halves of the evidence the number.")
    return finish(figure, "candidates", TITLE, caption, height=400, margin={"l": 8, "r": 8, "t": 110, "b": 8},
                  showlegend=True, legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
                  xaxis_title="themes", yaxis_title="score")


def _told(row: object) -> str:
    stability = getattr(row, "stability", None)
    return (f"<b>{label(row.method)}</b> {label(row.parameter)}<br>"  # type: ignore[attr-defined]
            f"{counted(int(row.n_themes), 'theme')}, largest {percent(row.largest_share)}<br>"  # type: ignore[attr-defined]
            f"stability {stability:.2f}, score {row.score:.2f}")  # type: ignore[attr-defined]
