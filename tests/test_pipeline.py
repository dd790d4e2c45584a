"""The whole street on the seed feed, and on next to nothing."""

import json
from pathlib import Path

import numpy as np
import pytest

from analysis.corpus import InputFile, read_dates
from analysis.embed import embed_texts
from analysis.pipeline import analyse
from analysis.schema import TABLES
from analysis.settings import Settings, read_declared_themes
from analysis.store import VectorCache, read_inputs
from analysis.store.tables import table_bytes
from analysis.themes.bertopic_model import fitted_bertopic

ROOT = Path(__file__).parent.parent
RECOMMENDATION = {
    "Self-supervised Learning for Large-scale Item Recommendations",
    "Long-Sequence Recommendation Models Need Decoupled Embeddings",
    "Semantic Retrieval Augmented Contrastive Learning for Sequential Recommendation",
    "Rethinking Large Language Model Architectures for Sequential Recommendations",
    "Item-Language Model for Conversational Recommendation",
}


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return VectorCache(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="module")
def declared():
    return read_declared_themes((ROOT / "data/curated/themes.toml").read_text(), "themes.toml")


@pytest.fixture(scope="module")
def run(cache, declared):
    dates = read_dates(read_inputs([ROOT / "data/curated/published.csv"])[0])
    return analyse(read_inputs([ROOT / "data/raw"]), Settings(), declared, dates, cache)


def _bytes(run):
    return {name: table_bytes(frame, TABLES[name]) for name, frame in run.tables.items()}


def _filled(run):
    return run.themes[(run.themes["n_papers"] > 0) & (run.themes["level"] == "theme")]


def test_the_seed_is_read_whole(run):
    assert len(run.papers) == 90 and len(run.dropped) == 0
    assert (run.papers["published_precision"] != "none").all()


def test_the_seed_has_themes_of_a_readable_number_and_size(run):
    filled = _filled(run)
    primary = run.placements[run.placements["rank"] == 1]
    assert 9 <= len(filled) <= 16
    assert filled["n_papers"].max() <= 0.25 * 90
    assert (primary["tier"] == "loose").mean() <= 0.10
    assert run.themes["name"].is_unique


def test_the_seed_holds_when_papers_are_left_out(run):
    quality = run.quality.set_index("metric")
    assert quality.loc["refit_agreement", "value"] >= 0.60


def test_recommendation_holds_its_five_papers_and_none_else_first(run):
    first = run.placements[(run.placements["rank"] == 1) & (run.placements["theme_key"] == "recommendation")]
    titles = run.papers.set_index("paper_id")["title"]
    assert set(titles[first["paper_id"]]) == RECOMMENDATION


def test_reading_the_seed_by_choice_is_above_newest_first_and_chance(run):
    table = run.budget.pivot(index="n_read", columns="way", values="covered").loc[2:80]
    assert set(table.columns) == {"best cover", "newest first", "at random"}, "the seed has no upvotes"
    assert (table["newest first"] < table["best cover"]).all()
    lucky = run.budget[run.budget["way"] == "at random"].set_index("n_read").loc[2:30, "covered_high"]
    assert (lucky < table.loc[2:30, "best cover"]).all(), "above what one draw in forty reaches"


def test_each_paper_of_the_seed_has_neighbours_and_the_same_in_every_table(run):
    assert run.neighbours.groupby("paper_id").size().tolist() == [8] * 90
    assert list(run.novelty["paper_id"]) == list(run.papers["paper_id"])
    assert run.novelty["basis"].value_counts()["compared"] >= 60
    strength = run.placements.set_index(["paper_id", "theme_key"])["strength"]
    for bridge in run.bridges.itertuples():
        assert bridge.strength == strength[bridge.paper_id, bridge.theme_key]
        assert bridge.other_strength == strength[bridge.paper_id, bridge.other_key]


def test_shuffled_papers_give_the_same_bytes(run, cache, declared):
    titles = run.papers.sample(frac=1.0, random_state=1)
    lines = "\n".join(json.dumps({"title": p.title, "abstract": p.abstract, "date": p.published})
                      for p in titles.itertuples())
    straight = "\n".join(sorted(lines.split("\n")))
    first, second = (
        analyse([InputFile("feed.jsonl", text.encode())], Settings(n_resamples=2), declared, None, cache)
        for text in (lines, straight)
    )
    assert _bytes(first) == _bytes(second)


@pytest.mark.parametrize("n_papers", [0, 1, 2, 3, 5, 8, 13])
def test_any_number_of_papers_is_a_run(n_papers, run, cache, declared):
    few = run.papers.head(n_papers)
    text = "\n".join(json.dumps({"title": p.title, "abstract": p.abstract}) for p in few.itertuples())
    small = analyse([InputFile("feed.jsonl", text.encode())], Settings(n_resamples=2), declared, None, cache)
    assert len(small.papers) == n_papers
    assert set(TABLES) == set(small.tables)
    assert {"distillation", "in-context-learning", "recommendation"} <= set(small.themes["theme_key"])


def test_the_run_is_known_by_its_inputs_and_settings(run, cache, declared):
    inputs = [InputFile("feed.jsonl", b'{"title": "A title of a paper", "abstract": "It has an abstract."}')]
    ids = [analyse(inputs, settings, declared, None, cache).run_id
           for settings in (Settings(), Settings(), Settings(detail=0.6))]
    assert ids[0] == ids[1] != ids[2]
    assert run.manifest["counts"] == {"read": 90, "kept": 90, "dropped": 0}


def test_a_fitted_bertopic_model_can_be_taken_out(run, cache):
    texts = [f"{p.title}. {p.abstract}" for p in run.papers.itertuples()]
    vectors = embed_texts(texts, run.manifest["embedding"]["model"], cache)[0]
    model = fitted_bertopic(run, vectors)
    info = model.get_topic_info()
    filled = _filled(run)
    assert sorted(info["Count"]) == sorted(filled["n_papers"])
    assert set(info["CustomName"]) == set(filled["name"])
    assert len(np.unique(model.transform(texts[:20], vectors[:20])[0])) > 1
