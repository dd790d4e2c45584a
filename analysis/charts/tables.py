"""The numbers of each chart: what is drawn, and what is written beside it as CSV."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from analysis.schema import LEVELS, SEPARATOR, TIERS, Run


def listed_themes(run: Run) -> pd.DataFrame:
    """Return the themes that a reader meets: the middle level of the tree, largest first, empty ones last.

    Themes that the ledger hides are left out.
    """
    themes = run.themes[~run.themes["hidden"]]
    middle = themes[themes["level"] == "theme"]
    return (middle if len(middle) else themes).sort_values(
        ["n_papers", "n_any", "theme_key"], ascending=[False, False, True], ignore_index=True)


def chart_table(run: Run, name: str) -> pd.DataFrame:
    """Return the numbers that chart `name` draws, one row a mark.

    Raises
    ------
    ValueError
        There is no such chart.
    """
    if name not in _TABLES:
        raise ValueError(f"no chart is called {name!r}; there are {', '.join(_TABLES)}")
    return _TABLES[name](run)


def csv_text(table: pd.DataFrame) -> str:
    """Return a table as CSV. A text that a spreadsheet would take for a formula is led by an apostrophe.

    Also behind a semicolon or a line's end inside a cell: where a spreadsheet parts cells there, another cell begins.
    """
    safe = table.copy()
    for column in safe.select_dtypes("str"):
        safe[column] = safe[column].str.replace("\r\n", "\n").str.replace("\r", "\n")  # which would go unquoted
        safe[column] = safe[column].str.replace(r"(^|[;\t\n])(\s*)(?=[=+\-@])", r"\1\2'", regex=True)
    return safe.to_csv(index=False, lineterminator="\n")


def theme_names(run: Run) -> dict[str, str]:
    """Return the name of each theme key, at every level."""
    return dict(zip(run.themes["theme_key"], run.themes["name"], strict=True))


def _listed_placements(run: Run) -> pd.DataFrame:
    """Placements in listed themes, with the theme's name beside its key."""
    themes = listed_themes(run)[["theme_key", "name"]].rename(columns={"name": "theme"})
    return run.placements.merge(themes, on="theme_key")


def _themes_table(run: Run) -> pd.DataFrame:
    primary = run.placements[run.placements["rank"] == 1]
    tiers = pd.crosstab(primary["theme_key"], primary["tier"]).reindex(columns=list(TIERS), fill_value=0)
    themes = listed_themes(run)[["theme_key", "name", "declared", "n_papers", "n_any", "stability"]]
    table = themes.rename(columns={"name": "theme"}).merge(
        tiers.reset_index(), on="theme_key", how="left").fillna(dict.fromkeys(TIERS, 0))
    return table.astype(dict.fromkeys(TIERS, "Int64"))


def _tree_table(run: Run) -> pd.DataFrame:
    """Themes of every level that hold a paper, parents before their children."""
    filled = run.themes[run.themes["n_papers"] > 0]
    table = filled[["theme_key", "name", "level", "parent_key", "n_papers"]].rename(columns={"name": "theme"})
    return table.sort_values("level", key=lambda level: level.map(LEVELS.index), kind="stable", ignore_index=True)


def _terms_table(run: Run) -> pd.DataFrame:
    rows = [
        {"theme_key": theme.theme_key, "theme": theme.name, "rank": rank, "term": term}
        for theme in listed_themes(run).itertuples(index=False) if isinstance(theme.terms, str)
        for rank, term in enumerate(filter(None, theme.terms.split(SEPARATOR)), start=1)
    ]
    return pd.DataFrame(rows, columns=["theme_key", "theme", "rank", "term"])


def _map_table(run: Run) -> pd.DataFrame:
    primary = _listed_placements(run).query("rank == 1")[["paper_id", "theme_key", "theme", "strength", "tier"]]
    papers = run.papers[["paper_id", "title", "published"]]
    return run.map.merge(papers, on="paper_id").merge(primary, on="paper_id", how="left")


def _similarity_table(run: Run) -> pd.DataFrame:
    themes = listed_themes(run)[["theme_key", "name"]]
    one, other = themes.set_axis(["theme_key", "theme"], axis=1), themes.set_axis(["other_key", "other"], axis=1)
    table = run.similarity.merge(one, on="theme_key").merge(other, on="other_key")
    return table[["theme_key", "theme", "other_key", "other", "similarity", "n_shared"]]


