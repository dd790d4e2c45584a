"""One measured piece of work, as a process of its own: `python -m benchmarks.speed.task NAME ARGUMENTS`.

The last line of standard output is a JSON object: seconds, processor_seconds (of this process), peak_mb (of all that it
starts as well), and what else was found.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

PLACED_ALONE = 20
LOOK_SECONDS = 0.25


@contextmanager
def clock(found: dict[str, Any]) -> Iterator[None]:
    """Add seconds and processor seconds of what is done inside."""
    began, before = time.perf_counter(), time.process_time()
    yield
    found |= {"seconds": time.perf_counter() - began, "processor_seconds": time.process_time() - before}


def ours(folder: str, workers: str = "") -> dict[str, Any]:
    """Make a whole run without report, from cached vectors; the run is left in the folder."""
    found: dict[str, Any] = {}
    here = Path(folder)
    with clock(found):  # what has to be imported counts on both sides
        from analysis import store
        from analysis.pipeline import analyse
        from analysis.settings import Settings
        from analysis.workers import open_workers

        with open_workers(int(workers) if workers else None) as each:
            run = analyse(store.read_inputs([here / "raw"]), Settings(), cache=store.VectorCache(here / "cache"),
                          progress=_tell, each=each)
        path = store.write_run(run, here / "runs")
    return found | {"run": str(path), "n_papers": len(run.papers), "profile": run.manifest["profile"],
                    "method": run.manifest["method"]}


def bertopic(folder: str) -> dict[str, Any]:
    """Run BERTopic as it comes, on the same vectors: `fit_transform` and `topics_over_time`."""
    from analysis import store
    from analysis.corpus import paper_text, read_papers
    from analysis.embed import BUNDLED_MODEL, embed_papers

    papers = read_papers(store.read_inputs([Path(folder) / "raw"])).papers
    vectors = embed_papers(papers, BUNDLED_MODEL, store.VectorCache(Path(folder) / "cache")).vectors
    found: dict[str, Any] = {}
    with clock(found):
        from bertopic import BERTopic

        model = BERTopic()  # without a seed, as it comes: UMAP then lays out on all cores
        texts = list(paper_text(papers))
        model.fit_transform(texts, embeddings=vectors)
        dated = papers["published"].notna().to_numpy()
        # Dates as such: of dates in words it trips over the pandas of today.
        model.topics_over_time([text for text, known in zip(texts, dated, strict=True) if known],
                               list(pd.to_datetime(papers.loc[dated, "published"])), nr_bins=20,
                               topics=[topic for topic, known in zip(model.topics_, dated, strict=True) if known])
    return found


def embedding(n_texts: str = "512") -> dict[str, Any]:
    """Count texts a second of our path and of sentence-transformers', in turn, and our share of the peak."""
    import torch
    from sentence_transformers import SentenceTransformer
    from transformers import AutoConfig

    from analysis.embed import BUNDLED_MODEL, bundled_model, embed_texts
    from analysis.embed.machine import choose_device, choose_precision
    from benchmarks.speed.feeds import read_texts

    texts = read_texts(int(n_texts))
    default = SentenceTransformer(str(bundled_model()))
    embed_texts(texts[:16], BUNDLED_MODEL, None)
    default.encode(texts[:16], show_progress_bar=False)
    rates: dict[str, list[float]] = {"ours": [], "default": []}
    for _ in range(3):
        for name, run in (("ours", lambda: embed_texts(texts, BUNDLED_MODEL, None)[0]),
                          ("default", lambda: default.encode(texts, show_progress_bar=False))):
            began = time.perf_counter()
            vectors = run()
            rates[name].append(len(texts) / (time.perf_counter() - began))
            if name == "ours":
                own = vectors
    cosine = float((own * vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).sum(axis=1).min())
    lengths = np.array([len(ids) for ids in default.tokenizer(texts, truncation=True, max_length=256)["input_ids"]])
    config = AutoConfig.from_pretrained(str(bundled_model()))
    width, depth, inner = config.hidden_size, config.num_hidden_layers, config.intermediate_size
    # Multiply-adds count two: projections and feed-forward for each token, attention for each two of a text.
    work = 2 * depth * (lengths * (4 * width**2 + 2 * width * inner) + 2 * lengths**2 * width).sum()
    parts, precision = dict[str, float](), choose_precision(choose_device(), BUNDLED_MODEL)
    if precision == "int8":  # all but values and attention
        parts["float32"] = 2 * depth * (lengths * width**2 + 2 * lengths**2 * width).sum()
    parts[precision] = work - sum(parts.values())
    peaks = {kind: _peak(torch, kind) for kind in parts}
    rate = float(np.median(rates["ours"]))
    return {"ours": rate, "default": float(np.median(rates["default"])), "least_cosine": cosine, "peaks": peaks,
            "peak": float(work / sum(part / peaks[kind] for kind, part in parts.items())),
            "reached": float(work) / len(texts) * rate, "seconds": 0.0, "processor_seconds": 0.0}


def _peak(torch: Any, precision: str) -> float:
    """Return the operations a second of a large matrix product, where we embed."""
    from analysis.embed.machine import choose_device

    device = choose_device()
    size = 4096 if device == "cpu" else 8192
    if precision == "int8":
        multiply, a, b = torch._int_mm, *(torch.randint(-127, 128, (size, size), dtype=torch.int8) for _ in range(2))
    else:
        kind = getattr(torch, precision)
        multiply, a, b = torch.matmul, *(torch.randn(size, size, device=device).to(kind) for _ in range(2))
    seconds = []
    for _ in range(17):
        began = time.perf_counter()
        multiply(a, b)[0, 0].item()  # a card works on while nobody asks
        seconds.append(time.perf_counter() - began)
    return float(2 * size**3 / np.median(seconds[2:]))


