"""Tables of which papers lie near which: neighbours, what came before, and what connects themes."""

from __future__ import annotations

from analysis.schema.kinds import PAPER_ID, THEME_KEY, Column, Table

NEIGHBOURS = Table(
    "neighbours",
    "a paper and one of the papers that are most like it",
    (
        PAPER_ID,
        Column("other_id", "text", "paper_id of the other one."),
        Column("rank", "integer", "1 is the nearest.", low=1),
        Column("similarity", "number", "Cosine between the embeddings of the two papers.", "cosine", low=-1, high=1),
    ),
    key=("paper_id", "rank"),
)

NOVELTY = Table(
    "novelty",
    "a paper held against those that appeared before it",
    (
        PAPER_ID,
        Column("novelty", "number", "Part of the other papers compared that stand nearer to what came before them, "
               "for as many earlier papers: 0 is a copy, 1 the least expected. Empty unless `basis` is compared.",
               "share", nullable=True, low=0, high=1),
        Column("ancestor_id", "text", "paper_id of the nearest of the papers that surely appeared earlier.",
               nullable=True),
        Column("similarity", "number", "Cosine between the embeddings of the paper and its ancestor.", "cosine",
               nullable=True, low=-1, high=1),
        Column("n_earlier", "integer", "Papers of the feed that surely appeared earlier: on an earlier day, month or "
               "year, whichever is as fine as both dates are known. Empty for an undated paper.", "papers",
               nullable=True, low=0),
        Column("basis", "text", "Whether the dates allow to tell: compared; not enough data, where fewer than 20 "
               "papers are earlier, or can be compared; undated.", choices=("compared", "not enough data", "undated")),
    ),
    key=("paper_id",),
)

BRIDGES = Table(
    "bridges",
    "a paper that connects two themes",
    (
        PAPER_ID,
        THEME_KEY,
        Column("other_key", "text", "The other theme, in which the paper stands at a lower rank."),
        Column("strength", "number", "How likely the paper belongs to the theme.", "probability", low=0, high=1),
        Column("other_strength", "number", "How likely it belongs to the other theme.", "probability", low=0, high=1),
        Column("n_neighbours", "integer", "Nearest papers looked at (NEIGHBOURS).", "papers", low=0),
        Column("n_neighbours_here", "integer", "Those whose primary theme is the theme.", "papers", low=0),
        Column("n_neighbours_there", "integer", "Those whose primary theme is the other one.", "papers", low=0),
        Column("score", "number", "How evenly it connects the two: the geometric mean of twice the lesser strength "
               "and twice the lesser part of its neighbours, neither above 1.", low=0, high=1),
        Column("reason", "text", "What the score rests on, in words."),
    ),
    key=("paper_id", "theme_key", "other_key"),
)
