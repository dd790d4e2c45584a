"""Tables of papers to read, and of how much of the feed reading covers."""

from __future__ import annotations

from analysis.schema.kinds import PAPER_ID, Column, Table

WAYS = ("best cover", "newest first", "most upvoted", "at random")

READING = Table(
    "reading",
    "a paper to read",
    (
        PAPER_ID,
        Column("rank", "integer", "1 is the paper to read first; the first k are the best k that this way finds.",
               low=1),
        Column("gain", "number", "Part of the papers at hand (a run's: all; a digest's: the new ones) that this paper "
               "covers beyond those ranked before it. One paper covers another as far as they are more alike than "
               "unrelated papers of the feed, times how far they stand in the same themes.", "share", low=0, high=1),
        Column("covered", "number", "Part of them that it and those before it cover.", "share", low=0, high=1),
        Column("theme_key", "text", "Primary theme of the paper.", nullable=True),
        Column("reasons", "text", "What made the rank, in words."),
    ),
    key=("paper_id",),
)

BUDGET = Table(
    "budget",
    "a number of papers read, in one order",
    (
        Column("way", "text", "Order in which they are read: that of READING, by date, by upvotes (where the feed has "
               "any), or by lot.", choices=WAYS),
        Column("n_read", "integer", "Papers read.", "papers", low=1),
        Column("paper_id", "text", "The last of them; none where many orders were drawn.", nullable=True),
        Column("covered", "number", "Part of the feed that they cover, as in READING; at random, the mean of the "
               "orders drawn.", "share", low=0, high=1),
        Column("covered_low", "number", "At random: what all but one in forty orders reach.", "share", nullable=True,
               low=0, high=1),
        Column("covered_high", "number", "At random: what one in forty orders exceeds.", "share", nullable=True,
               low=0, high=1),
    ),
    key=("way", "n_read"),
)
