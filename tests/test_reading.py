"""The papers to read cover what is new, and say honestly how much of it."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from analysis.reading import choose_reading, usual_similarity


def planted(sizes: list[int], spread: float = 0.04, seed: int = 0, d: int = 48) -> tuple[np.ndarray, np.ndarray]:
    """Unit rows around orthogonal centres, and each row's centre."""
    rng = np.random.default_rng(seed)
    where = np.repeat(np.arange(len(sizes)), sizes)
    rows = np.eye(d)[where] + spread * rng.standard_normal((len(where), d))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True), where


def placed(ids: list[str], themes: np.ndarray, strength: float = 0.8) -> pd.DataFrame:
    """Each paper in one theme."""
    return pd.DataFrame({"paper_id": ids, "theme_key": [f"t{theme}" for theme in themes], "rank": 1,
                         "strength": strength})


def names(n: int) -> list[str]:
    return [f"p{i:05}" for i in range(n)]


def coverage(vectors: np.ndarray, picked: np.ndarray) -> float:
    """What the docstring says, over all pairs at once."""
    similarity = vectors @ vectors.T
    usual = usual_similarity(vectors)
    covers = np.clip((similarity - usual) / (1 - usual), 0, 1)
    np.fill_diagonal(covers, 1)
    return float(covers[picked].max(axis=0).mean())


@pytest.mark.parametrize("sizes", [[30, 30], [40, 25, 20, 10, 5], [7] * 12])
def test_one_paper_of_each_planted_cluster_comes_first(sizes: list[int]) -> None:
    vectors, where = planted(sizes)
    read = choose_reading(names(len(vectors)), vectors, np.ones(len(vectors), bool), len(sizes))
    found = [where[int(paper_id[1:])] for paper_id in read["paper_id"]]
    assert sorted(found) == list(range(len(sizes)))
    if len(set(sizes)) == len(sizes):
        assert found == list(range(len(sizes))), "the largest first"
    assert list(read["rank"]) == list(range(1, len(sizes) + 1))


@pytest.mark.parametrize("seed", range(5))
def test_never_worse_than_the_newest_or_chance(seed: int) -> None:
    vectors, _ = planted([40, 30, 12, 9, 5, 2, 1, 1], spread=0.15, seed=seed)
    n, k, rng = len(vectors), 6, np.random.default_rng(seed)
    vectors = vectors[rng.permutation(n)]
    read = choose_reading(names(n), vectors, np.ones(n, bool), k)
    ours = coverage(vectors, read["paper_id"].str[1:].astype(int).to_numpy())
    assert ours == pytest.approx(read["covered"].iloc[-1], abs=1e-4), "what is told is what is"
    assert ours >= coverage(vectors, np.arange(n - k, n))
    assert ours >= max(coverage(vectors, rng.choice(n, k, replace=False)) for _ in range(200))


def test_lazily_is_the_same_as_plainly() -> None:
    vectors, _ = planted([30, 20, 20, 8, 3], spread=0.2, seed=4)
    n = len(vectors)
    read = choose_reading(names(n), vectors, np.ones(n, bool), 8)
    picked: list[int] = []
    for _ in range(8):
        picked.append(max(set(range(n)) - set(picked), key=lambda i: coverage(vectors, np.array([*picked, i]))))
    assert list(read["paper_id"]) == [names(n)[i] for i in picked]


def test_gains_shrink_add_up_and_stay_within_bounds() -> None:
    vectors, _ = planted([20, 10, 5], spread=0.2)
    read = choose_reading(names(35), vectors, np.ones(35, bool), 100)
    assert len(read) <= 35 and read["paper_id"].is_unique
    assert (read["gain"].diff().dropna() <= 1e-6).all() and (read["gain"] > 0).all()
    assert np.allclose(read["gain"].cumsum(), read["covered"], atol=1e-6)
    assert read["covered"].iloc[-1] == pytest.approx(1, abs=1e-5)


def test_only_new_papers_are_chosen_and_counted() -> None:
    vectors, where = planted([50, 20, 10])
    read = choose_reading(names(80), vectors, where > 0, 2)
    assert [where[int(paper_id[1:])] for paper_id in read["paper_id"]] == [1, 2]
    assert read["covered"].iloc[-1] > 0.7


def test_unrelated_papers_cover_little() -> None:
    rng = np.random.default_rng(0)
    rows = rng.standard_normal((1000, 384)) + 3 * np.ones(384)  # alike as a whole, as texts of one language are
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    assert (rows[:2] @ rows[2]).min() > 0.8
    read = choose_reading(names(1000), rows, np.ones(1000, bool), 10)
    assert read["covered"].iloc[-1] < 0.12, "ten are 1 % themselves, and the most central of noise are chosen"
    apart = placed(names(1000), np.arange(1000) % 20)
    assert choose_reading(names(1000), rows, np.ones(1000, bool), 10, apart)["covered"].iloc[-1] < 0.04


@pytest.mark.parametrize("sizes", [[60, 60], [108, 12], [12] * 10])
def test_what_is_usual_lies_between_strangers_and_kin(sizes: list[int]) -> None:
    vectors, where = planted(sizes, spread=0.08)
    pairs = vectors @ vectors.T
    kin = where[:, None] == where
    assert np.quantile(pairs[~kin], 0.9) < usual_similarity(vectors)
    assert usual_similarity(vectors) < np.quantile(pairs[kin], 0.9) or sizes[0] > 100, "of one theme all are kin"


