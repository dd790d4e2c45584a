"""Tables of papers and themes."""

from __future__ import annotations

from analysis.schema.kinds import (
    JUDGED_BY,
    LEVELS,
    PAPER_ID,
    PRECISIONS,
    THEME_KEY,
    TIERS,
    Column,
    Table,
)

PAPERS = Table(
    "papers",
    "a paper",
    (
        PAPER_ID,
        Column("title", "text", "Title, as one line of Unicode text."),
        Column("abstract", "text", "Abstract, as one line of Unicode text; empty where the input gave none."),
        Column("published", "text", "When it appeared, ISO 8601, cut to its precision (2024, 2024-03, 2024-03-01).",
               nullable=True),
        Column("published_precision", "text", "How exactly `published` is known.", choices=PRECISIONS),
        Column("published_basis", "text", "What `published` rests on: the input, or the curated list's basis.",
               nullable=True),
        Column("source", "text", "Name of the input that the paper came from."),
        Column("url", "text", "Address of the paper (http or https).", nullable=True),
        Column("venue", "text", "Journal, conference or feed section.", nullable=True),
        Column("upvotes", "integer", "Upvotes in the feed when it was read.", "votes", nullable=True, low=0),
        Column("first_seen", "text", "Day the paper first reached this archive, ISO 8601.", nullable=True),
    ),
    key=("paper_id",),
)

DROPPED = Table(
    "dropped",
    "a record set aside",
    (
        Column("source", "text", "Name of the input."),
        Column("place", "text", "Where the record stood: 'line 12', 'row 3', 'entry smith2020'."),
        Column("kind", "text", "Class of reason.", choices=("duplicate", "no title", "unreadable", "not a paper")),
        Column("reason", "text", "Why it was set aside, in words."),
        Column("text", "text", "Beginning of the record."),
        Column("paper_id", "text", "For a duplicate: the paper that was kept.", nullable=True),
    ),
)

MAP = Table(
    "map",
    "a paper on the data map",
    (PAPER_ID, Column("x", "number", "Horizontal place; no unit."), Column("y", "number", "Vertical place; no unit.")),
    key=("paper_id",),
)

PLACEMENTS = Table(
    "placements",
    "a paper in a theme",
    (
        PAPER_ID,
        THEME_KEY,
        Column("rank", "integer", "1 is the paper's primary theme.", low=1, high=3),
        Column("strength", "number", "How likely the paper belongs to the theme.", "probability", low=0, high=1),
        Column("tier", "text", "How firmly the paper sits in the theme.", choices=TIERS),
        Column("stability", "number", "Share of resampled fits that agree with this placement.", "share",
               nullable=True, low=0, high=1),
        Column("fine_key", "text", "Fine theme that the paper stands in, inside its primary theme.", nullable=True),
        Column("evidence_start", "integer", "First character of the sentence of the abstract that speaks most for "
               "the theme.", "characters", nullable=True, low=0),
        Column("evidence_end", "integer", "Character after that sentence.", "characters", nullable=True, low=0),
        Column("evidence_terms", "text", "The theme's terms that the paper says.", nullable=True),
    ),
    key=("paper_id", "theme_key"),
)

THEMES = Table(
    "themes",
    "a theme",
    (
        THEME_KEY,
        Column("name", "text", "Short readable name."),
        Column("name_source", "text", "Where the name came from.", choices=("declared", "papers", "ledger", "model")),
        Column("level", "text", "Depth in the tree: broad themes hold themes, themes hold fine themes.",
               choices=LEVELS),
        Column("parent_key", "text", "Theme one level up.", nullable=True),
        Column("declared", "flag", "True where a person declared the theme in words."),
        Column("hidden", "flag", "True where the ledger hides the theme from charts, report and digest.",
               before=False),
        Column("n_papers", "integer", "Papers whose primary theme this is.", "papers", low=0),
        Column("n_any", "integer", "Papers placed here at any rank.", "papers", low=0),
        Column("terms", "text", "Terms that set the theme apart, best first.", nullable=True),
        Column("exemplars", "text", "paper_id of its best papers, best first.", nullable=True),
        Column("stability", "number", "How often resampled fits find this theme again (mean best Jaccard).", "share",
               nullable=True, low=0, high=1),
    ),
    key=("theme_key",),
)

SIMILARITY = Table(
    "similarity",
    "a pair of themes",
    (
        THEME_KEY,
        Column("other_key", "text", "The other theme."),
        Column("similarity", "number", "Cosine between the themes' centroids.", "cosine", low=-1, high=1),
        Column("n_shared", "integer", "Papers placed in both.", "papers", low=0),
    ),
    key=("theme_key", "other_key"),
)

QUALITY = Table(
    "quality",
    "a figure of merit",
    (
        Column("metric", "text", "What is measured."),
        Column("value", "number", "The figure.", nullable=True),
        Column("floor", "number", "The bound that it is held to.", nullable=True),
        Column("verdict", "text", "Whether the bound is kept.", choices=("pass", "warn", "not measured")),
        Column("meaning", "text", "What the figure says, in words."),
    ),
    key=("metric",),
)

CANDIDATES = Table(
    "candidates",
    "a way of grouping that was tried",
    (
        Column("method", "text", "Clustering method."),
        Column("parameter", "text", "Its parameter, as name=value."),
        Column("judged_by", "text", "What its stability is measured with: the halves of the resampled partitions, a "
               "refit without a tenth of the papers, or nothing but the corpus's size.", choices=JUDGED_BY,
               before=JUDGED_BY[0]),
        Column("n_themes", "integer", "Themes it gave.", "themes", low=0),
        Column("largest_share", "number", "Share of the papers in its largest theme.", "share", low=0, high=1),
        Column("stability", "number", "Mean adjusted Rand index between the fit and resampled fits.", nullable=True),
        Column("separation", "number", "How far themes lie apart against their own spread.", nullable=True),
        Column("balance", "number", "Entropy of theme sizes over its maximum.", nullable=True, low=0, high=1),
        Column("error", "number", "Standard error of the score, over splits of the evidence.", nullable=True, low=0),
        Column("score", "number", "What the choice is made by.", nullable=True),
        Column("chosen", "flag", "True for the one used."),
    ),
    key=("method", "parameter"),
)

PLACED = Table(
    "placed",
    "a new paper in a theme of an earlier run",
    (
        Column("title", "text", "Title of the new paper."),
        Column("rank", "integer", "1 is the theme that it belongs to most.", low=1, high=3),
        THEME_KEY,
        Column("theme", "text", "Name of the theme in that run."),
        Column("strength", "number", "How likely the paper belongs to the theme.", "probability", low=0, high=1),
        Column("tier", "text", "How firmly the paper sits in the theme.", choices=TIERS),
        Column("nearest", "text", "paper_id of the nearest papers of the run, nearest first.", nullable=True),
        Column("nearest_titles", "text", "Their titles.", nullable=True),
    ),
    key=("title", "rank"),
)
"""Not part of a run: `paper-themes place` writes it."""
