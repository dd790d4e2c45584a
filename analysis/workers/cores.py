"""The cores of this machine: a process for each but one, and this process."""

from __future__ import annotations

import gc
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from itertools import count
from typing import Any

from analysis.workers.each import AHEAD, each_here, hand_ahead
from analysis.workers.memory import SELDOM, release_memory

MOST_CORES = 8
"""Each process holds some hundred megabytes."""
IDLE_SECONDS = 300
LEAST_AHEAD = 16
"""Blocks that lie ready at least: this process may be long in asking, and the others shall not wait for it."""
_TURNS = count()
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def each_on_cores(function: Callable[[Any, Any], Any], shared: Any, blocks: Iterable[Any]) -> Iterator[Any]:
    """Yield what `function` makes of each block, on all cores of this machine: in this process and in others.

    They begin at once, so that this process can do something else before it asks for what they found. When it asks, it
    works on what still waits. What was handed over last is asked for first, as a rule, so it goes before what waits
    already.
    """
    cores, turn = _open_cores(), next(_TURNS)
    if cores is None:
        return each_here(function, shared, blocks)
    return hand_ahead(blocks, max(LEAST_AHEAD, AHEAD * cores.n_others),
                      lambda block: cores.add(_Task(function, (shared, block), turn)), cores.result, cores.forget)


def load_on_cores(load: Callable[[], Any]) -> None:
    """Start the other processes and have each call `load`, while this one goes on: they take seconds to be ready."""
    cores, turn = _open_cores(), next(_TURNS)
    if cores is not None:
        for _ in range(cores.n_others):
            cores.add(_Task(load, (), turn))


def _open_cores() -> _Cores | None:
    """Return the other processes, begun; None where this machine has one core alone."""
    from joblib import cpu_count

    n_others = min(cpu_count(), MOST_CORES) - 1
    if n_others < 1:
        return None
    cores = _cores(n_others)
    cores.open()
    return cores


@dataclass(eq=False)
class _Task:
    """A block that waits, or is in work or done, which `future` tells; all that is handed over at once has one turn."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    turn: int
    future: Future[Any] | None = None

    def work_here(self) -> None:
        self.future = Future()
        try:
            self.future.set_result(_work(self.function, self.arguments))
        except Exception as error:
            self.future.set_exception(error)


class _Cores:
    """Other processes, one for each core but the one that this process has, and what waits for one of them."""

    def __init__(self, n_others: int) -> None:
        self.n_others, self._n_busy = n_others, 0
        self._waiting: list[_Task] = []
        self._lock = threading.RLock()
        self._others: Any = None

    def open(self) -> None:
        """See to it that the others are there: they may have ended, for want of work or because one was killed."""
        self._others = _open_others(self.n_others)

    def add(self, task: _Task) -> _Task:
        with self._lock:
            self._waiting.append(task)
            self._hand_out()
        return task

    def result(self, task: _Task) -> Any:
        """Return what came of a task; while that is not done elsewhere, do here what waits."""
        while (mine := self._take(task)) is not None:
            mine.work_here()
        assert task.future is not None
        try:
            return task.future.result()
        except BrokenExecutor:  # a process was killed, for its memory perhaps
            task.work_here()
            return task.future.result()

    def forget(self, tasks: Iterable[_Task]) -> None:
        with self._lock:
            for task in tasks:
                with suppress(ValueError):
                    self._waiting.remove(task)

    def _take(self, task: _Task) -> _Task | None:
        """Return what this process should do: the task where it waits, else another while the task is in work."""
        with self._lock:
            if task.future is not None and (task.future.done() or not self._waiting):
                return None
            mine = task if task.future is None else self._first()
            self._waiting.remove(mine)
            return mine

    def _first(self) -> _Task:
        return max(self._waiting, key=lambda task: task.turn)  # of one turn, the one that came first

    def _hand_out(self, done: Future[Any] | None = None) -> None:
        """Give the others what waits, as far as they are free; the thread that tells what is `done` calls this too."""
        with self._lock:
            self._n_busy -= done is not None
            # They refuse where one was killed, or this process ends. What waits is done here, or by those opened next.
            with suppress(RuntimeError):
                while self._waiting and self._n_busy < self.n_others:
                    task = self._first()
                    task.future = self._others.submit(_work, task.function, task.arguments)
                    self._waiting.remove(task)
                    self._n_busy += 1
                    task.future.add_done_callback(self._hand_out)


@cache
def _cores(n_others: int) -> _Cores:
    return _Cores(n_others)


def _work(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    try:
        return function(*arguments)
    finally:
        del arguments
        release_memory()


def _open_others(n_others: int) -> Any:
    from joblib.externals.loky import get_reusable_executor

    # A process that has grown makes way for a new one, which is no news.
    warnings.filterwarnings("ignore", message="A worker stopped while some")
    return get_reusable_executor(n_others, timeout=IDLE_SECONDS, initializer=gc.set_threshold, initargs=SELDOM,
                                 env=dict.fromkeys(THREADS, "1"))
