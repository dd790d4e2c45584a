"""A run that no feed gave: every table valid, every number from one seed, sizes and nastiness to order."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np
import pandas as pd
from fake_reading import fake_reading

from analysis import schema

TOPICS = {
    "distillation": ("Knowledge distillation", ["teacher model", "student model", "distillation", "soft labels"]),
    "in-context-learning": ("In-context learning", ["demonstrations", "few-shot", "prompt", "in-context learning"]),
    "recommendation": ("Recommendation", ["user behavior", "items", "sequential recommendation", "click-through"]),
    "t-retrieval": ("Dense retrieval", ["passages", "dense retrieval", "query", "ranking"]),
    "t-continual": ("Continual learning", ["forgetting", "task sequence", "continual learning", "replay"]),
    "t-vision": ("Vision transformers", ["image classification", "patches", "vision transformer", "detection"]),
    "t-agents": ("Language agents", ["agents", "tool use", "planning", "environment"]),
    "t-curriculum": ("Curriculum learning", ["curriculum", "easy examples", "difficulty", "training order"]),
    "t-context": ("Long context", ["long documents", "attention", "context window", "memory"]),
    "t-rag": ("Retrieval-augmented generation", ["retrieved evidence", "generator", "grounding", "hallucination"]),
    "t-education": ("Education", ["students", "tutoring", "essay scoring", "classroom"]),
    "t-text": ("Text classification", ["labels", "classifier", "documents", "categories"]),
    "t-reason": ("Reasoning", ["chain of thought", "arithmetic", "proofs", "steps"]),
    "t-code": ("Code generation", ["programs", "unit tests", "repositories", "compilers"]),
}
DECLARED = ("distillation", "in-context-learning", "recommendation")

HOSTILE_TITLES = [
    "<script>window.hacked = 1</script> A script in a title",
    "</script><script>window.hacked = 2</script> Closing what it did not open",
    "{{ 7 * 7 }} {% raw %} and ${7*7}: templates in a title",
    r"On $\mathcal{O}(n^2)$ attention and \textbf{bold} claims: $x<y$ & <b>more</b>",
    "تعلم عميق للنصوص العربية: A right-to-left title",
    "<img src=x onerror='window.hacked = 3'> An image with a handler",
    "A title of ten thousand characters " + "and on " * 1424,
    "\u202eoverride\u202c, quotes \" ' `, and a back\\slash; =HYPERLINK(\"javascript:alert(1)\")",
    "%{customdata[0]} and <a href=\"javascript:window.hacked=4\">a link</a>",
    "]]> --> <!-- <style>body{display:none}</style> %%javascript",
]


def fake_run(n_papers: int = 60, n_themes: int = 8, hostile: bool = False) -> schema.Run:
    """Return a run of `n_papers` in `n_themes`, the same one every time; `hostile` puts markup in every text."""
    rng = np.random.default_rng(1000 * n_papers + n_themes)
    themes = _themes(n_themes, hostile)
    papers = _papers(n_papers, themes, rng, hostile)
    placements = _placements(papers, themes, rng)
    themes = _counted(themes, placements, rng)
    tables = {
        "papers": papers.drop(columns="theme_key"),
        "dropped": _dropped(papers, hostile),
        "map": _map(papers, themes, rng),
        "placements": placements,
        "themes": themes,
        "similarity": _similarity(themes, placements, rng),
        **_trends(papers, placements, themes),
        "vocabulary": _vocabulary(papers, themes),
        "life": _life(papers, placements, themes),
        "together": _together(papers, placements, themes),
        **fake_reading(papers, placements),
        **_forecasts(themes),
        "watch": _watch(papers, themes),
        "facets": _facets(papers, hostile),
        "lineage": _lineage(themes),
        "ledger": _ledger(themes),
        "quality": _quality(n_papers),
        "candidates": _candidates(n_themes, rng),
    }
    tables = {name: schema.check(tables[name], table) for name, table in schema.TABLES.items()}
    digest = hashlib.sha256(json.dumps([n_papers, n_themes, hostile]).encode()).hexdigest()
    return schema.Run(digest[:12], _manifest(digest, tables, hostile), tables)


def _themes(n_themes: int, hostile: bool) -> pd.DataFrame:
    keys = (list(TOPICS) * (n_themes // len(TOPICS) + 1))[:n_themes]
    rows = []
    for number, key in enumerate(keys):
        name, terms = TOPICS[key]
        again = number // len(TOPICS)
        name = f"{name} {again + 1}" if again else name
        if hostile:
            name, terms = f"{name} <i>&amp; {{{{x}}}}</i>", [*terms[:3], "<script>window.hacked = 5</script>"]
        rows.append({"theme_key": f"{key}-{again + 1}" if again else key, "name": name, "words": terms,
                     "declared": key in DECLARED and not again, "terms": schema.SEPARATOR.join(terms)})
    return pd.DataFrame(rows, columns=["theme_key", "name", "words", "declared", "terms"])


def _papers(n: int, themes: pd.DataFrame, rng: np.random.Generator, hostile: bool) -> pd.DataFrame:
    rows = []
    for i in range(n):
        theme = themes.iloc[int(len(themes) * rng.random() ** 1.3)] if len(themes) else None
        words = theme["words"] if theme is not None else ["a question", "an answer", "a proof", "a bound"]
        first, second = rng.choice(len(words), 2, replace=False)
        title = f"Study {i + 1}: {words[first]} meets {words[second]}".replace("<script>", "").replace("</script>", "")
        abstract = (f"We study {words[first]} in a setting that nobody has tried. "
                    f"Our method joins {words[second]} with {words[first]} and needs no labels. "
                    f"On {rng.integers(2, 9)} benchmarks it gains {rng.integers(1, 90) / 10} points.")
        if hostile:
            title = f"{HOSTILE_TITLES[i % len(HOSTILE_TITLES)]} ({i + 1})"
            abstract = f"{HOSTILE_TITLES[(i + 3) % 6]}. {abstract}"
        precision = rng.choice(["day", "month", "year", "none"], p=[0.2, 0.5, 0.15, 0.15])
        date = f"{2017 + int(9 * rng.random() ** 0.7)}-{rng.integers(1, 13):02}-{rng.integers(1, 28):02}"
        published = {"day": date, "month": date[:7], "year": date[:4], "none": None}[precision]
        rows.append({
            "paper_id": "p" + hashlib.sha256(f"{n}-{i}".encode()).hexdigest()[:12], "title": title,
            "abstract": abstract if i % 17 != 16 else "", "published": published, "published_precision": precision,
            "published_basis": None if published is None else "arXiv", "source": "feed.txt",
            "url": None if i % 3 else f"https://example.org/{i}?a=1&b=2", "venue": None,
            "upvotes": int(rng.integers(0, 90)) if i % 2 else None, "first_seen": None,
            "theme_key": theme["theme_key"] if theme is not None else None,
        })
    if hostile and n:
        rows[0]["url"] = "javascript:window.hacked=6"
    names = [*schema.PAPERS.column_names, "theme_key"]
    frame = pd.DataFrame(rows, columns=names).astype({"upvotes": "Int64"})
    return frame.sort_values("paper_id", ignore_index=True)


def _placements(papers: pd.DataFrame, themes: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for paper in papers.itertuples():
        if not len(themes):
            break
        others = [key for key in themes["theme_key"] if key != paper.theme_key]
        n_more = min(len(others), int(rng.choice([0, 1, 2], p=[0.6, 0.3, 0.1])))
        keys = [paper.theme_key, *rng.choice(others, n_more, replace=False)] if n_more else [paper.theme_key]
        strength = 0.35 + 0.6 * rng.random()
        start = paper.abstract.find(". ") + 2 if ". " in paper.abstract else None
        end = paper.abstract.find(". ", start) + 1 if start is not None else None
        for rank, key in enumerate(keys, start=1):
            tier = "core" if strength > 0.6 else "member" if strength > 0.4 else "loose"
            rows.append({"paper_id": paper.paper_id, "theme_key": key, "rank": rank, "strength": round(strength, 4),
                         "tier": tier, "stability": round(0.4 + 0.6 * rng.random(), 3), "fine_key": None,
                         "evidence_start": start, "evidence_end": end, "evidence_terms": None})
            strength *= 0.7
    frame = pd.DataFrame(rows, columns=schema.PLACEMENTS.column_names)
    return frame.astype({"fine_key": "str", "evidence_start": "Int64", "evidence_end": "Int64", "rank": "Int64"})


def _counted(themes: pd.DataFrame, placements: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    primary = placements[placements["rank"] == 1]
    best = primary.sort_values(["strength", "paper_id"], ascending=[False, True])
    exemplars = best.groupby("theme_key")["paper_id"].apply(lambda ids: schema.SEPARATOR.join(list(ids)[:5]))
    return pd.DataFrame({
        "theme_key": themes["theme_key"],
        "name": themes["name"],
        "name_source": np.where(themes["declared"].astype(bool), "declared", "papers"),
        "level": "theme",
        "parent_key": pd.Series([None] * len(themes), dtype="str"),
        "declared": themes["declared"].astype(bool), "hidden": False,
        "n_papers": themes["theme_key"].map(primary["theme_key"].value_counts()).fillna(0).astype("Int64"),
        "n_any": themes["theme_key"].map(placements["theme_key"].value_counts()).fillna(0).astype("Int64"),
        "terms": themes["terms"],
        "exemplars": themes["theme_key"].map(exemplars),
        "stability": (0.3 + 0.7 * rng.random(len(themes))).round(3),
    })


def _map(papers: pd.DataFrame, themes: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    angle = 2 * np.pi * np.arange(len(themes)) / max(len(themes), 1)
    centre = dict(zip(themes["theme_key"], zip(np.cos(angle), np.sin(angle), strict=True), strict=True))
    places = np.array([centre.get(key, (0.0, 0.0)) for key in papers["theme_key"]]).reshape(-1, 2)
    places = places + 0.22 * rng.standard_normal((len(papers), 2))
    return pd.DataFrame({"paper_id": papers["paper_id"], "x": places[:, 0], "y": places[:, 1]})


def _similarity(themes: pd.DataFrame, placements: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    keys = list(themes["theme_key"])
    held = {key: set(placements.loc[placements["theme_key"] == key, "paper_id"]) for key in keys}
    value = rng.random((len(keys), len(keys))) * 0.7
    value = np.round((value + value.T) / 2, 4)
    rows = [
        {"theme_key": a, "other_key": b, "similarity": value[i, j], "n_shared": len(held[a] & held[b])}
        for i, a in enumerate(keys) for j, b in enumerate(keys) if i != j
    ]
    return pd.DataFrame(rows, columns=schema.SIMILARITY.column_names)


def _trends(papers: pd.DataFrame, placements: pd.DataFrame, themes: pd.DataFrame) -> dict[str, pd.DataFrame]:
    year = papers.set_index("paper_id")["published"].dropna().str[:4]
    years = [str(y) for y in range(int(year.min()), int(year.max()) + 1)] if len(year) else []
    trends, signals = [], []
    for number, key in enumerate(themes["theme_key"]):
        held = placements.loc[placements["theme_key"] == key, "paper_id"]
        counts = year[year.index.isin(held)].value_counts()
        for period in years:
            n, total = int(counts.get(period, 0)), int((year == period).sum())
            low, high = _wilson(n, total) if total else (None, None)
            trends.append({"theme_key": key, "period": period, "n_papers": n, "n_total": total,
                           "share": n / total if total else None, "share_low": low, "share_high": high,
                           "upvote_share": None, "upvote_low": None, "upvote_high": None,
                           "is_partial": period == years[-1]})
        n_dated = int(counts.sum())
        enough = n_dated >= 8
        growth = [0.31, -0.22, 0.02][number % 3]
        signals.append({
            "theme_key": key, "growth": growth if enough else None, "growth_low": growth - 0.15 if enough else None,
            "growth_high": growth + 0.15 if enough else None,
            "verdict": ["rising", "fading", "steady"][number % 3] if enough else "not enough data",
            "reason": f"{n_dated} dated papers" + ("" if enough else "; at least 8 are needed"), "n_dated": n_dated,
            "burst_periods": None,
        })
    return {"trends": pd.DataFrame(trends, columns=schema.TRENDS.column_names),
            "signals": pd.DataFrame(signals, columns=schema.SIGNALS.column_names)}


def _vocabulary(papers: pd.DataFrame, themes: pd.DataFrame) -> pd.DataFrame:
    dated = papers.dropna(subset="published").sort_values(["published", "paper_id"])
    terms = dict.fromkeys(term for cell in themes["terms"] for term in cell.split(schema.SEPARATOR))
    rows = []
    for number, term in enumerate(terms if len(dated) else []):
        first = dated.iloc[number % len(dated)]
        low = [3.1, 1.7, 0.8][number % 3]
        rows.append({"term": term, "acronym": "TM" if number == 1 else None,
                     "verdict": ["new", "surging", "not enough data"][number % 3],
                     "n_papers": 9 + number, "n_now": 8, "n_before": number + 1, "now_begins": "2024",
                     "before_begins": "2020", "share_now": 0.2, "share_before": 0.02, "times": 2 * low,
                     "times_low": low, "times_high": 4 * low, "false_rate": 0.01 * (number % 3) ** 4,
                     "first_paper": first["paper_id"], "first_published": first["published"],
                     "burst_periods": "2024"})
    return pd.DataFrame(rows, columns=schema.VOCABULARY.column_names)


def _life(papers: pd.DataFrame, placements: pd.DataFrame, themes: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for number, key in enumerate(themes["theme_key"]):
        held = papers[papers["paper_id"].isin(placements.loc[placements["theme_key"] == key, "paper_id"])]
        held = held.dropna(subset="published").sort_values("published")
        first = held.iloc[0] if len(held) else None
        bare = first is None or number % 3 == 2
        rows.append({
            "theme_key": key, "first_paper": None if first is None else first["paper_id"],
            "first_published": None if first is None else first["published"], "age": None if bare else 6,
            "peak_period": None if bare else "2021", "peak_share": None if bare else 0.3,
            "peak_low": None if bare else 0.2, "peak_high": None if bare else 0.4,
            "half_life": 2 if number % 3 == 1 and not bare else None, "now_period": None if bare else "2024",
            "now_share": None if bare else 0.1, "now_low": None if bare else 0.05, "now_high": None if bare else 0.2})
    return pd.DataFrame(rows, columns=schema.LIFE.column_names)


def _forecasts(themes: pd.DataFrame) -> dict[str, pd.DataFrame]:
    forecasts = [
        {"theme_key": key, "period": period, "after": "2024", "share": 0.2, "share_low": 0.1, "share_high": 0.35,
         "last_share": 0.15 + 0.01 * (number % 9), "rise_chance": [0.9, 0.2, 0.5][number % 3]}
        for number, key in enumerate(themes["theme_key"]) for period in ("2025", "2026")]
    scores = [
        {"made_by": made_by, "after": str(year), "period": str(year + 1), "n_themes": len(themes), "coverage": 0.94,
         "error": 0.02, "error_last": 0.025, "brier": 0.21, "brier_coin": 0.25}
        for made_by, years in (("a back-test", range(2020, 2024)), ("an earlier run", range(2022, 2024)))
        for year in years if len(themes)]
    return {"forecasts": pd.DataFrame(forecasts, columns=schema.FORECASTS.column_names),
            "scores": pd.DataFrame(scores, columns=schema.SCORES.column_names)}


def _watch(papers: pd.DataFrame, themes: pd.DataFrame) -> pd.DataFrame:
    rows = [
        {"theme_key": key, "period": str(year), "n_papers": year - 2019, "n_total": 20,
         "paper_ids": papers["paper_id"].iloc[number % len(papers)], "drift": 0.1 if year < 2024 else 0.4,
         "drift_false_rate": 0.5 if year < 2024 else 0.01, "drifts": year == 2024, "is_partial": year == 2025}
        for number, key in enumerate(themes.loc[themes["declared"], "theme_key"]) for year in range(2020, 2026)
        if len(papers)]
    return pd.DataFrame(rows, columns=schema.WATCH.column_names)


def _ledger(themes: pd.DataFrame) -> pd.DataFrame:
    rows = [{"entry": f"rename theme {key}, name A better name", "action": "rename", "theme_key": key,
             "obeyed": number == 0, "reason": None if number == 0 else "another theme bears the same name"}
            for number, key in enumerate(themes["theme_key"].head(2))]
    return pd.DataFrame(rows, columns=schema.LEDGER.column_names)


def _lineage(themes: pd.DataFrame) -> pd.DataFrame:
    rows = [{"theme_key": theme.theme_key, "previous_key": None if number == 1 else theme.theme_key,
             "level": theme.level, "event": "born" if number == 1 else "continued", "name": theme.name,
             "previous_name": None if number == 1 else theme.name, "overlap": 0.0 if number == 1 else 0.9,
             "n_shared": 0 if number == 1 else theme.n_papers, "paper_ids": theme.exemplars if number == 1 else None}
            for number, theme in enumerate(themes.itertuples())]
    return pd.DataFrame(rows, columns=schema.LINEAGE.column_names)


def _together(papers: pd.DataFrame, placements: pd.DataFrame, themes: pd.DataFrame) -> pd.DataFrame:
    keys = list(themes["theme_key"])
    rows = [{"theme_key": a, "other_key": b, "first_period": "2024", "n_papers": 1, "expected": 0.2 + 0.1 * number,
             "surprise": 3.0 - 0.5 * number, "paper_ids": papers["paper_id"].iloc[number % len(papers)]}
            for number, (a, b) in enumerate(zip(keys[:5:2], keys[1:6:2], strict=False)) if len(papers)]
    return pd.DataFrame(rows, columns=schema.TOGETHER.column_names)


def _wilson(n: int, total: int) -> tuple[float, float]:
    z, share = 1.96, n / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * float(np.sqrt(share * (1 - share) / total + z * z / (4 * total * total)))
    return max(0.0, middle - half), min(1.0, middle + half)


def _dropped(papers: pd.DataFrame, hostile: bool) -> pd.DataFrame:
    if not len(papers):
        return schema.empty(schema.DROPPED)
    text = "<script>window.hacked = 7</script>" if hostile else str(papers["title"].iloc[0])
    rows = [
        {"source": "feed.txt", "place": "line 12", "kind": "duplicate", "reason": "Same title as line 3.",
         "text": text, "paper_id": papers["paper_id"].iloc[0]},
        {"source": "feed.txt", "place": "line 90", "kind": "no title", "reason": "An abstract without a title.",
         "text": "We show that", "paper_id": None},
    ]
    return pd.DataFrame(rows, columns=schema.DROPPED.column_names)


def _quality(n_papers: int) -> pd.DataFrame:
    rows = [
        ("coverage", 0.96, 0.9, "pass", "Share of the papers that are core or member of a theme."),
        ("stability", 0.57, 0.6, "warn", "Agreement of the themes when a tenth of the papers is left out."),
        ("largest_share", 0.18, 0.25, "pass", "Share of the papers in the largest theme."),
        ("calibration", None, None, "not measured", "How often a strength of 0.8 is right; it needs labels."),
    ]
    frame = pd.DataFrame(rows, columns=schema.QUALITY.column_names)
    return frame if n_papers else frame.iloc[:0]


def _candidates(n_themes: int, rng: np.random.Generator) -> pd.DataFrame:
    rows = [
        {"method": method, "parameter": f"{name}={k}", "judged_by": "a tenth left out", "n_themes": k,
         "largest_share": round(1 / max(k, 1) + 0.05, 3),
         "stability": round(0.3 + 0.5 * rng.random(), 3), "separation": round(rng.random(), 3),
         "balance": round(0.6 + 0.4 * rng.random(), 3), "error": 0.01, "score": round(rng.random(), 3), "chosen": False}
        for method, name in (("ward", "n_themes"), ("leiden", "size")) for k in range(4, 15, 2) if n_themes
    ]
    frame = pd.DataFrame(rows, columns=schema.CANDIDATES.column_names)
    if len(frame):
        frame["chosen"] = frame["score"] == frame["score"].max()
    return frame


def _facets(papers: pd.DataFrame, hostile: bool) -> pd.DataFrame:
    """One thing of each kind a paper, at the first word of its abstract."""
    rows = []
    for number, paper in enumerate(papers[papers["abstract"] != ""].itertuples()):
        end = len(paper.abstract.split()[0])
        values = {"dataset": f"Bench-{number % 5}", "model": f"Model-{number % 7}", "number": f"+{number}%",
                  "link": f"https://example.org/{number}", "acronym": f"A{number % 4}"}
        if hostile:
            values = {kind: HOSTILE_TITLES[number % len(HOSTILE_TITLES)] for kind in values}
            values["link"] = ("javascript:window.hacked=5" if number % 2
                              else "https://example.org/\"><script>window.hacked=6</script>")
        rows += [{"paper_id": paper.paper_id, "kind": kind, "value": value, "field": "abstract",
                  "start": paper.abstract.index(paper.abstract.split()[0]), "end": end,
                  "unit": "%" if kind == "number" else None, "metric": values["model"] if kind == "number" else None,
                  "expansion": values["dataset"] if kind == "acronym" else None} for kind, value in values.items()]
    return pd.DataFrame(rows) if rows else schema.empty(schema.FACETS)


def _manifest(digest: str, tables: dict[str, pd.DataFrame], hostile: bool) -> dict[str, Any]:
    published = tables["papers"]["published"].dropna()
    return {
        "run_id": digest[:12],
        "method_version": "1",
        "packages": {"bertopic": "0.17.4", "pandas": "3.1.1"},
        "inputs": [{"name": "<b>feed</b>.txt" if hostile else "feed.txt", "sha256": digest, "bytes": 12345}],
        "settings": {"title": "<u>A feed</u> {{x}}" if hostile else "A feed that no one wrote", "random_state": 0},
        "counts": {"read": len(tables["papers"]) + len(tables["dropped"]), "kept": len(tables["papers"]),
                   "dropped": len(tables["dropped"])},
        "newest_paper": None if published.empty else max(published),
        "as_of": None if published.empty else max(published),
        "previous_run": None,
        "stages": [{"name": "corpus"}, {"name": "themes"}],
        "profile": {"read": 0.5, "embed": 1.5, "themes": 4.0},
        "method": {"clusterer": "ward", "n_themes": len(tables["themes"])},
        "tables": {name: {"rows": len(frame), "sha256": digest} for name, frame in tables.items()},
    }
