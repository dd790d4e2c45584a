"""Replay a feed day by day, and see how many papers keep their theme: `make bench-history`.

Every day all papers so far are fitted again, with the day before in mind and without, and matched to the day before.
The last day is held against one fit of all papers at once. What is replayed are the fit and the matching, on stored
vectors; names, declared themes and the ledger are not part of it.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from analysis.themes.fit import fit_themes  # noqa: E402
from analysis.themes.match import count_shared, match_themes  # noqa: E402

CORPUS = ROOT.parent / "shared/corpora/hf_daily_papers.parquet"
N_DAYS = 60
DETAIL, SEED = 0.5, 0


class Replay(NamedTuple):
    """What came of one replay: the share of old papers that kept their theme's key, day on day, and the last day."""

    kept: list[float]
    agreement: float
    n_papers: int
    n_themes: int
    n_keys: int
    seconds: float


def main(arguments: list[str] | None = None) -> int:
    """Print the table; return 1 where a floor is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--start", nargs="+", default=["2025-06-01", "2026-03-01"], metavar="DAY")
    parser.add_argument("--before", type=int, default=0, metavar="N", help="papers that the first day knows already")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/history.md", metavar="FILE")
    args = parser.parse_args(arguments)
    if not CORPUS.is_file():
        print(f"{CORPUS} is not there: nothing to replay", file=sys.stderr)
        return 0
    texts, vectors, days = _read()
    lines = ["| from | memory | papers | kept, median | kept, worst | ARI to one fit | themes | keys | seconds |",
             "|---|---|---:|---:|---:|---:|---:|---:|---:|"]
    is_met = True
    for start in args.start:
        for remembers in (True, False):
            done = replay(texts, vectors, days, start, args.before, remembers)
            median, worst = float(np.median(done.kept)), min(done.kept)
            how = "yes" if remembers else "no: fitted anew, matched by papers"
            lines.append(f"| {start} | {how} | {done.n_papers} | {median:.3f} | {worst:.3f} | {done.agreement:.3f} | "
                         f"{done.n_themes} | {done.n_keys} | {done.seconds:.0f} |")
            print(lines[-1], flush=True)
            if remembers:
                is_met &= median >= 0.95 and worst >= 0.90 and done.agreement >= 0.80
    floors = "Floors, with memory: median at least 0.95, worst 0.90, ARI 0.80."
    args.out.write_text("# History: measured\n\n" + (__doc__ or "").partition("\n\n")[2] + "\n" + "\n".join(lines)
                        + f"\n\n{floors}\n", encoding="utf-8")
    return 0 if is_met else 1


def replay(
    texts: list[str], vectors: np.ndarray, days: np.ndarray, start: str, n_before: int, remembers: bool,
) -> Replay:
    """Return what came of replaying `N_DAYS` days from `start` on."""
    began = time.perf_counter()
    shown = sorted({day for day in days if day >= start})[:N_DAYS]
    first = max(0, int(np.searchsorted(days, shown[0])) - n_before)
    keys: dict[int, int] = {}
    kept: list[float] = []
    n_keys = 0
    for day in shown:
        rows = _shuffled(first, int(np.searchsorted(days, day, side="right")))
        before = np.array([keys.get(row, -1) for row in rows])
        fit = fit_themes([texts[row] for row in rows], vectors[rows], DETAIL, SEED, before if remembers else None)
        n_now = int(fit.labels.max()) + 1
        named = np.full(n_now, -1)
        if keys:
            match = match_themes(count_shared(fit.labels, before, n_now, n_keys))
            named[match.now] = match.then
        new = np.flatnonzero(named < 0)
        named[new] = n_keys + np.arange(len(new))
        n_keys += len(new)
        if keys:
            kept.append(float((named[fit.labels] == before)[before >= 0].mean()))
        keys = dict(zip(rows.tolist(), named[fit.labels].tolist(), strict=True))
    from sklearn.metrics import adjusted_rand_score

    at_once = fit_themes([texts[row] for row in rows], vectors[rows], DETAIL, SEED)
    return Replay(kept, float(adjusted_rand_score(at_once.labels, fit.labels)), len(rows), n_now, n_keys,
                  time.perf_counter() - began)


def _read() -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return texts, unit vectors and the day that each paper was shown, in order of the days."""
    papers = pd.read_parquet(CORPUS, columns=["id", "title", "abstract", "dump_date"])
    with np.load(CORPUS.with_suffix(".vectors.npz")) as file:
        place = pd.Index(file["ids"].astype(str)).get_indexer(papers["id"].astype(str))
        vectors = file["vectors"][place].astype(np.float32) * file["scale"][place][:, None]
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    days = papers["dump_date"].astype(str).to_numpy()
    order = np.argsort(days, kind="stable")
    texts = papers["title"].fillna("").str.cat(papers["abstract"].fillna(""), sep=". ")
    return [texts.iloc[row] for row in order], vectors[order], days[order]


def _shuffled(first: int, end: int) -> np.ndarray:
    """Return rows in an order that does not know the day, and stays as it is when more come."""
    rows = np.arange(first, end)
    return rows[np.argsort([(row * 2654435761) % 2**32 for row in rows], kind="stable")]


if __name__ == "__main__":
    sys.exit(main())
