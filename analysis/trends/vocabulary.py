"""VOCABULARY: the radar, terms and acronyms that are new or surging, with the paper that said them first."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse, special

from analysis.names.words import RESEARCH_WORDS
from analysis.schema import SEPARATOR, VOCABULARY, check, empty
from analysis.trends import periods as calendar
from analysis.trends.bursts import find_bursts
from analysis.trends.growth import LEAST_PERIODS
from analysis.trends.noise import estimate_noise
from analysis.trends.terms import Terms, count_terms, is_acronym, spell_terms
from analysis.workers import Each, each_here

LEAST_NOW = 5
"""Papers of `now` below which nothing is called."""

SURGE = 1.5
"""A term surges when its odds surely grew by more than this factor."""

NEW = 0.1
"""A term is new when at most this share of its papers appeared before `now`."""

FALSE_SHARE = 0.05
"""Expected share of false calls among all terms called."""

LED = 0.3
"""A word that means little begins a term ("large language model") where it stands in this share of its papers."""

OWN = 1.25
"""A longer term stands beside a shorter one in it only if it grew by this factor more."""

MOST_ROWS, MOST_CANDIDATES = 100, 300


def compute_vocabulary(
    papers: pd.DataFrame, period: str = "auto", as_of: str | None = None, each: Each = each_here,
) -> pd.DataFrame:
    """Return VOCABULARY: terms that are new or surging, surest first; then the nearest that cannot be called.

    The latest complete periods (`analysis.trends.periods.RECENT`) are held against the periods before them. A term is
    tested for odds that grew by more than half, with a beta-binomial that allows for the usual noise of terms from
    period to period; terms are called while the expected share of false calls stays below 5 % of all called. A term is
    left out where it only rides on another: where the papers that say it without the longer term do not surge, or
    where it grew no more than a shorter one in it. The unfinished period and undated papers take no part.

    Parameters
    ----------
    papers : DataFrame
        PAPERS.
    period, as_of : str
        As for `analysis.trends.compute_trends`.
    each : callable
        Who reads blocks of papers.

    Returns
    -------
    DataFrame
        VOCABULARY, at most 100 rows. Where fewer than four periods are complete, the commonest terms, none called.

    References
    ----------
    Benjamini, Y., Hochberg, Y. (1995), doi:10.1111/j.2517-6161.1995.tb02031.x, for the false-discovery rate.
    """
    grid = calendar.make_grid(papers, period, as_of)
    dated = grid.number >= 0
    texts = list(zip(papers.loc[dated, "title"], papers.loc[dated, "abstract"], strict=True))
    terms = count_terms(texts, each)
    if not terms.forms:
        return empty(VOCABULARY)
    n_complete, number = grid.n_complete, grid.number[dated]
    cell = (np.ones(len(number), dtype=np.int32), (number, np.arange(len(number))))
    by_period = sparse.coo_array(cell, shape=(len(grid.labels), len(number))).tocsr()
    counts = (by_period @ terms.says).tocsc()[:n_complete].toarray().T
    frame, noise = _test(counts, grid.totals[:n_complete], grid.labels[:n_complete], grid.width)
    chosen = _candidates(frame, terms)
    named = spell_terms(texts, terms, chosen)
    chosen = np.array([term for term in chosen if term in named], dtype=int)
    begin, middle = calendar.split_recent(grid.width, n_complete)
    windows = [np.flatnonzero((number >= low) & (number < high))
               for low, high in ((middle, n_complete), (begin, middle))]
    called = frame["verdict"].to_numpy() != "not enough data"
    partner = _acronyms(chosen, called, named, terms)
    riding = _riders(chosen, called, terms, windows) | set(partner.values())
    frame = frame.iloc[[term for term in chosen if term not in riding]][:MOST_ROWS]
    rows = frame.index.to_numpy()
    both = [sorted({term, partner.get(term, term)}, key=lambda form: len(named[form])) for term in rows]
    first = _first_papers(terms.says[:, [forms[-1] for forms in both]], papers[dated])
    bursts = find_bursts(counts[rows], grid.totals[:n_complete], np.full(len(rows), noise)) > 0
    return check(frame.drop(columns="p").assign(
        term=[named[forms[-1]] for forms in both],
        acronym=[named[forms[0]] if len(forms) > 1 else None for forms in both],
        first_paper=first["paper_id"].array, first_published=first["published"].array,
        burst_periods=[SEPARATOR.join(np.array(grid.labels)[:n_complete][row]) or None for row in bursts],
    ).drop_duplicates("term"), VOCABULARY)


def _test(counts: np.ndarray, totals: np.ndarray, labels: list[str], width: str) -> tuple[pd.DataFrame, float]:
    """Return every term's numbers and verdict, and the usual noise; `counts` has shape (n_terms, n_complete)."""
    begin, middle = calendar.split_recent(width, len(labels))
    frame = pd.DataFrame({"n_papers": counts.sum(axis=1)}).assign(verdict="not enough data")
    x, y = counts[:, middle:].sum(axis=1), counts[:, begin:middle].sum(axis=1)
    if len(labels) < LEAST_PERIODS or not totals[middle:].sum() or not totals[begin:middle].sum():
        frame[["n_now", "n_before"]], frame[["now_begins", "before_begins"]], frame["p"] = 0, None, 1.0
        frame[["share_now", "share_before", "times", "times_low", "times_high", "false_rate"]] = np.nan
        return frame, 0.0
    from scipy.stats import false_discovery_control

    n_x, n_y = totals[middle:].sum(), totals[begin:middle].sum()
    testable = x + y >= LEAST_NOW  # the others could not be called whatever their course: they cost no power
    # The usual noise of a term before `now`: that of one term alone would take the rise that is looked for as noise.
    noise = np.median(estimate_noise(counts[testable, begin:middle], totals[begin:middle])) if testable.any() else 0.0
    variance = noise**2 * (1 / (len(labels) - middle) + 1 / (middle - begin))
    ratio = special.logit((x + 0.5) / (n_x + 1)) - special.logit((y + 0.5) / (n_y + 1))
    spread = 1.96 * np.sqrt(1 / (x + 0.5) + 1 / (n_x - x + 0.5) + 1 / (y + 0.5) + 1 / (n_y - y + 0.5) + variance)
    p = _upper_tail(x, x + y, SURGE * n_x / (SURGE * n_x + n_y), variance)
    frame = frame.assign(
        n_now=x, n_before=y, now_begins=labels[middle], before_begins=labels[begin], share_now=x / n_x,
        share_before=y / n_y, times=np.exp(ratio), times_low=np.exp(ratio - spread), times_high=np.exp(ratio + spread),
        p=p, false_rate=1.0)
    frame.loc[testable, "false_rate"] = false_discovery_control(p[testable])
    sure = (frame["false_rate"] <= FALSE_SHARE) & (x >= LEAST_NOW)
    frame["verdict"] = np.select([sure & (x >= (1 - NEW) * frame["n_papers"]), sure], ["new", "surging"],
                                 "not enough data")
    return frame, float(noise)


