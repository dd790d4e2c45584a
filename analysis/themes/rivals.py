"""The other ways to group, judged beside the consensus on the same papers, without labels."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd

from analysis.themes.choose import EXCESS_WEIGHT, MAX_THEME_SHARE, measure_balance, min_theme_size
from analysis.themes.compiled import lay_out
from analysis.themes.fit import CONSENSUS, Fit, Grouping
from analysis.themes.graph import Network, bracket_resolutions, build_graph
from analysis.themes.stability import Refit

MAX_JUDGED = 300
"""Of a larger corpus, a sample of so many papers is judged."""
N_REFITS = 4
N_NEIGHBOURS = 14
"""Of each paper beside itself, as UMAP comes."""
N_STEPS = 200
CHANCE = 0.01
"""A rival is preferred where chance would seldom make it so much better (one-sided, over all rivals):
readers know the themes by what the method made of the last corpus, so a change of method has to be worth it."""


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
    """Return the dense groups (HDBSCAN) of a UMAP of the joined space; -1 stands for papers in none.

    UMAP begins with the spectral layout, as it comes, and takes 200 steps. From a random layout it takes 500 to hold
    papers together as well, and on some corpora leaves nearly all in one group.
    """
    from sklearn.cluster import HDBSCAN

    n_papers = len(fit.space)
    graph = build_graph(fit.space, min(N_NEIGHBOURS, n_papers - 1))
    reduced = lay_out(fit.space, graph, "spectral", 0.0, random_state, n_dimensions=min(5, n_papers - 2),
                      n_epochs=N_STEPS)
    return np.asarray(HDBSCAN(min_cluster_size=max(2, min_theme_size(n_papers)), copy=True).fit_predict(reduced))


RIVALS: dict[str, Grouping] = {
    "Ward linkage": group_by_ward,
    "Leiden communities": group_by_communities,
    "UMAP and HDBSCAN": group_by_density,
}


def judge_methods(fit: Fit, refits: Sequence[Refit], random_state: int) -> pd.DataFrame:
    """Return what each method makes of the corpus: rows of CANDIDATES.

    Every method groups the papers, and again without a tenth of them, as often as there are refits (four at most).
    Stability is the mean adjusted Rand index of each two of these on their common papers; separation a silhouette over
    theme centres in the joined space; papers in no theme count against a method, as does what a theme holds above a
    quarter of the papers.

    Parameters
    ----------
    refits : sequence of Refit
        From `refit_without_some`; none where there are too few papers to leave any out.

    Returns
    -------
    DataFrame
        One row a method, the consensus first; one is chosen. Empty where there is no refit.
    """
    from scipy.stats import t

    if not refits:
        return pd.DataFrame()
    n_papers, refits = len(fit.labels), refits[:N_REFITS]
    fits = [fit, *(refit.fit for refit in refits)]
    groups = {CONSENSUS: [each.labels for each in fits]}
    for name, group in RIVALS.items():
        groups[name] = [group(each, _n_themes(each), random_state) for each in fits]
    rows_of = [np.arange(n_papers), *(refit.rows for refit in refits)]
    rows, agreements = [], []
    for name, grouped in groups.items():
        labels = grouped[0]
        agreements.append(_agree(n_papers, grouped, rows_of))
        stability = float(agreements[-1][np.triu_indices(len(fits), 1)].mean())
        shares = np.bincount(labels[labels >= 0], minlength=1) / len(labels)
        separation = _silhouette(fit.space, labels)
        score = (stability + separation) / 2 - float((labels < 0).mean())
        score -= EXCESS_WEIGHT * max(0.0, float(shares.max()) - MAX_THEME_SHARE)
        rows.append({
            "method": name, "parameter": f"n_papers={n_papers}", "judged_by": "a tenth left out",
            "n_themes": int((shares > 0).sum()), "largest_share": float(shares.max()), "stability": stability,
            "separation": separation, "balance": measure_balance(shares), "error": None, "score": score,
        })
    table = pd.DataFrame(rows)
    best = int(table["score"].to_numpy().argmax())
    needed = t.ppf(1 - CHANCE / len(RIVALS), len(refits)) * _error((agreements[best] - agreements[0]) / 2)
    if table["score"].iloc[best] - table["score"].iloc[0] <= needed:
        best = 0
    return table.assign(chosen=np.arange(len(table)) == best)


def _n_themes(fit: Fit) -> int:
    return int(fit.labels.max()) + 1


def _agree(n_papers: int, labels: Sequence[np.ndarray], rows: Sequence[np.ndarray]) -> np.ndarray:
    """Return the adjusted Rand index of each two groupings on the papers of both."""
    from sklearn.metrics import adjusted_rand_score

    spread = np.full((len(labels), n_papers), -2)
    for grouping, (own, there) in enumerate(zip(labels, rows, strict=True)):
        spread[grouping, there] = own
    agreement = np.eye(len(labels))
    for one, other in combinations(range(len(labels)), 2):
        both = (spread[one] > -2) & (spread[other] > -2)
        agreement[one, other] = agreement[other, one] = adjusted_rand_score(spread[one, both], spread[other, both])
    return agreement


def _error(agreement: np.ndarray) -> float:
    """Return the standard error of the mean over pairs, by leaving out one grouping at a time (jackknife)."""
    n = len(agreement)
    means = np.array([np.delete(np.delete(agreement, i, 0), i, 1)[np.triu_indices(n - 1, 1)].mean() for i in range(n)])
    return float(((n - 1) / n * ((means - means.mean()) ** 2).sum()) ** 0.5)


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
