"""Snapshots: whole or not at all, never edited, resumed, and the inbox that loses nothing."""

from __future__ import annotations

import datetime as dt
import json
import os
import stat
from pathlib import Path

import pytest
from local_server import by_query, local_server

from analysis.schema import InputError, RunError, SourceError
from analysis.sources import Page, Patience, Source, fetch_source
from analysis.store import Snapshots, last_day, list_snapshots, read_inputs
from analysis.store import snapshots as room
from analysis.store.snapshots import Partial

DAY = dt.date(2025, 6, 6)
NOON = dt.datetime(2025, 6, 6, 14, 0, tzinfo=dt.timezone(dt.timedelta(hours=2)))
ABOUT = {"source": "hf", "provider": "hugging-face", "query": "", "url": "https://example.org/", "licence": None,
         "since": "2025-06-01", "until": "2025-06-06"}


def page(number: int, body: bytes, next_url: str | None, n_records: int = 1, **more: str) -> Page:
    url = f"https://example.org/?p={number}"
    return Page(number, body, "application/json; charset=utf-8", url, n_records, next_url,
                more.get("papers_sha256", f"sum of {body!r}"), more.get("warning", ""))


def write(root: Path, *bodies: bytes, day: dt.date = DAY, about: dict = ABOUT) -> Path | None:
    partial = Snapshots(root).begin({**about, "until": day.isoformat()}, day)
    for number, body in enumerate(bodies, start=1):
        partial.add(page(number, body, None if number == len(bodies) else "https://example.org/?next"))
    return partial.finish(NOON + (day - DAY), newest=day)


def test_a_snapshot_is_its_pages_and_a_sidecar_and_read_only(tmp_path: Path) -> None:
    folder = write(tmp_path, b'["one"]', b'["two"]')
    assert folder == tmp_path / "hf" / "2025-06-06"
    assert sorted(path.name for path in folder.parent.iterdir()) == ["2025-06-06"]
    assert sorted(path.name for path in folder.iterdir()) == ["page-0001.json", "page-0002.json", "snapshot.json"]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o444 for path in folder.iterdir())
    about = json.loads((folder / "snapshot.json").read_bytes())
    assert {key: about[key] for key in ABOUT} == ABOUT
    assert (about["fetched"], about["newest"], about["n_records"]) == ("2025-06-06T12:00:00+00:00", "2025-06-06", 2)
    assert about["pages"][1]["url"] == "https://example.org/?p=2" and about["pages"][1]["bytes"] == 7
    files = read_inputs([tmp_path])
    assert [(file.name, file.content) for file in files] == [
        ("hf/2025-06-06/page-0001.json", b'["one"]'), ("hf/2025-06-06/page-0002.json", b'["two"]')]


def test_what_is_the_same_is_nothing_new(tmp_path: Path) -> None:
    first = write(tmp_path, b'["one"]', b'["two"]')
    before = sorted(tmp_path.rglob("*"))
    assert write(tmp_path, b'["one"]', b'["two"]') is None
    assert write(tmp_path, b'["two"]', day=DAY + dt.timedelta(days=1)) is None  # the window moved on
    assert sorted(tmp_path.rglob("*")) == before
    assert write(tmp_path, b'["one"]', b'["three"]') == first.parent / "2025-06-06-2"
    assert write(tmp_path, b'["four"]') == first.parent / "2025-06-06-3"
    assert {page.read_bytes() for page in first.glob("page*")} == {b'["one"]', b'["two"]'}


def test_what_changes_from_day_to_day_is_nothing_new(tmp_path: Path) -> None:
    for now, expected in ((b"noon", True), (b"one o'clock", False)):
        partial = Snapshots(tmp_path).begin(ABOUT, DAY)
        partial.add(page(1, b"paper at " + now, None, papers_sha256="the same"))
        assert (partial.finish(NOON) is not None) is expected


