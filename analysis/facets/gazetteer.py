"""Names of datasets and models that the field knows, found in a text however they are spelt."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

from analysis.facets.spans import name_key

FILE = Path(__file__).with_name("gazetteer.toml")
MOST_WORDS = 5
"""Words of the longest name that is looked for."""

_MAKE = re.compile(r"[A-Z]\w*|\w*\d\w*(?:\.\d+)*|base|large|small|tiny|mini|medium|huge|turbo|chat|instruct|preview|"
                   r"pro|"
                   r"flash|nano|ultra|xl|xxl|it|coder|math|vl|distill|think|thinking|high|low|opus|sonnet|haiku")
_LIKENESS = re.compile(r"-(?:style|like|esque|inspired|type)s?$", re.IGNORECASE)
_AMOUNT = re.compile(r"-\d+(?:\.\d+)?[kK]$")
"""A model does not end in a number of thousands; data made with it may: LLaVA-Instruct-150K."""
_VERSION = re.compile(r"-|(?<=[A-Za-z])v?(?=\d)|(?<=[a-z])V(?=\d)")


@dataclass(frozen=True)
class Known:
    """A name of the gazetteer.

    `name` is what goes into the table, `said` how the name may be written, `contested` tells that it is also something
    else, `bare` that it is a name without a version, and `numbered` that it has one.
    """

    kind: str
    name: str
    said: str
    contested: bool = False
    bare: bool = True
    numbered: bool = False


@dataclass(frozen=True)
class Gazetteer:
    """The names by key.

    `joined` are keys of models that join their version without a hyphen, `generic` words that are no names, `low` the
    words in lower case that names begin with.
    """

    known: dict[str, Known] = field(repr=False)
    joined: frozenset[str] = frozenset()
    generic: frozenset[str] = field(default=frozenset(), repr=False)
    low: frozenset[str] = field(default=frozenset(), repr=False)

    def goes_on(self, key: str) -> bool:
        """Return whether the key of a longer name begins with that of what a text says."""
        return key in self._openings

    @cached_property
    def _openings(self) -> frozenset[str]:
        return frozenset(key[:length] for key in self.known for length in range(1, len(key)))

    @cached_property
    def _also_plural(self) -> dict[str, Known]:
        return {**{f"{key}s": known for key, known in self.known.items()}, **self.known}

    def find(self, said: str, key: str | None = None) -> Known | None:
        """Return the name that a text says; a plural counts, and capitals are asked for where the name has them.

        `key` is that of what is said, where it is known.
        """
        key = name_key(said) if key is None else key
        known = self._also_plural.get(key)
        return known if known and _written_alike(said, known.said) else None

    def find_version(self, word: str) -> tuple[Known, int] | None:
        """Return the model whose version, size or make a word names, with the length of the name in the word.

        The value is the model's spelling with what follows: LLaMA2-70B is Llama-2-70B. ``BERT-based`` is BERT.
        """
        if word.isalpha() or _AMOUNT.search(word):
            return None
        for cut in reversed([match.start() for match in _VERSION.finditer(word)]):
            known = self.find(word[:cut]) if cut else None
            if known is None or known.kind != "model":
                continue
            parts = [part for part in word[cut:].split("-") if part]
            made: list[str] = []
            for part in parts:
                if not _MAKE.fullmatch(part):
                    break
                made.append(part)
            length = cut if not made else word.index(made[-1], cut) + len(made[-1])
            version = self.version(known, made)
            return None if not version.bare or (made and version.contested) else (version, length)
        return None

    def version(self, known: Known, made: list[str]) -> Known:
        """Return the name of a model with its version, size and make."""
        if not made:
            return known
        first = re.sub(r"^[vV](?=\d)", "", made[0])
        glue = "" if name_key(known.name) in self.joined and first[0].isdigit() else "-"
        rest = [re.sub(r"(?<=\d)[bm]$", lambda size: size[0].upper(), part) for part in made[1:]]
        name = "-".join([f"{known.name}{glue}{re.sub(r'(?<=[0-9])b$', 'B', first)}", *rest])
        numbered = any(part[0].isdigit() for part in made)
        return Known("model", name, known.said, known.contested and not numbered, known.bare or numbered, numbered)


def _written_alike(said: str, written: str) -> bool:
    """``natural questions`` is no data set, nor ``CoCo`` COCO, nor ``a NLI`` ANLI."""
    first = said.split(" ")[0]
    if first.islower() and first != said and not written.lower().startswith(f"{first} "):
        return False
    if any(letter.isdigit() for letter in said):
        return any(letter.isupper() for letter in said) or not any(letter.isupper() for letter in written)
    if written.isupper():
        return said.removesuffix("s").isupper()
    capitals, wanted = (sum(letter.isupper() for letter in name) for name in (said, written))
    return capitals >= (min(wanted, 1) if "-" in said else min(wanted, 2))


def is_likeness(word: str) -> bool:
    """Return whether a word likens something to a model: ``BERT-like`` is no BERT."""
    return "-" in word and bool(_LIKENESS.search(word))


@cache
def gazetteer() -> Gazetteer:
    """Return the gazetteer of `gazetteer.toml`."""
    lists = tomllib.loads(FILE.read_text(encoding="utf-8"))
    known: dict[str, Known] = {}
    for kind in ("dataset", "model"):
        entries = lists[kind]
        for status in ("names", "contested", "families"):
            for entry in entries.get(status, ()):
                said, _, name = entry.partition(" = ")
                known.setdefault(name_key(said), Known(kind, name or said, said, status == "contested",
                                                       status != "families"))
    return Gazetteer(known, frozenset(map(name_key, lists["model"]["joined"])), frozenset(lists["neither"]["words"]),
                     frozenset(one.said.split()[0] for one in known.values() if one.said[0].islower()))
