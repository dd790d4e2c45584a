"""Fixtures that several rooms' tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of samples and corpora beside the repository; tests that need it are skipped without it."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the folder of shared samples does not lie beside the repository")
    return folder


@pytest.fixture(scope="session")
def seed():
    """The seed feed with its curated dates: PAPERS, DROPPED and the page's own lines."""
    from analysis.corpus import InputFile, read_dates, read_papers

    feed, dates = (ROOT / "data" / name for name in ("raw/trending_papers.txt", "curated/published.csv"))
    return read_papers([InputFile(feed.name, feed.read_bytes())], read_dates(InputFile(dates.name, dates.read_bytes())))
