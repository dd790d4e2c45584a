"""A method's result on a corpus → all its measures."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.themes.corpora import BenchCorpus
from benchmarks.themes.measures import (
    characteristic_words,
    compare_fits,
    compare_labels,
    count_themes,
    coverage,
    largest_share,
    measure_reliability,
    npmi_coherence,
    topic_diversity,
)
from benchmarks.themes.naming import judge_names
from benchmarks.themes.task import join_text


def judge_result(corpus: BenchCorpus, result: dict[str, Any], with_reliability: bool) -> dict[str, Any]:
    """Return measure → value; what was not measured is missing.

    Parameters
    ----------
    result : dict
        From `runs.run`.
    with_reliability : bool
        Whether the strengths are held against the labels.
    """
    fits = result["fits"]
    if "full" not in fits:
        return {}
    full = fits["full"]
    labels = np.array(full["labels"])
    texts = [join_text(*text) for text in corpus.texts]
    strengths = None if full["strengths"] is None else np.array(full["strengths"])
    loose = None if full["loose"] is None else np.array(full["loose"])
    found: dict[str, Any] = {
        "n_themes": count_themes(labels),
        "coverage": coverage(labels, loose),
        "largest": largest_share(labels),
        **{key: full[key] for key in ("seconds", "processor_seconds", "encoder_seconds", "peak_mb")},
    }
    if corpus.labels is not None and corpus.n_labels is not None:
        found["n_labels"] = corpus.n_labels
        found["ami"], found["ari"] = compare_labels(labels, corpus.labels)
        found["k_error"] = abs(found["n_themes"] - corpus.n_labels) / corpus.n_labels
        if with_reliability and strengths is not None:
            found["reliability"] = measure_reliability(strengths, labels, corpus.labels)
    if found["n_themes"]:
        found["npmi_alike"] = npmi_coherence(characteristic_words(labels, texts), texts)
    if full["words"]:
        found["diversity"], found["npmi"] = topic_diversity(full["words"]), npmi_coherence(full["words"], texts)
    if full["names"]:
        found["names"] = judge_names(full["names"], labels, strengths, texts)
    if "shuffled" in fits:
        found["shuffle_ari"] = compare_fits(labels, np.array(fits["shuffled"]["labels"]))
    refits = [np.array(fit["labels"]) for name, fit in fits.items() if name.startswith("left out")]
    if refits:
        agreement = [compare_fits(labels, refit) for refit in refits]
        found["left_out_ari"], found["n_refits"] = float(np.mean(agreement)), len(refits)
        found["left_out_largest"] = max(largest_share(refit) for refit in refits)
    return found
