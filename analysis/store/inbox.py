"""The inbox: files that a person drops there become a snapshot, and leave only when they are safe."""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.store.atomic import write_bytes
from analysis.store.inputs import as_text, is_feed_name
from analysis.store.sidecars import SIDECAR, all_sidecars, read_sidecar
from analysis.store.snapshots import publish, utc

if TYPE_CHECKING:
    from analysis.corpus import InputFile
    from analysis.store.snapshots import Snapshots

NAME = "inbox"


def take_in(
    snapshots: Snapshots, inbox: Path, day: dt.date, now: dt.datetime, refuses: Callable[[InputFile], str],
    notice: Callable[[str], None],
) -> Path | None:
    """Return the snapshot that the files of an inbox have become; see `Snapshots.take_in`."""
    inbox = Path(inbox)
    found = _read_all(inbox, refuses, notice)
    if not found:
        return None
    sums = {place: hashlib.sha256(content).hexdigest() for place, content in found.items()}
    kept = {
        page["sha256"]: snapshot.folder / place
        for snapshot in map(read_sidecar, all_sidecars(snapshots.root / NAME))
        for place, page in snapshot.pages.items()
    }
    for place in [place for place in found if sums[place] in kept]:
        notice(f"{inbox / place} is {kept[sums[place]]} already; it is taken out of the inbox")
        _take_out(inbox, place, found.pop(place), notice)
    if not found:
        return None
    fresh = snapshots.root / NAME / f".partial-{day}"
    shutil.rmtree(fresh, ignore_errors=True)
    for place, content in found.items():
        write_bytes(fresh / place, content)
    folder = publish(fresh, {
        "source": NAME, "provider": "inbox", "query": "", "url": None, "licence": None, "since": None, "until": None,
        "fetched": utc(now), "newest": None, "n_records": None, "warnings": [],
        "pages": [{"file": place, "bytes": len(found[place]), "sha256": sums[place]} for place in found],
    }, day)
    for place, content in found.items():
        _take_out(inbox, place, content, notice)
    return folder


def _read_all(
    inbox: Path, refuses: Callable[[InputFile], str], notice: Callable[[str], None],
) -> dict[str, bytes]:
    """Return the contents of the files that can be taken in, by their place in the inbox."""
    from analysis.corpus import InputFile

    found = {}
    for path in sorted(inbox.rglob("*")) if inbox.is_dir() else ():
        place = path.relative_to(inbox).as_posix()
        if path.is_dir() and not path.is_symlink() or not is_feed_name(place):
            continue
        why, content = _read(path)
        why = why or refuses(InputFile(as_text(place), content))
        if why:
            notice(f"{path} stays in the inbox: {why}")
        else:
            found[place] = content
    return found


def _read(path: Path) -> tuple[str, bytes]:
    """Return why a file cannot be taken in, or nothing, and its content."""
    if path.name == SIDECAR:
        return f"{SIDECAR} is the name of a snapshot's own list; give it another", b""
    if path.is_symlink() or not path.is_file():
        return "it is a link or no plain file; put the file itself there", b""
    try:
        content = path.read_bytes()
    except OSError as error:
        return f"it cannot be read ({error.strerror}); give this user permission to read it", b""
    return ("" if content.strip() else "it is empty; save it again"), content


def _take_out(inbox: Path, place: str, content: bytes, notice: Callable[[str], None]) -> None:
    """Remove a file that is safe elsewhere, unless it has changed since it was read."""
    path = inbox / place
    try:
        if path.read_bytes() == content:
            path.unlink()
        else:
            notice(f"{path} stays in the inbox: it changed while it was taken in; it will be taken in again")
    except OSError as error:
        notice(f"{path} is in a snapshot and cannot be removed from the inbox ({error.strerror}); remove it by hand")
