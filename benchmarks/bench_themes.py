"""Measure our themes beside other people's on the same vectors, and write the tables: `make bench-themes`.

What a method gives is kept in `benchmarks/.results`, by corpus and by version of the method: a second run measures
only what has changed. `--methods ours` runs ours alone; the tables show the others as they are kept.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.themes.corpora import SHARED, TIMED, BenchCorpus, list_corpora, read_corpus  # noqa: E402
from benchmarks.themes.floors import check_floors  # noqa: E402
from benchmarks.themes.judge import judge_result  # noqa: E402
from benchmarks.themes.registry import METHODS, Method, choose_methods, method_version  # noqa: E402
from benchmarks.themes.report import (  # noqa: E402
    describe_machine,
    print_floors,
    replace_block,
    write_block,
    write_page,
)
from benchmarks.themes.runs import RESULTS, find_result, keep_measures, n_repeats, run  # noqa: E402

LIMIT_MINUTES = 15.0


def main(arguments: list[str] | None = None) -> int:
    """Run what is missing, write the tables, print the floors; return 1 where one is missed."""
    args = _parse(arguments)
    chosen = choose_methods(args.methods)
    names = list_corpora(args.corpora, args.full)
    if not SHARED.is_dir():
        print(f"the corpora do not lie in {SHARED}: measuring the seed feed alone", file=sys.stderr)
    measured: dict[str, dict[str, dict[str, Any]]] = {}
    sizes: dict[str, int] = {}
    failures: dict[tuple[str, str], str] = {}
    for name in list_corpora(None, full=True):
        if name not in names and not (args.results / name).is_dir():
            continue
        corpus = read_corpus(name, args.seed_labels)
        sizes[name] = len(corpus.texts)
        rows = {}
        for method in (method for method in METHODS if _fits(method, corpus)):
            result = _result(corpus, method, args, is_chosen=method in chosen and name in names)
            if result is None:
                continue
            judge = partial(judge_result, corpus, result, method.is_ours)
            rows[method.key] = keep_measures(corpus, method, result, judge, args.results)
            if result["limit"] is not None:
                failures[name, method.key] = f"> {result['limit']:g} min"
            elif result["error"]:
                failures[name, method.key] = "failed: " + result["error"].replace("|", "/")
        if name == TIMED and (args.timing or name in names):
            _time(corpus, args)
        if rows:
            measured[name] = rows
    floors = check_floors(measured, sizes, _read_timing(args.results))
    when = f"{datetime.date.today()}, {describe_machine()}"
    page = write_page(measured, sizes, failures, floors, when, LIMIT_MINUTES)
    args.out.write_text(page, encoding="utf-8")
    if args.readme:
        replace_block(args.readme, write_block(measured, str(datetime.date.today())))
    print(page if args.show else f"{args.out} is written")
    print_floors(floors)
    return 1 if any(row.is_met is False and "stretch" not in row.what for row in floors) else 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--methods", nargs="+", metavar="KEY", help=", ".join(method.key for method in METHODS))
    parser.add_argument("--corpora", nargs="+", metavar="NAME", help="to run on; all but the largest if missing")
    parser.add_argument("--full", action="store_true", help="also the ACL Anthology, with ours and Leiden")
    parser.add_argument("--fresh", action="store_true", help="run again what is kept")
    parser.add_argument("--repeats", type=int, metavar="N", help="refits without a tenth of the papers (3; peers on "
                        "large corpora 1)")
    parser.add_argument("--timing", action="store_true", help="time ours and BERTopic again, one after the other")
    parser.add_argument("--seed-labels", type=Path, metavar="FILE", help="CSV: title (or paper_id), label")
    parser.add_argument("--limit", type=float, default=LIMIT_MINUTES, metavar="MINUTES", help="for one fit")
    parser.add_argument("--peers-python", type=Path, default=ROOT / ".venv-peers/bin/python", metavar="FILE")
    parser.add_argument("--results", type=Path, default=RESULTS, metavar="DIR", help="where results are kept")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/themes.md", metavar="FILE")
    parser.add_argument("--readme", type=Path, default=ROOT / "README.md", metavar="FILE")
    parser.add_argument("--no-readme", dest="readme", action="store_const", const=None)
    parser.add_argument("--show", action="store_true", help="print the page as well")
    return parser.parse_args(arguments)


def _fits(method: Method, corpus: BenchCorpus) -> bool:
    return (not method.is_timed_only and len(corpus.texts) <= method.max_papers
            and not (method.is_told and corpus.n_labels is None))


def _result(corpus: BenchCorpus, method: Method, args: argparse.Namespace, is_chosen: bool) -> dict[str, Any] | None:
    repeats = n_repeats(method, len(corpus.texts), args.repeats)
    if not is_chosen:
        return find_result(corpus, method, 0, 0, args.results)
    kept = None if args.fresh else find_result(corpus, method, repeats, args.limit, args.results)
    if kept is not None:
        return kept
    if not method.is_ours and not args.peers_python.is_file():
        print(f"{method.title} is not run: {args.peers_python} is missing; make bench-themes makes it", file=sys.stderr)
        return find_result(corpus, method, 0, 0, args.results)
    print(f"{corpus.name}: {method.title} …", end=" ", file=sys.stderr, flush=True)
    result = run(corpus, method, repeats, args.limit, args.peers_python, args.results)
    seconds = result["fits"].get("full", {}).get("seconds")
    said = f"{seconds:.1f} s" if seconds is not None else "no fit"
    print(", ".join(filter(None, [said, result["limit"] and "out of time", result["error"]])), file=sys.stderr)
    return result


def _time(corpus: BenchCorpus, args: argparse.Namespace) -> None:
    """Time ours and BERTopic one after the other: figures of different days, or of a busier hour, do not compare."""
    path = args.results / "timing.json"
    methods = choose_methods(["ours", "bertopic", "bertopic_unseeded"])
    versions = [method_version(method) for method in methods]
    if path.is_file() and not args.timing and json.loads(path.read_text())["versions"] == versions:
        return
    if not args.peers_python.is_file() or not (args.timing or args.methods is None):
        return
    times = {}
    for method in methods:
        print(f"{corpus.name}: timing {method.title} …", end=" ", file=sys.stderr, flush=True)
        result = run(corpus, method, 0, args.limit, args.peers_python, args.results / "timing")
        full = result["fits"].get("full")
        print(f"{full['seconds']:.1f} s" if full else "no fit", file=sys.stderr)
        if full:
            times[method.key] = {key: full[key] for key in ("seconds", "processor_seconds", "encoder_seconds")}
    path.write_text(json.dumps({"versions": versions, "seconds": times}, indent=1))


def _read_timing(results: Path) -> dict[str, dict[str, float]] | None:
    path = results / "timing.json"
    if not path.is_file():
        return None
    kept = json.loads(path.read_text())
    versions = [method_version(method) for method in choose_methods(["ours", "bertopic", "bertopic_unseeded"])]
    return kept["seconds"] if kept["versions"] == versions else None


if __name__ == "__main__":
    sys.exit(main())
