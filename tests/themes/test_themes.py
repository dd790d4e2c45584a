"""Declared and found themes, placements, evidence, names and the map, on planted corpora."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analysis.corpus import split_sentences
from analysis.schema import SEPARATOR
from analysis.settings import DeclaredTheme, Settings
from analysis.themes import find_themes
from analysis.themes.datamap import map_papers
from analysis.themes.evidence import find_evidence
from analysis.themes.graph import build_graph
from analysis.themes.guided import check_examples, compile_phrases, score_declared
from analysis.themes.place import blend_themes, place_papers
from tests.themes.planted import SUBJECTS, fake_embed, planted_corpus

SETTINGS = Settings(n_resamples=3)
ORCHARD = DeclaredTheme("orchard", "Orchards", "Fruit growing in orchards.", ("orchard", "apple", "blossom"))
DESERTED = DeclaredTheme("quasar", "Quasars", "Very distant galactic nuclei.", ("quasar",))


def _papers(texts):
    return pd.DataFrame({
        "paper_id": [f"p{i:03d}" for i in range(len(texts))],
        "title": [title for title, _ in texts], "abstract": [abstract for _, abstract in texts],
    })


def _embed(vectors, labels):
    """Give the declared orchards the place of the planted ones, as a model would."""
    orchards = vectors[labels == list(SUBJECTS).index("orchard")].mean(axis=0)

    def embed(texts):
        rows = fake_embed(texts)
        for row, text in enumerate(texts):
            if text.startswith(ORCHARD.name):
                rows[row] = orchards / np.linalg.norm(orchards)
        return rows

    return embed


@pytest.fixture(scope="module")
def found():
    texts, vectors, labels = planted_corpus(12)
    papers = _papers(texts)
    return papers, labels, find_themes(papers, vectors, SETTINGS, _embed(vectors, labels), (ORCHARD, DESERTED))


def test_every_paper_has_exactly_one_primary_theme(found):
    papers, _, themes = found
    primary = themes.placements[themes.placements["rank"] == 1]
    assert sorted(primary["paper_id"]) == sorted(papers["paper_id"])
    assert themes.themes.query("level == 'theme'")["n_papers"].sum() == len(papers)


def test_a_declared_theme_without_a_paper_is_still_listed(found):
    row = found[2].themes.set_index("theme_key").loc["quasar"]
    assert row["n_papers"] == 0 and row["declared"] and row["name"] == "Quasars"


def test_the_declared_theme_takes_its_papers_and_none_else(found):
    papers, labels, themes = found
    said = papers["title"].str.contains("orchard") & papers["abstract"].str.contains("apple|blossom|orchard")
    primary = themes.placements[themes.placements["rank"] == 1].set_index("paper_id")["theme_key"]
    inside = primary[primary == "orchard"].index
    subject = dict(zip(papers["paper_id"], labels, strict=True))
    assert {subject[paper] for paper in inside} == {list(SUBJECTS).index("orchard")}
    assert len(inside) >= 0.8 * said.sum()


def test_names_are_unique_and_said_by_the_papers(found):
    papers, _, themes = found
    named = themes.themes[~themes.themes["declared"]]
    assert named["name"].is_unique
    everything = " ".join(papers["title"] + " " + papers["abstract"]).lower()
    assert all(name.lower().rstrip("s") in everything for name in named["name"] if not name.startswith("Other"))


def test_evidence_quotes_a_sentence_that_says_one_of_the_terms(found):
    papers, _, themes = found
    abstracts = papers.set_index("paper_id")["abstract"]
    told = themes.placements.dropna(subset=["evidence_start"])
    assert len(told) >= 0.8 * len(themes.placements)
    for row in told.itertuples():
        sentence = abstracts[row.paper_id][row.evidence_start:row.evidence_end].lower()
        assert sentence.endswith(".")
        assert any(term.lower().rstrip("s") in sentence for term in row.evidence_terms.split(SEPARATOR))


def test_a_sentence_is_quoted_wherever_a_pattern_finds_the_term():
    # A pattern that takes no heed of capitals finds long s, the Kelvin sign and the i of Turkish as well.
    abstract = "An index of ſpeech. Kelvins are K. An ındex, an İNDEX. STRASSE, ſtraße, c++ 模型。In context."
    for term in ("index", "speech", "k", "ındex", "straße", "strasse", "c++", "模型", "in-context", "ICL", "an index"):
        papers = _papers([("Of an index and in context", abstract)])
        told = find_evidence(pd.DataFrame({"paper_id": ["p000"], "theme_key": ["t"]}), papers, {"t": [term]}).iloc[0]
        pattern = compile_phrases([term])
        found = [pattern.search(abstract, start, end) is not None for start, end in split_sentences(abstract)]
        first = split_sentences(abstract)[found.index(True)] if any(found) else (pd.NA, pd.NA)
        assert (told["evidence_start"], told["evidence_end"]) == first or not any(found), term
        assert pd.isna(told["evidence_start"]) != any(found), term


def test_the_same_papers_give_the_same_tables(found):
    papers, _, themes = found
    _, vectors, labels = planted_corpus(12)
    again = find_themes(papers, vectors, SETTINGS, _embed(vectors, labels), (ORCHARD, DESERTED))
    pd.testing.assert_frame_equal(themes.placements, again.placements)
    pd.testing.assert_frame_equal(themes.map, again.map)


@pytest.mark.parametrize("n_papers", [0, 1, 2, 3, 5, 8, 13])
def test_few_papers_are_all_placed(n_papers):
    texts, vectors, _ = planted_corpus(4)
    themes = find_themes(_papers(texts[:n_papers]), vectors[:n_papers], SETTINGS, fake_embed, (DESERTED,))
    assert (themes.placements["rank"] == 1).sum() == n_papers
    assert len(themes.map) == n_papers
    assert "quasar" in set(themes.themes["theme_key"])


def test_a_phrase_is_found_as_words_whatever_its_hyphens_plural_and_capitals():
    pattern = compile_phrases(["in-context learning", "ICL", "teacher model"])
    assert pattern.findall("In-Context Learning; in context learning; ICL; teacher models")
    assert len(pattern.findall("In-Context Learning; in context learning; ICL; teacher models")) == 4
    assert not pattern.search("icl, unicl, learning in context, teacherly model")
    assert compile_phrases([]) is None


def test_a_passing_mention_does_not_place_a_paper_and_a_title_does():
    theme = DeclaredTheme("d", "Distillation", "A student imitates its teacher.", ("distillation",), ("whisky",))
    vectors = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
    centre = np.array([[0.4, 0.9165]])
    texts = [
        ("Distillation of rankers", "Distillation helps. We use distillation."), ("Rankers", "Unlike distillation, …"),
        ("Distillation of whisky", "Distillation and distillation."),
    ]
    strong, weak, excluded = score_declared([theme], centre, texts, vectors)[:, 0]
    assert strong > 0.5 > weak
    assert excluded < strong


def test_a_found_theme_that_is_the_declared_one_is_taken_in():
    found = np.array([[0.9, 0.1]] * 6 + [[0.1, 0.9]] * 6)
    guided = np.array([[0.8]] * 5 + [[0.0]] * 7)
    blend = blend_themes(found, guided, [ORCHARD])
    assert blend.taken_in == {0: 0}
    assert list(blend.primary) == [0] * 5 + [1] * 7


def test_placements_are_ranked_and_weak_further_ones_are_left_out():
    strengths = np.array([[0.7, 0.25, 0.05], [0.1, 0.15, 0.12]])
    table = place_papers(["a", "b"], ["x", "y", "z"], strengths, 3)
    assert table.values.tolist() == [
        ["a", "x", 1, 0.7, "core"], ["a", "y", 2, 0.25, "member"], ["b", "y", 1, 0.15, "loose"],
    ]


def test_the_map_is_the_same_twice_and_within_bounds():
    _, vectors, _ = planted_corpus(6)
    graph = build_graph(vectors, 8)
    (first, method), (second, _) = map_papers(vectors, graph, 0), map_papers(vectors, graph, 0)
    assert method == "UMAP" and np.array_equal(first, second)
    assert np.abs(first).max() == pytest.approx(1.0)
    assert map_papers(vectors[:5], graph[:5][:, :5], 0)[1] == "principal components"


def test_the_map_goes_on_from_the_one_before():
    _, vectors, _ = planted_corpus(40)
    graph = build_graph(vectors, 8)
    old, _ = map_papers(vectors, graph, 0)
    new = np.arange(len(vectors)) % 20 == 0
    again, _ = map_papers(vectors, graph, 1, np.where(new[:, None], np.nan, old))
    fresh, _ = map_papers(vectors, graph, 1)
    moved, elsewhere = (np.median(np.linalg.norm(places - old, axis=1)[~new]) for places in (again, fresh))
    assert moved < elsewhere / 3
    near = np.array([np.linalg.norm(again - again[row], axis=1).argsort()[1:9] for row in np.flatnonzero(new)])
    like = vectors[new] @ vectors.T
    assert np.take_along_axis(like, near, axis=1).mean() > like.mean() + 0.2


def test_examples_give_recall_and_precision_of_the_words_alone():
    texts, vectors, labels = planted_corpus(12)
    subjects = list(SUBJECTS)
    orchards = [texts[i][0] for i in np.flatnonzero(labels == subjects.index("orchard"))[:4]]
    violins = [texts[i][0] for i in np.flatnonzero(labels == subjects.index("violin"))[:4]]
    lava = [texts[i][0] for i in np.flatnonzero(labels == subjects.index("volcano"))[:2]]
    declared = (
        replace(ORCHARD, papers=(*orchards, *lava)),  # two examples that the words cannot find
        DeclaredTheme("violin", "Violins", "Bowed strings.", ("violin", "orchard"), (), tuple(violins)),
    )
    centres = {name: vectors[labels == subjects.index(name)].mean(axis=0) for name in ("orchard", "violin")}
    meant = np.array([centres["orchard"], centres["orchard"] + centres["violin"]])
    meant /= np.linalg.norm(meant, axis=1, keepdims=True)
    by_words = score_declared(declared, meant, texts, vectors, trust_examples=False)
    own, other = check_examples(declared, by_words, [title for title, _ in texts])
    n_own = len({title for title, _ in texts if title in {*orchards, *lava}})
    assert own.n_examples >= n_own and 0.4 <= own.recall <= 0.8 and own.precision == 1.0
    # The violins' words take in every orchard too.
    assert other.recall >= 0.8 and 0.3 <= other.precision <= 0.7
    trusted = score_declared(declared, meant, texts, vectors)
    assert check_examples(declared, trusted, [title for title, _ in texts])[0].recall == 1.0
    assert check_examples((ORCHARD,), by_words[:, :1], [title for title, _ in texts]) == []
