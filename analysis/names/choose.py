"""One name a theme: no two the same, none that holds another."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import combinations, count

from analysis.names.acronyms import Acronyms
from analysis.names.candidates import LEAST_COVERAGE, MAX_NAME_WORDS, MIN_COVERAGE, Candidate
from analysis.names.phrases import Phrases, normal_form
from analysis.names.words import ARTEFACTS, is_hollow, stopwords

TELLING_LIFT, WEAK_LIFT, LEAST_LIFT = 1.0, 0.4, 0.2
WEAK_MARGIN = -0.05
CLEAR_LIFT, CLEAR_RIVAL = 2.0, 0.5
"""A word that papers use whatever they are about ("prediction") tells where it is so much commoner than elsewhere."""
PHRASE, SINGLE, PLAIN, RARE, LAST = range(5)
"""Grades: what the papers say and sets the theme apart, in several words or one; what they say and is commoner here;
what sets it apart but few say; the rest. A name that holds another theme's, or is held by it, is a grade worse."""
SINGLE_LEAD = 2.0
N_HEADS = 24
MIN_UNION_GAIN = 1.3


@dataclass(frozen=True)
class Choice:
    """A name that a theme could take.

    Parameters
    ----------
    name : str
    key : str
        What names are compared by.
    grade : int
        Lower is better.
    score : float
    coverage, parts : float
        As `Candidate`; of two phrases, the papers that say either.
    """

    name: str
    key: str
    grade: int
    score: float
    coverage: float = 0.0
    parts: float = 0.0


def name_key(name: str, acronyms: Acronyms) -> str:
    """Return what names are compared by: plurals, hyphens, capitals and acronyms make no difference."""
    return acronyms.expand(_literal(name))


def _literal(name: str) -> str:
    return normal_form(name.partition(" (")[0].replace(" & ", " ").split())


def choose_names(
    tables: Sequence[Sequence[Candidate]], phrases: Phrases, acronyms: Acronyms, given: Sequence[str | None],
    avoid: Sequence[Collection[str]],
) -> list[Choice]:
    """Return a name for each theme; given names stand.

    Parameters
    ----------
    tables : sequence of sequence of Candidate
        One for each theme.
    given : sequence of str or None
    avoid : sequence of set of str
        Names that each theme may not take.
    """
    taken = {name_key(name, acronyms): _literal(name) for name in given if name}
    barred = [{name_key(name, acronyms) for name in names} for names in avoid]
    chosen = {theme: Choice(name, name_key(name, acronyms), 0, 0.0) for theme, name in enumerate(given) if name}
    best = {theme: _best(table, phrases, acronyms, taken, barred[theme])
            for theme, table in enumerate(tables) if theme not in chosen}
    while best:
        # The theme that a name fits best takes it; whom that disturbs chooses again.
        theme = min(best, key=lambda other: (best[other].grade, -best[other].score, other))
        choice = chosen[theme] = best.pop(theme)
        taken[choice.key] = _literal(choice.name)
        for other, wish in best.items():
            if wish.key == choice.key or _overlap(_literal(wish.name), _literal(choice.name)):
                best[other] = _best(tables[other], phrases, acronyms, taken, barred[other])
    return [chosen[theme] for theme in range(len(tables))]


