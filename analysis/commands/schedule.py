"""Files that make a machine refresh by itself."""

from __future__ import annotations

import argparse
import datetime as dt
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from analysis.schema import InputError


def make_schedule(options: argparse.Namespace, now: dt.datetime, progress: Callable[[str], None]) -> Path | str:
    """Write the files of a schedule, or print them."""
    from analysis import store
    from analysis.schedule import schedule_files

    on_github = options.kind == "github"
    program = "paper-themes" if on_github else _program()
    command = [program, "refresh", "--report", "figures/latest/report.html", "--digest", "figures/latest/digest"]
    if Path("data/curated/sources.toml").is_file():
        command += ["--sources", "data/curated/sources.toml"]
    files = schedule_files(options.kind, every=options.every, at=options.at,
                           folder="." if on_github else str(Path.cwd()), command=[*command, *options.more],
                           secrets=options.secret)
    if options.to is None:
        return "\n".join(f"# {name}\n{text}" for name, text in files.items()).rstrip("\n")
    for name in files:
        if (options.to / name).exists():
            raise InputError(f"{options.to / name} is there already; remove it, or name another folder")
    for name, text in files.items():
        store.write_text(options.to / name, text)
        progress(f"{options.to / name} is written")
    return options.to


def _program() -> str:
    beside = Path(sys.executable).with_name("paper-themes")
    found = str(beside) if beside.is_file() else shutil.which("paper-themes")
    if found is None:
        raise InputError("the program paper-themes is not found on this machine; install it with `make env`")
    return found
