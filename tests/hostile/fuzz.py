"""Fuzzing the readers: documents of hostile records, real files and small ones damaged, and what must hold of each.

A trial is a file and, where that is known, how many records are in it. What must hold: it is read, or refused with an
`InputError` if it is damaged; every record in it is a paper or set aside; a planted title that still stands in a
damaged file comes out somewhere; it is done before the alarm.
"""

from __future__ import annotations

import contextlib
import csv
import json
import random
import re
import signal
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.etree import ElementTree

from analysis.corpus import InputFile, read_papers
from analysis.schema import InputError
from tests.hostile.documents import COUNTED, FIELDS, WRITERS, Record, blank
from tests.hostile.words import HOSTILE, PLAIN, some_text

ALARM_S = 60
"""A guard against never coming back, far above what any of these files takes."""
BATCH = 50
INSERTS = (*(text.encode("utf-8", "replace") for text in HOSTILE[:40]), b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xc3",
           b"\r", b"\n\n", b'"', b"'", b"[" * 300, b"{" * 300, b"<a>" * 300, b"(" * 300, b"&x;", b"<!ENTITY a 'b'>",
           b"<!DOCTYPE x>", b"<![CDATA[", b"-->", b"\\", b"\x1b[2J", b"PK\x03\x04", b"PAR1", b"\xed\xa0\x80",
           b"9" * 5000)


_PLANTED = re.compile(r"planted[a-h]{12}(?![a-h])")
_TELLS = frozenset({"page", "csv", "tsv", "json lines", "bibtex", "ris", "pubmed", "web of science"})
"""Formats that have no comments, and are not refused as a whole for one damage: nothing that stands in them may go."""
_NO_TEXT = {
    "json lines": re.compile(r'"(?:url|date)": *"([^"]*)"'), "ris": re.compile(r"(?m)^(?:UR|DA|PY)  ?-(.*)"),
    "bibtex": re.compile(r"(?:url|year|date) *= *[{\"]([^}\"]*)"), "pubmed": re.compile(r"(?m)^(?:DP|LID) *-(.*)"),
    "web of science": re.compile(r"(?m)^(?:PY|PD|DI) (.*)"),
}
"""Addresses and dates, by format."""


class Trial(NamedTuple):
    """A file; how many records it holds, None where nothing independent of the readers can tell; what it must show.

    Parameters
    ----------
    planted : frozenset of str
        Words that must come out, in a paper, in what was set aside, or as the page's own.
    is_whole : bool
        Undamaged, so that it must be read.
    """

    file: InputFile
    n_records: int | None
    planted: frozenset[str] = frozenset()
    is_whole: bool = False


def whole(kind: str, rng: random.Random) -> Trial:
    """Return an undamaged document of hostile records, one to three good ones among them."""
    records: list[Record] = [{field: some_text(rng) for field in FIELDS} for _ in range(rng.randrange(0, 5))]
    for _ in range(rng.randrange(1, 4)):
        word = "planted" + "".join(rng.choice("abcdefgh") for _ in range(12))
        good = f"On {word} things in a Garden", PLAIN[1], PLAIN[3], PLAIN[5], PLAIN[8]
        records.insert(rng.randrange(len(records) + 1), dict(zip(FIELDS, good, strict=True)))
    ending, write = WRITERS[kind]
    n_records = sum(not blank(record, kind) for record in records) if kind in COUNTED else None
    file = InputFile(f"x.{ending}", write(records))
    return Trial(file, n_records, _planted(kind, file.content), kind in COUNTED)


def _planted(kind: str, content: bytes) -> frozenset[str]:
    """Return the planted words in a text of a format where nothing that stands in it may go."""
    if kind not in _TELLS or b"\x00" in content:
        return frozenset()
    text = content.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    planted = set(_PLANTED.findall(text))
    # What stands in a field of addresses or dates and is none, is no part of a paper.
    cells = _NO_TEXT[kind].findall(text) if kind in _NO_TEXT else []
    planted -= {word for cell in cells for word in _PLANTED.findall(cell)}
    if kind in ("csv", "tsv"):
        with contextlib.suppress(csv.Error, StopIteration):
            rows = csv.reader(text.splitlines(), delimiter="\t" if kind == "tsv" else ",")
            names = next(rows)
            for row in rows:
                planted -= {word for name, cell in zip(names, row, strict=False) if name in ("url", "date")
                            for word in _PLANTED.findall(cell)}
    return frozenset(planted)


