"""A report proves itself: one flipped byte fails, and run and papers give it again."""

from __future__ import annotations

import hashlib
import json
import random
import re
from dataclasses import replace
from pathlib import Path

import pytest
from fake_run import fake_run

from analysis import store
from analysis.__main__ import main
from analysis.receipt import (
    check_inputs,
    check_page,
    check_remade,
    check_same,
    make_receipt,
    page_packages,
    page_sha256,
    read_receipt,
    receipt_script,
    seal_page,
)
from analysis.schema import Run, RunError

MADE_AT = "2031-05-04T12:40+00:00"


def a_page(run: Run) -> bytes:
    """A page as small as one can be: what stands before its receipt does not matter to it."""
    receipt = make_receipt(run.run_id, run.manifest, store.run_sha256(run.manifest), MADE_AT)
    return seal_page(f"<!doctype html>\n<p>Ünïcode, 主題, {'and on ' * 500}</p>\n{receipt_script(receipt)}\n"
                     "</body>\n</html>").encode()


def flipped(content: bytes, place: int, bit: int) -> bytes:
    return content[:place] + bytes([content[place] ^ (1 << bit)]) + content[place + 1:]


@pytest.mark.parametrize("hostile", [False, True])
def test_a_page_is_as_it_was_written(hostile: bool) -> None:
    run = fake_run(12, 3, hostile=hostile)
    content = a_page(run)
    assert check_page(content).holds
    receipt = read_receipt(content)
    assert receipt["run_id"] == run.run_id and receipt["made_at"] == MADE_AT
    assert receipt["inputs"] == run.manifest["inputs"] and receipt["settings"] == run.manifest["settings"]
    assert receipt["page_sha256"] == page_sha256(content)
    assert b"<" not in content.split(b'id="page-receipt">')[1].split(b"</script>")[0]


def test_one_flipped_bit_fails_wherever_it_is() -> None:
    content = a_page(fake_run(12, 3, hostile=True))
    for place in range(len(content)):  # receipt, digest and closing tags among them
        assert not check_page(flipped(content, place, place % 8)).holds, place


def test_a_cut_or_longer_or_doubled_page_fails() -> None:
    content = a_page(fake_run(12, 3))
    receipt = content[content.index(b"<script"):]
    for changed in (content[:-1], content + b"\n", content[1:], content + receipt, receipt + content, b"", b"\x00"):
        assert not check_page(changed).holds
    with pytest.raises(RunError, match="it has no receipt"):
        read_receipt(b"<p>Another page</p>")


def test_the_digest_is_over_all_but_itself() -> None:
    content = a_page(fake_run(12, 3))
    digest = read_receipt(content)["page_sha256"].encode()
    assert content.count(digest) == 1
    other = content.replace(digest, b"f" * 64)
    assert page_sha256(other) == page_sha256(content) and not check_page(other).holds


def test_inputs_are_held_to_their_content_and_a_feed_may_grow() -> None:
    expected = [{"name": "a.txt", "sha256": "1" * 64}, {"name": "b.txt", "sha256": "2" * 64}]
    same = check_inputs(expected, {"a.txt": "1" * 64, "renamed.txt": "2" * 64, "later.txt": "3" * 64})
    assert [finding.holds for finding in same] == [True, True]
    changed, gone = check_inputs(expected, {"a.txt": "4" * 64})
    assert not changed.holds and f"expected sha256 {'1' * 64}, came {'4' * 64}" in changed.said
    assert not gone.holds and "came no file" in gone.said


def test_each_difference_is_a_finding_of_its_own() -> None:
    found = check_same("table", {"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 5, "d": 4})
    assert [finding.said for finding in found] == [
        "table b: expected 2, came 5", "table c: expected 3, came null", "table d: expected null, came 4"]
    assert check_same("table", {"a": 1}, {"a": 1})[0].holds


def test_a_page_made_by_other_versions_says_so() -> None:
    content = a_page(fake_run(12, 3))
    made_with = page_packages() | {"plotly": "0.1"}
    (finding,) = check_remade(content, content.replace(b"and on", b"and off", 1), made_with)
    assert not finding.holds and "part in line 2" in finding.said and "plotly 0.1 then" in finding.said


def test_the_run_sha256_knows_no_clock() -> None:
    manifest = fake_run(5, 2).manifest
    digest = store.run_sha256(manifest)
    assert store.run_sha256({**manifest, "profile": {"read": 3.5}, "looked_at": MADE_AT, "checksum": "x"}) == digest
    for name, value in manifest.items():
        if name == "profile":
            continue
        assert store.run_sha256({**manifest, name: [value]}) != digest, name


# ------------------------------------------------------------------------------------------------ the command line


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a feed, a run that names it, and the report of that run."""
    folder = tmp_path_factory.mktemp("desk")
    run = fake_run(12, 2, hostile=True)
    lay_feed(folder, run)
    digest = hashlib.sha256((folder / "feed.txt").read_bytes()).hexdigest()
    told = run.manifest | {"inputs": [{"name": "feed.txt", "sha256": digest, "bytes": 1}]}
    made = store.write_run(replace(run, manifest=told), folder / "data/runs")
    assert main(["report", str(made), "--out", str(folder / "report.html")]) == 0
    return folder


def lay_feed(folder: Path, run: Run) -> None:
    papers = run.papers
    (folder / "feed.txt").write_text("\n\n".join(papers["title"] + "\n\n" + papers["abstract"]), encoding="utf-8")


@pytest.fixture
def at(desk: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only run there."""
    monkeypatch.chdir(desk)
    return next(path.parent for path in Path("data/runs").glob("*/manifest.json"))


@pytest.mark.usefixtures("at")
def test_the_run_gives_the_page_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "report.html", "--input", "feed.txt"]) == 0
    *lines, last = capsys.readouterr().out.splitlines()
    assert all(line.startswith("holds") for line in lines) and last == "report.html is verified"
    for said in ("as it was written", "every table held", "byte for byte what the run gives", "input feed.txt: sha256"):
        assert any(said in line for line in lines), said


