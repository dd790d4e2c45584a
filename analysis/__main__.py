"""The command line, and the only place that asks what time it is.

Progress goes to standard error; the last line of standard output is the path of what was made. Exit codes: 0 made,
1 a defect of ours, 2 something a person can mend (one sentence says what), 3 nothing is new, 4 the newest paper is old,
5 a report does not match, or damage was found.
Heavy libraries load after the arguments are read, so that help is instant.
"""

from __future__ import annotations

import datetime as dt
import importlib
import io
import os
import sys
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from analysis.commands.arguments import read_arguments
from analysis.schema import PaperThemesError

TRACEBACK = "PAPER_THEMES_TRACEBACK"
_JOINERS = "\u200c\u200d\t"
"""Letters of many scripts are joined or parted by the first two."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code of one command."""
    options = read_arguments(arguments)
    try:
        module, function = options.make.split(":")
        verb = getattr(importlib.import_module(f"analysis.commands.{module}"), function)
        made = verb(options, dt.datetime.now(dt.UTC), _Progress())
    except PaperThemesError as error:
        print(f"paper-themes: {one_line(str(error))}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("paper-themes: stopped; nothing was half-written", file=sys.stderr)
        return 130
    except Exception as error:
        _tell_defect(error)
        return 1
    code, said = made if isinstance(made, tuple) else (0, made)
    _say(str(said))
    return int(code)


class _Progress:
    """Tells on standard error how far the work is, with the seconds since it began."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self, line: str) -> None:
        print(f"{time.monotonic() - self._began:6.1f} s  {one_line(line)}", file=sys.stderr, flush=True)


def one_line(text: str) -> str:
    """Return a text as one line that gives a terminal or a log no orders: what cannot be seen is written out."""
    return _seen(" ".join(text.split()))


def _say(said: str) -> None:
    """Print what was made: to a terminal as what can be seen, to a file or a pipe byte for byte."""
    if sys.stdout.isatty():
        said = "\n".join(map(_seen, said.split("\n")))
    elif isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="surrogateescape")  # a path may hold bytes that are no text
    print(said)


def _seen(text: str) -> str:
    return "".join(letter if letter.isprintable() or letter in _JOINERS else ascii(letter)[1:-1] for letter in text)


def _tell_defect(error: Exception) -> None:
    if os.environ.get(TRACEBACK):
        traceback.print_exc()
    frame = traceback.extract_tb(error.__traceback__)[-1]
    print(
        f"paper-themes: a defect of ours, {type(error).__name__}: {one_line(str(error)) or 'no message'} "
        f"({Path(frame.filename).name}, line {frame.lineno}); nothing was half-written; "
        f"set {TRACEBACK}=1 and run again to see where it comes from",
        file=sys.stderr,
    )


if __name__ == "__main__":
    sys.exit(main())
