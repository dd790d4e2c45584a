"""The command line, and the only place that asks what time it is.

Progress goes to standard error; the last line of standard output is the path of what was made. Exit codes: 0 made,
1 a defect of ours, 2 something a person can mend (one sentence says what). Heavy libraries load after the arguments
are read, so that help is instant.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from analysis import __version__
from analysis.schema import InputError, PaperThemesError

if TYPE_CHECKING:
    from analysis.settings import Settings

THEMES_FILE = Path("data/curated/themes.toml")
DATES_FILE = Path("data/curated/published.csv")
TRACEBACK = "PAPER_THEMES_TRACEBACK"
NAMES_KEY = "PAPER_THEMES_NAMES_KEY"

_PROGRAM_EPILOG = """\
examples:
  paper-themes run data/raw --out data/runs
  paper-themes report data/runs/RUN --out figures/latest/report.html
  paper-themes place data/runs/RUN new.jsonl
  paper-themes backtest data/runs/RUN
  paper-themes model data/runs/RUN --out model

exit codes: 0 made, 1 a defect of ours, 2 input or usage that you can mend.
"""

_RUN_EPILOG = """\
INPUT is a page of papers copied as text, or CSV, JSON Lines or Parquet with titles and abstracts; or a folder of them.

examples:
  paper-themes run data/raw --out data/runs
  paper-themes run feed.txt more.csv --out runs --detail 0.8 --title "Reading group"
  paper-themes run feed.jsonl --out runs --as-of 2025-06-30

The same papers and settings give the same run, under the same name.
"""

_REPORT_EPILOG = """\
example:
  paper-themes report data/runs/RUN --out report.html

The page opens from disk, with no network. Each chart's numbers lie beside it as CSV, in report-charts.
"""


_PLACE_EPILOG = """\
examples:
  paper-themes place data/runs/RUN new.jsonl --out placed.csv
  printf 'Title\\n\\nAbstract.' | paper-themes place data/runs/RUN

On standard input the first line is the title and the rest the abstract. The themes stay as they are; each paper comes
back with its themes, how strongly it belongs to each, and the nearest papers of the run.
"""


_BACKTEST_EPILOG = """\
example:
  paper-themes backtest data/runs/RUN --ahead 2

Each row is a period that was forecast after another one, knowing nothing later: the share of intervals that held, and
the error beside that of the plainest forecast, no change. The themes are today's: it tests the forecasts, not them.
"""


_MODEL_EPILOG = """\
example:
  paper-themes model data/runs/RUN --out model
  python -c 'from bertopic import BERTopic; print(BERTopic.load("model").get_topic_info())'

