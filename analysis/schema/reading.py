"""The table of papers to read."""

from __future__ import annotations

from analysis.schema.kinds import PAPER_ID, Column, Table

READING = Table(
    "reading",
    "a new paper to read",
    (
        PAPER_ID,
        Column("rank", "integer", "1 is the paper to read first; the first k are the best k that this way finds.",
               low=1),
        Column("gain", "number", "Part of what is new that this paper covers beyond those ranked before it. One paper "
               "covers another as far as they are more alike than unrelated papers of the feed, times how far they "
               "stand in the same themes.", "share", low=0, high=1),
        Column("covered", "number", "Part of what is new that it and those before it cover.", "share", low=0, high=1),
        Column("theme_key", "text", "Primary theme of the paper.", nullable=True),
        Column("reasons", "text", "What made the rank, in words."),
    ),
    key=("paper_id",),
)
"""Not part of a run: what is new depends on the run that it is held against."""
