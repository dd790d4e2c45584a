"""One environment, told in four places that must agree: pyproject.toml, the locks, environment.yml, the Makefile."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
LOCKS = sorted(path.name for path in ROOT.glob("requirements*.lock"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / lock).read_text(), flags=re.MULTILINE))


def named(requirement: str) -> str:
    return re.split(r"[<>=!~ ;\[]", requirement)[0].lower()


def test_conda_installs_the_same_locks() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert environment["name"] == PROJECT["name"] == "paper-themes"
    *conda, pip = environment["dependencies"]
    assert pip["pip"] == ["-r requirements.lock", "-r requirements-cuda.lock"]
    assert conda == ["python=3.11", "pip"], "every other package comes from the lock"
    assert PROJECT["requires-python"].startswith(">=3.11")
    assert f'PYTHON_VERSION = "{PROJECT["requires-python"][2:]}"' in (ROOT / ".ci/lock.py").read_text()


def test_every_dependency_is_locked() -> None:
    locked = pins("requirements.lock")
    assert {named(requirement) for requirement in PROJECT["dependencies"]} <= set(locked)
    development = PROJECT["optional-dependencies"]["dev"]
    assert {named(requirement) for requirement in development} <= set(pins("requirements-dev.lock")) | set(locked)


def test_no_package_is_locked_twice() -> None:
    both = [name for lock in LOCKS if lock != "requirements-cpu.lock" for name in pins(lock)]
    assert len(both) == len(set(both))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    blocks = re.split(r"\n(?=[a-z])", text.split("\n", 1)[1])
    assert blocks and all(re.search(r"--hash=sha256:[0-9a-f]{64}", block) for block in blocks)
    assert "://" not in text and "--index" not in text and "--find-links" not in text


def test_both_builds_of_torch_are_locked() -> None:
    cpu = (ROOT / "requirements-cpu.lock").read_text()
    assert pins("requirements-cpu.lock")["torch"] == pins("requirements.lock")["torch"] + "+cpu"
    torch = re.search(r"^torch==.*?(?=^\S)", (ROOT / "requirements.lock").read_text() + "end", re.M | re.S)
    assert torch is not None
    assert set(re.findall(r"sha256:(\w+)", cpu)) < set(re.findall(r"sha256:(\w+)", torch[0]))


def test_make_explains_itself() -> None:
    text = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    makefile = (ROOT / "Makefile").read_text().replace("\\\n", " ")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, flags=re.MULTILINE)
    assert phony is not None
    for target in phony[1].split():
        assert re.search(rf"^  {target} +\S", text, flags=re.MULTILINE), f"make help does not tell of {target}"


def test_the_pictures_of_the_readme_are_there_and_small() -> None:
    shown = set(re.findall(r"figures/gallery/[a-z]+\.jpg", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert len(shown) >= 5 and shown == {f"figures/gallery/{path.name}" for path in ROOT.glob("figures/gallery/*")}
    assert all((ROOT / path).stat().st_size <= 250_000 for path in shown), "take them anew: `make gallery`"
