"""The codebook: what every table and column means, as Markdown made from `analysis.schema`.

``python -m analysis.codebook`` prints it; ``make codebook`` keeps it in `data/README.md`.
"""

from __future__ import annotations

from analysis.schema import SEPARATOR, TABLES, Column, Table

_OPENING = f"""\
# Data

Made by `make codebook` from `analysis/schema`; not edited by hand.

| folder | what lies there | who writes it |
|---|---|---|
| `raw/` | feeds as they came, never edited | you |
| `raw/<source>/<day>/` | a snapshot: what a source gave that day, with its sidecar | `paper-themes refresh` |
| `inbox/` | files that the next refresh takes in | you |
| `curated/` | a person's word: `themes.toml` (declared themes), `ledger.toml` (decisions about themes), \
`published.csv` (dates, by title), `sources.toml` (feeds to fetch), `digest.toml` (who gets it) | you |
| `cache/` | vectors and answers that need not be computed again; may be deleted | `paper-themes run` |
| `runs/<run_id>/` | one run: `manifest.json` and a CSV for each table below | `paper-themes run`, `refresh` |

The manifest says what went in (files with their SHA-256, settings, package versions), what came out (rows and
SHA-256 of each table) and what was set aside. The same papers and settings are the same run, byte for byte.

In the CSV files texts stand in quotes and nothing else does: `""` is an empty text, nothing at all is "not known".
Numbers have at most six decimals. Lists inside a cell are joined with `{SEPARATOR}`.

# Tables
"""


def codebook() -> str:
    """Return the codebook as Markdown, one section a table."""
    return _OPENING + "".join(_section(table) for table in TABLES.values())


def _section(table: Table) -> str:
    key = ", ".join(f"`{name}`" for name in table.key)
    lines = [
        "",
        f"## {table.name}.csv",
        f"One row is {table.row}.{f' Key: {key}.' if key else ''}",
        "",
        "| column | kind | meaning | unit | may be empty |",
        "|---|---|---|---|---|",
    ]
    lines.extend(
        f"| `{column.name}` | {column.kind} | {_meaning(column)} | {column.unit} | {'yes' if column.nullable else ''} |"
        for column in table.columns
    )
    return "\n".join(lines) + "\n"


def _meaning(column: Column) -> str:
    parts = [column.meaning]
    if column.choices:
        parts.append(f"One of: {', '.join(column.choices)}.")
    if column.low is not None and column.high is not None:
        parts.append(f"From {column.low} to {column.high}.")
    elif column.low is not None and column.kind != "integer":
        parts.append(f"At least {column.low}.")
    return " ".join(parts).replace("|", "\\|")


if __name__ == "__main__":
    print(codebook(), end="")
