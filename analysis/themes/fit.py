"""Papers in, groups out: the whole fit, without names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_matrix

from analysis.themes.choose import Cut, choose_cut, min_theme_size, usual_n_themes
from analysis.themes.consensus import Ensemble, resample_partitions
from analysis.themes.graph import build_graph, choose_n_neighbours
from analysis.themes.space import Lexicon, WordCounts, learn_lexicon
from analysis.themes.transition import LEAST_KEPT, limit_changes, share_kept

CONSENSUS = "consensus of neighbour graphs"
MIN_PAPERS_TO_GROUP = 6
MEMORY = 0.05
"""Votes of the run before, for each vote of a resampled partition: a whisper that settles what is a toss-up today."""
HOLD = (0.5, 1.0, 2.0)
"""Votes for the grouping that is held to, where today's would change too much: as loud as it takes."""
SCALES = (1 / 1.5, 2.5)
"""Partitions reach from somewhat broader than the usual number of themes to rather finer."""


@dataclass(frozen=True)
class Fit:
    """A fitted grouping of papers.

    Parameters
    ----------
    space : ndarray of shape (n_papers, n_dimensions)
        Joined dense and lexical space, unit rows.
    graph : sparse matrix of shape (n_papers, n_papers)
    strengths : ndarray of shape (n_papers, n_themes)
        How far each paper belongs to each theme; rows sum to 1.
    labels : ndarray of shape (n_papers,), int
        Theme with the greatest strength.
    ensemble : Ensemble or None
        The resampled partitions that the groups rest on; None below `MIN_PAPERS_TO_GROUP` papers.
    cut : Cut or None
        What the number of themes was chosen from; None below `MIN_PAPERS_TO_GROUP` papers.
    lexicon : Lexicon or None
        Puts other papers into the space.
    fitted : ndarray of shape (n_fitted,), int, or None
        Rows of the papers that were looked at; None for all. `space` holds these alone, and `graph` joins the others
        to them, and to no other paper.
    """

    space: np.ndarray
    graph: csr_matrix
    strengths: np.ndarray
    labels: np.ndarray
    ensemble: Ensemble | None
    cut: Cut | None
    lexicon: Lexicon | None = None
    fitted: np.ndarray | None = None

    @property
    def own_graph(self) -> csr_matrix:
        """The graph of the papers that were looked at."""
        return self.graph if self.fitted is None else self.graph[self.fitted][:, self.fitted]

    def hand_out(self, values: np.ndarray) -> np.ndarray:
        """Return values of the fitted papers, and for every other paper the mean of its neighbours', by weight.

        Parameters
        ----------
        values : float ndarray of shape (n_fitted, n)

        Returns
        -------
        ndarray of shape (n_papers, n)
        """
        if self.fitted is None:
            return values
        everyone = np.asarray(self.graph[:, self.fitted] @ values)
        everyone[self.fitted] = values
        return everyone

    def measured(self) -> Fit:
        """Return the fit with the strengths that its labels give, and each paper where it is strongest."""
        assert self.ensemble is not None
        strengths = measure_strengths(self.graph, self.ensemble, self.labels)
        return replace(self, strengths=strengths, labels=strengths.argmax(axis=1))


Grouping = Callable[[Fit, int, int], np.ndarray]
"""Another way to group: a fit, a number of themes and a seed → each paper's theme, -1 where it has none."""


def fit_themes(
    words: WordCounts, vectors: np.ndarray, detail: float, random_state: int, earlier: np.ndarray | None = None,
) -> Fit:
    """Return the groups of papers that resamples of the corpus agree on.

    Parameters
    ----------
    words : WordCounts
        Of the n_papers papers, from `count_words`.
    vectors : ndarray of shape (n_papers, n_dimensions)
        Unit rows.
    detail : float
        0 (few broad themes) to 1 (many fine themes).
    earlier : ndarray of shape (n_papers,), int, optional
        Group of each paper in the run before, -1 where it was not there. It votes among the resampled partitions, so
        that a paper changes its theme, and themes their number, only where today's papers speak clearly for it.

    Returns
    -------
    Fit
        With no paper there is no theme; below six papers all stand in one.
    """
    n_papers = len(words)
    lexicon, space = learn_lexicon(words, vectors, random_state)
    if n_papers < MIN_PAPERS_TO_GROUP:
        graph = csr_matrix((n_papers, n_papers))
        return Fit(space, graph, np.ones((n_papers, min(n_papers, 1))), np.zeros(n_papers, dtype=int), None, None,
                   lexicon)
    graph = build_graph(space, choose_n_neighbours(n_papers))
    return replace(group_papers(space, graph, detail, random_state, earlier), lexicon=lexicon)


