"""Execute the notebook on one run and export it with our template: one page, everything inside, nothing loaded."""

from __future__ import annotations

import base64
import copy
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from analysis import store
from analysis.receipt import make_receipt, receipt_script, seal_page
from analysis.report import sections, words
from analysis.report.pack import pack_charts, pack_texts, pack_view, packed_text
from analysis.schema import Run, RunError

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
CELL_SECONDS = 600
SCRIPTS = ("tools", "view", "names", "lasso", "gestures", "map", "finder", "reader", "charts", "page")
"""The page's scripts, joined in this order into one: what stands first is known to what follows."""
PLOTLY_MIME = "application/vnd.plotly.v1+json"


def build_report(run_folder: Path, made_at: str = "", notebook: Path | None = None) -> str:
    """Return the report of a run as one HTML page.

    Parameters
    ----------
    run_folder : Path
        A run, as `store.write_run` left it.
    made_at : str
        The moment of making, ISO 8601; it comes from outside, so that this room needs no clock.
    notebook : Path, optional
        Another notebook than ``notebooks/90_report.ipynb``.

    Raises
    ------
    RunError
        The folder is no run, or the notebook is not where it should be.
    """
    run_folder = Path(run_folder).resolve()
    run = store.read_run(run_folder)
    executed = execute_notebook(notebook or NOTEBOOKS / "90_report.ipynb", run_folder=str(run_folder), made_at=made_at)
    return export_page(executed, run, made_at)


