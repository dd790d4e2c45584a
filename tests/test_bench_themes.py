"""The comparison with other people's methods: its measures on planted answers, and a run with our method alone."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import bench_themes  # noqa: E402
from benchmarks.themes import measures, runs  # noqa: E402
from benchmarks.themes.corpora import TITLES, BenchCorpus, list_corpora, read_corpus  # noqa: E402
from benchmarks.themes.floors import check_floors  # noqa: E402
from benchmarks.themes.judge import judge_result  # noqa: E402
from benchmarks.themes.naming import judge_names, normal_words, split_name  # noqa: E402
from benchmarks.themes.registry import METHODS, PEERS, choose_methods, method_version, pinned_versions  # noqa: E402
from benchmarks.themes.report import COLUMNS, END, START, replace_block, write_block, write_page  # noqa: E402
from benchmarks.themes.task import NOT_THERE, draw_variants  # noqa: E402

OURS = choose_methods(["ours"])[0]
TOPICS = {
    "fruit": "ripe apple orchards and pear harvest of sweet apple orchards",
    "metal": "molten copper alloys and zinc casting of hard copper alloys",
    "ocean": "deep coral reefs and tidal currents around warm coral reefs",
}


def planted_corpus(n_each: int = 14) -> BenchCorpus:
    """Three kinds of papers, far apart in words and in vectors."""
    rng = np.random.default_rng(0)
    centres = np.eye(384)[:3]
    texts, rows, labels = [], [], []
    for kind, (label, words) in enumerate(TOPICS.items()):
        for number in range(n_each):
            mixed = " ".join(rng.permutation(words.split()))
            texts.append((f"{words.split()[1]} {words.split()[2]} {number}", f"We describe {words}. It has {mixed}."))
            rows.append(centres[kind] + 0.02 * rng.normal(size=384))
            labels.append(label)
    vectors = np.array(rows, dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return BenchCorpus("planted", texts, vectors, np.array(labels, dtype=object))


def test_a_perfect_grouping_agrees_whatever_its_numbers():
    truth = np.array(list("aabbcc"), dtype=object)
    assert measures.compare_labels(np.array([2, 2, 0, 0, 1, 1]), truth) == pytest.approx((1, 1))
    assert measures.compare_labels(np.zeros(6, dtype=int), truth) == pytest.approx((0, 0))


def test_papers_that_are_not_placed_are_one_more_guess():
    truth = np.array(list("aaabbb"), dtype=object)
    labels = np.array([0, 0, -1, 1, 1, -1])
    assert measures.compare_labels(labels, truth)[1] == pytest.approx(
        measures.compare_labels(np.array([0, 0, 2, 1, 1, 2]), truth)[1])
    assert measures.compare_labels(labels, truth)[1] < 1
    assert measures.count_themes(labels) == 2
    assert measures.coverage(labels, None) == pytest.approx(4 / 6)
    assert measures.largest_share(labels) == pytest.approx(2 / 6)


def test_loose_papers_are_not_covered():
    assert measures.coverage(np.zeros(4, dtype=int), np.array([True, False, False, False])) == 0.75


def test_refits_are_compared_on_the_papers_of_both():
    full, part = np.array([0, 0, 1, 1, 1]), np.array([5, 5, 3, 3, NOT_THERE])
    assert measures.compare_fits(full, part) == 1
    assert measures.largest_share(part) == pytest.approx(2 / 4)


def test_every_method_gets_the_same_variants():
    first, second = (list(draw_variants(50, 2)) for _ in range(2))
    assert [name for name, _ in first] == ["full", "shuffled", "left out 0", "left out 1"]
    assert all((a == b).all() for (_, a), (_, b) in zip(first, second, strict=True))
    rows = dict(first)
    assert sorted(rows["shuffled"]) == list(range(50)) and len(set(rows["left out 0"])) == 45
    assert [name for name, _ in draw_variants(50, 0)] == ["full"]


def test_diversity_is_the_share_of_different_words():
    assert measures.topic_diversity([["a", "b"], ["c", "D"]]) == 1
    assert measures.topic_diversity([["a", "b"], ["A", "b"]]) == 0.5
    assert math.isnan(measures.topic_diversity([]))


def test_words_that_always_meet_cohere_and_words_that_never_meet_do_not():
    texts = ["copper zinc"] * 5 + ["coral reef"] * 5
    assert measures.npmi_coherence([["copper", "zinc"], ["coral", "reef"]], texts) == pytest.approx(1)
    assert measures.npmi_coherence([["copper", "reef"]], texts) == pytest.approx(-1)
    assert measures.npmi_coherence([["copper zinc", "copper"]], texts) == pytest.approx(1), "a phrase is found"
    assert measures.npmi_coherence([["zinc copper", "copper"]], texts) == pytest.approx(-1), "in its order"
    mixed = ["copper zinc", "copper", "zinc", "tin"]
    assert measures.npmi_coherence([["copper", "zinc"]], mixed) == pytest.approx(0), "independent words"


def test_characteristic_words_set_groups_apart():
    texts = ["the copper alloy", "a copper alloy", "coral reef paper", "coral reef"]
    words = measures.characteristic_words(np.array([0, 0, 1, 1]), texts)
    assert set(words[0]) == {"copper", "alloy"} and words[1][:2] == ["coral", "reef"]
    assert len(measures.characteristic_words(np.array([-1, -1, 0, 0]), texts)) == 1


def test_strengths_that_say_the_truth_have_no_calibration_error():
    truth = np.array(["a"] * 95 + ["c"] * 5 + ["c"] * 55 + ["a"] * 45, dtype=object)
    labels = np.repeat([0, 1], 100)
    told = measures.measure_reliability(np.repeat([0.95, 0.55], 100), labels, truth)
    assert told["error"] == pytest.approx(0)
    assert [(row["n"], row["right"]) for row in told["bins"]] == [(100, 0.55), (100, 0.95)]
    assert measures.measure_reliability(np.full(200, 1.0), labels, truth)["error"] == pytest.approx(0.25)


def test_a_theme_of_two_labels_and_a_label_in_two_themes_are_no_errors_of_placement():
    labels, strengths = np.repeat([0, 1], 100), np.full(200, 1.0)
    joined = np.array(["a"] * 60 + ["b"] * 40 + ["c"] * 100, dtype=object)
    parted = np.array(["a"] * 200, dtype=object)
    for truth in (joined, parted):
        assert measures.measure_reliability(strengths, labels, truth)["bins"][-1]["right"] == 1
    assert measures.measure_reliability(strengths, labels, joined)["bins"][-1]["commonest"] == pytest.approx(0.8)


def test_names_are_judged_by_their_words():
    texts = ["Graph neural networks for drugs", "a graph neural network", "cooking of rice", "rice and cooking well"]
    labels = np.array([0, 0, 1, 1])
    found = judge_names(["Graph neural networks", "0_the_of_and_to"], labels, None, texts)
    assert found == {"without_stopwords": 0.5, "short": 1.0, "unique": 1.0, "said": 0.5}
    found = judge_names(["Rice cooking", "rice cooking"], labels, None, texts)
    assert found["unique"] == 0 and found["said"] == 0.5, "each word counts where the phrase is not said"
    assert judge_names(["one two three four five six"], labels, None, texts)["short"] == 0


def test_names_are_held_against_the_core():
    texts = ["about tea", "about tea", *["about coffee"] * 18]
    labels, strengths = np.zeros(20, dtype=int), np.array([0.9, 0.9, *[0.2] * 18])
    assert judge_names(["Tea"], labels, strengths, texts)["said"] == 1
    assert judge_names(["Tea"], labels, None, texts)["said"] == 0
    assert judge_names(["Tea"], labels, np.full(20, 0.1), texts)["said"] == 0, "without a core all papers are asked"


def test_names_are_split_as_people_read_them():
    assert split_name("12_deep_reef-fish") == ["deep", "reef-fish"]
    assert normal_words("Reef-fish, models and loss") == ["reef", "fish", "model", "and", "loss"]


def test_our_method_finds_what_is_planted(tmp_path):
    corpus = planted_corpus()
    result = runs.run(corpus, OURS, 1, 5, tmp_path / "no-peers", tmp_path)
    assert result["error"] is None and result["limit"] is None
    assert set(result["fits"]) == {"full", "shuffled", "left out 0"}
    found = judge_result(corpus, result, with_reliability=True)
    assert found["ami"] > 0.5 and found["n_themes"] >= found["n_labels"] == 3
    assert all(row["right"] == 1 for row in found["reliability"]["bins"]), "no theme holds two planted ones"
    assert found["shuffle_ari"] == 1 and found["left_out_ari"] > 0.5 and 0 < found["coverage"] <= 1
    assert found["names"]["unique"] == found["names"]["without_stopwords"] == 1
    assert found["seconds"] > found["encoder_seconds"] > 0 and found["peak_mb"] > 50
    assert sum(row["n"] for row in found["reliability"]["bins"]) == len(corpus.texts)
    assert runs.find_result(corpus, OURS, 1, 5, tmp_path) == result
    assert runs.find_result(corpus, OURS, 2, 5, tmp_path) is None, "fewer refits than are asked for"
    page = write_page({"seed": {"ours": found}}, {"seed": 42}, {}, check_floors({}, {}, None), "now", 15)
    row = next(line for line in page.splitlines() if line.startswith("| Paper Themes"))
    assert row.count("|") == len(COLUMNS) + 1 and f"| {found['ami']:.3f} |" in row and "(n=1) | 1.00 |" in row
    assert "Expected calibration error" in page


def test_measures_are_computed_once_per_result(tmp_path):
    corpus, calls = planted_corpus(2), []
    runs.result_path(corpus, OURS, tmp_path).parent.mkdir()

    def measure(value):
        return lambda: calls.append(value) or {"value": value}

    assert runs.keep_measures(corpus, OURS, {"a": 1}, measure(1), tmp_path) == {"value": 1}
    assert runs.keep_measures(corpus, OURS, {"a": 1}, measure(2), tmp_path) == {"value": 1}
    assert runs.keep_measures(corpus, OURS, {"a": 2}, measure(3), tmp_path) == {"value": 3}
    assert calls == [1, 3]


def test_a_fit_that_takes_too_long_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "START_SECONDS", 0.5)
    with open(tmp_path / "log", "w") as log:
        assert runs._watch([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path, 0.5, log) is None
        assert runs._watch([sys.executable, "-c", "raise SystemExit(3)"], tmp_path, 0.5, log) == 3


def test_an_error_of_a_method_is_kept_and_told(tmp_path):
    corpus = planted_corpus(2)
    method = next(method for method in METHODS if method.key == "bertopic")
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'Traceback'; echo 'ValueError: too few'; exit 1\n")
    python.chmod(0o755)
    result = runs.run(corpus, method, 0, 1, python, tmp_path)
    assert result["error"] == "ValueError: too few"
    assert result["fits"] == {} and judge_result(corpus, result, with_reliability=False) == {}
    rows = {"bertopic": judge_result(corpus, result, with_reliability=False)}
    page = write_page({"seed": rows}, {"seed": 6}, {("seed", "bertopic"): "failed: X"}, [], "now", 15)
    assert "| BERTopic | failed: X |" in page


def test_floors_are_judged_on_what_was_measured():
    names = dict.fromkeys(("without_stopwords", "short", "unique", "said"), 1.0)
    ours = {"ami": 0.6, "k_error": 0.3, "coverage": 0.95, "shuffle_ari": 1.0, "left_out_ari": 0.8,
            "left_out_largest": 0.3, "names": names}
    measured = {name: {"ours": ours, "bertopic": {"ami": 0.5}, "kmeans": {"ami": 0.9}} for name in TITLES}
    sizes = {name: 90 if name == "seed" else 2000 for name in TITLES}
    times = {"ours": {"seconds": 12.0, "encoder_seconds": 2.0, "processor_seconds": 14.0},
             "bertopic": {"seconds": 30.0, "encoder_seconds": 0.0, "processor_seconds": 31.0}}
    floors = {row.what: row.is_met for row in check_floors(measured, sizes, times)}
    stretch = [what for what in floors if "stretch" in what]
    assert [what for what, met in floors.items() if not met] == stretch, "an oracle is no peer to be above"
    measured["bbc_news_raw"]["bertopic"] = {"ami": 0.95}
    measured["seed"]["ours"] = ours | {"left_out_ari": 0.5, "shuffle_ari": 0.999}
    missed = [row.what for row in check_floors(measured, sizes, times) if row.is_met is False]
    assert len(missed) == 4 and any("seed" in what for what in missed)
    assert all(row.is_met is None for row in check_floors({}, {}, None))


def test_a_result_is_kept_by_version_of_its_method():
    pins = pinned_versions()
    for method in METHODS:
        assert all(package in pins for package in method.packages), f"{method.key} needs a pin in {PEERS.name}"
    assert "umap-learn=" in method_version(next(method for method in METHODS if method.key == "bertopic"))
    assert method_version(OURS) == method_version(OURS)
    assert "://" not in PEERS.read_text() and pins["torch"] == "2.13.0"
    assert "torch==2.13.0" in (ROOT / "Makefile").read_text()


def test_the_readme_has_a_place_for_the_table(tmp_path):
    text = (ROOT / "README.md").read_text()
    assert text.count(START) == text.count(END) == 1
    page = tmp_path / "README.md"
    page.write_text(text)
    replace_block(page, write_block({}, "now"))
    replace_block(page, write_block({}, "now"))
    written = page.read_text()
    assert written.partition(START)[0] == text.partition(START)[0]
    assert written.partition(END)[2] == text.partition(END)[2]
    page.write_text("nothing")
    with pytest.raises(SystemExit, match="expected"):
        replace_block(page, "")


def test_unknown_names_are_told():
    with pytest.raises(SystemExit, match="unknown method 'x'"):
        choose_methods(["x"])
    with pytest.raises(SystemExit, match="unknown corpus 'x'"):
        list_corpora(["x"], full=False)
    assert "acl_anthology" not in list_corpora(None, full=False)


def test_a_run_without_peers_and_corpora_measures_what_is_kept(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("benchmarks.themes.corpora.SHARED", tmp_path / "nowhere")
    monkeypatch.setattr(bench_themes, "SHARED", tmp_path / "nowhere")
    monkeypatch.setattr(bench_themes, "read_corpus", lambda name, labels: planted_corpus(2))
    out = tmp_path / "themes.md"
    code = bench_themes.main(["--methods", "bertopic", "--no-readme", "--out", str(out), "--results", str(tmp_path),
                              "--peers-python", str(tmp_path / "python")])
    assert code == 0
    said = capsys.readouterr()
    assert "measuring the seed feed alone" in said.err and "BERTopic is not run" in said.err
    assert "# Themes: measured" in out.read_text()


@pytest.mark.parametrize("name", ["bbc_news_raw"])
def test_corpora_come_with_vectors_and_labels_in_an_order_that_says_nothing(shared, name):
    corpus = read_corpus(name)
    assert corpus.n_labels == 5 and len(corpus.texts) == len(corpus.vectors) == 2225
    assert np.allclose(np.linalg.norm(corpus.vectors, axis=1), 1, atol=1e-4)
    changes = (corpus.labels[1:] != corpus.labels[:-1]).mean()
    assert changes > 0.7, "sorted by label"
    assert json.dumps(corpus.digest)
