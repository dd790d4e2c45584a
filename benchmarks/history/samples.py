"""Every sample of other people's tools: what reads, with the share of records and abstracts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from analysis.corpus import InputFile, read_papers
from analysis.schema import InputError
from benchmarks.history.runs import ROOT, Row

SAMPLES = ROOT.parent / "shared/samples"


def measure_samples() -> Iterator[Row]:
    """Yield a row for each format."""
    for folder in sorted(path for path in SAMPLES.glob("*") if path.is_dir()):
        yield _measure(folder)


def _measure(folder: Path) -> Row:
    n_papers = n_dropped = n_abstracts = n_dated = 0
    unread = []
    files = sorted(folder.iterdir())
    for file in files:
        try:
            papers, dropped, *_ = read_papers([InputFile(file.name, file.read_bytes())])
        except InputError as error:
            unread.append(str(error))
            continue
        n_papers += len(papers)
        n_dropped += len(dropped)
        n_abstracts += int((papers["abstract"] != "").sum())
        n_dated += int(papers["published"].notna().sum())
    n_records = n_papers + n_dropped
    reached = (f"{n_papers} of {n_records} records ({n_papers / max(n_records, 1):.0%}), {n_abstracts} abstracts "
               f"({n_abstracts / max(n_papers, 1):.0%}), {n_dated} dates; {n_dropped} set aside with their places"
               + "".join(f"; {said}" for said in unread))
    return Row(f"{folder.name}, {len(files)} files", "reads, or says which record and why", reached, not unread)
