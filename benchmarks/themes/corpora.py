"""The corpora that methods are compared on: the seed feed, and those that lie beside the repository."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.corpus import InputFile, read_dates, read_papers
from analysis.embed import BUNDLED_MODEL, embed_papers
from analysis.store import VectorCache, read_inputs
from benchmarks.themes.registry import ROOT

SHARED = Path(os.environ.get("PAPER_THEMES_SHARED", ROOT.parent / "shared")) / "corpora"
BESIDE = {
    "bbc_news_raw": "BBC news",
    "labeled_ai_areas": "AI areas",
    "newsgroups20_raw": "20 newsgroups",
    "hf_daily_papers": "Hugging Face papers",
    "acl_anthology": "ACL Anthology",
}
TITLES = {"seed": "the seed feed", **BESIDE}
FULL_ONLY = ("acl_anthology",)
"""Taken with ``--full`` alone."""
LABELLED = ("bbc_news_raw", "labeled_ai_areas", "newsgroups20_raw")
TIMED = "hf_daily_papers"


@dataclass(frozen=True)
class BenchCorpus:
    """Papers with their vectors, and labels where people gave any.

    Parameters
    ----------
    texts : list of (title, abstract)
        In the order of a hash of the text: some files are sorted by label.
    vectors : ndarray of shape (n_papers, n_dimensions)
        Unit rows.
    labels : ndarray of shape (n_papers,) or None
    """

    name: str
    texts: list[tuple[str, str]]
    vectors: np.ndarray
    labels: np.ndarray | None

    @property
    def n_labels(self) -> int | None:
        """How many labels there are."""
        return None if self.labels is None else len(np.unique(self.labels))

    @property
    def digest(self) -> str:
        """Known by what is in it, so that a changed corpus is measured anew. Labels do not change what is found."""
        content = hashlib.sha256(repr(self.texts).encode("utf-8", "surrogatepass"))
        content.update(np.ascontiguousarray(self.vectors).tobytes())
        return content.hexdigest()[:12]


def list_corpora(names: list[str] | None, full: bool) -> list[str]:
    """Return the corpora to measure: those asked for, or all that are here.

    Raises
    ------
    SystemExit
        A name is not one of `TITLES`.
    """
    unknown = [name for name in names or () if name not in TITLES]
    if unknown:
        raise SystemExit(f"unknown corpus {unknown[0]!r}; known are {', '.join(TITLES)}")
    wanted = names or [name for name in TITLES if full or name not in FULL_ONLY]
    return [name for name in wanted if name == "seed" or (SHARED / f"{name}.parquet").is_file()]


def read_corpus(name: str, seed_labels: Path | None = None) -> BenchCorpus:
    """Return a corpus by name."""
    frame, vectors = _seed(seed_labels) if name == "seed" else _beside(name)
    texts = list(zip(frame["title"], frame["abstract"], strict=True))
    hashes = [hashlib.sha256(repr(text).encode("utf-8", "surrogatepass")).hexdigest() for text in texts]
    order = np.argsort(hashes, kind="stable")
    labels = frame["label"].to_numpy(dtype=object)[order] if frame["label"].notna().all() else None
    return BenchCorpus(name, [texts[row] for row in order], vectors[order], labels)


def _beside(name: str) -> tuple[pd.DataFrame, np.ndarray]:
    frame = pd.read_parquet(SHARED / f"{name}.parquet", columns=["id", "title", "abstract", "label"])
    frame[["title", "abstract"]] = frame[["title", "abstract"]].fillna("")
    with np.load(SHARED / f"{name}.vectors.npz") as file:
        place = pd.Index(file["ids"].astype(str)).get_indexer(frame["id"].astype(str))
        if (place < 0).any():
            raise SystemExit(f"{name}: {(place < 0).sum()} papers have no vector in {name}.vectors.npz")
        vectors = file["vectors"][place].astype(np.float32) * file["scale"][place][:, None]
    return frame, vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)


def _seed(labels: Path | None) -> tuple[pd.DataFrame, np.ndarray]:
    dates = ROOT / "data/curated/published.csv"
    papers = read_papers(read_inputs([ROOT / "data/raw"]), read_dates(InputFile(dates.name, dates.read_bytes()))).papers
    vectors = embed_papers(papers, BUNDLED_MODEL, VectorCache(ROOT / "data/cache")).vectors
    frame = papers[["paper_id", "title", "abstract"]].assign(label=None)
    if labels is not None:
        given = pd.read_csv(labels)
        key = "paper_id" if "paper_id" in given else "title"
        if not {key, "label"} <= set(given):
            raise SystemExit(f"{labels}: expected the columns label and title (or paper_id), got {', '.join(given)}")
        frame["label"] = frame[key].map(given.drop_duplicates(key).set_index(key)["label"])
        if frame["label"].isna().any():
            raise SystemExit(f"{labels}: {frame['label'].isna().sum()} of {len(frame)} papers have no label")
    return frame, vectors