def execute_notebook(path: Path, **parameters: Any) -> Any:
    """Return the notebook at `path`, executed, with `parameters` put after its cell tagged ``parameters``.

    Raises
    ------
    RunError
        There is no such notebook.
    CellExecutionError
        A cell failed: a defect of ours, with the cell's traceback.
    """
    import nbformat
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    if not path.is_file():
        raise RunError(f"the notebook {path} is missing; expected it in the checkout that this program is installed "
                       "from: install with `pip install --editable .` from a clone")
    notebook = nbformat.read(path, as_version=4)
    lines = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    place = next((number for number, cell in enumerate(notebook.cells)
                  if "parameters" in cell.metadata.get("tags", [])), -1)
    notebook.cells.insert(place + 1, nbformat.v4.new_code_cell(lines))
    package_root = str(Path(__file__).resolve().parents[2])
    with _scratch_folder() as scratch:
        # This interpreter's own kernel: a kernel of the same name elsewhere on the machine has other packages.
        specs = KernelSpecManager(kernel_dirs=[], ensure_native_kernel=True)
        # Where there are sockets with a path, no port is opened that others on this machine could reach.
        private = {"transport": "ipc", "ip": str(Path(scratch) / "k")} if os.name == "posix" else {}
        kernel = AsyncKernelManager(kernel_name="python3", kernel_spec_manager=specs,
                                    connection_file=str(Path(scratch) / "kernel.json"), **private)
        search = os.pathsep.join(filter(None, [package_root, os.environ.get("PYTHONPATH")]))
        env = {**os.environ, "PYTHONPATH": search, "PLOTLY_RENDERER": "plotly_mimetype", "IPYTHONDIR": scratch,
               "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
        client = NotebookClient(notebook, km=kernel, timeout=CELL_SECONDS, startup_timeout=CELL_SECONDS,
                                extra_arguments=["--HistoryManager.enabled=False"],
                                resources={"metadata": {"path": str(path.resolve().parent)}})
        client.execute(env=env, cleanup_kc=True)
    return notebook


@contextmanager
def _scratch_folder() -> Iterator[str]:
    """Give a folder for the time of an execution; a disk that refuses is told."""
    try:
        with tempfile.TemporaryDirectory() as scratch:
            yield scratch
    except OSError as error:
        raise RunError(f"the notebook cannot be executed ({error.strerror or error}); expected a disk that takes files "
                       f"in {tempfile.gettempdir()}") from None


def export_page(notebook: Any, run: Run, made_at: str = "") -> str:
    """Return an executed notebook as the report's page; code is left out, charts are drawn by the page itself.

    The same run and moment give the same bytes; the receipt at the end holds their SHA-256.
    """
    from nbconvert.exporters.templateexporter import TemplateExporter

    notebook = copy.deepcopy(notebook)
    headings = _mark_sections(notebook)
    drawn = [_figure_name(output) for cell in notebook.cells for output in cell.get("outputs", [])]
    script = _script()
    style = (sections.PAGE / "style.css").read_text(encoding="utf-8")
    plotly = _plotly_script()
    page = {
        "title": _page_title(run), "sections": headings, "run_id": run.run_id, "style": style, "script": script,
        "theme_list": sections.contents(run).html,
        "packs": {"view": packed_text(pack_view(run)), "texts": packed_text(pack_texts(run)),
                  "charts": packed_text(pack_charts(run, [name for name in drawn if name])),
                  "plotly": packed_text(plotly)},
        "receipt": receipt_script(make_receipt(run.run_id, run.manifest, store.run_sha256(run.manifest), made_at)),
        "policy": ("default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; base-uri 'none'; "
                   f"form-action 'none'; script-src {_allowed(script)} {_allowed(plotly)}"),
    }
    # Not its HTMLExporter, which would parse the finished page and write it anew.
    exporter = TemplateExporter(template_name="page", template_file="index.html.j2",
                                extra_template_basedirs=[str(sections.PAGE.parent)],
                                filters={"shown": partial(_shown, run=run)})
    html, _ = exporter.from_notebook_node(notebook, resources={"page": page})
    return seal_page(html)


def newest_run(runs: Path) -> Path:
    """Return the run folder under `runs` that was written last.

    Raises
    ------
    RunError
        There is none.
    """
    found = [path.parent for path in Path(runs).glob("*/manifest.json")]
    if not found:
        raise RunError(f"there is no run under {runs}; make one with `paper-themes run data/raw --out {runs}`")
    return max(found, key=lambda folder: ((folder / "manifest.json").stat().st_mtime, folder.name))


def _mark_sections(notebook: Any) -> list[dict[str, Any]]:
    """Turn each markdown cell that begins with ``## `` into the start of a section; return the sections in order.

    What stands before the first one is the notebook's own preamble, for those who open it as a notebook.
    """
    headings: list[dict[str, Any]] = []
    kept = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            first, _, rest = cell.source.partition("\n")
            title = first[3:].strip()
            slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
            headings.append({"id": slug, "title": title, "first": not headings})
            cell.metadata["section"] = headings[-1]
            cell.source = rest.strip()
        if headings:
            kept.append(cell)
    # What leads up to a chart goes with it where the chart has nothing to draw.
    kept = [cell for cell, after in zip(kept, [*kept[1:], None], strict=True)
            if cell.cell_type == "code" or "section" in cell.metadata or not _shows_nothing(after)]
    notebook.cells = kept
    return headings


def _shown(output: Any, run: Run) -> str:
    """Give what a cell shows as the page wants it: our fragments as they stand, figures as places to draw in."""
    name = _figure_name(output)
    if name:
        return sections.figure(run, output["data"][PLOTLY_MIME]["layout"]).html
    return output.get("data", {}).get("text/html", "")


def _shows_nothing(cell: Any) -> bool:
    """Tell whether a code cell left an empty figure, or no mark at all."""
    outputs = cell.get("outputs", []) if cell is not None else []
    metas = [_meta(output) for output in outputs]
    return all(meta.get("empty", False) or not (meta or output.get("data", {}).get("text/html", "").strip())
               for meta, output in zip(metas, outputs, strict=True))


def _figure_name(output: Any) -> str:
    return _meta(output).get("chart", "")


def _meta(output: Any) -> dict[str, Any]:
    return output.get("data", {}).get(PLOTLY_MIME, {}).get("layout", {}).get("meta", {})


def _page_title(run: Run) -> str:
    feed = str(run.manifest.get("settings", {}).get("title", "")).strip()
    return " · ".join(dict.fromkeys(filter(None, [feed, words.title_sentence(run)])))[:200]


def _script() -> str:
    """Give the page's scripts as one, in a scope of their own."""
    parts = [(sections.PAGE / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS]
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "\n})();\n"


def _plotly_script() -> str:
    from plotly.offline import get_plotlyjs

    return get_plotlyjs()


def _allowed(script: str) -> str:
    """Give the Content-Security-Policy's name for one inline script: that one runs, and no other."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
