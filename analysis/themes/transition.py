"""From the themes of the run before to those of today's fit, a step at a time.

A fit of a growing feed can turn over from one day to the next: two groupings are about as good, and a few papers tip
the scale. Readers should not have to learn the map anew for that. So of all that would change, the theme that most
clearly comes or goes does so at once, and of the rest only so much a run; what is still wanted tomorrow follows
tomorrow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.themes.consensus import Ensemble
from analysis.themes.match import count_shared, match_themes

LEAST_KEPT = 0.952
"""Share of the papers of the run before that stay in their theme, unless a larger theme clearly comes or goes."""
CLEAR, BEYOND_DOUBT = 0.97, 0.995
"""A theme clearly comes or goes where its papers land with those they leave 3 % as often as with those they join; of
a large theme half a percent is asked."""
MOST_CLEAR = 0.1
"""Share of the papers of the run before that such a theme may hold, unless as many papers are new and it is beyond
doubt: little news is no reason for a great change. And where most of what would change is not clear, nothing is."""


@dataclass(frozen=True)
class _Change:
    """Papers that would leave one company for another.

    Parameters
    ----------
    rows : ndarray of int
        Papers of the run before that change their theme by it, the clearest first.
    clarity : float
        What part of their likeness to the company that they join sets it off from the one that they leave: 1 where
        they never land with the latter, 0 where they land with both as often, down to -1.
    is_theme : bool
        All that makes a new theme, or all that ends an old one; else papers that move between two that stay.
    """

    rows: np.ndarray
    clarity: float
    is_theme: bool

    @property
    def is_clear(self) -> bool:
        return self.is_theme and self.clarity >= CLEAR


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
    likeness = ensemble.likeness()[0]
    changes = _list_changes(wanted, stay, old, known, likeness, ensemble.cells)
    left = most = int((1 - LEAST_KEPT) * old.sum())
    n_clear = sum(len(change.rows) for change in changes if change.is_clear)
    is_calm = 2 * n_clear >= sum(len(change.rows) for change in changes)
    most_clear = MOST_CLEAR * old.sum() if is_calm else 0
    most_sure = max(most_clear, (~old).sum()) if is_calm else 0
    groups = stay.copy()
    groups[~old & known[wanted]] = wanted[~old & known[wanted]]
    for change in sorted(changes, key=lambda change: (-change.clarity, -len(change.rows), change.rows[0])):
        rows = change.rows
        is_clear = change.is_clear and len(rows) <= (most_sure if change.clarity >= BEYOND_DOUBT else most_clear)
        if not (is_clear and left == most):  # the first one that is clear has all the room that it needs
            if change.is_theme and left < len(rows) and (is_clear or len(rows) <= most):
                continue  # it comes or goes whole, on another day
            rows = rows[:left]
        if not len(rows):
            continue
        theme = wanted[rows[0]]
        company = np.flatnonzero(~old & (wanted == theme)) if not known[theme] else rows[:0]
        if not known[theme] and len(rows) + len(company) < smallest:
            continue
        groups[rows], groups[company] = theme, theme
        left = max(0, left - len(rows))
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
    n_themes = len(parts)
    pairs = np.stack([stay[others], wanted[others]], axis=1)
    parts += [np.flatnonzero(others & (stay == a) & (wanted == b)) for a, b in np.unique(pairs, axis=0)]
    changes = []
    for number, rows in enumerate(parts):
        joined, left = _company(rows, wanted, stay, likeness, cells)
        order = np.argsort(left - joined, kind="stable")
        clarity = (joined.mean() - left.mean()) / max(joined.mean(), left.mean(), 1e-12)
        changes.append(_Change(rows[order], float(clarity), number < n_themes))
    return changes


def _company(
    rows: np.ndarray, wanted: np.ndarray, stay: np.ndarray, likeness: np.ndarray, cells: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return how often each paper lands with those it would join, and with those it would leave."""
    company = np.empty((2, len(rows)))
    for at, row in enumerate(rows):
        joined = wanted == wanted[row]
        left = (stay == stay[row]) & ~joined
        joined[row] = False
        company[:, at] = _alike(row, joined, likeness, cells), _alike(row, left, likeness, cells)
    return company[0], company[1]


def _alike(row: int, company: np.ndarray, likeness: np.ndarray, cells: np.ndarray) -> float:
    return float(likeness[cells[row], cells[company]].mean()) if company.any() else 0.0
