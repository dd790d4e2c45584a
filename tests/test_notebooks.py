"""Notebooks are held to the house's style, run from top to bottom on the seed, and export by themselves."""

import ast
import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import plotly.io
import pytest
from fake_run import fake_run

from analysis import charts, store
from analysis.charts.style import show_everywhere

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "notebooks"
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
    *_, heading, last = cells(path)
    assert last["cell_type"] == "code" and source(heading).startswith("## ")


def drawn_in(path):
    return re.findall(r"\bcharts\.(plot_\w+)\(", "\n".join(source(cell) for cell in cells(path, "code")))


def test_every_chart_is_one_line_of_some_notebook():
    drawn = {name for path in NOTEBOOKS for name in drawn_in(path)}
    assert drawn == {name for name in charts.__all__ if name.startswith("plot_")}


@pytest.mark.parametrize(("chosen", "kept"), [
    ("plotly_mimetype", "plotly_mimetype+notebook"), ("browser", "browser"), ("svg", "svg")])
def test_figures_show_in_every_front_end_and_a_choice_is_kept(chosen, kept, monkeypatch):
    monkeypatch.delenv("PLOTLY_RENDERER", raising=False)
    monkeypatch.setattr(plotly.io.renderers, "_default_renderers", [])
    monkeypatch.setattr(plotly.io.renderers, "_default_name", "")
    plotly.io.renderers.default = chosen
    show_everywhere()
    assert plotly.io.renderers.default == kept


@each
def test_imports_stand_before_what_draws(path):
    lines = [line for cell in cells(path, "code") for line in source(cell).splitlines()]
    drawing = next(number for number, line in enumerate(lines) if line.startswith(("charts.", "report.", "run.")))
    assert not [line for line in lines[drawing:] if re.match(r"(import|from) ", line)]


# ------------------------------------------------------------------------------------------- from top to bottom


def numbered(counts):
    return list(counts) == list(range(1, len(counts) + 1))


def test_every_notebook_exports_by_itself_on_the_seed(tmp_path):
    """Pages made from a copy of the repository, by plain nbconvert; the first notebook makes the run."""
    copy = tmp_path
    for folder in ("notebooks", "data/raw", "data/curated"):
        shutil.copytree(ROOT / folder, copy / folder)
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    env.pop("PLOTLY_RENDERER", None)
    notebooks = sorted(path.name for path in (copy / "notebooks").glob("*.ipynb"))
    done = subprocess.run([sys.executable, "-m", "nbconvert", "--execute", "--to", "html", "--log-level=ERROR",
                           "--ExecutePreprocessor.startup_timeout=600",
                           *notebooks], cwd=copy / "notebooks", env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    assert len(list((copy / "data/runs").glob("*/manifest.json"))) == 1
    for path in NOTEBOOKS:
        check_export(path, (copy / "notebooks" / f"{path.stem}.html").read_text(encoding="utf-8"))


def check_export(path, page):
    assert numbered(list(map(int, re.findall(r'InputArea-prompt">In\s\[(\d+)\]:', page))))
    assert page.count('class="plotly-graph-div"') == len(drawn_in(path))
    assert ("plotly.js v" in page) == bool(drawn_in(path))
    assert not re.search(r'<script[^>]* src="[^"]*plot', page)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two dated runs, the second of which follows the first."""
    folder = tmp_path_factory.mktemp("runs")
    first, second = fake_run(40, 6), fake_run(60, 6)
    for run, day, previous in ((first, "2031-05-04", None), (second, "2031-05-05", first.run_id)):
        told = {"looked_at": f"{day}T06:30:00+00:00", "previous_run": previous}
        store.write_run(dataclasses.replace(run, manifest=run.manifest | told), folder)
    return folder


@pytest.mark.parametrize(("name", "more"), [("04_trends", {}), ("05_history", {}), ("06_archive", {"archive": ""})])
def test_papermill_runs_a_dated_notebook_with_parameters(name, more, runs, tmp_path, monkeypatch):
    import papermill

    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    done = papermill.execute_notebook(FOLDER / f"{name}.ipynb", tmp_path / "done.ipynb", {"runs": str(runs), **more},
                                      cwd=FOLDER, progress_bar=False, start_timeout=600)
    run = [cell for cell in done.cells if cell.cell_type == "code"]
    assert numbered([cell.execution_count for cell in run])
    drawn = [output["data"]["application/vnd.plotly.v1+json"]["layout"]["meta"] for cell in run
             for output in cell.outputs if "application/vnd.plotly.v1+json" in output.get("data", {})]
    assert len(drawn) == len(drawn_in(FOLDER / f"{name}.ipynb"))
    assert not [meta["chart"] for meta in drawn if meta.get("empty")]
    assert done.cells[-1].outputs[0]["data"]["text/html"].strip()
