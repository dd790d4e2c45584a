"""A page of measures in parts: what is measured again takes the place of what stood there, the others stay."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

MARK = "<!-- {} -->"


def keep_part(
    page: Path, intro: str, part: str, lines: Sequence[str], order: Sequence[str], *, is_whole: bool = True,
) -> None:
    """Put one part's table into a page under its own heading, in the `order` of all parts; `intro` stands above.

    Where `lines` are not the whole part, rows of it that were not measured again, by their first cell, stay.
    """
    kept: dict[str, str] = {}
    if page.is_file():
        for piece in page.read_text(encoding="utf-8").split("<!-- ")[1:]:
            name, _, text = piece.partition(" -->\n")
            kept[name] = text.strip()
    if not is_whole:
        lines = _among(kept.get(part, "").splitlines(), lines)
    kept[part] = "\n".join([f"## {part.capitalize()}", "", *lines])
    body = "\n\n".join(f"{MARK.format(name)}\n{kept[name]}" for name in order if name in kept)
    page.write_text(f"{intro.strip()}\n\n{body}\n", encoding="utf-8")


def _among(old: Sequence[str], new: Sequence[str]) -> list[str]:
    return list({_first_cell(line): line for line in (*old, *new) if line.startswith("|")}.values())


def _first_cell(line: str) -> str:
    return line.split("|")[1].strip()
