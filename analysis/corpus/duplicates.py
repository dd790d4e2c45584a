"""Records that are one paper become one paper: the fullest record, its blanks filled from the others.

Nothing here depends on the order of the records.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis.corpus.dates import finest
from analysis.corpus.records import Dropped, Record, excerpt
from analysis.corpus.text import title_key

SAME_ABSTRACT = 0.4
"""Two abstracts under one title are one paper's when they share this part of the shorter one's words."""
FEW_WORDS = 10

_WORK = re.compile(
    r"(?:arxiv\.org/(?:abs|pdf|html)|huggingface\.co/papers|doi\.org/10\.48550)/(?:arxiv\.)?"
    r"(\d{4}\.\d{4,5}|[a-z-]+(?:\.[a-z]{2})?/\d{7})|doi\.org/(10\.\d{4,9}/\S+)", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{4,}")
_MANY = 200


def merge_duplicates(records: Sequence[Record]) -> tuple[list[dict[str, Any]], list[Dropped]]:
    """Return one row of PAPERS a paper, sorted by paper_id, and a row of DROPPED for every record merged away."""
    by_title: dict[str, list[Record]] = {}
    for record in records:
        by_title.setdefault(title_key(record.title), []).append(record)
    papers: list[dict[str, Any]] = []
    dropped: list[Dropped] = []
    for group, identity in _join_by_work(_split_by_title(by_title)):
        paper_id = "p" + hashlib.sha256(identity.encode()).hexdigest()[:12]
        papers.append(_paper(paper_id, group))
        dropped.extend(_duplicate(record, group[0], paper_id) for record in group[1:])
    papers.sort(key=lambda paper: paper["paper_id"])
    return papers, dropped


def _split_by_title(by_title: dict[str, list[Record]]) -> Iterator[tuple[list[Record], str]]:
    """Yield the records of each paper, fullest first, with what the paper is known by."""
    for key, namesakes in by_title.items():
        groups = [namesakes] if len(namesakes) == 1 else _same_papers(sorted(namesakes, key=_fullness))
        for group in groups:
            yield group, key if len(groups) == 1 else f"{key}\n{title_key(group[0].abstract)}"


def _join_by_work(groups: Iterable[tuple[list[Record], str]]) -> Iterator[tuple[list[Record], str]]:
    """Yield the papers, those as one that have an arXiv id or a DOI in common: a new version may have a new title.

    The paper goes on under what it was first known by. Abstracts of other words make other papers, for some exports
    give the DOI of the volume to all that is in it.
    """
    works: dict[str, list[int]] = {}
    papers: list[tuple[_Group, list[str]] | None] = []
    for group, identity in sorted(groups, key=lambda paper: paper[1]):
        own = _Group(list(group), marks={work for record in group if (work := work_of(record.url))})
        identities = [identity]
        for number in sorted({number for work in own.marks for number in works.get(work, [])}):
            other = papers[number]
            if other is not None and own.may_be(other[0]):
                own.take_over(other[0])
                identities += other[1]
                papers[number] = None
        for work in own.marks:
            works.setdefault(work, []).append(len(papers))
        papers.append((own, identities))
    for paper in papers:
        if paper is not None:
            members, identities = _from_fullest(paper[0].members), paper[1]
            first = min(members, key=lambda record: (record.first_seen or "~", title_key(record.title)))
            known = min(identities, key=lambda key: (key.partition("\n")[0] != title_key(first.title), key))
            yield members, known


def work_of(url: str | None) -> str | None:
    """Return the arXiv id, without its version, or the DOI that an address holds; None where it holds neither."""
    found = _WORK.search(url) if url else None
    return (found.group(1) or found.group(2)).lower() if found else None


def _fullness(record: Record) -> tuple[Any, ...]:
    """Order records from the fullest down; what comes after the abstract's length only settles ties."""
    return (
        -len(record.abstract),
        record.abstract,
        _roughness(record.title),
        record.title,
        -len(record.published or ""),
        record.published or "",
        record.url is None,
        record.url or "",
        record.venue or "",
        -(record.upvotes or -1),
        record.first_seen or "",
        record.source,
        record.order,
    )


