"""A theme's course as a small picture of vectors, which needs no script."""

from __future__ import annotations

from typing import Any

import pandas as pd

from analysis.charts.style import percent

WIDTH, HEIGHT = 240, 64
BASE, TOP = HEIGHT - 4, 5


def curve(trend: pd.DataFrame) -> dict[str, Any] | None:
    """Return the paths of one theme's shares, in order of period, with their band; None where fewer than two are known.

    The unfinished period hangs on a dotted step.
    """
    periods = list(trend["period"])
    placed = trend.assign(x=[_x(number, len(periods)) for number in range(len(periods))])
    known = placed.dropna(subset="share")
    done = placed[~placed["is_partial"]]
    if done["share"].notna().sum() < 2:
        return None
    top = float(known["share_high"].max())
    # A period without any dated paper has no share: the line stops before it and starts again after it.
    runs = [run for _, run in done.dropna(subset="share").groupby(done["share"].isna().cumsum())]
    line = "".join(_path(run, "share", top) for run in runs)
    band = "".join(_path(run, "share_high", top) + _path(run[::-1], "share_low", top).replace("M", "L") + "Z"
                   for run in runs)
    last = known[known["is_partial"]].tail(1)
    dotted = _path(pd.concat([runs[-1].tail(1), last]), "share", top) if len(last) else ""
    words = ", ".join(f"{row.period}: {row.n_papers} of {row.n_total}" + (" (unfinished)" if row.is_partial else "")
                      for row in trend.itertuples())
    return {
        "width": WIDTH, "height": HEIGHT, "base": BASE, "line": line, "band": band, "dotted": dotted,
        "last": (float(last["x"].iloc[0]), _y(last["share"].iloc[0], top)) if len(last) else None,
        "first_period": periods[0], "last_period": periods[-1], "top": percent(top), "words": words,
    }


def _x(number: int, n_periods: int) -> float:
    return 4 + number * (WIDTH - 8) / max(n_periods - 1, 1)


def _y(share: float, top: float) -> float:
    return round(BASE - (BASE - TOP) * (share / top if top else 0), 1)


def _path(trend: pd.DataFrame, column: str, top: float) -> str:
    points = zip(trend["x"], trend[column], strict=True)
    path = "M" + "L".join(f"{x:.1f} {_y(share, top)}" for x, share in points)
    return path if len(trend) > 1 else path + "h0"
