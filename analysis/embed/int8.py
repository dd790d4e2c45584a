"""The bundled model in whole numbers of eight bits, through OpenVINO: what processors with VNNI multiply fastest.

Weights are rounded once, 64 inputs to a scale, and what is multiplied with them as it comes, likewise: neither a text's
batch mates nor the number of threads make a difference.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

# Its import would tell its makers that it was imported; without this package it tells no one.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]

import openvino  # noqa: E402
from openvino import opset13 as ops  # noqa: E402

GROUP = 64
"""Numbers that have one scale."""
SHORT_TOKENS = 64
"""Up to this padded length only weights are rounded: a phrase has too few words for errors to cancel out."""


def compute_in_int8(model: Any) -> None:
    """Let a sentence-transformers model compute in int8 from now on; its vectors are of any length.

    Parameters
    ----------
    model : SentenceTransformer
        The bundled one, in float32. It keeps its tokenizer, and its weights go.
    """
    bert = model[0].model
    graph = _build({name: weight.numpy() for name, weight in bert.state_dict().items()}, bert.config)
    model.forward = _Forward(*(_compile(graph, group) for group in (0, GROUP)))
    model.to("meta")


class _Forward(threading.local):
    """Features of texts → their vectors; each thread has buffers of its own."""

    def __init__(self, short: openvino.CompiledModel, long: openvino.CompiledModel) -> None:
        self._short, self._long = short.create_infer_request(), long.create_infer_request()

    def __call__(self, features: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        inputs = [features[name].numpy() for name in ("input_ids", "attention_mask")]
        request = self._short if inputs[0].shape[1] <= SHORT_TOKENS else self._long
        return {"sentence_embedding": torch.from_numpy(request.infer(inputs)[0])}


def _build(weights: Mapping[str, np.ndarray], config: Any) -> openvino.Model:
    """Return BERT as a graph, from token numbers and mask to the sum of the vectors of a text's tokens."""
    ids, mask = (ops.parameter([-1, -1], openvino.Type.i64) for _ in range(2))
    n_heads, eps = config.num_attention_heads, config.layer_norm_eps

    def linear(x: Any, name: str, is_rounded: bool = True) -> Any:
        weight = weights[f"{name}.weight"]
        product = ops.matmul(x, _round(weight) if is_rounded else weight, False, True)
        return product + weights[f"{name}.bias"]

    def norm(x: Any, name: str) -> Any:
        unit = ops.mvn(x, np.array([-1]), True, eps, "inside_sqrt")
        return unit * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    def heads(x: Any) -> Any:
        return ops.transpose(ops.reshape(x, [0, 0, n_heads, -1], True), [0, 2, 1, 3])

    n_tokens = ops.gather(ops.shape_of(ids), [1], 0)
    places = weights["embeddings.position_embeddings.weight"] + weights["embeddings.token_type_embeddings.weight"][0]
    x = ops.gather(ops.constant(weights["embeddings.word_embeddings.weight"]), ids, 0)
    x = norm(x + ops.slice(places, [0], n_tokens, [1]), "embeddings.LayerNorm")
    seen = ops.unsqueeze(ops.convert(mask, "boolean"), [1, 2])
    for number in range(config.num_hidden_layers):
        layer = f"encoder.layer.{number}"
        # Most of the error would come from the values.
        query, key, value = (heads(linear(x, f"{layer}.attention.self.{name}", name != "value"))
                             for name in ("query", "key", "value"))
        found = ops.transpose(ops.scaled_dot_product_attention(query, key, value, seen), [0, 2, 1, 3])
        said = linear(ops.reshape(found, [0, 0, -1], True), f"{layer}.attention.output.dense")
        x = norm(x + said, f"{layer}.attention.output.LayerNorm")
        inner = ops.gelu(linear(x, f"{layer}.intermediate.dense"), "erf")
        x = norm(x + linear(inner, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
    return openvino.Model([ops.reduce_sum(x * ops.unsqueeze(ops.convert(mask, "f32"), [2]), [1])], [ids, mask])


def _round(weight: np.ndarray) -> Any:
    """Return whole numbers times their scales, which the compiler keeps apart."""
    grouped = weight.reshape(len(weight), -1, GROUP)
    scale = np.abs(grouped).max(axis=2, keepdims=True) / np.float32(127)
    whole = ops.convert(ops.constant(np.round(grouped / scale).astype(np.int8)), "f32")
    return ops.reshape(ops.multiply(whole, ops.constant(scale)), list(weight.shape), False)


def _compile(graph: openvino.Model, group: int) -> openvino.CompiledModel:
    """Return a graph to compute with, activations rounded by so many to a scale; a thread for each batch in work."""
    n_threads = torch.get_num_threads()
    return openvino.Core().compile_model(graph, "CPU", {
        "NUM_STREAMS": n_threads, "INFERENCE_NUM_THREADS": n_threads, "INFERENCE_PRECISION_HINT": "f32",
        "ENABLE_CPU_PINNING": False, "DYNAMIC_QUANTIZATION_GROUP_SIZE": group})
