"""Datasets and models that a text names: known ones, and new ones by the words around them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from analysis.corpus import fold
from analysis.facets import cues
from analysis.facets.gazetteer import Known, gazetteer
from analysis.facets.mentions import Group, Mention, find_mentions, group_mentions
from analysis.facets.spans import MOST_KNOWN, Found, name_key
from analysis.names.definitions import Definition

_PLURAL = re.compile(r"(?<=[A-Z])s$")
_SIZE = re.compile(r"-\d+(?:\.\d+)?[BM]\b", re.IGNORECASE)
_BEFORE, _AFTER = 160, 120
"""Characters around a name that are read for what it is."""


class Place(NamedTuple):
    """A text, the acronyms that the paper writes out by key, and whether the text is the title."""

    text: str
    short: Mapping[str, Definition]
    title: bool


def find_names(texts: Sequence[str], definitions: Sequence[Sequence[Definition]]) -> list[tuple[int, Found]]:
    """Return the datasets and models that a paper names, each once, at its first mention.

    Parameters
    ----------
    texts : sequence of str
        Abstract and title: what the abstract says a name is holds for the title.
    definitions : sequence of sequence of Definition
        Acronyms that each of them writes out.

    Returns
    -------
    list of (int, Found)
        Number of the text, and what it names.
    """
    mentions = [find_mentions(text, title=bool(number)) for number, text in enumerate(texts)]
    short = {_key(found.short): found for found in chain(*reversed(definitions))}
    kinds: dict[str, str] = {}
    for number, text in enumerate(texts):
        for group in group_mentions(text, mentions[number]):
            _decide(Place(text, short, bool(number)), group, kinds)
    _follow_family([*chain(*mentions)], kinds)
    found: dict[tuple[str, str], tuple[int, Found]] = {}
    for number, own in enumerate(mentions):
        for mention in own:
            kind, value = kinds.get(_key(mention.said), ""), _value(mention, short)
            if kind in ("dataset", "model"):
                found.setdefault((kind, name_key(value)), (number, Found(kind, value, mention.start, mention.end)))
    return list(found.values())


def _decide(place: Place, group: Group, kinds: dict[str, str]) -> None:
    """Say of each member of a list what it is, in `kinds` by key; what is once said stays."""
    if all(_key(member.said) in kinds for member in group.members):
        return
    own = {id(member): _own_kind(place, member) for member in group.members}
    said = {kind for kind in own.values() if kind in ("dataset", "model")}
    around = _around(place.text, group) if None in own.values() else None
    for member in group.members:
        kind = own[id(member)]
        if kind is None and _may_follow(place, member, around):
            kind = around or (min(said) if len(said) == 1 and not member.weak and not place.title else None)
        if kind:
            kinds.setdefault(_key(member.said), kind)


def _follow_family(mentions: list[Mention], kinds: dict[str, str]) -> None:
    """Take X-Large for a model where X is one, and X where X-7B is one."""
    models = {mention.said for mention in mentions if not mention.known and kinds.get(_key(mention.said)) == "model"}
    for mention in mentions:
        if mention.known or mention.weak:
            continue
        sized = any(model.startswith(f"{mention.said}-") and _SIZE.match(model[len(mention.said):]) for model in models)
        if sized or any(mention.said.startswith(f"{model}-") for model in models):
            kinds.setdefault(_key(mention.said), "model")


def _own_kind(place: Place, mention: Mention) -> str | None:
    """Return what a name is by itself: by the gazetteer, by what the text calls it, by its form."""
    definition, known = place.short.get(_key(mention.said)), mention.known
    sure = known if known and not known.contested else None
    if sure and (sure.numbered or gazetteer().find(mention.said)):
        return sure.kind
    called = cues.is_a(place.text, mention.end, place.title)
    if sure:
        return called or sure.kind
    if mention.weak and _written_out(mention, place.short):
        return None
    if definition and (kind := _by_long_form(place.text, definition, known)):
        return kind
    form = None if mention.weak or known else cues.shape(mention.said)
    # A benchmark is often called a framework.
    return form if form == "dataset" and called == "other" else called or form


def _around(text: str, group: Group) -> str | None:
    """Return what the words right before and after a list say its members are."""
    before, after = text[max(0, group.start - _BEFORE):group.start], text[group.end:group.end + _AFTER]
    weak, alone = group.members[-1].weak, len(group.members) == 1
    for kind, pattern in cues.AFTER.items():
        # Words with nothing but capitals describe: Rationale Ranking model, Latin corpora.
        if pattern.match(after) and not (weak and (kind == "model" or alone and cues.PLURAL.match(after))):
            return kind
    folded = fold(before)
    for cue, believed in ((cues.BEFORE, True), (cues.BESIDE, True), (cues.APART, bool(cues.NO_VERB.match(after)))):
        for kind, guarded in cue.items():
            if believed and guarded.finds(before, folded) and not (weak and cue is cues.BESIDE):
                return kind
    if cues.NAMED_AS.finds(before, folded):
        return "model"
    told = all(not member.weak and (len(member.said) > 3 or not member.said.isalpha()) for member in group.members)
    if told and cues.ON.finds(before, folded) and not cues.TASK.match(after):
        return "dataset"
    return None


def _may_follow(place: Place, mention: Mention, around: str | None) -> bool:
    """Return whether a name may be what its surroundings say.

    An acronym that the text writes out is a task or a method, unless its own bracket stands before the cue.
    """
    definition = place.short.get(_key(mention.said))
    if definition is None:
        return not (mention.weak and _written_out(mention, place.short))
    return around is not None and definition.start == mention.start and (
        (around == "dataset" and definition.long_form[0].isupper())
        or _introduced(place.text, definition))


def _written_out(mention: Mention, short: Mapping[str, Definition]) -> bool:
    return any(found.long_start <= mention.end and mention.start < found.long_start + len(found.long_form)
               for found in short.values())


def _by_long_form(text: str, definition: Definition, known: Known | None) -> str | None:
    """Return what the long form's last word says, of what the paper brings or the gazetteer knows."""
    if whole := _known_form(definition.long_form):
        return whole.kind
    kind = cues.head_kind(definition.long_form)
    if kind and ((known and known.kind == kind) or _introduced(text, definition)):
        return kind
    return None


def _introduced(text: str, definition: Definition) -> bool:
    start = min(definition.long_start, definition.start)
    before = text[max(0, start - _BEFORE):start]
    return cues.INTRODUCED.finds(before, fold(before))


@lru_cache(maxsize=MOST_KNOWN)
def _known_form(words: str) -> Known | None:
    """Return what the gazetteer knows the whole of some words as, with a version if they have one."""
    mentions = find_mentions(words)
    whole = len(mentions) == 1 and (mentions[0].start, mentions[0].end) == (0, len(words))
    return mentions[0].known if whole else None


def _value(mention: Mention, short: Mapping[str, Definition]) -> str:
    if mention.known:
        return mention.known.name
    definition = short.get(_key(mention.said))
    known = _known_form(definition.long_form) if definition else None
    return known.name if known else _PLURAL.sub("", mention.said)


@lru_cache(maxsize=MOST_KNOWN)
def _key(said: str) -> str:
    return name_key(_PLURAL.sub("", said))
