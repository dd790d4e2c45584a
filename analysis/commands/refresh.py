"""Fetch, analyse, report: a run that remembers the one before, or the word that nothing is new."""

from __future__ import annotations

import argparse
import calendar
import dataclasses
import datetime as dt
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from analysis.commands.asked import Asked, asker, read_asked
from analysis.schema import InputError, PaperThemesError, Run, SourceError

NOTHING_NEW, TOO_OLD = 3, 4
Progress = Callable[[str], None]


def refresh(options: argparse.Namespace, now: dt.datetime, progress: Progress) -> tuple[int, Path | str]:
    """Return the exit code of one refresh, and the path of the run that is now the newest.

    Nothing is written where nothing is new: no run, no report. Only a report or digest that tells of another run is
    made anew, as when the refresh before was killed. A source that cannot be reached is told, and the others are used;
    where nothing came of any, the refresh fails.
    """
    from analysis import store

    _check_age(options.max_age)
    with store.alone(options.out, options.wait, progress):
        failed = [] if options.as_of else _fetch(options, now, progress)
        asked = read_asked(options, store.read_inputs([options.input], until=options.as_of), progress)
        before = store.list_runs(options.out, progress)
        last = before[-1] if before else None
        if last is not None and all(last.get(key) == value for key, value in asked.described().items()):
            if failed:
                raise SourceError(f"nothing new came in, and {len(failed)} of the sources failed: {failed[0]}")
            path = options.out / last["run_id"]
            for place in (path, options.report, *(options.digest.glob("digest.*") if options.digest else ())):
                if place is not None:
                    store.sweep(place)  # a run that was killed right after its last rename has left its folder
            code = 0 if _publish_left(path, last["looked_at"], options, progress) else NOTHING_NEW
            progress(f"nothing is new since run {last['run_id']}, looked at {last['looked_at']}"
                     + ("; nothing is written" if code else ""))
        else:
            last, path = _analyse(asked, options, now, progress)
            code = 0
    newest = last["newest_paper"]
    if options.max_age is not None and (newest is None or _age(newest, now) > options.max_age):
        progress(f"the newest paper is of {newest or 'no known day'}, more than {options.max_age} days ago: has the "
                 "feed dried up, or a source changed?")
        code = TOO_OLD
    return code, path


def _analyse(
    asked: Asked, options: argparse.Namespace, now: dt.datetime, progress: Progress,
) -> tuple[dict[str, Any], Path]:
    from analysis import store
    from analysis.pipeline import analyse
    from analysis.workers import each_on_cores

    cache = store.VectorCache(options.cache, notice=progress)
    earlier = store.read_forecasts(options.out, asked.settings.as_dict(), progress)
    answers = store.AnswerCache(options.cache / "answers", notice=progress)
    past = store.read_past(options.out, progress)
    run = analyse(asked.inputs, asked.settings, asked.declared, asked.dates, cache, progress, earlier,
                  asker(asked.settings), answers, past, asked.ledger, each_on_cores)
    looked_at = f"{options.as_of}T23:59:59+00:00" if options.as_of else now.isoformat(timespec="seconds")
    run = dataclasses.replace(run, manifest={**run.manifest, "looked_at": looked_at})
    path = store.write_run(run, options.out)
    progress(f"run {run.run_id}: {len(run.papers)} papers in {path}; {tell_lineage(run)}")
    if options.report:
        from analysis.commands.make import write_report

        write_report(path, options.report, looked_at, progress)
    if options.digest or options.mail:
        from analysis.commands.digest import write_digests

        write_digests(run, past.previous if past is not None else None, options, looked_at, progress)
    return run.manifest, path


def _publish_left(path: Path, looked_at: str, options: argparse.Namespace, progress: Progress) -> bool:
    """Make the report and the digest of the last run where they do not tell of it; a mail is never sent twice."""
    from analysis import store

    def tells(file: Path) -> bool:
        return file.is_file() and path.name in store.read_text(file)

    has_left = False
    if options.report and not tells(options.report):
        from analysis.commands.make import write_report

        write_report(path, options.report, looked_at, progress)
        has_left = True
    if options.digest and not tells(options.digest / "digest.md"):
        from analysis.commands.digest import with_previous, write_digests

        without_mail = argparse.Namespace(**{**vars(options), "mail": False})
        write_digests(*with_previous(path, progress), without_mail, looked_at, progress)
        has_left = True
    return has_left


def tell_lineage(run: Run) -> str:
    """Return in a few words what became of the themes since the run before."""
    themes = run.lineage[run.lineage["level"] == "theme"]
    if themes.empty:
        return "the first run, so there is nothing to compare it with"
    counts = themes["event"].value_counts()
    return ", ".join(f"{counts[event]} {event}" for event in counts.index)


def _fetch(options: argparse.Namespace, now: dt.datetime, progress: Progress) -> list[str]:
    """Take in what lies in the inbox, and fetch every source; return what failed, in sentences."""
    from analysis import store
    from analysis.corpus import read_papers

    snapshots = store.Snapshots(options.input, progress)
    today = now.astimezone(dt.UTC).date()
    if options.inbox.is_dir():
        def refuses(file: Any) -> str:
            try:
                read_papers([file])
            except InputError as error:
                return str(error)
            return ""

        taken = snapshots.take_in(options.inbox, today, now, refuses)
        if taken:
            progress(f"what lay in {options.inbox} is now {taken}")
    if options.sources is None or not options.sources.is_file():
        return []
    from analysis.sources import Patience, read_sources

    patience = Patience(time.sleep, lambda: dt.datetime.now(dt.UTC), progress)
    failed = []
    for source in read_sources(store.read_text(options.sources), str(options.sources)):
        try:
            _fetch_one(source, snapshots, today, now, patience, progress)
        except PaperThemesError as error:
            progress(f"source {source.name}: {error}")
            failed.append(f"{source.name}: {error}")
    return failed


def _fetch_one(
    source: Any, snapshots: Any, today: dt.date, now: dt.datetime, patience: Any, progress: Progress,
) -> None:
    from analysis import store
    from analysis.corpus import read_papers
    from analysis.sources import fetch_source

    last = store.last_day(snapshots.root, source.name, source.about())
    since = last or today - dt.timedelta(days=source.days)
    partial = snapshots.begin(source.about(since, today), today)
    key = os.environ.get(source.key_variable, "").strip() if source.key_variable else ""
    for page in fetch_source(source, since, today, patience=patience, key=key, resume=partial.resume, notice=progress):
        partial.add(page)
    inputs = partial.inputs()
    days = read_papers(inputs).papers.query("published_precision == 'day'")["published"] if inputs else []
    newest = dt.date.fromisoformat(max(days)) if len(days) else None
    made = partial.finish(now, newest)
    progress(f"source {source.name}: {f'new in {made}' if made else 'nothing new'}")


def _check_age(days: int | None) -> None:
    if days is not None and days < 0:
        raise InputError(f"--max-age is {days}, expected a number of days")


def _age(newest: str, now: dt.datetime) -> int:
    """Return the days since a date; of a month or a year, since its last day: a paper of this year is not old."""
    parts = [int(part) for part in newest.split("-")]
    year, month = parts[0], parts[1] if len(parts) > 1 else 12
    day = parts[2] if len(parts) > 2 else calendar.monthrange(year, month)[1]
    return (now.astimezone(dt.UTC).date() - dt.date(year, month, day)).days
