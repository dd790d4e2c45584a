"""What a run foretells, how such sayings held, and what declared themes would have caught."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from analysis.charts.colors import LIGHT, NEUTRAL, theme_colors, translucent
from analysis.charts.style import counted, empty_figure, finish, label, percent
from analysis.charts.tables import chart_table
from analysis.charts.trends import hatching
from analysis.schema import Run


def plot_forecasts(run: Run, narrow: bool = False) -> go.Figure:
    """Draw what each theme's share will be in the next period, with its 95 % interval, beside the last one."""
    table, title = chart_table(run, "forecasts"), "What comes next"
    if table.empty:
        return empty_figure("forecasts", title, "Nothing can be foretold: a forecast takes four complete periods.")
    period, after = table["period"].min(), table["after"].iloc[0]
    table = table[table["period"] == period].sort_values("rise_chance", ascending=False).reset_index(drop=True)
    colors = theme_colors(run)
    color = [colors[key] for key in table["theme_key"]]
    told = [f"<b>{label(row.theme)}</b><br>{label(period)}: {percent(row.share)}, 95 % interval "
            f"{percent(row.share_low)} to {percent(row.share_high)}<br>{label(after)}: {percent(row.last_share)}<br>"
            f"chance of a rise {percent(row.rise_chance)}" for row in table.itertuples()]
    figure = go.Figure()
    figure.add_scatter(
        x=table["share"], y=list(table.index), mode="markers", marker={"color": color, "size": 9},
        error_x={"type": "data", "symmetric": False, "array": table["share_high"] - table["share"],
                 "arrayminus": table["share"] - table["share_low"], "color": NEUTRAL[0], "thickness": 1.5, "width": 0},
        customdata=told, hovertemplate="%{customdata}<extra></extra>")
    figure.add_scatter(
        x=table["last_share"], y=list(table.index), mode="markers", hoverinfo="skip",
        marker={"color": color, "size": 11, "symbol": "line-ns-open", "line": {"width": 2}})
    caption = (f"Dot: share forecast for {period}, line: its 95 % interval, tick: share seen in {after}. "
               "Likeliest to rise first.")
    figure = finish(figure, "forecasts", title, caption, height=130 + 24 * len(table))
    figure.update_xaxes(tickformat=".0%", rangemode="tozero")
    names = [f"{label(row.theme, 16 if narrow else 30)}  {percent(row.rise_chance)} " for row in table.itertuples()]
    return figure.update_yaxes(tickvals=list(table.index), ticktext=names, range=[len(table) - 0.4, -0.6],
                               showgrid=False)


def plot_scores(run: Run, narrow: bool = False) -> go.Figure:
    """Draw how past forecasts held: part inside their interval, and error against "no change"."""
    table, title = chart_table(run, "scores"), "How such forecasts held"
    if table.empty:
        return empty_figure("scores", title, "No forecast can be scored yet: that takes five complete periods.")
    table = table.sort_values(["period", "after"])
    figure = make_subplots(2, 1, shared_xaxes="all", vertical_spacing=0.12)
    for made_by, group in table.groupby("made_by"):
        own = made_by == "an earlier run"
        look = {"color": LIGHT[1 if own else 0], "symbol": "diamond" if own else "circle", "size": 8}
        told = [f"<b>{label(row.period)}</b>, foretold after {label(row.after)} by {row.made_by}<br>"
                f"{percent(row.coverage)} of {counted(int(row.n_themes), 'share')} inside<br>error {row.error:.4f}, "
                f"no change {row.error_last:.4f}<br>Brier {row.brier:.3f}, even odds {row.brier_coin:.3f}"
                for row in group.itertuples()]
        common = {"x": group["period"], "marker": look, "customdata": told, "name": made_by,
                  "hovertemplate": "%{customdata}<extra></extra>"}
        figure.add_scatter(y=group["coverage"], mode="markers", **common, row=1, col=1)
        ratio = group["error"] / group["error_last"].where(group["error_last"] > 0)
        figure.add_scatter(y=ratio, mode="markers", showlegend=False, **common, row=2, col=1)
    for row, level in ((1, 0.95), (2, 1.0)):
        figure.add_hline(level, line={"color": NEUTRAL[0], "width": 1, "dash": "dot"}, row=row, col=1)
    inside = float((table["coverage"] * table["n_themes"]).sum() / max(table["n_themes"].sum(), 1))
    n_shares = counted(int(table["n_themes"].sum()), "share")
    caption = (f"{percent(inside)} of {n_shares} fell inside their 95 % interval. "
               "Below 1: nearer than no change. ● back-test, ◆ an earlier run.")
    figure = finish(figure, "scores", title, caption, height=380)
    figure.update_xaxes(type="category", categoryorder="category ascending", showgrid=False, tickangle=0, nticks=6)
    figure.update_yaxes(title="inside", tickformat=".0%", range=[min(0.5, float(table["coverage"].min())), 1.02], row=1)
    return figure.update_yaxes(title="error / no change", rangemode="tozero", row=2)