def group_papers(
    space: np.ndarray, graph: csr_matrix, detail: float, random_state: int, earlier: np.ndarray | None = None,
) -> Fit:
    """Return the groups that resamples of a neighbour graph agree on; of the rest as `fit_themes`.

    Parameters
    ----------
    space : ndarray of shape (n_papers, n_dimensions)
        Unit rows, of `MIN_PAPERS_TO_GROUP` papers or more.
    graph : sparse matrix of shape (n_papers, n_papers)
    """
    n_papers = len(space)
    usual = usual_n_themes(n_papers, detail)
    ensemble = resample_partitions(graph, usual * SCALES[0], usual * SCALES[1], random_state)

    def settle(ensemble: Ensemble) -> Fit:
        cut = choose_cut(ensemble, usual, min_theme_size(n_papers), random_state)
        return Fit(space, graph, np.empty(0), cut.labels, ensemble, cut).measured()

    if earlier is None or not (earlier >= 0).any():
        return settle(ensemble)
    fit = settle(ensemble.remember(earlier, MEMORY))
    if share_kept(fit.labels, earlier) >= LEAST_KEPT:
        return fit
    held = limit_changes(fit.labels, earlier, ensemble, min_theme_size(n_papers))
    wanted = share_kept(held, earlier)
    for weight in HOLD:
        strengths = measure_strengths(graph, replace(ensemble, earlier=held, earlier_weight=weight), held)
        labels = strengths.argmax(axis=1)
        if share_kept(labels, earlier) >= min(wanted, LEAST_KEPT):
            break
    return replace(fit, strengths=strengths, labels=labels)


def regroup(fit: Fit, group: Grouping | None, random_state: int) -> Fit:
    """Return the fit with its papers grouped another way; the consensus still says into how many, and how firmly.

    With None for the way, as with too few papers to be grouped, the fit is as it was.
    """
    if group is None or fit.cut is None:
        return fit
    return replace(fit, labels=group(fit, fit.cut.n_themes, random_state)).measured()


def relabel(fit: Fit, labels: np.ndarray) -> Fit:
    """Return the fit with its papers grouped as a person wants them; strengths follow, groups do not."""
    if fit.ensemble is None:
        return fit
    return replace(fit, strengths=measure_strengths(fit.graph, fit.ensemble, labels), labels=labels)


def measure_strengths(
    graph: csr_matrix, ensemble: Ensemble, labels: np.ndarray, n_themes: int | None = None,
) -> np.ndarray:
    """Return how far each paper belongs to each theme.

    Half of it is the share of the paper's neighbours (by weight) that stand in the theme, half the share of the
    theme in the paper's company over all resampled partitions. An earlier run that votes counts beside them by its
    weight.

    Parameters
    ----------
    labels : ndarray of shape (n_papers,), int
        Theme of each paper; one with -1 belongs where its neighbours and its company do.
    n_themes : int, optional
        Where the last ones may hold no paper.

    Returns
    -------
    ndarray of shape (n_papers, n_themes)
        Rows sum to 1.
    """
    from analysis.themes.loops import add_company

    n_papers, n_themes = len(labels), n_themes or int(labels.max()) + 1
    member = np.zeros((n_papers, n_themes))
    placed = labels >= 0
    member[placed, labels[placed]] = 1.0
    votes = graph @ member
    total = votes.sum(axis=1, keepdims=True)
    votes = np.divide(votes, total, out=member.copy(), where=total > 0)
    company = np.zeros((n_papers, n_themes))
    for partition in ensemble.partitions:
        add_company(partition, labels, company)
    total = company.sum(axis=1, keepdims=True)
    company = np.divide(company, total, out=member.copy(), where=total > 0)
    if ensemble.earlier is None:
        return (votes + company) / 2
    weight = ensemble.earlier_weight
    before = np.zeros((n_papers, n_themes))
    add_company(ensemble.earlier, labels, before)
    known = weight * before.sum(axis=1, keepdims=True)
    return (votes + company + known * before) / (2 + known)
