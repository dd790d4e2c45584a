"""Strangers' text, and names of files, in all that a refresh leaves and says: shown as text, and nothing else."""

import csv
import io
import json
import os
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import papermill
import pytest

from analysis import charts, store
from analysis.__main__ import main, one_line
from analysis.corpus import InputFile, normalise_text, read_papers
from tests.hostile.desk import paper_themes, write_feed
from tests.hostile.words import HOSTILE
from tests.local_server import answers, local_server

ROOT = Path(__file__).resolve().parents[2]
ORDERS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff]")
FORMULA = re.compile(r"\s*[=+\-@]")
FILES = ("=cmd.jsonl", "-rf.jsonl", "a\nb.jsonl", "\x1b[31mred.jsonl", "<img src=x onerror=alert(1)>.jsonl",
         "$(touch hacked).jsonl", "`touch hacked`;.jsonl", "x..%2f..%2fetc.jsonl", "\u202etxt.jsonl",
         "%s{0}{{7*7}}.jsonl", os.fsdecode(b"\xff\xfe.jsonl"), "CON.jsonl", "a" * 200 + ".jsonl")


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("settings.toml").write_text("n_resamples = 2\n")
    return tmp_path


def refresh(*more: str) -> int:
    return paper_themes("refresh", "raw", "--out", "runs", "--settings", "settings.toml", "--cache", "cache",
                        "--digest", "digest", *more)


