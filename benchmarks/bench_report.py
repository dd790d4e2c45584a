"""Measure the report page beside BERTopic's own map of the same papers, in one browser: `make bench-report`.

Papers are real (titles and abstracts of machine-learning conferences); their themes, places, dates and neighbours are
planted, for it is the page that is measured and not the fit. BERTopic's page is what its `visualize_documents` gives
for the same titles, topics and places, with plotly inside so that it opens offline too. Each page is opened several
times in turn, with the network off; times are medians. Ready means: drawn, as the page itself tells.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests/report")]

from fake_run import fake_run  # noqa: E402
from report_pages import MADE_AT, SWITCHES, with_tables  # noqa: E402

from analysis import report, store  # noqa: E402
from analysis.schema import Run  # noqa: E402

CORPUS = ROOT.parent / "shared/corpora/ml_conferences.parquet"
N_THEMES = {90: 12, 10_049: 60, 20_000: 60}
MOST_MB = {90: 3.0, 20_000: 10.0}
WORDS = ("language", '"neural network"', "diffusion image")
READY = """window.readyAt = 0; new MutationObserver(() => {
    if (document.documentElement.dataset.ready && !window.readyAt) window.readyAt = performance.now();
}).observe(document, {attributes: true, subtree: true})"""
OVERLAPS = """() => {
    const boxes = [...document.querySelectorAll('.names button')].filter(
        name => getComputedStyle(name).visibility === 'visible').map(name => name.getBoundingClientRect());
    let n = 0;
    boxes.forEach((a, i) => boxes.slice(0, i).forEach(b => {
        if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) n++; }));
    return [boxes.length, n];
}"""
TYPED = """async (words) => {
    const field = document.querySelector('[name=q]'), times = [];
    const frame = () => new Promise(requestAnimationFrame);
    for (const word of words) for (let end = 1; end <= word.length; end++) {
        await frame(); await frame();
        const began = performance.now();
        field.value = word.slice(0, end);
        field.dispatchEvent(new InputEvent('input', {bubbles: true}));
        await frame();
        times.push(performance.now() - began);
    }
    return times;
}"""
MOVED = """async () => {
    const map = document.querySelector('.map canvas'), times = [];
    const key = (name) => map.dispatchEvent(new KeyboardEvent('keydown', {key: name, bubbles: true}));
    const frame = () => new Promise(requestAnimationFrame);
    for (const name of ['+', ...Array(10).fill('ArrowLeft'), ...Array(10).fill('ArrowUp')]) {
        await frame();
        const began = performance.now();
        key(name);
        await frame();
        times.push(performance.now() - began);
    }
    return times;
}"""


def main(arguments: list[str] | None = None) -> int:
    """Write the table; return 1 where a floor is missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3, metavar="N", help="how often each page is opened (3)")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/report.md", metavar="FILE")
    args = parser.parse_args(arguments)
    if not CORPUS.is_file():
        print(f"{CORPUS} is not there: no papers to make pages of", file=sys.stderr)
        return 0
    texts = read_texts(max(N_THEMES))
    rows: list[tuple[str, str, str, bool]] = []
    with tempfile.TemporaryDirectory() as scratch:
        for n_papers, n_themes in N_THEMES.items():
            run = plant(texts.head(n_papers), n_themes)
            ours, seconds = our_page(run, Path(scratch))
            theirs = bertopic_page(run, Path(scratch)) if n_papers in MOST_MB else None
            for row in measure(n_papers, ours, seconds, theirs, args.repeats):
                print(*row[:3], "" if row[3] else "MISSED", sep=" | ", flush=True)
                rows.append(row)
    lines = ["| measure | floor | measured |", "|---|---:|---:|",
             *(f"| {name} | {floor} | {value}{'' if is_met else ' (missed)'} |" for name, floor, value, is_met in rows)]
    args.out.write_text("# The report page: measured\n\n" + (__doc__ or "").partition("\n\n")[2] + "\n"
                        + "\n".join(lines) + "\n", encoding="utf-8")
    return 0 if all(is_met for *_, is_met in rows) else 1


