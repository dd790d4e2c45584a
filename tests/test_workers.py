"""Blocks of papers give the same wherever they are worked on, and in whichever process one dies."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_info

from analysis.corpus import InputFile, read_papers
from analysis.pipeline import analyse
from analysis.schema import InputError
from analysis.settings import Settings
from analysis.themes.fit import fit_themes
from analysis.themes.sample import spread_fit
from analysis.trends import terms
from analysis.workers import begin, each_here, each_on_cores, load_on_cores, open_workers
from tests.themes.planted import counted, joined, planted_corpus

ROOT = Path(__file__).resolve().parents[1]


def _times(shared, block):
    time.sleep(0.05)
    return shared * block, os.getpid()


@pytest.fixture(scope="module")
def each():
    with open_workers(2) as each:
        yield each


def test_a_killed_worker_is_made_good(each):
    results, killed = [], None
    for result, process in each(_times, 7, range(40)):
        results.append(result)
        if len(results) == 5:
            killed = process
            os.kill(process, signal.SIGKILL)
    assert killed not in (None, os.getpid())
    assert results == [7 * block for block in range(40)]


def test_placing_and_reading_are_the_same_in_other_processes(each, monkeypatch):
    texts, vectors, _ = planted_corpus(60)
    rows = np.arange(0, len(texts), 2)
    fit = fit_themes(counted([texts[row] for row in rows]), vectors[rows], 0.5, 0)
    monkeypatch.setattr("analysis.themes.sample.BLOCK", 40)
    here, there = (spread_fit(fit, rows, joined(texts), vectors, 0, who)[0] for who in (each_here, each))
    assert (here.labels == there.labels).mean() >= 0.995
    np.testing.assert_allclose(here.strengths, there.strengths, atol=1e-5)
    monkeypatch.setattr(terms, "_BLOCK", 50)
    here, there = (terms.count_terms(texts, who) for who in (each_here, each))
    assert here.forms == there.forms and (here.says != there.says).nnz == 0
    assert len(here.forms) > 10


def test_files_are_read_the_same_in_other_processes(each):
    table = "title,abstract\nPaper {} of many,It is about lava.\nPaper 0 of many,\n"
    files = [*(InputFile(f"{n}.csv", table.format(n).encode()) for n in range(5)), InputFile("x.json", b"[1, {")]
    here, there = (read_papers(files, each=who) for who in (each_here, each))
    assert len(here.papers) == 5 and len(here.dropped) == 6
    pd.testing.assert_frame_equal(here.papers, there.papers)
    pd.testing.assert_frame_equal(here.dropped, there.dropped)


def test_the_cores_give_the_same_in_order_and_begin_at_once():
    results = list(each_on_cores(_times, 7, range(40)))
    assert [result for result, _ in results] == [7 * block for block in range(40)]
    # This process works as well while it waits.
    assert os.getpid() in {process for _, process in results}
    assert len({process for _, process in results}) > 1 or os.cpu_count() == 1
    begun = begin(each_on_cores, _times, 3, 4)
    assert begun()[0] == 12 and begin(each_here, _times, 3, 5)() == (15, os.getpid())


_loaded: list[int] = []


def _load():
    time.sleep(0.2)
    _loaded.append(os.getpid())


def _where_loaded(shared, block):
    time.sleep(0.05)
    return os.getpid(), list(_loaded)


@pytest.mark.skipif(os.cpu_count() == 1, reason="there is no other core")
def test_other_processes_load_what_they_will_need_while_this_one_goes_on():
    load_on_cores(_load)
    found = dict(each_on_cores(_where_loaded, None, range(40)))
    assert found.pop(os.getpid()) == []
    assert any(process in loaded for process, loaded in found.items())


def test_what_one_asks_for_and_what_begins_between_do_not_mix():
    first, second = (each_on_cores(_times, shared, range(9)) for shared in (2, 3))
    assert [next(second)[0], next(first)[0], next(second)[0]] == [0, 0, 3]
    first.close()
    assert [result for result, _ in second] == [3 * block for block in range(2, 9)]


def test_a_run_multiplies_matrices_in_one_thread_whatever_the_machine_has():
    """Sums are parted among threads, and round otherwise for every number of them."""
    def n_threads(*line):
        return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}

    before, inside = n_threads(), []
    analyse([InputFile("none.csv", b"title,abstract\n")], Settings(), progress=lambda line: inside.append(n_threads()))
    assert inside and all(threads == {1} for threads in inside)
    assert n_threads() == before


def test_a_killed_process_is_made_good():
    results = []
    for result, process in each_on_cores(_times, 7, range(40)):
        results.append(result)
        if process != os.getpid() and len(results) < 20:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
    assert results == [7 * block for block in range(40)]


def test_an_interrupt_ends_all_processes():
    program = ("import signal\nfrom analysis.workers import each_on_cores\nfrom tests.test_workers import _times\n"
               "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a job in the background ignores it
               "for result in each_on_cores(_times, 7, range(400)): print(result[0], flush=True)\n")
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          start_new_session=True) as process:
        assert process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does
        process.communicate(timeout=60)
    assert process.returncode != 0
    with pytest.raises(ProcessLookupError):
        for _ in range(200):  # those that look after what is left behind end a little later
            os.killpg(process.pid, 0)
            time.sleep(0.1)


def _fail(shared, block):
    raise InputError(f"block {block} is bad")


def test_what_fails_elsewhere_fails_here():
    with pytest.raises(InputError, match=r"block \d is bad"):
        list(each_on_cores(_fail, None, [1, 2]))


def test_what_cannot_be_opened_is_told(monkeypatch):
    with pytest.raises(InputError, match="--workers is 0, expected 1"), open_workers(0):
        pass
    monkeypatch.setattr("analysis.workers.cluster.WAIT_SECONDS", 1)
    with pytest.raises(InputError, match="no Dask worker answers at tcp://127.0.0.1:9"), \
            open_workers(scheduler="tcp://127.0.0.1:9"):
        pass