def all_bytes(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_a_refresh_on_hostile_papers_from_hostile_files(here, capfd):
    write_feed(here / "raw/feed.jsonl", 16)
    for number, word in enumerate(HOSTILE):
        record = {"title": f"A title {word} {number}", "abstract": f"We study lava and say {word}.", "venue": word,
                  "url": word, "published": "2024-05-01"}
        inbox = here / "data/inbox" / FILES[number % len(FILES)]
        inbox.parent.mkdir(parents=True, exist_ok=True)
        with open(inbox, "a") as file:
            file.write(json.dumps(record) + "\n")
    assert refresh() == 0
    said = capfd.readouterr()
    assert not ORDERS.search(said.err) and re.fullmatch(r"runs/r[0-9a-f]{12}\n", said.out)
    assert {path.name for path in here.iterdir()} == {"raw", "data", "runs", "cache", "digest", "settings.toml"}
    assert len(list((here / "raw").glob("inbox/*/*.jsonl"))) == len(FILES) and not list((here / "data/inbox").iterdir())
    (folder,) = (here / "runs").glob("r*")
    run = store.read_run(folder)
    assert len(run.papers) + len(run.dropped) == 16 + len(HOSTILE)
    for text in [*run.papers["title"], *run.papers["abstract"], *run.themes["name"], *run.papers["venue"].dropna()]:
        assert not ORDERS.search(text)
    assert run.papers["url"].dropna().str.fullmatch(r"https?://[^\s<>\"]+").all()
    for name in charts.CHARTS:
        text = charts.csv_text(charts.chart_table(run, name))
        for delimiter in ",;\t":
            for row in csv.reader(io.StringIO(text), delimiter=delimiter):
                assert not any(FORMULA.match(cell) and not re.fullmatch(r"\s*-?[\d.e-]+", cell) for cell in row), row
    ElementTree.fromstring((here / "digest/digest.atom").read_text())
    assert "<script" not in (here / "digest/digest.html").read_text().lower()
    for command in (["history"], ["sql", "select * from papers"], ["sql", "select * from dropped"]):
        assert main([*command, "--out", "runs"]) == 0
        assert not ORDERS.search(capfd.readouterr().err)
    assert main(["check", "."]) == 0
    assert refresh() == 3
    assert f"read {len(run.papers)} papers, set 0 records aside\n" in said.err
    assert re.search(r"followed \d+ themes and \d+ terms through \d+ periods\n", said.err)
    assert re.search(r"lifted \d+ facets\n", said.err)
    assert re.search(r"measured \d+ figures of quality \(\d+ \w+", said.err)


def test_a_title_gives_no_orders_however_it_is_written():
    for word in (*HOSTILE, "\\char27[31m", "\\symbol{27}", "&amp;#27;[31m", "{\\char\"1B}[0m", "$\\char27$"):
        assert not ORDERS.search(normalise_text(f"A {word} b")), word


def test_a_run_s_tables_come_back_exactly_and_a_chart_s_numbers_hold_no_formula(tmp_path):
    frame = pd.DataFrame({"text": pd.Series([word for word in HOSTILE if word.isascii()], dtype="str")})
    text = charts.csv_text(frame)
    cells = [row[0] if row else "" for row in csv.reader(io.StringIO(text))][1:]
    assert len(cells) == len(frame) and not any(FORMULA.match(cell) for cell in cells)
    assert "'=HYPERLINK" in text and ";'=1" in charts.csv_text(frame.assign(text="a;=1"))


def test_a_terminal_and_a_log_get_no_orders(monkeypatch, capsys):
    assert one_line("a\x1b[31mb\nc\u202ed\x9bx\x00") == "a\\x1b[31mb c\\u202ed\\x9bx\\x00"
    assert one_line("نمی‌دانم é 词") == "نمی‌دانم é 词"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    from analysis.__main__ import _say

    _say("a\x1b]0;t\x07,b\nc\udcff")
    assert capsys.readouterr().out == "a\\x1b]0;t\\x07,b\nc\\udcff\n"


def test_errors_name_hostile_files_as_text(here, capsys):
    for name in FILES:
        assert main(["run", f"none-{name}", "--out", "runs"]) == 2
        said = capsys.readouterr().err
        assert said.count("\n") == 1 and not ORDERS.search(said) and said.replace("\n", "").isprintable()


def test_names_of_files_stay_apart_as_text(tmp_path):
    for name in (b"\xff.csv", b"\xfe.csv", b"\\xff.csv"):
        (tmp_path / os.fsdecode(name)).write_bytes(b"title,abstract\nA title,Text.\n")
    files = store.read_inputs([tmp_path])
    assert sorted(file.name for file in files)[:2] == ["\\xfe.csv", "\\xff.csv"]
    assert len(read_papers(files).papers) == 1


SECRETS = {"PAPER_THEMES_NAMES_KEY": "planted-names-4711", "PAPER_THEMES_SMTP_USER": "planted-user-4711",
           "PAPER_THEMES_SMTP_PASSWORD": "planted-word-4711", "PAPER_THEMES_S2_KEY": "planted-s2-4711",
           "PAPER_THEMES_OPENALEX_KEY": "planted-alex-4711"}


def test_secrets_stand_in_nothing_that_is_made_or_said(here, monkeypatch, capfd):
    from analysis.sources.providers import PROVIDERS

    variables = {provider.key_variable for provider in PROVIDERS.values()} - {""}
    secrets = SECRETS | {name: f"planted-{number}-4711" for number, name in enumerate(sorted(variables))}
    for name, secret in secrets.items():
        monkeypatch.setenv(name, secret)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    write_feed(here / "raw/feed.jsonl", 16)
    with local_server(answers(lambda question: question["terms"][0])) as model, \
            local_server(lambda handler: handler.say(b"no", status=403)) as source:
        Path("settings.toml").write_text(f'n_resamples = 2\nnames_url = "{model.url}"\nnames_model = "m"\n')
        Path("sources.toml").write_text("".join(
            f'[[source]]\nname = "s{number}"\nprovider = "{name}"\nquery = "x"\nurl = "{source.url}"\n'
            for number, name in enumerate(PROVIDERS) if PROVIDERS[name].key_variable))
        Path("digest.toml").write_text('[mail]\nhost = "127.0.0.1"\nport = 9\nsecurity = "none"\n'
                                       'sender = "a@example.org"\nrecipients = ["b@example.org"]\n')
        assert refresh("--mail", "--digest-settings", "digest.toml", "--sources", "sources.toml") == 0
        sent = json.dumps([[headers for _, headers, _ in server.requests] for server in (model, source)])
    assert secrets["PAPER_THEMES_NAMES_KEY"] in sent and len(variables) >= 1
    said = capfd.readouterr()
    assert "does not let us in" in said.err and "was not sent" in said.err
    (run,) = Path("runs").glob("r*")
    assert main(["report", str(run), "--out", "report.html"]) == 0
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    papermill.execute_notebook(ROOT / "notebooks/04_trends.ipynb", here / "done.ipynb", {"runs": str(here / "runs")},
                               cwd=ROOT / "notebooks", progress_bar=False, start_timeout=600)
    assert {"report.html", "done.ipynb", "runs", "digest"} <= {path.name for path in here.iterdir()}
    found = all_bytes(here) + said.err.encode() + said.out.encode()
    assert not [name for name, secret in secrets.items() if secret.encode() in found]


def test_a_key_in_a_settings_file_is_refused(here, capsys):
    write_feed(here / "raw/feed.jsonl", 4)
    for line in ('names_key = "planted-4711"', 'names_url = "https://me:planted-4711@a.example/v1"\nnames_model = "m"'):
        Path("settings.toml").write_text(line + "\n")
        assert refresh() == 2
        assert "planted-4711" not in capsys.readouterr().err


def test_input_that_is_no_paper_is_told_without_its_orders(capsys, tmp_path):
    corpus = read_papers([InputFile("\x1b[31m.csv", b"title,abstract\nA good title,x\n\x1b[2J,,,,\n")])
    assert not ORDERS.search(" ".join(corpus.dropped["text"]))
