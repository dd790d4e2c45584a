"""Snapshots: what a source gave on a day, dated, with a sidecar, and never edited.

They lie in ``data/raw/<source>/<day>``. Pages are kept as they arrive in a hidden folder beside, so that a fetch that
was interrupted goes on; the snapshot appears when its last page is there::

    partial = snapshots.begin(source.about(since, until), day)
    for page in fetch_source(source, since, until, patience=patience, resume=partial.resume):
        partial.add(page)
    folder = partial.finish(fetched)    # None: nothing new
"""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.schema import RunError
from analysis.store.atomic import publish_folder, write_bytes
from analysis.store.sidecars import SIDECAR, Snapshot, all_sidecars, read_sidecar, sidecar_bytes

if TYPE_CHECKING:
    from analysis.corpus import InputFile
    from analysis.sources import Page, Resume

_SUFFIXES = {"json": ".json", "xml": ".xml"}


def list_snapshots(root: Path) -> list[Snapshot]:
    """Return the snapshots below ``data/raw``, newest first.

    Raises
    ------
    InputError
        A sidecar is damaged.
    """
    return _newest_first(path for home in sorted(Path(root).glob("[!.]*")) for path in all_sidecars(home))


def last_day(root: Path, source: str, about: dict[str, Any] | None = None) -> dt.date | None:
    """Return the last day that a source was asked for, or None where it never was.

    Parameters
    ----------
    about : dict, optional
        What the source is now (``source.about()``): snapshots that asked for something else do not count.

    Raises
    ------
    InputError
        A sidecar of the source is damaged.
    """
    asked = ("provider", "query", "url")
    days = [
        dt.date.fromisoformat(snapshot.about["until"])
        for snapshot in _newest_first(all_sidecars(Path(root) / source))
        if snapshot.about.get("until")
        and (about is None or all(snapshot.about.get(key) == about.get(key) for key in asked))
    ]
    return max(days, default=None)


class Snapshots:
    """Writes snapshots below a folder, ``data/raw``.

    Parameters
    ----------
    root : Path
        Made on the first write.
    notice : callable
        Is told, in one sentence, of what was passed over.
    """

    def __init__(self, root: Path, notice: Callable[[str], None] = lambda sentence: None) -> None:
        self.root, self._notice = Path(root), notice

    def begin(self, about: dict[str, Any], day: dt.date) -> Partial:
        """Return the fetch of `day`, at its beginning or where it was interrupted.

        Parameters
        ----------
        about : dict
            What the sidecar is to say, ``source``, ``since`` and ``until`` with it. An interrupted fetch that asked
            for something else, or on another day, is thrown away: its days are asked for again.
        """
        return Partial(self.root / about["source"], about, day)

    def take_in(
        self, inbox: Path, day: dt.date, now: dt.datetime,
        refuses: Callable[[InputFile], str] = lambda file: "",
    ) -> Path | None:
        """Return the snapshot that the files in `inbox` have become, or None where none was new.

        A file leaves the inbox when it is safely in a snapshot, and not before; one that cannot be read stays there,
        and is told.

        Parameters
        ----------
        refuses : callable
            Says, in a sentence, why a file cannot be used; empty where it can.

        Raises
        ------
        RunError
            The disk refuses; every file is still in the inbox.
        """
        from analysis.store.inbox import take_in

        return take_in(self, inbox, day, now, refuses, self._notice)


