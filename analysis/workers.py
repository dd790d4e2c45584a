"""Who works on blocks: this process, one process for each core, or a Dask cluster. The only door to other processes.

What is done paper by paper (embedding, placing, reading phrases), or over and over (fits without some papers), is
written as a function of what all blocks share and of one block, so that it gives the same wherever it runs. A worker of
a cluster that dies is made good: its blocks are computed by another one.
"""

from __future__ import annotations

import gc
import os
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
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
GIVE_WAY = 10
SELDOM = 100_000, 20, 50


def each_here(function: Callable[[Any, Any], Any], shared: Any, blocks: Iterable[Any]) -> Iterator[Any]:
    """Yield what `function` makes of each block, one after the other, in this process."""
    return (function(shared, block) for block in blocks)


def each_on_cores(function: Callable[[Any, Any], Any], shared: Any, blocks: Iterable[Any]) -> Iterator[Any]:
    """Yield what `function` makes of each block, in as many processes as this machine has cores.

    They begin at once, so that this process can do something else before it asks for what they found.
    """
    from joblib import Parallel, cpu_count, delayed

    if cpu_count() < 2:
        return each_here(function, shared, blocks)
    # Where something fails, what the others found is not asked for; a process that has grown makes way for a new one.
    # Neither is news.
    warnings.filterwarnings("ignore", message=r"\d+ tasks have been successfully executed|A worker stopped while some")
    found: Iterator[Any] = Parallel(
        n_jobs=cpu_count(), return_as="generator", backend="loky", mmap_mode="c", initializer=_give_way,
    )(delayed(function)(shared, block) for block in blocks)
    return found


def begin(each: Each, function: Callable[..., T], *arguments: Any) -> Callable[[], T]:
    """Have something done elsewhere, and return what gives it once it is asked for; with `each_here` it begins then."""
    found = each(_call, function, [arguments])
    return lambda: next(found)


def _call(function: Callable[..., T], arguments: tuple[Any, ...]) -> T:
    return function(*arguments)


def _give_way() -> None:
    """Make a process on a core give way to the one that everyone waits for."""
    os.nice(GIVE_WAY)
    gc.set_threshold(*SELDOM)


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
        waiting = send(AHEAD * max(1, len(client.scheduler_info()["workers"])))
        while waiting:
            yield waiting.pop(0).result()
            waiting += send(1)

    return each_there


def _itself(value: Any) -> Any:
    return value