def read_texts(n_papers: int) -> pd.DataFrame:
    """Return titles and abstracts, spread over the whole corpus."""
    corpus = pd.read_parquet(CORPUS, columns=["title", "abstract", "abstract_ok"])
    corpus = corpus[corpus["abstract_ok"]].drop_duplicates("title")
    return corpus.sample(n_papers, random_state=0)[["title", "abstract"]].reset_index(drop=True)


def plant(texts: pd.DataFrame, n_themes: int) -> Run:
    """Return a run of these papers in planted themes, each a cloud on the map."""
    run = fake_run(len(texts), n_themes)
    papers = run.papers.assign(title=texts["title"].to_numpy(), abstract=texts["abstract"].to_numpy())
    ends = papers["abstract"].str.find(". ") + 1
    sentence = dict(zip(papers["paper_id"], ends.where(ends > 0, papers["abstract"].str.len()), strict=True))
    placements = run.placements.assign(
        evidence_start=0, evidence_end=run.placements["paper_id"].map(sentence)).astype(
        {"evidence_start": "Int64", "evidence_end": "Int64"})
    primary = placements[placements["rank"] == 1].set_index("paper_id")["theme_key"]
    rng = np.random.default_rng(0)
    centres = dict(zip(run.themes["theme_key"], rng.random((n_themes, 2)), strict=True))
    places = np.array([centres[primary[paper_id]] for paper_id in run.map["paper_id"]])
    places = places + 0.06 * rng.standard_normal(places.shape)
    planted = run.map.assign(x=places[:, 0], y=places[:, 1])
    return with_tables(run, papers=papers, placements=placements, map=planted)


def our_page(run: Run, folder: Path) -> tuple[Path, tuple[float, float]]:
    """Return the report of a run, and the seconds from the run's folder to the page: on a processor, on the clock."""
    written = store.write_run(run, folder / f"runs-{len(run.papers)}")
    began = used_seconds(), time.perf_counter()
    page = report.build_report(written, MADE_AT)
    seconds = used_seconds() - began[0], time.perf_counter() - began[1]
    path = folder / f"ours-{len(run.papers)}.html"
    path.write_text(page, encoding="utf-8")
    return path, seconds


