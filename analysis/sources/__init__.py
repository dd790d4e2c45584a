"""The only door to the network: `http` exchanges, and one provider a file says what is asked and how it is read."""

from analysis.sources.declared import Source, read_sources
from analysis.sources.fetch import Page, Resume, fetch_source
from analysis.sources.patience import Patience

__all__ = ["Page", "Patience", "Resume", "Source", "fetch_source", "read_sources"]
