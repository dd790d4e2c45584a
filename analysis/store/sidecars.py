"""The sidecar of a snapshot: where its files came from, and what they must be, byte for byte."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.schema import InputError

SIDECAR = "snapshot.json"
_REMEDY = "a snapshot is never edited; bring it back from a copy, or remove its folder and fetch anew"


@dataclass(frozen=True)
class Snapshot:
    """What came from a source on a day, as its sidecar tells.

    Parameters
    ----------
    folder : Path
    source : str
    fetched : datetime
        When, in UTC.
    about : dict
        The whole sidecar: provider, query, url, licence, since, until, pages, n_records, newest, warnings.
    """

    folder: Path
    source: str
    fetched: dt.datetime
    about: dict[str, Any]

    @property
    def pages(self) -> dict[str, dict[str, Any]]:
        """What the sidecar says of each file, by its place in the folder."""
        return {page["file"]: page for page in self.about["pages"]}


def sidecar_bytes(about: dict[str, Any]) -> bytes:
    """Return the sidecar as a file, with a checksum of its own."""
    text = json.dumps({**about, "checksum": _checksum(about)}, indent=2, ensure_ascii=False) + "\n"
    return text.encode("utf-8", "surrogatepass")  # a file's name may hold bytes that are no text


def read_sidecar(folder: Path) -> Snapshot:
    """Return the snapshot in a folder, its files unread.

    Raises
    ------
    InputError
        The sidecar is missing or damaged.
    """
    path = folder / SIDECAR
    try:
        about = json.loads(path.read_bytes())
        told = about.pop("checksum")
        snapshot = Snapshot(folder, about["source"], dt.datetime.fromisoformat(about["fetched"]), about)
        if told != _checksum(about) or snapshot.fetched.tzinfo is None or not snapshot.pages:
            raise ValueError
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}); give this user permission to read it") from None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise InputError(f"{path} is damaged (it does not match its own checksum); {_REMEDY}") from None
    return snapshot


def check_folder(folder: Path, places: set[str]) -> dict[str, dict[str, Any]]:
    """Return what the sidecar says of each file in a folder that holds `places`: exactly those that it lists."""
    snapshot = read_sidecar(folder)
    for place in sorted(set(snapshot.pages) - places):
        raise InputError(f"{folder / place} is missing, though {SIDECAR} lists it; {_REMEDY}")
    for place in sorted(places - set(snapshot.pages)):
        raise InputError(f"{folder / place} lies in a snapshot that does not list it; move it to data/inbox")
    return snapshot.pages


def check_page(path: Path, content: bytes, page: dict[str, Any]) -> None:
    """Raise an `InputError` where a file of a snapshot is not what its sidecar says."""
    found = hashlib.sha256(content).hexdigest()
    if found != page["sha256"]:
        raise InputError(f"{path} is damaged (sha256 {found[:12]}, its {SIDECAR} says {page['sha256'][:12]}); "
                         f"{_REMEDY}")


def folder_of(path: Path) -> Path | None:
    """Return the snapshot's folder that a file lies in, however deep, or None."""
    return next((folder for folder in path.parents if (folder / SIDECAR).is_file()), None)


def all_sidecars(home: Path) -> Iterator[Path]:
    """Yield the folders of the snapshots of one source, which lie in ``data/raw/<source>``."""
    for path in sorted(home.glob(f"[!.]*/{SIDECAR}")):
        yield path.parent


def _checksum(about: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(about, sort_keys=True, ensure_ascii=True).encode("ascii")).hexdigest()
