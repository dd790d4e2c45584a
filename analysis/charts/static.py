"""Figures as pictures that hold still: PNG and SVG, drawn by the Chromium or Chrome of this machine, offline."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import plotly.graph_objects as go

from analysis.schema import InputError, RunError

FORMATS = ("png", "svg")
WIDTH = 1000
"""Pixels of an SVG; a PNG has twice as many."""

SECONDS = 120
"""What one picture may take."""

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
BROWSER = "BROWSER_PATH"
"""Environment variable that names another browser."""


def find_browser() -> str:
    """Return the browser that draws the pictures.

    Raises
    ------
    InputError
        There is none.
    """
    found = os.environ.get(BROWSER) or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found or not os.access(found, os.X_OK):
        raise InputError(f"there is no Chromium or Chrome to draw the pictures ({found or 'none was found'}); install "
                         f"it (`apt-get install chromium` on Debian), or name one in {BROWSER}")
    return found


def is_empty(figure: go.Figure) -> bool:
    """Return whether a chart has nothing to draw, and only says why."""
    return bool((figure.layout.meta or {}).get("empty"))


def draw_pictures(figures: Iterable[go.Figure]) -> list[dict[str, bytes]]:
    """Return each figure as a picture in each of `FORMATS`, on white.

    Raises
    ------
    InputError
        There is no browser on this machine.
    RunError
        The browser does not draw.
    """
    from choreographer.errors import BrowserClosedError, BrowserFailedError, ChannelClosedError

    browser, still = find_browser(), [_still(figure) for figure in figures]
    try:
        # In a thread of its own: a notebook's thread has an event loop already, and bears no second one.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(lambda: asyncio.run(_draw(still, browser))).result()
    except (BrowserClosedError, BrowserFailedError, ChannelClosedError, TimeoutError) as error:
        raise RunError(f"{browser} did not draw the pictures ({type(error).__name__}: {error}); try `{browser} "
                       f"--headless --dump-dom about:blank`, or name another browser in {BROWSER}") from error


async def _draw(figures: list[dict[str, Any]], browser: str) -> list[dict[str, bytes]]:
    from kaleido import Kaleido, PageGenerator

    # Without MathJax, which it would fetch; plotly.js comes from the package. Root has no sandbox to use.
    async with Kaleido(path=browser, page_generator=PageGenerator(mathjax=False), timeout=SECONDS) as artist:
        return [{kind: await artist.calc_fig(figure, opts={"format": kind, "width": WIDTH,
                                                           "height": figure["layout"]["height"],
                                                           "scale": 2 if kind == "png" else 1})
                 for kind in FORMATS} for figure in figures]


def _still(figure: go.Figure) -> dict[str, Any]:
    """Return a figure with paper under it, and with points that need no graphics card."""
    plain = json.loads(figure.to_json())
    plain["layout"] |= {"paper_bgcolor": "white", "plot_bgcolor": "white"}
    for trace in plain["data"]:
        trace["type"] = {"scattergl": "scatter"}.get(trace["type"], trace["type"])
    return plain
