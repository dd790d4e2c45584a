"""Data is never code: no way to run it is used, and files that try are refused."""

import ast
import hashlib
import io
import pickle
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis import store
from analysis.corpus import InputFile, read_papers
from analysis.ledger import read_ledger
from analysis.schema import InputError, PaperThemesError
from analysis.settings import read_settings

ROOT = Path(__file__).resolve().parents[1]
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__", "os.system", "os.popen", "pickle.load", "pickle.loads",
                   "marshal.load", "marshal.loads", "shelve.open", "joblib.load", "dill.load", "torch.load",
                   "yaml.load", "yaml.unsafe_load", "yaml.full_load", "pandas.read_pickle", "pd.read_pickle",
                   "input", "runpy.run_path", "subprocess.getoutput"}
FORBIDDEN_IMPORTS = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "yaml", "code", "codeop"}
ALLOWED_IMPORTS = {"joblib": {"cpu_count"}, "joblib.externals.loky": {"get_reusable_executor"}}
"""Our own work goes to our own processes; nothing is read from a file."""
ALLOWED = {"allow_pickle": False, "trust_remote_code": False, "shell": False, "use_safetensors": True}
"""Arguments that may only be given with this value."""


def found_in(source: str) -> list[str]:
    """Return what a source does that would run data as code, with its line."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            harmless = isinstance(node, ast.ImportFrom) and {alias.name for alias in node.names} <= ALLOWED_IMPORTS.get(
                names[0], set())
            found += [f"line {node.lineno}: import {name}" for name in names
                      if name.partition(".")[0] in FORBIDDEN_IMPORTS and not harmless]
        elif isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if name in FORBIDDEN_CALLS or (name.endswith(".load") and name in ("np.load", "numpy.load")
                                           and not any(word.arg == "allow_pickle" for word in node.keywords)):
                found.append(f"line {node.lineno}: {name}")
            found += [f"line {node.lineno}: {word.arg}={ast.unparse(word.value)}" for word in node.keywords
                      if word.arg in ALLOWED and getattr(word.value, "value", None) is not ALLOWED[word.arg]]
        elif isinstance(node, ast.Dict):
            found += [f"line {node.lineno}: {key.value}" for key, value in zip(node.keys, node.values, strict=True)
                      if isinstance(key, ast.Constant) and key.value in ALLOWED
                      and getattr(value, "value", None) is not ALLOWED[key.value]]
    return found


@pytest.mark.parametrize("path", sorted((ROOT / "analysis").rglob("*.py")), ids=lambda path: str(path.name))
def test_no_source_runs_data(path):
    assert found_in(path.read_text()) == []


@pytest.mark.parametrize("source", ["eval(x)", "import pickle", "from pickle import loads", "import joblib",
                                    "from joblib import load", "import yaml\nyaml.load(x)",
                                    "np.load(x)", "np.load(x, allow_pickle=True)", "torch.load(x)", "os.system(x)",
                                    "f(x, shell=True)", "f(trust_remote_code=yes)", "f({'use_safetensors': False})"])
def test_what_runs_data_is_seen(source):
    assert found_in(source)


class Bomb:
    """Makes a file where it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_files_that_try_are_refused(tmp_path):
    hacked = tmp_path / "hacked"
    packed = pickle.dumps(Bomb(hacked))
    pickle.loads(packed)
    assert hacked.exists()  # it would work
    hacked.unlink()
    array = io.BytesIO()
    np.save(array, np.array([Bomb(hacked)], dtype=object), allow_pickle=True)
    cache = store.VectorCache(tmp_path / "cache")
    cache.write("m", {"x": np.ones(3, dtype=np.float32)})
    folder = next((tmp_path / "cache").iterdir())
    for content in (packed, array.getvalue()):
        (folder / f"{hashlib.sha256(content).hexdigest()}.npy").write_bytes(content)
        assert set(cache.read("m", ["x"])) == {"x"}
    table = pa.table({"title": ["A title"]}).replace_schema_metadata({b"pandas": packed, b"ARROW:extension": packed})
    pq.write_table(table, out := io.BytesIO())
    for name, content in {"a.pkl": packed, "a.txt": packed, "a.npy": array.getvalue(), "a.json": packed,
                          "a.parquet": out.getvalue(), "a.py": b"import os; open('hacked', 'w')"}.items():
        try:
            read_papers([InputFile(name, content)])
        except InputError as error:
            assert name in str(error)
    for text in ('x = "!!python/object/apply:os.system [touch hacked]"', "import os", "a = __import__('os')"):
        for read in (read_settings, read_ledger):
            with pytest.raises(PaperThemesError):
                read(text, "x.toml")
    assert not hacked.exists()
