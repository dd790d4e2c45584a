"""The papers to read: few that stand for most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.reading.cover import Cover, make_cover, sorted_ids, usual_similarity
from analysis.schema import PLACEMENTS, READING, check, empty

_DIGITS = 7
"""Gains closer than this are a tie: what differs further down is the order of additions, not the papers."""

_LIKELY = 128
"""Papers whose gains are made fresh together: those that may lead."""

_WELL = 0.2
"""A paper that is covered by this much counts among those that a chosen one is said to cover."""


@dataclass(frozen=True)
class _Choice:
    row: int
    gain: float
    n_covered: int
    n_in_theme: int


def choose_reading(
    paper_ids: Sequence[str], vectors: np.ndarray, is_new: np.ndarray, k: int, placements: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return READING: the `k` new papers that together cover most of what is new, the most telling first.

    How far one paper covers another is told by `analysis.reading.Cover`. A new paper counts as covered by the best of
    those chosen. The choice is greedy (facility location), which reaches at least 63 % of the best coverage that any
    `k` papers have, and the first of more papers are those that fewer would be.

    Parameters
    ----------
    paper_ids : sequence of str
    vectors : float array of shape (n_papers, n_dimensions)
        Unit rows, in the order of `paper_ids`.
    is_new : bool array of shape (n_papers,)
        Which papers are new; only they are chosen, and only they count. All of them tell what is usual.
    k : int
        Most papers to choose; fewer come back where no other paper adds anything.
    placements : DataFrame, optional
        PLACEMENTS: in which themes the papers stand. Without it all stand in the same.

    Returns
    -------
    DataFrame
        READING. The order of the papers does not change it.

    Raises
    ------
    ValueError
        The lengths differ, or `k` is below 1.

    References
    ----------
    Nemhauser, G., Wolsey, L., Fisher, M. (1978), doi:10.1007/BF01588971.
    """
    vectors, is_new = np.asarray(vectors), np.asarray(is_new, dtype=bool)
    if not len(paper_ids) == len(vectors) == len(is_new):
        raise ValueError(f"{len(paper_ids)} paper_ids, {len(vectors)} vectors and {len(is_new)} flags came; expected "
                         "one vector and one flag for each paper")
    if k < 1:
        raise ValueError(f"k is {k}, expected 1 or more papers")
    ids, order = sorted_ids(paper_ids)
    vectors, is_new = vectors[order], is_new[order]
    cover = make_cover(ids[is_new], vectors[is_new], empty(PLACEMENTS) if placements is None else placements,
                       usual_similarity(vectors))
    return reading_table(ids[is_new], cover, choose_rows(cover, k), "new paper")


def choose_rows(cover: Cover, k: int) -> list[int]:
    """Return the rows of the papers chosen, exact at every step.

    A gain only shrinks as papers are chosen, so an old one bounds what it is now: a paper leads when its gain is
    fresh and no bound is above it (Minoux, 1978, doi:10.1007/BFb0006528).
    """
    n = len(cover)
    best = np.zeros(n, dtype=np.float32)
    bounds = _gains(cover, np.arange(n), best)
    fresh = np.ones(n, dtype=bool)
    chosen: list[int] = []
    while len(chosen) < min(k, n):
        leader = int(bounds.argmax())  # the first of equals, by paper_id
        if bounds[leader] <= 0:
            break
        if not fresh[leader]:
            likely = np.argpartition(np.where(fresh, 1.0, -bounds), min(_LIKELY, n - 1))[:_LIKELY]
            likely = likely[~fresh[likely]]
            bounds[likely], fresh[likely] = _gains(cover, likely, best), True
            continue
        chosen.append(leader)
        columns, values = next(cover.covered([leader]))
        best[columns] = np.maximum(best[columns], values)
        fresh[:] = False
        bounds[leader] = 0.0
    return chosen


def reading_table(ids: np.ndarray, cover: Cover, rows: Sequence[int], noun: str) -> pd.DataFrame:
    """Return READING of the papers in `rows`, in that order: what each adds, and what made its rank.

    Parameters
    ----------
    ids : array of str, shape (n_papers,)
    cover : Cover
    rows : sequence of int
    noun : str
        What one of the papers is called in the reasons.
    """
    chosen = _account(cover, rows)
    gains = [choice.gain for choice in chosen]
    return check(pd.DataFrame({
        "paper_id": ids[list(rows)],
        "rank": range(1, len(chosen) + 1),
        "gain": gains,
        "covered": np.minimum(np.cumsum(gains), 1.0),
        "theme_key": cover.primary[list(rows)],
        "reasons": [_reason(choice, noun, has_theme=cover.primary[choice.row] is not None) for choice in chosen],
    }), READING)


def _account(cover: Cover, rows: Sequence[int]) -> list[_Choice]:
    n = len(cover)
    best = np.zeros(n, dtype=np.float32)
    chosen = []
    for row, (columns, values) in zip(rows, cover.covered(rows), strict=True):
        more = values > best[columns]
        columns, values = columns[more], values[more]
        gain = round(float((values - best[columns]).sum(dtype=np.float64)) / n, _DIGITS)
        told = columns[(values >= _WELL) & (columns != row)]
        chosen.append(_Choice(row, gain, len(told), int(np.sum(cover.primary[told] == cover.primary[row]))))
        best[columns] = values
    return chosen


def _gains(cover: Cover, rows: np.ndarray, best: np.ndarray) -> np.ndarray:
    """Return the part of all papers that each paper of `rows` would cover beyond `best`; float64."""
    more = [np.maximum(values - best[columns], 0).sum(dtype=np.float64) for columns, values in cover.covered(rows)]
    return np.round(np.array(more) / max(len(cover), 1), _DIGITS)


def _reason(choice: _Choice, noun: str, *, has_theme: bool) -> str:
    if choice.n_covered == 0:
        return f"no other {noun} is close to it, and it is unlike those ranked before"
    one = choice.n_covered == 1
    papers = f"1 other {noun}" if one else f"{choice.n_covered:,} other {noun}s"
    where = ("all" if choice.n_in_theme == choice.n_covered else f"{choice.n_in_theme:,}" if choice.n_in_theme else
             "none") + " of its theme"
    if one:
        where = "of its theme" if choice.n_in_theme else "of another theme"
    return f"closest of those chosen so far to {papers}{f', {where}' if has_theme else ''}"
