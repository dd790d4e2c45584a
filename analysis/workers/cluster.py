"""A Dask cluster: on this machine, or wherever its scheduler is."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from analysis.schema import InputError
from analysis.workers.each import AHEAD, Each, hand_ahead

if TYPE_CHECKING:
    from distributed import Client

WAIT_SECONDS = 60


@contextmanager
def open_cluster(n_workers: int | None, scheduler: str | None) -> Iterator[Each]:
    """Give an `Each`: a cluster of `n_workers` processes here, or the one at `scheduler`.

    Raises
    ------
    InputError
        Dask is not installed, the number is no number of processes, or no worker answers at the address.
    """
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
        n_workers = max(1, len(client.scheduler_info()["workers"]))
        return hand_ahead(blocks, AHEAD * n_workers, lambda block: client.submit(function, held, block, pure=False),
                          lambda future: future.result(), lambda futures: client.cancel(list(futures)))

    return each_there


def _itself(value: Any) -> Any:
    return value
