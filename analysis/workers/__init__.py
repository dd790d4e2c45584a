"""Who works on blocks: this process, all cores of this machine, or a Dask cluster. The only door to other processes.

What is done paper by paper (embedding, placing, reading phrases), or over and over (fits without some papers), is
written as a function of what all blocks share and of one block, so that it gives the same wherever it runs. What a
process that dies had in work is done again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from analysis.workers.cores import each_on_cores, load_on_cores
from analysis.workers.each import Each, begin, each_here
from analysis.workers.memory import release_memory, seldom_collecting
from analysis.workers.products import single_thread_products

__all__ = ["MOST_ASIDE", "WORTH_SHARING", "Each", "begin", "each_here", "each_on_cores", "load_on_cores",
           "open_workers", "release_memory", "seldom_collecting", "single_thread_products"]

WORTH_SHARING = 500
"""Papers from which a run takes longer than the start of processes."""
MOST_ASIDE = 50_000
"""Papers up to which whole stages are done aside: what they work on is copied."""


@contextmanager
def open_workers(n_workers: int | None = None, scheduler: str | None = None) -> Iterator[Each]:
    """Give an `Each`: a Dask cluster of `n_workers` here, the one at `scheduler`, or, with neither, the cores here.

    It raises as `open_cluster` does.
    """
    if n_workers is None and scheduler is None:
        yield each_on_cores
        return
    from analysis.workers.cluster import open_cluster

    with open_cluster(n_workers, scheduler) as each:
        yield each