def _from_fullest(records: list[Record]) -> list[Record]:
    return sorted(records, key=_fullness) if len(records) > 1 else records


def _roughness(title: str) -> bool:
    """Order titles written in capitals, or without any, behind the others."""
    capitals = [character.isupper() for character in title if character.isupper() or character.islower()]
    return not 0 < sum(capitals) < 0.7 * len(capitals)


@dataclass(eq=False)
class _Group:
    """Records that are one paper: each abstract's words, and the marks (whole abstract, address) that tell it."""

    members: list[Record] = field(default_factory=list)
    vocabularies: list[set[str]] = field(default_factory=list)
    marks: set[str] = field(default_factory=set)

    def is_like(self, words: set[str]) -> bool:
        for own in self.vocabularies:
            n_shared, n_words = len(words & own), min(len(words), len(own))
            # a few words in common say little, unless they are nearly all there is
            if n_shared >= (SAME_ABSTRACT if n_shared >= FEW_WORDS else 0.8) * n_words:
                return True
        return False

    def may_be(self, other: _Group) -> bool:
        """Return whether nothing in the abstracts of two groups speaks against their being one paper."""
        for group in (self, other):  # words are looked at here first: few papers share an address
            group.vocabularies = group.vocabularies or [_words(record) for record in group.members if record.abstract]
        return not self.vocabularies or not other.vocabularies or any(map(other.is_like, self.vocabularies))

    def take_over(self, other: _Group) -> None:
        self.members += other.members
        self.vocabularies += other.vocabularies
        self.marks |= other.marks


def _same_papers(records: list[Record]) -> list[list[Record]]:
    """Split records with one title, fullest first, into papers: same address, or abstracts of mostly the same words.

    A record without an abstract joins the paper with its address, else the fullest one.
    """
    groups: list[_Group] = []
    known: dict[str, _Group] = {}
    for record in records:
        words = _words(record)
        marks = {mark for mark in (title_key(record.abstract), record.url) if mark}
        matches = [group for group in groups if any(known.get(mark) is group for mark in marks)] if marks else []
        if words and len(groups) <= _MANY:  # past that the title says nothing, and only equal abstracts are one paper
            matches += [group for group in groups if group not in matches and group.is_like(words)]
        if not matches:
            matches = groups[:1] if groups and not words else [_Group()]
        home = matches[0]
        for other in matches[1:]:
            home.take_over(other)
            groups.remove(other)
        if home not in groups:
            groups.append(home)
        home.take_over(_Group([record], [words] if words else [], marks))
        known.update(dict.fromkeys(home.marks if len(matches) > 1 else marks, home))
    return [_from_fullest(group.members) for group in groups]


def _words(record: Record) -> set[str]:
    return set(_WORD.findall(record.abstract.casefold()))


def _paper(paper_id: str, group: list[Record]) -> dict[str, Any]:
    best = group[0]
    published, precision = finest(
        sorted(((record.published, record.precision) for record in group), key=lambda dated: dated[0] or "")
    )
    votes = [record.upvotes for record in group if record.upvotes is not None]
    return {
        "paper_id": paper_id,
        # Of equals the fullest record's.
        "title": best.title if len(group) == 1 else min(group, key=lambda record: _roughness(record.title)).title,
        "abstract": best.abstract,
        "published": published,
        "published_precision": precision,
        "published_basis": "input" if published else None,
        "source": best.source,
        "url": next((record.url for record in group if record.url), None),
        "venue": next((record.venue for record in group if record.venue), None),
        "upvotes": max(votes, default=None),
        "first_seen": min((record.first_seen for record in group if record.first_seen), default=None),
    }


def _duplicate(record: Record, kept: Record, paper_id: str) -> Dropped:
    where = kept.place if kept.source == record.source else f"{kept.place} of {kept.source}"
    return Dropped(
        record.source,
        record.place,
        record.order,
        "duplicate",
        f"the same paper as {where}, which is kept",
        excerpt(record.title),
        paper_id,
    )