The model is saved as safetensors and JSON, never as a pickle. Its topics are the run's themes.
"""


class _Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one sentence, as every other error of ours does."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see `{self.prog} --help`\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code of one command."""
    options = _parser().parse_args(arguments)
    try:
        path = options.make(options)
    except PaperThemesError as error:
        print(f"paper-themes: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("paper-themes: stopped; nothing was half-written", file=sys.stderr)
        return 130
    except Exception as error:
        _tell_defect(error)
        return 1
    print(path)
    return 0


def _parser() -> argparse.ArgumentParser:
    def verb(name: str, what: str, epilog: str) -> argparse.ArgumentParser:
        return verbs.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.", epilog=epilog,
                                formatter_class=argparse.RawDescriptionHelpFormatter)

    parser = _Parser(
        prog="paper-themes", description="Themes in a pile of papers, how they rise and fade.", epilog=_PROGRAM_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"paper-themes {__version__}")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)

    run = verb("run", "analyse papers and write a run folder", _RUN_EPILOG)
    run.add_argument("inputs", nargs="+", metavar="INPUT", type=Path, help="feed file, or folder of them")
    run.add_argument("--out", required=True, metavar="DIR", type=Path, help="where run folders go")
    run.add_argument("--settings", metavar="FILE", type=Path, help="settings, as TOML; the options below win over it")
    run.add_argument("--detail", type=float, metavar="0..1", help="0 few broad themes, 1 many fine ones (0.5)")
    run.add_argument("--as-of", metavar="DAY", help="last day that the feed knows about (its newest paper's)")
    run.add_argument("--title", metavar="TEXT", help="what the report calls the feed")
    run.add_argument("--themes", metavar="FILE", type=Path, help=f"declared themes, as TOML ({THEMES_FILE}, if there)")
    run.add_argument("--dates", metavar="FILE", type=Path, help=f"dates by title, as CSV ({DATES_FILE}, if there)")
    run.add_argument("--cache", metavar="DIR", type=Path, default=Path("data/cache"),
                     help="where vectors are kept between runs (%(default)s)")
    run.set_defaults(make=_make_run)

    report = verb("report", "turn a run into one HTML page", _REPORT_EPILOG)
    report.add_argument("run", metavar="RUN", type=Path, help="run folder, as `paper-themes run` printed it")
    report.add_argument("--out", required=True, metavar="FILE", type=Path, help="the page")
    report.set_defaults(make=_make_report)

    place = verb("place", "put new papers into the themes of a run", _PLACE_EPILOG)
    place.add_argument("run", metavar="RUN", type=Path, help="run folder, as `paper-themes run` printed it")
    place.add_argument("inputs", nargs="*", metavar="INPUT", type=Path,
                       help="file of papers; without one, a title and an abstract from standard input")
    place.add_argument("--out", metavar="FILE", type=Path, help="CSV file to write (standard output)")
    place.add_argument("--cache", metavar="DIR", type=Path, default=Path("data/cache"),
                       help="where vectors are kept between runs (%(default)s)")
    place.set_defaults(make=_make_placed)

    back = verb("backtest", "forecast every past period of a run, and hold it against what came", _BACKTEST_EPILOG)
    back.add_argument("run", metavar="RUN", type=Path, help="run folder, as `paper-themes run` printed it")
    back.add_argument("--ahead", type=int, default=1, metavar="N", help="periods that each forecast looks ahead (1)")
    back.add_argument("--out", metavar="FILE", type=Path, help="CSV file to write (standard output)")
    back.set_defaults(make=_make_backtest)

    model = verb("model", "take a run out as a fitted BERTopic model", _MODEL_EPILOG)
    model.add_argument("run", metavar="RUN", type=Path, help="run folder, as `paper-themes run` printed it")
    model.add_argument("--out", required=True, metavar="DIR", type=Path, help="a folder that is not there yet")
    model.add_argument("--cache", metavar="DIR", type=Path, default=Path("data/cache"),
                       help="where vectors are kept between runs (%(default)s)")
    model.set_defaults(make=_make_model)
    return parser


def _make_run(options: argparse.Namespace) -> Path:
    progress = _Progress()
    from analysis import store
    from analysis.settings import read_declared_themes, read_settings

    where = str(options.settings or "the command line")
    settings = read_settings(store.read_text(options.settings) if options.settings else "", where,
                             detail=options.detail, as_of=options.as_of, title=options.title)
    ask = _asker(settings)
    themes_file = options.themes or (THEMES_FILE if THEMES_FILE.is_file() else None)
    declared = read_declared_themes(store.read_text(themes_file), str(themes_file)) if themes_file else ()
    inputs = store.read_inputs(options.inputs)
    progress(f"read {len(inputs)} input {'file' if len(inputs) == 1 else 'files'}, {len(declared)} declared themes")

    from analysis.corpus import read_dates

    dates_file = options.dates or (DATES_FILE if DATES_FILE.is_file() else None)
    dates = read_dates(store.read_inputs([dates_file])[0]) if dates_file else None
    from analysis.pipeline import analyse

    cache = store.VectorCache(options.cache, notice=progress)
    earlier = store.read_forecasts(options.out, settings.as_dict(), progress)
    answers = store.AnswerCache(options.cache / "answers", notice=progress)
    run = analyse(inputs, settings, declared, dates, cache, progress, earlier, ask, answers)
    path = store.write_run(run, options.out)
    progress(f"run {run.run_id}: {len(run.papers)} papers in {path}")
    return path


