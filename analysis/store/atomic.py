"""Files and folders that appear whole or not at all.

The order is SQLite's and git's: write under a temporary name in the same folder, flush the data, rename, flush the
folder. A process killed in between leaves only a temporary, which the next writer of the same name sweeps away.
"""

from __future__ import annotations

import contextlib
import glob
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from analysis.schema import RunError

try:
    import fcntl
except ImportError:  # Windows has no such lock: temporaries of killed processes stay there until removed by hand.
    fcntl = None  # type: ignore[assignment]

ATTEMPTS = 10


def write_bytes(path: Path, content: bytes) -> Path:
    """Return `path`, which now holds exactly `content`; a reader sees the old file or the new one, never a part.

    Raises
    ------
    RunError
        The disk refuses (full, read-only, no permission). What stood at `path` before is untouched.
    """
    with _writing(path), _scratch(path) as scratch:
        _write_flushed(scratch / path.name, content)
        os.replace(scratch / path.name, path)
        _flush_folder(path.parent)
    return path


def write_text(path: Path, text: str) -> Path:
    """Return `path`, which now holds `text` in UTF-8 with the line ends that the text has."""
    return write_bytes(path, text.encode("utf-8"))


def write_files(folder: Path, files: Mapping[str, bytes]) -> Path:
    """Return `folder`, in which each of `files` (name → content) is replaced in turn; other files stay.

    Unlike in `write_folder`, each of them is there at every moment, the old one or the new one, and a process that is
    killed leaves some of both. The last one is written when all the others are.
    """
    for name, content in files.items():
        write_bytes(Path(folder) / name, content)
    return Path(folder)


def write_folder(
    path: Path, files: Mapping[str, bytes], keep: Callable[[Path], bool] = lambda existing: False
) -> Path:
    """Return `path`, which is now a folder of exactly `files` (name → content).

    Parameters
    ----------
    path : Path
        A folder that stands there already is replaced, unless `keep` says that it is as good.
    files : mapping of str to bytes
        Names may hold ``/`` for folders inside.
    keep : callable
        Is given the folder that stands at `path`.

    Raises
    ------
    RunError
        The disk refuses. What stood at `path` before is untouched.
    """
    with _writing(path), _scratch(path) as scratch:
        recover_folder(path)
        if path.is_dir() and keep(path):
            return path
        fresh = scratch / path.name
        for name, content in files.items():
            file = fresh / name
            file.parent.mkdir(parents=True, exist_ok=True)
            _write_flushed(file, content)
        for folder in (fresh, *(child for child in fresh.rglob("*") if child.is_dir())):
            _flush_folder(folder)
        with _alone_in(path.parent):
            _bring_back(path)
            if path.is_dir():
                if keep(path):
                    return path
                # A folder with files in it is never replaced by a rename: move it aside first. A kill between the
                # two renames leaves only the one moved aside, which `recover_folder` brings back.
                shutil.rmtree(_aside(path), ignore_errors=True)
                os.rename(path, _aside(path))
            os.rename(fresh, path)
            _flush_folder(path.parent)
            shutil.rmtree(_aside(path), ignore_errors=True)
    return path


def publish_folder(fresh: Path, choose: Callable[[], Path]) -> Path:
    """Return the folder that `choose` names, beside `fresh`, which now stands there whole; its files are flushed.

    `choose` is asked while no one else swaps folders there, and names one that does not stand yet.

    Raises
    ------
    RunError
        The disk refuses. `fresh` is where it was.
    """
    with _writing(fresh):
        for folder in (fresh, *(child for child in fresh.rglob("*") if child.is_dir())):
            _flush_folder(folder)
        with _alone_in(fresh.parent):
            path = choose()
            os.rename(fresh, path)
            _flush_folder(path.parent)
    return path


def collect_files(save: Callable[[Path], None]) -> dict[str, bytes]:
    """Return the files that `save` writes into an empty folder: for libraries that write for themselves."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "files"
        folder.mkdir()
        save(folder)
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def recover_folder(path: Path) -> None:
    """Bring back the folder that a killed `write_folder` had moved aside, if nothing stands in its place."""
    if not path.exists() and _aside(path).is_dir():
        with _alone_in(path.parent):
            _bring_back(path)


def _bring_back(path: Path) -> None:
    if not path.exists() and _aside(path).is_dir():
        os.rename(_aside(path), path)


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder's lock: of several processes that swap folders in it, one at a time."""
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # a file system without locks: go on without
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _aside(path: Path) -> Path:
    return path.parent / f".{path.name}.replaced"


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise RunError(
            f"cannot write {path}: {error.strerror or error}; make room or permission there, or name another place, "
            "and run again (what stood there before is untouched)"
        ) from error


@contextmanager
def _scratch(path: Path) -> Iterator[Path]:
    """Yield a new hidden folder beside `path`, locked while this process lives and removed at the end."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sweep(path)
    for _ in range(ATTEMPTS):
        scratch = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent))
        lock = _lock(scratch)
        if scratch.exists():  # else another process swept it before the lock was taken
            break
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def sweep(path: Path) -> None:
    """Remove what processes that are gone have left beside `path`: the lock of a living one cannot be taken."""
    for scratch in path.parent.glob(f".{glob.escape(path.name)}.*.tmp"):
        lock = _lock(scratch)
        if lock is not None:
            shutil.rmtree(scratch, ignore_errors=True)
            os.close(lock)


def _lock(folder: Path) -> int | None:
    if fcntl is None:
        return None
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle


def _write_flushed(path: Path, content: bytes) -> None:
    with open(path, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
