"""Readers under fuzz: hostile and damaged files of each format, and time beside size for patterns said again."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Iterator, Sequence
from statistics import median

from analysis.corpus import InputFile, read_papers
from analysis.schema import InputError
from benchmarks.reliability.row import ROOT, Row
from tests.hostile.fuzz import BATCH, faults_of, trials

SAMPLES = ROOT.parent / "shared/samples"
KINDS = {"acl_xml": "anthology", "arxiv_atom": "atom", "arxiv_jsonl": "json lines", "arxiv_oai": "oai-pmh",
         "bibtex": "bibtex", "csv_other": "csv", "hf_api_json": "daily papers", "hf_page_html": "html",
         "hf_page_text": "page", "mlanthology_json": "json", "openalex_csv": "csv", "openalex_json": "openalex",
         "pubmed_nbib": "pubmed", "ris": "ris", "scopus_csv": "csv", "tsv": "tsv", "wos_txt": "web of science",
         "xlsx": "workbook", "zotero_csv": "csv", "zotero_rdf": "zotero"}
MOST_TIMES = 8
SMALL = 60_000
"""Bytes of a real file that is damaged again and again."""
UNITS = ("(", "[[", "{", "<", "<a ", "<!--", "&", "&amp", "$", "$ ", "\\", "\\a", "\\a{", "``", '"', '",', '\n"', ",",
         ";\n", "\t", "a. ", "1,", "- ", "\n", "\n# ", "[a](http://a", "![", "![](", "\x1b[0;", "é", "ﬁ", "@a{b,\n",
         "TY  - \n", "PMID- 1\n", "PT J\n", "by ", "http://", "www.", "(c) ", "2024-", "cookie ", "<div>", "<p>x",
         "<article>", "<![CDATA[", "</", "A Word Here and There is \n", "We show that this is so.\n", "a-\n", "。")
OPENINGS = {"txt": "", "csv": "title,abstract\nA title,", "html": "<html><body><article><h3>A title</h3><p>",
            "bib": "@article{a,\n title = {", "ris": "TY  - JOUR\nTI  - ", "nbib": "PMID- 1\nTI  - ", "xml": "<feed>"}


def fuzz_readers(seconds: float, most: int, seed: int, kinds: Sequence[str]) -> Iterator[Row]:
    """Yield a row for each format: how many files were tried in its share of the time, and the faults."""
    for kind in kinds:
        paths = [path for folder, named in KINDS.items() if named == kind for path in (SAMPLES / folder).glob("*")]
        real = [InputFile(path.name, path.read_bytes()) for path in sorted(paths) if path.stat().st_size <= SMALL]
        stream, n_tried, faults = trials(kind, seed, real), 0, []
        until = time.monotonic() + seconds / len(kinds)
        while time.monotonic() < until and n_tried < most and len(faults) < 5:
            some = list(itertools.islice(stream, BATCH))
            faults += faults_of(some)
            n_tried += len(some)
        yield Row(f"files of {kind}, hostile and damaged", "no crash, no record lost in silence",
                  f"{n_tried:,} files, {len(faults)} faults", not faults, tuple(faults))


def time_beside_size(n: int) -> Iterator[Row]:
    """Yield the worst growth of the time where a pattern is said four times as often."""
    worst, slowest, n_tried = (0.0, ""), (0.0, ""), 0
    rng = random.Random(0)
    for ending, opening in OPENINGS.items():
        for unit in (*UNITS, *("".join(rng.choices(UNITS, k=2)) for _ in range(20))):
            texts = [opening + unit * (size // len(unit)) for size in (n, 4 * n)]
            short, long = (_seconds(ending, text) for text in texts)
            n_tried += 1
            slowest = max(slowest, (long, f"{unit!r} in {ending}"))
            if long > 0.5:  # below, other things weigh more than the text
                ratios = [long / short]
                if ratios[0] > MOST_TIMES:  # or the machine was busy
                    ratios += [_seconds(ending, texts[1]) / _seconds(ending, texts[0]) for _ in range(2)]
                worst = max(worst, (median(ratios), f"{unit!r} in {ending}"))
    yield Row("time for four times the text", f"at most {MOST_TIMES} times (linear is 4)",
              f"{worst[0]:.1f} times ({worst[1] or 'all within half a second'}), of {n_tried} patterns; the longest "
              f"{slowest[0]:.1f} s for {4 * n:,} characters ({slowest[1]})", worst[0] <= MOST_TIMES)


def _seconds(ending: str, text: str) -> float:
    began = time.process_time()
    try:
        read_papers([InputFile(f"x.{ending}", text.encode("utf-8", "replace"))])
    except InputError:
        pass
    return time.process_time() - began
