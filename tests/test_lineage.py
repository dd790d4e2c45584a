"""What becomes of themes between runs, on groupings that we planted."""

import numpy as np
import pandas as pd
import pytest

from analysis.lineage import trace_themes
from analysis.schema import SEPARATOR, THEMES
from analysis.themes.match import Ended, count_shared, match_ended, match_themes


def themes(**names):
    rows = [dict.fromkeys(THEMES.column_names) | {"theme_key": key, "name": name, "level": "theme"}
            for key, name in names.items()]
    return pd.DataFrame(rows, columns=THEMES.column_names)


def standing(**papers):
    return pd.DataFrame([(paper, "theme", key) for key, held in papers.items() for paper in held],
                        columns=["paper_id", "level", "theme_key"])


def traced(now, then, ended=()):
    names = {key: key.upper() for key in [*now, *then]}
    return trace_themes(themes(**{key: names[key] for key in now}), standing(**now),
                        themes(**{key: names[key] for key in then}), standing(**then), ended)


def papers(row):
    return set(row["paper_ids"].split(SEPARATOR)) if isinstance(row["paper_ids"], str) else set()


def only(table, event):
    rows = table[table["event"] == event]
    assert len(rows) == 1, table
    return rows.iloc[0]


def test_the_same_themes_go_on():
    table = traced({"a": "123", "b": "456"}, {"a": "123", "b": "456"})
    assert list(table["event"]) == ["continued", "continued"] and (table["overlap"] == 1).all()
    assert table["paper_ids"].isna().all()


def test_a_birth_names_its_papers():
    birth = only(traced({"a": "123", "new": "789"}, {"a": "123"}), "born")
    assert birth["theme_key"] == "new" and pd.isna(birth["previous_key"]) and papers(birth) == set("789")


def test_a_split_names_the_papers_that_left():
    split = only(traced({"a": "123", "half": "456"}, {"a": "123456"}), "split")
    assert (split["theme_key"], split["previous_key"], papers(split)) == ("half", "a", set("456"))


def test_a_merger_names_the_papers_that_came():
    merged = only(traced({"a": "123456"}, {"a": "123", "b": "456"}), "merged")
    assert (merged["theme_key"], merged["previous_key"], papers(merged)) == ("a", "b", set("456"))
    assert merged["previous_name"] == "B"


def test_an_end_names_the_papers_that_it_had():
    end = only(traced({"a": "123"}, {"a": "123", "b": "456"}), "ended")
    assert pd.isna(end["theme_key"]) and end["previous_key"] == "b" and papers(end) == set("456")


def test_a_theme_whose_papers_went_everywhere_has_ended():
    assert only(traced({"a": "124", "c": "356"}, {"a": "12", "b": "3456", "c": ""}), "merged")["previous_key"] == "b"
    table = traced({"a": "124", "c": "563", "d": "789"}, {"a": "12", "b": "3478", "c": "56", "d": "9"})
    assert only(table, "ended")["previous_key"] == "b"


def test_a_theme_of_an_earlier_run_comes_back():
    ended = [Ended("old", "An old one", "theme", np.array([1.0, 0.0]))]
    back = only(traced({"a": "123", "old": "789"}, {"a": "123"}, ended), "revived")
    assert (back["theme_key"], back["previous_name"], papers(back)) == ("old", "An old one", set("789"))


@pytest.mark.parametrize("seed", range(20))
def test_the_matching_is_one_to_one_and_as_good_as_any(seed):
    rng = np.random.default_rng(seed)
    now, then = rng.integers(-1, 6, 200), rng.integers(-1, 5, 200)
    then[:150] = now[:150] % 5
    shared = count_shared(now, then, 6, 5)
    match = match_themes(shared)
    assert len(set(match.now)) == len(match.now) and len(set(match.then)) == len(match.then)
    both = (now >= 0) & (then >= 0)
    assert shared.sum() == both.sum()
    for a, b, overlap in zip(match.now, match.then, match.overlap, strict=True):
        union = ((now[both] == a) | (then[both] == b)).sum()
        assert overlap == pytest.approx(((now == a) & (then == b)).sum() / union)


def test_two_themes_alike_by_their_papers_go_by_their_centres():
    shared = np.array([[5.0, 5.0], [5.0, 5.0]])
    match = match_themes(shared, np.array([[0.1, 0.9], [0.9, 0.1]]))
    assert dict(zip(match.now, match.then, strict=True)) == {0: 1, 1: 0}


def test_an_ended_theme_is_known_by_its_centre_around_the_middle():
    ended = [Ended("x", "X", "theme", np.array([2.0, 1.0])), Ended("y", "Y", "theme", np.array([1.0, 2.0]))]
    found = match_ended(np.array([[1.1, 2.1]]), ended, np.array([1.0, 1.0]))
    assert [(a, b) for a, b, _ in found] == [(0, 1)]
    assert match_ended(np.array([[0.0, 0.0]]), ended, np.array([1.0, 1.0])) == []
