"""The row of runs as tables: what each brought, one theme through all of them, two side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.lineage import trace_themes
from analysis.schema import EVENTS, LEVELS, SEPARATOR, InputError, Run
from analysis.themes.match import count_shared, match_themes
from analysis.themes.memory import list_standing


def summarise(row: Sequence[dict[str, Any]], lineage: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return one line a run: when it looked, how many papers, and how many themes were born, split, merged, ….

    Parameters
    ----------
    row : sequence of dict
        Manifests, first to last.
    lineage : mapping
        run_id → LINEAGE.
    """
    rows = []
    for manifest in row:
        links = lineage[manifest["run_id"]]
        counts = links.loc[links["level"] == "theme", "event"].value_counts()
        rows.append({"run_id": manifest["run_id"], "looked_at": manifest["looked_at"],
                     "newest_paper": manifest["newest_paper"], "n_papers": manifest["counts"]["kept"],
                     **{event: int(counts.get(event, 0)) for event in EVENTS}})
    return pd.DataFrame(rows, columns=["run_id", "looked_at", "newest_paper", "n_papers", *EVENTS])


def list_seconds(manifests: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return the seconds that each stage of each run took: run_id, n_papers, stage, seconds; in the stages' order.

    Parameters
    ----------
    manifests : sequence of dict
        Of any runs, in any order.
    """
    rows = [(manifest["run_id"], manifest["counts"]["kept"], stage, float(seconds))
            for manifest in manifests for stage, seconds in manifest.get("profile", {}).items()
            if isinstance(seconds, int | float)]
    return pd.DataFrame(rows, columns=["run_id", "n_papers", "stage", "seconds"])


def passport(runs: Sequence[Run], theme: str) -> pd.DataFrame:
    """Return a theme through all runs: its name, size, stability and best papers in each, and what happened to it.

    Parameters
    ----------
    runs : sequence of Run
        First to last.
    theme : str
        theme_key, or a name that it bears or bore.

    Raises
    ------
    InputError
        No run has such a theme.
    """
    keys = {key for run in runs for key, name in zip(run.themes["theme_key"], run.themes["name"], strict=True)
            if theme in (key, name)}
    rows = []
    for run in runs:
        titles = run.papers.set_index("paper_id")["title"]
        for line in run.themes[run.themes["theme_key"].isin(keys)].itertuples():
            links = run.lineage[run.lineage["theme_key"] == line.theme_key]
            best = line.exemplars.split(SEPARATOR)[:3] if isinstance(line.exemplars, str) else []
            rows.append({
                "run_id": run.run_id, "looked_at": run.manifest.get("looked_at"), "theme_key": line.theme_key,
                "name": line.name, "level": line.level, "n_papers": line.n_papers, "stability": line.stability,
                "events": SEPARATOR.join(links["event"]) or None,
                "best_papers": SEPARATOR.join(titles[paper] for paper in best) or None})
    if not rows:
        raise InputError(f"no run has a theme {theme!r}; expected a theme_key or a name, as `paper-themes sql "
                         "'select distinct theme_key, name from themes'` lists them")
    return pd.DataFrame(rows)


def compare_runs(before: Run, after: Run) -> pd.DataFrame:
    """Return LINEAGE between any two runs, whether or not one follows the other.

    Where they share no row of runs, the themes of `after` are matched to those of `before` by their papers, and go by
    their keys.
    """
    then, now = list_standing(before.placements, before.themes), list_standing(after.placements, after.themes)
    themes = after.themes
    keys: dict[str, str] = {}
    for level in LEVELS:
        new_keys = sorted(set(themes.loc[themes["level"] == level, "theme_key"]) - set(before.themes["theme_key"]))
        old_keys = sorted(set(before.themes.loc[before.themes["level"] == level, "theme_key"])
                          - set(themes["theme_key"]))
        if not new_keys or not old_keys:
            continue
        stood = then[then["level"] == level].set_index("paper_id")["theme_key"]
        stands = now[now["level"] == level].set_index("paper_id")["theme_key"]
        papers = pd.Index(after.papers["paper_id"])
        shared = count_shared(
            pd.Index(new_keys).get_indexer(papers.map(stands)), pd.Index(old_keys).get_indexer(papers.map(stood)),
            len(new_keys), len(old_keys))
        match = match_themes(shared)
        keys |= {new_keys[a]: old_keys[b] for a, b in zip(match.now, match.then, strict=True)}
    themes = themes.assign(theme_key=themes["theme_key"].replace(keys))
    return trace_themes(themes, now.assign(theme_key=now["theme_key"].replace(keys)), before.themes, then)


def flows(runs: Sequence[Run], level: str = "theme") -> pd.DataFrame:
    """Return the papers that went from each theme of a run to each theme of the next.

    Returns
    -------
    DataFrame
        run_id, theme_key, name, next_run_id, next_key, next_name, n_papers; a paper that is new comes from nowhere,
        and one that is gone is not told.
    """
    frames = []
    for one, other in zip(runs, runs[1:], strict=False):
        standing = [list_standing(run.placements, run.themes) for run in (one, other)]
        stands = [table[table["level"] == level].set_index("paper_id")["theme_key"] for table in standing]
        both = pd.DataFrame({"theme_key": stands[0], "next_key": stands[1]}).reindex(stands[1].index)
        counts = both.fillna({"theme_key": ""}).value_counts().rename("n_papers").reset_index()
        names = [run.themes.set_index("theme_key")["name"] for run in (one, other)]
        frames.append(counts.assign(
            run_id=one.run_id, next_run_id=other.run_id, name=counts["theme_key"].map(names[0]).fillna("new papers"),
            next_name=counts["next_key"].map(names[1])))
    columns = ["run_id", "theme_key", "name", "next_run_id", "next_key", "next_name", "n_papers"]
    table = pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)
    return table.replace({"theme_key": {"": np.nan}})
