"""Answers of a language model that were paid for before: one small JSON file each, named by what was asked."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from analysis.schema import RunError
from analysis.store.atomic import write_text


class AnswerCache:
    """Answers by the fingerprint of their question, in a folder.

    Parameters
    ----------
    folder : Path
        Made on the first write.
    notice : callable
        Is told, in one sentence, of each damaged file that was set aside, and of an answer that could not be kept.
    """

    def __init__(self, folder: Path, notice: Callable[[str], None] = lambda sentence: None) -> None:
        self.folder = Path(folder)
        self._notice = notice

    def read(self, fingerprint: str) -> str | None:
        """Return the answer, or None where it is not known.

        A damaged file is renamed to ``….damaged`` and told to `notice`; its answer counts as unknown.
        """
        path = self._path(fingerprint)
        try:
            answer = read_answer(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            self._notice(f"the cached answer {path} cannot be read ({error.strerror}); it is asked for anew")
            return None
        if answer is not None:
            return answer
        with contextlib.suppress(OSError):  # a read-only cache keeps it, and tells again next time
            path.replace(path.with_suffix(".damaged"))
        self._notice(f"the cached answer {path} is damaged; it is set aside and asked for anew")
        return None

    def write(self, fingerprint: str, answer: str) -> None:
        """Keep an answer for the next run; a disk that refuses is told to `notice`, for the answer serves this run."""
        # Escapes keep half a surrogate pair, which a server may send and UTF-8 does not hold.
        content = json.dumps({"answer": answer, "sha256": _sha256(answer), "asked": fingerprint}, ensure_ascii=True)
        try:
            write_text(self._path(fingerprint), content + "\n")
        except RunError as error:
            self._notice(str(error))

    def _path(self, fingerprint: str) -> Path:
        return self.folder / f"{fingerprint}.json"


def read_answer(path: Path) -> str | None:
    """Return the answer that a file holds, or None where it is damaged, or answers another question."""
    try:
        kept = json.loads(path.read_bytes())
        intact = kept["sha256"] == _sha256(kept["answer"]) and kept.get("asked", path.stem) == path.stem
        return str(kept["answer"]) if intact else None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
