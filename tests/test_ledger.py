"""The curated ledger: obeyed, or told why not."""

import numpy as np
import pandas as pd
import pytest

from analysis.ledger import apply_to_themes, edit_groups, read_ledger, report_entries
from analysis.schema import SettingsError

PAPERS = list("abcdefgh")
LABELS = np.array([0, 0, 0, 1, 1, 2, 2, 2])
KEYS = ["one", "two", "three"]
EARLIER = dict(zip(PAPERS, ["one"] * 3 + ["two"] * 2 + ["three"] * 3, strict=True))


def edited(text, labels=LABELS, keys=KEYS):
    entries = read_ledger(text, "ledger.toml")
    done = edit_groups(labels, keys, entries, PAPERS, EARLIER)
    return {paper: done.keys[label] for paper, label in zip(PAPERS, done.labels, strict=True)}, done, entries


def test_no_entry_changes_nothing():
    assert edited("")[0] == EARLIER


def test_a_merged_theme_is_gone():
    where, done, _ = edited('[[merge]]\ntheme = "two"\ninto = "one"')
    assert where["d"] == where["e"] == "one" and set(done.keys) == {"one", "three"}
    assert set(done.labels) == {0, 1}


def test_what_is_split_off_has_a_lasting_key_and_stands_however_small():
    text = '[[split]]\ntheme = "three"\npapers = ["f"]\nname = "Apart"'
    where, done, (entry,) = edited(text)
    assert where["f"] == entry.new_key and where["g"] == "three"
    assert entry.new_key in done.pinned and done.held == {5: entry.new_key}
    assert entry.new_key == edited(text)[2][0].new_key


def test_a_moved_paper_is_held_where_it_was_put():
    where, done, _ = edited('[[move]]\npapers = ["a"]\ninto = "two"')
    assert where["a"] == "two" and done.held == {0: "two"}


def test_a_pinned_theme_that_the_fit_let_go_comes_back_with_its_papers():
    where, *_ = edited('[[pin]]\ntheme = "two"', np.array([0, 0, 0, 0, 0, 1, 1, 1]), ["one", "three"])
    assert where == EARLIER


def test_names_and_hidden_themes():
    entries = read_ledger('[[rename]]\ntheme = "one"\nname = "Mine"\n[[hide]]\ntheme = "two"', "ledger.toml")
    themes = pd.DataFrame({"theme_key": KEYS, "name": ["A", "B", "C"], "name_source": "papers", "hidden": False})
    done = apply_to_themes(themes, entries).set_index("theme_key")
    assert done.loc["one", ["name", "name_source"]].tolist() == ["Mine", "ledger"]
    assert done["hidden"].tolist() == [False, True, False] and themes["name"].tolist() == ["A", "B", "C"]


CONFLICTS = {
    '[[rename]]\ntheme = "never"\nname = "X"': "never was",
    '[[rename]]\ntheme = "gone"\nname = "X"': "is not in this run",
    '[[rename]]\ntheme = "one"\nname = "C"': "bears the same name",
    '[[pin]]\ntheme = "gone"': "is not in this run",
    '[[merge]]\ntheme = "one"\ninto = "gone"': "theme gone is not in this run",
    '[[merge]]\ntheme = "never"\ninto = "one"': "mistyped",
    '[[merge]]\ntheme = "one"\ninto = "two"': "stands still",
    '[[move]]\npapers = ["zz"]\ninto = "one"': "paper zz is not in this run",
    '[[move]]\npapers = ["a"]\ninto = "gone"': "stands in one",
}


@pytest.mark.parametrize("text", CONFLICTS)
def test_a_conflict_is_told(text):
    entries = read_ledger(text, "ledger.toml")
    themes = pd.DataFrame({"theme_key": KEYS, "name": ["A", "B", "C"]})
    placements = pd.DataFrame({"paper_id": PAPERS, "theme_key": list(EARLIER.values()), "rank": 1})
    (row,) = report_entries(entries, themes, placements, {"gone"}, PAPERS).itertuples()
    assert not row.obeyed and CONFLICTS[text] in row.reason


def test_a_theme_that_was_merged_away_before_is_no_conflict():
    entries = read_ledger('[[merge]]\ntheme = "gone"\ninto = "one"', "ledger.toml")
    themes = pd.DataFrame({"theme_key": KEYS, "name": ["A", "B", "C"]})
    placements = pd.DataFrame({"paper_id": PAPERS, "theme_key": list(EARLIER.values()), "rank": 1})
    (row,) = report_entries(entries, themes, placements, {"gone"}, PAPERS).itertuples()
    assert row.obeyed and pd.isna(row.reason)


@pytest.mark.parametrize(("text", "said"), [
    ("[[dance]]\ntheme = 'x'", "unknown action 'dance'"),
    ("[[rename]]\ntheme = 'x'", "has no name"),
    ("[[rename]]\ntheme = 'x'\nname = 'y'\ncolour = 'red'", "unknown key 'colour'"),
    ("[[move]]\npapers = 'a'\ninto = 'x'", "expected a list of paper_id"),
    ("[rename]\ntheme = 'x'\nname = 'y'", "double brackets"),
    ("[[rename", "not valid TOML"),
])
def test_a_ledger_that_cannot_be_read_says_where(text, said):
    with pytest.raises(SettingsError, match=r"ledger\.toml") as caught:
        read_ledger(text, "ledger.toml")
    assert said in str(caught.value)


@pytest.mark.parametrize("action", ["pin", "rename", "hide"])
def test_a_theme_that_was_decided_on_stays_where_the_fit_lets_it_go(action):
    more = '\nname = "By hand"' if action == "rename" else ""
    where, done, _ = edited(f'[[{action}]]\ntheme = "two"{more}', np.array([0, 0, 0, 0, 0, 1, 1, 1]), ["one", "three"])
    assert where == EARLIER and set(done.held.values()) == {"two"}


def test_only_a_pinned_theme_keeps_every_paper():
    labels = np.array([0, 0, 0, 0, 1, 2, 2, 2])  # the fit takes one of its two papers
    assert edited('[[pin]]\ntheme = "two"', labels)[0] == EARLIER
    assert edited('[[hide]]\ntheme = "two"', labels)[0]["d"] == "one"
