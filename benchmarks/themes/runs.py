"""Start a method on a corpus in its own process, within a time limit, and keep what it gave."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.themes.corpora import BenchCorpus
from benchmarks.themes.registry import ROOT, Method, method_version
from benchmarks.themes.task import write_inputs

RESULTS = ROOT / "benchmarks" / ".results"
FEW_PAPERS = 3000
START_SECONDS = 300.0
"""For imports, before the clock of the first fit."""


def n_repeats(method: Method, n_papers: int, asked: int | None) -> int:
    """Return how many refits without a tenth of the papers are made."""
    return asked if asked is not None else 3 if method.is_ours or n_papers < FEW_PAPERS else 1


def result_path(corpus: BenchCorpus, method: Method, folder: Path = RESULTS) -> Path:
    """Return where the result of `method` on `corpus` is kept; another version of either has another path."""
    version = " ".join([method_version(method), corpus.digest, str(corpus.n_labels if method.is_told else None)])
    return folder / corpus.name / f"{method.key}-{hashlib.sha256(version.encode()).hexdigest()[:12]}.json"


def find_result(
    corpus: BenchCorpus, method: Method, repeats: int, limit_minutes: float, folder: Path = RESULTS,
) -> dict[str, Any] | None:
    """Return the kept result, where there is one with as many refits; one that ran out of time has as many as it had.

    A result that ran out of a shorter time than is now allowed does not count.
    """
    path = result_path(corpus, method, folder)
    if not path.is_file():
        return None
    result: dict[str, Any] = json.loads(path.read_text())
    if result["limit"] is not None and result["limit"] < limit_minutes:
        return None
    return result if result["repeats"] >= repeats else None


def run(
    corpus: BenchCorpus, method: Method, repeats: int, limit_minutes: float, peers_python: Path, folder: Path = RESULTS,
) -> dict[str, Any]:
    """Return the result of `method` on `corpus`, after keeping it.

    Parameters
    ----------
    repeats : int
        Refits without a tenth of the papers, beside one on all of them and one on all of them in another order.
    limit_minutes : float
        How long one fit may take.

    Returns
    -------
    dict
        fits (name → what `task.run_method` wrote), repeats, version, limit (minutes, where a fit ran out of them),
        error (last line, where the method raised).
    """
    with tempfile.TemporaryDirectory() as scratch:
        inputs, outputs = Path(scratch, "inputs"), Path(scratch, "outputs")
        outputs.mkdir()
        write_inputs(inputs, corpus.texts, corpus.vectors)
        python = sys.executable if method.is_ours else str(peers_python)
        module = "benchmarks.themes.methods_ours" if method.is_ours else "benchmarks.themes.methods_peers"
        command = [python, "-m", module, method.key, str(inputs), str(outputs), "--repeats", str(repeats)]
        if method.is_told:
            command += ["--n-labels", str(corpus.n_labels)]
        result: dict[str, Any] = {"version": method_version(method), "repeats": repeats, "limit": None, "error": None}
        with open(Path(scratch, "log"), "w+") as log:
            code = _watch(command, outputs, limit_minutes * 60, log)
            log.seek(0)
            lines = log.read().strip().splitlines()
        if code is None:
            result["limit"] = limit_minutes
        elif code:
            result["error"] = lines[-1][:200] if lines else f"ended with {code}"
        result["fits"] = {path.stem: json.loads(path.read_text()) for path in sorted(outputs.glob("*.json"))}
    path = result_path(corpus, method, folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".part").write_text(json.dumps(result))
    path.with_suffix(".part").rename(path)
    return result


def _watch(command: list[str], outputs: Path, limit: float, log: Any) -> int | None:
    """Run `command`; return its exit status, or None where it was ended because a fit took longer than `limit`."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment |= {"HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT,
                               start_new_session=True)
    n_written, since, allowed = 0, time.monotonic(), START_SECONDS
    try:
        while (code := process.poll()) is None:
            time.sleep(0.2)
            written = sum(1 for path in outputs.iterdir() if path.suffix != ".part")
            if written > n_written:
                n_written, since, allowed = written, time.monotonic(), limit
            if time.monotonic() - since > allowed:
                return None
        return code
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)  # its own session, so that its workers end with it
            process.wait()


def keep_measures(
    corpus: BenchCorpus, method: Method, result: dict[str, Any], compute: Callable[[], dict[str, Any]],
    folder: Path = RESULTS,
) -> dict[str, Any]:
    """Return what `compute` gives, computed once per result, labels and code of the measures."""
    sources = [Path(__file__).parent / name for name in ("measures.py", "naming.py", "judge.py")]
    content = hashlib.sha256(b"".join(path.read_bytes() for path in sources))
    content.update(json.dumps(result, sort_keys=True).encode())
    content.update(b"" if corpus.labels is None else "\n".join(map(str, corpus.labels)).encode())
    path = result_path(corpus, method, folder).with_suffix(".measures.json")
    digest = content.hexdigest()
    if path.is_file():
        kept: dict[str, Any] = json.loads(path.read_text())
        if kept["digest"] == digest:
            return kept["measures"]
    measures = compute()
    path.write_text(json.dumps({"digest": digest, "measures": measures}))
    return measures
