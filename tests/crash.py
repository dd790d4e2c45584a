"""A process that is killed, or whose disk refuses, at a chosen touch of it: `python -m tests.crash BASE COMMAND...`.

Everything is imported first; each trial is then a fork of this process, in a fresh copy of BASE. It is killed just
before its n-th event (a file opened for writing, a rename, a folder made or removed, a flush, where the file is torn in
the middle besides); or the disk is full, or read-only, from that event on. What it left is looked at, and the command
is run again. BASE gets the vectors that the command needs into its cache first.
"""

from __future__ import annotations

import argparse
import errno
import hashlib
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

EVENTS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.truncate"}
BESIDE = {"os.rename": 2, "os.link": 2, "os.remove": 1, "os.mkdir": 2, "os.rmdir": 1}
"""Where an event tells the open folder that its name stands beside; -1 for none."""
WRITING = os.O_WRONLY | os.O_RDWR
FAULTS = {"killed": None, "full": errno.ENOSPC, "read-only": errno.EROFS}


def count_events(folder: Path, work: Callable[[], int]) -> int:
    """Return how often `work` touches files in `folder`, done in a fork."""
    read, write = os.pipe()
    if not (child := os.fork()):
        seen = [0]
        _watch(folder, lambda: seen.__setitem__(0, seen[0] + 1))
        work()
        os.write(write, str(seen[0]).encode())
        os._exit(0)
    os.close(write)
    os.waitpid(child, 0)
    return int(os.read(read, 20))


def end_at(folder: Path, work: Callable[[], int], at: int, fault: int | None) -> int:
    """Do `work` in a fork that meets a fault at its event number `at` (from 0); return how it ended.

    Parameters
    ----------
    fault : int or None
        Number of the error that the disk gives from there on; None for a kill, which ends with -9.
    """
    if not (child := os.fork()):
        left = [at]

        def step() -> None:
            left[0] -= 1
            if left[0] < 0 and fault is not None:
                raise OSError(fault, os.strerror(fault))
            if left[0] < 0:
                os.kill(os.getpid(), signal.SIGKILL)

        _watch(folder, step)
        os._exit(work())
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def digest_of(folder: Path) -> dict[str, str]:
    """Return the sha256 of every file that a reader sees in `folder`; names that begin with a dot are scratch."""
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(folder.rglob("*"))
            if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts)}


def _watch(folder: Path, step: Callable[[], None]) -> None:
    inside, flush = str(folder), os.fsync

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event not in EVENTS or not isinstance(arguments[0], str | os.PathLike):
            return
        if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & WRITING):
            return
        beside = arguments[BESIDE[event]] if event in BESIDE else -1
        here = os.readlink(f"/proc/self/fd/{beside}") if beside != -1 else os.getcwd()
        if str(Path(here, arguments[0])).startswith(inside):
            step()

    def torn_flush(handle: int) -> None:
        size = os.fstat(handle).st_size
        if os.path.isfile(f"/proc/self/fd/{handle}") and size:
            where = os.lseek(handle, 0, os.SEEK_CUR)
            content = os.pread(os.open(f"/proc/self/fd/{handle}", os.O_RDONLY), size, 0)
            os.ftruncate(handle, size // 2)
            step()
            os.pwrite(handle, content[size // 2:], size // 2)
            os.lseek(handle, where, os.SEEK_SET)
        flush(handle)

    os.fsync = torn_flush  # type: ignore[assignment]
    sys.addaudithook(hook)


PASSING = ("manifest.json", "digest.", "report.html")
"""Files that tell the moment of their making, so that the same run leaves others."""


def faults_of(before: dict[str, str], done: dict[str, str], left: dict[str, str], healed: dict[str, str], code: int,
              scratch: list[str]) -> list[str]:
    """Return in sentences what a kill has broken that it should not have.

    Parameters
    ----------
    before, done, left, healed : dict of str to str
        Files and their sha256: before the command, after one that nobody killed, after the kill, after running again.
    """
    def lasting(name: str) -> bool:
        return not Path(name).name.startswith(PASSING)

    faults = [f"{name} is gone" for name in before.keys() - left.keys()]
    faults += [f"{name} is neither as before nor as after" for name in left
               if lasting(name) and left[name] not in (before.get(name), done.get(name))]
    faults += [f"{name} was changed, though nothing may change a run" for name in before.keys() & left.keys()
               if name.startswith("runs/") and before[name] != left[name]]
    for run in {Path(name).parts[1] for name in left if name.startswith("runs/")}:
        own = {name for name in left if name.startswith(f"runs/{run}/")}
        if own != {name for name in done if name.startswith(f"runs/{run}/")}:
            faults.append(f"run {run} is there in part")
    if code not in (0, 3):
        faults.append(f"run again, the command ended with {code}")
    faults += [f"{name} is not healed" for name in done.keys() | healed.keys()
               if (name not in done or name not in healed) or (lasting(name) and done[name] != healed[name])]
    return faults + [f"{name} was left behind" for name in scratch]


def main() -> None:
    """Print what came of all trials as one line of JSON: events, trials, exit code → how many, and what is broken."""
    parser = argparse.ArgumentParser()
    parser.add_argument("base", type=Path)
    parser.add_argument("--most", type=int, default=10**9, help="trials, spread over all events")
    parser.add_argument("--fault", choices=FAULTS, default="killed")
    parser.add_argument("--words", action="store_true", help="vectors from words alone: no model is loaded")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()

    from analysis.__main__ import main as with_model
    from tests.hostile.desk import paper_themes as with_words

    for module in ("pipeline", "digest", "commands.refresh", "commands.digest", "commands.make", "report", "reading"):
        __import__(f"analysis.{module}")
    base = options.base.resolve()
    work_in = base.with_name(base.name + "-trial")

    def fresh() -> None:
        os.chdir(base.parent)
        shutil.rmtree(work_in, ignore_errors=True)
        shutil.copytree(base, work_in)
        os.chdir(work_in)

    def work() -> int:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        return with_words(*options.command) if options.words else with_model(options.command)

    def exit_code() -> int:
        if not (child := os.fork()):
            os._exit(work())
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

    fresh()
    exit_code()
    # Vectors are there for every trial: what is tried is the rest, and no trial waits for the model.
    shutil.copytree(work_in / "data/cache", base / "data/cache", dirs_exist_ok=True)
    fresh()
    before = digest_of(work_in)
    n_events = count_events(work_in, work)
    done = digest_of(work_in)
    ends: dict[int, int] = {}
    faults = []
    n_trials = min(n_events, options.most)
    trials = [number * n_events // n_trials for number in range(n_trials)]
    for at in trials:
        fresh()
        end = end_at(work_in, work, at, FAULTS[options.fault])
        ends[end] = ends.get(end, 0) + 1
        left, code = digest_of(work_in), exit_code()
        scratch = [str(path.relative_to(work_in)) for path in work_in.rglob(".*")
                   if path.suffix in (".tmp", ".replaced")]
        if end not in (-signal.SIGKILL, 0, 2, 3):
            faults.append(f"{options.fault} at {at}: the command ended with {end}")
        faults += [f"{options.fault} at {at}: {fault}"
                   for fault in sorted(faults_of(before, done, left, digest_of(work_in), code, scratch))]
    os.chdir(base.parent)
    shutil.rmtree(work_in, ignore_errors=True)
    print(json.dumps({"n_events": n_events, "n_trials": n_trials, "ends": ends, "faults": faults}))


if __name__ == "__main__":
    main()
