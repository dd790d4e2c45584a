"""Names are what papers say: noun phrases, unique, without stop words."""

import numpy as np
import pandas as pd
import pytest

from analysis.embed import BUNDLED_MODEL, embed_texts
from analysis.names import name_themes, read_texts
from analysis.names.acronyms import find_acronyms
from analysis.names.phrases import extract_phrases, normal_form
from analysis.names.words import is_empty_opening, is_empty_word, stopwords
from tests.slow_phrases import ODD, extract_slowly
from tests.themes.planted import fake_embed

DISTIL = [
    ("Knowledge distillation for rankers", "With knowledge distillation we train students."),
    ("Small students", "A teacher guides by knowledge distillation. Students forget."),
    ("On knowledge distillation", "Does knowledge distillation of a teacher work? It does."),
    ("Rankers from teachers", "Teachers are slow; knowledge distillation, in turn, is not."),
]
SOLAR = [
    ("Solar cells at night", "Solar cells turn light into current. We propose them."),
    ("Light and current", "Dust on solar cells costs current. We clean solar cells."),
    ("Cheap solar cells", "Glass for solar cells is dear. Sand is not."),
    ("Sand and glass", "The glass of solar cells ages. So does sand."),
]
ICL = ("Demonstrations that help", "We study in-context learning (ICL) with few demonstrations. ICL is cheap.")


def _named(texts, labels, given=(), **options):
    strengths = np.eye(int(max(labels, default=0)) + 1)[np.array(labels, dtype=int)]
    vectors = fake_embed([f"{title}. {abstract}" for title, abstract in texts])
    return name_themes(texts, strengths, vectors, fake_embed, given, **options)


def test_a_theme_is_named_by_the_phrase_that_sets_it_apart():
    words = _named(DISTIL + SOLAR, [0] * 4 + [1] * 4)
    assert [theme.name for theme in words] == ["Knowledge distillation", "Solar cells"]
    assert words[0].coverage == 1.0 and words[0].parts == 1.0
    assert "solar cells" not in words[0].terms


def test_a_given_name_stands_and_is_not_used_again():
    words = _named(DISTIL + SOLAR, [0] * 4 + [1] * 4, ["Solar cell", None])
    assert words[0].name == "Solar cell"
    assert "solar" not in words[1].name.lower(), "the plural is the same name"


def test_a_theme_avoids_the_names_of_other_levels():
    words = _named(DISTIL + SOLAR, [0] * 4 + [1] * 4, avoid=[{"Knowledge Distillation"}, ()])
    assert words[0].name != "Knowledge distillation" and words[1].name == "Solar cells"


def test_themes_that_say_the_same_have_different_names():
    words = _named(SOLAR[:1] * 6, [0, 0, 1, 1, 2, 2])
    assert len({theme.name for theme in words}) == 3


def test_an_acronym_is_written_out_with_its_letters_behind():
    words = _named([ICL] * 4 + SOLAR, [0] * 4 + [1] * 4)
    assert words[0].name == "In-context learning (ICL)"


def test_what_only_one_child_says_does_not_name_the_parent():
    texts = [("Night light", f"Clean energy from {kind}. {kind.capitalize()} are clean energy. We like clean energy.")
             for kind in ["solar cells"] * 4 + ["wind turbines"] * 4]
    labels, children = [0] * 8 + [1] * 4, np.array([0] * 4 + [1] * 4 + [2] * 4)
    parent = _named([*texts, *DISTIL], labels, children=children)[0]
    assert parent.name == "Clean energy"
    assert not any("solar" in term or "wind" in term for term in parent.terms)


def test_levels_can_share_a_reading():
    texts, labels = DISTIL + SOLAR, [0] * 4 + [1] * 4
    reading = read_texts(texts, np.eye(2)[labels])
    assert _named(texts, labels, reading=reading) == _named(texts, labels)


@pytest.mark.parametrize("texts", [
    [], [("A title", "")], SOLAR[:1] * 5, [("深度学习", "我们研究深度学习。")] * 4, [("🙂🙂", "🙂 🙂 🙂")] * 3,
    [("<b>Bold</b>", "=HYPERLINK(1) <script>alert(1)</script> and more")] * 4, [("the of and", "or not to be")] * 3,
], ids=["none", "one", "identical", "Chinese", "emoji", "markup", "stop words"])
def test_any_papers_have_a_plain_name(texts):
    for theme in _named(texts, [0] * len(texts)):
        assert theme.name and len(theme.name.split()) <= 5
        assert not set("<>=\n") & set(theme.name)


