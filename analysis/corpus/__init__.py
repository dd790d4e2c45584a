"""The corpus room: files in any of the usual formats become PAPERS, and what was set aside is told, with its reason.

``read_papers`` is the door. Nothing here touches the disk, the network or the clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from analysis.corpus.records import Chrome, Dropped, InputFile, Parsed
from analysis.corpus.text import fold, normalise_text, split_sentences, title_key
from analysis.schema import DROPPED, PAPERS, InputError, check
from analysis.workers import Each, each_here

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Chrome",
    "Corpus",
    "InputFile",
    "fold",
    "normalise_text",
    "paper_text",
    "read_dates",
    "read_papers",
    "split_sentences",
    "title_key",
]


class Corpus(NamedTuple):
    """What the inputs hold: PAPERS, DROPPED, and the pages' own lines, which are no records at all."""

    papers: pd.DataFrame
    dropped: pd.DataFrame
    chrome: tuple[Chrome, ...] = ()


def read_papers(
    inputs: Sequence[InputFile], dates: pd.DataFrame | None = None, each: Each = each_here,
) -> Corpus:
    """Return the papers of `inputs`, each once, sorted by paper_id, and every record that was set aside.

    Pages, tables, JSON, feeds, and the exports of reference managers are told apart by content. Records in are papers
    plus dropped. The papers do not depend on the order of the inputs or of their records.

    Parameters
    ----------
    inputs : sequence of InputFile
    dates : DataFrame, optional
        Curated dates, from `read_dates`. They win where the input gives no date, or a coarser one.
    each : callable
        Who reads the files.

    Raises
    ------
    InputError
        None of the inputs can be read. Where only some cannot, each is a row of DROPPED.
    """
    import pandas as pd

    from analysis.corpus.dates import add_curated_dates
    from analysis.corpus.duplicates import merge_duplicates

    everything = Parsed()
    problems = []
    for parsed, problem in each(_parse, None, inputs):
        problems.extend([problem] if problem else [])
        everything.records += parsed.records
        everything.dropped += parsed.dropped
        everything.chrome += parsed.chrome
    if problems and len(problems) == len(inputs):
        raise problems[0]
    rows, duplicates = merge_duplicates(everything.records)
    papers = check(pd.DataFrame(rows, columns=PAPERS.column_names), PAPERS)
    if dates is not None and len(papers):
        papers = check(add_curated_dates(papers, dates), PAPERS)
    dropped = sorted(everything.dropped + duplicates, key=lambda row: (row.source, row.order, row.kind, row.text))
    table = pd.DataFrame(dropped, columns=Dropped._fields).drop(columns="order")
    return Corpus(papers, check(table, DROPPED), tuple(sorted(everything.chrome)))


def read_dates(file: InputFile) -> pd.DataFrame:
    """Return a curated list of dates: title_key, published, published_precision, published_basis.

    Parameters
    ----------
    file : InputFile
        CSV with the columns title, published, published_precision and basis.

    Raises
    ------
    InputError
        A column is missing, or a date, a precision or a row cannot be read.
    """
    from analysis.corpus.dates import curated_dates
    from analysis.corpus.formats import decode
    from analysis.corpus.tabular import curated_rows

    return curated_dates(curated_rows(file.name, decode(file)), file.name)


def paper_text(papers: pd.DataFrame) -> pd.Series:
    """Return the text of each paper that is embedded: title, full stop, abstract; the title alone where that is all."""
    text = papers["title"].str.cat(papers["abstract"], sep=". ")
    return text.where(papers["abstract"] != "", papers["title"]).rename("text")


def _parse(shared: None, file: InputFile) -> tuple[Parsed, InputError | None]:
    from analysis.corpus.formats import parse_file

    try:
        return parse_file(file), None
    except InputError as error:
        reason = str(error).removeprefix(f"{file.name}: ")
        return Parsed(dropped=[Dropped(file.name, "whole file", 0, "unreadable", reason, "")]), error
