"""Products of matrices, which round as their threads part them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def single_thread_products() -> Iterator[None]:
    """Multiply matrices in one thread inside: a machine with other cores, or a busier one, then finds the same.

    What should use all cores is given to processes instead (`each_on_cores`), whose products have one thread as well.
    """
    import numpy.linalg  # noqa: F401
    import scipy.linalg  # noqa: F401  # each has a BLAS of its own, and only those that are loaded can be told
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, user_api="blas"):
        yield
