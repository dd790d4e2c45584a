"""Replay a feed day by day, ours and the naive ways, and see how many papers keep their theme."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from sklearn.metrics import adjusted_rand_score

from analysis.themes.fit import fit_themes
from analysis.themes.match import count_shared, match_themes
from analysis.themes.space import count_words
from benchmarks.history.feed import Feed, mixed

N_DAYS = 60
DETAIL, SEED = 0.5, 0
LEAST_COSINE = 0.7
"""What BERTopic's `merge_models` takes two topics for one by."""


class Method(Protocol):
    """A way to keep themes from day to day."""

    name: str

    def look(self, texts: Sequence[str], vectors: np.ndarray, before: np.ndarray) -> np.ndarray:
        """Return each paper's lasting theme, -1 for none; `before` is where it stood the day before, -1 for nowhere."""

    def at_once(self, texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        """Return each paper's theme in one fit that knows of no day."""


class Replay(NamedTuple):
    """What came of a replay: the share of old papers that kept their theme, day on day, and the last day."""

    kept: list[float]
    agreement: float
    n_papers: int
    n_themes: int
    n_keys: int
    coverage: float
    n_failed: int
    seconds: float


def replay(feed: Feed, method: Method, start: str, n_before: int = 0) -> Replay:
    """Return what came of the `N_DAYS` days from `start` on. A day on which the method raises changes nothing."""
    began = time.perf_counter()
    texts = feed.texts
    days = sorted(set(feed.papers["day"][feed.papers["day"] >= start]))[:N_DAYS]
    first = max(0, int(np.searchsorted(feed.papers["day"], days[0])) - n_before)
    stood: dict[int, int] = {}
    kept, seen, n_failed = [], set(), 0
    for day in days:
        rows = mixed(first, feed.until(day))
        before = np.array([stood.get(row, -1) for row in rows])
        try:
            now = method.look([texts[row] for row in rows], feed.vectors[rows], before)
        except Exception as error:  # whatever a peer raises is told as its failure, and ours has none
            if not isinstance(method, Naive):
                raise
            method.said.append(f"{type(error).__name__}: {error}")
            now, n_failed = before, n_failed + 1
        if (before >= 0).any():
            kept.append(float((now == before)[before >= 0].mean()))
        stood = dict(zip(rows.tolist(), now.tolist(), strict=True))
        seen |= set(now[now >= 0].tolist())
    at_once = method.at_once([texts[row] for row in rows], feed.vectors[rows])
    return Replay(kept, float(adjusted_rand_score(at_once, now)), len(rows), len(set(now[now >= 0])), len(seen),
                  float((now >= 0).mean()), n_failed, time.perf_counter() - began)


class Ours:
    """Our fit, with the day before among its votes or without, matched by shared papers."""

    def __init__(self, remembers: bool) -> None:
        self.remembers = remembers
        self.name = "ours" if remembers else "ours without memory: fitted anew, matched by papers"
        self.n_keys = 0

    def look(self, texts: Sequence[str], vectors: np.ndarray, before: np.ndarray) -> np.ndarray:
        """Return each paper's lasting theme."""
        labels = fit_themes(count_words(texts), vectors, DETAIL, SEED, before if self.remembers else None).labels
        keys = np.full(int(labels.max()) + 1, -1)
        if self.n_keys:
            match = match_themes(count_shared(labels, before, len(keys), self.n_keys))
            keys[match.now] = match.then
        new = np.flatnonzero(keys < 0)
        keys[new] = self.n_keys + np.arange(len(new))
        self.n_keys += len(new)
        return keys[labels]

    def at_once(self, texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        """Return each paper's theme in one fit."""
        return fit_themes(count_words(texts), vectors, DETAIL, SEED).labels


class Naive:
    """BERTopic as it comes, with a seed for UMAP; `said` is what it raised."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def at_once(self, texts: Sequence[str], vectors: np.ndarray) -> np.ndarray:
        """Return each paper's topic in one fit."""
        return np.array(_bertopic().fit(list(texts), vectors).topics_)


class Refit(Naive):
    """BERTopic fitted anew each day, topics matched one to one by the cosine of their embeddings."""

    name = "BERTopic refit daily, topics matched by cosine"

    def __init__(self) -> None:
        super().__init__()
        self.centres = np.empty((0, 0))
        self.keys = np.empty(0, dtype=int)
        self.n_keys = 0

    def look(self, texts: Sequence[str], vectors: np.ndarray, before: np.ndarray) -> np.ndarray:
        """Return each paper's lasting topic."""
        from scipy.optimize import linear_sum_assignment

        topics = np.array(_bertopic().fit(list(texts), vectors).topics_)
        n_topics = int(topics.max()) + 1
        keys = np.full(n_topics, -1)
        centres = np.array([vectors[topics == topic].mean(axis=0) for topic in range(n_topics)])
        if n_topics and len(self.keys):
            cosine = _unit(centres) @ _unit(self.centres).T
            for now, then in zip(*linear_sum_assignment(-cosine), strict=True):
                if cosine[now, then] >= LEAST_COSINE:
                    keys[now] = self.keys[then]
        new = np.flatnonzero(keys < 0)
        keys[new] = self.n_keys + np.arange(len(new))
        self.n_keys += len(new)
        self.centres, self.keys = centres, keys
        return np.where(topics < 0, -1, keys[topics] if n_topics else -1)


class Merge(Naive):
    """BERTopic fitted on each day's papers alone, and merged into the model so far with `merge_models`."""

    name = "BERTopic merge_models daily"

    def __init__(self) -> None:
        super().__init__()
        self.model = None
        self.places: dict[str, int] = {}

    def look(self, texts: Sequence[str], vectors: np.ndarray, before: np.ndarray) -> np.ndarray:
        """Return each paper's topic in the merged model, which never moves a paper that it has."""
        from bertopic import BERTopic

        new = [row for row, text in enumerate(texts) if text not in self.places]
        fitted = _bertopic().fit([texts[row] for row in new], vectors[new])
        if self.model is None:
            self.model = fitted
        else:
            self.model = BERTopic.merge_models([self.model, fitted], min_similarity=LEAST_COSINE)
        self.places |= {texts[row]: len(self.places) + number for number, row in enumerate(new)}
        return np.array([self.model.topics_[self.places[text]] for text in texts])


def _bertopic():
    from bertopic import BERTopic
    from umap import UMAP

    umap = UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", low_memory=False, random_state=SEED)
    return BERTopic(umap_model=umap, embedding_model=None)


def _unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True).clip(1e-12)
