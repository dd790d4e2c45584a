"""Holds a report to its receipt: to its own bytes, to the run it tells of, and to the papers the run was made from."""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.commands.asked import Asked, read_decisions
from analysis.receipt import Finding, check_inputs, check_page, check_remade, check_same, make_receipt, read_receipt
from analysis.schema import InputError, RunError, SourceError

if TYPE_CHECKING:
    from analysis.corpus import InputFile

DIFFERS = 5
RUNS = Path("data/runs")
Progress = Callable[[str], None]


def verify(options: argparse.Namespace, now: dt.datetime, progress: Progress) -> tuple[int, str]:
    """Return 0 where everything that was compared holds, else 5; and a sentence for each finding."""
    from analysis import store

    if options.recompute and not options.inputs:
        raise InputError("--recompute was given without --input; name the papers that the run was made from")
    content = store.read_bytes(options.page)
    findings = [check_page(content)]
    if findings[0].holds:
        receipt = read_receipt(content)
        findings += _check_run(content, receipt, options.run, progress)
        inputs = store.read_inputs(options.inputs) if options.inputs else []
        if inputs:
            findings += check_inputs(receipt["inputs"], {file.name: _sha256(file) for file in inputs})
        if options.recompute and all(finding.holds for finding in findings):
            findings += _recompute(receipt, inputs, options, progress)
    lines = [f"{'holds' if finding.holds else 'DIFFERS':8}{finding.said}" for finding in findings]
    failed = sum(not finding.holds for finding in findings)
    lines.append(f"{options.page} does not match: {failed} of {len(findings)} findings" if failed
                 else f"{options.page} is verified")
    return DIFFERS if failed else 0, "\n".join(lines)


def _check_run(content: bytes, receipt: dict[str, Any], named: Path | None, progress: Progress) -> list[Finding]:
    """Find whether the run is the one that the page names, and whether it gives this page."""
    from analysis import store

    folder = named or RUNS / Path(receipt["run_id"]).name
    if not folder.is_dir():
        if named:
            raise InputError(f"{named} is no folder; expected that of run {receipt['run_id']}")
        progress(f"there is no {folder}, so the page was not held to its run; name it with --run")
        return []
    try:
        run = store.read_run(folder)
    except RunError as error:
        return [Finding(False, f"the run: {error}")]
    findings = check_same("the run's", receipt, {
        **receipt, **make_receipt(run.run_id, run.manifest, store.run_sha256(run.manifest), receipt["made_at"]),
        "page_made_with": receipt["page_made_with"]})
    if not all(finding.holds for finding in findings):
        return findings
    from analysis.report import build_report

    progress(f"making the page again from {folder}")
    again = build_report(folder, made_at=receipt["made_at"]).encode("utf-8")
    return [Finding(True, f"the run: {folder}, every table held to its sha256"),
            *check_remade(content, again, receipt["page_made_with"])]


def _recompute(
    receipt: dict[str, Any], inputs: list[InputFile], options: argparse.Namespace, progress: Progress,
) -> list[Finding]:
    """Analyse the papers again, and find whether each table comes out the same."""
    from analysis import store
    from analysis.corpus import InputFile
    from analysis.settings import DeclaredTheme, Settings

    contents = {_sha256(file): file.content for file in inputs}
    # Lists in JSON were tuples.
    declared: list[dict[str, Any]] = [{key: tuple(value) if isinstance(value, list) else value
                                       for key, value in theme.items()} for theme in receipt["declared_themes"]]
    dates, ledger = read_decisions(options, receipt.get("ledger"))
    asked = Asked(
        Settings(**receipt["settings"]),
        [InputFile(entry["name"], contents[entry["sha256"]]) for entry in receipt["inputs"]],
        tuple(DeclaredTheme(**theme) for theme in declared),
        dates if receipt.get("dates_sha256") else None, ledger)
    described = asked.described()
    findings = check_same("asked for:", {key: receipt.get(key) for key in described}, described)
    if not all(finding.holds for finding in findings):
        return findings
    from analysis.pipeline import analyse

    out = options.run.parent if options.run else RUNS
    previous = receipt.get("previous_run")
    run = analyse(asked.inputs, asked.settings, asked.declared, asked.dates,
                  store.VectorCache(options.cache, notice=progress), progress,
                  store.read_forecasts(out, asked.settings.as_dict(), progress),
                  _ask_nobody if receipt.get("answers_sha256") else None,
                  store.AnswerCache(options.cache / "answers", notice=progress),
                  store.read_past(out, progress, previous) if previous else None, asked.ledger)
    return [*check_same("computed again: run and packages", {"run_id": receipt["run_id"], **receipt["packages"]},
                        {"run_id": run.run_id, **run.manifest["packages"]}),
            *check_same("computed again: table", receipt["tables"], store.describe_tables(run))]


def _ask_nobody(instruction: str, question: str) -> str:
    raise SourceError("no language model is asked to verify; answers come from the cache")


def _sha256(file: InputFile) -> str:
    return hashlib.sha256(file.content).hexdigest()
