"""The verbs of the command line and their arguments. Nothing heavy is loaded here, so that help is instant."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from analysis import __version__
from analysis.commands import examples


class _Parser(argparse.ArgumentParser):
    """A parser that says what is wrong in one sentence, as every other error of ours does."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}; see `{self.prog} --help`\n")


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Return what the command line asks for; `make` is where the verb is done, as 'module:function'."""
    def verb(name: str, what: str, epilog: str) -> argparse.ArgumentParser:
        return verbs.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.", epilog=epilog,
                                formatter_class=argparse.RawDescriptionHelpFormatter)

    parser = _Parser(
        prog="paper-themes", description="Themes in a pile of papers, how they rise and fade.", epilog=examples.PROGRAM,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"paper-themes {__version__}")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)

    run = verb("run", "analyse papers and write a run folder", examples.RUN)
    run.add_argument("inputs", nargs="+", metavar="INPUT", type=Path, help="feed file, or folder of them")
    run.add_argument("--out", required=True, metavar="DIR", type=Path, help="where run folders go")
    _add_asked(run)
    workers = run.add_mutually_exclusive_group()
    workers.add_argument("--workers", metavar="N", type=int, help="work on blocks of papers in N processes (Dask)")
    workers.add_argument("--scheduler", metavar="ADDRESS", help="or on a Dask cluster, such as tcp://10.0.0.5:8786")
    run.set_defaults(make="make:make_run")

    refresh = verb("refresh", "fetch, analyse with the last run in mind, and report", examples.REFRESH)
    refresh.add_argument("input", nargs="?", metavar="INPUT", type=Path, default=Path("data/raw"),
                         help="folder of snapshots and feed files (%(default)s)")
    refresh.add_argument("--out", metavar="DIR", type=Path, default=Path("data/runs"),
                         help="where run folders go: one folder, one feed (%(default)s)")
    refresh.add_argument("--report", metavar="FILE", type=Path, help="write the report there as well")
    _add_digest(refresh)
    refresh.add_argument("--sources", metavar="FILE", type=Path,
                         help="feeds to fetch, as TOML; without it none is fetched")
    refresh.add_argument("--inbox", metavar="DIR", type=Path, default=Path("data/inbox"),
                         help="files dropped there are taken in (%(default)s)")
    refresh.add_argument("--ledger", metavar="FILE", type=Path,
                         help="decisions about themes, as TOML (data/curated/ledger.toml, if there)")
    refresh.add_argument("--max-age", metavar="DAYS", type=int, help="exit with 4 where the newest paper is older")
    refresh.add_argument("--wait", metavar="SECONDS", type=float, default=600.0,
                         help="how long to wait for another refresh (%(default)g)")
    _add_asked(refresh)
    refresh.set_defaults(make="refresh:refresh")

    digest = verb("digest", "write one page of what is new in a run", examples.DIGEST)
    digest.add_argument("run", metavar="RUN", type=Path, help="run folder, as `paper-themes refresh` printed it")
    _add_digest(digest, required=True)
    digest.add_argument("--cache", metavar="DIR", type=Path, default=Path("data/cache"),
                        help="where vectors are kept between runs (%(default)s)")
    digest.set_defaults(make="digest:make_digest")

    schedule = verb("schedule", "write what makes a machine refresh by itself", examples.SCHEDULE)
    schedule.add_argument("kind", choices=("systemd", "cron", "github"), help="what the machine is scheduled by")
    schedule.add_argument("--every", default="day", metavar="SPAN", help="hour, day, week or month (%(default)s)")
    schedule.add_argument("--at", default="06:30", metavar="TIME", help="time of the day (%(default)s)")
    schedule.add_argument("--secret", action="append", default=[], metavar="NAME",
                          help="for github: environment variable that the refresh gets from the repository's secrets")
    schedule.add_argument("--to", metavar="DIR", type=Path, help="where the files go (standard output)")
    schedule.add_argument("more", nargs="*", metavar="ARG", help="further arguments of the refresh, behind --")
    schedule.set_defaults(make="schedule:make_schedule")

    history = verb("history", "list the runs that refresh has made, or one theme through them", examples.HISTORY)
    history.add_argument("--out", metavar="DIR", type=Path, default=Path("data/runs"), help="the runs (%(default)s)")
    history.add_argument("--theme", metavar="KEY", help="passport of one theme, by key or name")
    history.set_defaults(make="history:tell_history")

    diff = verb("diff", "say what became of each theme between two runs", examples.DIFF)
    diff.add_argument("before", metavar="A", type=Path, help="run folder")
    diff.add_argument("after", metavar="B", type=Path, help="run folder")
    diff.set_defaults(make="history:tell_difference")

    sql = verb("sql", "ask all runs a question in SQL", examples.SQL)
    sql.add_argument("query", metavar="QUERY", help="DuckDB's SQL; each table has the column run_id")
    sql.add_argument("--out", metavar="DIR", type=Path, default=Path("data/runs"), help="the runs (%(default)s)")
    sql.add_argument("--to", metavar="FILE", type=Path, help="CSV file to write (standard output)")
    sql.set_defaults(make="history:answer_sql")

    check = verb("check", "hold everything that is kept to its checksums", examples.CHECK)
    check.add_argument("folder", nargs="?", metavar="FOLDER", type=Path, default=Path(),
                       help="folder of snapshots, runs, cache and reports (this one)")
    check.set_defaults(make="check:check")

    report = verb("report", "turn a run into one HTML page", examples.REPORT)
    report.add_argument("run", metavar="RUN", type=Path, help="run folder, as `paper-themes run` printed it")
    report.add_argument("--out", required=True, metavar="FILE", type=Path, help="the page")
    report.set_defaults(make="make:make_report")

    verify = verb("verify", "hold a report to its own bytes, to its run and to its papers", examples.VERIFY)
    verify.add_argument("page", metavar="REPORT", type=Path, help="the page")
    verify.add_argument("--run", metavar="RUN", type=Path, help="run folder (data/runs/RUN, if there)")
    verify.add_argument("--input", dest="inputs", action="append", default=[], metavar="INPUT", type=Path,
                        help="feed file, or folder of them; may be given again")
    verify.add_argument("--recompute", action="store_true", help="analyse the papers again, and compare every table")
    verify.add_argument("--dates", metavar="FILE", type=Path,
                        help="dates by title, as CSV (data/curated/published.csv, if there)")
    verify.add_argument("--ledger", metavar="FILE", type=Path,
                        help="decisions about themes, as TOML (data/curated/ledger.toml, if there)")
    verify.add_argument("--cache", metavar="DIR", type=Path, default=Path("data/cache"),
                        help="where vectors are kept between runs (%(default)s)")
    verify.set_defaults(make="verify:verify")

    figures = verb("figures", "draw every chart of a run as PNG and SVG", examples.FIGURES)
    figures.add_argument("run", metavar="RUN", type=Path, help="run folder, as `paper-themes run` printed it")
    figures.add_argument("--out", metavar="DIR", type=Path, help="where the pictures go (figures/RUN)")
    figures.set_defaults(make="figures:make_figures")

    place = verb("place", "put new papers into the themes of a run", examples.PLACE)
    place.add_argument("run", metavar="RUN", type=Path, help="run folder, as `paper-themes run` printed it")
    place.add_argument("inputs", nargs="*", metavar="INPUT", type=Path,
                       help="file of papers; without one, a title and an abstract from standard input")
    place.add_argument("--out", metavar="FILE", type=Path, help="CSV file to write (standard output)")
    place.add_argument("--cache", metavar="DIR", type=Path, default=Path("data/cache"),
                       help="where vectors are kept between runs (%(default)s)")
    place.set_defaults(make="make:place")

    back = verb("backtest", "forecast every past period of a run, and hold it against what came", examples.BACKTEST)
    back.add_argument("run", metavar="RUN", type=Path, help="run folder, as `paper-themes run` printed it")
    back.add_argument("--ahead", type=int, default=1, metavar="N", help="periods that each forecast looks ahead (1)")
    back.add_argument("--out", metavar="FILE", type=Path, help="CSV file to write (standard output)")
    back.set_defaults(make="make:back_test")

    model = verb("model", "take a run out as a fitted BERTopic model", examples.MODEL)
    model.add_argument("run", metavar="RUN", type=Path, help="run folder, as `paper-themes run` printed it")
    model.add_argument("--out", required=True, metavar="DIR", type=Path, help="a folder that is not there yet")
    model.add_argument("--cache", metavar="DIR", type=Path, default=Path("data/cache"),
                       help="where vectors are kept between runs (%(default)s)")
    model.set_defaults(make="make:make_model")
    return parser.parse_args(arguments)


def _add_asked(run: argparse.ArgumentParser) -> None:
    run.add_argument("--settings", metavar="FILE", type=Path, help="settings, as TOML; the options below win over it")
    run.add_argument("--detail", type=float, metavar="0..1", help="0 few broad themes, 1 many fine ones (0.5)")
    run.add_argument("--as-of", metavar="DAY", help="last day that the feed knows about (its newest paper's)")
    run.add_argument("--title", metavar="TEXT", help="what the report calls the feed")
    run.add_argument("--themes", metavar="FILE", type=Path,
                     help="declared themes, as TOML (data/curated/themes.toml, if there)")
    run.add_argument("--dates", metavar="FILE", type=Path,
                     help="dates by title, as CSV (data/curated/published.csv, if there)")
    run.add_argument("--cache", metavar="DIR", type=Path, default=Path("data/cache"),
                     help="where vectors are kept between runs (%(default)s)")


def _add_digest(verb: argparse.ArgumentParser, required: bool = False) -> None:
    verb.add_argument("--out" if required else "--digest", dest="digest", metavar="DIR", type=Path, required=required,
                      help="folder for digest.html, .md, .txt and .atom")
    verb.add_argument("--mail", action="store_true", help="send the digest, as its settings say")
    verb.add_argument("--digest-settings", metavar="FILE", type=Path,
                      help="settings of the digest, as TOML (data/curated/digest.toml, if there)")
