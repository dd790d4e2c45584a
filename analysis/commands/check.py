"""Everything that is kept, held to its checksums."""

from __future__ import annotations

import argparse
import datetime as dt
from collections import Counter
from collections.abc import Callable
from pathlib import Path

DAMAGED = 5
Progress = Callable[[str], None]


def check(options: argparse.Namespace, now: dt.datetime, progress: Progress) -> tuple[int, str]:
    """Return 0 where all is sound and 5 where it is not, and a line for each damage with what to do."""
    from analysis import store

    counts: Counter[str] = Counter()
    damages = []
    for checked in store.check_stored(options.folder, JUDGES):
        counts[checked.kind] += 1
        if checked.fault:
            damages.append(f"damaged {checked.kind} {checked.path}: {checked.fault}")
    told = ", ".join(f"{counts[kind]} {plural if counts[kind] != 1 else kind}" for kind, plural in PLURALS.items())
    progress(f"checked {told} in {options.folder.resolve()}")
    said = f"{len(damages)} of {counts.total()} are damaged" if damages else f"all {counts.total()} are sound"
    return DAMAGED if damages else 0, "\n".join([*damages, said])


def _ledger(path: Path, content: bytes) -> str:
    from analysis import store
    from analysis.ledger import read_ledger

    read_ledger(store.read_text(path), str(path))
    return ""


def _settings(path: Path, content: bytes) -> str:
    from analysis import store
    from analysis.digest import read_digest_settings
    from analysis.settings import read_declared_themes
    from analysis.sources import read_sources

    read = {"themes.toml": read_declared_themes, "sources.toml": read_sources, "digest.toml": read_digest_settings}
    read[path.name](store.read_text(path), str(path))
    return ""


def _page(path: Path, content: bytes) -> str:
    """Hold a report to its receipt; of other pages nothing is known but that they have a beginning and an end."""
    from analysis.receipt import BEGIN, check_page

    again = "make it again with `paper-themes report`, or `digest`"
    if BEGIN in content:
        page = check_page(content)
        return "" if page.holds else f"{page.said}; {again}"
    if b"Content-Security-Policy" in content[:2000]:
        return f"it has no receipt, so it was changed, or is of an earlier version; {again}"
    is_whole = content.lstrip()[:15].lower() == b"<!doctype html>" and content.rstrip().endswith(b"</html>")
    return "" if is_whole else f"it is empty, or has no end; {again}"


JUDGES: dict[str, Callable[[Path, bytes], str]] = {
    "ledger.toml": _ledger, "themes.toml": _settings, "sources.toml": _settings, "digest.toml": _settings,
    "*.html": _page,
}
PLURALS = {"snapshot": "snapshots", "run": "runs", "vectors": "files of vectors", "answer": "answers",
           "file": "lists and pages"}
