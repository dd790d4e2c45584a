"""New papers in the themes of a run that stays as it is."""

import numpy as np
import pandas as pd
import pytest

from analysis.schema import Run
from analysis.themes import find_themes
from analysis.themes.newcomers import place_newcomers
from tests.themes.planted import SUBJECTS, planted_corpus
from tests.themes.test_themes import ORCHARD, SETTINGS, _embed, _papers

N_HELD_OUT = 20


@pytest.fixture(scope="module")
def run_and_newcomers():
    texts, vectors, labels = planted_corpus(16)
    old, new = np.arange(len(texts) - N_HELD_OUT), np.arange(len(texts) - N_HELD_OUT, len(texts))
    embed = _embed(vectors, labels)
    papers = _papers([texts[i] for i in old])
    found = find_themes(papers, vectors[old], SETTINGS, embed, (ORCHARD,))
    manifest = {"settings": SETTINGS.as_dict(), "declared_themes": [
        {"key": ORCHARD.key, "name": ORCHARD.name, "sentence": ORCHARD.sentence, "include": list(ORCHARD.include),
         "exclude": [], "papers": []}]}
    run = Run("r1", manifest, {"papers": papers, "placements": found.placements, "themes": found.themes})
    newcomers = _papers([texts[i] for i in new])
    newcomers["title"] = [f"{title} ({i})" for i, title in enumerate(newcomers["title"])]
    placed = place_newcomers(run, vectors[old], newcomers, vectors[new], embed)
    return run, papers, labels[old], newcomers, labels[new], placed


def test_newcomers_stand_where_their_subject_stands(run_and_newcomers):
    run, papers, old_labels, newcomers, new_labels, placed = run_and_newcomers
    first = run.placements[run.placements["rank"] == 1].set_index("paper_id")["theme_key"]
    home = {label: first[papers["paper_id"][old_labels == label]].mode()[0] for label in range(len(SUBJECTS))}
    own = placed[placed["rank"] == 1].set_index("title")["theme_key"]
    right = [own[title] == home[label] for title, label in zip(newcomers["title"], new_labels, strict=True)]
    assert np.mean(right) >= 0.9
    assert home[list(SUBJECTS).index("orchard")] == "orchard"


def test_each_comes_with_its_nearest_papers(run_and_newcomers):
    _, papers, old_labels, newcomers, new_labels, placed = run_and_newcomers
    subject = dict(zip(papers["paper_id"], old_labels, strict=True))
    first = placed[placed["rank"] == 1].set_index("title")
    near = [subject[first.loc[title, "nearest"].split(" | ")[0]] for title in newcomers["title"]]
    assert np.mean(np.array(near) == new_labels) >= 0.9


def test_one_newcomer_does_not_move_another(run_and_newcomers):
    run, papers, _, newcomers, _, placed = run_and_newcomers
    texts, vectors, labels = planted_corpus(16)
    old, one = slice(0, len(papers)), slice(len(papers) + 3, len(papers) + 4)
    alone = place_newcomers(run, vectors[old], newcomers.iloc[[3]], vectors[one], _embed(vectors, labels))
    together = placed[placed["title"] == newcomers["title"].iloc[3]].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, together)


def test_no_newcomer_gives_an_empty_table(run_and_newcomers):
    run, papers, *_ = run_and_newcomers
    texts, vectors, labels = planted_corpus(16)
    none = place_newcomers(run, vectors[:len(papers)], _papers([]), np.zeros((0, 32)), _embed(vectors, labels))
    assert none.empty
