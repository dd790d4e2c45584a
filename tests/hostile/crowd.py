"""Many processes at work in one folder: `python -m tests.hostile.crowd FOLDER --seconds 10 --processes 8`.

One of them lets the feed grow and drops files into the inbox; some refresh, one runs, the others read whatever is
there. Every run that a reader finds must be whole, every page must tell of a run that is there, and at the end `check`
must find all sound. Prints a line of JSON: how often each was done, and the faults.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import json
import os
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from analysis import store
from analysis.schema import PaperThemesError
from tests.hostile.desk import paper_themes, write_feed

REFRESH = ("refresh", "raw", "--out", "runs", "--cache", "cache", "--settings", "settings.toml", "--digest", "digest")
RUN = ("run", "raw", "--out", "runs", "--cache", "cache", "--settings", "settings.toml")
FIRST = 3
LOADED = ("analysis.pipeline", "analysis.digest", "analysis.commands.refresh", "analysis.commands.digest",
          "analysis.commands.make", "analysis.reading", "numba", "sklearn.cluster", "umap")
"""What is loaded before the crowd is made, once for all of them."""


def quietly(*arguments: str) -> tuple[int, str]:
    """Return the exit code of a command, and all that it said."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        return paper_themes(*arguments), said.getvalue()


def apart(*arguments: str) -> tuple[int, str]:
    """Do the same in a fork: threads of a library that has been at work do not survive a later fork."""
    told, tell = os.pipe()
    if not (child := os.fork()):
        os.write(tell, json.dumps(quietly(*arguments)).encode()[:60_000])
        os._exit(0)
    os.close(tell)
    os.waitpid(child, 0)
    with os.fdopen(told, "rb") as pipe:
        code, said = json.loads(pipe.read())
    return code, said


def growing(most: int) -> Callable[[int], str]:
    """Return what puts other papers into the feed, up to four fifths of `most`, and new ones into the inbox."""
    def grow(number: int) -> str:
        if number % 2 and number // 2 < most // 5:
            write_feed(Path(f"data/{number}.tmp"), 1, seed=number)
            Path("data/inbox").mkdir(exist_ok=True)
            os.replace(f"data/{number}.tmp", f"data/inbox/more-{number}.jsonl")
        else:
            write_feed(Path("data/feed.tmp"), min(FIRST + number // 2, most - most // 5), seed=number // 8)
            os.replace("data/feed.tmp", "raw/feed.jsonl")
        time.sleep(0.3)
        return ""
    return grow


def command(arguments: tuple[str, ...], allowed: tuple[int, ...]) -> Callable[[int], str]:
    """Return what does a command and says how it failed; a wait that was too long is no failure."""
    def work(number: int) -> str:
        code, said = quietly(*arguments)
        fine = code in allowed or code == 2 and "another refresh is at work" in said
        return "" if fine else f"{arguments[0]} ended with {code}: {said[-500:]}"
    return work


def read(number: int) -> str:
    """Read every run and the digest; say what is not whole."""
    for folder in Path("runs").glob("r*"):
        try:
            store.read_run(folder)
        except PaperThemesError as error:
            return f"a reader found half a run: {error}"
    page = Path("digest/digest.md")
    text = page.read_text() if page.is_file() else ""
    if text and not any(folder.name in text for folder in Path("runs").glob("r*")):
        return f"the digest tells of a run that is not there: {text[-200:]}"
    time.sleep(0.02)
    return ""


def at_work(seconds: float, n_processes: int, most: int) -> tuple[Counter[str], list[str]]:
    """Return how often each thing was done, and what went wrong."""
    refresh, run = command((*REFRESH, "--wait", "30"), (0, 3)), command(RUN, (0,))
    others = [("refresh", refresh), ("read", read), ("run", run), ("refresh", refresh)]
    jobs = [("grow", growing(most)), *(others[number % len(others)] for number in range(n_processes - 1))]
    until, children = time.monotonic() + seconds, {}
    for name, work in jobs:
        told, tell = os.pipe()
        if not (child := os.fork()):
            count, fault = 0, ""
            try:
                while not fault and time.monotonic() < until:
                    fault = work(count)
                    count += 1
            except BaseException:
                fault = f"{name}: {traceback.format_exc()}"
            os.write(tell, json.dumps([count, fault[:3000]]).encode())
            os._exit(0)
        os.close(tell)
        children[child] = name, told
    counts: Counter[str] = Counter()
    faults = []
    for child, (name, told) in children.items():
        with os.fdopen(told, "rb") as pipe:
            count, fault = json.loads(pipe.read() or b'[0, "it died"]')
        os.waitpid(child, 0)
        counts[name] += count
        faults += [f"{name}: {fault}"] if fault else []
    return counts, faults


def main() -> None:
    """Print what came of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--most", type=int, default=60, help="papers of the feed (%(default)s)")
    options = parser.parse_args()
    os.chdir(options.folder)
    Path("data").mkdir(exist_ok=True)
    Path("settings.toml").write_text("n_resamples = 2\n")
    write_feed(Path("raw/feed.jsonl"), FIRST)
    for module in LOADED if options.most > 5 else LOADED[:6]:  # so few papers ask for none of the others
        importlib.import_module(module)
    code, said = apart(*REFRESH)
    assert code == 0, said
    counts, faults = at_work(options.seconds, options.processes, options.most)
    code, said = apart(*REFRESH)
    faults += [f"the last refresh ended with {code}: {said[-500:]}"] if code not in (0, 3) else []
    code, said = apart("check", ".")
    faults += [said] if code else []
    n_runs = len(list(Path("runs").glob("r*")))
    left = [str(path) for path in Path().rglob(".*") if path.suffix in (".tmp", ".replaced")]
    faults += [f"{path} was left behind" for path in left]
    print(json.dumps({"counts": counts, "n_runs": n_runs, "faults": faults}))


if __name__ == "__main__":
    sys.exit(main())
