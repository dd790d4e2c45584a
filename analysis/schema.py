"""The tables that walk down the street, and the errors that stop them.

Every stage takes and returns these tables. A column means one thing wherever it appears, so columns are
defined once and tables list them. `data/README.md` (the codebook) is generated from this module.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

SEPARATOR = " | "
"""Joins the items of a list column (terms, exemplars) inside one text cell."""


class PaperThemesError(Exception):
    """What a person can mend. The message says what came, what was expected, where, and what to do."""


class InputError(PaperThemesError):
    """An input file or value that cannot be used."""


class SettingsError(PaperThemesError):
    """A setting that is unknown or out of range."""


class RunError(PaperThemesError):
    """A run folder that is missing, damaged or incomplete."""


class SchemaError(PaperThemesError):
    """A table that breaks its own rules: a defect of ours, not of the input."""


@dataclass(frozen=True)
class Column:
    """One column: its name, kind, meaning, unit, and whether a cell may be empty.

    `kind` is one of ``text``, ``integer``, ``number``, ``flag``; `choices` closes a text column's values;
    `low` and `high` bound a number.
    """

    name: str
    kind: str
    meaning: str
    unit: str = ""
    nullable: bool = False
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Table:
    """A table: what one row is, its columns in order, and the columns that identify a row."""

    name: str
    row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()

    @property
    def column_names(self) -> list[str]:
        """Names of the columns, in order."""
        return [column.name for column in self.columns]


@dataclass(frozen=True)
class Run:
    """One run, in memory: its identity, its manifest and its tables.

    Tables are reached by name: ``run.papers``, ``run.themes``, ``run.placements`` …
    """

    run_id: str
    manifest: dict[str, Any]
    tables: dict[str, pd.DataFrame] = field(repr=False)

    def __getattr__(self, name: str) -> pd.DataFrame:
        tables = object.__getattribute__(self, "tables")
        if name in tables:
            return tables[name]
        raise AttributeError(f"run {self.run_id} has no table {name!r}; it has {', '.join(sorted(tables))}")


PRECISIONS = ("day", "month", "year", "none")
TIERS = ("core", "member", "loose")
LEVELS = ("broad", "theme", "fine")
JUDGED_BY = ("halves of the evidence", "a tenth left out", "size")
VERDICTS = ("rising", "steady", "fading", "not enough data")

_PAPER_ID = Column("paper_id", "text", "Identity of a paper, made from its normalised title.")
_THEME_KEY = Column("theme_key", "text", "Identity of a theme.")
_PERIOD = Column("period", "text", "Calendar period in UTC: 2024, 2024-Q1, 2024-03, 2024-W09 or 2024-03-01.")
_N_PAPERS = Column("n_papers", "integer", "Number of papers.", "papers", low=0)

PAPERS = Table(
    "papers",
    "a paper",
    (
        _PAPER_ID,
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
    (_PAPER_ID, Column("x", "number", "Horizontal place; no unit."), Column("y", "number", "Vertical place; no unit.")),
    key=("paper_id",),
)

PLACEMENTS = Table(
    "placements",
    "a paper in a theme",
    (
        _PAPER_ID,
        _THEME_KEY,
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
        _THEME_KEY,
        Column("name", "text", "Short readable name."),
        Column("name_source", "text", "Where the name came from.", choices=("declared", "papers", "ledger", "model")),
        Column("level", "text", "Depth in the tree: broad themes hold themes, themes hold fine themes.",
               choices=LEVELS),
        Column("parent_key", "text", "Theme one level up.", nullable=True),
        Column("declared", "flag", "True where a person declared the theme in words."),
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
        _THEME_KEY,
        Column("other_key", "text", "The other theme."),
        Column("similarity", "number", "Cosine between the themes' centroids.", "cosine", low=-1, high=1),
        Column("n_shared", "integer", "Papers placed in both.", "papers", low=0),
    ),
    key=("theme_key", "other_key"),
)

TRENDS = Table(
    "trends",
    "a theme in a period",
    (
        _THEME_KEY,
        _PERIOD,
        _N_PAPERS,
        Column("n_total", "integer", "All dated papers of the period.", "papers", low=0),
        Column("share", "number", "n_papers / n_total; empty where the period has no paper.", "share",
               nullable=True, low=0, high=1),
        Column("share_low", "number", "Lower end of the 95 % interval.", "share", nullable=True, low=0, high=1),
        Column("share_high", "number", "Upper end of the 95 % interval.", "share", nullable=True, low=0, high=1),
        Column("upvote_share", "number", "Share of the period's upvotes that went to the theme's papers; empty where "
               "the feed has none.", "share", nullable=True, low=0, high=1),
        Column("upvote_low", "number", "Lower end of its 95 % interval.", "share", nullable=True, low=0, high=1),
        Column("upvote_high", "number", "Upper end of its 95 % interval.", "share", nullable=True, low=0, high=1),
        Column("is_partial", "flag", "True for the unfinished period, which no slope uses."),
    ),
    key=("theme_key", "period"),
)

SIGNALS = Table(
    "signals",
    "a theme now",
    (
        _THEME_KEY,
        Column("growth", "number", "Change of the odds of the theme per period; 0.1 is +10 %.", "per period",
               nullable=True),
        Column("growth_low", "number", "Lower end of the 95 % interval.", "per period", nullable=True),
        Column("growth_high", "number", "Upper end of the 95 % interval.", "per period", nullable=True),
        Column("verdict", "text", "What the data allow to say.", choices=VERDICTS),
        Column("reason", "text", "Why that verdict, in words."),
        Column("n_dated", "integer", "Papers of the theme in complete periods.", "papers", low=0),
        Column("burst_periods", "text", "Periods in which the theme bursts.", nullable=True),
    ),
    key=("theme_key",),
)

LIFE = Table(
    "life",
    "a theme from its first paper to now",
    (
        _THEME_KEY,
        Column("first_paper", "text", "paper_id of the theme's earliest dated paper.", nullable=True),
        Column("first_published", "text", "Its date.", nullable=True),
        Column("age", "integer", "Periods from that date to the last complete one.", "periods", nullable=True, low=0),
        Column("peak_period", "text", "Complete period whose share surely reached highest (by the lower end of its "
               "95 % interval).", nullable=True),
        Column("peak_share", "number", "Share there.", "share", nullable=True, low=0, high=1),
        Column("peak_low", "number", "Lower end of its 95 % interval.", "share", nullable=True, low=0, high=1),
        Column("peak_high", "number", "Upper end of its 95 % interval.", "share", nullable=True, low=0, high=1),
        Column("half_life", "integer", "Periods from the peak until the share, smoothed over three, had surely fallen, "
               "and to half; empty where it has not yet.", "periods", nullable=True, low=1),
        Column("now_period", "text", "Last complete period with papers.", nullable=True),
        Column("now_share", "number", "Share there.", "share", nullable=True, low=0, high=1),
        Column("now_low", "number", "Lower end of its 95 % interval.", "share", nullable=True, low=0, high=1),
        Column("now_high", "number", "Upper end of its 95 % interval.", "share", nullable=True, low=0, high=1),
    ),
    key=("theme_key",),
)

TOGETHER = Table(
    "together",
    "a pair of themes that met for the first time in the latest complete periods",
    (
        _THEME_KEY,
        Column("other_key", "text", "The other theme."),
        Column("first_period", "text", "Period in which they met first."),
        Column("n_papers", "integer", "Papers in both, in the latest complete periods.", "papers", low=1),
        Column("expected", "number", "Papers in both that independence would give there.", "papers", low=0),
        Column("surprise", "number", "How unlikely so many or more would be under independence: minus the base-2 "
               "logarithm of that probability.", "bits", low=0),
        Column("paper_ids", "text", "paper_id of those papers, earliest first."),
    ),
    key=("theme_key", "other_key"),
)

VOCABULARY = Table(
    "vocabulary",
    "a term or acronym on the radar",
    (
        Column("term", "text", "Term, as most papers write it."),
        Column("verdict", "text", "new: at most one in ten of its papers appeared before the window `now`; surging: "
               "its odds surely grew by half or more; else not enough data.",
               choices=("new", "surging", "not enough data")),
        Column("acronym", "text", "Acronym that stands for the term; the counts are the term's, or the "
               "acronym's where it alone is called.", nullable=True),
        Column("n_papers", "integer", "Papers in complete periods that say it.", "papers", low=0),
        Column("n_now", "integer", "Those of the window `now`.", "papers", low=0),
        Column("n_before", "integer", "Those of the window before.", "papers", low=0),
        Column("now_begins", "text", "First period of the window `now`, which ends with the last complete period.",
               nullable=True),
        Column("before_begins", "text", "First period of the window before, which ends where `now` begins.",
               nullable=True),
        Column("share_now", "number", "Share of the papers of `now` that say it.", "share", nullable=True, low=0,
               high=1),
        Column("share_before", "number", "Share of the papers of the window before that say it.", "share",
               nullable=True, low=0, high=1),
        Column("times", "number", "Odds of saying it now over the odds before, both with half a paper added.",
               "times", nullable=True, low=0),
        Column("times_low", "number", "Lower end of the 95 % interval.", "times", nullable=True, low=0),
        Column("times_high", "number", "Upper end of the 95 % interval.", "times", nullable=True, low=0),
        Column("false_rate", "number", "Expected share of false calls, were this term and all surer ones called "
               "(Benjamini and Hochberg, over all terms tested).", "share", nullable=True, low=0, high=1),
        Column("first_paper", "text", "paper_id of the first dated paper that says it."),
        Column("first_published", "text", "Its date."),
        Column("burst_periods", "text", "Periods in which the term bursts.", nullable=True),
    ),
    key=("term",),
)

FORECASTS = Table(
    "forecasts",
    "a theme in a period to come",
    (
        _THEME_KEY,
        _PERIOD,
        Column("after", "text", "Last complete period that the forecast knows."),
        Column("share", "number", "Share expected (median).", "share", low=0, high=1),
        Column("share_low", "number", "Lower end of the 95 % interval of the share that will be seen.", "share",
               low=0, high=1),
        Column("share_high", "number", "Upper end of that interval.", "share", low=0, high=1),
        Column("last_share", "number", "Share in the last complete period: the forecast of no change.", "share",
               low=0, high=1),
        Column("rise_chance", "number", "Chance that the share will be above the last.", "probability", low=0, high=1),
    ),
    key=("theme_key", "period", "after"),
)

SCORES = Table(
    "scores",
    "the forecasts made after one period for another",
    (
        Column("made_by", "text", "Who made them: an earlier run, when the period lay ahead; or a back-test, which "
               "leaves out all that came later but knows today's themes.",
               choices=("an earlier run", "a back-test")),
        Column("after", "text", "Last complete period that the forecasts knew."),
        _PERIOD,
        Column("n_themes", "integer", "Themes forecast.", "themes", low=0),
        Column("coverage", "number", "Part of the shares seen that fell inside their 95 % interval.", "share", low=0,
               high=1),
        Column("error", "number", "Mean absolute error of the share.", "share", low=0),
        Column("error_last", "number", "The same for the last share: no change.", "share", low=0),
        Column("brier", "number", "Mean squared error of the chance of rising.", low=0, high=1),
        Column("brier_coin", "number", "The same for even odds.", low=0, high=1),
    ),
    key=("made_by", "after", "period"),
)

WATCH = Table(
    "watch",
    "a declared theme in a period",
    (
        _THEME_KEY,
        _PERIOD,
        Column("n_papers", "integer", "Number of papers.", "papers", low=0),
        Column("n_total", "integer", "All dated papers of the period.", "papers", low=0),
        Column("paper_ids", "text", "paper_id of the strongest papers that it catches there, at any rank.",
               nullable=True),
        Column("drift", "number", "How far the middle of what it catches moved from what it caught before, beyond "
               "chance, over its length.", nullable=True, low=0),
        Column("drift_false_rate", "number", "Expected share of false drifts, were this one and all surer ones told "
               "(permutation test; Benjamini and Hochberg).", "share", nullable=True, low=0, high=1),
        Column("drifts", "flag", "True where it surely moved by a fifth of its length or more."),
        Column("is_partial", "flag", "True for the unfinished period, which is not tested."),
    ),
    key=("theme_key", "period"),
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
               "refit without a tenth of the papers, or nothing but the corpus's size.", choices=JUDGED_BY),
        Column("n_themes", "integer", "Themes it gave.", "themes", low=0),
        Column("largest_share", "number", "Share of the papers in its largest theme.", "share", low=0, high=1),
        Column("stability", "number", "Mean adjusted Rand index between the fit and resampled fits.", nullable=True),
        Column("separation", "number", "How far themes lie apart against their own spread.", nullable=True),
        Column("balance", "number", "Entropy of theme sizes over its maximum.", nullable=True, low=0, high=1),
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
        _THEME_KEY,
        Column("theme", "text", "Name of the theme in that run."),
        Column("strength", "number", "How likely the paper belongs to the theme.", "probability", low=0, high=1),
        Column("tier", "text", "How firmly the paper sits in the theme.", choices=TIERS),
        Column("nearest", "text", "paper_id of the nearest papers of the run, nearest first.", nullable=True),
        Column("nearest_titles", "text", "Their titles.", nullable=True),
    ),
    key=("title", "rank"),
)
"""Not part of a run: `paper-themes place` writes it."""

SHARES_BY = Table(
    "shares_by",
    "a theme in a period of one venue or source",
    (
        Column("facet", "text", "What the papers are parted by.", choices=("source", "venue")),
        Column("value", "text", "The venue or source."),
        *(column for column in TRENDS.columns if not column.name.startswith("upvote")),
    ),
    key=("facet", "value", "theme_key", "period"),
)
"""Not part of a run: `analysis.trends.shares_by` makes it when it is asked for."""

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        PAPERS, DROPPED, MAP, PLACEMENTS, THEMES, SIMILARITY, TRENDS, SIGNALS, LIFE, TOGETHER, VOCABULARY,
        FORECASTS, SCORES, WATCH, QUALITY, CANDIDATES,
    )
}

_DTYPES = {"text": "str", "integer": "Int64", "number": "float64", "flag": "bool"}


def empty(table: Table) -> pd.DataFrame:
    """Return `table` with no rows and the right column types."""
    import pandas as pd

    return pd.DataFrame({c.name: pd.Series(dtype=_DTYPES[c.kind]) for c in table.columns})


def check(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return `frame` with the columns of `table`, in order and of the right types.

    Parameters
    ----------
    frame : DataFrame
        Holds at least the columns of `table`; others are refused.
    table : Table

    Returns
    -------
    DataFrame
        A new frame with a fresh index.

    Raises
    ------
    SchemaError
        A column is missing or unknown, a cell is empty or out of bounds, or a key is not unique.
    """
    problems = _column_problems(frame, table)
    if problems:
        raise SchemaError(f"table {table.name}: {'; '.join(problems)}")
    typed = frame[table.column_names].reset_index(drop=True)
    typed = typed.astype({c.name: _DTYPES[c.kind] for c in table.columns})
    for column in table.columns:
        problems.extend(_cell_problems(typed[column.name], column))
    if table.key and typed.duplicated(list(table.key)).any():
        twice = typed.loc[typed.duplicated(list(table.key)), list(table.key)].iloc[0].to_dict()
        problems.append(f"key {twice} stands twice")
    if problems:
        raise SchemaError(f"table {table.name}: {'; '.join(problems)}")
    return typed


def _column_problems(frame: pd.DataFrame, table: Table) -> list[str]:
    missing = [name for name in table.column_names if name not in frame.columns]
    unknown = [str(name) for name in frame.columns if name not in table.column_names]
    return [f"column {name} is missing" for name in missing] + [f"column {name} is unknown" for name in unknown]


def _cell_problems(cells: pd.Series, column: Column) -> list[str]:
    problems = []
    known = cells.dropna()
    if not column.nullable and len(known) < len(cells):
        problems.append(f"{column.name} is empty in {len(cells) - len(known)} of {len(cells)} rows")
    if column.choices and not known.isin(column.choices).all():
        odd = known[~known.isin(column.choices)].iloc[0]
        problems.append(f"{column.name} is {odd!r}, expected one of {', '.join(column.choices)}")
    if column.low is not None and (known < column.low).any():
        problems.append(f"{column.name} is {known.min()}, below {column.low}")
    if column.high is not None and (known > column.high).any():
        problems.append(f"{column.name} is {known.max()}, above {column.high}")
    return problems
