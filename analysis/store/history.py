"""Runs in a row: which one was the last, what earlier ones leave, and SQL over all of them."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.schema import TABLES, Column, InputError, Past, Run, RunError
from analysis.store.runs import MANIFEST, read_manifest, read_run

if TYPE_CHECKING:
    import pandas as pd

try:
    import fcntl
except ImportError:  # Windows has no such lock; there, start one refresh at a time.
    fcntl = None  # type: ignore[assignment]

LOCK = ".refresh.lock"


def list_runs(out: Path, notice: Callable[[str], None] = lambda line: None) -> list[dict[str, Any]]:
    """Return the manifests of the runs that `refresh` has made in `out`, first to last.

    Each names the one before it (`previous_run`), so that a clock which was set back mixes up nothing: the last is the
    one that no other goes on from. A damaged run is passed over, and `notice` is told; where it breaks the row, the
    runs since count.
    """
    made: dict[str, dict[str, Any]] = {}
    for path in sorted(Path(out).glob(f"[!.]*/{MANIFEST}")):
        try:
            manifest = read_manifest(path.parent)
        except RunError as error:
            notice(f"{path.parent} is passed over: {error}")
            continue
        if manifest.get("looked_at"):
            made[manifest["run_id"]] = manifest
    gone_on_from = {manifest["previous_run"] for manifest in made.values()}
    ends = [manifest for run_id, manifest in made.items() if run_id not in gone_on_from]
    last = max(ends, key=lambda manifest: (manifest["looked_at"], manifest["run_id"]), default=None)
    row: list[dict[str, Any]] = []
    while last is not None and last not in row:
        row.append(last)
        last = made.get(last["previous_run"] or "")
    return row[::-1]


def read_past(
    out: Path, notice: Callable[[str], None] = lambda line: None, previous_run: str | None = None,
) -> Past | None:
    """Return what earlier runs in `out` leave to the next one; None where there is none.

    Parameters
    ----------
    previous_run : str, optional
        The run that counts as the last one, whatever came after it.

    Raises
    ------
    RunError
        The last run is damaged.
    """
    import pandas as pd

    if previous_run is None:
        row = list_runs(out, notice)
        if not row:
            return None
        previous_run = row[-1]["run_id"]
    previous = read_run(Path(out) / previous_run, notice)
    frames = [pd.DataFrame(columns=["theme_key", "name", "level", "paper_id", "title", "abstract"])]
    ended: dict[str, list[str]] = {}
    for key, run_id in previous.manifest.get("ended", {}).items():
        ended.setdefault(run_id, []).append(key)
    for run_id, keys in sorted(ended.items()):
        try:
            run = read_run(Path(out) / run_id)
        except RunError as error:
            notice(f"themes that ended after {run_id} cannot come back under their keys: {error}")
            continue
        frames.append(_papers_of(run, run.themes[run.themes["theme_key"].isin(keys)]))
    known = frozenset(previous.themes["theme_key"]) | frozenset(previous.manifest.get("ended", {}))
    return Past(previous, pd.concat(frames, ignore_index=True), known)


@contextmanager
def alone(out: Path, wait_s: float, notice: Callable[[str], None] = lambda line: None) -> Iterator[None]:
    """Let one process at a time refresh `out`; another waits.

    Raises
    ------
    InputError
        The other one is not done within `wait_s` seconds.
    RunError
        The folder cannot be written.
    """
    try:
        Path(out).mkdir(parents=True, exist_ok=True)
        file = open(Path(out) / LOCK, "a+b")  # noqa: SIM115  it is held until the end
    except OSError as error:
        raise RunError(f"{out} cannot be written ({error.strerror}); give this user permission, or name another folder"
                       ) from None
    with file:
        until = time.monotonic() + wait_s
        told = False
        while fcntl is not None and not _locked(file):
            if time.monotonic() > until:
                raise InputError(f"another refresh is at work in {out} and was not done within {wait_s:g} s; try again "
                                 "when it is, or allow more time with --wait")
            if not told:
                notice(f"another refresh is at work in {out}: waiting up to {wait_s:g} s")
                told = True
            time.sleep(0.1)
        yield


def query_runs(out: Path, sql: str) -> pd.DataFrame:
    """Return what an SQL query gives over all runs in `out`: a view for each table, with the column run_id, and `runs`.

    The files are read where they lie, and nothing but they: no other file, no network.

    Raises
    ------
    InputError
        DuckDB refuses the query; its words say why.
    """
    import duckdb
    import pandas as pd

    from analysis.store.runs import run_files

    folders = {path.parent: read_manifest(path.parent) for path in sorted(Path(out).glob(f"[!.]*/{MANIFEST}"))}
    if not folders:
        raise InputError(f"there is no run in {out}; make one with `paper-themes refresh`")
    with contextlib.closing(duckdb.connect()) as database:
        about = ("run_id", "previous_run", "looked_at", "newest_paper", "as_of", "method_version")
        runs = pd.DataFrame([{name: manifest.get(name) for name in about} | {"n_papers": manifest["counts"]["kept"]}
                             for manifest in folders.values()])
        database.register("runs", runs.astype({name: "string" for name in about}))
        allowed = []
        for name, table in TABLES.items():
            files = [str(run_files(folder)[name]) for folder, manifest in folders.items()
                     if name in manifest["tables"]]
            if files:
                allowed += files
                # Runs of earlier versions lack columns, which DuckDB fills as `read_run` does.
                there = {name for file in files for name in _header(file)}
                types = {column.name: _SQL[column.kind] for column in table.columns if column.name in there}
                columns = ", ".join(_selected(column, there) for column in table.columns)
                listed = ", ".join(f"'{_quoted(file)}'" for file in files)
                kinds = ", ".join(f"'{column}': '{kind}'" for column, kind in types.items())
                database.execute(
                    f"create view {name} as select parse_path(filename)[-2] as run_id, {columns} from "
                    f"read_csv([{listed}], header=true, union_by_name=true, filename=true, types={{{kinds}}}, "
                    "all_varchar=false, quote='\"', escape='\"', strict_mode=false)")
        database.execute(f"set allowed_paths=[{', '.join(repr(_quoted(path)) for path in allowed)}]")
        database.execute("set enable_external_access=false")
        database.execute("set lock_configuration=true")
        try:
            return database.execute(sql).df()
        except duckdb.Error as error:
            raise InputError(f"the query cannot be answered: {str(error).splitlines()[0]}; tables are runs, "
                             f"{', '.join(TABLES)}") from None


_SQL = {"text": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "flag": "BOOLEAN"}


def _header(file: str) -> list[str]:
    with open(file, encoding="utf-8") as lines:
        return lines.readline().strip().split(",")


def _selected(column: Column, there: set[str]) -> str:
    cell = f'"{column.name}"' if column.name in there else f"null::{_SQL[column.kind]}"
    if column.before is not None:
        cell = f"coalesce({cell}, '{_quoted(str(column.before))}'::{_SQL[column.kind]})"
    return f'{cell} as "{column.name}"'


def _quoted(text: str) -> str:
    return text.replace("'", "''")


def _locked(file: Any) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _papers_of(run: Run, themes: pd.DataFrame) -> pd.DataFrame:
    """Return the papers that stood in each of the themes, with their text."""
    import pandas as pd

    first = run.placements[run.placements["rank"] == 1]
    parent = run.themes.set_index("theme_key")["parent_key"]
    stood = pd.concat([
        pd.DataFrame({"paper_id": first["paper_id"], "theme_key": keys})
        for keys in (first["theme_key"], first["theme_key"].map(parent), first["fine_key"])])
    return (themes[["theme_key", "name", "level"]].merge(stood, on="theme_key")
            .merge(run.papers[["paper_id", "title", "abstract"]], on="paper_id"))
