"""Resolve pyproject.toml into locks with hashes: the program, its checks, and the two ways torch is built.

Run as `make lock` (pins stay as they are) or `make lock UPGRADE=--upgrade`. Nothing large is downloaded: the resolver
reads metadata only.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON_VERSION = "3.11.5"

LOCKS = {
    "requirements.lock": "What the program needs.",
    "requirements-dev.lock": "What its checks need besides.",
    "requirements-cuda.lock": "What torch needs besides, where the build that was installed asks for it (Linux, CUDA).",
    "requirements-cpu.lock": "Torch without CUDA, taken first where pip is told of a folder or an index that has it.",
}
TORCH_CPU = (
    "torch==2.13.0+cpu ; sys_platform == 'linux' and platform_machine == 'x86_64' and python_version == '3.11'",
    ["6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b"],
)
"""Pin and hashes of the build without CUDA; another Python or machine adds its file's hash and widens the marker."""


def main(arguments: list[str]) -> None:
    """Write the locks beside pyproject.toml."""
    resolved = [ROOT / name for name in LOCKS if name != "requirements-cpu.lock"]
    pins = "".join(path.read_text() for path in resolved if path.exists())
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        venv.create(scratch / "venv", with_pip=True)
        python = scratch / "venv/bin/python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", "uv"], check=True)
        program = _resolve(scratch, pins, arguments)
        everything = _resolve(scratch, pins, ["--extra", "dev", *arguments])
    program = {name: everything[name] for name in program}
    cuda = {name: block for name, block in everything.items() if re.match(r"nvidia-|cuda-|triton$", name)}
    pin, shas = TORCH_CPU
    hashes = "".join(f" \\\n    --hash=sha256:{sha}" for sha in shas)
    program["torch"] += hashes
    blocks = {
        "requirements.lock": {name: block for name, block in program.items() if name not in cuda},
        "requirements-dev.lock": {name: block for name, block in everything.items() if name not in program},
        "requirements-cuda.lock": cuda,
        "requirements-cpu.lock": {"torch": pin + hashes},
    }
    for name, meaning in LOCKS.items():
        text = f"# {meaning} Made by `make lock`; not edited by hand.\n" + "\n".join(blocks[name].values()) + "\n"
        (ROOT / name).write_text(text)
        print(f"{name}: {len(blocks[name])} packages")


def _resolve(scratch: Path, pins: str, arguments: list[str]) -> dict[str, str]:
    """Return name → lock block (pin, marker, hashes) of every package, keeping `pins` where they still fit."""
    lock = scratch / "all.txt"
    lock.write_text(pins)
    command = [scratch / "venv/bin/uv", "pip", "compile", "--universal", "--python-version", PYTHON_VERSION,
               "--generate-hashes", "--no-header", "--no-annotate", "--no-config", "--quiet", "--output-file", lock]
    subprocess.run([*command, *arguments, ROOT / "pyproject.toml"], check=True)
    blocks = re.findall(r"^[a-z0-9][^\n]*(?:\n    --hash[^\n]*)*", lock.read_text(), flags=re.MULTILINE)
    named: dict[str, str] = {}
    for block in blocks:
        name = block.split("==")[0]
        named[name] = f"{named[name]}\n{block}" if name in named else block
    return named


if __name__ == "__main__":
    main(sys.argv[1:])
