"""The tables that walk down the street, and the errors that stop them.

Every stage takes and returns these tables. A column means one thing wherever it appears, so columns are
defined once and tables list them. `data/README.md` (the codebook) is generated from this package.
"""

from analysis.schema.checks import check, empty, migrate
from analysis.schema.facets import FACET_FIELDS, FACET_KINDS, FACETS
from analysis.schema.history import LEDGER, LINEAGE
from analysis.schema.kinds import (
    EVENTS,
    JUDGED_BY,
    LEVELS,
    PRECISIONS,
    SEPARATOR,
    TIERS,
    VERDICTS,
    Column,
    InputError,
    PaperThemesError,
    Past,
    Run,
    RunError,
    SchemaError,
    SettingsError,
    SourceError,
    Table,
)
from analysis.schema.neighbours import BRIDGES, NEIGHBOURS, NOVELTY
from analysis.schema.papers import CANDIDATES, DROPPED, MAP, PAPERS, PLACED, PLACEMENTS, QUALITY, SIMILARITY, THEMES
from analysis.schema.reading import BUDGET, READING, WAYS
from analysis.schema.times import FORECASTS, LIFE, SCORES, SHARES_BY, SIGNALS, TOGETHER, TRENDS, VOCABULARY, WATCH

__all__ = [
    "BRIDGES",
    "BUDGET",
    "CANDIDATES",
    "Column",
    "DROPPED",
    "EVENTS",
    "FACETS",
    "FACET_FIELDS",
    "FACET_KINDS",
    "FORECASTS",
    "InputError",
    "JUDGED_BY",
    "LEDGER",
    "LEVELS",
    "LIFE",
    "LINEAGE",
    "MAP",
    "NEIGHBOURS",
    "NOVELTY",
    "PAPERS",
    "PLACED",
    "PLACEMENTS",
    "PRECISIONS",
    "PaperThemesError",
    "Past",
    "QUALITY",
    "READING",
    "Run",
    "RunError",
    "SCORES",
    "SEPARATOR",
    "SHARES_BY",
    "SIGNALS",
    "SIMILARITY",
    "SchemaError",
    "SettingsError",
    "SourceError",
    "TABLES",
    "THEMES",
    "TIERS",
    "TOGETHER",
    "TRENDS",
    "Table",
    "VERDICTS",
    "VOCABULARY",
    "WATCH",
    "WAYS",
    "check",
    "empty",
    "migrate",
]

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        PAPERS, DROPPED, MAP, PLACEMENTS, THEMES, SIMILARITY, NEIGHBOURS, READING, BUDGET, BRIDGES, TRENDS, SIGNALS,
        LIFE, NOVELTY, TOGETHER, VOCABULARY, FORECASTS, SCORES, WATCH, FACETS, LINEAGE, LEDGER, QUALITY, CANDIDATES,
    )
}
