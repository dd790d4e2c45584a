"""What comes in from the disk: feed files, texts, checksums, and what the processor can do."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.schema import InputError
from analysis.store.sidecars import SIDECAR, check_folder, check_page, folder_of

if TYPE_CHECKING:
    from analysis.corpus import InputFile

_SKIPPED = ("readme", "licen", "notice")
"""Beginnings of file names that tell about a folder and are no feed."""


def read_inputs(paths: Iterable[Path | str], until: str | None = None) -> list[InputFile]:
    """Return the files that `paths` name, each folder's files sorted by their place in it.

    Hidden files, a folder's README, LICENSE and NOTICE, and the sidecars of snapshots are passed over. A file is named
    by its place in its folder, so that the same papers are the same run wherever they lie. A file of a snapshot is held
    to the sidecar's checksum.

    Parameters
    ----------
    until : str, optional
        Day, ISO 8601; snapshots taken later are passed over. Files that are in no snapshot are read.

    Raises
    ------
    InputError
        A path is not there, is no plain file, cannot be opened, a folder holds no file, or a snapshot is damaged.
    """
    from analysis.corpus import InputFile

    found: list[tuple[str, Path]] = []
    for path in map(Path, paths):
        found.extend(_files_in(path) if path.is_dir() else [(path.name, path)])
    if until is not None:
        found = [(name, path) for name, path in found if (folder_of(path) or Path()).name[:10] <= until]
    if not found:
        raise InputError("no input was named; expected at least one feed file or a folder of them")
    counts = Counter(name for name, _ in found)
    read = _read_held(path for _, path in found)
    return [InputFile(as_text(name if counts[name] == 1 else path.as_posix()), read[path]) for name, path in found]


def is_feed_name(place: str) -> bool:
    """Return whether a file, by its place in a folder, is neither hidden nor tells about the folder."""
    parts = place.split("/")
    return not any(part.startswith(".") for part in parts) and not parts[-1].lower().startswith(_SKIPPED)


def as_text(name: str) -> str:
    """Return a file's name as text: bytes that are none are written out, so that each name stays its own."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def read_text(path: Path | str) -> str:
    """Return the text of a UTF-8 file, without a byte order mark.

    Raises
    ------
    InputError
        The file is not there or is not UTF-8.
    """
    try:
        return read_bytes(Path(path)).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} is not UTF-8 text (byte {error.start} is {error.object[error.start]:#04x}); save it as UTF-8"
        ) from None


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file.

    Raises
    ------
    InputError
        It is not there, is no plain file, or cannot be opened.
    """
    if not path.exists():
        raise InputError(f"{path} is not there; expected a file or a folder of files (looked from {Path.cwd()})")
    if not path.is_file():
        raise InputError(f"{path} is no plain file; expected a feed file or a folder of them")
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); give this user permission to read it") from None


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, as 64 hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def cpu_flags() -> frozenset[str]:
    """Return the processor's feature flags as Linux names them; empty where the system does not tell."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace")
    except OSError:
        return frozenset()
    lines = (line.split(":", 1)[1] for line in text.splitlines() if line.startswith("flags") and ":" in line)
    return frozenset(next(lines, "").split())


def _files_in(folder: Path) -> list[tuple[str, Path]]:
    places = sorted((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*") if path.is_file())
    files = [(place, path) for place, path in places if is_feed_name(place) and path.name != SIDECAR]
    if not files:
        raise InputError(f"folder {folder} holds no feed file; put one there or name another folder")
    return files


def _read_held(paths: Iterable[Path]) -> dict[Path, bytes]:
    """Return the contents of files, those of a snapshot held to its sidecar."""
    pages: dict[Path, dict[str, dict[str, Any]]] = {}
    read = {}
    for path in paths:
        read[path] = read_bytes(path)
        folder = folder_of(path)
        if folder is None:
            continue
        if folder not in pages:
            there = (file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
            pages[folder] = check_folder(folder, {place for place in there if is_feed_name(place) and place != SIDECAR})
        check_page(path, read[path], pages[folder][path.relative_to(folder).as_posix()])
    return read
