"""The door to the disk: what goes in comes out, whole or not at all, and damage is told by name."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from fake_run import fake_run
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import store
from analysis.schema import (
    DROPPED,
    FORECASTS,
    SCORES,
    TABLES,
    TRENDS,
    InputError,
    Run,
    RunError,
    SchemaError,
    check,
    empty,
)
from analysis.store.tables import table_bytes, table_frame

ROOT = Path(__file__).resolve().parent.parent
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


def small_run(reason: str = "it came before", run_id: str = "r1") -> Run:
    dropped = pd.DataFrame([{"source": "feed.txt", "place": "line 3", "kind": "duplicate", "reason": reason,
                             "text": "", "paper_id": None}])
    return Run(run_id, {"run_id": run_id, "profile": {"seconds": 1.5}}, {"dropped": check(dropped, DROPPED)})


# ------------------------------------------------------------------ tables


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(TEXTS, st.one_of(st.none(), TEXTS)), max_size=5))
def test_any_text_comes_back_as_it_went(rows: list[tuple[str, str | None]]) -> None:
    frame = pd.DataFrame(
        [{"source": text, "place": "p", "kind": "duplicate", "reason": "r", "text": text, "paper_id": other}
         for text, other in rows], columns=DROPPED.column_names,
    )
    pd.testing.assert_frame_equal(table_frame(table_bytes(frame, DROPPED), DROPPED), check(frame, DROPPED))


@pytest.mark.parametrize("text", ["", "NA", "null", "NaN", "1e5", "007", "true", '"', "a,b", "a\r\nb", "\n", " x "])
def test_texts_that_look_like_something_else_stay_texts(text: str) -> None:
    frame = check(small_run(text).tables["dropped"], DROPPED)
    back = table_frame(table_bytes(frame, DROPPED), DROPPED)
    assert back.loc[0, "reason"] == text
    assert back.loc[0, "text"] == ""
    assert pd.isna(back.loc[0, "paper_id"])


def test_a_table_joined_to_an_empty_one_is_written_as_alone() -> None:
    rows = [{"made_by": "a back-test", "after": str(year), "period": str(year + 1), "n_themes": 2, "coverage": 1.0,
             "error": 0.1, "error_last": 0.1, "brier": 0.2, "brier_coin": 0.25} for year in range(2018, 2022)]
    alone = check(pd.DataFrame(rows), SCORES)
    joined = check(pd.concat([empty(SCORES), alone]), SCORES)
    content = table_bytes(joined, SCORES)
    assert content == table_bytes(alone, SCORES) and b"\0" not in content
    pd.testing.assert_frame_equal(table_frame(content, SCORES), alone)


def test_table_bytes_are_exact() -> None:
    frame = pd.DataFrame({
        "theme_key": ["a", "b"], "period": ["2024", "2024"], "n_papers": [1, 0], "n_total": [3, 0],
        "share": [1 / 3, None], "share_low": [-0.0, None], "share_high": [1.0, None],
        "upvote_share": [0.5, None], "upvote_low": None, "upvote_high": None, "is_partial": [True, False],
    })
    assert table_bytes(frame, TRENDS) == (
        b"theme_key,period,n_papers,n_total,share,share_low,share_high,upvote_share,upvote_low,upvote_high,"
        b"is_partial\n"
        b'"a","2024",1,3,0.333333,0,1,0.5,,,true\n'
        b'"b","2024",0,0,,,,,,,false\n'
    )


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_an_empty_table_keeps_its_types(table) -> None:
    back = table_frame(table_bytes(empty(table), table), table)
    pd.testing.assert_frame_equal(back, empty(table))


def test_an_infinite_number_is_refused() -> None:
    signals = fake_run(20, 3).tables["signals"].copy()
    signals.loc[0, "growth"] = np.inf
    with pytest.raises(SchemaError, match="infinite"):
        table_bytes(signals, TABLES["signals"])


# ------------------------------------------------------------------ runs


def test_a_run_comes_back_with_every_table(tmp_path: Path) -> None:
    run = fake_run(60, 8, hostile=True)
    back = store.read_run(store.write_run(run, tmp_path))
    assert back.run_id == run.run_id
    assert set(back.tables) == set(run.tables)
    for name, table in run.tables.items():
        pd.testing.assert_frame_equal(back.tables[name], check(table, TABLES[name]), rtol=0, atol=5.1e-7)
        assert back.manifest["tables"][name]["rows"] == len(table)


def test_the_same_run_is_the_same_bytes(tmp_path: Path) -> None:
    first = store.write_run(fake_run(30, 4), tmp_path / "a")
    second = store.write_run(fake_run(30, 4), tmp_path / "b")
    files = sorted(path.name for path in first.iterdir())
    assert files == sorted(path.name for path in second.iterdir())
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in files)


def test_a_run_that_is_there_already_is_left_alone(tmp_path: Path) -> None:
    path = store.write_run(small_run(), tmp_path)
    before = (path / "manifest.json").stat()
    slower = small_run()
    slower.manifest["profile"]["seconds"] = 99
    assert store.write_run(slower, tmp_path) == path
    assert (path / "manifest.json").stat().st_ino == before.st_ino
    assert [child.name for child in tmp_path.iterdir()] == ["r1"]


def test_a_run_with_other_contents_or_damage_is_replaced(tmp_path: Path) -> None:
    path = store.write_run(small_run("old"), tmp_path)
    store.write_run(small_run("new"), tmp_path)
    assert store.read_run(path).dropped.loc[0, "reason"] == "new"
    (path / "dropped.csv").write_bytes(b"torn")
    store.write_run(small_run("new"), tmp_path)
    assert store.read_run(path).dropped.loc[0, "reason"] == "new"
    assert [child.name for child in tmp_path.iterdir()] == ["r1"]


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 4
    path.write_bytes(content)


@pytest.mark.parametrize("name", ["dropped.csv", "manifest.json"])
@pytest.mark.parametrize("damage", [_flip, lambda path: path.write_bytes(b""), Path.unlink])
def test_damage_is_told_with_the_file_and_the_remedy(tmp_path: Path, name: str, damage) -> None:
    path = store.write_run(small_run(), tmp_path)
    damage(path / name)
    with pytest.raises(RunError, match=rf"{name}.*`paper-themes run`|no manifest.json.*`paper-themes run`"):
        store.read_run(path)


def test_a_folder_that_is_no_run_is_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="has no manifest.json"):
        store.read_run(tmp_path)
    with pytest.raises(RunError, match="is no folder"):
        store.read_run(tmp_path / "nothing")


def test_run_files_name_the_tables(tmp_path: Path) -> None:
    path = store.write_run(small_run(), tmp_path)
    assert store.run_files(path) == {"dropped": path / "dropped.csv"}


@pytest.mark.parametrize("run_id", ["../r", "", ".r", "a/b", "a b"])
def test_a_run_id_cannot_lead_elsewhere(tmp_path: Path, run_id: str) -> None:
    with pytest.raises(SchemaError, match="run_id"):
        store.write_run(small_run(run_id=run_id), tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


# ------------------------------------------------------------------ whole or not at all

KILLED = """
import os, sys
from pathlib import Path
from analysis.store import write_bytes, write_folder
where, calls = Path(sys.argv[1]), int(sys.argv[2])
for name in ("fsync", "rename", "replace", "mkdir", "rmdir", "unlink"):
    def counted(*arguments, _real=getattr(os, name), **named):
        global calls
        if calls == 0:
            os._exit(9)
        calls -= 1
        return _real(*arguments, **named)
    setattr(os, name, counted)
