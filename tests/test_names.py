"""Names are what papers say: noun phrases, unique, without stop words."""

import numpy as np

from analysis.names import name_themes
from analysis.names.phrases import extract_phrases, find_long_forms, normal_form
from analysis.names.words import is_empty_word, stopwords
from tests.themes.planted import fake_embed

DISTIL = (
    "Knowledge distillation for rankers",
    "With knowledge distillation we train. Knowledge distillation is slow.",
)
SOLAR = ("Solar cells at night", "Solar cells turn light into current. We propose solar cells.")


def _named(texts, labels, given=()):
    strengths = np.eye(int(max(labels)) + 1)[labels]
    vectors = fake_embed([f"{title}. {abstract}" for title, abstract in texts])
    return name_themes(texts, strengths, vectors, fake_embed, given)


def test_a_theme_is_named_by_the_phrase_that_sets_it_apart():
    words = _named([DISTIL] * 4 + [SOLAR] * 4, [0] * 4 + [1] * 4)
    assert [theme.name for theme in words] == ["Knowledge distillation", "Solar cells"]
    assert words[0].coverage == 1.0
    assert "solar cells" not in words[0].terms


def test_a_given_name_stands_and_is_not_used_again():
    words = _named([DISTIL] * 4 + [SOLAR] * 4, [0] * 4 + [1] * 4, ["Solar cells", None])
    assert words[0].name == "Solar cells"
    assert words[1].name != "Solar cells"


def test_themes_that_say_the_same_have_different_names():
    words = _named([SOLAR] * 6, [0, 0, 1, 1, 2, 2])
    assert len({theme.name for theme in words}) == 3


def test_forms_join_hyphens_plurals_and_capitals():
    assert normal_form(["Language", "Models"]) == normal_form(["language", "model"])
    assert normal_form(["fine-tuning"]) == "fine tuning"
    assert normal_form(["pre-training"]) == normal_form(["pretraining"])
    assert normal_form(["analysis"]) == "analysis" and normal_form(["studies"]) == "study"


def test_long_forms_are_read_from_brackets():
    texts = [("", "We study in-context learning (ICL) and retrieval-augmented generation (RAG), (not THIS).")]
    assert find_long_forms(texts) == {"icl": "in-context learning", "rag": "retrieval-augmented generation"}


def test_phrases_end_at_stop_words_and_punctuation():
    said = extract_phrases([("", "Dense retrieval of passages, ranking models")], stopwords()).papers[0]
    assert {"dense retrieval", "passage", "ranking model"} <= said
    assert "retrieval passage" not in said and "passage ranking" not in said


def test_empty_words_are_empty():
    assert is_empty_word("The") and is_empty_word("propose") and not is_empty_word("distillation")
