"""The papers to read cover what is new, and say honestly how much of it."""

from __future__ import annotations

import time

import numpy as np
import pytest

from analysis.reading import choose_reading, usual_similarity


def planted(sizes: list[int], spread: float = 0.04, seed: int = 0, d: int = 48) -> tuple[np.ndarray, np.ndarray]:
    """Unit rows around orthogonal centres, and each row's centre."""
    rng = np.random.default_rng(seed)
    where = np.repeat(np.arange(len(sizes)), sizes)
    rows = np.eye(d)[where] + spread * rng.standard_normal((len(where), d))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True), where


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
    assert read["covered"].iloc[-1] < 0.05, "ten are 1 % themselves"


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
    assert read.to_dict("records") == [{"paper_id": "a", "rank": 1, "gain": 1.0, "covered": 1.0}]
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
    assert len(choose_reading(names(10_000), vectors, np.ones(10_000, bool), 10)) == 10
    assert time.perf_counter() - began < 60


@pytest.mark.parametrize(("n_ids", "n_flags", "k"), [(2, 3, 1), (3, 2, 1), (3, 3, 0)])
def test_what_does_not_fit_is_refused(n_ids: int, n_flags: int, k: int) -> None:
    with pytest.raises(ValueError, match="expected"):
        choose_reading(names(n_ids), np.eye(3), np.ones(n_flags, bool), k)
