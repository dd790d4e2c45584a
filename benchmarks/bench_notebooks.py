"""Run the notebooks on a larger, dated corpus: a part of the feed beside the repository, refreshed twice.

Prints for each notebook what it drew and how long it took. A notebook that fails, or numbers its cells otherwise than
1 to n, makes the exit code 1.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.history.feed import CORPUS, Feed, read_feed  # noqa: E402
from benchmarks.history.runs import Desk  # noqa: E402

STEP = 7
"""Every seventh paper, so that all days are in it."""

FIGURE = "application/vnd.plotly.v1+json"


def main() -> int:
    if not CORPUS.is_file():
        print(f"{CORPUS} is not there: nothing to run the notebooks on", file=sys.stderr)
        return 0
    os.environ["PYTHONPATH"] = str(ROOT)
    with tempfile.TemporaryDirectory() as scratch:
        whole = read_feed()
        feed = Feed(whole.papers.iloc[::STEP].reset_index(drop=True), whole.vectors[::STEP])
        desk = Desk(Path(scratch) / "desk", feed)
        themes = str(ROOT / "data/curated/themes.toml")
        for n in (9 * len(feed.papers) // 10, len(feed.papers)):
            desk.lay(range(n))
            desk.refresh("--themes", themes)
        run = desk.last()
        print(f"{len(run.papers):,} papers, {run.trends['period'].nunique()} periods\n")
        print("| notebook | cells | charts | with nothing to draw | seconds |\n|---|---:|---:|---|---:|")
        met = [_told(path, Path(scratch), {"run_folder": str(desk.folder / "runs" / run.run_id)}
                     if path.stem == "90_report" else {"runs": str(desk.folder / "runs")})
               for path in sorted((ROOT / "notebooks").glob("*.ipynb"))[1:]]
    return 0 if all(met) else 1


def _told(path: Path, scratch: Path, parameters: dict[str, Any]) -> bool:
    """Run one notebook, print its row, and return whether it came through."""
    import papermill

    began = time.perf_counter()
    try:
        done = papermill.execute_notebook(path, scratch / path.name, parameters, cwd=path.parent, progress_bar=False,
                                          start_timeout=600)
    except papermill.PapermillExecutionError as error:
        print(f"| {path.stem} | FAILED: {error.ename}: {error.evalue} | | | |", flush=True)
        return False
    run = [cell for cell in done.cells if cell.cell_type == "code"]
    metas = [output["data"][FIGURE]["layout"]["meta"] for cell in run for output in cell.outputs
             if FIGURE in output.get("data", {})]
    empty = ", ".join(meta["chart"] for meta in metas if meta.get("empty"))
    print(f"| {path.stem} | {len(run)} | {len(metas)} | {empty} | {time.perf_counter() - began:.0f} |", flush=True)
    return [cell.execution_count for cell in run] == list(range(1, len(run) + 1))


if __name__ == "__main__":
    sys.exit(main())
