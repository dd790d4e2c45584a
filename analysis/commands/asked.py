"""What a run is asked for, read from the files that the command line names."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from analysis.settings import DeclaredTheme, Settings, read_declared_themes, read_settings

if TYPE_CHECKING:
    import pandas as pd

    from analysis.corpus import InputFile
    from analysis.ledger import Entry

CURATED = Path("data/curated")
NAMES_KEY = "PAPER_THEMES_NAMES_KEY"


class Asked(NamedTuple):
    """Inputs and decisions of one run."""

    settings: Settings
    inputs: list[InputFile]
    declared: tuple[DeclaredTheme, ...]
    dates: pd.DataFrame | None
    ledger: Sequence[Entry]

    def described(self) -> dict[str, Any]:
        """Return it as the run's manifest tells it."""
        from analysis.pipeline import describe_inputs

        return describe_inputs(self.inputs, self.settings, self.declared, self.dates, self.ledger)


def read_asked(options: argparse.Namespace, inputs: list[InputFile], progress: Callable[[str], None]) -> Asked:
    """Return what the options, and the curated files beside the data, ask for."""
    from analysis import store

    settings = read_asked_settings(options)
    themes = _file(options.themes, "themes.toml")
    declared = read_declared_themes(store.read_text(themes), str(themes)) if themes else ()
    dates, ledger = read_decisions(options, hasattr(options, "ledger"))
    progress(f"read {len(inputs)} input {'file' if len(inputs) == 1 else 'files'}, {len(declared)} declared themes"
             + (f", {len(ledger)} entries of the ledger" if ledger else ""))
    return Asked(settings, inputs, declared, dates, ledger)


def read_decisions(
    options: argparse.Namespace, with_ledger: object,
) -> tuple[pd.DataFrame | None, Sequence[Entry]]:
    """Return the curated dates, and the ledger where one is obeyed."""
    from analysis import store
    from analysis.corpus import read_dates
    from analysis.ledger import read_ledger

    curated = _file(options.dates, "published.csv")
    dates = read_dates(store.read_inputs([curated])[0]) if curated else None
    kept = _file(options.ledger, "ledger.toml") if with_ledger else None
    return dates, read_ledger(store.read_text(kept), str(kept)) if kept else ()


def read_asked_settings(options: argparse.Namespace) -> Settings:
    """Return the settings that the options ask for."""
    from analysis import store

    where = str(options.settings or "the command line")
    return read_settings(store.read_text(options.settings) if options.settings else "", where, detail=options.detail,
                         as_of=options.as_of, title=options.title)


def asker(settings: Settings) -> Callable[[str, str], str] | None:
    """Return how to ask the language model for names, or None where the settings name no server."""
    if not settings.names_url:
        return None
    from analysis.sources.chat import Chat

    key = os.environ.get(NAMES_KEY, "").strip()
    return Chat(settings.names_url, settings.names_model, key, settings.names_timeout).ask


def _file(named: Path | None, usual: str) -> Path | None:
    return named or (CURATED / usual if (CURATED / usual).is_file() else None)
