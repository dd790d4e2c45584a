"""UMAP's functions, compiled once a machine and not once a process."""

from __future__ import annotations

import contextlib
from functools import cache
from types import ModuleType


@cache
def load_umap() -> ModuleType:
    """Return `umap.umap_`, whose compiled functions numba keeps beside the library, or in the user's cache.

    Compiling them takes several times as long as laying out some hundred papers. Where neither place can be written
    to, they are compiled as usual.
    """
    import umap.layouts
    import umap.umap_
    from numba.core.registry import CPUDispatcher

    for module in (umap.umap_, umap.layouts):
        for thing in vars(module).values():
            if isinstance(thing, CPUDispatcher) and thing.py_func.__module__ == module.__name__:
                with contextlib.suppress(RuntimeError):
                    thing.enable_caching()
    return umap.umap_