def _asker(settings: Settings) -> Callable[[str, str], str] | None:
    """Return how to ask the language model for names, or None where the settings name no server."""
    if not settings.names_url:
        return None
    from analysis.sources.chat import Chat

    key = os.environ.get(NAMES_KEY, "").strip()
    return Chat(settings.names_url, settings.names_model, key, settings.names_timeout).ask


def _make_report(options: argparse.Namespace) -> Path:
    if options.out.is_dir():
        raise InputError(f"{options.out} is a folder; expected the name of a file, such as {options.out}/report.html")
    progress = _Progress()
    from analysis import store

    run = store.read_run(options.run)  # a damaged run is told of before any heavy work
    from analysis.charts import CHARTS, chart_table, csv_text
    from analysis.report import build_report

    made_at = dt.datetime.now(dt.UTC).isoformat(timespec="minutes")
    progress(f"executing the report notebook for {options.run}")
    page = build_report(options.run, made_at=made_at)
    store.write_text(options.out, page)
    numbers = {f"{name}.csv": csv_text(chart_table(run, name)).encode() for name in CHARTS}
    store.write_folder(options.out.with_name(f"{options.out.stem}-charts"), numbers)
    progress(f"report of {len(page.encode()) / 1e6:.1f} MB; open it in a browser")
    return options.out


def _make_placed(options: argparse.Namespace) -> Path | str:
    progress = _Progress()
    import pandas as pd

    from analysis import store
    from analysis.charts import csv_text
    from analysis.corpus import InputFile, read_papers

    run = store.read_run(options.run)
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


def _make_backtest(options: argparse.Namespace) -> Path | str:
    if not 1 <= options.ahead <= 12:
        raise InputError(f"--ahead is {options.ahead}, expected 1 to 12 periods")
    progress = _Progress()
    from analysis import store
    from analysis.charts import csv_text
    from analysis.trends import backtest

    run = store.read_run(options.run)
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


def _make_model(options: argparse.Namespace) -> Path:
    if options.out.exists():
        raise InputError(f"{options.out} is there already; expected the name of a new folder")
    progress = _Progress()
    from analysis import store
    from analysis.embed import embed_papers
    from analysis.themes.bertopic_model import fitted_bertopic

    run = store.read_run(options.run)
    cache = store.VectorCache(options.cache, notice=progress)
    vectors = embed_papers(run.papers, run.manifest["settings"]["model"], cache, progress).vectors
    model = fitted_bertopic(run, vectors)
    files = store.collect_files(lambda folder: model.save(folder, "safetensors", save_ctfidf=True))
    store.write_folder(options.out, files)
    progress(f"BERTopic model of {len(model.get_topic_info())} topics in {options.out}")
    return options.out


class _Progress:
    """Tells on standard error how far the work is, with the seconds since it began."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def __call__(self, line: str) -> None:
        print(f"{time.monotonic() - self._began:6.1f} s  {line}", file=sys.stderr, flush=True)


def _tell_defect(error: Exception) -> None:
    if os.environ.get(TRACEBACK):
        traceback.print_exc()
    frame = traceback.extract_tb(error.__traceback__)[-1]
    print(
        f"paper-themes: a defect of ours, {type(error).__name__}: {' '.join(str(error).split()) or 'no message'} "
        f"({Path(frame.filename).name}, line {frame.lineno}); nothing was half-written; "
        f"set {TRACEBACK}=1 and run again to see where it comes from",
        file=sys.stderr,
    )


if __name__ == "__main__":
    sys.exit(main())
