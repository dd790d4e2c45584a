"""Each paper's place on the data map."""

from __future__ import annotations

import warnings

import numpy as np

MIN_PAPERS_FOR_UMAP = 15


def map_papers(space: np.ndarray, n_neighbours: int, random_state: int) -> tuple[np.ndarray, str]:
    """Return a place in the plane for each paper, near where its like are, and the method that placed it.

    UMAP needs a neighbourhood to look at; below fifteen papers the two leading principal components serve, and the
    method's name says so.

    Returns
    -------
    places : ndarray of shape (n_papers, 2)
        Centred; the farther axis reaches from -1 to 1.
    method : str
    """
    n_papers = len(space)
    if n_papers < MIN_PAPERS_FOR_UMAP:
        return _scaled(_principal(space)), "principal components"
    from umap import UMAP

    with warnings.catch_warnings():
        # UMAP says that a fixed seed means one thread: that is what we ask for.
        warnings.filterwarnings("ignore", message="n_jobs value")
        warnings.filterwarnings("ignore", message="Graph is not fully connected")
        mapper = UMAP(
            n_neighbors=min(max(n_neighbours, 10), n_papers - 1), min_dist=0.3, metric="cosine", init="pca",
            random_state=random_state,
        )
        return _scaled(mapper.fit_transform(space)), "UMAP"


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