def test_the_papers_give_every_table_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                           capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    lay_feed(tmp_path, fake_run(12, 2))
    Path("few.toml").write_text("n_resamples = 2\n")
    Path("themes.toml").write_text('[[theme]]\nkey = "d"\nname = "Distilling"\nsentence = "A student is taught."\n')
    assert main(["run", "feed.txt", "--out", "runs", "--settings", "few.toml", "--themes", "themes.toml"]) == 0
    run = store.read_run(Path(capsys.readouterr().out.splitlines()[-1]))
    Path("page.html").write_bytes(a_page(run))
    assert main(["verify", "page.html", "--input", "feed.txt", "--recompute"]) == 0
    said = capsys.readouterr().out
    assert f"computed again: table: {len(run.tables)} of {len(run.tables)} the same" in said
    assert "computed again: run and packages" in said and "DIFFERS" not in said


def test_a_flipped_byte_of_a_real_page_is_5(at: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content = Path("report.html").read_bytes()
    places = random.Random(0).choices(range(len(content)), k=40)
    places += random.Random(1).choices(range(content.index(b'id="page-receipt"'), len(content)), k=40)
    assert [place for place in places if check_page(flipped(content, place, place % 8)).holds] == []
    (tmp_path / "report.html").write_bytes(flipped(content, places[0], 0))
    assert main(["verify", str(tmp_path / "report.html")]) == 5
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("DIFFERS the page: expected sha256") and out[-1].endswith("1 of 1 findings")


def test_another_run_or_a_damaged_one_is_5(at: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = store.write_run(fake_run(9, 2), tmp_path)
    assert main(["verify", "report.html", "--run", str(other)]) == 5
    assert f'the run\'s run_id: expected "{at.name}", came "{other.name}"' in capsys.readouterr().out
    (other / "papers.csv").write_bytes(b"x")
    assert main(["verify", "report.html", "--run", str(other)]) == 5
    assert "DIFFERS the run:" in capsys.readouterr().out


def test_a_page_that_someone_wrote_anew_is_told_by_its_run(at: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                          capsys: pytest.CaptureFixture[str]) -> None:
    made = Path("report.html").read_text(encoding="utf-8")
    monkeypatch.setattr("analysis.report.build_report", lambda folder, made_at: made)  # as the test above has shown
    page = made.replace("12 papers", "21 papers")
    digest = read_receipt(page.encode())["page_sha256"]
    (tmp_path / "forged.html").write_text(page.replace(digest, page_sha256(page.encode())), encoding="utf-8")
    assert main(["verify", str(tmp_path / "forged.html")]) == 5
    out = capsys.readouterr().out
    assert "holds   the page: as it was written" in out and "DIFFERS the page: expected what the run gives" in out


def test_other_papers_are_5_and_what_is_not_there_is_2(at: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                       capsys: pytest.CaptureFixture[str]) -> None:
    page = str(Path("report.html").resolve())
    other = tmp_path / "feed.txt"
    other.write_text(Path("feed.txt").read_text(encoding="utf-8") + "\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)  # where its run is not
    assert main(["verify", page, "--input", str(other), "--recompute"]) == 5
    said = capsys.readouterr()
    assert re.search(r"DIFFERS input feed.txt: expected sha256 \w{64}, came \w{64}", said.out)
    assert "was not held to its run" in said.err and "computed again" not in said.out
    for wrong in (["nowhere.html"], [page, "--run", "nowhere"], [page, "--input", "nowhere"], [page, "--recompute"]):
        assert main(["verify", *wrong]) == 2, wrong


def test_the_receipt_can_be_read_by_anyone(at: Path) -> None:
    page = Path("report.html").read_text(encoding="utf-8")
    (text,) = re.findall(r'<script type="application/json" id="page-receipt">(.*?)</script>', page)
    receipt, run = json.loads(text), store.read_run(at)
    assert receipt["tables"] == run.manifest["tables"] and receipt["packages"] == run.manifest["packages"]
    assert receipt["run_sha256"] == store.run_sha256(run.manifest) and receipt["settings"]["title"].startswith("<u>")
