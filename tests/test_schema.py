"""The tables' rules hold, and a table that breaks one is refused with the reason."""

from __future__ import annotations

import pandas as pd
import pytest

from analysis.schema import PLACEMENTS, TABLES, THEMES, Run, SchemaError, check, empty


def placements(**changes: object) -> pd.DataFrame:
    row = {"paper_id": "p1", "theme_key": "t1", "rank": 1, "strength": 0.5, "tier": "core", "stability": None,
           "fine_key": None, "evidence_start": None, "evidence_end": None, "evidence_terms": None}
    return pd.DataFrame([{**row, **changes}])


def test_a_column_means_one_thing_everywhere() -> None:
    """A key or a count that several tables share is the same column, but for a theme's own sense of stability."""
    for name in ("paper_id", "theme_key", "period"):
        meanings = {c.meaning for t in TABLES.values() for c in t.columns if c.name == name and not c.nullable}
        assert len(meanings) == 1, name


def test_keys_and_names_are_sound() -> None:
    for name, table in TABLES.items():
        assert name == table.name
        assert len(set(table.column_names)) == len(table.columns)
        assert set(table.key) <= {column.name for column in table.columns if not column.nullable}
        assert all(column.meaning.endswith(".") for column in table.columns)


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_an_empty_table_passes(table) -> None:
    assert check(empty(table), table).columns.tolist() == table.column_names


def test_a_checked_table_is_new_typed_and_in_order() -> None:
    frame = placements()[["tier", *[name for name in PLACEMENTS.column_names if name != "tier"]]]
    checked = check(frame, PLACEMENTS)
    assert checked is not frame
    assert checked.columns.tolist() == PLACEMENTS.column_names
    assert checked.dtypes.astype(str).to_dict()["evidence_start"] == "Int64"
    assert checked.dtypes.astype(str).to_dict()["paper_id"] == "str"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"strength": 1.5}, "strength is 1.5, above 1"),
        ({"strength": -0.5}, "strength is -0.5, below 0"),
        ({"rank": 4}, "rank is 4, above 3"),
        ({"tier": "odd"}, "tier is 'odd', expected one of core, member, loose"),
        ({"paper_id": None}, "paper_id is empty in 1 of 1 rows"),
        ({"extra": 1}, "column extra is unknown"),
    ],
)
def test_a_broken_rule_is_told(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(SchemaError, match=f"table placements: {reason}"):
        check(placements(**changes), PLACEMENTS)


def test_a_missing_column_and_a_double_key_are_told() -> None:
    with pytest.raises(SchemaError, match="column tier is missing"):
        check(placements().drop(columns="tier"), PLACEMENTS)
    with pytest.raises(SchemaError, match="stands twice"):
        check(pd.concat([placements(), placements(rank=2)]), PLACEMENTS)


def test_a_run_gives_its_tables_by_name() -> None:
    run = Run("r", {}, {"themes": empty(THEMES)})
    assert run.themes is run.tables["themes"]
    with pytest.raises(AttributeError, match="run r has no table 'papers'; it has themes"):
        run.papers  # noqa: B018
