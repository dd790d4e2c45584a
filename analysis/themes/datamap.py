"""Each paper's place on the data map."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from analysis.themes.compiled import lay_out
from analysis.themes.graph import keep_nearest

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MIN_PAPERS_FOR_UMAP = 15
MIN_DISTANCE = 0.3
N_NEIGHBOURS = 8
"""The map holds ten neighbours together better by the nearest eight than by thirty, and in less time."""
FEW_PAPERS, FEW_STEPS, STEPS = 2000, 500, 80
MOSTLY = 0.5
REDRAWN_STEPS, REDRAWN_SPEED = 30, 0.05
"""A map that goes on from the one before needs little work, and shall not move much."""


def map_papers(
    space: np.ndarray, graph: csr_matrix, random_state: int, earlier: np.ndarray | None = None,
) -> tuple[np.ndarray, str]:
    """Return a place in the plane for each paper, near where its like are, and the method that placed it.

    UMAP lays out the nearest of the neighbours that the themes are found in. It needs a neighbourhood to look at; below
    fifteen papers the two leading principal components serve, and the method's name says so.

    Parameters
    ----------
    space : ndarray of shape (n_papers, n_dimensions)
    graph : sparse matrix of shape (n_papers, n_papers)
        From `build_graph`.
    earlier : ndarray of shape (n_papers, 2), optional
        Where each paper was in the run before, nan where it was not. Where most of them were, the map is that one with
        the new papers beside their like, drawn a little further: who knows it finds their way.

    Returns
    -------
    places : ndarray of shape (n_papers, 2)
        Centred; the farther axis reaches from -1 to 1.
    method : str
    """
    n_papers = len(space)
    if n_papers < MIN_PAPERS_FOR_UMAP:
        return _scaled(_principal(space)), "principal components"
    if earlier is not None and np.isfinite(earlier).all(axis=1).mean() >= MOSTLY:
        begin, steps, speed = _fill_in(earlier, graph), REDRAWN_STEPS, REDRAWN_SPEED
    else:
        begin, steps, speed = _principal(space), FEW_STEPS if n_papers < FEW_PAPERS else STEPS, 1.0
    places = lay_out(space, keep_nearest(graph, N_NEIGHBOURS), begin.astype(np.float32) * 10, MIN_DISTANCE,
                     random_state, n_epochs=steps, speed=speed)
    return _scaled(places), "UMAP"


def _fill_in(earlier: np.ndarray, graph: csr_matrix) -> np.ndarray:
    """Return places for all papers: a new one among its neighbours that have one, or else in the middle."""
    there = np.isfinite(earlier).all(axis=1)
    places = np.where(there[:, None], earlier, 0.0)
    weight = graph @ there.astype(float)
    amid = (graph @ places) / np.maximum(weight, 1e-12)[:, None]
    return np.where(there[:, None], places, amid)


def _principal(space: np.ndarray) -> np.ndarray:
    places = np.zeros((len(space), 2))
    if len(space) > 1:
        centred = space - space.mean(axis=0)
        _, axes = np.linalg.eigh((centred.T @ centred).astype(float))  # least spread first
        width = min(2, *space.shape)
        places[:, :width] = centred @ axes[:, :-width - 1:-1]
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
