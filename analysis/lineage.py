"""Two runs' themes → one identity: born, continued, split, merged, ended, revived.

A theme is known by its papers: `analysis.themes.match` says which theme of today is which theme of then. Here it is
told what became of each, and which papers caused it.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.schema import LEVELS, LINEAGE, SEPARATOR, check
from analysis.themes.match import Ended

MOST_OF_IT = 0.5
"""A theme comes from another, or went into it, when most of its papers did."""


def trace_themes(
    themes: pd.DataFrame, standing: pd.DataFrame, earlier_themes: pd.DataFrame, earlier_standing: pd.DataFrame,
    ended: Sequence[Ended] = (),
) -> pd.DataFrame:
    """Return LINEAGE: what became of each theme since the run before.

    Parameters
    ----------
    themes, earlier_themes : DataFrame
        THEMES of this run, whose keys `match_themes` has settled, and of the run before.
    standing, earlier_standing : DataFrame
        Where each paper stands (paper_id, level, theme_key), once a level: `analysis.themes.memory.list_standing`.
    ended : sequence of Ended
        Themes of earlier runs that the last one had not: one of them that stands again is revived.

    Returns
    -------
    DataFrame
        LINEAGE. Every theme of today is one row (continued, born, split or revived); a theme that went into another is
        a row of that one (merged); one that is gone is a row without a theme of today (ended).
    """
    rows = []
    for level in LEVELS:
        now = standing[standing["level"] == level].set_index("paper_id")["theme_key"]
        then = earlier_standing[earlier_standing["level"] == level].set_index("paper_id")["theme_key"]
        names = themes[themes["level"] == level].set_index("theme_key")["name"]
        old_names = earlier_themes[earlier_themes["level"] == level].set_index("theme_key")["name"]
        rows += _trace_level(level, now, then, names, old_names, {theme.theme_key: theme for theme in ended})
    return check(pd.DataFrame(rows, columns=LINEAGE.column_names), LINEAGE)


def _trace_level(
    level: str, now: pd.Series, then: pd.Series, names: pd.Series, old_names: pd.Series, ended: dict[str, Ended],
) -> list[dict[str, object]]:
    both = pd.DataFrame({"now": now, "then": then}).dropna()
    table = pd.crosstab(both["now"], both["then"])
    papers = {pair: sorted(group.index) for pair, group in both.groupby(["now", "then"])}
    own = {key: sorted(group.index) for key, group in now.groupby(now)}

    def row(key: str | None, previous: str | None, event: str, why: Sequence[str], overlap: float = 0.0,
            n_shared: int = 0) -> dict[str, object]:
        old = old_names.get(previous) if previous is not None else None
        if old is None and previous in ended:
            old = ended[previous].name
        return {"theme_key": key, "previous_key": previous, "level": level, "event": event,
                "name": names[key] if key is not None else old, "previous_name": old, "overlap": overlap,
                "n_shared": n_shared, "paper_ids": SEPARATOR.join(why) or None}

    def shared(key: str, previous: str) -> tuple[float, int, list[str]]:
        n = int(table.at[key, previous]) if key in table.index and previous in table.columns else 0
        union = _total(table, 0, key) + _total(table, 1, previous) - n
        return n / union if union else 0.0, n, papers.get((key, previous), [])

    rows = []
    for key in names.index:
        if key in old_names.index:
            overlap, n, why = shared(key, key)
            rows.append(row(key, key, "continued", [], overlap, n))
            continue
        source = table.loc[key].idxmax() if key in table.index and len(table.columns) else None
        if key in ended:
            rows.append(row(key, key, "revived", own.get(key, []), 0.0, 0))
        elif source is not None and table.at[key, source] > MOST_OF_IT * _total(table, 0, key):
            overlap, n, why = shared(key, source)
            rows.append(row(key, source, "split", why, overlap, n))
        else:
            rows.append(row(key, None, "born", own.get(key, [])))
    for previous in old_names.index.difference(names.index, sort=False):
        home = table[previous].idxmax() if previous in table.columns else None
        if home is not None and table.at[home, previous] > MOST_OF_IT * _total(table, 1, previous):
            overlap, n, why = shared(home, previous)
            rows.append(row(home, previous, "merged", why, overlap, n))
        else:
            rows.append(row(None, previous, "ended", sorted(then[then == previous].index)))
    return rows


def _total(table: pd.DataFrame, axis: int, key: str) -> int:
    labels = table.index if axis == 0 else table.columns
    if key not in labels:
        return 0
    return int(table.loc[key].sum() if axis == 0 else table[key].sum())
