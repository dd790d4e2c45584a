"""Figures of merit, each beside the bound that it is held to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.schema import QUALITY, check
from analysis.themes.guided import ExampleCheck
from analysis.themes.stability import Stability

MIN_COVERAGE = 0.90
MAX_THEME_SHARE = 0.25
MIN_DATED_SHARE = 0.80
MIN_EXAMPLES_RIGHT = 0.80
MIN_NAMED = 0.80


def compute_quality(
    papers: pd.DataFrame, dropped: pd.DataFrame, placements: pd.DataFrame, themes: pd.DataFrame, stability: Stability,
    examples: Sequence[ExampleCheck] = (), asked: Mapping[str, Any] | None = None,
) -> pd.DataFrame:
    """Return QUALITY: how far this run can be trusted, in figures with floors.

    Figures that the corpus is too small for are 'not measured', never passed.

    Parameters
    ----------
    asked : mapping, optional
        What became of the themes that a language model was asked to name: the method of `ask_names`.
    """
    n_papers = len(papers)
    primary = placements[placements["rank"] == 1]
    sizes = themes.loc[themes["level"] == "theme", "n_papers"]
    n_records = n_papers + len(dropped)
    rows = [
        _at_least("coverage", _share((primary["tier"] != "loose").sum(), n_papers), MIN_COVERAGE,
                  "Share of the papers that sit in a theme as core or member, not loose."),
        _at_most("largest_theme_share", _share(sizes.max() if len(sizes) else 0, n_papers),
                 MAX_THEME_SHARE, "Share of the papers in the largest theme."),
        _at_least("refit_agreement", float(np.median(stability.agreement)) if len(stability.agreement) else None,
                  0.60 if n_papers < 1000 else 0.75,
                  "Median adjusted Rand index between this grouping and refits without a tenth of the papers."),
        _at_least("theme_stability", _mean(stability.themes), 0.50,
                  "Mean over themes of how much of a theme comes back when a tenth of the papers is left out."),
        _at_least("records_kept", _share(n_papers, n_records), 0.95,
                  "Share of the records in the input that became papers; the rest is listed with its reason."),
        _at_least("with_abstract", _share((papers["abstract"] != "").sum(), n_papers), 0.90,
                  "Share of the papers that have an abstract."),
        _at_least("dated", _share((papers["published_precision"] != "none").sum(), n_papers), MIN_DATED_SHARE,
                  "Share of the papers whose date is known; the others are in no trend."),
    ]
    if asked is not None:
        rows.append(_at_least(
            "names_from_model", _share(asked["n_named"], asked["n_asked"]), MIN_NAMED,
            f"Of the {asked['n_asked']} themes that a language model was asked to name, the share that bear its name. "
            f"The others are named by their papers; answers refused: {asked['n_refused']}, answers "
            f"that did not come: {asked['n_unanswered']}."))
    for example in examples:
        rows.append(_at_least(
            f"recall_of_{example.theme_key}", example.recall, MIN_EXAMPLES_RIGHT,
            f"Share of the {example.n_examples} example papers of this declared theme that its words find."))
        rows.append(_at_least(
            f"precision_of_{example.theme_key}", example.precision, MIN_EXAMPLES_RIGHT,
            "Of the example papers that this declared theme's words find, the share that were given for it."))
    return check(pd.DataFrame(rows), QUALITY)


def _share(part: float, whole: int) -> float | None:
    return float(part) / whole if whole else None


def _mean(values: np.ndarray) -> float | None:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else None


def _at_least(metric: str, value: float | None, floor: float, meaning: str) -> dict[str, object]:
    verdict = "not measured" if value is None else "pass" if value >= floor else "warn"
    return {"metric": metric, "value": value, "floor": floor, "verdict": verdict, "meaning": meaning}


def _at_most(metric: str, value: float | None, bound: float, meaning: str) -> dict[str, object]:
    verdict = "not measured" if value is None else "pass" if value <= bound else "warn"
    return {"metric": metric, "value": value, "floor": bound, "verdict": verdict, "meaning": f"{meaning} At most."}
