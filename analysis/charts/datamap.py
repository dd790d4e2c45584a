"""The data map: papers that say like things lie together."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from analysis.charts.colors import NEUTRAL, theme_colors, theme_symbols
from analysis.charts.style import counted, empty_figure, finish, label, shown
from analysis.charts.tables import chart_table, listed_themes
from analysis.schema import Run

TITLE = "Map of the papers"
MANY = 3000
"""Beyond this many papers the browser's graphics card draws the points."""


def plot_map(run: Run, narrow: bool = False) -> go.Figure:
    """Draw every paper as a point at its place on the data map, in its primary theme's colour, title on hover."""
    table = chart_table(run, "map")
    if table.empty:
        return empty_figure("map", TITLE, "There is no paper to put on the map.")
    figure = go.Figure()
    draw = go.Scattergl if len(table) > MANY else go.Scatter
    size = 9 if len(table) < 200 else 6 if len(table) < MANY else 4
    colors, symbols = theme_colors(run), theme_symbols(run)
    themes = listed_themes(run)
    for theme in [*themes.itertuples(index=False), None]:
        group = table[table["theme_key"] == theme.theme_key] if theme else table[table["theme_key"].isna()]
        if group.empty:
            continue
        figure.add_trace(draw(
            x=group["x"], y=group["y"], mode="markers", name=label(theme.name) if theme else "in no theme",
            ids=group["paper_id"], meta=theme.theme_key if theme else "",
            marker={"color": colors[theme.theme_key] if theme else NEUTRAL[0], "size": size,
                    "symbol": symbols[theme.theme_key] if theme else "circle-open",
                    "opacity": [0.45 if tier == "loose" else 0.92 for tier in group["tier"]],
                    "line": {"width": 0}},
            customdata=[_told(row) for row in group.itertuples(index=False)],
            hovertemplate="%{customdata}<extra></extra>",
        ))
    height = 420 if narrow else 620
    for x, y, text in _name_places(table, themes, narrow):
        figure.add_annotation(x=x, y=y, text=f"<b>{text}</b>", showarrow=False, font={"size": 11 if narrow else 13},
                              captureevents=False, name="theme")
    loose = int((table["tier"] == "loose").sum())
    caption = (f"{counted(len(table), 'paper')}; near means alike, the axes have no unit. "
               f"Pale points sit loosely in their theme ({loose}).")
    figure = finish(figure, "map", TITLE, caption, height=height, hovermode="closest", dragmode="pan")
    hidden = {"showgrid": False, "showticklabels": False, "fixedrange": False, "showline": False}
    return figure.update_xaxes(**hidden).update_yaxes(**hidden)


def _told(paper: object) -> str:
    title, theme, published = paper.title, paper.theme, paper.published  # type: ignore[attr-defined]
    where = (f"{label(theme, 60)}, strength {paper.strength:.2f} ({paper.tier})"  # type: ignore[attr-defined]
             if isinstance(theme, str) else "in no theme")
    return f"<b>{shown(title)}</b><br>{published if isinstance(published, str) else 'undated'}<br>{where}"


def _name_places(table: pd.DataFrame, themes: pd.DataFrame, narrow: bool) -> list[tuple[float, float, str]]:
    """Set each theme's name near its papers' middle, moved up or down to where it covers no name and fewest papers.

    Names are boxes in pixels on a sheet of the usual size; the largest themes choose first, and a name that finds
    no room is left to the hover.
    """
    width, height = (300, 330) if narrow else (820, 560)
    letter, line = (6.0, 16.0) if narrow else (7.4, 19.0)
    low, span = table[["x", "y"]].min(), (table[["x", "y"]].max() - table[["x", "y"]].min()).replace(0, 1)
    xs = (table["x"] - low["x"]) / span["x"] * width
    ys = (table["y"] - low["y"]) / span["y"] * height
    boxes: list[tuple[float, float, float]] = []
    places = []
    for theme in themes.itertuples(index=False):
        group = table[table["theme_key"] == theme.theme_key]
        if group.empty:
            continue
        text = label(theme.name, 22 if narrow else 34)
        half = letter * (len(text) - 2) / 2 + 4
        middle = group[["x", "y"]].median()
        x = float((middle["x"] - low["x"]) / span["x"] * width)
        y = float((middle["y"] - low["y"]) / span["y"] * height)
        x = min(max(x, half), max(width - half, half))
        beside = ys[(xs - x).abs() < half]
        free = [moved for moved in (y + step * line / 2 for step in (0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 6, -6))
                if all(abs(x - a) >= half + b or abs(moved - c) >= line for a, b, c in boxes)]
        if free:
            moved = min(free, key=lambda place: int(((beside - place).abs() < line / 2 + 3).sum()))
            boxes.append((x, half, moved))
            places.append((float(low["x"] + x / width * span["x"]), float(low["y"] + moved / height * span["y"]), text))
    return places
