"""Feeds of any size from the corpora beside the repository, laid with their vectors into a run's cache."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd

from analysis import store
from analysis.corpus import InputFile, paper_text, read_papers
from analysis.embed import BUNDLED_MODEL, cache_key, embed_texts
from benchmarks.themes.corpora import SHARED

STORED = ("hf_daily_papers", "acl_anthology", "labeled_ai_areas", "newsgroups20_raw", "bbc_news_raw")
TOP_UP = "ml_conferences"
SMALL, LARGE, HUGE = 10_049, 100_000, 1_000_000
NOISE = 0.02
"""What a resampled vector is moved by, in each dimension."""


def lay_feed(folder: Path, n_papers: int, cache: Path) -> Path:
    """Return `folder` with a feed of about `n_papers` in it (duplicates fall out), and its vectors in a cache.

    First the daily papers, then the other corpora with stored vectors, then machine-learning conferences, whose
    vectors are computed here once and kept in `cache`; beyond that, all of these again under other titles, their
    vectors moved by noise.
    """
    feed, laid = folder / "raw/feed.jsonl", folder / "laid.txt"
    if laid.is_file() and laid.read_text(encoding="utf-8") == cache_key(BUNDLED_MODEL):
        return folder
    frame, vectors = _read(n_papers, cache)
    rng = np.random.default_rng(0)
    lines: list[str] = []
    kept: dict[str, np.ndarray] = {}
    for turn in range(-(-n_papers // len(frame))):
        part = frame.iloc[:n_papers - turn * len(frame)]
        titles = part["title"] if not turn else part["title"] + f" ({turn})"
        moved = vectors[:len(part)]
        if turn:
            moved = moved + NOISE * rng.standard_normal(moved.shape, dtype=np.float32)
            moved /= np.linalg.norm(moved, axis=1, keepdims=True)
        lines += [json.dumps({"title": title, "abstract": abstract, "published": published})
                  for title, abstract, published in zip(titles, part["abstract"], part["published"], strict=True)]
        papers = read_papers([InputFile("feed.jsonl", "\n".join(lines[-len(part):]).encode())]).papers
        rows = {title.strip(): row for row, title in enumerate(titles)}
        known = [(title, text) for title, text in zip(papers["title"], paper_text(papers), strict=True)
                 if title in rows]
        kept |= {_hash(text): moved[rows[title]] for title, text in known}
    store.VectorCache(folder / "cache").write(cache_key(BUNDLED_MODEL), kept)
    feed.parent.mkdir(parents=True, exist_ok=True)
    feed.write_text("\n".join(lines) + "\n", encoding="utf-8")
    laid.write_text(cache_key(BUNDLED_MODEL), encoding="utf-8")
    return folder


def read_texts(n_texts: int) -> list[str]:
    """Return texts of the daily papers, spread evenly over them."""
    frame = _texts(STORED[0])
    rows = np.linspace(0, len(frame) - 1, n_texts).round().astype(int)
    return list((frame["title"] + ". " + frame["abstract"]).iloc[rows])


def _read(n_papers: int, cache: Path) -> tuple[pd.DataFrame, np.ndarray]:
    frames, parts, n_read = [], [], 0
    for name in STORED:
        if n_read < n_papers:
            frame = _texts(name)
            with np.load(SHARED / f"{name}.vectors.npz") as file:
                place = pd.Index(file["ids"].astype(str)).get_indexer(frame["id"].astype(str))
                parts.append(file["vectors"][place].astype(np.float32) * file["scale"][place][:, None])
            frames.append(frame)
            n_read += len(frame)
    if n_read < n_papers:
        more = _texts(TOP_UP)
        rows = np.random.default_rng(0).permutation(len(more))[:min(n_papers, LARGE) + LARGE // 10 - n_read]
        frames.append(more.iloc[rows])
        texts = list(frames[-1]["title"] + ". " + frames[-1]["abstract"])
        parts.append(embed_texts(texts, BUNDLED_MODEL, store.VectorCache(cache), print)[0])
    frame, vectors = pd.concat(frames, ignore_index=True), np.concatenate(parts)
    first = ~frame["title"].str.strip().str.casefold().duplicated().to_numpy()
    vectors = vectors[first] / np.maximum(np.linalg.norm(vectors[first], axis=1, keepdims=True), 1e-9)
    return frame[first][:n_papers], vectors[:n_papers]


def _texts(name: str) -> pd.DataFrame:
    frame = pd.read_parquet(SHARED / f"{name}.parquet", columns=["id", "title", "abstract", "published"])
    frame[["title", "abstract"]] = frame[["title", "abstract"]].fillna("")
    frame["published"] = frame["published"].astype(object).where(frame["published"].notna(), None)
    return frame[frame["abstract"].str.len() > 0]


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