def _several_table(run: Run) -> pd.DataFrame:
    """Papers in two or more themes; those that sit most evenly between two themes come first."""
    placed = _listed_placements(run)
    several = placed[placed["paper_id"].map(placed["paper_id"].value_counts()) > 1]
    second = several[several["rank"] == 2].set_index("paper_id")["strength"]
    several = several.assign(second=several["paper_id"].map(second)).merge(
        run.papers[["paper_id", "title"]], on="paper_id")
    several = several.sort_values(["second", "paper_id", "rank"], ascending=[False, True, True], ignore_index=True)
    return several[["paper_id", "title", "theme_key", "theme", "rank", "strength", "tier"]]


def _trends_table(run: Run) -> pd.DataFrame:
    themes = listed_themes(run)[["theme_key", "name"]].rename(columns={"name": "theme"})
    verdicts = run.signals[["theme_key", "verdict"]]
    return themes.merge(run.trends, on="theme_key").merge(verdicts, on="theme_key", how="left")


def _heatmap_table(run: Run) -> pd.DataFrame:
    """Shares of the finished periods beside the theme's usual share, and whether the interval leaves it."""
    table = _trends_table(run)
    done = table[~table["is_partial"]].dropna(subset="share").copy()
    sums = done.groupby("theme_key")[["n_papers", "n_total"]].sum().astype(float)
    usual = done["theme_key"].map(sums["n_papers"] / sums["n_total"]).astype(float)
    done["usual"] = usual
    done["apart"] = (done["share_low"] > usual) | (done["share_high"] < usual)
    return done.drop(columns=["verdict", "is_partial", "upvote_share", "upvote_low", "upvote_high"])


def _life_table(run: Run) -> pd.DataFrame:
    themes = listed_themes(run)[["theme_key", "name"]].rename(columns={"name": "theme"})
    return themes.merge(run.life, on="theme_key")


def _radar_table(run: Run) -> pd.DataFrame:
    titles = run.papers[["paper_id", "title"]].set_axis(["first_paper", "first_title"], axis=1)
    return run.vocabulary.merge(titles, on="first_paper", how="left")


def _together_table(run: Run) -> pd.DataFrame:
    names = theme_names(run)
    table = run.together
    return table.assign(theme=table["theme_key"].map(names), other=table["other_key"].map(names))


def _facets_table(run: Run) -> pd.DataFrame:
    """Papers of each theme, by primary placement, that name a dataset or a model."""
    named = run.facets[run.facets["kind"].isin(["dataset", "model"])][["paper_id", "kind", "value"]]
    primary = _listed_placements(run).query("rank == 1")[["paper_id", "theme_key", "theme"]]
    table = named.merge(primary, on="paper_id").value_counts(["theme_key", "theme", "kind", "value"], sort=False)
    table = table.rename("n_papers").reset_index()
    order = listed_themes(run)["theme_key"].tolist()
    return table.sort_values(["theme_key", "kind", "n_papers", "value"], ascending=[True, True, False, True],
                             key=lambda cells: cells.map(order.index) if cells.name == "theme_key" else cells,
                             ignore_index=True)[["theme_key", "theme", "kind", "value", "n_papers"]]


def _forecasts_table(run: Run) -> pd.DataFrame:
    themes = listed_themes(run)[["theme_key", "name"]].rename(columns={"name": "theme"})
    return themes.merge(run.forecasts, on="theme_key")


def _watch_table(run: Run) -> pd.DataFrame:
    names = theme_names(run)
    return run.watch.assign(theme=run.watch["theme_key"].map(names))


def _scores_table(run: Run) -> pd.DataFrame:
    return run.scores


def _budget_table(run: Run) -> pd.DataFrame:
    return run.budget.merge(run.papers[["paper_id", "title"]], on="paper_id", how="left")


def _candidates_table(run: Run) -> pd.DataFrame:
    return run.candidates.sort_values(["method", "n_themes", "parameter"], ignore_index=True)


_TABLES: dict[str, Callable[[Run], pd.DataFrame]] = {
    "themes": _themes_table,
    "tree": _tree_table,
    "terms": _terms_table,
    "budget": _budget_table,
    "trends": _trends_table,
    "stacked": _trends_table,
    "heatmap": _heatmap_table,
    "life": _life_table,
    "radar": _radar_table,
    "together": _together_table,
    "forecasts": _forecasts_table,
    "scores": _scores_table,
    "watch": _watch_table,
    "facets": _facets_table,
    "map": _map_table,
    "several": _several_table,
    "similarity": _similarity_table,
    "candidates": _candidates_table,
}
