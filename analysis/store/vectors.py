"""Vectors that were computed before: one folder a model, one plain .npy file a batch of new texts.

A row holds the text's hash beside its vector, so the two cannot drift apart. A file is named by the SHA-256 of its
folder's name and its content, and is never changed: two processes that write at once cannot hurt each other, and damage
shows by the name, as does a file of another model.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.store.atomic import write_bytes

if TYPE_CHECKING:
    import numpy as np


class VectorCache:
    """Vectors by model and text hash, in a folder.

    Parameters
    ----------
    folder : Path
        Made on the first write.
    notice : callable
        Is told, in one sentence, of each damaged file that was found and set aside.
    """

    def __init__(self, folder: Path, notice: Callable[[str], None] = lambda sentence: None) -> None:
        self.folder = Path(folder)
        self._notice = notice

    def read(self, model_key: str, text_hashes: Iterable[str]) -> dict[str, np.ndarray]:
        """Return text hash → vector (float32, shape (n_dimensions,)) for those that are known.

        A damaged file is renamed to ``….damaged`` and told to `notice`; its texts count as unknown.
        """
        wanted = set(text_hashes)
        vectors: dict[str, np.ndarray] = {}
        if not wanted:
            return vectors
        for path in sorted(self._model_folder(model_key).glob("*.npy")):
            rows = self._rows(path)
            if rows is None:
                continue
            for text_hash, vector in zip(rows["text"].astype(str), rows["vector"], strict=True):
                if text_hash in wanted:
                    vectors.setdefault(text_hash, vector)
        return vectors

    def write(self, model_key: str, vectors: Mapping[str, np.ndarray]) -> None:
        """Keep `vectors` (text hash of up to 64 characters → vector) for the next run.

        Raises
        ------
        RunError
            The disk refuses.
        """
        import numpy as np

        if not vectors:
            return
        hashes = sorted(vectors)
        n_dimensions = len(vectors[hashes[0]])
        rows = np.empty(len(hashes), dtype=[("text", "S64"), ("vector", "<f4", (n_dimensions,))])
        rows["text"] = hashes
        rows["vector"] = [vectors[text_hash] for text_hash in hashes]
        out = io.BytesIO()
        np.save(out, rows, allow_pickle=False)
        content = out.getvalue()
        folder = self._model_folder(model_key)
        write_bytes(folder / f"{_sha256(folder.name, content)}.npy", content)

    def _model_folder(self, model_key: str) -> Path:
        readable = re.sub(r"[^A-Za-z0-9]+", "-", model_key).strip("-")[:60]
        return self.folder / f"{readable}-{hashlib.sha256(model_key.encode()).hexdigest()[:12]}"

    def _rows(self, path: Path) -> np.ndarray | None:
        try:
            rows = read_rows(path)
        except FileNotFoundError:  # another process found it damaged first
            return None
        except OSError as error:
            self._notice(f"cached vectors in {path} cannot be read ({error.strerror}); they are computed anew")
            return None
        if rows is None:
            with contextlib.suppress(OSError):  # a read-only cache keeps it, and tells again next time
                path.replace(path.with_suffix(".damaged"))
            self._notice(f"cached vectors in {path} are damaged; they are set aside and computed anew")
        return rows


def read_rows(path: Path) -> np.ndarray | None:
    """Return the texts' hashes and vectors that a file holds, or None where it is damaged or of another model."""
    import numpy as np

    content = path.read_bytes()
    # Files of earlier versions are named by their content alone.
    if path.stem not in (_sha256(path.parent.name, content), hashlib.sha256(content).hexdigest()):
        return None
    try:
        rows = np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError):  # pickled, or no array
        return None
    return rows if rows.dtype.names == ("text", "vector") else None


def _sha256(folder: str, content: bytes) -> str:
    return hashlib.sha256(folder.encode() + b"\n" + content).hexdigest()
