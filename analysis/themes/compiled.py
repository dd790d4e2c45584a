"""What numba compiles, once a machine and not once a process; and UMAP's functions, which are such."""

from __future__ import annotations

import contextlib
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


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
                keep_compiled(thing)
    return umap.umap_


def keep_compiled(function: Any) -> None:
    """Let numba keep on disk what it compiles a function to; where no folder can be written to, it is compiled anew."""
    with contextlib.suppress(RuntimeError):
        function.enable_caching()


def lay_out(
    space: np.ndarray, graph: csr_matrix, init: np.ndarray | str, min_distance: float, random_state: int,
    n_dimensions: int = 2, n_epochs: int | None = None, speed: float = 1.0,
) -> np.ndarray:
    """Return UMAP's layout of a neighbour graph; the graph stays as it is.

    Parameters
    ----------
    space : ndarray of shape (n_papers, any)
    graph : sparse matrix of shape (n_papers, n_papers)
        From `build_graph`.
    init : ndarray of shape (n_papers, n_dimensions), or str
        Where the papers begin.
    min_distance, n_epochs, speed
        UMAP's ``min_dist``, ``n_epochs`` (None: its own choice) and ``learning_rate``.

    Returns
    -------
    ndarray of shape (n_papers, n_dimensions)
        In one thread, so that the same graph gives the same places.
    """
    umap = load_umap()
    a, b = umap.find_ab_params(1.0, min_distance)
    with np.errstate(invalid="ignore"):  # papers that all say the same have no extent to be scaled by
        places, _ = umap.simplicial_set_embedding(
            space, graph.tocoo(copy=True), n_components=n_dimensions, initial_alpha=speed, a=a, b=b, gamma=1.0,
            negative_sample_rate=5, n_epochs=n_epochs, init=init, random_state=np.random.RandomState(random_state),
            metric="cosine", metric_kwds={}, densmap=False, densmap_kwds={}, output_dens=False, parallel=False)
    return np.nan_to_num(places)
