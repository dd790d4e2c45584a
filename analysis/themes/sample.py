"""A large corpus is fitted on a sample of its papers; the others are placed by their nearest papers in it.

So a fit costs the same from here on, however many papers there are, and only what is done once a paper grows with
their number. Who is in the sample depends on the paper alone: a refresh with one percent more papers fits nearly the
same ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analysis.themes.fit import Fit, measure_strengths
from analysis.themes.graph import choose_n_neighbours, weigh_nearest
from analysis.themes.space import Lexicon
from analysis.themes.stability import Strengths
from analysis.themes.tree import Tree
from analysis.workers import Each, each_here

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MOST_FITTED = 20_000
"""Papers up to which all are fitted, and of a larger corpus so many."""
N_CHECKED = 1_000
"""Fitted papers whose theme is asked of their neighbours, to know how well that places the others."""
BLOCK = 8192
"""Papers whose words are looked at together: a row of the joined space is wide."""


def choose_fitted(paper_ids: Sequence[str]) -> np.ndarray:
    """Return the rows that a fit looks at, ascending: all, or the `MOST_FITTED` whose hashed id is smallest."""
    if len(paper_ids) <= MOST_FITTED:
        return np.arange(len(paper_ids))
    codes = pd.util.hash_array(np.asarray(paper_ids, dtype=object), categorize=False)
    return np.sort(np.lexsort((np.asarray(paper_ids, dtype=str), codes))[:MOST_FITTED])


def spread_fit(
    fit: Fit, rows: np.ndarray, texts: Sequence[str], vectors: np.ndarray, random_state: int,
    each: Each = each_here,
) -> tuple[Fit, float]:
    """Return the fit of a sample with all papers in it, and how well the others are placed.

    A paper that was not fitted is joined to its nearest fitted papers; the partitions put it where its nearest one
    is. From there on its strengths are measured as everyone's.

    Parameters
    ----------
    fit : Fit
        Of the papers in `rows`.
    rows : ndarray of shape (n_fitted,), int
        Ascending.
    texts : sequence of str, length n_papers
    vectors : ndarray of shape (n_papers, n_dimensions)
        Unit rows.
    each : callable
        Who places blocks of the others.

    Returns
    -------
    Fit
        Of all papers; `Fit.fitted` tells which were looked at.
    agreement : float
        Share of `N_CHECKED` fitted papers that would stand in their own theme, were they placed by their nearest
        among the other fitted ones.
    """
    from scipy.sparse import csr_matrix, vstack

    assert fit.ensemble is not None and fit.cut is not None and fit.lexicon is not None
    n_papers, others = len(texts), np.setdiff1d(np.arange(len(texts)), rows)
    width = choose_n_neighbours(len(rows))
    parts = [others[start:start + BLOCK] for start in range(0, len(others), BLOCK)]
    blocks = (([texts[row] for row in part], vectors[part]) for part in parts)
    weights = vstack(list(each(_weigh_block, (fit.lexicon, fit.space, width), blocks)), "csr", dtype=np.float32)
    nearest = weights.indices[weights.indptr[:-1]]

    order = np.argsort(np.concatenate([rows, others]))
    joined = vstack([fit.graph, weights], "csr", dtype=np.float32)[order]
    graph = csr_matrix((joined.data, rows[joined.indices].astype(np.int32), joined.indptr), shape=(n_papers, n_papers))

    def hand_on(values: np.ndarray) -> np.ndarray:
        return np.concatenate([values, values[..., nearest]], axis=-1)[..., order]

    ensemble = replace(fit.ensemble, partitions=hand_on(fit.ensemble.partitions.astype(np.int32)),
                       cells=hand_on(fit.ensemble.cells),
                       earlier=None if fit.ensemble.earlier is None else hand_on(fit.ensemble.earlier))
    cut = replace(fit.cut, labels=hand_on(fit.cut.labels))
    strengths = measure_strengths(graph, ensemble, hand_on(fit.labels), fit.strengths.shape[1])
    strengths[rows] = fit.strengths
    spread = Fit(fit.space, graph, strengths, strengths.argmax(axis=1), ensemble, cut, fit.lexicon, rows)
    return spread, _agreement(fit, width, random_state)


def _weigh_block(among: tuple[Lexicon, np.ndarray, int], block: tuple[list[str], np.ndarray]) -> csr_matrix:
    lexicon, space, width = among
    return weigh_nearest(lexicon.join(*block), space, width)


def spread_refit(fit: Fit, refit: Strengths) -> Strengths:
    """Return a refit of the sample with the other papers in it, as their nearest papers that it looked at say.

    Parameters
    ----------
    fit : Fit
        Of all papers, from `spread_fit`, or of a corpus that was fitted whole: that has no others.
    refit : Strengths
        Its rows are those of `fit`.
    """
    if fit.fitted is None:
        return refit
    rows, strengths = refit
    own = np.zeros((len(fit.labels), strengths.shape[1]))
    own[rows] = strengths
    said = fit.graph @ own
    said[fit.fitted] = own[fit.fitted]
    heard = np.flatnonzero(said.any(axis=1))  # the refit left a tenth out, and all of a paper's nearest may be there
    return heard, said[heard] / said[heard].sum(axis=1, keepdims=True)


def spread_tree(tree: Tree, fit: Fit, primary: np.ndarray) -> Tree:
    """Return the tree with every paper in it: one that was not fitted stands in the fine theme of its neighbours.

    Parameters
    ----------
    tree : Tree
        Of the fitted papers.
    primary : ndarray of shape (n_papers,), int
        Theme of each paper: the fine themes inside it are what it can stand in. Where no neighbour does, the largest
        takes it.
    """
    if fit.fitted is None:
        return tree
    inside = tree.fine >= 0
    above = np.full(int(tree.fine.max(initial=-1)) + 1, -1)
    above[tree.fine[inside]] = primary[fit.fitted][inside]
    member = (tree.fine[:, None] == np.arange(len(above))).astype(np.float32)
    votes = fit.hand_out(member) + 1e-6 * member.mean(axis=0, keepdims=True)
    votes[primary[:, None] != above] = 0.0
    fine = np.where(votes.any(axis=1), votes.argmax(axis=1) if len(above) else -1, -1)
    fine[fit.fitted] = tree.fine
    return replace(tree, fine=fine)


def _agreement(fit: Fit, width: int, random_state: int) -> float:
    """Return how many fitted papers their neighbours would place where the fit did."""
    n_fitted = len(fit.labels)
    rng = np.random.default_rng(random_state)
    asked = np.sort(rng.choice(n_fitted, min(N_CHECKED, n_fitted), replace=False))
    near = weigh_nearest(fit.space[asked], fit.space, width + 1).tolil()
    near[np.arange(len(asked)), asked] = 0  # not by what it says of itself
    said = near.tocsr() @ fit.strengths
    return float((said.argmax(axis=1) == fit.labels[asked]).mean())
