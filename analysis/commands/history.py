"""What earlier runs say: the row of runs, two of them side by side, one theme's passport, SQL."""

from __future__ import annotations

import argparse
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.schema import InputError

if TYPE_CHECKING:
    import pandas as pd

Progress = Callable[[str], None]


def tell_history(options: argparse.Namespace, now: dt.datetime, progress: Progress) -> str:
    """Return the row of runs, or one theme's passport."""
    from analysis import store
    from analysis.history import passport

    row = store.list_runs(options.out, progress)
    if not row:
        raise InputError(f"there is no run in {options.out} that `paper-themes refresh` made; make one")
    if options.theme:
        told = passport([store.read_run(options.out / manifest["run_id"], progress) for manifest in row],
                        options.theme)
        return _shown(told)
    from analysis.history import summarise

    runs = [manifest["run_id"] for manifest in row]
    return _shown(summarise(row, {run_id: store.read_table(options.out / run_id, "lineage") for run_id in runs}))


def tell_difference(options: argparse.Namespace, now: dt.datetime, progress: Progress) -> str:
    """Return what became of each theme between two runs, which need not follow each other."""
    from analysis import store
    from analysis.history import compare_runs

    return _shown(compare_runs(store.read_run(options.before, progress), store.read_run(options.after, progress)))


def answer_sql(options: argparse.Namespace, now: dt.datetime, progress: Progress) -> Path | str:
    """Return what an SQL query gives over all runs, as CSV."""
    from analysis import store
    from analysis.charts import csv_text

    text = csv_text(store.query_runs(options.out, options.query))
    if options.to is None:
        return text.rstrip("\n")
    store.write_text(options.to, text)
    return options.to


def _shown(table: pd.DataFrame) -> str:
    from analysis.charts import csv_text

    return csv_text(table).rstrip("\n")