def test_pages_without_records_are_no_files(tmp_path: Path) -> None:
    partial = Snapshots(tmp_path).begin(ABOUT, DAY)
    partial.add(page(1, b"[]", "next", n_records=0))
    partial.add(page(2, b"[1]", None))
    folder = partial.finish(NOON)
    assert [path.name for path in folder.glob("page*")] == ["page-0002.json"]
    partial = Snapshots(tmp_path / "empty").begin(ABOUT, DAY)
    partial.add(page(1, b"[]", None, n_records=0))
    assert partial.finish(NOON) is None and not list((tmp_path / "empty").rglob("*.json"))


def test_a_fetch_that_was_interrupted_goes_on(tmp_path: Path) -> None:
    partial = Snapshots(tmp_path).begin(ABOUT, DAY)
    assert partial.resume is None
    partial.add(page(1, b"[1]", "https://example.org/?p=2&token=t", warning="something is missing"))
    with pytest.raises(RunError, match="not at its end"):
        partial.finish(NOON)
    assert list_snapshots(tmp_path) == []
    with pytest.raises(InputError, match="no feed file"):
        read_inputs([tmp_path])

    again = Snapshots(tmp_path).begin(ABOUT, DAY)
    assert (again.resume.next_url, again.resume.n_pages, again.resume.n_records) == (
        "https://example.org/?p=2&token=t", 1, 1)
    again.add(page(2, b"[2]", None))
    done = Snapshots(tmp_path).begin(ABOUT, DAY)  # killed before it was finished
    assert done.resume.next_url is None and [file.content for file in done.inputs()] == [b"[1]", b"[2]"]
    folder = done.finish(NOON)
    snapshot, = list_snapshots(tmp_path)
    assert snapshot.folder == folder and list(snapshot.pages) == ["page-0001.json", "page-0002.json"]
    assert snapshot.about["warnings"] == ["something is missing"]
    assert "token=t" not in (folder / "snapshot.json").read_text()


@pytest.mark.parametrize("change", ["query", "day", "page", "progress"])
def test_what_cannot_go_on_begins_anew(tmp_path: Path, change: str) -> None:
    partial = Snapshots(tmp_path).begin(ABOUT, DAY)
    partial.add(page(1, b"[1]", "next"))
    if change == "page":
        (tmp_path / "hf" / ".partial-2025-06-06" / "page-0001.json").write_bytes(b"[")
    if change == "progress":
        (tmp_path / "hf" / ".partial-2025-06-06.json").write_bytes(b"{")
    about = {**ABOUT, "query": "another"} if change == "query" else ABOUT
    again = Snapshots(tmp_path).begin(about, DAY + dt.timedelta(days=change == "day"))
    assert again.resume is None and not list(tmp_path.rglob(".partial*"))


def test_a_first_page_throws_away_those_before(tmp_path: Path) -> None:
    partial = Snapshots(tmp_path).begin(ABOUT, DAY)
    partial.add(page(1, b"[1]", "next"))
    partial.add(page(2, b"[2]", "dead token"))
    partial.add(page(1, b"[3]", None))
    folder = partial.finish(NOON)
    assert [path.read_bytes() for path in folder.glob("page*")] == [b"[3]"]


@pytest.mark.parametrize("moment", ["write_bytes", "publish_folder", "_remove"])
def test_a_kill_at_the_end_leaves_all_or_nothing(
    tmp_path: Path, moment: str, monkeypatch: pytest.MonkeyPatch,
) -> None:
    partial = Snapshots(tmp_path).begin(ABOUT, DAY)
    partial.add(page(1, b"[1]", None))

    def kill(*anything: object, **more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(room, moment, kill)
        with pytest.raises(KeyboardInterrupt):
            partial.finish(NOON)
    again = Snapshots(tmp_path).begin(ABOUT, DAY)
    if again.resume is not None:
        again.finish(NOON)
    assert [file.content for file in read_inputs([tmp_path])] == [b"[1]"]
    assert sorted(path.name for path in (tmp_path / "hf").iterdir()) == ["2025-06-06"]


@pytest.mark.parametrize("name", ["page-0001.json", "snapshot.json"])
def test_damage_is_told_with_its_file(tmp_path: Path, name: str) -> None:
    folder = write(tmp_path, b"[1]", b"[2]")
    path = folder / name
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b"1", b"7", 1))
    with pytest.raises(InputError, match=f"{name} is damaged .*fetch anew"):
        read_inputs([tmp_path])
    with pytest.raises(InputError, match=f"{name} is damaged"):
        read_inputs([folder / "page-0001.json"])


