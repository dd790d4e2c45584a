"""One page of what is new: as files, and by mail."""

from __future__ import annotations

import argparse
import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path

from analysis.schema import InputError, Run, SourceError

USER, PASSWORD = "PAPER_THEMES_SMTP_USER", "PAPER_THEMES_SMTP_PASSWORD"
SETTINGS = Path("data/curated/digest.toml")

Progress = Callable[[str], None]


def make_digest(options: argparse.Namespace, now: dt.datetime, progress: Progress) -> Path:
    """Write the digest of a run that was made before, and send it where that is asked for."""
    run, previous = with_previous(options.run, progress)
    write_digests(run, previous, options, run.manifest.get("looked_at") or now.isoformat(timespec="seconds"), progress)
    return Path(options.digest)


def with_previous(folder: Path, progress: Progress) -> tuple[Run, Run | None]:
    """Return the run in a folder, and the run before it."""
    from analysis import store

    run = store.read_run(folder, progress)
    before = run.manifest.get("previous_run")
    return run, store.read_run(folder.parent / before, progress) if before else None


def write_digests(run: Run, previous: Run | None, options: argparse.Namespace, looked_at: str,
                  progress: Progress) -> None:
    """Write ``digest.html``, ``.md``, ``.txt`` and ``.atom`` to a folder, and send the mail.

    A mail that cannot be sent is told; the run and the files are made all the same.
    """
    from analysis import store
    from analysis.digest import build_mail, read_digest_settings, write_digest
    from analysis.embed import embed_papers
    from analysis.reading import choose_reading

    named = options.digest_settings or (SETTINGS if SETTINGS.is_file() else None)
    settings = read_digest_settings(store.read_text(named) if named else "", str(named))
    if options.mail and settings.mail is None:
        raise InputError(f"--mail was given, and {named or SETTINGS} has no [mail] table; it needs host, sender and "
                         "recipients")
    cache = store.VectorCache(options.cache, notice=progress)
    vectors = embed_papers(run.papers, run.manifest["settings"]["model"], cache, progress).vectors
    known = set(previous.papers["paper_id"]) if previous is not None else set()
    is_new = ~run.papers["paper_id"].isin(known).to_numpy()
    reading = choose_reading(list(run.papers["paper_id"]), vectors, is_new, settings.k, run.placements)
    digest = write_digest(run, previous, reading, report_url=settings.report_url, made_at=looked_at)
    if options.digest:
        texts = {"html": digest.html, "txt": digest.plain, "atom": digest.atom, "md": digest.markdown}
        store.write_files(options.digest, {f"digest.{kind}": text.encode() for kind, text in texts.items()})
        progress(f"digest in {options.digest}")
    if options.mail and settings.mail is not None:
        from analysis.sources.mail import send_mail

        mail = settings.mail
        message = build_mail(digest, mail.sender, mail.recipients, dt.datetime.fromisoformat(looked_at))
        try:
            send_mail(message, host=mail.host, port=mail.port, security=mail.security,
                      user=os.environ.get(USER, ""), password=os.environ.get(PASSWORD, ""))
            progress(f"digest sent to {len(mail.recipients)} by {mail.host}")
        except SourceError as error:
            progress(f"the digest was not sent: {error}")
