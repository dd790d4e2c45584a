"""What was found, as the tables at the door."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.names import ThemeWords
from analysis.schema import LEVELS, SEPARATOR, SIMILARITY, THEMES
from analysis.settings import DeclaredTheme
from analysis.themes.fit import CONSENSUS, Fit
from analysis.themes.levels import Level
from analysis.themes.place import Blend


def themes_table(
    levels: dict[str, Level], keys: dict[str, list[str]], names: dict[str, list[ThemeWords]],
    paper_ids: pd.Series, placements: pd.DataFrame, stability: np.ndarray, declared: Sequence[DeclaredTheme],
) -> pd.DataFrame:
    """Return THEMES: every theme of every level, level by level, largest first.

    A theme counts as primary the papers that stand in it; papers placed there at any rank are known for the middle
    level, and for the other levels they are the primary ones.
    """
    n_any = placements["theme_key"].value_counts()
    rows = []
    for depth, name in enumerate(LEVELS):
        level = levels[name]
        for column, (key, said) in enumerate(zip(keys[name], names[name], strict=True)):
            own = declared[column] if name == "theme" and column < len(declared) else None
            n_papers = int((level.strengths[:, column] > 0).sum())
            terms = said.terms or (own.include if own else ())
            above = int(level.parents[column])
            rows.append({
                "theme_key": key, "name": said.name, "name_source": "declared" if own else "papers",
                "level": name, "parent_key": keys[LEVELS[depth - 1]][above] if above >= 0 else None,
                "declared": own is not None, "hidden": False, "n_papers": n_papers,
                "n_any": int(n_any.get(key, 0)) if name == "theme" else n_papers,
                "terms": SEPARATOR.join(terms) or None,
                "exemplars": SEPARATOR.join(paper_ids.iloc[level.best_papers(column)]) or None,
                "stability": stability[column] if name == "theme" else None,
            })
    table = pd.DataFrame(rows, columns=THEMES.column_names)
    order = table["level"].map({name: depth for depth, name in enumerate(LEVELS)})
    return table.assign(order=order).sort_values(
        ["order", "n_papers", "name"], ascending=[True, False, True]).drop(columns="order")


def similarity_table(
    blend: Blend, keys: list[str], vectors: np.ndarray, placements: pd.DataFrame,
) -> pd.DataFrame:
    """Return SIMILARITY: how near the themes lie, pair by pair, and how many papers they share."""
    centroids = blend.strengths.T @ vectors if vectors.shape[1] else np.zeros((len(keys), 1))
    centroids = centroids / np.maximum(np.linalg.norm(centroids, axis=1, keepdims=True), 1e-12)
    cosine = np.clip(centroids @ centroids.T, -1, 1)
    inside = pd.crosstab(placements["paper_id"], placements["theme_key"]).reindex(columns=keys, fill_value=0).to_numpy()
    shared = inside.T @ inside
    rows = [
        (keys[a], keys[b], cosine[a, b], shared[a, b])
        for a in range(len(keys)) for b in range(len(keys)) if a != b
    ]
    return pd.DataFrame(rows, columns=SIMILARITY.column_names)


def candidates_table(fit: Fit, judged: pd.DataFrame, n_papers: int) -> pd.DataFrame:
    """Return CANDIDATES: the methods that were judged side by side, and the numbers of themes that were tried."""
    if fit.cut is None:
        row = {"method": "one group", "parameter": f"n_papers={n_papers}", "judged_by": "size",
               "n_themes": min(n_papers, 1), "largest_share": float(min(n_papers, 1)), "stability": None,
               "balance": None, "error": None, "score": None, "separation": None, "chosen": True}
        return pd.DataFrame([row])
    curve = fit.cut.candidates.assign(method=CONSENSUS, judged_by="halves of the evidence")
    curve["parameter"] = "n_themes=" + curve["n_themes"].astype(str)
    return curve if judged.empty else pd.concat([judged, curve], ignore_index=True)


