"""The verbs of the command line and their arguments. Nothing heavy is loaded here, so that help is instant."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from analysis import __version__

_PROGRAM_EPILOG = """\
examples:
  paper-themes run data/raw --out data/runs
  paper-themes report data/runs/RUN --out figures/latest/report.html
  paper-themes refresh data/raw --out data/runs --report figures/latest/report.html
  paper-themes verify figures/latest/report.html
  paper-themes figures data/runs/RUN --out figures/RUN
  paper-themes place data/runs/RUN new.jsonl
  paper-themes backtest data/runs/RUN
  paper-themes model data/runs/RUN --out model

exit codes: 0 made, 1 a defect of ours, 2 input or usage that you can mend, 3 nothing is new, 4 the newest paper is old,
5 a report does not match, or damage was found.
"""

_RUN_EPILOG = """\
INPUT is a page of papers copied as text, a table (CSV, Excel, JSON Lines, Parquet), a feed or an export; or a folder of
them.

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


_VERIFY_EPILOG = """\
examples:
  paper-themes verify report.html
  paper-themes verify report.html --run data/runs/RUN --input data/raw
  paper-themes verify report.html --run data/runs/RUN --input data/raw --recompute

The page is held to the sha256 of its own bytes. With its run, it is made again and compared byte for byte. With the
papers, they are held to their sha256; --recompute analyses them again and compares every table.
Exit codes: 0 everything holds, 2 a file is not there, 5 something differs; a sentence each says what was expected and
what came. The sha256 inside the page tells of damage; only run and papers tell whether someone wrote the page anew.
"""


_FIGURES_EPILOG = """\
example:
  paper-themes figures data/runs/RUN --out figures/RUN

Each chart of the report is drawn as PNG and SVG by Chromium or Chrome, which has to be on this machine; nothing is
fetched. A chart that has nothing to draw is left out, and named.
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


_REFRESH_EPILOG = """\
examples:
  paper-themes refresh --sources data/curated/sources.toml --report figures/latest/report.html
  paper-themes refresh data/raw --out data/runs --max-age 7

Themes keep their keys and their names from run to run, and the run says what was born, split, merged, ended or revived.
Exit codes: 0 a new run, 3 nothing is new (and nothing is written), 4 the newest paper is older than --max-age.
With --as-of the past is replayed: nothing is fetched, and snapshots taken later are left out.
"""


_DIGEST_EPILOG = """\
example:
  paper-themes digest data/runs/RUN --out figures/latest/digest

The page comes as HTML, Markdown, plain text and an Atom feed. With --mail it is sent as data/curated/digest.toml says;
the login is taken from PAPER_THEMES_SMTP_USER and PAPER_THEMES_SMTP_PASSWORD.
"""


_SCHEDULE_EPILOG = """\
examples:
  paper-themes schedule cron --every week --at 07:00
  paper-themes schedule systemd --to ~/.config/systemd/user
  paper-themes schedule github --to . -- --max-age 7
"""


_HISTORY_EPILOG = """\
examples:
  paper-themes history --out data/runs
  paper-themes history --theme recommendation
"""


_DIFF_EPILOG = """\
example:
  paper-themes diff data/runs/A data/runs/B
"""


_SQL_EPILOG = """\
examples:
  paper-themes sql "select name, n_papers from themes where level = 'theme'"
  paper-themes sql "select run_id, count(*) from placements where rank = 1 group by all" --to counts.csv --out data/runs

The tables are those of data/README.md, over all runs, and `runs`.
"""


_CHECK_EPILOG = """\
examples:
  paper-themes check
  paper-themes check data/runs

