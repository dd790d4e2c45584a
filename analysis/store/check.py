"""Holding everything that lies in a folder to its checksums: snapshots, runs, cached vectors and answers, other files.

What is there is told apart by what it is, wherever it lies: a snapshot by its sidecar or its day, a run by its manifest
or its tables, a cache by the names of its files. Nothing is changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatch
from functools import partial
from pathlib import Path
from typing import NamedTuple

from analysis.schema import InputError, PaperThemesError
from analysis.store.answers import read_answer
from analysis.store.inputs import is_feed_name
from analysis.store.runs import MANIFEST, read_manifest, read_run
from analysis.store.sidecars import SIDECAR, check_folder, check_page, read_sidecar
from analysis.store.vectors import read_rows

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(-\d+)?")
_CACHE = re.compile(r".+-[0-9a-f]{12}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_AGAIN = "remove it; what it held is made again when it is needed"


class Checked(NamedTuple):
    """One thing that was held to its checksum.

    Parameters
    ----------
    kind : str
        snapshot, run, vectors, answer or file.
    path : Path
    fault : str
        What is wrong and what to do, in a sentence; empty where it is sound.
    """

    kind: str
    path: Path
    fault: str = ""


def check_stored(folder: Path, judges: Mapping[str, Callable[[Path, bytes], str]]) -> Iterator[Checked]:
    """Yield everything below `folder` that has a checksum or a judge, and what is wrong with it.

    Parameters
    ----------
    judges : mapping of str to callable
        Pattern of a file's name → what says of its path and bytes what is wrong with it; empty where nothing is.

    Raises
    ------
    InputError
        There is no such folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder; expected the one that data, runs and cache lie in")
    yield from _check(folder, judges)


def _check(folder: Path, judges: Mapping[str, Callable[[Path, bytes], str]]) -> Iterator[Checked]:
    here = sorted(folder.iterdir())
    names = {path.name for path in here}
    for left in sorted(name for name in names if name.startswith(".") and name.endswith(".replaced")):
        if left[1:-len(".replaced")] not in names:
            yield Checked("run", folder / left, "a killed process has moved it aside; rename it to "
                                                f"{left[1:-len('.replaced')]}, or read that once: it is brought back")
    if SIDECAR in names or _DAY.fullmatch(folder.name) and any(path.is_file() for path in here):
        yield Checked("snapshot", folder, _told(_check_snapshot, folder))
        return
    if MANIFEST in names or any(f"{name}.csv" in names for name in ("themes", "placements")):
        yield Checked("run", folder, _told(_check_run, folder))
        return
    for path in here:
        if path.name.startswith(".") or path.is_symlink():
            continue
        if path.is_dir():
            yield from _check(path, judges)
        elif _CACHE.fullmatch(folder.name) and path.suffix == ".npy":
            yield Checked("vectors", path, _told(_check_vectors, path))
        elif path.suffix == ".json" and _SHA256.fullmatch(path.stem):
            yield Checked("answer", path, _told(_check_answer, path))
        else:
            for pattern, judge in judges.items():
                if fnmatch(path.name, pattern):
                    yield Checked("file", path, _told(partial(_judged, judge), path))


def _judged(judge: Callable[[Path, bytes], str], path: Path) -> str:
    return judge(path, path.read_bytes())


def _told(check: Callable[[Path], str], path: Path) -> str:
    try:
        return check(path)
    except PaperThemesError as error:
        return str(error)
    except OSError as error:
        return f"{path} cannot be read ({error.strerror}); give this user permission to read it, or look after the disk"


def _check_snapshot(folder: Path) -> str:
    snapshot = read_sidecar(folder)
    places = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {SIDECAR}
    pages = check_folder(folder, {place for place in places if is_feed_name(place) or place in snapshot.pages})
    for place, page in pages.items():
        check_page(folder / place, (folder / place).read_bytes(), page)
    if _DAY.fullmatch(folder.name) and snapshot.source != folder.parent.name:
        return f"it says that it came from {snapshot.source!r}; move it to that folder"
    return ""


def _check_run(folder: Path) -> str:
    manifest = read_manifest(folder)
    extra = sorted({path.name for path in folder.iterdir() if not path.name.startswith(".")}
                   - {MANIFEST, *(f"{name}.csv" for name in manifest["tables"])})
    run = read_run(folder)
    if run.run_id != folder.name:
        return f"it is run {run.run_id}; rename the folder to that"
    if extra:
        return f"it holds {extra[0]}, which its manifest does not list; move it elsewhere"
    before = manifest.get("previous_run")
    if before and not (folder.parent / before).is_dir() and not (folder.parent / f".{before}.replaced").is_dir():
        return (f"it goes on from run {before}, which is not there; bring that back from a copy, or live without: "
                "later runs go on from the newest, and what ended before it cannot come back")
    return ""


def _check_vectors(path: Path) -> str:
    return "" if read_rows(path) is not None else f"{path} is damaged; {_AGAIN}"


def _check_answer(path: Path) -> str:
    return "" if read_answer(path) is not None else f"{path} is damaged; {_AGAIN}"
