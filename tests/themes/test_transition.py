"""From yesterday's themes to today's: what is clear at once, of the rest so much a run."""

import numpy as np
import pytest

from analysis.themes.consensus import Ensemble
from analysis.themes.fit import fit_themes
from analysis.themes.match import count_shared
from analysis.themes.transition import LEAST_KEPT, limit_changes, share_kept
from tests.themes.planted import counted, planted_corpus


def fitted(n_each, seed, earlier):
    texts, vectors, labels = planted_corpus(n_each, seed)
    known = np.random.default_rng(seed).random(len(labels)) < 0.6
    then = np.where(known, earlier(labels, known), -1)
    return fit_themes(counted(texts), vectors, 0.2, 0, then).labels, labels, then


@pytest.mark.parametrize("seed", range(3))
def test_two_subjects_in_one_theme_part_whole(seed):
    now, labels, _ = fitted(16, seed, lambda labels, known: np.where(labels == 1, 0, labels))
    apart = count_shared(now, labels, int(now.max()) + 1, 5)
    assert not (apart[:, 0] * apart[:, 1]).any()


@pytest.mark.parametrize("seed", range(3))
def test_a_subject_in_two_themes_becomes_one(seed):
    part = np.random.default_rng(seed + 9)
    now, labels, _ = fitted(
        16, seed, lambda labels, known: np.where((labels == 0) & (part.random(len(labels)) < 0.4), 5, labels))
    assert len(set(now[labels == 0])) == 1


def ensemble_of(groupings):
    partitions = np.array(groupings)
    return Ensemble(partitions, np.arange(partitions.shape[1]))


def test_a_toss_up_changes_a_few_papers_a_run():
    rng = np.random.default_rng(0)
    one, other = rng.permutation(np.arange(200) % 4), rng.permutation(np.arange(200) % 4)
    ensemble = ensemble_of([one, other] * 10)
    held = limit_changes(other, one, ensemble, 3)
    assert share_kept(other, one) < 0.5 and LEAST_KEPT <= share_kept(held, one) < 1
    assert (held >= 0).all()


def test_what_one_run_holds_back_the_next_ones_follow():
    rng = np.random.default_rng(1)
    then, wanted = np.arange(200) % 4, np.arange(200) % 4
    moved = rng.choice(200, 60, replace=False)
    wanted[moved] = (wanted[moved] + 1) % 4
    ensemble, kept = ensemble_of([wanted] * 11 + [then] * 9), []
    for _ in range(8):
        now = limit_changes(wanted, then, ensemble, 3)
        kept.append(share_kept(now, then))
        then = now
    assert min(kept) >= LEAST_KEPT and share_kept(wanted, then) == 1


def test_a_new_theme_of_new_papers_alone_comes_at_once():
    then = np.array([0] * 40 + [1] * 40 + [-1] * 20)
    wanted = np.array([0] * 40 + [1] * 40 + [2] * 20)
    assert list(limit_changes(wanted, then, ensemble_of([wanted] * 5), 3)) == list(wanted)