write_folder(where / "folder", {"a": b"new", "inside/b": b"new"})
write_bytes(where / "file", b"new")
"""


def test_killed_at_every_step_leaves_old_or_new_and_heals(tmp_path: Path) -> None:
    def state() -> tuple[bytes, bytes, bytes]:
        folder = tmp_path / "folder"
        return (folder / "a").read_bytes(), (folder / "inside/b").read_bytes(), (tmp_path / "file").read_bytes()

    def restore() -> None:
        store.write_folder(tmp_path / "folder", {"a": b"old", "inside/b": b"old"})
        store.write_bytes(tmp_path / "file", b"old")

    seen = set()
    for calls in range(100):
        restore()
        killed = subprocess.run([sys.executable, "-c", KILLED, tmp_path, str(calls)], cwd=ROOT, check=False)
        store.atomic.recover_folder(tmp_path / "folder")
        seen.add(state())
        if killed.returncode == 0:
            break
        assert killed.returncode == 9
    old, new = b"old", b"new"
    assert seen == {(old, old, old), (new, new, old), (new, new, new)}
    restore()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = store.write_run(small_run("old"), tmp_path)

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(RunError, match="No space left on device; make room"):
        store.write_run(small_run("new"), tmp_path)
    assert store.read_run(path).dropped.loc[0, "reason"] == "old"
    assert [child.name for child in tmp_path.iterdir()] == ["r1"]


# ------------------------------------------------------------------ vectors


def test_vectors_come_back_by_model_and_text(tmp_path: Path) -> None:
    cache = store.VectorCache(tmp_path / "cache")
    assert cache.read("model/a", ["x"]) == {}
    vectors = {"x": np.array([1, 2], dtype=np.float32), "y": np.array([3, 4], dtype=np.float32)}
    cache.write("model/a", vectors)
    cache.write("model/a", {"z": np.array([5, 6], dtype=np.float32)})
    found = cache.read("model/a", ["z", "x", "unknown"])
    assert {text: vector.tolist() for text, vector in found.items()} == {"x": [1, 2], "z": [5, 6]}
    assert cache.read("model:a", ["x"]) == {}


@pytest.mark.parametrize("damage", [_flip, lambda path: path.write_bytes(b"")])
def test_a_damaged_cache_file_is_named_and_unknown(tmp_path: Path, damage) -> None:
    told: list[str] = []
    cache = store.VectorCache(tmp_path, notice=told.append)
    cache.write("m", {"x": np.ones(3, dtype=np.float32)})
    cache.write("m", {"y": np.ones(3, dtype=np.float32)})
    hurt = next(path for path in tmp_path.rglob("*.npy") if b"x" in path.read_bytes()[128:])
    damage(hurt)
    assert list(cache.read("m", ["x", "y"])) == ["y"]
    assert len(told) == 1 and str(hurt) in told[0]
    cache.write("m", {"x": np.ones(3, dtype=np.float32)})
    assert set(cache.read("m", ["x", "y"])) == {"x", "y"}
    assert len(told) == 1


def test_nothing_is_pickled(tmp_path: Path) -> None:
    """An array that needs pickle to load is refused, even under its right name."""
    import hashlib
    import io

    cache = store.VectorCache(tmp_path)
    cache.write("m", {"x": np.ones(3, dtype=np.float32)})
    evil = io.BytesIO()
    np.save(evil, np.array([{"code": 1}], dtype=object), allow_pickle=True)
    folder = next(tmp_path.iterdir())
    (folder / f"{hashlib.sha256(evil.getvalue()).hexdigest()}.npy").write_bytes(evil.getvalue())
    told: list[str] = []
    assert set(store.VectorCache(tmp_path, notice=told.append).read("m", ["x"])) == {"x"}
    assert len(told) == 1 and "damaged" in told[0]


# ------------------------------------------------------------------ inputs


def test_a_folder_is_its_files_in_order(tmp_path: Path) -> None:
    for name in ("b.txt", "a/c.csv", "README.md", ".hidden", "a/.ignored/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    files = store.read_inputs([tmp_path])
    assert [(file.name, file.content) for file in files] == [("a/c.csv", b"a/c.csv"), ("b.txt", b"b.txt")]


def test_two_files_of_one_name_stay_apart(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "feed.txt").write_text(folder)
    names = [file.name for file in store.read_inputs([tmp_path / "a", tmp_path / "b" / "feed.txt"])]
    assert len(set(names)) == 2


def test_inputs_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no input"):
        store.read_inputs([])
    with pytest.raises(InputError, match="is not there"):
        store.read_inputs([tmp_path / "feed.txt"])
    with pytest.raises(InputError, match="holds no feed file"):
        store.read_inputs([tmp_path])
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="no plain file"):
        store.read_inputs([tmp_path / "pipe"])
    (tmp_path / "latin.toml").write_bytes(b"title = '\xe9'")
    with pytest.raises(InputError, match="byte 9 is 0xe9"):
        store.read_text(tmp_path / "latin.toml")


def test_the_manifest_is_readable_json(tmp_path: Path) -> None:
    path = store.write_run(small_run(), tmp_path)
    manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["tables"]["dropped"]["rows"] == 1
    assert manifest["profile"] == {"seconds": 1.5}


def test_forecasts_of_earlier_runs_with_the_same_settings_are_read_and_damage_is_told(tmp_path: Path) -> None:
    def put(name: str, settings: dict[str, object], share: float) -> Path:
        rows = pd.DataFrame([{"theme_key": "a", "period": "2025", "after": name, "share": share, "share_low": 0.0,
                              "share_high": 1.0, "last_share": 0.1, "rise_chance": 0.5}])
        return store.write_run(Run(name, {"settings": settings}, {"forecasts": check(rows, FORECASTS)}), tmp_path)

    mine = {"title": "mine", "as_of": None}
    put("r2", mine, 0.2)
    put("r3", {**mine, "as_of": "2024-03-01"}, 0.3)
    put("r4", {**mine, "title": "other"}, 0.4)
    damaged = put("r5", mine, 0.5) / "forecasts.csv"
    damaged.write_bytes(damaged.read_bytes() + b"x")
    told: list[str] = []
    assert store.read_forecasts(tmp_path, {**mine, "as_of": "2025-01-01"}, told.append)["share"].tolist() == [0.2, 0.3]
    assert len(told) == 1 and "r5" in told[0] and "damaged" in told[0]
    assert store.read_forecasts(tmp_path / "nowhere", mine).empty