def plot_watch(run: Run, narrow: bool = False) -> go.Figure:
    """Draw what each declared theme would have caught, period by period; a ring where its catch moved away."""
    table, title = chart_table(run, "watch"), "What declared themes would have caught"
    if table.empty:
        return empty_figure("watch", title, "No theme is declared, or no paper is dated.")
    keys = list(dict.fromkeys(table["theme_key"]))
    colors = theme_colors(run)
    figure = make_subplots(len(keys), 1, shared_xaxes="all", vertical_spacing=0.36 / max(len(keys), 1),
                           subplot_titles=[_heading(table[table["theme_key"] == key]) for key in keys])
    for number, key in enumerate(keys, start=1):
        group = table[table["theme_key"] == key].sort_values("period")
        color = colors.get(key, NEUTRAL[0])
        partial = group[group["is_partial"]]
        top = 1.25 * max(int(group["n_papers"].max()), 1)
        if len(partial):
            figure.add_trace(hatching(partial["period"], top), row=number, col=1)
        figure.add_bar(
            x=group["period"], y=group["n_papers"], width=0.7, marker={"color": [
                translucent(color, 0.35) if row.is_partial else color for row in group.itertuples()]},
            customdata=[f"<b>{label(row.period)}</b><br>{row.n_papers} of {counted(int(row.n_total), 'paper')}"
                        + ("<br>what it catches moved away" if row.drifts else "") for row in group.itertuples()],
            hovertemplate="%{customdata}<extra></extra>", row=number, col=1)
        moved = group[group["drifts"]]
        figure.add_scatter(x=moved["period"], y=moved["n_papers"], mode="markers", hoverinfo="skip",
                           marker={"symbol": "circle-open", "size": 11, "color": NEUTRAL[0], "line": {"width": 2}},
                           row=number, col=1)
        figure.update_yaxes(range=[0, top], row=number, col=1)
    caption = ("Papers caught at any rank. Ring: the middle of the catch surely moved by a fifth of its length or "
               "more. Hatched: unfinished.")
    figure = finish(figure, "watch", title, caption, height=130 + 130 * len(keys), barmode="overlay",
                    bargap=0.2, margin={"l": 8, "r": 8, "t": 96, "b": 8})
    figure.update_annotations(font={"size": 12.5}, xanchor="left", x=0)
    figure.update_xaxes(type="category", categoryorder="category ascending", showgrid=False, tickangle=0,
                        nticks=5 if narrow else 10)
    return figure.update_yaxes(nticks=3)


def _heading(group: pd.DataFrame) -> str:
    total, moved = int(group["n_papers"].sum()), int(group["drifts"].sum())
    drift = f", moved away in {counted(moved, 'period')}" if moved else ""
    return f"<b>{label(group['theme'].iloc[0], 30)}</b> {counted(total, 'paper')}{drift}"
