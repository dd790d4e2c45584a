"""The methods that are compared, and what each is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / "benchmarks" / "peers.txt"
ENGINE = ("__init__.py", "settings.py", "embed/*.py", "themes/*.py", "names/*.py")
"""Files of `analysis` that our results depend on."""


@dataclass(frozen=True)
class Method:
    """A row of the tables.

    Parameters
    ----------
    key, title : str
        In file names, and in tables.
    note : str
        What a reader has to know about how it was run.
    packages : tuple of str
        Whose versions its results depend on.
    code : str
        Moved when our way of calling it changes what it gives.
    is_told : bool
        Whether it is given the true number of labels, which nobody has.
    max_papers : int
        Largest corpus that its memory or time allows.
    is_timed_only : bool
        Whether it stands in the comparison of times alone.
    """

    key: str
    title: str
    note: str
    packages: tuple[str, ...] = ()
    code: str = "1"
    is_told: bool = False
    max_papers: int = 20_000
    is_timed_only: bool = False

    @property
    def is_ours(self) -> bool:
        """Whether it runs in the project's own environment."""
        return self.key == "ours"


BERTOPIC = ("bertopic", "umap-learn", "hdbscan", "numba", "scikit-learn")
METHODS = (
    Method("ours", "Paper Themes", "`fit_themes`, `name_themes` and `place_papers` with default settings, no declared "
           "themes; a loose paper counts with the theme it is nearest to", max_papers=10**9),
    Method("bertopic", "BERTopic", "as it comes, from precomputed vectors; UMAP is given `random_state=42`, without "
           "which no run can be repeated", BERTOPIC),
    Method("bertopic_tuned", "BERTopic, tuned", "UMAP `n_neighbors` √n (5 to 50), HDBSCAN `min_cluster_size` n/100 "
           "(at least 5), English stop words left out of the words; outliers stay", BERTOPIC),
    Method("bertopic_unseeded", "BERTopic, no seed", "as it comes, UMAP on all cores", BERTOPIC, is_timed_only=True),
    Method("topeax", "Turftopic Topeax", "as it comes, `random_state=42`", ("turftopic", "scikit-learn")),
    Method("keynmf", "Turftopic KeyNMF", 'with `n_components="auto"`, `random_state=42`; a paper stands in its '
           "strongest topic", ("turftopic", "scikit-learn")),
    Method("top2vec", "Top2Vec", "as it comes, papers' vectors looked up; UMAP is given `random_state=42`",
           ("top2vec", "umap-learn", "hdbscan", "numba")),
    Method("evoc", "EVoC", "as it comes, `random_state=42`; it has no words", ("evoc", "numba")),
    Method("leiden", "kNN graph + Leiden", "15 exact neighbours, edges weighted by cosine, modularity at resolution 1, "
           "run until it settles", ("igraph",), max_papers=10**9),
    Method("kmeans", "K-Means, told k", "10 starts, `random_state=42`", ("scikit-learn",), is_told=True),
    Method("ward", "Ward, told k", "on all vectors at once", ("scipy",), is_told=True),
    Method("keynmf_told", "Turftopic KeyNMF, told k", "`random_state=42`", ("turftopic", "scikit-learn"), is_told=True),
)


def method_version(method: Method) -> str:
    """Return what a cached result of `method` is worth keeping for: its code, and the versions of its packages.

    Ours is known by its source, so that a changed engine is measured anew.
    """
    if method.is_ours:
        digest = hashlib.sha256()
        for path in sorted(path for pattern in ENGINE for path in (ROOT / "analysis").glob(pattern)):
            digest.update(path.name.encode() + path.read_bytes())
        return f"{method.code} {digest.hexdigest()[:16]}"
    pins = pinned_versions()
    return " ".join([method.code, *(f"{name}={pins.get(name, '?')}" for name in method.packages)])


def pinned_versions() -> dict[str, str]:
    """Return package → version, as the peers' environment is pinned."""
    return dict(re.findall(r"^([\w.-]+)==([\w.+-]+)", PEERS.read_text(), re.MULTILINE))


def choose_methods(keys: Sequence[str] | None) -> list[Method]:
    """Return the methods that are asked for; all of them where none is.

    Raises
    ------
    SystemExit
        A key is not one of `METHODS`.
    """
    known = {method.key: method for method in METHODS}
    unknown = [key for key in keys or () if key not in known]
    if unknown:
        raise SystemExit(f"unknown method {unknown[0]!r}; known are {', '.join(known)}")
    return [known[key] for key in keys] if keys else [method for method in METHODS if not method.is_timed_only]