def test_the_order_of_the_papers_changes_nothing() -> None:
    vectors, _ = planted([30, 20, 20, 8, 3], spread=0.2, seed=1)
    ids = np.array(names(len(vectors)))
    mixed = np.random.default_rng(1).permutation(len(ids))
    is_new = np.arange(len(ids)) % 3 > 0
    first = choose_reading(ids, vectors, is_new, 9)
    second = choose_reading(list(ids[mixed]), vectors[mixed], is_new[mixed], 9)
    assert first["paper_id"].equals(second["paper_id"])
    assert np.allclose(first["covered"], second["covered"], atol=1e-6)


def test_the_smallest_corpora() -> None:
    one, none = np.array([True]), np.array([False])
    assert choose_reading([], np.empty((0, 4)), np.empty(0, bool), 3).empty
    assert choose_reading(["a"], np.eye(4)[:1], none, 3).empty
    read = choose_reading(["a"], np.eye(4)[:1], one, 3)
    assert read[["paper_id", "rank", "gain", "covered"]].to_numpy().tolist() == [["a", 1, 1.0, 1.0]]
    assert pd.isna(read["theme_key"].iloc[0]) and "no other new paper is close" in read["reasons"].iloc[0]
    nothing = choose_reading(["a", "b"], np.zeros((2, 4)), np.ones(2, bool), 3)
    assert list(nothing["gain"]) == [0.5, 0.5], "a paper without a vector covers itself"


def test_identical_papers_are_read_once() -> None:
    rng = np.random.default_rng(2)
    vector = rng.standard_normal(384)
    vector /= np.linalg.norm(vector)
    read = choose_reading(["c", "a", "b"], np.tile(vector, (3, 1)).astype(np.float32), np.ones(3, bool), 3)
    assert list(read["paper_id"]) == ["a"] and read["covered"].iloc[0] == 1


def test_ten_thousand_papers_take_seconds() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((10_000, 384)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    began = time.perf_counter()
    themes = placed(names(10_000), np.arange(10_000) % 60)
    assert len(choose_reading(names(10_000), vectors, np.ones(10_000, bool), 25, themes)) == 25
    assert time.perf_counter() - began < 60  # measured: 2 s; the bound is for a machine that is busy


def test_a_paper_of_another_theme_is_not_covered() -> None:
    vectors, _ = planted([40, 40], spread=0.05)
    together, apart = np.zeros(80, dtype=int), np.arange(80) % 2
    everyone = np.ones(80, bool)
    one = choose_reading(names(80), vectors, everyone, 4, placed(names(80), together))
    two = choose_reading(names(80), vectors, everyone, 4, placed(names(80), apart))
    assert one["covered"].iloc[1] > 0.8, "one paper of each cluster"
    assert two["covered"].iloc[1] < 0.55 and two["covered"].iloc[3] > 0.8, "one of each cluster and theme"
    assert sorted(int(paper_id[1:]) % 2 for paper_id in two["paper_id"]) == [0, 0, 1, 1]
    assert list(one["theme_key"]) == ["t0"] * 4


def test_shared_themes_count_by_their_strengths() -> None:
    """Two pairs of close papers: the more of its strength a paper has in the other's theme, the more it is covered."""
    vectors, _ = planted([2, 100], spread=0.02)
    ids = names(102)
    gains = []
    for second in (0.0, 0.3, 0.6):
        placements = placed(ids, np.repeat([0, 1], [1, 101]), 0.6)
        more = pd.DataFrame([{"paper_id": "p00001", "theme_key": "t0", "rank": 2, "strength": second}])
        read = choose_reading(ids, vectors, np.arange(102) < 2, 2, pd.concat([placements, more]))
        gains.append(read["gain"].iloc[0])
    usual = usual_similarity(vectors)
    close = (vectors[0] @ vectors[1] - usual) / (1 - usual)
    shared = [0.0, 0.3 / np.hypot(0.3, 0.6), 0.6 / np.hypot(0.6, 0.6)]
    assert gains == pytest.approx([(1 + close * part) / 2 for part in shared], abs=1e-4)


def test_every_rank_has_its_reason() -> None:
    vectors, where = planted([30, 10, 1], spread=0.02)
    themes = np.where(np.arange(41) < 3, 9, where)  # three of the first thirty are called otherwise
    both = pd.concat([placed(names(41), themes), placed(names(41), where).assign(rank=2).iloc[:3]])
    read = choose_reading(names(41), vectors, np.ones(41, bool), 3, both)
    assert list(read["reasons"]) == [
        "closest of those chosen so far to 29 other new papers, 26 of its theme",
        "closest of those chosen so far to 9 other new papers, all of its theme",
        "no other new paper is close to it, and it is unlike those ranked before"]
    assert list(read["theme_key"]) == ["t0", "t1", "t2"]


def test_the_first_of_many_are_those_of_few() -> None:
    vectors, _ = planted([30, 20, 20, 8, 3], spread=0.2, seed=2)
    many, few = (choose_reading(names(81), vectors, np.ones(81, bool), k) for k in (20, 6))
    pd.testing.assert_frame_equal(many.head(6), few)


@pytest.mark.parametrize(("n_ids", "n_flags", "k"), [(2, 3, 1), (3, 2, 1), (3, 3, 0)])
def test_what_does_not_fit_is_refused(n_ids: int, n_flags: int, k: int) -> None:
    with pytest.raises(ValueError, match="expected"):
        choose_reading(names(n_ids), np.eye(3), np.ones(n_flags, bool), k)
