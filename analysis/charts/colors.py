"""One colour and one marker for each theme, the same in every chart.

Fourteen colours, the first ten of which stay apart for readers with protanopia, deuteranopia and tritanopia; each has
a contrast of at least 3 : 1 to its page (white, or near black). Colour never speaks alone: the marker differs too.
"""

from __future__ import annotations

import hashlib

from analysis.charts.tables import listed_themes
from analysis.schema import Run

LIGHT = ("#1a34a9", "#ce7c16", "#1a8f72", "#7669e9", "#c4300c", "#037387", "#612e4e", "#5d7550", "#820702", "#8582b5",
         "#cf4a97", "#2f86c9", "#3d6b1c", "#94602f")
DARK = ("#5b8cff", "#d3ae10", "#5fe0a6", "#9a7bd0", "#e0581c", "#35bdf8", "#f183af", "#c9d94f", "#ae7b73", "#b9e6fa",
        "#ff9fd6", "#8ab4d8", "#8fbf5a", "#d9a26b")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star", "x")

NEUTRAL = ("#6b7280", "#9aa3b2")
"""Grey for what belongs to no theme: light page, dark page."""


def theme_colors(run: Run, dark: bool = False) -> dict[str, str]:
    """Return the colour of each theme key, as #rrggbb, for a light or a dark page."""
    palette = DARK if dark else LIGHT
    return {key: palette[slot % len(palette)] for key, slot in _slots(run).items()}


def theme_symbols(run: Run) -> dict[str, str]:
    """Return the plotly marker symbol of each theme key."""
    return {key: SYMBOLS[(slot + slot // len(LIGHT)) % len(SYMBOLS)] for key, slot in _slots(run).items()}


def color_pairs() -> dict[str, str]:
    """Return light → dark, as #rrggbb, for every colour that a chart can hold."""
    return dict(zip((*LIGHT, NEUTRAL[0]), (*DARK, NEUTRAL[1]), strict=True))


def translucent(color: str, opacity: float = 0.18) -> str:
    """Return #rrggbb as rgba with `opacity`."""
    red, green, blue = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def _slots(run: Run) -> dict[str, int]:
    """Give each theme a slot that rests on its key, so that a theme keeps its colour when others come and go.

    The marker is taken from the same slot, one further on each time round the colours, so that 98 themes differ in
    one or the other.
    """
    themes = listed_themes(run)
    declared = sorted(themes.loc[themes["declared"], "theme_key"])
    found = sorted(themes.loc[~themes["declared"], "theme_key"])
    slots: dict[str, int] = {}
    taken: set[int] = set()
    for number, key in enumerate([*declared, *found]):
        start = len(LIGHT) * (number // len(LIGHT))
        wish = int(hashlib.sha256(key.encode()).hexdigest(), 16) % len(LIGHT)
        slot = next(start + (wish + step) % len(LIGHT) for step in range(len(LIGHT))
                    if start + (wish + step) % len(LIGHT) not in taken)
        taken.add(slot)
        slots[key] = slot
    return slots
