"""Ours, with the functions that the pipeline calls; runs in the project's own environment."""

from __future__ import annotations

import hashlib
import time

import numpy as np

from benchmarks.themes.task import Fit, Grouping, Texts, join_text, run_method

N_WORDS = 10


def load_ours() -> Fit:
    """Return our fit: no declared themes, default settings."""
    import numba  # noqa: F401  the stages import these when they are called; the clock is not for imports
    import sentence_transformers  # noqa: F401
    import sklearn.cluster  # noqa: F401
    import umap  # noqa: F401

    from analysis.embed import BUNDLED_MODEL, embed_texts
    from analysis.names import name_themes
    from analysis.settings import Settings
    from analysis.themes.fit import fit_themes
    from analysis.themes.place import blend_themes, place_papers
    from analysis.themes.space import count_words
    from analysis.workers import single_thread_products

    settings = Settings()

    def fit(texts: Texts, vectors: np.ndarray, n_labels: int | None, named: bool) -> Grouping:
        clock = 0.0

        def embed(phrases: list[str]) -> np.ndarray:
            nonlocal clock
            started = time.perf_counter()
            found = embed_texts(phrases, BUNDLED_MODEL, None)[0]
            clock += time.perf_counter() - started
            return found

        # `read_papers` hands on papers in the order of ids that come from what they say; here the hash does it. It also
        # takes two papers that say the same for one; here both stay, and their vectors settle which comes first.
        order = np.array(sorted(range(len(texts)), key=lambda row: (
            hashlib.sha256(repr(texts[row]).encode()).digest(), vectors[row].tobytes())))
        pairs, vectors = [texts[row] for row in order], vectors[order]
        joined = [join_text(*pair) for pair in pairs]
        with single_thread_products():  # as in every run
            found = fit_themes(count_words(joined), vectors, settings.detail, settings.random_state)
        blend = blend_themes(found.strengths, np.zeros((len(pairs), 0)), ())
        keys = [str(column) for column in range(blend.strengths.shape[1])]
        placed = place_papers([str(row) for row in order], keys, blend.strengths, settings.max_placements)
        first = placed[placed["rank"] == 1]
        labels, strengths, loose = np.empty(len(order), dtype=int), np.empty(len(order)), np.empty(len(order), bool)
        rows = first["paper_id"].astype(int).to_numpy()
        labels[rows], strengths[rows] = first["theme_key"].astype(int), first["strength"]
        loose[rows] = first["tier"] == "loose"
        if not named:
            return Grouping(labels)
        own = np.zeros_like(blend.strengths)
        own[np.arange(len(order)), blend.primary] = blend.strengths[np.arange(len(order)), blend.primary]
        said = name_themes(pairs, own, vectors, embed)
        words = [list(theme.terms[:N_WORDS]) for theme in said]
        return Grouping(labels, strengths, loose, [theme.name for theme in said], words, clock)

    return fit


LOADERS = {"ours": load_ours}

if __name__ == "__main__":
    run_method(LOADERS)