def test_a_file_too_few_or_too_many_is_told(tmp_path: Path) -> None:
    folder = write(tmp_path, b"[1]", b"[2]")
    (folder / "mine.csv").write_text("title\n")
    with pytest.raises(InputError, match="mine.csv lies in a snapshot that does not list it"):
        read_inputs([tmp_path])
    (folder / "mine.csv").unlink()
    (folder / "page-0002.json").unlink()
    with pytest.raises(InputError, match="page-0002.json is missing"):
        read_inputs([folder])


def test_feeds_of_a_person_stand_beside_snapshots(tmp_path: Path) -> None:
    write(tmp_path, b"[1]")
    (tmp_path / "mine.txt").write_text("a feed")
    assert [file.name for file in read_inputs([tmp_path])] == ["hf/2025-06-06/page-0001.json", "mine.txt"]


def test_snapshots_are_listed_newest_first(tmp_path: Path) -> None:
    assert list_snapshots(tmp_path) == [] and last_day(tmp_path, "hf") is None
    days = [DAY, DAY + dt.timedelta(days=3), DAY + dt.timedelta(days=1)]
    for number, day in enumerate(days):
        write(tmp_path, b"[%d]" % number, day=day)
    write(tmp_path, b"[9]", day=DAY + dt.timedelta(days=9), about={**ABOUT, "source": "other"})
    assert [snapshot.folder.name for snapshot in list_snapshots(tmp_path)] == [
        "2025-06-15", "2025-06-09", "2025-06-07", "2025-06-06"]
    assert last_day(tmp_path, "hf") == dt.date(2025, 6, 9)
    assert last_day(tmp_path, "hf", ABOUT) == dt.date(2025, 6, 9)
    assert last_day(tmp_path, "hf", {**ABOUT, "query": "another"}) is None


def daily(path: str, asked: dict[str, str]) -> bytes:
    return json.dumps([{"paper": {"id": asked["date"]}}]).encode()


def fetch_into(root: Path, source: Source, stop_after: int = 99) -> Path | None:
    patience = Patience(lambda seconds: None, lambda: NOON)
    partial: Partial = Snapshots(root).begin(source.about(dt.date(2025, 6, 4), DAY), DAY)
    for number, found in enumerate(fetch_source(source, dt.date(2025, 6, 4), DAY, patience=patience,
                                                resume=partial.resume), start=1):
        partial.add(found)
        if number == stop_after:
            raise KeyboardInterrupt
    return partial.finish(NOON)


def test_fetched_interrupted_resumed_and_fetched_again(tmp_path: Path) -> None:
    with local_server(by_query(daily)) as there:
        source = Source("hf", "hugging-face", url=there.url)
        with pytest.raises(KeyboardInterrupt):
            fetch_into(tmp_path, source, stop_after=2)
        folder = fetch_into(tmp_path, source)
        asked = [path.partition("date=")[2][:10] for path, _, _ in there.requests]
        assert asked == [f"2025-06-0{day}" for day in (2, 3, 4, 5, 6)]
        before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
        assert fetch_into(tmp_path, source) is None
        assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == {
            path: time for path, time in before.items() if folder in path.parents}
    assert [json.loads(file.content)[0]["paper"]["id"] for file in read_inputs([tmp_path])] == asked