def used_seconds() -> float:
    """Return the processor time of this process and of those that it started and that ended."""
    return sum(resource.getrusage(who).ru_utime + resource.getrusage(who).ru_stime
               for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def bertopic_page(run: Run, folder: Path) -> Path:
    """Return what BERTopic itself draws of the same titles, topics and places."""
    from bertopic import BERTopic
    from bertopic.cluster import BaseCluster
    from bertopic.dimensionality import BaseDimensionalityReduction

    titles = list(run.papers["title"])
    places = run.map.set_index("paper_id").loc[run.papers["paper_id"], ["x", "y"]].to_numpy()
    primary = run.placements[run.placements["rank"] == 1].set_index("paper_id")["theme_key"]
    topics = pd.factorize(primary.loc[run.papers["paper_id"]])[0]
    model = BERTopic(embedding_model=None, umap_model=BaseDimensionalityReduction(), hdbscan_model=BaseCluster())
    model.fit(titles, embeddings=places, y=topics)
    figure = model.visualize_documents(titles, reduced_embeddings=places, sample=1.0)
    path = folder / f"bertopic-{len(titles)}.html"
    figure.write_html(path, include_plotlyjs=True, post_script="window.readyAt = performance.now();")
    return path


def measure(n_papers: int, ours: Path, seconds: tuple[float, float], theirs: Path | None, repeats: int) -> list[tuple]:
    """Return rows of (measure, floor, value, whether it is met) for the pages of `n_papers`."""
    from playwright.sync_api import sync_playwright

    of = f"{n_papers:,} papers"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path="/usr/bin/chromium", args=SWITCHES)
        visits: dict[Path, list[dict[str, Any]]] = {path: [] for path in (ours, theirs) if path}
        clock = browser.new_browser_cdp_session()
        for _ in range(repeats):
            for path, seen in visits.items():
                seen.append(open_page(browser, clock, path, is_ours=path == ours))
        browser.close()
    mine = visits[ours]
    rows = [(f"{of}: names on the map; overlapping at four zooms", "0", f"{mine[0]['names']}; {mine[0]['overlaps']}",
             mine[0]["overlaps"] == 0)]
    complaints, requests = (sum(visit[name] for visit in mine) for name in ("complaints", "requests"))
    rows.append((f"{of}: console errors, remote requests", "0, 0", f"{complaints}, {requests}",
                 complaints == requests == 0))
    for name, deed, most in (("typed", "a keystroke of search", 100), ("moved", "a step of the moving map", 50)):
        used = median(visit[f"{name}_used"] for visit in mine)
        wall = median(visit[name] for visit in mine)
        rows.append((f"{of}: {deed}, processor time (and on the clock, this machine being shared)", f"{most} ms",
                     f"{used:.0f} ms ({wall:.0f} ms)", used <= most))
    if theirs:
        size, other = (path.stat().st_size / 1e6 for path in (ours, theirs))
        rows.append((f"{of}: size (BERTopic's)", f"{MOST_MB[n_papers]:.0f} MB", f"{size:.1f} MB ({other:.1f} MB)",
                     size <= MOST_MB[n_papers]))
        ready, waited = (median(visit["ready"] for visit in visits[path]) for path in (ours, theirs))
        rows.append((f"{of}: ready (BERTopic's)", "before BERTopic's", f"{ready / waited:.2f} of its time "
                     f"({ready:.0f} ms, {waited:.0f} ms)", ready < waited))
        rows.append((f"{of}: export, processor time (and on the clock)", "60 s",
                     f"{seconds[0]:.0f} s ({seconds[1]:.0f} s)", seconds[0] <= 60))
    return rows


def open_page(browser: Any, clock: Any, path: Path, is_ours: bool) -> dict[str, Any]:
    """Return what one visit showed."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    context.set_offline(True)
    page = context.new_page()
    seen: dict[str, Any] = {"complaints": 0, "requests": 0}

    def count(name: str) -> None:
        seen[name] += 1

    page.on("console", lambda message: count("complaints") if message.type == "error" else None)
    page.on("pageerror", lambda error: count("complaints"))
    page.on("request", lambda request: None if request.url.startswith("file:") else count("requests"))
    if is_ours:
        page.add_init_script(READY)
    page.goto(path.as_uri(), timeout=180_000)
    while not (ready := page.evaluate("window.readyAt || 0")):
        page.wait_for_timeout(20)
    seen["ready"] = ready
    if is_ours:
        page.wait_for_selector("html[data-complete]", state="attached", timeout=180_000)
        seen["typed"], seen["typed_used"] = timed(page, clock, TYPED, WORDS)
        page.locator("#all").click()
        seen["names"], seen["overlaps"] = page.evaluate(OVERLAPS)
        for _ in range(3):
            page.locator("[data-do=in]").click()
            seen["overlaps"] += page.evaluate(OVERLAPS)[1]
        seen["moved"], seen["moved_used"] = timed(page, clock, MOVED)
    context.close()
    return seen


def timed(page: Any, clock: Any, script: str, *given: Any) -> tuple[float, float]:
    """Return, of what a script does many times, the median milliseconds and the mean of those on a processor."""
    before = processor_seconds(clock)
    times = page.evaluate(script, *given)
    return median(times), 1000 * (processor_seconds(clock) - before) / len(times)


def processor_seconds(clock: Any) -> float:
    """Return the processor time of the browser's pages so far."""
    processes = clock.send("SystemInfo.getProcessInfo")["processInfo"]
    return sum(process["cpuTime"] for process in processes if process["type"] == "renderer")


if __name__ == "__main__":
    sys.exit(main())
