"""`paper-themes check` finds each damage that is planted, says where and what to do, and changes nothing."""

import datetime as dt
import random
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from analysis import store
from analysis.__main__ import main
from analysis.receipt import make_receipt, receipt_script, seal_page
from tests.fake_run import fake_run

NOW = dt.datetime(2024, 5, 1, 7, tzinfo=dt.UTC)
RECEIPT = make_receipt("r1", {"inputs": [], "settings": {}, "tables": {}}, "0" * 64, "2024-05-01")
PAGE = ('<!doctype html>\n<html><meta http-equiv="Content-Security-Policy" content="default-src \'none\'">A report.'
        f"{receipt_script(RECEIPT)}</html>\n")


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Path:
    """A folder with one of everything that is kept."""
    here = tmp_path_factory.mktemp("sound")
    (here / "inbox").mkdir()
    (here / "inbox/feed.csv").write_text("title,abstract\nA planted title,It says a thing.\n")
    store.Snapshots(here / "data/raw").take_in(here / "inbox", NOW.date(), NOW)
    (here / "inbox").rmdir()
    first = fake_run(20, 3)
    store.write_run(first, here / "data/runs")
    second = fake_run(21, 3)
    store.write_run(replace(second, manifest={**second.manifest, "previous_run": first.run_id}), here / "data/runs")
    store.VectorCache(here / "data/cache").write("a model", {"ab" * 32: np.ones(4, np.float32)})
    store.VectorCache(here / "data/cache").write("another", {"cd" * 32: np.ones(4, np.float32)})
    for number in range(2):
        store.AnswerCache(here / "data/cache/answers").write(f"{number:064x}", f"Answer {number}")
    store.write_text(here / "data/curated/ledger.toml", '[[pin]]\ntheme = "t1"\n')
    store.write_text(here / "figures/latest/report.html", seal_page(PAGE))
    store.write_text(here / "figures/latest/digest.html", "<!doctype html>\n<html>A digest.</html>\n")
    return here


@pytest.fixture
def here(sound, tmp_path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "here"))


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def check(folder: Path, capsys) -> tuple[int, list[str]]:
    """Return the exit code and the lines of damage; the folder must be as it was."""
    before = files(folder)
    code = main(["check", str(folder)])
    assert files(folder) == before
    out = capsys.readouterr()
    assert "checked 1 snapshot, " in out.err and out.out.splitlines()[-1].endswith((" are sound", " are damaged"))
    return code, out.out.splitlines()[:-1]


def test_what_is_sound_is_sound(here, capsys):
    assert check(here, capsys) == (0, [])


def test_bits_that_flip_and_cuts_are_found(here, capsys):
    rng = random.Random(0)
    for path, content in files(here).items():
        path.chmod(0o644)
        if path.name in ("ledger.toml", "digest.html"):  # nothing says what they were
            damages = [b"\xff" + content, content[: len(content) // 2]]
        else:
            flipped = bytearray(content)
            flipped[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
            damages = [bytes(flipped), content[: rng.randrange(1, len(content))], b""]
        path.write_bytes(rng.choice(damages))
        code, lines = check(here, capsys)
        assert code == 5 and len(lines) == 1, path
        assert str(path) in lines[0] or str(path.parent) in lines[0]
        assert any(word in lines[0] for word in ("again", "anew", "mend", "bring", "save", "expected")), lines
        path.write_bytes(content)
    assert check(here, capsys) == (0, [])


@pytest.mark.parametrize("gone", ["data/raw/inbox/*/feed.csv", "data/raw/inbox/*/snapshot.json", "data/runs/*/map.csv",
                                  "data/runs/*/manifest.json"])
def test_what_is_missing_is_found(here, capsys, gone):
    path = next(iter(sorted(here.glob(gone))))
    path.unlink()
    code, lines = check(here, capsys)
    assert code == 5 and len(lines) == 1 and str(path.parent) in lines[0] and path.name in lines[0]


def test_a_run_that_others_go_on_from_is_missed(here, capsys):
    shutil.rmtree(here / "data/runs" / fake_run(20, 3).run_id)
    code, lines = check(here, capsys)
    assert code == 5 and f"goes on from run {fake_run(20, 3).run_id}, which is not there" in lines[0]


@pytest.mark.parametrize("extra", ["data/raw/inbox/2024-05-01/more.csv",
                                   f"data/runs/{fake_run(20, 3).run_id}/more.csv"])
def test_what_does_not_belong_is_found(here, capsys, extra):
    (here / extra).write_text("x")
    code, lines = check(here, capsys)
    assert code == 5 and len(lines) == 1 and "more.csv" in lines[0] and "move it" in lines[0]


@pytest.mark.parametrize(("what", "n_damaged"), [("data/runs/*/themes.csv", 2), ("data/cache/*/*.npy", 2),
                                                 ("data/cache/answers/*.json", 2), ("data/runs/*/manifest.json", 2),
                                                 ("data/runs/r*", 0)])
def test_what_is_swapped_is_found(here, capsys, what, n_damaged):
    one, other = sorted(here.glob(what))[:2] if n_damaged else sorted((here / "data/runs").iterdir())
    swapped = here / "swapped"
    one.rename(swapped)
    other.rename(one)
    swapped.rename(other)
    code, lines = check(here, capsys)
    assert code == 5 and len(lines) == 2, lines


def test_swapped_vectors_of_two_models_are_never_used(here):
    one, other = sorted((here / "data/cache").glob("*/*.npy"))
    one.rename(other.parent / one.name)
    told: list[str] = []
    cache = store.VectorCache(here / "data/cache", told.append)
    assert set(cache.read("a model", ["ab" * 32])) | set(cache.read("another", ["ab" * 32])) == set()
    assert len(told) == 1 and one.name in told[0]


def test_a_run_that_a_kill_moved_aside_is_told(here, capsys):
    run = here / "data/runs" / fake_run(21, 3).run_id
    run.rename(run.with_name(f".{run.name}.replaced"))
    code, lines = check(here, capsys)
    assert code == 5 and "moved it aside" in lines[0]
    store.read_run(run)
    assert check(here, capsys) == (0, [])


def test_a_folder_that_is_none_is_told(tmp_path, capsys):
    assert main(["check", str(tmp_path / "none")]) == 2
    assert main(["check", str(tmp_path)]) == 0
    assert "all 0 are sound" in capsys.readouterr().out
