"""Which datasets and models each theme lives on."""

from __future__ import annotations

import plotly.graph_objects as go

from analysis.charts.colors import theme_colors
from analysis.charts.style import counted, empty_figure, finish, label
from analysis.charts.tables import chart_table
from analysis.schema import Run

N_NAMES = 12
KINDS = (("dataset", "datasets and benchmarks"), ("model", "models"))


def plot_facets(run: Run, narrow: bool = False) -> go.Figure:
    """Draw the datasets and the models that most papers name: a bar each, its papers in their theme's colour."""
    table, title = chart_table(run, "facets"), "Which benchmarks and models the themes live on"
    if table.empty:
        return empty_figure("facets", title, "No paper of a listed theme names a dataset or a model.")
    totals = table.groupby(["kind", "value"])["n_papers"].sum()
    names = [(kind, value) for kind, _ in KINDS if kind in totals.index.get_level_values("kind")
             for value in sorted(totals[kind].index, key=lambda value: (-totals[kind][value], value))[:N_NAMES]]
    place = {name: number for number, name in enumerate(names)}
    colors, figure = theme_colors(run), go.Figure()
    for key, group in table.groupby("theme_key", sort=False):
        group = group[[name in place for name in zip(group["kind"], group["value"], strict=True)]]
        figure.add_bar(
            orientation="h", x=group["n_papers"].astype(int), marker={"color": colors[key]},
            y=[place[name] for name in zip(group["kind"], group["value"], strict=True)],
            customdata=[f"<b>{label(row.value)}</b><br>{label(row.theme)}: {counted(row.n_papers, 'paper')}"
                        for row in group.itertuples()],
            hovertemplate="%{customdata}<extra></extra>")
    said = [f"{counted(int(table.loc[table['kind'] == kind, 'value'].nunique()), 'name')} of {words}"
            for kind, words in KINDS]
    figure = finish(figure, "facets", title, f"{' and '.join(said)}; drawn are those that most papers say, by theme.",
                    height=110 + 22 * len(names), barmode="stack")
    models = sum(kind == "dataset" for kind, _ in names)
    if 0 < models < len(names):
        figure.add_hline(y=models - 0.5, line={"width": 1, "dash": "dot"})
    figure.update_xaxes(rangemode="tozero", tickformat="d", nticks=4 if narrow else 8, title="papers")
    return figure.update_yaxes(tickvals=list(place.values()), showgrid=False, range=[len(names) - 0.4, -0.6],
                               ticktext=[f"{label(value, 18 if narrow else 30)} " for _, value in names])