class Partial:
    """A snapshot in the making. Made by `Snapshots.begin`."""

    def __init__(self, home: Path, about: dict[str, Any], day: dt.date) -> None:
        self._home, self._about, self._day = home, about, day
        self._folder, self._told = home / f".partial-{day}", home / f".partial-{day}.json"
        for left in home.glob(".partial-*"):
            if left not in (self._folder, self._told):
                _remove(left)
        self._progress = self._read_progress()

    @property
    def resume(self) -> Resume | None:
        """Where the fetch goes on; None where it begins."""
        from analysis.sources import Resume

        done = self._progress
        return Resume(done["next_url"], done["n_pages"], done["n_records"]) if done["n_pages"] else None

    def add(self, page: Page) -> None:
        """Keep a page. What is kept survives a crash; a page without records is only counted.

        Raises
        ------
        RunError
            The disk refuses.
        """
        if page.number == 1:
            self._progress = self._begin_anew()
        done = self._progress
        pages = list(done["pages"])
        if page.n_records:
            name = f"page-{page.number:04d}{_suffix(page)}"
            write_bytes(self._folder / name, page.body)
            pages.append({
                "file": name, "url": page.url, "content_type": page.content_type, "n_records": page.n_records,
                "bytes": len(page.body), "sha256": hashlib.sha256(page.body).hexdigest(),
                "papers_sha256": page.papers_sha256,
            })
        self._progress = {
            **done, "pages": pages, "next_url": page.next_url, "n_pages": page.number,
            "n_records": done["n_records"] + page.n_records,
            "warnings": done["warnings"] + ([page.warning] if page.warning else []),
        }
        write_bytes(self._told, json.dumps(self._progress).encode("ascii"))

    def inputs(self) -> list[InputFile]:
        """Return the pages so far, for who wants to know the newest paper in them."""
        from analysis.corpus import InputFile

        return [InputFile(page["file"], (self._folder / page["file"]).read_bytes())
                for page in self._progress["pages"]]

    def finish(self, fetched: dt.datetime, newest: dt.date | None = None) -> Path | None:
        """Return the snapshot's folder, which is now there whole, or None where it would say nothing new.

        Nothing is new where every page with records stands in the source's newest snapshot, but for what changes from
        day to day. The snapshot of a day that has one already is called ``<day>-2``.

        Parameters
        ----------
        fetched : datetime
            When, with its time zone.
        newest : date, optional
            Day of the newest paper.

        Raises
        ------
        RunError
            The disk refuses, or the fetch is not at its end.
        """
        done = self._progress
        if done["next_url"] is not None or not done["n_pages"]:
            raise RunError(f"the fetch of {self._about['source']} is not at its end; fetch again to go on")
        before = _newest_first(all_sidecars(self._home))
        known = {page.get("papers_sha256") for page in before[0].pages.values()} if before else set()
        if all(page["papers_sha256"] in known for page in done["pages"]):
            self._begin_anew()
            return None
        about = {
            **self._about, "fetched": utc(fetched), "newest": newest.isoformat() if newest else None,
            "n_records": done["n_records"], "warnings": done["warnings"], "pages": done["pages"],
        }
        folder = publish(self._folder, about, self._day)
        _remove(self._told)  # last: a kill before this leaves a fetch that only has to be finished
        return folder

    def _read_progress(self) -> dict[str, Any]:
        """Return how far the fetch came; one of something else, or one that is damaged, is at its beginning."""
        try:
            done = json.loads(self._told.read_bytes())
            intact = done["about"] == json.loads(json.dumps(self._about)) and all(
                hashlib.sha256((self._folder / page["file"]).read_bytes()).hexdigest() == page["sha256"]
                for page in done["pages"]
            )
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            intact = False
        return done if intact else self._begin_anew()

    def _begin_anew(self) -> dict[str, Any]:
        _remove(self._told)
        _remove(self._folder)
        return {"about": self._about, "pages": [], "next_url": None, "n_pages": 0, "n_records": 0, "warnings": []}


def publish(fresh: Path, about: dict[str, Any], day: dt.date) -> Path:
    """Return the folder that `fresh` has become: named by the day, with its sidecar, every file read-only."""
    for left in fresh.glob(".*"):  # what a killed process left
        _remove(left)
    write_bytes(fresh / SIDECAR, sidecar_bytes(about))

    def choose() -> Path:
        number = 1
        while True:
            path = fresh.parent / (f"{day}" if number == 1 else f"{day}-{number}")
            if not path.exists():
                return path
            number += 1

    try:
        for path in fresh.rglob("*"):
            if path.is_file():
                os.chmod(path, 0o444)
    except OSError as error:
        raise RunError(f"cannot make {fresh} read-only ({error.strerror}); give this user permission there") from None
    return publish_folder(fresh, choose)


def utc(moment: dt.datetime) -> str:
    """Return a moment as ISO 8601 in UTC, to the second."""
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds")


def _newest_first(folders: Iterable[Path]) -> list[Snapshot]:
    found = [read_sidecar(folder) for folder in folders]
    return sorted(found, key=lambda snapshot: (snapshot.fetched, snapshot.folder.as_posix()), reverse=True)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def _suffix(page: Page) -> str:
    kind = page.content_type.lower()
    told = next((suffix for word, suffix in _SUFFIXES.items() if word in kind.partition(";")[0]), None)
    return told or (".json" if page.body.lstrip()[:1] in (b"{", b"[") else ".xml")
