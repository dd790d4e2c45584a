"""What ours has to reach, and whether it does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from benchmarks.themes.corpora import LABELLED, TIMED, TITLES
from benchmarks.themes.naming import FIGURES
from benchmarks.themes.registry import METHODS

AMI, AMI_STRETCH = 0.59, 0.64
K_ERROR = 0.60
COVERAGE = 0.90
LEFT_OUT_SEED, LEFT_OUT = 0.60, 0.75
LARGE = 1000
"""Corpora of this many papers are held to `LEFT_OUT`."""
LARGEST = 1 / 3
NAMES = (1.0, 1.0, 1.0, 0.9)
TIME_RATIO = 0.5

Measured = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Corpus → method → measure → value."""


class Floor(NamedTuple):
    """A line of the list; `is_met` is None where it was not measured."""

    what: str
    floor: str
    value: str
    is_met: bool | None


def check_floors(
    measured: Measured, sizes: Mapping[str, int], timing: Mapping[str, Mapping[str, float]] | None,
) -> list[Floor]:
    """Return every floor with what was measured.

    Parameters
    ----------
    sizes : mapping of str to int
        Papers of each corpus.
    timing : mapping, optional
        Method → seconds, encoder_seconds, processor_seconds, of one run on `TIMED`.
    """
    ours = {corpus: rows["ours"] for corpus, rows in measured.items() if rows.get("ours")}
    return [*_agreement(measured), *_steadiness(ours, sizes), *_names(ours), _time(timing)]


def mean_over(measured: Measured, method: str, measure: str) -> float | None:
    """Return the mean of a measure over the labelled corpora; None where the method lacks it on one of them."""
    values = [measured.get(corpus, {}).get(method, {}).get(measure) for corpus in LABELLED]
    return None if any(value is None for value in values) else float(np.mean([v for v in values if v is not None]))


def _agreement(measured: Measured) -> Iterator[Floor]:
    where = ", ".join(TITLES[name] for name in LABELLED)
    ours, error = mean_over(measured, "ours", "ami"), mean_over(measured, "ours", "k_error")
    peers = {method.title: value for method in METHODS if not (method.is_told or method.is_ours)
             if (value := mean_over(measured, method.key, "ami")) is not None}
    for name, floor in (("mean AMI", AMI), ("mean AMI, stretch", AMI_STRETCH)):
        yield _line(f"{name} ({where})", f"at least {floor}", ours, ours is not None and ours >= floor, "{:.3f}")
    best = max(peers, key=lambda title: peers[title], default=None)
    if ours is None or best is None:
        yield Floor("mean AMI beside peers not told k", "above each", "not measured", None)
    else:
        text = f"{ours:.3f}; best of {len(peers)}: {best} {peers[best]:.3f}"
        yield Floor("mean AMI beside peers not told k", "above each", text, ours > peers[best])
    met = error is not None and error < K_ERROR
    yield _line("error of the number of themes, mean", f"below {K_ERROR:.0%}", error, met, "{:.0%}")


def _steadiness(ours: Mapping[str, Mapping[str, Any]], sizes: Mapping[str, int]) -> Iterator[Floor]:
    for what, floor, measure, pick, is_met, form in (
        ("coverage, least", f"at least {COVERAGE:.0%}", "coverage", min, lambda v: v >= COVERAGE, "{:.1%}"),
        ("papers shuffled: ARI, least", "identical", "shuffle_ari", min, lambda v: v == 1.0, "{:.3f}"),
        ("10 % left out: largest theme", "at most 1/3", "left_out_largest", max, lambda v: v <= LARGEST, "{:.1%}"),
    ):
        values = {name: row[measure] for name, row in ours.items() if measure in row}
        yield _extreme(what, floor, values, pick, is_met, form)
    small = {name: row["left_out_ari"] for name, row in ours.items() if name == "seed" and "left_out_ari" in row}
    large = {name: row["left_out_ari"] for name, row in ours.items()
             if sizes.get(name, 0) >= LARGE and "left_out_ari" in row}
    yield _extreme("10 % left out: ARI on the seed feed", f"at least {LEFT_OUT_SEED:.2f}", small, min,
                   lambda v: v >= LEFT_OUT_SEED, "{:.3f}")
    yield _extreme(f"10 % left out: ARI, least of {LARGE:,} papers and more", f"at least {LEFT_OUT:.2f}", large, min,
                   lambda v: v >= LEFT_OUT, "{:.3f}")


def _names(ours: Mapping[str, Mapping[str, Any]]) -> Iterator[Floor]:
    said = {"without_stopwords": "without a stop word", "short": "of at most five words", "unique": "unique",
            "said": "said by the core papers"}
    for figure, floor in zip(FIGURES, NAMES, strict=True):
        values = {name: row["names"][figure] for name, row in ours.items() if "names" in row}
        least = f"{floor:.0%}" if floor == 1 else f"at least {floor:.0%}"
        yield _extreme(f"names {said[figure]}, least", least, values, min, lambda v, f=floor: v >= f, "{:.0%}")


def _time(timing: Mapping[str, Mapping[str, float]] | None) -> Floor:
    what, floor = f"seconds on {TITLES[TIMED]} beside BERTopic's, same run", "at most 1/2"
    if not timing or not {"ours", "bertopic"} <= set(timing):
        return Floor(what, floor, "not measured; see --timing", None)
    ours, theirs = timing["ours"], timing["bertopic"]
    net, gross = ours["seconds"] - ours["encoder_seconds"], ours["seconds"]
    text = f"{net:.1f} of {theirs['seconds']:.1f} s: {net / theirs['seconds']:.2f}; with embedding the phrases that " \
           f"names are chosen from {gross:.1f} s: {gross / theirs['seconds']:.2f}"
    text += f"; on the processor's clock {ours['processor_seconds']:.1f} of {theirs['processor_seconds']:.1f} s"
    if "bertopic_unseeded" in timing:
        free = timing["bertopic_unseeded"]["seconds"]
        text += f"; BERTopic without a seed takes {free:.1f} s"
    return Floor(what, floor, text, net <= TIME_RATIO * theirs["seconds"])


def _line(what: str, floor: str, value: float | None, is_met: bool, form: str) -> Floor:
    return Floor(what, floor, "not measured", None) if value is None else Floor(what, floor, form.format(value), is_met)


def _extreme(what: str, floor: str, values: Mapping[str, float], pick: Any, is_met: Any, form: str) -> Floor:
    if not values:
        return Floor(what, floor, "not measured", None)
    worst = pick(values, key=lambda name: values[name])
    return Floor(what, floor, f"{form.format(values[worst])} ({TITLES.get(worst, worst)})", is_met(values[worst]))
