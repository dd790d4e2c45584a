"""What tables, runs and errors are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

SEPARATOR = " | "
"""Joins the items of a list column (terms, exemplars) inside one text cell."""


class PaperThemesError(Exception):
    """What a person can mend. The message says what came, what was expected, where, and what to do."""


class InputError(PaperThemesError):
    """An input file or value that cannot be used."""


class SettingsError(PaperThemesError):
    """A setting that is unknown or out of range."""


class RunError(PaperThemesError):
    """A run folder that is missing, damaged or incomplete."""


class SourceError(PaperThemesError):
    """A server that gave no answer, or none that can be used.

    Parameters
    ----------
    message : str
    status : int or None
        HTTP status, where one came.
    wait_s : float or None
        How long the server asks to be left alone, where it said so.
    pause : bool
        Whether it asks to be left alone.
    """

    def __init__(
        self, message: str, status: int | None = None, wait_s: float | None = None, *, pause: bool = False,
    ) -> None:
        super().__init__(message)
        self.status, self.wait_s, self.pause = status, wait_s, pause


class SchemaError(PaperThemesError):
    """A table that breaks its own rules: a defect of ours, not of the input."""


@dataclass(frozen=True)
class Column:
    """One column: its name, kind, meaning, unit, and whether a cell may be empty.

    `kind` is one of ``text``, ``integer``, ``number``, ``flag``; `choices` closes a text column's values;
    `low` and `high` bound a number; `before` is what tables mean that were written before there was the column.
    """

    name: str
    kind: str
    meaning: str
    unit: str = ""
    nullable: bool = False
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    before: str | bool | None = None


@dataclass(frozen=True)
class Table:
    """A table: what one row is, its columns in order, and the columns that identify a row."""

    name: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    @property
    def column_names(self) -> list[str]:
        """Names of the columns, in order."""
        return [column.name for column in self.columns]


@dataclass(frozen=True)
class Run:
    """One run, in memory: its identity, its manifest and its tables.

    Tables are reached by name: ``run.papers``, ``run.themes``, ``run.placements`` …
    """

    run_id: str
    manifest: dict[str, Any]
    tables: dict[str, pd.DataFrame] = field(repr=False)

    def __getattr__(self, name: str) -> pd.DataFrame:
        tables = object.__getattribute__(self, "tables")
        if name in tables:
            return tables[name]
        raise AttributeError(f"run {self.run_id} has no table {name!r}; it has {', '.join(sorted(tables))}")


PRECISIONS = ("day", "month", "year", "none")
TIERS = ("core", "member", "loose")
LEVELS = ("broad", "theme", "fine")
JUDGED_BY = ("halves of the evidence", "a tenth left out", "size")
@dataclass(frozen=True)
class Past:
    """What earlier runs of a feed leave to the next one.

    Parameters
    ----------
    previous : Run
        The last one.
    ended : DataFrame
        Papers of the themes that earlier runs had and the last one has not: theme_key, name, level, paper_id, title,
        abstract.
    keys : frozenset of str
        Keys of all themes that there ever were.
    """

    previous: Run
    ended: pd.DataFrame = field(repr=False)
    keys: frozenset[str] = field(default=frozenset(), repr=False)


EVENTS = ("continued", "born", "split", "merged", "ended", "revived")
VERDICTS = ("rising", "steady", "fading", "not enough data")

PAPER_ID = Column("paper_id", "text", "Identity of a paper, made from its normalised title.")
THEME_KEY = Column("theme_key", "text", "Identity of a theme.")
PERIOD = Column("period", "text", "Calendar period in UTC: 2024, 2024-Q1, 2024-03, 2024-W09 or 2024-03-01.")
N_PAPERS = Column("n_papers", "integer", "Number of papers.", "papers", low=0)