def blocks(workers: str, n_texts: str = "512", n_placed: str = "40000") -> dict[str, Any]:
    """Embed texts, and place vectors among 20,000, in so many processes; their start is not counted."""
    from analysis.embed import BUNDLED_MODEL, _compute
    from analysis.embed.machine import choose_precision
    from analysis.workers import open_workers
    from benchmarks.speed.feeds import read_texts

    texts = read_texts(int(n_texts))
    rng = np.random.default_rng(0)
    among, new = (rng.standard_normal((n, 484), dtype=np.float32) for n in (20_000, int(n_placed)))
    found: dict[str, Any] = {}
    how = BUNDLED_MODEL, choose_precision("cpu", BUNDLED_MODEL), "cpu"
    with open_workers(int(workers)) as each:
        list(each(_compute, how, [texts[:8]] * int(workers) * 4))
        with clock(found):
            list(each(_compute, how, [texts[start:start + 64] for start in range(0, len(texts), 64)]))
            list(each(weigh_nearest_thirty, among, [new[start:start + 4096] for start in range(0, len(new), 4096)]))
    return found


def weigh_nearest_thirty(among: np.ndarray, block: np.ndarray) -> Any:
    """Return what the thirty nearest say."""
    from analysis.themes.graph import weigh_nearest

    return weigh_nearest(block, among, 30)


def placing(folder: str, run: str) -> dict[str, Any]:
    """Place one abstract after the other in a warm process, embedding apart."""
    from analysis import store
    from analysis.embed import BUNDLED_MODEL, embed_papers, embed_texts
    from analysis.themes.newcomers import Placer

    told, cache = store.read_run(Path(run)), store.VectorCache(Path(folder) / "cache")
    vectors = embed_papers(told.papers, BUNDLED_MODEL, cache).vectors
    placer = Placer(told, vectors, lambda texts: embed_texts(texts, BUNDLED_MODEL, cache)[0])
    seconds = []
    for row in range(PLACED_ALONE):
        began = time.perf_counter()
        placer.place(told.papers.iloc[[row]], vectors[[row]])
        seconds.append(time.perf_counter() - began)
    return {"seconds": float(np.median(seconds)), "processor_seconds": 0.0}


def ancestors(folder: str, n_papers: str = "1000") -> dict[str, Any]:
    """Hold the nearest earlier papers that are sought around late papers of a feed against the nearest of all."""
    from analysis import store
    from analysis.corpus import read_papers
    from analysis.embed import BUNDLED_MODEL, embed_papers
    from analysis.neighbours.novelty import _date_bounds, _look_around, _look_at_all, _order_earlier
    from analysis.neighbours.search import EXACT_UP_TO

    papers = read_papers(store.read_inputs([Path(folder) / "raw"])).papers
    space = embed_papers(papers, BUNDLED_MODEL, store.VectorCache(Path(folder) / "cache")).vectors
    by_last, n_earlier = _order_earlier(*_date_bounds(papers))
    late = np.flatnonzero(n_earlier > EXACT_UP_TO)
    rows = np.sort(np.random.default_rng(0).choice(late, min(int(n_papers), len(late)), replace=False))
    found, near = _look_around(space, rows, by_last, n_earlier, EXACT_UP_TO)
    best, nearest = _look_at_all(space, rows, by_last, n_earlier)
    return {"same": float((found == best).mean()), "lost": float(np.quantile(nearest - near, 0.99)), "n": len(rows),
            "seconds": 0.0, "processor_seconds": 0.0}


def static(name: str) -> dict[str, Any]:
    """Find the agreement with a corpus's labels, by stored vectors and by static ones."""
    from sklearn.metrics import adjusted_mutual_info_score

    from analysis.embed import STATIC_MODEL, embed_texts
    from analysis.themes.fit import fit_themes
    from analysis.themes.space import count_words
    from benchmarks.themes.corpora import read_corpus
    from benchmarks.themes.task import join_text

    corpus = read_corpus(name)
    assert corpus.labels is not None
    texts = [join_text(*text) for text in corpus.texts]
    found, distilled = dict[str, Any](), dict[str, Any]()
    with clock(distilled):
        embed_texts(texts[:1], STATIC_MODEL, None)
    with clock(found):
        quick = embed_texts(texts, STATIC_MODEL, None)[0]
    found |= {"texts_per_second": len(texts) / found["seconds"], "distilled_in": distilled["seconds"]}
    for kind, vectors in (("whole", corpus.vectors), ("static", quick)):
        labels = fit_themes(count_words(texts), vectors, 0.5, 0).labels
        found[kind] = float(adjusted_mutual_info_score(corpus.labels, labels))
    return found


TASKS: dict[str, Callable[..., dict[str, Any]]] = {
    task.__name__: task for task in (ours, bertopic, embedding, blocks, placing, ancestors, static)}


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@contextmanager
def memory(found: dict[str, float]) -> Iterator[None]:
    """Note the most memory that this process and those it starts hold together, each shared page counted once."""
    import psutil

    me, done = psutil.Process(), threading.Event()

    def look() -> None:
        while not done.wait(LOOK_SECONDS):
            held = 0
            for process in (me, *me.children(recursive=True)):
                with suppress(psutil.Error):
                    held += process.memory_full_info().pss
            found["peak_mb"] = max(found.get("peak_mb", 0.0), held / 2**20)

    watch = threading.Thread(target=look, daemon=True)
    watch.start()
    yield
    done.set()
    watch.join()


if __name__ == "__main__":
    peak: dict[str, float] = {}
    with memory(peak):
        result = TASKS[sys.argv[1]](*sys.argv[2:])
    print(json.dumps(result | peak))
