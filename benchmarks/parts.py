"""A page of measures in parts: what is measured again takes the place of what stood there, the others stay."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

MARK = "<!-- {} -->"


def keep_part(page: Path, intro: str, part: str, lines: Sequence[str], order: Sequence[str]) -> None:
    """Put one part's table into a page under its own heading, in the `order` of all parts; `intro` stands above."""
    kept: dict[str, str] = {}
    if page.is_file():
        for piece in page.read_text(encoding="utf-8").split("<!-- ")[1:]:
            name, _, text = piece.partition(" -->\n")
            kept[name] = text.strip()
    kept[part] = "\n".join([f"## {part.capitalize()}", "", *lines])
    body = "\n\n".join(f"{MARK.format(name)}\n{kept[name]}" for name in order if name in kept)
    page.write_text(f"{intro.strip()}\n\n{body}\n", encoding="utf-8")
