"""Every chart of a run as a picture."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Callable
from pathlib import Path

from analysis.schema import InputError

FIGURES = Path("figures")


def make_figures(options: argparse.Namespace, now: dt.datetime, progress: Callable[[str], None]) -> Path:
    """Draw the charts of a run as PNG and SVG."""
    from analysis import store

    run = store.read_run(options.run)
    from analysis.charts import CHARTS
    from analysis.charts.static import draw_pictures, find_browser, is_empty

    progress(f"drawing with {find_browser()}")
    out = options.out or FIGURES / run.run_id
    if out.is_file():
        raise InputError(f"{out} is a file; expected the name of a folder")
    figures = {name: plot(run) for name, plot in CHARTS.items()}
    for name, figure in figures.items():
        if is_empty(figure):
            progress(f"{name} is left out: {figure.layout.meta['caption']}")
    drawn = [name for name in figures if not is_empty(figures[name])]
    pictures = draw_pictures(figures[name] for name in drawn)
    store.write_files(out, {f"{name}.{kind}": content for name, picture in zip(drawn, pictures, strict=True)
                            for kind, content in picture.items()})
    progress(f"{len(drawn)} of {len(figures)} charts, each as PNG and SVG")
    return out