def _best(
    table: Sequence[Candidate], phrases: Phrases, acronyms: Acronyms, taken: Mapping[str, str],
    barred: AbstractSet[str],
) -> Choice:
    graded: list[tuple[Choice, Candidate]] = []
    for row in table:
        key = acronyms.expand(row.form)
        if key not in taken and key not in barred and phrases.surface(row.form).count(" ") < MAX_NAME_WORDS:
            grade = _grade(row) + any(_overlap(row.form, other) for other in taken.values())
            graded.append((Choice(_written(row, phrases), key, grade, row.score, row.coverage, row.parts), row))
    graded.sort(key=lambda pair: (pair[0].grade, -pair[0].score, pair[0].key))
    said = [choice for choice, _ in graded if choice.grade <= PLAIN]
    if said:
        singles = [choice for choice in said if choice.grade == SINGLE]
        best = max(singles, key=lambda choice: choice.score, default=said[0])
        return best if said[0].grade == PHRASE and best.score > SINGLE_LEAD * said[0].score else said[0]
    two = _pair([pair for pair in graded if pair[0].grade == RARE][:N_HEADS], phrases, taken, barred)
    if two or graded:
        return two or graded[0][0]
    name, key = next((name, key) for name in _spare_names()
                     if (key := name_key(name, acronyms)) not in taken and key not in barred)
    return Choice(name, key, LAST + 1, 0.0)


def _grade(row: Candidate) -> int:
    """Return how good a name the candidate is before its score counts: said and telling first; lower is better."""
    clear = row.lift >= CLEAR_LIFT and row.rival >= CLEAR_RIVAL
    if (row.form.split()[-1] in ARTEFACTS or is_hollow(row.form)) and not clear:
        return LAST
    telling = row.lift >= TELLING_LIFT and row.rival >= 0 and row.margin >= WEAK_MARGIN
    if not row.is_supported:
        return RARE if telling else LAST
    if telling:
        return PHRASE if " " in row.form else SINGLE
    if " " not in row.form and row.margin < 0:  # a word alone that means a sibling more
        return LAST
    if row.lift >= WEAK_LIFT and row.rival >= 0 and row.margin >= WEAK_MARGIN:
        return SINGLE
    return PLAIN if row.lift >= LEAST_LIFT else LAST


def _pair(
    rare: Sequence[tuple[Choice, Candidate]], phrases: Phrases, taken: Mapping[str, str],
    barred: AbstractSet[str],
) -> Choice | None:
    """Return a name of two phrases for a theme that no single phrase covers ("Cars & bikes"), where it covers more."""
    pairs = []
    often = [pair for pair in rare if pair[1].coverage >= LEAST_COVERAGE and not pair[1].acronym]
    for (one, first), (two, second) in combinations(often, 2):
        name, key = f"{one.name} & {phrases.surface(second.form)}", f"{one.key} {two.key}"
        if _share_word(one.key, two.key) or len(name.split()) > MAX_NAME_WORDS or key in taken or key in barred:
            continue
        union = len(first.papers | second.papers) * first.coverage / max(len(first.papers), 1)
        if union >= MIN_UNION_GAIN * max(first.coverage, second.coverage):
            worth = min(one.score, two.score) * min(union / MIN_COVERAGE, 1.0) ** 2
            pairs.append((worth, Choice(name, key, RARE, one.score, union, (first.parts + second.parts) / 2)))
    return max(pairs, key=lambda pair: (pair[0], pair[1].key))[1] if pairs else None


def _share_word(key: str, other: str) -> bool:
    return bool(set(key.split()) & set(other.split()))


def _overlap(key: str, other: str) -> bool:
    mine, theirs = set(key.split()), set(other.split())
    return mine <= theirs or theirs <= mine


def _written(row: Candidate, phrases: Phrases) -> str:
    """Return a candidate as a name: a capital first, and its acronym behind it."""
    name = phrases.surface(row.form)
    first, _, rest = name.partition(" ")
    name = f"{first[:1].upper()}{first[1:]} {rest}".strip() if first == first.lower() else name
    if not row.acronym or row.acronym.lower() in stopwords():  # "argumentation mining (AM)" would hold a stop word
        return name
    plural = name.endswith("s") and not normal_form([name.split()[-1]]).endswith("s")
    return f"{name} ({row.acronym}{'s' if plural and not row.acronym.endswith('S') else ''})"


def _spare_names() -> Iterator[str]:
    yield "Mixed papers"
    for number in count(2):
        yield f"Mixed papers {number}"
