"""The table of what papers say they use and claim."""

from __future__ import annotations

from analysis.schema.kinds import PAPER_ID, Column, Table

FACET_KINDS = ("dataset", "model", "number", "link", "acronym")
FACET_FIELDS = ("abstract", "title")

FACETS = Table(
    "facets",
    "something that a paper says",
    (
        PAPER_ID,
        Column("kind", "text", "What it is. `dataset`: a named dataset, benchmark, corpus, test suite or leaderboard. "
               "`model`: a named trained model or network; the paper's own proposal counts only where the paper calls "
               "it a model, not a method or framework. `number`: a quantitative result or claim (a percentage, a gain "
               "in points, a factor, a metric's value); sizes of datasets and models, counts, budgets and dates are "
               "none. `link`: an address. `acronym`: one that the paper writes out.", choices=FACET_KINDS),
        Column("value", "text", "One spelling for one thing: `GSM8K` also where the paper writes GSM-8K; of a link the "
               "whole address."),
        Column("field", "text", "Where it is said; `title` only if the abstract does not say it.",
               choices=FACET_FIELDS),
        Column("start", "integer", "First character of the quote in that field.", "characters", low=0),
        Column("end", "integer", "Character after the quote.", "characters", low=0),
        Column("unit", "text", "Unit of a number: %, points, x (a factor), of (so many of so many); empty for a bare "
               "value.", nullable=True),
        Column("metric", "text", "Metric that the number is about, as the paper says it.", nullable=True),
        Column("expansion", "text", "Long form of an acronym, as the paper says it.", nullable=True),
    ),
    key=("paper_id", "kind", "field", "start"),
)
"""Names, links and acronyms stand once a paper, at their first mention; numbers at every claim."""
