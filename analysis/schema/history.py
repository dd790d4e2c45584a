"""Tables of runs held against earlier runs."""

from __future__ import annotations

from analysis.schema.kinds import EVENTS, LEVELS, Column, Table

LINEAGE = Table(
    "lineage",
    "a link between a theme of this run and one of the runs before",
    (
        Column("theme_key", "text", "Theme of this run; none where a theme has ended.", nullable=True),
        Column("previous_key", "text", "Theme of the run before, or, where one is revived, of an earlier run; none "
               "where a theme is born.", nullable=True),
        Column("level", "text", "Depth in the tree that the link is on.", choices=LEVELS),
        Column("event", "text", "What happened: a theme goes on under its key, takes another in (merged), gives "
               "papers to another (split), begins, ends, or comes back.", choices=EVENTS),
        Column("name", "text", "Name of the theme, this run's where it stands in it."),
        Column("previous_name", "text", "Name that it had before.", nullable=True),
        Column("overlap", "number", "Papers in both over papers in either, among those that both runs hold.", "share",
               low=0, high=1),
        Column("n_shared", "integer", "Papers in both.", "papers", low=0),
        Column("paper_ids", "text", "Papers that caused it: those in both, or, for a birth, the theme's own.",
               nullable=True),
    ),
)

LEDGER = Table(
    "ledger",
    "an entry of the curated ledger",
    (
        Column("entry", "text", "What a person decided, in words."),
        Column("action", "text", "Kind of decision.", choices=("rename", "pin", "hide", "merge", "split", "move")),
        Column("theme_key", "text", "Theme that it is about.", nullable=True),
        Column("obeyed", "flag", "False where this run could not obey it: a conflict."),
        Column("reason", "text", "Why it could not.", nullable=True),
    ),
)
