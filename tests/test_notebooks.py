"""Notebooks are held to the house's style, and run from top to bottom."""

import ast
import json
import re
from pathlib import Path

import pytest
from fake_run import fake_run

from analysis import store
from analysis.report.export import execute_notebook

FOLDER = Path(__file__).resolve().parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


def cells(path, kind=None):
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in found if kind in (None, cell["cell_type"])]


def source(cell):
    return "".join(cell["source"])


each = pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.stem for path in NOTEBOOKS])


def test_notebooks_are_numbered_in_order_and_the_report_is_last():
    assert len(NOTEBOOKS) >= 6
    assert all(re.fullmatch(r"\d\d_[a-z]+\.ipynb", path.name) for path in NOTEBOOKS)
    numbers = [path.name[:2] for path in NOTEBOOKS]
    assert len(set(numbers)) == len(numbers)
    assert (NOTEBOOKS[0].stem, NOTEBOOKS[-1].stem) == ("00_quickstart", "90_report")


@each
def test_a_question_stands_on_top(path):
    first = cells(path)[0]
    heading = source(first).splitlines()[0]
    assert first["cell_type"] == "markdown" and heading.startswith("# ") and heading.endswith("?")


@each
def test_no_output_is_committed(path):
    for cell in cells(path, "code"):
        assert cell["outputs"] == [] and cell["execution_count"] is None


@each
def test_cells_are_short_and_define_nothing(path):
    lengths = []
    for cell in cells(path, "code"):
        tree = ast.parse(source(cell))
        assert not [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda)]
        lengths.append(len(source(cell).splitlines()))
    assert max(lengths) <= 6 and sum(lengths) / len(lengths) <= 4


@each
def test_text_stands_before_each_cell(path):
    kinds = [cell["cell_type"] for cell in cells(path)]
    assert all(kinds[number - 1] == "markdown" for number, kind in enumerate(kinds) if kind == "code")


@each
def test_prose_holds_no_number_of_a_run_and_the_end_is_computed(path):
    for cell in cells(path, "markdown"):
        assert not re.search(r"\b\d+ (papers|themes|abstracts)\b", source(cell))
    assert cells(path)[-1]["cell_type"] == "code"


@each
def test_imports_stand_before_what_draws(path):
    lines = [line for cell in cells(path, "code") for line in source(cell).splitlines()]
    drawing = next(number for number, line in enumerate(lines) if line.startswith(("charts.", "report.", "run.")))
    assert not [line for line in lines[drawing:] if re.match(r"(import|from) ", line)]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    store.write_run(fake_run(40, 6), folder)
    return folder


@pytest.mark.parametrize("name", ["01_corpus", "02_themes", "03_map", "04_trends", "05_history", "06_archive"])
def test_the_notebook_runs_on_the_newest_run(name, runs):
    others = {"archive": "none.parquet"} if name == "06_archive" else {}
    done = execute_notebook(FOLDER / f"{name}.ipynb", runs=str(runs), **others)
    shown = [output for cell in done.cells for output in cell.get("outputs", [])]
    assert not [output for output in shown if output["output_type"] == "error"]
    assert done.cells[-1].outputs[0]["data"]["text/html"].strip()


def test_the_quickstart_makes_a_run_from_any_feed(tmp_path):
    feed = tmp_path / "feed.txt"
    papers = fake_run(9, 2).papers
    feed.write_text("\n\n".join(papers["title"] + "\n\n" + papers["abstract"]), encoding="utf-8")
    done = execute_notebook(FOLDER / "00_quickstart.ipynb", papers=str(feed), runs=str(tmp_path / "runs"),
                            cache=str(tmp_path / "cache"))
    assert len(list((tmp_path / "runs").glob("*/manifest.json"))) == 1
    assert "9 papers" in done.cells[-1].outputs[0]["data"]["text/html"]
