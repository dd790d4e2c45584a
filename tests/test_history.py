"""The row of runs as tables."""

from __future__ import annotations

from dataclasses import replace

from fake_run import fake_run

from analysis.charts import plot_flows
from analysis.history import flows
from analysis.themes.memory import list_standing


def test_every_paper_of_the_next_run_comes_from_somewhere() -> None:
    first = fake_run(60, 6)
    keys = list(first.themes["theme_key"])
    moved = first.placements.assign(theme_key=first.placements["theme_key"].replace({keys[0]: keys[1]}))
    moved = moved.drop_duplicates(["paper_id", "theme_key"])
    second = replace(first, run_id="second", tables=first.tables | {"placements": moved})
    table = flows([first, second])
    stand = list_standing(second.placements, second.themes).query("level == 'theme'")
    assert table["n_papers"].sum() == len(stand)
    left = table[table["theme_key"] == keys[0]]
    n_left = int(((first.placements["rank"] == 1) & (first.placements["theme_key"] == keys[0])).sum())
    assert set(left["next_key"]) == {keys[1]} and left["n_papers"].sum() == n_left > 0
    assert (table.loc[table["theme_key"] != keys[0], "theme_key"]
            == table.loc[table["theme_key"] != keys[0], "next_key"]).all()


def test_papers_of_another_feed_are_new_papers() -> None:
    table = flows([fake_run(40, 6), fake_run(60, 6)])
    assert set(table["name"]) == {"new papers"} and not (plot_flows(table).layout.meta or {}).get("empty")
    assert flows([fake_run(40, 6)]).empty and plot_flows(flows([])).layout.meta["empty"]
