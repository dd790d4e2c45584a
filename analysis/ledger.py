"""The curated ledger: what a person has decided about themes, which every later run obeys.

An entry that cannot be obeyed is a conflict: it is told, with its reason, and never swallowed.
"""

from __future__ import annotations

import dataclasses
import hashlib
import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.schema import LEDGER, SEPARATOR, SettingsError, check

ACTIONS: dict[str, tuple[str, ...]] = {
    "rename": ("theme", "name"), "pin": ("theme",), "hide": ("theme",), "merge": ("theme", "into"),
    "split": ("theme", "papers", "name"), "move": ("papers", "into"),
}
"""What each action needs: ``[[rename]] theme = "t12ab34cd"``, and so on. A theme is named by its key."""


@dataclass(frozen=True)
class Entry:
    """One decision.

    Parameters
    ----------
    action : str
        One of `ACTIONS`.
    theme, into : str
        Keys of themes.
    name : str
        For a rename, and for the new theme of a split.
    papers : tuple of str
        paper_id, for a split and a move.
    note : str
        Why, for whoever reads the ledger.
    """

    action: str
    theme: str = ""
    into: str = ""
    name: str = ""
    papers: tuple[str, ...] = ()
    note: str = ""

    @property
    def new_key(self) -> str:
        """Key of the theme that a split makes: it rests on what is split off, so every run gives the same."""
        seed = SEPARATOR.join(["split", self.theme, *sorted(self.papers)])
        return f"t{hashlib.sha256(seed.encode()).hexdigest()[:8]}"

    def __str__(self) -> str:
        said = {key: value for key, value in dataclasses.asdict(self).items()
                if value and key not in ("action", "note")}
        return f"{self.action} " + ", ".join(
            f"{key} {', '.join(value) if isinstance(value, tuple) else value}" for key, value in said.items())


@dataclass(frozen=True)
class Edited:
    """A grouping after the ledger.

    Parameters
    ----------
    labels : ndarray of shape (n_papers,), int
        Numbered anew, 0 … n_themes - 1.
    keys : list of str or None, length n_themes
        Key of each theme; None where it is a new one.
    held : dict of int to str
        Row of a paper → key of the theme that a person put it in.
    pinned : frozenset of str
        Keys that must stand, however few their papers.
    """

    labels: np.ndarray
    keys: list[str | None]
    held: dict[int, str]
    pinned: frozenset[str]


def read_ledger(text: str, where: str) -> tuple[Entry, ...]:
    """Return the entries of a TOML text, action by action, in the order of `ACTIONS` and then as they stand.

    Raises
    ------
    SettingsError
        The text is not TOML, an action or a field is unknown, or a field is missing.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{where}: not valid TOML ({error}); mend that line and run again") from None
    for action in values:
        if action not in ACTIONS:
            raise SettingsError(f"{where}: unknown action {action!r}; expected [[{']], [['.join(ACTIONS)}]] blocks")
    return tuple(_entry(action, block, where) for action in ACTIONS for block in _blocks(values, action, where))


def edit_groups(
    labels: np.ndarray, keys: Sequence[str | None], entries: Sequence[Entry], paper_ids: Sequence[str],
    earlier: Mapping[str, str],
) -> Edited:
    """Return the groups as the ledger wants them: merged, split, pinned, papers moved.

    Parameters
    ----------
    labels : ndarray of shape (n_papers,), int
    keys : sequence of str or None
        Key that each group goes on under.
    paper_ids : sequence of str, length n_papers
    earlier : mapping of str to str
        paper_id → key of its theme in the run before.
    """
    labels, named = labels.copy(), list(keys)
    row_of = {paper: row for row, paper in enumerate(paper_ids)}
    held: dict[int, str] = {}
    pinned = {entry.theme for entry in entries if entry.action == "pin"}

    def group(key: str) -> int | None:
        return named.index(key) if key in named else None

    def found(key: str) -> int:
        number = group(key)
        if number is None:
            named.append(key)
            number = len(named) - 1
        return number

    merged = {entry.theme for entry in entries if entry.action == "merge"}
    decided = pinned | {entry.theme for entry in entries if entry.action in ("rename", "hide")}
    for key in sorted(decided - merged):
        rows = [row for row, paper in enumerate(paper_ids) if earlier.get(paper) == key]
        # A pinned theme keeps its papers, or it would wear away one at a time; one that was named or hidden by hand
        # keeps them where the fit would let it go.
        if rows and (key in pinned or group(key) is None):
            labels[rows] = found(key)
            held.update(dict.fromkeys(rows, key))
            pinned.add(key)
    for entry in entries:
        rows = [row_of[paper] for paper in entry.papers if paper in row_of]
        if entry.action == "merge" and group(entry.into) is not None:
            for number in _belonging(entry, labels, named, paper_ids, earlier):
                labels[labels == number] = group(entry.into)
        elif entry.action == "split" and rows:
            labels[rows] = found(entry.new_key)
            held.update(dict.fromkeys(rows, entry.new_key))
            pinned.add(entry.new_key)
        elif entry.action == "move" and rows:
            held.update(dict.fromkeys(rows, entry.into))
            if group(entry.into) is not None:
                labels[rows] = group(entry.into)
    filled, numbers = np.unique(labels, return_inverse=True)
    return Edited(numbers, [named[number] for number in filled], held, frozenset(pinned))


def _belonging(
    entry: Entry, labels: np.ndarray, named: Sequence[str | None], paper_ids: Sequence[str],
    earlier: Mapping[str, str],
) -> list[int]:
    """Return the groups that a merger brings home: the theme, and what the fit has parted from the other since."""
    groups = []
    for number, key in enumerate(named):
        papers = [paper_ids[int(row)] for row in np.flatnonzero(labels == number)]
        stood = [earlier[paper] for paper in papers if paper in earlier]
        parted = key is None and 2 * stood.count(entry.into) > len(stood)
        if key == entry.theme or parted:
            groups.append(number)
    return groups


def apply_to_themes(themes: pd.DataFrame, entries: Sequence[Entry]) -> pd.DataFrame:
    """Return THEMES with the ledger's names, and its hidden themes marked."""
    themes = themes.copy()
    for entry in entries:
        key = entry.new_key if entry.action == "split" else entry.theme
        mine = themes["theme_key"] == key
        if entry.action in ("rename", "split"):
            themes.loc[mine, ["name", "name_source"]] = [entry.name, "ledger"]
        elif entry.action == "hide":
            themes.loc[mine, "hidden"] = True
    return themes


