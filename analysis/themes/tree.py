"""The tree of themes: broad themes above, fine themes below, children part their parent between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from analysis.themes.choose import choose_cut, min_theme_size
from analysis.themes.consensus import resample_partitions

THEMES_PER_BROAD = 3
MIN_THEMES_FOR_BROAD = 6
PAPERS_PER_FINE = 8
MAX_USUAL_FINE = 4.0
N_FINE_PARTITIONS = 40
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
    """

    broad: np.ndarray
    fine: np.ndarray


def grow_tree(
    graph: csr_matrix, vectors: np.ndarray, primary: np.ndarray, n_themes: int, random_state: int,
) -> Tree:
    """Return the levels above and below the themes.

    Above, themes are joined by what their centres mean. Below, each theme's own papers are clustered by the same
    consensus as the whole corpus, and its cut is kept only where the halves of the evidence agree on it; a theme
    that does not part clearly has no fine themes.

    Parameters
    ----------
    graph : sparse matrix of shape (n_papers, n_papers)
    vectors : ndarray of shape (n_papers, n_dimensions)
        Unit rows.
    primary : ndarray of shape (n_papers,), int
        Theme of each paper.
    """
    return Tree(_join_themes(vectors, primary, n_themes), _part_themes(graph, primary, n_themes, random_state))


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


def _part_themes(graph: csr_matrix, primary: np.ndarray, n_themes: int, random_state: int) -> np.ndarray:
    fine, n_fine = np.full(len(primary), -1), 0
    for theme in range(n_themes):
        members = np.flatnonzero(primary == theme)
        usual = min(len(members) / PAPERS_PER_FINE, MAX_USUAL_FINE)
        if usual < 2:
            continue
        inside = resample_partitions(
            graph[members][:, members], usual / 1.5, usual * 2.5, random_state, N_FINE_PARTITIONS)
        cut = choose_cut(inside, usual, min_theme_size(len(members)), random_state, max_share=1.0)
        chosen = cut.candidates.loc[cut.candidates["chosen"]].iloc[0]
        needed = max(MIN_FINE_EVIDENCE, FEW_PAPERS[0] + FEW_PAPERS[1] / len(members))
        if cut.n_themes < 2 or (chosen["stability"] + chosen["separation"]) / 2 < needed:
            continue
        fine[members] = n_fine + cut.labels
        n_fine += cut.n_themes
    return fine