def test_a_fetch_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    with local_server(by_query(daily)) as there:
        fetch_into(tmp_path, Source("hf", "hugging-face", url=there.url))
    before = read_inputs([tmp_path])
    with local_server(lambda h: h.say(b"<html>", "text/html")) as there:
        with pytest.raises(SourceError):
            fetch_into(tmp_path, Source("hf", "hugging-face", url=there.url))
    assert read_inputs([tmp_path]) == before


def take_in(tmp_path: Path, **more: object) -> tuple[Path | None, list[str]]:
    said: list[str] = []
    found = Snapshots(tmp_path / "raw", said.append).take_in(tmp_path / "inbox", DAY, NOON, **more)  # type: ignore
    return found, said


def drop(tmp_path: Path, name: str, content: bytes) -> Path:
    path = tmp_path / "inbox" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def test_what_is_dropped_becomes_a_snapshot(tmp_path: Path) -> None:
    drop(tmp_path, "Zotero export.csv", b"title\n")
    drop(tmp_path, "more/papers.bib", b"@a{b}")
    kept = drop(tmp_path, "README.md", b"Drop files here.")
    folder, said = take_in(tmp_path)
    assert folder == tmp_path / "raw" / "inbox" / "2025-06-06" and said == []
    assert [path for path in (tmp_path / "inbox").rglob("*") if path.is_file()] == [kept]
    assert [(file.name, file.content) for file in read_inputs([folder])] == [
        ("Zotero export.csv", b"title\n"), ("more/papers.bib", b"@a{b}")]
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o444 for path in folder.rglob("*") if path.is_file())
    assert take_in(tmp_path) == (None, [])
    drop(tmp_path, "later.csv", b"title\nb")
    assert take_in(tmp_path)[0] == folder.parent / "2025-06-06-2"


def test_what_was_taken_in_before_is_not_taken_in_twice(tmp_path: Path) -> None:
    drop(tmp_path, "a.csv", b"title\n")
    folder, _ = take_in(tmp_path)
    again = drop(tmp_path, "b.csv", b"title\n")
    found, said = take_in(tmp_path)
    assert found is None and not again.exists() and list_snapshots(tmp_path / "raw")[0].folder == folder
    assert len(said) == 1 and "a.csv already" in said[0]


def test_what_cannot_be_read_stays_and_is_told(tmp_path: Path) -> None:
    good = drop(tmp_path, "good.csv", b"title\n")
    bad = [drop(tmp_path, "bad.pdf", b"%PDF-1.7"), drop(tmp_path, "empty.csv", b" \n"),
           drop(tmp_path, "snapshot.json", b"{}")]
    (tmp_path / "inbox" / "link.csv").symlink_to("/etc/hostname")
    os.mkfifo(tmp_path / "inbox" / "pipe.csv")
    folder, said = take_in(tmp_path, refuses=lambda file: "it is a PDF" if file.content[:4] == b"%PDF" else "")
    assert not good.exists() and all(path.exists() for path in bad) and (tmp_path / "inbox" / "link.csv").is_symlink()
    assert [file.name for file in read_inputs([folder])] == ["good.csv"]
    assert [sentence.split(" stays in the inbox: ")[1].split(";")[0] for sentence in sorted(said)] == [
        "it is a PDF", "it is empty", "it is a link or no plain file", "it is a link or no plain file",
        "snapshot.json is the name of a snapshot's own list"]


def test_a_disk_that_refuses_leaves_the_inbox_as_it_was(tmp_path: Path) -> None:
    path = drop(tmp_path, "a.csv", b"title\n")
    (tmp_path / "raw").write_bytes(b"a file where the folder should be")
    with pytest.raises(RunError, match="cannot write"):
        take_in(tmp_path)
    assert path.read_bytes() == b"title\n"


def test_no_inbox_is_nothing_new(tmp_path: Path) -> None:
    assert take_in(tmp_path) == (None, [])
