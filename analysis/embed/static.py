"""One vector a word piece, distilled from the bundled model on this machine: hundreds of times as fast, and coarser."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

N_DIMENSIONS = 256
RARE = 1e-4
"""A piece of this share of all pieces weighs half of what the rarest does."""
MOST_PIECES = 512
BATCH = 1024


def encode_static(texts: Sequence[str]) -> np.ndarray:
    """Return the mean of the vectors of each text's word pieces, rare ones weighing more.

    Returns
    -------
    ndarray of shape (n_texts, 256)
        float32; zeros for a text without a known piece.
    """
    from scipy.sparse import csr_matrix

    tokenizer, vectors = _distil()
    pieces = tokenizer(list(texts), add_special_tokens=False, truncation=True, max_length=MOST_PIECES)["input_ids"]
    ends = np.cumsum([0, *map(len, pieces)])
    share = np.repeat(1 / np.maximum(np.diff(ends), 1), np.diff(ends)).astype(np.float32)
    columns = np.array([piece for text in pieces for piece in text], dtype=np.int32)
    said = csr_matrix((share, columns, ends), shape=(len(texts), len(vectors)))
    said.sum_duplicates()
    return np.asarray(said @ vectors)


@lru_cache(maxsize=1)
def _distil() -> tuple[PreTrainedTokenizerBase, np.ndarray]:
    """Return the tokenizer, and a vector for each piece of its vocabulary.

    Each piece goes through the sentence model by itself; the leading principal components are kept, and weighed by
    how rare the piece is, which its place in the vocabulary tells (Zipf's law).

    Notes
    -----
    Model2Vec (2024), doi:10.5281/zenodo.17270888; Arora, Liang, Ma (2017), A simple but tough-to-beat baseline for
    sentence embeddings, for the weights.
    """
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from transformers import AutoModel, AutoTokenizer

    from analysis.embed import bundled_model

    folder = str(bundled_model())
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder, use_safetensors=True).eval()
    kept = np.array([number for piece, number in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
                     if number not in tokenizer.all_special_ids and not piece.startswith("[unused")])
    meaning = np.concatenate([_alone(model, tokenizer, kept[start:start + BATCH])
                              for start in range(0, len(kept), BATCH)]).astype(float)
    meaning -= meaning.mean(axis=0)
    _, axes = np.linalg.eigh(meaning.T @ meaning)
    often = 1 / (np.arange(len(kept)) + 2.0)
    weight = RARE / (RARE + often / often.sum())
    vectors = np.zeros((len(tokenizer), N_DIMENSIONS), dtype=np.float32)
    vectors[kept] = meaning @ axes[:, ::-1][:, :N_DIMENSIONS] * weight[:, None]
    return tokenizer, vectors


def _alone(model: Any, tokenizer: PreTrainedTokenizerBase, pieces: np.ndarray) -> np.ndarray:
    """Return the sentence vector of each piece: the mean of what stands at its place and at the marks around it."""
    import torch

    marks = np.full(len(pieces), tokenizer.cls_token_id), np.full(len(pieces), tokenizer.sep_token_id)
    rows = torch.from_numpy(np.stack([marks[0], pieces, marks[1]], axis=1))
    with torch.inference_mode():
        return np.asarray(model(input_ids=rows, attention_mask=torch.ones_like(rows)).last_hidden_state.mean(dim=1))
