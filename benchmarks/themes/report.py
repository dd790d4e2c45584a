"""What was measured → `benchmarks/themes.md`, and the short table in the README."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.themes.corpora import LABELLED, TIMED, TITLES
from benchmarks.themes.floors import Floor, Measured, mean_over
from benchmarks.themes.naming import FIGURES
from benchmarks.themes.registry import METHODS, Method

START, END = "<!-- bench-themes:start -->", "<!-- bench-themes:end -->"
COLUMNS = ("method", "AMI", "ARI", "themes", "coverage", "largest", "10 % left out", "shuffled", "diversity", "NPMI",
           "NPMI alike", "names", "seconds", "CPU s",
           "peak MB")
HOW_READ = (
    "**AMI, ARI**: agreement with the labels; papers that a method does not place (-1) count as one group of their "
    "own, a loose paper of ours with its nearest theme. **Themes**: found, and how far off the number of labels. "
    "**Coverage**: papers placed and not loose. **Largest**: share of all papers in the largest theme. **10 % left "
    "out**: mean ARI of refits on nine tenths of the papers with the fit on all, the same papers for every method. "
    "**Shuffled**: ARI after a refit on the same papers in another order, same seed. **Diversity**: share of different "
    "ones among ten words a theme. **NPMI**: how often a theme's ten words meet in the corpus' papers; ours are "
    "mostly phrases, which meet less often than single words, so **NPMI alike** takes ten words by class-based tf-idf "
    "from every method's groups: it measures the grouping, not the wording. **Names**: without stop words / of at "
    "most five words / unique / said by the theme's core papers (30 % say the phrase, or 60 % a word of it, on "
    "average). "
    "**Seconds**: from vectors to named themes, without imports and without embedding papers, with what a library "
    "compiles at its first call; in brackets what went into embedding words or phrases, which is included. **CPU "
    "s**: the same on the processor's clock, over all threads, which a busy machine does not stretch. **Peak**: "
    "memory of the whole process, libraries included."
)
ORDER = (
    "Papers stand in the order of a hash of their text, for some files are sorted by label. Ours puts papers in such "
    "an order itself, as the program does when it reads them; that makes the shuffled run the same run."
)


def describe_machine() -> str:
    """Return cores, memory and Python of this machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GB RAM, {platform.machine()}, Python {platform.python_version()}"


def write_page(
    measured: Measured, sizes: Mapping[str, int], failures: Mapping[tuple[str, str], str], floors: Sequence[Floor],
    when: str, limit_minutes: float,
) -> str:
    """Return the whole page.

    Parameters
    ----------
    failures : mapping
        (corpus, method) → why there is no figure.
    when : str
        Date, and the machine.
    """
    shown = [method for method in METHODS if any(method.key in rows for rows in measured.values())]
    lines = [
        "# Themes: measured", "",
        f"{when}. Written by `make bench-themes`. All methods get the same vectors (all-MiniLM-L6-v2); one fit may "
        f"take {limit_minutes:g} minutes.", "",
        HOW_READ, "", ORDER, "",
        "## The methods", "",
        *(f"- **{method.title}**{' (an oracle: nobody knows k)' if method.is_told else ''}: {method.note}."
          for method in shown), "",
        "## Floors of ours", "",
        "| what | floor | measured | |", "|---|---|---|---|",
        *(f"| {row.what} | {row.floor} | {row.value} | {_verdict(row)} |" for row in floors), "",
    ]
    for corpus, rows in measured.items():
        n_labels = next((row["n_labels"] for row in rows.values() if "n_labels" in row), None)
        known = f"{n_labels} labels" if n_labels else "no labels"
        lines += [f"## {TITLES[corpus][0].upper()}{TITLES[corpus][1:]} ({sizes[corpus]:,} papers, {known})", "",
                  "| " + " | ".join(COLUMNS) + " |", "|---|" + "---:|" * (len(COLUMNS) - 1)]
        lines += [_row(method, rows.get(method.key, {}), failures.get((corpus, method.key)))
                  for method in shown if method.key in rows]
        lines += ["", *_reliability(rows.get("ours", {}))]
    return "\n".join(lines).rstrip() + "\n"


