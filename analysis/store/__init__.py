"""The only door to the disk: inputs, cached vectors and answers, runs, and every file that is written.

Whatever is written appears whole or not at all: it is made under a temporary name beside its place, flushed, and
renamed last. Whatever is read back is held to its checksum.
"""

from analysis.store.answers import AnswerCache
from analysis.store.atomic import collect_files, sweep, write_bytes, write_files, write_folder, write_text
from analysis.store.check import Checked, check_stored
from analysis.store.history import alone, list_runs, query_runs, read_past
from analysis.store.inputs import cpu_flags, file_sha256, read_bytes, read_inputs, read_text
from analysis.store.runs import (
    describe_tables,
    read_forecasts,
    read_manifest,
    read_run,
    read_table,
    run_files,
    run_sha256,
    write_run,
)
from analysis.store.sidecars import Snapshot
from analysis.store.snapshots import Snapshots, last_day, list_snapshots
from analysis.store.vectors import VectorCache

__all__ = [
    "AnswerCache",
    "Checked",
    "Snapshot",
    "Snapshots",
    "VectorCache",
    "alone",
    "check_stored",
    "collect_files",
    "cpu_flags",
    "describe_tables",
    "file_sha256",
    "last_day",
    "list_runs",
    "list_snapshots",
    "query_runs",
    "read_bytes",
    "read_forecasts",
    "read_inputs",
    "read_manifest",
    "read_past",
    "read_run",
    "read_table",
    "read_text",
    "run_files",
    "run_sha256",
    "sweep",
    "write_bytes",
    "write_files",
    "write_folder",
    "write_run",
    "write_text",
]