def report_entries(
    entries: Sequence[Entry], themes: pd.DataFrame, placements: pd.DataFrame, known_keys: Collection[str],
    paper_ids: Collection[str],
) -> pd.DataFrame:
    """Return LEDGER: each entry, and whether this run could obey it.

    Parameters
    ----------
    known_keys : collection of str
        Keys of all themes that an earlier run has had: a theme that is merged away is gone, and that is no conflict.
    """
    here, papers = set(themes["theme_key"]), set(paper_ids)
    names = themes.set_index("theme_key")["name"]
    first = placements[placements["rank"] == 1].set_index("paper_id")["theme_key"]
    rows = []
    for entry in entries:
        why = _conflict(entry, entries, here, known_keys, papers, first, names)
        rows.append({"entry": str(entry), "action": entry.action,
                     "theme_key": entry.theme or entry.into or None, "obeyed": why is None, "reason": why})
    return check(pd.DataFrame(rows, columns=LEDGER.column_names), LEDGER)


def _conflict(
    entry: Entry, entries: Sequence[Entry], here: Collection[str], known: Collection[str], papers: Collection[str],
    first: pd.Series, names: pd.Series,
) -> str | None:
    merged = {other.theme for other in entries if other.action == "merge"}
    if entry.action == "merge":
        if entry.into not in here:
            return f"theme {entry.into} is not in this run"
        if entry.theme in here:
            return f"theme {entry.theme} stands still: it is declared, or pinned by another entry"
        return None if entry.theme in known else f"theme {entry.theme} was never in a run; its key may be mistyped"
    if entry.papers:
        missing = [paper for paper in entry.papers if paper not in papers]
        if missing:
            return f"paper {missing[0]} is not in this run" + (f", nor {len(missing) - 1} more" if missing[1:] else "")
        target = entry.new_key if entry.action == "split" else entry.into
        astray = [paper for paper in entry.papers if first.get(paper) != target]
        if astray:
            return (f"paper {astray[0]} stands in {first.get(astray[0])}: theme {target} is not in this run, or a "
                    "later entry moved it")
        return None
    if entry.theme in here:
        same = set(names.index[names == entry.name]) - {entry.theme} if entry.action == "rename" else set()
        return f"theme {min(same)} bears the same name" if same else None
    if entry.theme in merged:
        return f"theme {entry.theme} is merged into another by this ledger"
    return f"theme {entry.theme} is not in this run" + ("" if entry.theme in known else ", and never was")


def _blocks(values: dict[str, Any], action: str, where: str) -> list[dict[str, Any]]:
    blocks = values.get(action, [])
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise SettingsError(f"{where}: {action!r} is one table, expected [[{action}]] blocks with double brackets")
    return blocks


def _entry(action: str, block: dict[str, Any], where: str) -> Entry:
    needed = ACTIONS[action]
    for key, value in block.items():
        if key not in (*needed, "note"):
            raise SettingsError(f"{where}: unknown key {key!r} in a [[{action}]] block; it takes {', '.join(needed)}, "
                                "note")
        good = isinstance(value, list) and all(isinstance(item, str) for item in value) if key == "papers" \
            else isinstance(value, str)
        if not good:
            raise SettingsError(f"{where}: {key} of a [[{action}]] block is {value!r}, expected "
                                f"{'a list of paper_id' if key == 'papers' else 'a text'}")
    for key in needed:
        if not block.get(key):
            raise SettingsError(f"{where}: a [[{action}]] block has no {key}; it needs {', '.join(needed)}")
    said = {key: value.strip() for key, value in block.items() if key != "papers"}
    return Entry(action, papers=tuple(block.get("papers", ())), **said)
