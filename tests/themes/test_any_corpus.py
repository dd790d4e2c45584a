"""Whatever the papers: no exception, every paper placed, and a run that makes sense."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.settings import Settings
from analysis.themes import find_themes
from tests.themes.planted import fake_embed

SETTINGS = Settings(n_resamples=2)
WORDS = ("graph", "lava", "orchestra", "protein", "harbour", "prune", "lens", "tariff", "quark", "sonnet", "loom")
ODD = {
    "identical": [("Same title", "The same abstract again.")] * 30,
    "one word": [(word, word) for word in WORDS * 3],
    "empty abstracts": [(f"Title {word} number {i}", "") for i, word in enumerate(WORDS * 2)],
    "Chinese": [("大型语言模型的知识蒸馏", f"我们研究第{i}种蒸馏方法。实验表明该方法有效。") for i in range(20)],
    "Arabic": [("التعلم العميق", f"ندرس الطريقة رقم {i} في التعلم. النتائج جيدة.") for i in range(20)],
    "emoji": [("🚀🔥", "🎉 " * (i % 7 + 1)) for i in range(20)],
    "digits": [(str(i), f"{i * i} {i + 1}") for i in range(20)],
    "50,000 words": [(f"Long paper {i}", "the graph lens " * 16_667) for i in range(8)],
    "stop words": [("the of and to", "and the of to in") for _ in range(15)],
}


def _find(texts):
    papers = pd.DataFrame({
        "paper_id": [f"p{i:03d}" for i in range(len(texts))],
        "title": pd.Series([title for title, _ in texts], dtype="str"),
        "abstract": pd.Series([abstract for _, abstract in texts], dtype="str"),
    })
    vectors = fake_embed([f"{title} {abstract[:300]}" for title, abstract in texts])
    return find_themes(papers, vectors, SETTINGS, fake_embed)


def _makes_sense(found, n_papers):
    primary = found.placements[found.placements["rank"] == 1]
    middle = found.themes[found.themes["level"] == "theme"]
    assert primary["paper_id"].nunique() == len(primary) == n_papers
    assert middle["n_papers"].sum() == n_papers and (middle["n_papers"] > 0).all()
    assert found.placements["strength"].between(0, 1).all()
    assert found.placements.groupby("paper_id")["rank"].max().le(3).all()
    assert found.themes["name"].str.len().gt(0).all() and found.themes["name"].is_unique
    assert len(found.map) == n_papers and np.isfinite(found.map[["x", "y"]].to_numpy()).all()


@pytest.mark.parametrize("n_papers", [0, 1, 2, 3, 4, 5, 6, 7, 11, 12, 13])
def test_few_papers(n_papers):
    rng = np.random.default_rng(n_papers)
    _makes_sense(_find([_paper(rng) for _ in range(n_papers)]), n_papers)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(n_papers=st.integers(14, 200), seed=st.integers(0, 1000))
def test_any_number_of_papers(n_papers, seed):
    rng = np.random.default_rng(seed)
    _makes_sense(_find([_paper(rng) for _ in range(n_papers)]), n_papers)


@pytest.mark.parametrize("kind", ODD)
def test_odd_papers(kind):
    _makes_sense(_find(ODD[kind]), len(ODD[kind]))


def _paper(rng):
    subject = rng.integers(len(WORDS))
    said = " ".join(rng.choice(WORDS, 6)) + f" {WORDS[subject]}" * 4
    return f"On {WORDS[subject]}", f"We study {said}."
