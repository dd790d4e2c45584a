"""What all charts share: how strangers' text is shown, how a figure looks, and what an empty one says."""

from __future__ import annotations

import html
import os
import textwrap
from typing import Any

import plotly.graph_objects as go
import plotly.io as pio

from analysis.charts.colors import NEUTRAL

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"
GRID = "rgba(128,136,150,0.22)"
OPEN, CLOSE = "\u2068", "\u2069"
"""Isolate a text's own direction, so that a right-to-left title leaves its surroundings as they are."""


_ODD = {code: "\ufffd" for code in (*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))}


def plain(text: str) -> str:
    """Return a stranger's text with every control character, and every order to turn the writing round, shown as �.

    The length stays, so that a quoted span stays where it is.
    """
    return text.translate(_ODD)


def shown(text: Any, width: int = 60, length: int = 180) -> str:
    """Return a stranger's text so that plotly shows it letter by letter, in lines of `width`, cut after `length`.

    Plotly reads some markup (``<b>``, ``<a href>``), entities, and TeX between dollar signs: none of it gets through.
    """
    line = plain(" ".join(str(text).split()))
    line = line if len(line) <= length else line[: length - 1].rstrip() + "…"
    lines = textwrap.wrap(line, width) or [""]
    return "<br>".join(OPEN + _escaped(line) + CLOSE for line in lines)


def label(text: Any, length: int = 34) -> str:
    """Return a theme's or paper's name as one short line for an axis or a legend."""
    return shown(text, width=10 * length, length=length)


def finish(figure: go.Figure, name: str, title: str, caption: str, height: int = 480, **layout: Any) -> go.Figure:
    """Return `figure` with the house's look; `name`, `title` and `caption` are also kept in ``layout.meta``."""
    figure.update_layout(
        title={"text": f"{_escaped(title)}<br><sup>{_escaped(caption)}</sup>", "x": 0, "xref": "paper"},
        meta={"chart": name, "title": title, "caption": caption},
        height=height, font={"family": FONT, "size": 13}, showlegend=False,
        paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 8, "r": 8, "t": 72, "b": 8}, hoverlabel={"align": "left", "font": {"family": FONT}},
        colorway=[NEUTRAL[0]], dragmode=False, modebar={"orientation": "h"},
    )
    figure.update_xaxes(gridcolor=GRID, zeroline=False, automargin=True, fixedrange=True)
    figure.update_yaxes(gridcolor=GRID, zeroline=False, automargin=True, fixedrange=True)
    return figure.update_layout(**layout)


def empty_figure(name: str, title: str, why: str) -> go.Figure:
    """Return a figure without marks that says why there is nothing to draw."""
    figure = go.Figure()
    figure.add_annotation(text=_escaped(why), x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False,
                          font={"size": 15})
    figure = finish(figure, name, title, why, height=160)
    figure.update_layout(meta={"chart": name, "title": title, "caption": why, "empty": True})
    return figure.update_xaxes(visible=False).update_yaxes(visible=False)


def counted(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun: ``1 paper``, ``2 papers``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def percent(share: float, sign: bool = False) -> str:
    """Return a share as per cent: ``22 %``; with `sign`, as a change: ``+22 %``, ``−7 %``."""
    return f"{100 * share:{'+' if sign else ''}.0f}\u00a0%".replace("-", "−")


def show_everywhere() -> None:
    """Let figures in a notebook also show as HTML, beside the type that JupyterLab and VS Code draw themselves.

    In a kernel plotly gives the latter alone, and a page that nbconvert makes of the notebook is left without figures.
    Whoever has chosen a renderer keeps it.
    """
    if pio.renderers.default == "plotly_mimetype" and not os.environ.get("PLOTLY_RENDERER"):
        pio.renderers.default = "plotly_mimetype+notebook"


def _escaped(text: str) -> str:
    return html.escape(text, quote=False).replace("$", "&#36;")
