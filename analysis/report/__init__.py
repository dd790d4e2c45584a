"""A run → one HTML page that opens from disk, offline: the executed notebook `90_report`, exported with our template.

The notebook calls `headline`, `movers`, `theme_cards` … of this room and the charts of `analysis.charts`;
`build_report` runs it on one run and returns the page.
"""

from analysis.report.export import build_report, newest_run
from analysis.report.facets import facets
from analysis.report.reading import bridges, novel, to_read
from analysis.report.sections import (
    Fragment,
    finder,
    headline,
    movers,
    receipt,
    search,
    set_aside,
    several,
    summary,
    theme_cards,
    trust,
)

__all__ = [
    "Fragment", "bridges", "build_report", "facets", "finder", "headline", "movers", "newest_run", "novel", "receipt",
    "search", "set_aside", "several", "summary", "theme_cards", "to_read", "trust",
]
