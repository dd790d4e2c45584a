"""The tree of themes: broad themes above, fine themes below, children part their parent between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from analysis.themes.choose import choose_cut, min_theme_size
from analysis.themes.consensus import resample_partitions
from analysis.workers import Each, each_here

THEMES_PER_BROAD = 3
MIN_THEMES_FOR_BROAD = 6
PAPERS_PER_FINE = 8
MAX_USUAL_FINE = 4.0
N_FINE_PARTITIONS = 40
LEAST_KNOWN = 0.9
"""A theme keeps its parts while so many of its papers were there when they were sought; then they are sought anew."""
MIN_FINE_EVIDENCE, FEW_PAPERS = 0.72, (0.6, 12.0)
"""Mean of stability and separation that a theme needs to part; on few papers 0.6 and 12 over their number.

Noise, clustered, reaches 0.7 at 200 papers and 0.9 at 40; parts that are there come near 1.
"""


@dataclass(frozen=True)
class Tree:
    """Which themes stand together, and what stands inside each.

    Parameters
    ----------
    broad : ndarray of shape (n_themes,), int
        Broad theme of each theme; -1 where the theme stands alone at that level, or holds no paper.
    fine : ndarray of shape (n_papers,), int
        Fine theme of each paper; -1 where its theme does not part. A fine theme lies inside one theme.
    known : ndarray of shape (n_themes,)
        Share of each theme's papers that were there when its parts were last sought: 1 where that was now.
    """

    broad: np.ndarray
    fine: np.ndarray
    known: np.ndarray


@dataclass(frozen=True)
class Stood:
    """The tree of the run before, as today's papers stood in it.

    Parameters
    ----------
    themes, fine : ndarray of shape (n_papers,), int
        Theme and fine theme of each paper then; -1 for none.
    known : ndarray of shape (n_themes_then,)
        As `Tree.known`.
    """

    themes: np.ndarray
    fine: np.ndarray
    known: np.ndarray


def grow_tree(
    graph: csr_matrix, vectors: np.ndarray, primary: np.ndarray, n_themes: int, random_state: int,
    stood: Stood | None = None, each: Each = each_here,
) -> Tree:
    """Return the levels above and below the themes.

    Above, themes are joined by what their centres mean. Below, each theme's own papers are clustered by the same
    consensus as the whole corpus, and its cut is kept only where the halves of the evidence agree on it; a theme
    that does not part clearly has no fine themes. One that has hardly changed since keeps the parts that it had, and
    puts its new papers where their neighbours are.

    Parameters
    ----------
    graph : sparse matrix of shape (n_papers, n_papers)
    vectors : ndarray of shape (n_papers, n_dimensions)
        Unit rows.
    primary : ndarray of shape (n_papers,), int
        Theme of each paper.
    stood : Stood, optional
        The tree of the run before.
    each : callable
        Who parts the themes.
    """
    broad = _join_themes(vectors, primary, n_themes)
    return Tree(broad, *_part_themes(graph, primary, n_themes, random_state, stood, each))


def _join_themes(vectors: np.ndarray, primary: np.ndarray, n_themes: int) -> np.ndarray:
    from sklearn.cluster import AgglomerativeClustering
    from sklearn.preprocessing import normalize

    broad = np.full(n_themes, -1)
    filled = np.unique(primary)
    if len(filled) < MIN_THEMES_FOR_BROAD:
        return broad
    # Around the corpus's own mean: what all its papers share (they are about learning, say) joins no two of them.
    centres = normalize(np.array([vectors[primary == theme].mean(axis=0) for theme in filled]))
    groups = AgglomerativeClustering(round(len(filled) / THEMES_PER_BROAD)).fit_predict(
        normalize(centres - centres.mean(axis=0)))
    together = np.bincount(groups)[groups] > 1
    broad[filled[together]] = np.unique(groups[together], return_inverse=True)[1]
    return broad


def _part_themes(
    graph: csr_matrix, primary: np.ndarray, n_themes: int, random_state: int, stood: Stood | None, each: Each,
) -> tuple[np.ndarray, np.ndarray]:
    fine, known = np.full(len(primary), -1), np.ones(n_themes)
    members = [np.flatnonzero(primary == theme) for theme in range(n_themes)]
    kept = {}
    if stood is not None:
        kept = {theme: had for theme, rows in enumerate(members) if (had := _keep_parts(graph, rows, stood))}
    sought = [theme for theme, rows in enumerate(members) if theme not in kept and len(rows) >= 2 * PAPERS_PER_FINE]
    new = each(_part_theme, random_state, (graph[members[theme]][:, members[theme]] for theme in sought))
    parts = {**dict(zip(sought, new, strict=True)), **{theme: had[0] for theme, had in kept.items()}}
    n_fine = 0
    for theme, rows in enumerate(members):
        if (own := parts.get(theme)) is not None:
            fine[rows] = n_fine + own
            n_fine += int(own.max()) + 1
    known[list(kept)] = [share for _, share in kept.values()]
    return fine, known


def _keep_parts(graph: csr_matrix, rows: np.ndarray, stood: Stood) -> tuple[np.ndarray | None, float] | None:
    """Return the parts that a theme had (None: none) and how much of it they were sought in; None where too little."""
    then = stood.themes[rows]
    if not (then >= 0).any():
        return None
    theme = int(np.bincount(then[then >= 0]).argmax())
    same = then == theme
    share = float(stood.known[theme] * same.sum() / max(len(rows), (stood.themes == theme).sum()))
    if share < LEAST_KNOWN:
        return None
    names, parts = np.unique(np.where(same, stood.fine[rows], -1), return_inverse=True)
    parts = parts - int(names[0] < 0)
    n_parts = len(names) - int(names[0] < 0)
    if n_parts < 2:
        return None, share
    member = (parts[:, None] == np.arange(n_parts)).astype(float)
    votes = graph[rows][:, rows] @ member + 1e-6 * member.mean(axis=0)  # where no neighbour stands, the largest
    return np.where(parts < 0, votes.argmax(axis=1), parts), share


def _part_theme(random_state: int, graph: csr_matrix) -> np.ndarray | None:
    """Return the part in which each paper of one theme stands; None where it does not part clearly."""
    n_papers = graph.shape[0]
    usual = min(n_papers / PAPERS_PER_FINE, MAX_USUAL_FINE)
    inside = resample_partitions(graph, usual / 1.5, usual * 2.5, random_state, N_FINE_PARTITIONS)
    cut = choose_cut(inside, usual, min_theme_size(n_papers), random_state, max_share=1.0)
    chosen = cut.candidates.loc[cut.candidates["chosen"]].iloc[0]
    needed = max(MIN_FINE_EVIDENCE, FEW_PAPERS[0] + FEW_PAPERS[1] / n_papers)
    if cut.n_themes < 2 or (chosen["stability"] + chosen["separation"]) / 2 < needed:
        return None
    return cut.labels
