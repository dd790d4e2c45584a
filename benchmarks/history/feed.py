"""A real feed in the order of its days, and what it is replayed by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

CORPUS = Path(__file__).resolve().parents[2].parent / "shared/corpora/hf_daily_papers.parquet"


@dataclass(frozen=True)
class Feed:
    """Papers in the order of the days that they were shown on.

    Parameters
    ----------
    papers : DataFrame
        title, abstract, published, day.
    vectors : ndarray of shape (n_papers, n_dimensions)
        Unit rows.
    """

    papers: pd.DataFrame
    vectors: np.ndarray

    @property
    def texts(self) -> list[str]:
        """Title and abstract of each paper."""
        return list(self.papers["title"].str.cat(self.papers["abstract"], sep=". "))

    def until(self, day: str) -> int:
        """Return how many papers have been shown by the end of a day."""
        return int(np.searchsorted(self.papers["day"], day, side="right"))


def read_feed() -> Feed:
    """Return the corpus beside the repository, with its stored vectors."""
    papers = pd.read_parquet(CORPUS, columns=["id", "title", "abstract", "published", "dump_date"])
    with np.load(CORPUS.with_suffix(".vectors.npz")) as file:
        place = pd.Index(file["ids"].astype(str)).get_indexer(papers["id"].astype(str))
        vectors = file["vectors"][place].astype(np.float32) * file["scale"][place][:, None]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    papers["day"] = papers["dump_date"].astype(str)
    order = np.argsort(papers["day"], kind="stable")
    papers = papers.iloc[order].fillna({"title": "", "abstract": ""}).reset_index(drop=True)
    return Feed(papers, vectors[order])


def mixed(first: int, end: int) -> np.ndarray:
    """Return rows in an order that does not know the day, and stays as it is when more come."""
    rows = np.arange(first, end)
    return rows[np.argsort([(row * 2654435761) % 2**32 for row in rows], kind="stable")]