def test_forms_join_hyphens_plurals_and_capitals():
    assert normal_form(["Language", "Models"]) == normal_form(["language", "model"])
    assert normal_form(["fine-tuning"]) == "fine tuning"
    assert normal_form(["pre-training"]) == normal_form(["pretraining"])
    assert normal_form(["analysis"]) == "analysis" and normal_form(["studies"]) == "study"
    assert normal_form(["labelled"]) == normal_form(["labeled"])


def test_long_forms_are_read_from_brackets():
    texts = [("", "We study in-context learning (ICL) and retrieval-augmented generation (RAG), (not THIS).")]
    found = find_acronyms(texts)
    assert found.long_forms == {"icl": "in-context learning", "rag": "retrieval-augmented generation"}
    assert found.expand("icl") == normal_form(["in-context", "learning"])


def test_letters_that_mean_two_things_stand_for_neither():
    texts = [("", "Adaptive moments (AM) help."), ("", "Active memory (AM) helps.")] * 3
    assert find_acronyms(texts).long_forms == {}


def test_phrases_end_at_stop_words_and_punctuation():
    said = extract_phrases([("", "Dense retrieval of passages, ranking models; l’analyse d’un corpus")], stopwords())
    assert {"dense retrieval", "passage", "ranking model", "analyse", "corpus"} <= said.papers[0]
    assert not {"retrieval passage", "passage ranking", "analyse corpus", "un corpus"} & said.papers[0]


def test_empty_words_are_empty():
    assert is_empty_word("The") and is_empty_word("propose") and not is_empty_word("distillation")
    assert is_empty_word("large-scale") and not is_empty_word("in-context")
    assert is_empty_opening("large", 2) and not is_empty_opening("large", 3)


@pytest.mark.parametrize("corpus", ["hf_daily_papers", "labeled_ai_areas"])
def test_names_on_real_corpora_hold_what_they_promise(shared, corpus):
    """Themes by K-Means on stored vectors: names want no stop word, five words, no twin, and papers that say them."""
    from sklearn.cluster import KMeans
    from sklearn.preprocessing import normalize

    stored = np.load(shared / f"corpora/{corpus}.vectors.npz")
    table = pd.read_parquet(shared / f"corpora/{corpus}.parquet").set_index("id").loc[stored["ids"][:600]]
    texts = list(zip(table["title"].fillna(""), table["abstract"].fillna(""), strict=True))
    vectors = normalize(stored["vectors"][:600].astype(np.float32))
    labels = KMeans(10, random_state=0, n_init=1).fit_predict(vectors)
    words = name_themes(texts, np.eye(10)[labels], vectors, lambda said: embed_texts(said, BUNDLED_MODEL, None)[0])
    names = [theme.name for theme in words]
    assert len({normal_form(name.split()) for name in names}) == 10
    assert all(len(name.split()) <= 5 for name in names)
    assert not {word.lower() for name in names for word in name.split()} & stopwords()
    assert np.mean([theme.coverage >= 0.3 or theme.parts >= 0.6 for theme in words]) >= 0.7


@pytest.mark.parametrize("texts", [ODD, ODD[::-1], ODD[:1], DISTIL + SOLAR, [("", "")], []])
@pytest.mark.parametrize("least", [1, 2])
def test_phrases_are_those_that_are_read_one_by_one(texts, least):
    slow, fast = extract_slowly(texts), extract_phrases(texts, stopwords(), least)
    often = {form for form in slow.surfaces if sum(form in said for said in slow.papers) >= least}
    assert set(fast.surfaces) >= often and all(slow.surfaces[form] == ways for form, ways in fast.surfaces.items())
    assert fast.surfaces == slow.surfaces or least > 1
    assert fast.words == slow.words and fast.verbs == slow.verbs
    assert fast.papers == [said & set(fast.surfaces) for said in slow.papers]
    assert fast.titles == [said & set(fast.surfaces) for said in slow.titles]
    for form in fast.surfaces:
        assert fast.surface(form) == slow.surface(form) and fast.head_share(form) == slow.head_share(form)
        assert fast.closing_share(form) == slow.closing_share(form)
    if least == 1:
        assert fast.placed == slow.placed and fast.spellings == slow.spellings
        assert fast.closings == slow.closings and fast.heads == slow.heads
