"""Memory that a run holds and does not need."""

from __future__ import annotations

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = 100_000, 20, 50
"""Thresholds of Python's search for objects that hold each other."""


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
