"""Datasets and models: known ones however they are spelt, new ones by the words around them."""

import pytest

from analysis.facets import read_facets


def names(abstract, kind, title=""):
    return [found.value for _, found in read_facets(title, abstract) if found.kind == kind]


@pytest.mark.parametrize("said", ["GSM8K", "GSM-8K", "GSM 8K"])
def test_spellings_of_a_known_dataset_are_one(said):
    assert names(f"Accuracy on {said} rises.", "dataset") == ["GSM8K"]


@pytest.mark.parametrize(("said", "value"), [
    ("LLaMA2-70B", "Llama-2-70B"), ("Llama 2 70B", "Llama-2-70B"), ("GPT-3.5-Turbo", "GPT-3.5-Turbo"),
    ("a BERT-based ranker", "BERT"), ("Qwen2.5-7B-Instruct", "Qwen2.5-7B-Instruct"), ("DeepSeek R1", "DeepSeek-R1"),
    ("multilingual BERT", "mBERT"), ("GPT-4's answers", "GPT-4"),
])
def test_a_model_keeps_version_size_and_make(said, value):
    assert names(f"We compare it with {said}.", "model") == [value]


def test_what_is_only_like_a_model_is_none():
    assert names("It uses GPT-style decoding and BERT-like masking.", "model") == []


@pytest.mark.parametrize("abstract", [
    "We introduce QuizBarn, a large and novel dataset for quizzes.",
    "We evaluate it on the QuizBarn benchmark.",
    "We collect a dataset named QuizBarn, which has many quizzes.",
    "It wins on three datasets (QuizBarn, GSM8K and MMLU).",
    "The Quizzes in Barns Retrieval (QuizBarn) dataset is new.",
    "Experiments on QuizBarn show that it holds.",
])
def test_words_around_make_a_dataset(abstract):
    assert "QuizBarn" in names(abstract, "dataset")


@pytest.mark.parametrize("abstract", [
    "We present QuizNet-X, a generative model that answers.",
    "Our unified model, QuizNet-X, answers.",
    "It beats models such as QuizNet-X and Mistral.",
    "The QuizNet-X model answers.",
    "QuizNet-X is a masked language model.",
])
def test_words_around_make_a_model(abstract):
    assert "QuizNet-X" in names(abstract, "model")


def test_the_papers_own_method_is_neither():
    abstract = "We propose QuizFlow, a training framework for language models. QuizFlow beats FooFlow by far."
    assert not names(abstract, "model") and not names(abstract, "dataset")


def test_form_tells_where_words_do_not():
    assert names("QuizBench and SnackQA are hard.", "dataset") == ["QuizBench", "SnackQA"]
    assert names("Barnowl-7B and QuizBERT are small.", "model") == ["Barnowl-7B", "QuizBERT"]


def test_a_task_that_is_written_out_is_no_dataset():
    abstract = "Quiz answer finding (QAF) is hard. We test it on QAF benchmarks and on QAF."
    assert names(abstract, "dataset") == []


def test_names_that_are_also_words_need_a_cue():
    assert names("The MATH of it, and a DROP in RACE.", "dataset") == []
    assert names("We test on the MATH dataset, and on DROP and GSM8K.", "dataset") == ["MATH", "DROP", "GSM8K"]


def test_versions_between_strokes_are_models_with_their_own_quotes():
    abstract = "Larger than GPT-3/3.5/4 it is."
    found = {found.value: abstract[found.start:found.end] for _, found in read_facets("", abstract)}
    assert found == {"GPT-3": "GPT-3", "GPT-3.5": "3.5", "GPT-4": "4"}


def test_the_title_counts_for_what_the_abstract_leaves_out():
    found = list(read_facets("QuizBench: A Benchmark Beyond MMLU", "We look past MMLU."))
    assert [(field, one.value) for field, one in found] == [("abstract", "MMLU"), ("title", "QuizBench")]