def _upper_tail(x: np.ndarray, n: np.ndarray, middle: float, variance: float) -> np.ndarray:
    """Return P(X >= x), X beta-binomial of n, its share `middle` with `variance` on the log-odds."""
    size = min(max(1 / (middle * (1 - middle) * max(variance, 1e-9)) - 1, 0.1), 1e6)
    a, b = size * middle, size * (1 - middle)
    length = n - x + 1
    row = np.arange(len(x)).repeat(length)
    k = np.arange(length.sum()) - (length.cumsum() - length)[row] + x[row]
    n = n[row]
    log = special.betaln(k + a, n - k + b) - special.betaln(a, b) - special.betaln(k + 1, n - k + 1) - np.log(n + 1)
    return np.minimum(np.bincount(row, np.exp(log), minlength=len(x)), 1.0)


def _candidates(frame: pd.DataFrame, terms: Terms) -> np.ndarray:
    """Return the terms worth a look, surest first; one led by a word that means little must own its remainder."""
    place = {form: term for term, form in enumerate(terms.forms)}
    n_now = frame["n_now"].to_numpy() if frame["n_now"].any() else frame["n_papers"].to_numpy()
    order = frame.assign(form=terms.forms).sort_values(["p", "n_papers", "form"], ascending=[True, False, True]).index
    chosen = []
    for term in order:
        first, _, rest = terms.forms[term].partition(" ")
        if first in RESEARCH_WORDS and not (rest in place and n_now[term] >= LED * n_now[place[rest]]):
            continue
        chosen.append(term)
        if len(chosen) == MOST_CANDIDATES:
            break
    return np.array(chosen, dtype=int)


def _acronyms(chosen: np.ndarray, called: np.ndarray, named: dict[int, str], terms: Terms) -> dict[int, int]:
    """Return long form → acronym, or the reverse where it alone is called: initials agree, one in four says both."""
    initials: dict[str, list[int]] = {}
    for term in chosen.tolist():
        if " " in terms.forms[term]:
            initials.setdefault("".join(word[0] for word in terms.forms[term].split()), []).append(term)
    found: dict[int, int] = {}
    for term in filter(lambda term: is_acronym(named[term]), chosen.tolist()):
        for long_form in initials.get(terms.forms[term], []):
            one, other = terms.says[:, [term]], terms.says[:, [long_form]]
            free = not {term, long_form} & {*found, *found.values()}
            if free and (one * other).sum() >= 0.25 * min(one.sum(), other.sum()):
                found.update({term: long_form} if called[term] > called[long_form] else {long_form: term})
    return found


def _riders(chosen: np.ndarray, called: np.ndarray, terms: Terms, windows: list[np.ndarray]) -> set[int]:
    """Return the terms that only ride on another; a called one does not ride on one that is not.

    `windows` are the papers of now and of before.
    """
    says = terms.says[:, chosen]
    both = [(says[rows].T @ says[rows]).toarray() for rows in windows]
    size = [max(len(rows), 1) for rows in windows]
    prior = 0.5 / size[0]

    def times(term: int, less: tuple[int, int] | None = None) -> float:
        now, before = (table[term, term] - (table[less] if less else 0) for table in both)
        return float((now / size[0] + prior) / (before / size[1] + prior))

    padded = [f" {terms.forms[term]} " for term in chosen]
    pairs = [(short, long) for long in range(len(chosen)) for short in range(len(chosen))
             if short != long and padded[short] in padded[long]]
    sure = called[chosen]
    riding = {short for short, long in pairs if sure[long] >= sure[short] and times(short, (short, long)) < SURGE}
    riding |= {long for short, long in pairs
               if sure[short] >= sure[long] and short not in riding and times(long) <= OWN * times(short)}
    return {int(chosen[place]) for place in riding}


def _first_papers(says: sparse.csr_array, papers: pd.DataFrame) -> pd.DataFrame:
    """Return, for each term, the paper_id and date of the first of `papers` that surely says it."""
    ends = calendar.surely_by(papers).reset_index(drop=True)
    order = papers[["paper_id"]].assign(end=ends.array).reset_index(drop=True).sort_values(["end", "paper_id"]).index
    columns = says.tocsr()[order.to_numpy()].tocsc()
    first = [order[columns.indices[columns.indptr[i] : columns.indptr[i + 1]].min()] for i in range(says.shape[1])]
    return papers.reset_index(drop=True).loc[first, ["paper_id", "published"]]
