"""Measures the seed feed against its floors and prints the table: `make bench-seed`."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from analysis.corpus import Corpus, InputFile, read_dates, read_papers
from analysis.pipeline import analyse
from analysis.report import build_report
from analysis.schema import TABLES, Run
from analysis.settings import Settings, read_declared_themes
from analysis.store import VectorCache, read_inputs, write_run
from analysis.store.tables import table_bytes

ROOT = Path(__file__).parent.parent
SIZES = (0, 1, 2, 3, 5, 8, 13, 40)


def main() -> int:
    """Print a line a measure; return 1 where a floor is missed."""
    with tempfile.TemporaryDirectory() as scratch:
        rows = list(_measures(Path(scratch)))
    width = max(len(name) for name, *_ in rows)
    for name, floor, value, is_met in rows:
        print(f"{name:{width}}  {floor:>22}  {value:<40}  {'pass' if is_met else 'MISSED'}")
    return 0 if all(is_met for *_, is_met in rows) else 1


def _measures(scratch: Path):
    inputs = read_inputs([ROOT / "data/raw"])
    dates = read_dates(read_inputs([ROOT / "data/curated/published.csv"])[0])
    declared = read_declared_themes((ROOT / "data/curated/themes.toml").read_text(), "themes.toml")
    cache = VectorCache(scratch / "cache")
    corpus: Corpus = read_papers(inputs, dates)
    yield "papers read / dropped", "90 / 0", f"{len(corpus.papers)} / {len(corpus.dropped)}", (
        (len(corpus.papers), len(corpus.dropped)) == (90, 0))

    def run_of(texts: list[InputFile]) -> Run:
        return analyse(texts, Settings(), declared, dates, cache)

    run = run_of(inputs)
    filled = run.themes[(run.themes["level"] == "theme") & (run.themes["n_papers"] > 0)]
    primary = run.placements[run.placements["rank"] == 1]
    loose = float((primary["tier"] == "loose").mean())
    largest = filled["n_papers"].max() / 90
    yield "themes", "9 to 16", str(len(filled)), 9 <= len(filled) <= 16
    yield "largest theme", "at most 25 %", f"{largest:.0%}", largest <= 0.25
    yield "loose", "at most 10 %", f"{loose:.1%}", loose <= 0.10
    yield "run twice", "byte-identical tables", *_same(run, run_of(inputs))
    yield "run with the papers shuffled", "byte-identical tables", *_same(run, run_of([_shuffled(inputs[0])]))
    agreement = run.quality.set_index("metric").loc["refit_agreement", "value"]
    yield "10 % left out, 20 times: median ARI", "at least 0.60", f"{agreement:.3f}", agreement >= 0.60
    titles = run.papers.set_index("paper_id")["title"]
    inside = sorted(titles[primary.loc[primary["theme_key"] == "recommendation", "paper_id"]])
    wanted = ("Item Rec", "Long-Sequence Rec", "Semantic Retrieval Aug", "Rethinking Large", "Item-Language Model")
    hit = sum(any(part in title for title in inside) for part in wanted)
    yield "recommendation: its five, none else first", "5 of 5", f"{hit} of {len(inside)}", hit == len(inside) == 5
    for n_papers in SIZES:
        yield _small(n_papers, corpus, run_of, scratch)
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "analysis", "--help"], check=True, capture_output=True, cwd=ROOT)
    seconds = time.perf_counter() - started
    yield "paper-themes --help", "at most 0.5 s", f"{seconds:.2f} s", seconds <= 0.5


def _small(n_papers: int, corpus: Corpus, run_of, scratch: Path) -> tuple[str, str, str, bool]:
    few = corpus.papers.head(n_papers)
    lines = [json.dumps({"title": p.title, "abstract": p.abstract}) for p in few.itertuples()]
    small = run_of([InputFile("feed.jsonl", "\n".join(lines).encode())])
    page = build_report(write_run(small, scratch / "runs"), made_at="2026-01-01T00:00+00:00")
    is_whole = len(small.papers) == n_papers and "</html>" in page
    return f"{n_papers} papers", "a run and a report", f"{len(small.papers)} papers, {len(page) / 1e6:.1f} MB", is_whole


def _same(first: Run, second: Run) -> tuple[str, bool]:
    differing = [name for name, table in TABLES.items()
                 if table_bytes(first.tables[name], table) != table_bytes(second.tables[name], table)]
    return ", ".join(differing) + " differ" if differing else "identical", not differing


def _shuffled(page: InputFile) -> InputFile:
    """Return the seed page with its papers in another order, its other lines where they were."""
    blocks = page.content.decode().split("\n\n")
    first = next(i for i, block in enumerate(blocks) if len(block) > 400) - 1
    pairs = [blocks[i:i + 2] for i in range(first, len(blocks), 2)]
    order = np.random.default_rng(0).permutation(len(pairs))
    mixed = blocks[:first] + [block for i in order for block in pairs[i]]
    return InputFile(page.name, "\n\n".join(block.strip("\n") for block in mixed).encode())


if __name__ == "__main__":
    sys.exit(main())
