"""The other ways to group, judged beside the consensus on the same papers, without labels."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.themes.choose import MAX_THEME_SHARE, measure_balance, min_theme_size
from analysis.themes.fit import CONSENSUS, Fit, Grouping, fit_themes
from analysis.themes.graph import Network, bracket_resolutions

MIN_JUDGED, MAX_JUDGED = 15, 300
LEFT_OUT = 0.1
N_REFITS = 6
ERRORS_APART = 2.0
"""A rival is preferred where it is better by more than two standard errors: chance alone seldom makes that."""


def group_by_ward(fit: Fit, n_themes: int, random_state: int) -> np.ndarray:
    """Return groups by Ward's linkage in the joined space."""
    from sklearn.cluster import AgglomerativeClustering

    return np.asarray(AgglomerativeClustering(n_themes).fit_predict(fit.space))


def group_by_communities(fit: Fit, n_themes: int, random_state: int) -> np.ndarray:
    """Return the communities of the neighbour graph at the resolution that gives about `n_themes`."""
    network = Network(fit.graph)
    resolution, _ = bracket_resolutions(network, n_themes, n_themes)
    return network.find_communities(resolution, random_state)


def group_by_density(fit: Fit, n_themes: int, random_state: int) -> np.ndarray:
    """Return the dense groups (HDBSCAN) of a UMAP of the joined space; -1 stands for papers in none."""
    from sklearn.cluster import HDBSCAN
    from umap import UMAP

    n_papers = len(fit.space)
    with warnings.catch_warnings():
        # UMAP says that a fixed seed means one thread: that is what we ask for.
        warnings.filterwarnings("ignore", message="n_jobs value")
        warnings.filterwarnings("ignore", message="Graph is not fully connected")
        reduced = UMAP(
            n_neighbors=min(15, n_papers - 1), n_components=min(5, n_papers - 2), min_dist=0.0, metric="cosine",
            init="random", random_state=random_state,
        ).fit_transform(fit.space)
    return np.asarray(HDBSCAN(min_cluster_size=max(2, min_theme_size(n_papers)), copy=True).fit_predict(reduced))


RIVALS: dict[str, Grouping] = {
    "Ward linkage": group_by_ward,
    "Leiden communities": group_by_communities,
    "UMAP and HDBSCAN": group_by_density,
}


def judge_methods(
    texts: Sequence[str], vectors: np.ndarray, detail: float, random_state: int,
) -> pd.DataFrame:
    """Return what each method makes of the corpus, or of a sample of it: rows of CANDIDATES.

    Every method groups the sample, and six times the sample without a tenth of its papers. Stability is the mean
    adjusted Rand index between the two on their common papers; separation a silhouette over theme centres in the
    joined space; papers in no theme count against a method, as does a theme above a quarter of the papers.

    Returns
    -------
    DataFrame
        One row a method, the consensus first; one is chosen. Empty where there are too few papers to leave any out.
    """
    from sklearn.metrics import adjusted_rand_score

    rng = np.random.default_rng(random_state)
    sample = np.sort(rng.choice(len(texts), min(len(texts), MAX_JUDGED), replace=False))
    if len(sample) < MIN_JUDGED:
        return pd.DataFrame()
    whole = _fit(texts, vectors, sample, detail, random_state)
    kept = [np.sort(rng.choice(len(sample), round((1 - LEFT_OUT) * len(sample)), replace=False))
            for _ in range(N_REFITS)]
    parts = [_fit(texts, vectors, sample[rows], detail, random_state) for rows in kept]
    groups: dict[str, tuple[np.ndarray, list[np.ndarray]]] = {
        CONSENSUS: (whole.labels, [part.labels for part in parts])}
    n_themes = int(whole.labels.max()) + 1
    for name, group in RIVALS.items():
        groups[name] = (group(whole, n_themes, random_state), [group(part, n_themes, random_state) for part in parts])
    rows, agreements = [], []
    for name, (labels, others) in groups.items():
        agreement = np.array([
            adjusted_rand_score(labels[rows_kept], other) for rows_kept, other in zip(kept, others, strict=True)])
        agreements.append(agreement)
        stability = float(agreement.mean())
        shares = np.bincount(labels[labels >= 0], minlength=1) / len(labels)
        separation = _silhouette(whole.space, labels)
        score = (stability + separation) / 2 - float((labels < 0).mean()) - float(shares.max() > MAX_THEME_SHARE)
        rows.append({
            "method": name, "parameter": f"n_papers={len(sample)}", "judged_by": "a tenth left out",
            "n_themes": int((shares > 0).sum()), "largest_share": float(shares.max()), "stability": stability,
            "separation": separation, "balance": measure_balance(shares), "score": score,
        })
    table = pd.DataFrame(rows)
    best = int(table["score"].to_numpy().argmax())
    error = float((agreements[best] - agreements[0]).std(ddof=1)) / 2 / N_REFITS**0.5
    if table["score"].iloc[best] - table["score"].iloc[0] <= ERRORS_APART * error:
        best = 0
    return table.assign(chosen=np.arange(len(table)) == best)


def _fit(texts: Sequence[str], vectors: np.ndarray, rows: np.ndarray, detail: float, random_state: int) -> Fit:
    return fit_themes([texts[row] for row in rows], vectors[rows], detail, random_state)


def _silhouette(space: np.ndarray, labels: np.ndarray) -> float:
    """Return how much nearer the papers are to their own theme's centre than to the next, in [-1, 1]."""
    from sklearn.preprocessing import normalize

    placed = labels >= 0
    names, groups = np.unique(labels[placed], return_inverse=True)
    if len(names) < 2:
        return 0.0
    centres = normalize(np.array([space[placed][groups == group].mean(axis=0) for group in range(len(names))]))
    distance = 1 - space[placed] @ centres.T
    rows = np.arange(len(groups))
    own = distance[rows, groups].copy()
    distance[rows, groups] = np.inf
    other = distance.min(axis=1)
    return float(((other - own) / np.maximum(np.maximum(own, other), 1e-12)).mean())
