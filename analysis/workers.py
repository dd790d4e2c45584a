"""Who works on blocks: this process, one process for each core, or a Dask cluster. The only door to other processes.

What is done paper by paper (embedding, placing, reading phrases), or over and over (fits without some papers), is
written as a function of what all blocks share and of one block, so that it gives the same wherever it runs. A worker of
a cluster that dies is made good: its blocks are computed by another one.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from analysis.schema import InputError

if TYPE_CHECKING:
    from distributed import Client

T = TypeVar("T")

Each = Callable[[Callable[[Any, Any], Any], Any, Iterable[Any]], Iterator[Any]]
"""(function, shared, blocks) → ``function(shared, block)`` of each block, in the order of the blocks."""

AHEAD = 4
"""Blocks that lie ready for each worker: enough to keep it busy, few enough for the scheduler's memory."""
WAIT_SECONDS = 60
WORTH_SHARING = 500
"""Papers from which a run takes longer than the start of processes."""
MOST_ASIDE = 50_000
"""Papers up to which whole stages are done aside: what they work on is copied."""
MOST_CORES = 8
"""Each process holds some hundred megabytes."""
IDLE_SECONDS = 300
SELDOM = 100_000, 20, 50
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def each_here(function: Callable[[Any, Any], Any], shared: Any, blocks: Iterable[Any]) -> Iterator[Any]:
    """Yield what `function` makes of each block, one after the other, in this process."""
    return (function(shared, block) for block in blocks)


def each_on_cores(function: Callable[[Any, Any], Any], shared: Any, blocks: Iterable[Any]) -> Iterator[Any]:
    """Yield what `function` makes of each block, on all cores of this machine: in this process and in others.

    They begin at once, so that this process can do something else before it asks for what they found. When it asks, it
    works on what still waits.
    """
    from joblib import cpu_count

    n_others = min(cpu_count(), MOST_CORES) - 1
    if n_others < 1:
        return each_here(function, shared, blocks)
    cores, left = _cores(n_others), iter(blocks)

    def hand_over(n: int) -> list[_Task]:
        return [cores.add(_Task(function, (shared, block))) for block in islice(left, n)]

    handed = deque(hand_over(AHEAD * n_others))

    def ask() -> Iterator[Any]:
        try:
            while handed:
                yield cores.result(handed.popleft())
                handed.extend(hand_over(1))
        finally:
            cores.forget(handed)

    return ask()


@dataclass(eq=False)
class _Task:
    """A block that waits, or is in work or done, which `future` tells."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    future: Future[Any] | None = None

    def work_here(self) -> None:
        from threadpoolctl import threadpool_limits

        self.future = Future()
        try:
            with threadpool_limits(1):  # as the other processes have it: the same bits wherever it is done
                self.future.set_result(_work(self.function, self.arguments))
        except Exception as error:
            self.future.set_exception(error)


class _Cores:
    """Other processes, one for each core but the one that this process has, and what waits for one of them."""

    def __init__(self, n_others: int) -> None:
        self._n_others, self._n_busy = n_others, 0
        self._waiting: deque[_Task] = deque()
        self._lock = threading.RLock()
        self._others: Any = None

    def add(self, task: _Task) -> _Task:
        self._others = _open_others(self._n_others)
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
            mine = task if task.future is None else self._waiting[0]
            self._waiting.remove(mine)
            return mine

    def _hand_out(self, done: Future[Any] | None = None) -> None:
        """Give the others what waits, as far as they are free; the thread that tells what is `done` calls this too."""
        with self._lock:
            self._n_busy -= done is not None
            # They refuse where one was killed, or this process ends. What waits is done here, or by those opened next.
            with suppress(RuntimeError):
                while self._waiting and self._n_busy < self._n_others:
                    task = self._waiting[0]
                    task.future = self._others.submit(_work, task.function, task.arguments)
                    self._waiting.popleft()
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


def begin(each: Each, function: Callable[..., T], *arguments: Any) -> Callable[[], T]:
    """Have something done elsewhere, and return what gives it once it is asked for; with `each_here` it begins then."""
    found = each(_call, function, [arguments])
    return lambda: next(found)


def _call(function: Callable[..., T], arguments: tuple[Any, ...]) -> T:
    return function(*arguments)


def release_memory() -> None:
    """Give back to the system what was freed; Arrow, and GNU's C library, keep it for later."""
    if "pyarrow" in sys.modules:
        import pyarrow

        pyarrow.default_memory_pool().release_unused()
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        trim(0)


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Look for objects that hold each other less often: a run makes millions that live to its end."""
    before = gc.get_threshold()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def open_workers(n_workers: int | None = None, scheduler: str | None = None) -> Iterator[Each]:
    """Give an `Each`: a Dask cluster of `n_workers` here, the one at `scheduler`, or, with neither, the cores here.

    Raises
    ------
    InputError
        Dask is not installed, the number is no number of processes, or no worker answers at the address.
    """
    if n_workers is None and scheduler is None:
        yield each_on_cores
        return
    if n_workers is not None and n_workers < 1:
        raise InputError(f"--workers is {n_workers}, expected 1 process or more")
    try:
        from distributed import Client, LocalCluster
    except ImportError:
        raise InputError("Dask is not installed; install it: pip install 'paper-themes[cluster]'") from None
    if scheduler is None:
        with LocalCluster(n_workers=n_workers, threads_per_worker=1, dashboard_address=None) as cluster, \
                Client(cluster) as client:
            yield _on(client)
        return
    try:
        client = Client(scheduler, timeout=WAIT_SECONDS)
        client.wait_for_workers(1, timeout=WAIT_SECONDS)
    except (OSError, TimeoutError, ValueError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(f"no Dask worker answers at {scheduler} ({reason}); expected a scheduler's address such as "
                         "tcp://10.0.0.5:8786, and a worker in an environment like this one") from None
    with client:
        yield _on(client)


def _on(client: Client) -> Each:
    def each_there(function: Callable[[Any, Any], Any], shared: Any, blocks: Iterable[Any]) -> Iterator[Any]:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Sending large graph")
            # As a task and not scattered: what the workers hold is lost with them, a task is done again.
            held = client.submit(_itself, shared, pure=False)
        left = iter(blocks)

        def send(n: int) -> list[Any]:
            return [client.submit(function, held, block, pure=False) for block in islice(left, n)]

        # A few ahead, so that neither this process nor the scheduler holds all blocks at once.
        waiting = deque(send(AHEAD * max(1, len(client.scheduler_info()["workers"]))))

        def ask() -> Iterator[Any]:
            while waiting:
                yield waiting.popleft().result()
                waiting.extend(send(1))

        return ask()

    return each_there


def _itself(value: Any) -> Any:
    return value
