"""The codebook in the repository is the one that the schema gives."""

from __future__ import annotations

from pathlib import Path

from analysis.codebook import codebook
from analysis.schema import TABLES

ROOT = Path(__file__).resolve().parent.parent


def test_data_readme_is_up_to_date() -> None:
    assert (ROOT / "data/README.md").read_text(encoding="utf-8") == codebook(), "run `make codebook`"


def test_every_column_is_told() -> None:
    text = codebook()
    for table in TABLES.values():
        section = text.split(f"## {table.name}.csv\n")[1].split("\n## ")[0]
        for column in table.columns:
            assert f"| `{column.name}` | {column.kind} |" in section
