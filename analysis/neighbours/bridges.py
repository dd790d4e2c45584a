"""BRIDGES: the papers that connect two themes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.schema import BRIDGES, check


def compute_bridges(placements: pd.DataFrame, themes: pd.DataFrame, neighbours: pd.DataFrame) -> pd.DataFrame:
    """Return BRIDGES: papers that stand in two themes and have near papers in both, the most even first.

    A paper's own strengths say that it belongs to both; that papers most like it stand on either side says that it
    has something to do with both, and is not just between them because it is far from all.

    Parameters
    ----------
    placements, themes, neighbours : DataFrame
        PLACEMENTS, THEMES, NEIGHBOURS.

    Returns
    -------
    DataFrame
        BRIDGES, by falling score. Loosely placed papers connect nothing, nor do those with no neighbour on one side.
    """
    firm = placements.loc[placements["tier"] != "loose", ["paper_id", "theme_key", "rank", "strength"]]
    pairs = firm.merge(firm, on="paper_id", suffixes=("", "_there"))
    pairs = pairs[pairs["rank"] < pairs["rank_there"]]
    frame = pairs.rename(columns={"theme_key_there": "other_key", "strength_there": "other_strength"})
    frame = frame.drop(columns=["rank", "rank_there"]).reset_index(drop=True)
    home = placements.loc[placements["rank"] == 1].set_index("paper_id")["theme_key"]
    company = neighbours.loc[neighbours["paper_id"].isin(frame["paper_id"]), ["paper_id", "other_id"]]
    company = company.assign(theme=company["other_id"].map(home))
    frame["n_neighbours"] = frame["paper_id"].map(company.groupby("paper_id").size()).fillna(0).astype(int)
    counts = company.groupby(["paper_id", "theme"]).size()
    for column, side in (("n_neighbours_here", "theme_key"), ("n_neighbours_there", "other_key")):
        wanted = pd.MultiIndex.from_frame(frame[["paper_id", side]])
        frame[column] = counts.reindex(wanted).fillna(0).astype(int).to_numpy()
    lesser = frame[["n_neighbours_here", "n_neighbours_there"]].min(axis=1)
    frame = frame[lesser > 0]
    strength = (2 * frame[["strength", "other_strength"]].min(axis=1)).clip(upper=1)
    balance = 2 * lesser[lesser > 0] / frame["n_neighbours"]
    names = dict(zip(themes["theme_key"], themes["name"], strict=True))
    frame = frame.assign(score=np.sqrt(strength * balance).round(6), reason=[
        f"{100 * row.strength:.0f} % {names[row.theme_key]}, {100 * row.other_strength:.0f} % {names[row.other_key]}; "
        f"of its {row.n_neighbours} nearest papers, {row.n_neighbours_here} in the one and {row.n_neighbours_there} "
        "in the other" for row in frame.itertuples()])
    return check(frame.sort_values(["score", "paper_id", "theme_key", "other_key"],
                                   ascending=[False, True, True, True]), BRIDGES)