def write_block(measured: Measured, when: str) -> str:
    """Return the README's table, between its two marks."""
    lines = [
        START, f"Beside other people's methods, on the same vectors ({when}; [all of it](benchmarks/themes.md)):", "",
        "| | AMI | error of the number | placed | 10 % left out | shuffled | names said | seconds |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for method in METHODS:
        rows = {corpus: found[method.key] for corpus, found in measured.items() if found.get(method.key)}
        if not rows or method.is_timed_only:
            continue
        cells = [
            _form(mean_over(measured, method.key, "ami"), "{:.2f}"),
            "told" if method.is_told else _form(mean_over(measured, method.key, "k_error"), "{:.0%}"),
            _form(mean_over(measured, method.key, "coverage"), "{:.0%}"),
            _form(mean_over(measured, method.key, "left_out_ari"), "{:.2f}"),
            _form(mean_over(measured, method.key, "shuffle_ari"), "{:.2f}"),
            _form(_mean_said(measured, method.key), "{:.0%}"),
            _form(rows.get(TIMED, {}).get("seconds"), "{:.0f}"),
        ]
        lines.append(f"| {method.title} | " + " | ".join(cells) + " |")
    labelled = ", ".join(TITLES[name] for name in LABELLED)
    lines += ["", f"Means over {labelled}; seconds on {TITLES[TIMED]}, from vectors to named themes. A dash: it was "
              "not measured, took too long, failed, or has no such figure.", END]
    return "\n".join(lines)


def replace_block(readme: Path, block: str) -> None:
    """Put `block` between the marks in `readme`.

    Raises
    ------
    SystemExit
        The marks are not there, each once and in order.
    """
    text = readme.read_text(encoding="utf-8")
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise SystemExit(f"{readme}: expected {START} and {END}, in this order; put them where the table should stand")
    readme.write_text(before + block + after, encoding="utf-8")


def print_floors(floors: Sequence[Floor]) -> None:
    """Print the list of floors in columns."""
    width = max(len(row.what) for row in floors)
    for row in floors:
        print(f"{row.what:{width}}  {row.floor:>14}  {row.value}  {_verdict(row).strip('*')}")


def _row(method: Method, found: Mapping[str, Any], failure: str | None) -> str:
    cells = [method.title]
    if not found:
        return f"| {method.title} | {failure or 'not run'}" + " |" * (len(COLUMNS) - 1)
    themes = str(found["n_themes"])
    if "k_error" in found:
        themes += " (told)" if method.is_told else f" ({found['k_error']:.0%} off)"
    names = found.get("names")
    seconds = f"{found['seconds']:.1f}"
    if found["encoder_seconds"]:
        seconds += f" ({found['encoder_seconds']:.1f})"
    cells += [
        _form(found.get("ami"), "{:.3f}"), _form(found.get("ari"), "{:.3f}"), themes,
        f"{found['coverage']:.0%}", f"{found['largest']:.0%}",
        _form(found.get("left_out_ari"), "{:.2f}") + (f" (n={found['n_refits']})" if "n_refits" in found else ""),
        _form(found.get("shuffle_ari"), "{:.2f}"), _form(found.get("diversity"), "{:.2f}"),
        _form(found.get("npmi"), "{:.3f}"), _form(found.get("npmi_alike"), "{:.3f}"),
        " / ".join(f"{100 * names[figure]:.0f}" for figure in FIGURES) if names else "—",
        seconds, f"{found['processor_seconds']:.1f}", f"{found['peak_mb']:,.0f}",
    ]
    if failure:
        cells[0] += f" (refits: {failure})"
    return "| " + " | ".join(cells) + " |"


def _reliability(found: Mapping[str, Any]) -> list[str]:
    if "reliability" not in found:
        return []
    table = found["reliability"]
    lines = ["Ours: does a paper's strength say how often it stands right? Right is the theme that most papers of its "
             "label stand in, or one whose commonest label is the paper's. "
             f"Expected calibration error {table['error']:.3f}.", "",
             "| strength | papers | mean strength | right | carry the theme's commonest label |",
             "|---|---:|---:|---:|---:|"]
    lines += [f"| {row['low']:.1f} to {row['high']:.1f} | {row['n']:,} | {row['strength']:.2f} | {row['right']:.2f} | "
              f"{row['commonest']:.2f} |" for row in table["bins"]]
    return [*lines, ""]


def _mean_said(measured: Measured, method: str) -> float | None:
    said = [measured.get(corpus, {}).get(method, {}).get("names") for corpus in LABELLED]
    values = [names["said"] for names in said if names]
    return sum(values) / len(values) if len(values) == len(LABELLED) else None


def _verdict(row: Floor) -> str:
    return "—" if row.is_met is None else "met" if row.is_met else "**missed**"


def _form(value: float | None, form: str) -> str:
    return "—" if value is None or value != value else form.format(value)
