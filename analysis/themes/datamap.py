"""Each paper's place on the data map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.themes.compiled import load_umap

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MIN_PAPERS_FOR_UMAP = 15
MIN_DISTANCE = 0.3


def map_papers(space: np.ndarray, graph: csr_matrix, random_state: int) -> tuple[np.ndarray, str]:
    """Return a place in the plane for each paper, near where its like are, and the method that placed it.

    UMAP lays out the same neighbour graph that the themes are found in. It needs a neighbourhood to look at; below
    fifteen papers the two leading principal components serve, and the method's name says so.

    Parameters
    ----------
    space : ndarray of shape (n_papers, n_dimensions)
    graph : sparse matrix of shape (n_papers, n_papers)
        From `build_graph`.

    Returns
    -------
    places : ndarray of shape (n_papers, 2)
        Centred; the farther axis reaches from -1 to 1.
    method : str
    """
    n_papers = len(space)
    if n_papers < MIN_PAPERS_FOR_UMAP:
        return _scaled(_principal(space)), "principal components"
    umap = load_umap()
    a, b = umap.find_ab_params(1.0, MIN_DISTANCE)
    places, _ = umap.simplicial_set_embedding(
        space, graph.tocoo(), n_components=2, initial_alpha=1.0, a=a, b=b, gamma=1.0, negative_sample_rate=5,
        n_epochs=500 if n_papers < 2000 else 200, init=_principal(space).astype(np.float32) * 10,
        random_state=np.random.RandomState(random_state), metric="cosine", metric_kwds={}, densmap=False,
        densmap_kwds={}, output_dens=False, parallel=False,
    )
    return _scaled(places), "UMAP"


def _principal(space: np.ndarray) -> np.ndarray:
    places = np.zeros((len(space), 2))
    if len(space) > 1:
        left, singular, _ = np.linalg.svd(space - space.mean(axis=0), full_matrices=False)
        width = min(2, len(singular))
        places[:, :width] = left[:, :width] * singular[:width]
        # The sign of a component is arbitrary; its largest entry points up.
        top = np.abs(places).argmax(axis=0)
        places *= np.where(places[top, [0, 1]] < 0, -1.0, 1.0)
    return places


def _scaled(places: np.ndarray) -> np.ndarray:
    places = np.asarray(places, dtype=float)
    if not len(places):
        return np.zeros((0, 2))
    places = places - (places.max(axis=0) + places.min(axis=0)) / 2
    return np.nan_to_num(places / max(np.abs(places).max(), 1e-12))
