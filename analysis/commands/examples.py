"""What the help of each verb shows below its arguments."""

PROGRAM = """\
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

RUN = """\
INPUT is a page of papers copied as text, a table (CSV, Excel, JSON Lines, Parquet), a feed or an export; or a folder of
them.

examples:
  paper-themes run data/raw --out data/runs
  paper-themes run feed.txt more.csv --out runs --detail 0.8 --title "Reading group"
  paper-themes run feed.jsonl --out runs --as-of 2025-06-30

The same papers and settings give the same run, under the same name.
"""

REPORT = """\
example:
  paper-themes report data/runs/RUN --out report.html

The page opens from disk, with no network. Each chart's numbers lie beside it as CSV, in report-charts.
"""

VERIFY = """\
examples:
  paper-themes verify report.html
  paper-themes verify report.html --run data/runs/RUN --input data/raw
  paper-themes verify report.html --run data/runs/RUN --input data/raw --recompute

The page is held to the sha256 of its own bytes. With its run, it is made again and compared byte for byte. With the
papers, they are held to their sha256; --recompute analyses them again and compares every table.
Exit codes: 0 everything holds, 2 a file is not there, 5 something differs; a sentence each says what was expected and
what came. The sha256 inside the page tells of damage; only run and papers tell whether someone wrote the page anew.
"""

FIGURES = """\
example:
  paper-themes figures data/runs/RUN --out figures/RUN

Each chart of the report is drawn as PNG and SVG by Chromium or Chrome, which has to be on this machine; nothing is
fetched. A chart that has nothing to draw is left out, and named.
"""

PLACE = """\
examples:
  paper-themes place data/runs/RUN new.jsonl --out placed.csv
  printf 'Title\\n\\nAbstract.' | paper-themes place data/runs/RUN

On standard input the first line is the title and the rest the abstract. The themes stay as they are; each paper comes
back with its themes, how strongly it belongs to each, and the nearest papers of the run.
"""

BACKTEST = """\
example:
  paper-themes backtest data/runs/RUN --ahead 2

Each row is a period that was forecast after another one, knowing nothing later: the share of intervals that held, and
the error beside that of the plainest forecast, no change. The themes are today's: it tests the forecasts, not them.
"""

MODEL = """\
example:
  paper-themes model data/runs/RUN --out model
  python -c 'from bertopic import BERTopic; print(BERTopic.load("model").get_topic_info())'

The model is saved as safetensors and JSON, never as a pickle. Its topics are the run's themes.
"""

REFRESH = """\
examples:
  paper-themes refresh --sources data/curated/sources.toml --report figures/latest/report.html
  paper-themes refresh data/raw --out data/runs --max-age 7

Themes keep their keys and their names from run to run, and the run says what was born, split, merged, ended or revived.
Exit codes: 0 a new run, 3 nothing is new (and nothing is written), 4 the newest paper is older than --max-age.
With --as-of the past is replayed: nothing is fetched, and snapshots taken later are left out.
"""

DIGEST = """\
example:
  paper-themes digest data/runs/RUN --out figures/latest/digest

The page comes as HTML, Markdown, plain text and an Atom feed. With --mail it is sent as data/curated/digest.toml says;
the login is taken from PAPER_THEMES_SMTP_USER and PAPER_THEMES_SMTP_PASSWORD.
"""

SCHEDULE = """\
examples:
  paper-themes schedule cron --every week --at 07:00
  paper-themes schedule systemd --to ~/.config/systemd/user
  paper-themes schedule github --to . -- --max-age 7
"""

HISTORY = """\
examples:
  paper-themes history --out data/runs
  paper-themes history --theme recommendation
"""

DIFF = """\
example:
  paper-themes diff data/runs/A data/runs/B
"""

SQL = """\
examples:
  paper-themes sql "select name, n_papers from themes where level = 'theme'"
  paper-themes sql "select run_id, count(*) from placements where rank = 1 group by all" --to counts.csv --out data/runs

The tables are those of data/README.md, over all runs, and `runs`.
"""

CHECK = """\
examples:
  paper-themes check
  paper-themes check data/runs

Exit codes: 0 all is sound, 5 damage was found. Each damage is a line that says where, what, and what to do.
"""
