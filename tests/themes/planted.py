"""Corpora whose themes we planted, so that the right answer is known."""

from __future__ import annotations

import numpy as np

from analysis.themes.space import WordCounts, count_words

SUBJECTS = {
    "volcano": "volcano lava eruption magma crater ash caldera",
    "violin": "violin orchestra sonata melody bow concerto string",
    "enzyme": "enzyme protein catalysis substrate kinetics binding fold",
    "harbour": "harbour ship cargo port vessel anchor mooring",
    "orchard": "orchard apple harvest pruning blossom fruit graft",
}


def planted_corpus(n_each: int, random_state: int = 0) -> tuple[list[tuple[str, str]], np.ndarray, np.ndarray]:
    """Return texts, unit vectors of shape (n_papers, 32) and labels: five subjects that share no word."""
    rng = np.random.default_rng(random_state)
    centres = rng.normal(size=(len(SUBJECTS), 32))
    texts, vectors, labels = [], [], []
    for label, (subject, words) in enumerate(SUBJECTS.items()):
        for _ in range(n_each):
            said = rng.choice(words.split(), 5, replace=False)
            abstract = f"We observe the {said[0]} {said[1]}. The {said[2]} {said[3]} follows the {said[4]}."
            texts.append((f"On the {subject} {said[0]}", abstract))
            vectors.append(centres[label] + 0.6 * rng.normal(size=32))
            labels.append(label)
    matrix = np.array(vectors)
    order = rng.permutation(len(labels))
    unit = (matrix / np.linalg.norm(matrix, axis=1, keepdims=True)).astype(np.float32)
    return [texts[i] for i in order], unit[order], np.array(labels)[order]


def joined(texts: list[tuple[str, str]]) -> list[str]:
    """Return title and abstract as one text each."""
    return [f"{title}. {abstract}" for title, abstract in texts]


def counted(texts: list[tuple[str, str]]) -> WordCounts:
    """Return the words of titles and abstracts, as a fit wants them."""
    return count_words(joined(texts))


def fake_embed(texts: list[str]) -> np.ndarray:
    """Return unit rows of shape (n_texts, 32) that depend on the words said: no model, no meaning."""
    rows = np.zeros((len(texts), 32), dtype=np.float32)
    for row, text in enumerate(texts):
        for word in text.lower().split():
            rows[row] += np.random.default_rng(sum(map(ord, word))).normal(size=32)
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
