"""The tree: broad themes above, fine themes below, and children that part their parent between them."""

import numpy as np
import pytest

from analysis.settings import Settings
from analysis.themes import find_themes
from analysis.themes.graph import build_graph
from analysis.themes.tree import LEAST_KNOWN, Stood, grow_tree
from tests.themes.planted import fake_embed
from tests.themes.test_themes import _papers

FIELDS, THEMES, CORNERS, EACH = 3, 3, 2, 20


def nested_corpus(random_state=0):
    """Return texts, unit vectors of shape (360, 48) and labels: three fields of three themes of two corners each."""
    rng = np.random.default_rng(random_state)
    field, theme, corner = (np.repeat(np.arange(FIELDS * n), FIELDS * THEMES * CORNERS * EACH // (FIELDS * n))
                            for n in (1, THEMES, THEMES * CORNERS))
    centres = [scale * rng.normal(size=(n, 48)) for scale, n in ((2.0, FIELDS), (1.5, 9), (0.9, 18))]
    vectors = centres[0][field] + centres[1][theme] + centres[2][corner] + 0.45 * rng.normal(size=(len(field), 48))
    texts = [(f"On field{f} theme{t}", f"We show theme{t} corner{c} by field{f}. The corner{c} holds.")
             for f, t, c in zip(field, theme, corner, strict=True)]
    order = rng.permutation(len(field))
    unit = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return [texts[i] for i in order], unit[order], field[order], theme[order], corner[order]


@pytest.fixture(scope="module")
def nested():
    return nested_corpus()


def test_planted_fields_and_corners_come_back(nested):
    _, vectors, field, theme, corner = nested
    tree = grow_tree(build_graph(vectors, 15), vectors, theme, 9, 0)
    assert len(np.unique(tree.broad[theme])) == FIELDS
    assert all(len(np.unique(tree.broad[theme][field == f])) == 1 for f in range(FIELDS))
    parted = tree.fine >= 0
    assert parted.mean() >= 2 / 3
    for fine in np.unique(tree.fine[parted]):
        inside = corner[tree.fine == fine]
        assert np.bincount(inside).max() / len(inside) >= 0.9


@pytest.mark.parametrize("n_papers", [60, 200, 600])
def test_a_theme_of_one_piece_does_not_part(n_papers):
    rng = np.random.default_rng(n_papers)
    blob = rng.normal(size=40) + 0.05 * rng.normal(size=(n_papers, 40))
    vectors = (blob / np.linalg.norm(blob, axis=1, keepdims=True)).astype(np.float32)
    tree = grow_tree(build_graph(vectors, 15), vectors, np.zeros(n_papers, dtype=int), 1, 0)
    assert (tree.broad == -1).all()
    assert (tree.fine == -1).all()


def test_a_theme_that_hardly_changed_keeps_its_parts(nested):
    """Whatever the parts were: here two that nobody would seek. New papers stand where their neighbours do."""
    _, vectors, _, theme, corner = nested
    graph, before = build_graph(vectors, 15), np.where(theme == 0, corner % 2, -1)
    odd = np.flatnonzero(theme == 0)[0]
    before[odd] = 1 - before[odd]
    new = np.flatnonzero(theme == 0)[1]
    stood = Stood(np.where(np.arange(len(theme)) == new, -1, theme), np.where(np.arange(len(theme)) == new, -1, before),
                  np.where(np.arange(9) == 0, 1.0, 0.0))
    tree = grow_tree(graph, vectors, theme, 9, 0, stood)
    inside = np.setdiff1d(np.flatnonzero(theme == 0), [new])
    kept = tree.fine[inside]
    assert len(np.unique(kept)) == 2 and ((kept == kept[0]) == (before[inside] == before[inside][0])).all()
    assert tree.fine[new] == tree.fine[inside[corner[inside] == corner[new]][-1]]
    assert tree.known[0] == pytest.approx(39 / 40) and (tree.known[1:] == 1).all()


def test_parts_are_sought_anew_once_a_tenth_of_the_papers_is_new_since(nested):
    _, vectors, _, theme, corner = nested
    graph, sought = build_graph(vectors, 15), grow_tree(build_graph(vectors, 15), vectors, theme, 9, 0)
    before = np.where(theme == 0, corner // 2, -1)  # one part, where two would be found
    few = Stood(np.where(np.arange(len(theme)) < 30, -1, theme), before, np.full(9, LEAST_KNOWN + 0.01))
    tree = grow_tree(graph, vectors, theme, 9, 0, few)
    changed = [part for part in range(9) if (few.themes[theme == part] < 0).mean() > 0.02]
    assert changed
    for part in changed:
        assert tree.known[part] == 1
        assert len(np.unique(tree.fine[theme == part])) == len(np.unique(sought.fine[theme == part]))


def test_children_part_their_parent_at_every_level(nested):
    texts, vectors, *_ = nested
    found = find_themes(_papers(texts), vectors, Settings(n_resamples=2), lambda said: np.pad(
        fake_embed(said), ((0, 0), (0, 16))))
    themes = found.themes.set_index("theme_key")
    assert set(themes["level"]) == {"broad", "theme", "fine"}
    assert themes["name"].is_unique
    for key, children in themes.dropna(subset="parent_key").groupby("parent_key"):
        levels = ["broad", "theme", "fine"]
        assert set(children["level"]) == {levels[levels.index(themes.loc[key, "level"]) + 1]}
        assert children["n_papers"].sum() == themes.loc[key, "n_papers"]
        assert len(children) >= 2
    first = found.placements[found.placements["rank"] == 1].dropna(subset="fine_key")
    assert (first["fine_key"].map(themes["parent_key"]) == first["theme_key"]).all()
    assert found.placements.loc[found.placements["rank"] > 1, "fine_key"].isna().all()
