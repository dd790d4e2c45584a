"""Runs as folders: one CSV a table and `manifest.json`, which holds every table's checksum and its own."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Container, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.schema import FORECASTS, TABLES, Run, RunError, SchemaError, check, empty, migrate
from analysis.store.atomic import recover_folder, write_folder
from analysis.store.tables import parse_table, table_bytes, table_frame

if TYPE_CHECKING:
    import pandas as pd

MANIFEST = "manifest.json"
PASSING = ("checksum", "profile", "looked_at")
"""Entries of a manifest that may differ between two copies of one run."""

_REMEDY = "make the run again with `paper-themes run`"


def write_run(run: Run, out: Path) -> Path:
    """Return the folder ``out/<run_id>``, which now holds the run.

    The folder appears whole. One that already holds the same run, undamaged, is left as it is.

    Raises
    ------
    RunError
        The disk refuses; an earlier run of that name is untouched.
    SchemaError
        A table breaks its rules, or `run_id` is no plain name.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", run.run_id):
        raise SchemaError(f"run_id is {run.run_id!r}, expected letters, digits, dots, hyphens and underscores")
    files, tables = _files(run)
    manifest = json.loads(json.dumps({**run.manifest, "run_id": run.run_id, "tables": tables}))
    manifest["checksum"] = _checksum(manifest)
    files[MANIFEST] = (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode("utf-8")
    return write_folder(Path(out) / run.run_id, files, keep=lambda folder: _holds(folder, manifest))


def read_run(folder: Path, notice: Callable[[str], None] = lambda line: None) -> Run:
    """Return the run that a folder holds, every table held to the manifest's checksum and row count.

    A run of an earlier version is read as one of this version: tables that it does not have are empty, and so are
    columns, unless earlier versions meant something by their absence (`schema.migrate`).

    Parameters
    ----------
    notice : callable
        Is told, in one sentence, what a run of an earlier version does not have.

    Raises
    ------
    RunError
        The folder is no run, a file is missing or damaged, or it lacks something that cannot be empty. The message
        names it.
    """
    folder = Path(folder)
    manifest = read_manifest(folder)
    tables: dict[str, pd.DataFrame] = {}
    lacks: list[str] = []
    for name, path in _table_files(folder, manifest).items():
        content = _read_checked(path, manifest["tables"][name]["sha256"])
        try:
            frame, done = migrate(parse_table(content, TABLES[name]), TABLES[name])
            tables[name] = check(frame, TABLES[name])
        except SchemaError as error:
            raise RunError(f"{path} was written by another version ({error}); {_REMEDY}") from None
        lacks += done
        if len(tables[name]) != manifest["tables"][name]["rows"]:
            raise RunError(f"{path} has {len(tables[name])} rows, but its manifest says "
                           f"{manifest['tables'][name]['rows']}; {_REMEDY}")
    missing = [name for name in TABLES if name not in tables]
    if missing:
        lacks.append(f"there is no table {', '.join(missing)}, which is empty")
        tables |= {name: empty(TABLES[name]) for name in missing}
    if lacks:
        notice(f"{folder} was written by an earlier version (method {manifest.get('method_version')}): "
               f"{'; '.join(lacks)}")
    return Run(manifest["run_id"], manifest, tables)


def read_forecasts(
    out: Path, settings: dict[str, Any], notice: Callable[[str], None] = lambda line: None,
) -> pd.DataFrame:
    """Return the FORECASTS of all runs in `out` that were made with the same settings, whatever their `as_of`.

    A run that is damaged or of another version is passed over, and `notice` is told.
    """
    import pandas as pd

    frames = [empty(FORECASTS)]
    wanted = {**settings, "as_of": None}
    for path in sorted(Path(out).glob(f"[!.]*/{MANIFEST}")):
        try:
            manifest = read_manifest(path.parent)
            if "forecasts" in manifest["tables"] and {**manifest["settings"], "as_of": None} == wanted:
                content = _read_checked(path.parent / "forecasts.csv", manifest["tables"]["forecasts"]["sha256"])
                frames.append(table_frame(content, FORECASTS))
        except (RunError, SchemaError) as error:
            notice(f"the forecasts of {path.parent} are passed over: {error}")
    return pd.concat(frames, ignore_index=True)


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """Return one table of a run, held to the manifest's checksum; empty where the run has none of that name.

    Raises
    ------
    RunError
        The folder is no run, or the table is damaged or of another version.
    """
    manifest = read_manifest(Path(folder))
    if name not in manifest["tables"]:
        return empty(TABLES[name])
    path = Path(folder) / f"{name}.csv"
    try:
        content = _read_checked(path, manifest["tables"][name]["sha256"])
        return check(migrate(parse_table(content, TABLES[name]), TABLES[name])[0], TABLES[name])
    except SchemaError as error:
        raise RunError(f"{path} was written by another version ({error}); {_REMEDY}") from None


def run_files(folder: Path) -> dict[str, Path]:
    """Return where a run's tables lie: table name → path of its CSV.

    Raises
    ------
    RunError
        The folder is no run, or its manifest is damaged.
    """
    folder = Path(folder)
    return _table_files(folder, read_manifest(folder))


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return a run's manifest, held to its own checksum.

    Raises
    ------
    RunError
        The folder is no run, or its manifest is damaged.
    """
    recover_folder(folder)
    path = folder / MANIFEST
    if not folder.is_dir():
        raise RunError(f"{folder} is no folder; expected a run, such as a folder in data/runs that "
                       "`paper-themes run` printed")
    if not path.is_file():
        raise RunError(f"{folder} has no {MANIFEST}, so it is no run; name a folder that `paper-themes run` printed")
    try:
        manifest = json.loads(path.read_bytes())
        intact = manifest["checksum"] == _checksum(manifest)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        intact = False
    except OSError as error:
        raise RunError(f"{path} cannot be read ({error.strerror}); give this user permission to read it") from None
    if not intact:
        raise RunError(f"{path} is damaged (it does not match its own checksum); {_REMEDY}")
    return manifest


def run_sha256(manifest: Mapping[str, Any]) -> str:
    """Return the SHA-256 of all that a manifest says of its run, the tables' checksums among it.

    When it was looked at and how long it took are left out: the same run has the same digest on every machine.
    """
    return _checksum(manifest, without=PASSING)


def describe_tables(run: Run) -> dict[str, dict[str, Any]]:
    """Return the rows and the SHA-256 that a run's manifest says of each table, for a run that is not on the disk."""
    return _files(run)[1]


def _files(run: Run) -> tuple[dict[str, bytes], dict[str, dict[str, Any]]]:
    files, tables = {}, {}
    for name in sorted(run.tables):
        if name not in TABLES:
            raise SchemaError(f"table {name} is unknown; known tables are {', '.join(TABLES)}")
        content = table_bytes(run.tables[name], TABLES[name])
        files[f"{name}.csv"] = content
        tables[name] = {"rows": len(run.tables[name]), "sha256": hashlib.sha256(content).hexdigest()}
    return files, tables


def _table_files(folder: Path, manifest: dict[str, Any]) -> dict[str, Path]:
    unknown = sorted(set(manifest["tables"]) - set(TABLES))
    if unknown:
        raise RunError(f"{folder / MANIFEST} lists a table {unknown[0]!r} that this version does not know; read it "
                       "with the version that wrote it, or " + _REMEDY)
    return {name: folder / f"{name}.csv" for name in manifest["tables"]}


def _read_checked(path: Path, sha256: str) -> bytes:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise RunError(f"{path} is missing, though its manifest lists it; {_REMEDY}") from None
    except OSError as error:
        raise RunError(f"{path} cannot be read ({error.strerror}); give this user permission to read it") from None
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise RunError(f"{path} is damaged (sha256 {found[:12]}, its manifest says {sha256[:12]}); {_REMEDY}")
    return content


def _holds(folder: Path, manifest: dict[str, Any]) -> bool:
    """Tell whether a folder holds this run already, undamaged; how long it took does not count."""
    try:
        existing = read_manifest(folder)
        for name, path in _table_files(folder, existing).items():
            _read_checked(path, existing["tables"][name]["sha256"])
    except RunError:
        return False
    return run_sha256(existing) == run_sha256(manifest)


def _checksum(manifest: Mapping[str, Any], without: Container[str] = ("checksum",)) -> str:
    content = {key: value for key, value in manifest.items() if key not in without}
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=True).encode("ascii")).hexdigest()
