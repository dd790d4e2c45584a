"""The papers most like each paper, exact or nearly so, in an order that nothing but the papers decides."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.neighbours import compute_bridges, compute_neighbours, search
from analysis.schema import NEIGHBOURS


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def clustered(n: int, n_dimensions: int = 16, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = rng.standard_normal((12, n_dimensions))[np.arange(n) % 12]
    return unit(centres + 0.6 * rng.standard_normal((n, n_dimensions)))


def names(n: int) -> list[str]:
    return [f"p{i:05}" for i in range(n)]


def by_hand(ids: list[str], vectors: np.ndarray, k: int) -> pd.DataFrame:
    """All pairs, sorted by cosine and paper_id."""
    cosine = (vectors @ vectors.T).astype(float).round(6)
    rows = [{"paper_id": one, "other_id": other, "similarity": cosine[i, j]}
            for i, one in enumerate(ids) for j, other in enumerate(ids) if i != j]
    frame = pd.DataFrame(rows).sort_values(["paper_id", "similarity", "other_id"], ascending=[True, False, True])
    return frame[frame.groupby("paper_id").cumcount() < k].reset_index(drop=True)


def test_neighbours_are_those_of_all_pairs() -> None:
    vectors = clustered(120)
    found, expected = compute_neighbours(names(120), vectors), by_hand(names(120), vectors, 8)
    pd.testing.assert_series_equal(found["other_id"], expected["other_id"], check_dtype=False)
    assert np.allclose(found["similarity"], expected["similarity"], atol=2e-6)
    assert list(found["rank"][:8]) == list(range(1, 9)) and list(found.columns) == NEIGHBOURS.column_names


def test_equally_near_papers_stand_by_paper_id_however_many() -> None:
    """Forty copies, more than are looked at: the first by paper_id are told, and never the paper itself."""
    vectors = np.concatenate([np.tile(clustered(1), (40, 1)), clustered(20, seed=3)])
    shuffled = np.random.default_rng(1).permutation(60)
    ids = np.array(names(60))
    found = compute_neighbours(list(ids[shuffled]), vectors[shuffled], 5)
    for number in (0, 3, 39):
        expected = [name for name in names(40) if name != names(40)[number]][:5]
        assert list(found.loc[found["paper_id"] == names(40)[number], "other_id"]) == expected


def test_the_order_of_the_papers_changes_no_neighbour() -> None:
    vectors, ids = clustered(90), np.array(names(90))
    mixed = np.random.default_rng(2).permutation(90)
    pd.testing.assert_frame_equal(compute_neighbours(ids, vectors), compute_neighbours(ids[mixed], vectors[mixed]))


@pytest.mark.parametrize("n_papers", [0, 1, 2, 3])
def test_the_smallest_corpora(n_papers: int) -> None:
    found = compute_neighbours(names(n_papers), np.eye(4)[:n_papers])
    assert len(found) == n_papers * max(n_papers - 1, 0)
    assert not (found["paper_id"] == found["other_id"]).any()


def test_a_paper_without_a_vector_has_neighbours_at_0() -> None:
    found = compute_neighbours(names(3), np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 0.0]]), 1)
    assert list(found["other_id"]) == ["p00001", "p00002", "p00001"] and list(found["similarity"]) == [0, 1, 1]


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="2 paper_ids and 3 vectors came; expected"):
        compute_neighbours(names(2), np.eye(3))


def test_the_approximate_search_misses_few_and_tells_exact_cosines() -> None:
    vectors, ids = clustered(1500, 24), np.array(names(1500))
    exact, about = (compute_neighbours(ids, vectors, exact_up_to=most) for most in (1500, 1000))
    both = exact.merge(about, on=["paper_id", "other_id"])
    assert len(both) >= 0.97 * len(exact)
    assert np.allclose(both["similarity_x"], both["similarity_y"], atol=2e-6)
    mixed = np.random.default_rng(4).permutation(1500)
    pd.testing.assert_frame_equal(about, compute_neighbours(ids[mixed], vectors[mixed], exact_up_to=1000))


def test_a_gap_in_the_search_is_filled_exactly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the search found for a paper, too few or copies only, the table holds its nearest."""
    vectors = clustered(60)
    space = vectors[np.argsort(names(60))]

    def poor(space: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
        indices, cosines = search._find_exactly(space, width)
        cosines[::7, 3:] = -np.inf
        return indices, cosines

    monkeypatch.setattr(search, "_find_about", poor)
    pd.testing.assert_frame_equal(compute_neighbours(names(60), space, exact_up_to=10),
                                  compute_neighbours(names(60), space))


# ------------------------------------------------------------------------------------------------------- bridges


THEMES = pd.DataFrame({"theme_key": ["a", "b", "c"], "name": ["Alpha", "Beta", "Gamma"]})


def placed(rows: list[tuple]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["paper_id", "theme_key", "rank", "strength", "tier"])


def near(rows: dict[str, list[str]]) -> pd.DataFrame:
    return pd.DataFrame([{"paper_id": one, "other_id": other, "rank": rank, "similarity": 0.5}
                         for one, others in rows.items() for rank, other in enumerate(others, 1)])


MANY = [(f"a{i}", "a", 1, 0.9, "core") for i in range(4)] + [(f"b{i}", "b", 1, 0.9, "core") for i in range(4)]
SIDES = [f"a{i}" for i in range(4)] + [f"b{i}" for i in range(4)]


def test_the_paper_between_two_themes_is_found_and_no_other() -> None:
    placements = placed([
        *MANY, ("even", "a", 1, 0.5, "core"), ("even", "b", 2, 0.5, "member"),
        ("leans", "b", 1, 0.8, "core"), ("leans", "a", 2, 0.2, "member"),
        ("aside", "a", 1, 0.5, "core"), ("aside", "b", 2, 0.5, "member"),
        ("loose", "a", 1, 0.4, "loose"), ("loose", "b", 2, 0.3, "loose")])
    found = compute_bridges(placements, THEMES, near({
        "even": SIDES, "leans": SIDES, "aside": SIDES[:4], "loose": SIDES, "a0": SIDES[1:]}))
    assert list(found["paper_id"]) == ["even", "leans"], "neither one that only its strengths nor one that is loose"
    even, leans = found.to_dict("records")
    assert even["score"] == 1 and leans["score"] == pytest.approx(np.sqrt(0.4))
    assert (leans["theme_key"], leans["other_key"], leans["n_neighbours_here"]) == ("b", "a", 4)
    assert even["reason"] == "50 % Alpha, 50 % Beta; of its 8 nearest papers, 4 in the one and 4 in the other"


def test_more_neighbours_on_the_poorer_side_connect_better() -> None:
    scores = []
    for n_there in range(1, 5):
        company = SIDES[:4] + SIDES[4 : 4 + n_there]
        placements = placed([*MANY, ("x", "a", 1, 0.5, "core"), ("x", "b", 2, 0.5, "member")])
        scores.append(compute_bridges(placements, THEMES, near({"x": company}))["score"].iloc[0])
    assert scores == sorted(scores) and 0 < scores[0] < scores[-1] == 1


def test_three_themes_are_three_pairs_and_the_order_changes_nothing() -> None:
    placements = placed([*MANY, ("c0", "c", 1, 0.9, "core"), ("x", "a", 1, 0.4, "core"), ("x", "b", 2, 0.3, "member"),
                         ("x", "c", 3, 0.2, "member")])
    neighbours = near({"x": [*SIDES, "c0"]})
    found = compute_bridges(placements, THEMES, neighbours)
    assert sorted(zip(found["theme_key"], found["other_key"], strict=True)) == [("a", "b"), ("a", "c"), ("b", "c")]
    mixed = compute_bridges(placements.sample(frac=1, random_state=1), THEMES,
                            neighbours.sample(frac=1, random_state=2))
    pd.testing.assert_frame_equal(found, mixed)


def test_without_a_second_theme_or_a_neighbour_nothing_is_connected() -> None:
    assert compute_bridges(placed(MANY), THEMES, near({"a0": SIDES[1:]})).empty
    alone = placed([("x", "a", 1, 0.5, "core"), ("x", "b", 2, 0.5, "member")])
    assert compute_bridges(alone, THEMES, near({"x": []}).reindex(columns=NEIGHBOURS.column_names)).empty
    assert compute_bridges(placed([]), THEMES, pd.DataFrame(columns=NEIGHBOURS.column_names)).empty
