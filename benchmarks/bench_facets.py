"""Measures facets against hand labels and writes `benchmarks/facets.md`: `make bench-facets`.

The labels of the seed lie in `tests/facets/seed_labels.csv`. Those of other corpora lie in `benchmarks/facets/`, by the
paper's identity; they are measured where the corpora lie in a folder `shared` beside the repository. A label is
matched by value: names by their key, numbers by their digits, links without a last stroke.
"""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

import pandas as pd

from analysis.corpus import InputFile, read_papers
from analysis.facets import find_facets
from analysis.facets.gazetteer import gazetteer
from analysis.facets.spans import name_key

ROOT = Path(__file__).parent.parent
CORPORA = ROOT.parent / "shared" / "corpora"
KINDS = ("dataset", "model", "number", "link")
PRECISION, RECALL = 0.90, 0.75
SETS = (("hf_labels.csv", "hf_ids.csv", "70 abstracts of Hugging Face papers"),
        ("new_labels.csv", "new_ids.csv", "30 of Hugging Face papers, 30 of the ACL Anthology"))
N_TIMED = 1_000


def main() -> int:
    """Write and print the table; return 1 where a floor is missed on the seed."""
    feed = ROOT / "data/raw/trending_papers.txt"
    papers = read_papers([InputFile(feed.name, feed.read_bytes())], None).papers
    seed = score(papers, find_facets(papers), pd.read_csv(ROOT / "tests/facets/seed_labels.csv"), by="title")
    lines = ["# Facets against hand labels", "", "Made by `make bench-facets`. Floors on the seed: precision "
             f"{PRECISION:.2f}, recall {RECALL:.2f}. What counts as what is said under FACETS in the codebook.",
             *_table("The seed, 90 abstracts", seed)]
    if CORPORA.is_dir():
        corpus = pd.concat([pd.read_parquet(CORPORA / f"{name}.parquet", columns=["id", "title", "abstract"])
                            for name in ("hf_daily_papers", "acl_anthology")], ignore_index=True).fillna("")
        corpus["paper_id"] = corpus["id"].astype(str)
        corpus = corpus.drop_duplicates("paper_id")
        for labels, ids, title in SETS:
            chosen = pd.read_csv(ROOT / "benchmarks/facets" / ids, dtype=str)["id"]
            own = corpus[corpus["paper_id"].isin(chosen)]
            told = pd.read_csv(ROOT / "benchmarks/facets" / labels, dtype=str).rename(columns={"paper": "paper_id"})
            lines += _table(title, score(own, find_facets(own), told, by="paper_id"))
        many = corpus.head(N_TIMED)
        begin = time.process_time()
        found = find_facets(many)
        seconds = time.process_time() - begin
        lines += ["", f"{len(many):,} abstracts give {len(found):,} rows in {seconds:.1f} s of one core."]
    text = "\n".join(lines) + "\n"
    (ROOT / "benchmarks/facets.md").write_text(text, encoding="utf-8")
    print(text)
    return 0 if (seed["precision"] >= PRECISION).all() and (seed["recall"] >= RECALL).all() else 1


def score(papers: pd.DataFrame, facets: pd.DataFrame, labels: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return precision and recall of each kind: a row each of kind, precision, recall, n_found, n_labels.

    Parameters
    ----------
    papers, facets : DataFrame
        PAPERS and FACETS.
    labels : DataFrame
        A label a row: the paper in column `by`, kind, value. A paper without labels has nothing to be found.
    by : str
        Column of `papers` that labels name a paper by.
    """
    who = dict(zip(papers["paper_id"], papers[by], strict=True))
    rows = []
    for kind in KINDS:
        found = {(who[row.paper_id], _same(kind, row.value)) for row in facets[facets["kind"] == kind].itertuples()}
        own = labels[labels["kind"] == kind]
        wanted = {(paper, _same(kind, value)) for paper, value in zip(own[by], own["value"], strict=True)}
        hits = len(found & wanted)
        rows.append((kind, hits / max(1, len(found)), hits / max(1, len(wanted)), len(found), len(wanted)))
    return pd.DataFrame(rows, columns=["kind", "precision", "recall", "n_found", "n_labels"])


def _same(kind: str, value: str) -> str:
    if kind == "link":
        return value.rstrip("/").lower()
    if kind == "number":
        return " ".join(re.findall(r"\d+(?:\.\d+)?", value)) or value.lower()
    single = re.sub(r"(?<=[A-Z])s$", "", value)
    version = gazetteer().find_version(single.replace(" ", "-")) if kind == "model" else None
    known = gazetteer().find(single) or (version[0] if version else None)
    return name_key(known.name if known else single)


def _table(title: str, scores: pd.DataFrame) -> list[str]:
    return ["", f"## {title}", "", "| kind | precision | recall | found | labels |", "|---|---:|---:|---:|---:|",
            *(f"| {row.kind} | {row.precision:.2f} | {row.recall:.2f} | {row.n_found} | {row.n_labels} |"
              for row in scores.itertuples())]


if __name__ == "__main__":
    sys.exit(main())
