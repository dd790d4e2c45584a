"""Frames held to their tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.schema.kinds import Column, SchemaError, Table

if TYPE_CHECKING:
    import pandas as pd

_DTYPES = {"text": "str", "integer": "Int64", "number": "float64", "flag": "bool"}


def empty(table: Table) -> pd.DataFrame:
    """Return `table` with no rows and the right column types."""
    import pandas as pd

    return pd.DataFrame({c.name: pd.Series(dtype=_DTYPES[c.kind]) for c in table.columns})


def check(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return `frame` with the columns of `table`, in order and of the right types.

    Parameters
    ----------
    frame : DataFrame
        Holds at least the columns of `table`; others are refused.
    table : Table

    Returns
    -------
    DataFrame
        A new frame with a fresh index.

    Raises
    ------
    SchemaError
        A column is missing or unknown, a cell is empty or out of bounds, or a key is not unique.
    """
    problems = _column_problems(frame, table)
    if problems:
        raise SchemaError(f"table {table.name}: {'; '.join(problems)}")
    typed = frame[table.column_names].reset_index(drop=True)
    typed = typed.astype({c.name: _DTYPES[c.kind] for c in table.columns})
    for column in table.columns:
        problems.extend(_cell_problems(typed[column.name], column))
    if table.key and typed.duplicated(list(table.key)).any():
        twice = typed.loc[typed.duplicated(list(table.key)), list(table.key)].iloc[0].to_dict()
        problems.append(f"key {twice} stands twice")
    if problems:
        raise SchemaError(f"table {table.name}: {'; '.join(problems)}")
    return typed


def migrate(frame: pd.DataFrame, table: Table) -> tuple[pd.DataFrame, list[str]]:
    """Return a table that another version wrote with this version's columns, and what was done, in words.

    A column that it lacks is empty, or holds what earlier versions meant (`Column.before`); one that is unknown is left
    out. What cannot be empty and has no such meaning stays missing, for `check` to refuse.
    """
    import pandas as pd

    done, columns = [], {}
    for column in table.columns:
        if column.name in frame.columns:
            columns[column.name] = frame[column.name]
        elif column.nullable or column.before is not None:
            value = column.before
            columns[column.name] = pd.Series([value] * len(frame), frame.index, dtype=_DTYPES[column.kind])
            done.append(f"{table.name} has no column {column.name}, which " + (
                "is empty" if value is None else f"counts as {value}"))
    unknown = [str(name) for name in frame.columns if name not in table.column_names]
    done += [f"{table.name} has a column {name}, which is left out" for name in unknown]
    return pd.DataFrame(columns, index=frame.index), done


def _column_problems(frame: pd.DataFrame, table: Table) -> list[str]:
    missing = [name for name in table.column_names if name not in frame.columns]
    unknown = [str(name) for name in frame.columns if name not in table.column_names]
    return [f"column {name} is missing" for name in missing] + [f"column {name} is unknown" for name in unknown]


def _cell_problems(cells: pd.Series, column: Column) -> list[str]:
    problems = []
    known = cells.dropna()
    if not column.nullable and len(known) < len(cells):
        problems.append(f"{column.name} is empty in {len(cells) - len(known)} of {len(cells)} rows")
    if column.choices and not known.isin(column.choices).all():
        odd = known[~known.isin(column.choices)].iloc[0]
        problems.append(f"{column.name} is {odd!r}, expected one of {', '.join(column.choices)}")
    if column.low is not None and (known < column.low).any():
        problems.append(f"{column.name} is {known.min()}, below {column.low}")
    if column.high is not None and (known > column.high).any():
        problems.append(f"{column.name} is {known.max()}, above {column.high}")
    return problems
