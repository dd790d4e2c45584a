"""From the themes of the run before to those of today's fit, a step at a time.

A fit of a growing feed can turn over from one day to the next: two groupings are about as good, and a few papers tip
the scale. Readers should not have to learn the map anew for that. So of all that would change, what is clear changes
at once, and of the rest only so much a run; what is still wanted tomorrow follows tomorrow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.themes.consensus import Ensemble
from analysis.themes.match import count_shared, match_themes

LEAST_KEPT = 0.92
"""Share of the papers of the run before that stay in their theme, unless the others' change is clear."""
CLEAR = 0.8
"""A change is clear where papers land with their new company in so many more of the partitions than with their old."""


@dataclass(frozen=True)
class _Change:
    """Papers that would leave one company for another.

    Parameters
    ----------
    rows : ndarray of int
        Papers of the run before that change their theme by it.
    clarity : float
        How much oftener they land with their new company than with the one they leave, -1 to 1.
    """

    rows: np.ndarray
    clarity: float


def share_kept(labels: np.ndarray, earlier: np.ndarray) -> float:
    """Return the share of the papers of the run before that stand in what is now the same theme."""
    shared = count_shared(labels, earlier, int(labels.max()) + 1, int(earlier.max()) + 1)
    match = match_themes(shared)
    return float(shared[match.now, match.then].sum() / shared.sum())


def limit_changes(wanted: np.ndarray, earlier: np.ndarray, ensemble: Ensemble, smallest: int) -> np.ndarray:
    """Return the grouping that lies between the run before and today's fit: clear changes, and a few of the others.

    Parameters
    ----------
    wanted : ndarray of shape (n_papers,), int
        Group of each paper in today's fit.
    earlier : ndarray of shape (n_papers,), int
        Group in the run before, -1 for a paper that is new.
    ensemble : Ensemble
        Today's partitions.
    smallest : int
        Fewest papers that make a theme.

    Returns
    -------
    ndarray of shape (n_papers,), int
        Groups, 0 … n - 1; -1 for a new paper whose theme has to wait.
    """
    n_now, n_then = int(wanted.max()) + 1, int(earlier.max()) + 1
    match = match_themes(count_shared(wanted, earlier, n_now, n_then))
    home = n_now + np.arange(n_then)
    home[match.then] = match.now
    old = earlier >= 0
    stay = np.where(old, home[earlier], -1)
    known = np.isin(np.arange(n_now), match.now)
    likeness = ensemble.likeness(np.ones((1, len(ensemble.partitions)), dtype=bool))[0]
    changes = _list_changes(wanted, stay, old, known, likeness, ensemble.cells)
    left = int((1 - LEAST_KEPT) * old.sum())
    groups = stay.copy()
    groups[~old & known[wanted]] = wanted[~old & known[wanted]]
    for change in sorted(changes, key=lambda change: (-change.clarity, len(change.rows), change.rows[:1].tolist())):
        rows = change.rows
        if change.clarity < CLEAR:
            rows = _clearest(rows, wanted, stay, likeness, ensemble.cells)[:left]
        theme = wanted[rows[0]] if len(rows) else -1
        if theme >= 0 and not known[theme]:
            new = np.flatnonzero(~old & (wanted == theme))
            if len(rows) + len(new) < smallest:
                continue
            rows_and_new = np.concatenate([rows, new])
        else:
            rows_and_new = rows
        groups[rows_and_new] = wanted[rows_and_new]
        left = max(0, left - (len(rows) if change.clarity < CLEAR else 0))
    for theme in np.setdiff1d(np.flatnonzero(~known), wanted[old]):  # a theme of new papers alone costs no one a thing
        groups[wanted == theme] = theme
    placed = groups >= 0
    groups[placed] = np.unique(groups[placed], return_inverse=True)[1]
    return groups


def _list_changes(
    wanted: np.ndarray, stay: np.ndarray, old: np.ndarray, known: np.ndarray, likeness: np.ndarray, cells: np.ndarray,
) -> list[_Change]:
    """Return the changes that belong together: all that makes a new theme, all that ends one, each other move."""
    moves = old & (wanted != stay)
    made = moves & ~known[wanted]
    ends = moves & ~made & (stay >= len(known))
    others = moves & ~made & ~ends
    parts = [np.flatnonzero(made & (wanted == theme)) for theme in np.unique(wanted[made])]
    parts += [np.flatnonzero(ends & (stay == theme)) for theme in np.unique(stay[ends])]
    pairs = np.stack([stay[others], wanted[others]], axis=1)
    parts += [np.flatnonzero(others & (stay == a) & (wanted == b)) for a, b in np.unique(pairs, axis=0)]
    return [_Change(rows, float(_gains(rows, wanted, stay, likeness, cells).mean())) for rows in parts]


def _clearest(
    rows: np.ndarray, wanted: np.ndarray, stay: np.ndarray, likeness: np.ndarray, cells: np.ndarray,
) -> np.ndarray:
    return rows[np.argsort(-_gains(rows, wanted, stay, likeness, cells), kind="stable")]


def _gains(
    rows: np.ndarray, wanted: np.ndarray, stay: np.ndarray, likeness: np.ndarray, cells: np.ndarray,
) -> np.ndarray:
    """Return how much oftener each paper lands with those it would join than with those it would leave."""
    gains = np.empty(len(rows))
    for at, row in enumerate(rows):
        joined = wanted == wanted[row]
        leaves = (stay == stay[row]) & ~joined
        joined[row] = False
        gains[at] = _alike(row, joined, likeness, cells) - _alike(row, leaves, likeness, cells)
    return gains


def _alike(row: int, company: np.ndarray, likeness: np.ndarray, cells: np.ndarray) -> float:
    return float(likeness[cells[row], cells[company]].mean()) if company.any() else 0.0
