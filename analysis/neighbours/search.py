"""NEIGHBOURS: the papers most like each paper."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.schema import NEIGHBOURS, check, empty
from analysis.themes.graph import find_neighbours

N_NEIGHBOURS = 8

EXACT_UP_TO = 20_000
"""Papers up to which every pair is looked at. Above, the search is approximate and no longer quadratic."""

DECIMALS = 6
"""Cosines closer than this are a tie: what differs further down is the order of additions, not the papers."""

_SPARE = 8
"""Neighbours found beyond those wanted, so that a tie at the last place is seen."""

_WIDE = 30
"""Neighbours that the approximate search keeps for each paper: with so many it misses less than one in a hundred."""

_CHUNK = 512


def compute_neighbours(
    paper_ids: Sequence[str], vectors: np.ndarray, n_neighbours: int = N_NEIGHBOURS, exact_up_to: int = EXACT_UP_TO,
) -> pd.DataFrame:
    """Return NEIGHBOURS: the papers most like each paper, by the cosine of their embeddings.

    Among papers that are equally near, the lesser paper_id comes first.

    Parameters
    ----------
    paper_ids : sequence of str
    vectors : float array of shape (n_papers, n_dimensions)
        Unit rows, in the order of `paper_ids`.
    n_neighbours : int
        Fewer come back where there are fewer other papers.
    exact_up_to : int
        Papers up to which the search is exact; above it is approximate (nearest-neighbour descent), at a cost that
        grows about as the papers do. The cosines told are exact either way.

    Returns
    -------
    DataFrame
        NEIGHBOURS, by paper_id and rank. The order of the papers does not change it.

    Raises
    ------
    ValueError
        The lengths differ.

    References
    ----------
    Dong, W., Moses, C., Li, K. (2011), doi:10.1145/1963405.1963487.
    """
    if len(paper_ids) != len(vectors):
        raise ValueError(f"{len(paper_ids)} paper_ids and {len(vectors)} vectors came; expected one vector for each "
                         "paper")
    width = min(n_neighbours, len(paper_ids) - 1)
    if width < 1:
        return empty(NEIGHBOURS)
    ids = np.array([str(paper_id) for paper_id in paper_ids], dtype=object)
    order = np.argsort(ids, kind="stable")
    ids, space = ids[order], np.ascontiguousarray(np.asarray(vectors)[order], dtype=np.float32)
    found = _find_exactly if len(ids) <= exact_up_to else _find_about
    others, cosines = _settle_ties(space, *found(space, width), width)
    return check(pd.DataFrame({
        "paper_id": np.repeat(ids, width),
        "other_id": ids[others.ravel()],
        "rank": np.tile(np.arange(1, width + 1), len(ids)),
        "similarity": cosines.ravel().clip(-1, 1),
    }), NEIGHBOURS)


def _find_exactly(space: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    indices, distances = find_neighbours(space, width + _SPARE)
    return indices[:, 1:], 1.0 - distances[:, 1:].astype(np.float64)


def _find_about(space: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    from pynndescent import NNDescent

    # Two threads part the work otherwise than one, and may find other neighbours.
    descent = NNDescent(space, metric="dot", n_neighbors=max(_WIDE, width + _SPARE) + 1, random_state=0, n_jobs=1)
    indices = descent.neighbor_graph[0].astype(np.int64)
    cosines = np.empty(indices.shape)
    for start in range(0, len(space), _CHUNK):
        rows = slice(start, start + _CHUNK)
        cosines[rows] = np.einsum("id,ikd->ik", space[rows], space[indices[rows]])
    cosines[(indices < 0) | (indices == np.arange(len(space))[:, None])] = -np.inf
    return indices, cosines


def _settle_ties(
    space: np.ndarray, indices: np.ndarray, cosines: np.ndarray, width: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the first `width` of the neighbours found, the lower row first of those equally near.

    Where more are equally near than were found, or fewer were found than are wanted, the row is searched anew.
    """
    cosines = cosines.round(DECIMALS)
    by_row = np.lexsort((indices, -cosines), axis=1)
    indices, cosines = (np.take_along_axis(values, by_row, axis=1) for values in (indices, cosines))
    last = cosines[:, width - 1]
    beyond = np.where(np.isfinite(cosines), cosines, np.inf).min(axis=1)
    unsettled = np.flatnonzero(~np.isfinite(last) | ((beyond >= last) & (len(space) > cosines.shape[1] + 1)))
    indices, cosines = indices[:, :width].copy(), cosines[:, :width].copy()
    for start in range(0, len(unsettled), _CHUNK):
        rows = unsettled[start : start + _CHUNK]
        whole = (space[rows] @ space.T).astype(np.float64).round(DECIMALS)
        whole[np.arange(len(rows)), rows] = -np.inf
        nearest = np.argsort(-whole, axis=1, kind="stable")[:, :width]
        indices[rows], cosines[rows] = nearest, np.take_along_axis(whole, nearest, axis=1)
    return indices, cosines