def damaged(kind: str, file: InputFile, rng: random.Random) -> Trial:
    """Return a file with one to six damages: bytes changed, cut, doubled, moved, put in, or another encoding."""
    content = bytearray(file.content)
    for _ in range(rng.choice((1, 1, 2, 3, 6))):
        at, size = rng.randrange(len(content) + 1), 1 + int(rng.random() ** 3 * 200)
        match rng.randrange(8):
            case 0 if content:
                content[min(at, len(content) - 1)] = rng.randrange(256)
            case 1:
                del content[at:at + size]
            case 2:
                content[at:at] = content[at:at + size] * rng.choice((1, 1, 2, 50))
            case 3:
                content[at:at] = rng.choice(INSERTS)
            case 4:
                del content[at:]
            case 5:
                other = rng.randrange(len(content) + 1)
                content[at:at + size], content[other:other + size] = content[other:other + size], content[at:at + size]
            case 6:
                with contextlib.suppress(ValueError, UnicodeError):
                    content = bytearray(content.decode().encode(rng.choice(("utf-16", "utf-16-le", "utf-8-sig",
                                                                            "cp1252", "utf-32", "utf-7"))))
            case _:
                content = bytearray(bytes(content).replace(b"\n", rng.choice((b"\r\n", b"\r", b"\n\n", b""))))
    return Trial(InputFile(file.name, bytes(content)), count_records(kind, bytes(content)),
                 _planted(kind, bytes(content)))


def count_records(kind: str, content: bytes) -> int | None:
    """Return how many records a damaged file holds, by another reader than ours; None where there is none."""
    try:
        text = content.decode("utf-8-sig") if b"\x00" not in content else ""
    except UnicodeDecodeError:
        return None
    if not text.strip():
        return None
    if kind == "json lines":
        with contextlib.suppress(ValueError, RecursionError):
            return json.loads(text) and None  # one object over several lines, or alone
        return sum(bool(line.strip()) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    if kind in ("json", "daily papers"):
        with contextlib.suppress(ValueError, RecursionError):
            value = json.loads(text)
            return len(value) if isinstance(value, list) else None
    if kind in ("atom", "rss", "anthology") and "<!" not in text:
        with contextlib.suppress(ElementTree.ParseError, ValueError):
            names = [str(element.tag).rpartition("}")[2] for element in ElementTree.fromstring(text).iter()]
            return names.count({"atom": "entry", "rss": "item"}.get(kind, "paper"))
    return None


def faults_of(trials: Sequence[Trial]) -> list[str]:
    """Return what went wrong, a sentence each, with the file's bytes where it is short.

    The files are read together, which is what a folder of them is; where that fails, each alone.
    """
    named = [trial._replace(file=InputFile(f"{number}-{trial.file.name}", trial.file.content))
             for number, trial in enumerate(trials)]
    try:
        with _alarm():
            corpus = read_papers([InputFile("good.jsonl", b'{"title": "A good paper that is read"}'),
                                  *(trial.file for trial in named)])
    except Exception as error:
        if len(trials) == 1:
            return [f"{type(error).__name__}: {str(error)[:200]}, reading {_shown(trials[0].file)}"]
        middle = len(trials) // 2
        apart = faults_of(trials[:middle]) + faults_of(trials[middle:])
        return apart or [f"{type(error).__name__} where the files are read together, and none alone"]
    papers, dropped = corpus.papers, corpus.dropped
    n_of = papers["source"].value_counts().add(dropped["source"].value_counts(), fill_value=0)
    refused = set(dropped.loc[dropped["place"] == "whole file", "source"])
    tells = set(dropped.loc[dropped["kind"] != "duplicate", "source"])
    shown = set(_PLANTED.findall("\n".join([
        *(papers["title"] + " " + papers["abstract"] + " " + papers["venue"].fillna("") + papers["url"].fillna("")),
        *dropped["text"], *(chrome.text for chrome in corpus.chrome)])))
    faults = []
    for file, n_records, planted, is_whole in named:
        n_out = int(n_of.get(file.name, 0))
        if is_whole and file.name in refused:
            faults.append(f"refused, though nothing is wrong with it: {_shown(file)}")
        elif file.name not in refused and n_records is not None and n_out != n_records:
            faults.append(f"{n_out} papers and records set aside of {n_records} records, reading {_shown(file)}")
        elif file.name not in tells and planted - shown:
            faults.append(f"lost without a word: {', '.join(sorted(planted - shown))}, reading {_shown(file)}")
    return faults


def refusals(trials: Sequence[Trial]) -> list[str]:
    """Return the refusals of files, each of which must be one sentence with its name."""
    said = []
    for trial in trials:
        try:
            read_papers([trial.file])
        except InputError as error:
            said.append(str(error))
    return said


def trials(kind: str, seed: int, files: Sequence[InputFile] = ()) -> Iterator[Trial]:
    """Yield trials without end, the same ones for the same seed: whole documents, and damaged ones.

    Parameters
    ----------
    files : sequence of InputFile
        Real files of the kind, to damage besides those that are made here.
    """
    rng = random.Random(f"{kind} {seed}")
    while True:
        trial = whole(kind, rng)
        yield trial
        yield damaged(kind, trial.file, rng)
        yield damaged(kind, rng.choice(files) if files and rng.random() < 0.2 else trial.file, rng)


@contextlib.contextmanager
def _alarm() -> Iterator[None]:
    def ring(*_: object) -> None:
        raise TimeoutError(f"not done after {ALARM_S} s")

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, ALARM_S)  # of processor time: a machine that is busy hangs nothing
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _shown(file: InputFile) -> str:
    return f"{file.name} of {len(file.content)} bytes: {file.content[:600]!r}"
