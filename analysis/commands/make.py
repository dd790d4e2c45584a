"""Runs, reports, and what is taken out of a run."""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Callable
from pathlib import Path

from analysis.commands.asked import asker, read_asked
from analysis.schema import InputError

Progress = Callable[[str], None]


def make_run(options: argparse.Namespace, now: dt.datetime, progress: Progress) -> Path:
    """Analyse papers and write the run."""
    from analysis import store

    asked = read_asked(options, store.read_inputs(options.inputs), progress)
    from analysis.pipeline import analyse
    from analysis.workers import open_workers

    cache = store.VectorCache(options.cache, notice=progress)
    earlier = store.read_forecasts(options.out, asked.settings.as_dict(), progress)
    answers = store.AnswerCache(options.cache / "answers", notice=progress)
    with open_workers(options.workers, options.scheduler) as each:
        run = analyse(asked.inputs, asked.settings, asked.declared, asked.dates, cache, progress, earlier,
                      asker(asked.settings), answers, each=each)
    path = store.write_run(run, options.out)
    progress(f"run {run.run_id}: {len(run.papers)} papers in {path}")
    return path


def make_report(options: argparse.Namespace, now: dt.datetime, progress: Progress) -> Path:
    """Turn a run into a page."""
    if options.out.is_dir():
        raise InputError(f"{options.out} is a folder; expected the name of a file, such as {options.out}/report.html")
    write_report(options.run, options.out, now.isoformat(timespec="minutes"), progress)
    return options.out


def write_report(folder: Path, out: Path, made_at: str, progress: Progress) -> None:
    """Write the report of a run, and each chart's numbers beside it."""
    from analysis import store

    run = store.read_run(folder, progress)  # a damaged run is told of before any heavy work
    from analysis.charts import CHARTS, chart_table, csv_text
    from analysis.report import build_report

    progress(f"executing the report notebook for {folder}")
    page = build_report(folder, made_at=made_at)
    numbers = {f"{name}.csv": csv_text(chart_table(run, name)).encode() for name in CHARTS}
    store.write_files(out.with_name(f"{out.stem}-charts"), numbers)
    store.write_text(out, page)
    progress(f"report of {len(page.encode()) / 1e6:.1f} MB; open it in a browser")


def place(options: argparse.Namespace, now: dt.datetime, progress: Progress) -> Path | str:
    """Put new papers into the themes of a run."""
    import pandas as pd

    from analysis import store
    from analysis.charts import csv_text
    from analysis.corpus import InputFile, read_papers

    run = store.read_run(options.run, progress)
    if options.inputs:
        papers = read_papers(store.read_inputs(options.inputs)).papers
    else:
        title, _, abstract = sys.stdin.read().strip().partition("\n")
        record = pd.DataFrame([{"title": title, "abstract": " ".join(abstract.split())}])
        papers = read_papers([InputFile("standard input.csv", record.to_csv(index=False).encode())]).papers
    if papers.empty:
        raise InputError("no paper was given; expected a title and an abstract, on standard input or in INPUT")
    from analysis.embed import embed_papers, embed_texts
    from analysis.themes.newcomers import place_newcomers

    model, cache = run.manifest["settings"]["model"], store.VectorCache(options.cache, notice=progress)
    vectors = embed_papers(run.papers, model, cache, progress).vectors
    placed = place_newcomers(run, vectors, papers, embed_papers(papers, model, cache, progress).vectors,
                             lambda texts: embed_texts(texts, model, cache)[0])
    progress(f"placed {len(papers)} {'paper' if len(papers) == 1 else 'papers'} in the themes of run {run.run_id}")
    if options.out is None:
        return csv_text(placed).rstrip("\n")
    store.write_text(options.out, csv_text(placed))
    return options.out


def back_test(options: argparse.Namespace, now: dt.datetime, progress: Progress) -> Path | str:
    """Forecast every past period of a run, and hold it against what came."""
    if not 1 <= options.ahead <= 12:
        raise InputError(f"--ahead is {options.ahead}, expected 1 to 12 periods")
    from analysis import store
    from analysis.charts import csv_text
    from analysis.trends import backtest

    run = store.read_run(options.run, progress)
    middle = run.themes.loc[run.themes["level"] == "theme", "theme_key"]
    _, scores = backtest(run.trends[run.trends["theme_key"].isin(middle)], options.ahead)
    if scores.empty:
        raise InputError(f"run {run.run_id} has {run.trends['period'].nunique()} periods, too few to forecast one and "
                         "see what came; expected five complete ones; set `period` finer, or add dated papers")
    means = scores[["coverage", "error", "error_last", "brier", "brier_coin"]].mean()
    progress(f"{len(scores)} forecasts of a period: {means['coverage']:.1%} of shares inside their interval; mean "
             f"error {means['error']:.4f}, of no change {means['error_last']:.4f}")
    if options.out is None:
        return csv_text(scores).rstrip("\n")
    store.write_text(options.out, csv_text(scores))
    return options.out


def make_model(options: argparse.Namespace, now: dt.datetime, progress: Progress) -> Path:
    """Take a run out as a BERTopic model."""
    if options.out.exists():
        raise InputError(f"{options.out} is there already; expected the name of a new folder")
    from analysis import store
    from analysis.embed import embed_papers
    from analysis.themes.bertopic_model import fitted_bertopic

    run = store.read_run(options.run, progress)
    cache = store.VectorCache(options.cache, notice=progress)
    vectors = embed_papers(run.papers, run.manifest["settings"]["model"], cache, progress).vectors
    model = fitted_bertopic(run, vectors)
    files = store.collect_files(lambda folder: model.save(folder, "safetensors", save_ctfidf=True))
    store.write_folder(options.out, files)
    progress(f"BERTopic model of {len(model.get_topic_info())} topics in {options.out}")
    return options.out