Exit codes: 0 all is sound, 5 damage was found. Each damage is a line that says where, what, and what to do.
"""


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
        prog="paper-themes", description="Themes in a pile of papers, how they rise and fade.", epilog=_PROGRAM_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"paper-themes {__version__}")
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)

    run = verb("run", "analyse papers and write a run folder", _RUN_EPILOG)
    run.add_argument("inputs", nargs="+", metavar="INPUT", type=Path, help="feed file, or folder of them")
    run.add_argument("--out", required=True, metavar="DIR", type=Path, help="where run folders go")
    _add_asked(run)
    workers = run.add_mutually_exclusive_group()
    workers.add_argument("--workers", metavar="N", type=int, help="work on blocks of papers in N processes (Dask)")
    workers.add_argument("--scheduler", metavar="ADDRESS", help="or on a Dask cluster, such as tcp://10.0.0.5:8786")
    run.set_defaults(make="make:make_run")

    refresh = verb("refresh", "fetch, analyse with the last run in mind, and report", _REFRESH_EPILOG)
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

    digest = verb("digest", "write one page of what is new in a run", _DIGEST_EPILOG)
    digest.add_argument("run", metavar="RUN", type=Path, help="run folder, as `paper-themes refresh` printed it")
    _add_digest(digest, required=True)
    digest.add_argument("--cache", metavar="DIR", type=Path, default=Path("data/cache"),
                        help="where vectors are kept between runs (%(default)s)")
    digest.set_defaults(make="digest:make_digest")

    schedule = verb("schedule", "write what makes a machine refresh by itself", _SCHEDULE_EPILOG)
    schedule.add_argument("kind", choices=("systemd", "cron", "github"), help="what the machine is scheduled by")
    schedule.add_argument("--every", default="day", metavar="SPAN", help="hour, day, week or month (%(default)s)")
    schedule.add_argument("--at", default="06:30", metavar="TIME", help="time of the day (%(default)s)")
    schedule.add_argument("--secret", action="append", default=[], metavar="NAME",
                          help="for github: environment variable that the refresh gets from the repository's secrets")
    schedule.add_argument("--to", metavar="DIR", type=Path, help="where the files go (standard output)")
    schedule.add_argument("more", nargs="*", metavar="ARG", help="further arguments of the refresh, behind --")
    schedule.set_defaults(make="schedule:make_schedule")

    history = verb("history", "list the runs that refresh has made, or one theme through them", _HISTORY_EPILOG)
    history.add_argument("--out", metavar="DIR", type=Path, default=Path("data/runs"), help="the runs (%(default)s)")
    history.add_argument("--theme", metavar="KEY", help="passport of one theme, by key or name")
    history.set_defaults(make="history:tell_history")

    diff = verb("diff", "say what became of each theme between two runs", _DIFF_EPILOG)
    diff.add_argument("before", metavar="A", type=Path, help="run folder")
    diff.add_argument("after", metavar="B", type=Path, help="run folder")
    diff.set_defaults(make="history:tell_difference")

    sql = verb("sql", "ask all runs a question in SQL", _SQL_EPILOG)
    sql.add_argument("query", metavar="QUERY", help="DuckDB's SQL; each table has the column run_id")
    sql.add_argument("--out", metavar="DIR", type=Path, default=Path("data/runs"), help="the runs (%(default)s)")
    sql.add_argument("--to", metavar="FILE", type=Path, help="CSV file to write (standard output)")
    sql.set_defaults(make="history:answer_sql")

    check = verb("check", "hold everything that is kept to its checksums", _CHECK_EPILOG)
    check.add_argument("folder", nargs="?", metavar="FOLDER", type=Path, default=Path(),
                       help="folder of snapshots, runs, cache and reports (this one)")
    check.set_defaults(make="check:check")

    report = verb("report", "turn a run into one HTML page", _REPORT_EPILOG)
    report.add_argument("run", metavar="RUN", type=Path, help="run folder, as `paper-themes run` printed it")
    report.add_argument("--out", required=True, metavar="FILE", type=Path, help="the page")
    report.set_defaults(make="make:make_report")

    verify = verb("verify", "hold a report to its own bytes, to its run and to its papers", _VERIFY_EPILOG)
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

    figures = verb("figures", "draw every chart of a run as PNG and SVG", _FIGURES_EPILOG)
    figures.add_argument("run", metavar="RUN", type=Path, help="run folder, as `paper-themes run` printed it")
    figures.add_argument("--out", metavar="DIR", type=Path, help="where the pictures go (figures/RUN)")
    figures.set_defaults(make="figures:make_figures")

    place = verb("place", "put new papers into the themes of a run", _PLACE_EPILOG)
    place.add_argument("run", metavar="RUN", type=Path, help="run folder, as `paper-themes run` printed it")
    place.add_argument("inputs", nargs="*", metavar="INPUT", type=Path,
                       help="file of papers; without one, a title and an abstract from standard input")
    place.add_argument("--out", metavar="FILE", type=Path, help="CSV file to write (standard output)")
    place.add_argument("--cache", metavar="DIR", type=Path, default=Path("data/cache"),
                       help="where vectors are kept between runs (%(default)s)")
    place.set_defaults(make="make:place")

    back = verb("backtest", "forecast every past period of a run, and hold it against what came", _BACKTEST_EPILOG)
    back.add_argument("run", metavar="RUN", type=Path, help="run folder, as `paper-themes run` printed it")
    back.add_argument("--ahead", type=int, default=1, metavar="N", help="periods that each forecast looks ahead (1)")
    back.add_argument("--out", metavar="FILE", type=Path, help="CSV file to write (standard output)")
    back.set_defaults(make="make:back_test")

    model = verb("model", "take a run out as a fitted BERTopic model", _MODEL_EPILOG)
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
