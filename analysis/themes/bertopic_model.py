"""A run as a fitted BERTopic model, for those who want to go on with it.

BERTopic calls a theme a topic. It takes its parts from outside, so ours go into it: the run's themes in the place of
HDBSCAN, the run's terms in the place of its representation. Its c-TF-IDF, its plots and its searches then work on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.corpus import paper_text
from analysis.schema import SEPARATOR, Run, RunError

if TYPE_CHECKING:
    import pandas as pd
    from bertopic import BERTopic

MIN_TOPICS = 2


class SameSpace:
    """A reduction that reduces nothing: the themes were found in the joined space, before BERTopic."""

    def fit(self, vectors: np.ndarray, y: Any = None) -> SameSpace:
        """Learn nothing."""
        return self

    def transform(self, vectors: np.ndarray) -> np.ndarray:
        """Return `vectors` as they are."""
        return vectors


class GivenThemes:
    """A clusterer whose clusters are a run's themes; a new paper goes to the nearest centre.

    Parameters
    ----------
    labels : sequence of int, length n_papers
        Topic of each paper, 0 … n_topics - 1.
    """

    def __init__(self, labels: Sequence[int] | np.ndarray) -> None:
        self.labels = np.asarray(labels)

    def fit(self, vectors: np.ndarray, y: Any = None) -> GivenThemes:
        """Learn the themes' centres from the papers' vectors, shape (n_papers, n_dimensions)."""
        if len(vectors) != len(self.labels):
            raise RunError(f"{len(vectors)} vectors came for {len(self.labels)} papers; pass one a paper, in order")
        self.labels_ = self.labels
        centres = np.stack([vectors[self.labels == topic].mean(axis=0) for topic in range(self.labels.max() + 1)])
        self.centres_ = centres / np.linalg.norm(centres, axis=1, keepdims=True).clip(1e-12)
        return self

    def predict(self, vectors: np.ndarray) -> np.ndarray:
        """Return the nearest theme of each row of `vectors`."""
        return np.asarray(vectors @ self.centres_.T).argmax(axis=1)


def fitted_bertopic(run: Run, vectors: np.ndarray) -> BERTopic:
    """Return a fitted BERTopic model whose topics are the themes of `run`.

    Parameters
    ----------
    run : Run
    vectors : ndarray of shape (n_papers, n_dimensions)
        Of ``run.papers``, in order.

    Returns
    -------
    BERTopic
        Topic numbers follow the order of ``run.themes``, themes without a paper left out; its custom labels are the
        themes' names. Save it with ``serialization="safetensors"``.

    Raises
    ------
    RunError
        Fewer than two themes have papers: BERTopic's c-TF-IDF has nothing to compare.
    """
    from bertopic import BERTopic
    from bertopic.representation._base import BaseRepresentation
    from sklearn.feature_extraction.text import CountVectorizer

    themes = run.themes[(run.themes["level"] == "theme") & (run.themes["n_papers"] > 0)].reset_index(drop=True)
    if len(themes) < MIN_TOPICS:
        raise RunError(f"run {run.run_id} has {len(themes)} themes with papers, and a BERTopic model needs two or more")
    labels = _topic_numbers(run, themes)
    # BERTopic numbers topics by size and would deal ours anew, so what belongs to a topic is found by its papers.
    said = {number: terms.split(SEPARATOR) for number, terms in enumerate(themes["terms"].fillna(""))}

    class RunTerms(BaseRepresentation):
        """The run's own terms, each with the c-TF-IDF weight of its best word."""

        def extract_topics(
            self, topic_model: BERTopic, documents: pd.DataFrame, c_tf_idf: Any, topics: dict[int, Any],
        ) -> dict[int, list[tuple[str, float]]]:
            of_topic = {topic: labels[group["ID"].iloc[0]] for topic, group in documents.groupby("Topic")}
            return {
                topic: [(term, 1.0 / (rank + 1)) for rank, term in enumerate(said[of_topic[topic]])] or words
                for topic, words in topics.items()
            }

    model = BERTopic(
        umap_model=SameSpace(), hdbscan_model=GivenThemes(labels), representation_model=RunTerms(),
        vectorizer_model=CountVectorizer(stop_words="english", ngram_range=(1, 2)), calculate_probabilities=False,
        verbose=False,
    )
    topics, _ = model.fit_transform(list(paper_text(run.papers)), np.asarray(vectors))
    of_topic = dict(zip(topics, labels, strict=True))
    model.set_topic_labels({topic: str(themes["name"].iloc[theme]) for topic, theme in of_topic.items()})
    return model


def _topic_numbers(run: Run, themes: pd.DataFrame) -> np.ndarray:
    primary = run.placements[run.placements["rank"] == 1].set_index("paper_id")["theme_key"]
    number = {key: i for i, key in enumerate(themes["theme_key"])}
    return run.papers["paper_id"].map(primary).map(number).to_numpy(dtype=int)
