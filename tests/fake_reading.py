"""Neighbours, novelty, bridges and reading of a run that no feed gave."""

from __future__ import annotations

import pandas as pd

from analysis import schema


def fake_reading(papers: pd.DataFrame, placements: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return NEIGHBOURS, NOVELTY, BRIDGES, READING and BUDGET that fit the papers and their places."""
    ids = list(papers["paper_id"])
    n = len(ids)
    primary = placements[placements["rank"] == 1].set_index("paper_id")["theme_key"]
    neighbours = [{"paper_id": paper, "other_id": ids[(i + step) % n], "rank": step, "similarity": 0.9 - 0.05 * step}
                  for i, paper in enumerate(ids) for step in range(1, min(8, n - 1) + 1)]
    dated = papers["published"].dropna().sort_values().index
    place = {row: number for number, row in enumerate(dated)}
    novelty = []
    for row, paper in zip(papers.index, ids, strict=True):
        number = place.get(row)
        compared = number is not None and number >= 20
        novelty.append({"paper_id": paper, "novelty": number / n if compared else None,
                        "ancestor_id": papers.loc[dated[number - 1], "paper_id"] if number else None,
                        "similarity": 0.5 if number else None, "n_earlier": number,
                        "basis": "undated" if number is None else "compared" if compared else "not enough data"})
    bridges = []
    for paper, placed in placements.groupby("paper_id"):
        one, *others = placed.sort_values("rank").itertuples()
        bridges += [{"paper_id": paper, "theme_key": one.theme_key, "other_key": other.theme_key,
                     "strength": one.strength, "other_strength": other.strength, "n_neighbours": 8,
                     "n_neighbours_here": 4, "n_neighbours_there": 2, "score": round(0.7 * other.strength, 4),
                     "reason": "of its 8 nearest papers, 4 in the one and 2 in the other"} for other in others]
    most = min(n, 100)
    covered = [1 - 0.97 ** (k + 1) for k in range(most)]
    reading = [{"paper_id": ids[k], "rank": k + 1, "gain": covered[k] - (covered[k - 1] if k else 0),
                "covered": covered[k], "theme_key": primary.get(ids[k]),
                "reasons": "closest of those chosen so far to 2 other papers, all of its theme"} for k in range(most)]
    budget = [{"way": way, "n_read": k + 1, "paper_id": None if way == "at random" else ids[k],
               "covered": part * covered[k], "covered_low": 0.4 * covered[k] if way == "at random" else None,
               "covered_high": 0.6 * covered[k] if way == "at random" else None}
              for way, part in zip(schema.WAYS, (1, 0.6, 0.7, 0.5), strict=True) for k in range(most)]
    rows = {"neighbours": neighbours, "novelty": novelty, "bridges": bridges, "reading": reading, "budget": budget}
    return {name: pd.DataFrame(own, columns=schema.TABLES[name].column_names) for name, own in rows.items()}
