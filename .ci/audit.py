"""What this project is made of, and whether it can be trusted to be that: `make audit`. No network is needed.

Held to their rules: every pin of the locks (a hash each, no address), what is installed (as locked), the bundled
model's weights, and the actions of the workflow that `paper-themes schedule github` writes (by commit). Told: the
licence of every package, and a list of all parts in CycloneDX's format. Both go to ``build/``.
"""

from __future__ import annotations

import json
import re
import sys
import uuid
from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from analysis import __version__  # noqa: E402
from analysis.embed import BUNDLED_MODEL, BUNDLED_SHA256, bundled_model  # noqa: E402
from analysis.schedule import schedule_files  # noqa: E402
from analysis.schema import PaperThemesError  # noqa: E402

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-cuda.lock", "requirements-cpu.lock")
COPYLEFT = re.compile(r"\b(A?GPL|LGPL|GNU|MPL|EPL|CDDL)", re.I)


def main() -> int:
    """Write the lists, print a line for each check, and return 1 where one fails."""
    locked = {name: pin for lock in LOCKS for name, pin in read_lock((ROOT / lock).read_text()).items()}
    installed = {normal(one.metadata["Name"]): one for one in distributions() if normal(one.metadata["Name"]) in locked}
    licences = {name: licence_of(one) for name, one in sorted(installed.items())}
    workflow = schedule_files("github", every="day", at="06:30", folder=".", command=["paper-themes", "refresh"],
                              secrets=[])
    written = [*workflow.values(), *(path.read_text() for path in sorted((ROOT / ".github").rglob("*.yml")))]
    texts = [(ROOT / lock).read_text() for lock in LOCKS]
    checks = {
        f"{len(locked)} pins with hashes": [fault for text in texts for fault in lock_faults(text)],
        f"{len(installed)} packages installed as locked": [
            f"{name} {one.version} is installed, {locked[name]['version']} is locked"
            for name, one in sorted(installed.items()) if one.version.partition("+")[0] != locked[name]["version"]],
        "the bundled model's weights": model_faults(),
        "actions by commit": [fault for text in written for fault in action_faults(text)],
    }
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    (build / "sbom.json").write_text(json.dumps(sbom(locked, licences), indent=1) + "\n")
    (build / "licences.md").write_text(licence_list(installed, licences))
    for what, faults in checks.items():
        print(f"{'FAILS' if faults else 'holds'}  {what}" + "".join(f"\n       {fault}" for fault in faults))
    unknown = [name for name, licence in licences.items() if not licence]
    bound = sorted(name for name, licence in licences.items() if COPYLEFT.search(licence))
    print(f"told   {len(licences)} licences in build/licences.md, {len(unknown)} unknown; with terms for derived "
          f"works: {', '.join(bound) or 'none'}")
    print(f"told   {len(locked)} parts in build/sbom.json")
    return int(any(checks.values()))


def normal(name: str) -> str:
    """Return a package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_lock(text: str) -> dict[str, dict[str, Any]]:
    """Return the pins of a lock: name → version and hashes."""
    found = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;\\+]+)[^\n]*((?:\n    --hash=sha256:[0-9a-f]{64}[^\n]*)*)", text,
                       re.M)
    return {normal(name): {"version": pin, "sha256": re.findall(r"sha256:(\w+)", hashes)}
            for name, pin, hashes in found}


def lock_faults(text: str) -> list[str]:
    """Return what a lock leaves open: a pin without a hash, a line that is no pin, an address."""
    faults = [f"{name} has no hash" for name, pin in read_lock(text).items() if not pin["sha256"]]
    for line in text.splitlines():
        is_pin = re.match(r"[A-Za-z0-9._-]+==\S+( ;.*)?( \\)?$|    --hash=sha256:[0-9a-f]{64}( \\)?$|#|$", line)
        if not is_pin or "://" in line and not line.startswith("#"):
            faults.append(f"{line.strip()[:80]!r} is no pin")
    return faults


def action_faults(text: str) -> list[str]:
    """Return the actions of a workflow that are not named by a commit: a tag can be moved to other code."""
    return [f"{used} is not named by a commit" for used in re.findall(r"uses:\s*(\S+)", text)
            if not re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", used)]


def model_faults() -> list[str]:
    """Return why the bundled model is not the one that this project was measured with."""
    try:
        bundled_model()
    except PaperThemesError as error:
        return [str(error)]
    return []


def licence_of(one: Distribution) -> str:
    """Return the licence that a package names: its expression, its classifiers, or the first line that it gives."""
    told = one.metadata  # asked with `get`: the backport of the library, where it is loaded, raises for what it lacks
    classified = [line.rpartition(":: ")[2] for line in told.get_all("Classifier") or []
                  if line.startswith("License ::")]
    first = (told.get("License") or "").strip().partition("\n")[0][:80]
    by_class = " and ".join(classified) if classified != ["OSI Approved"] else ""
    return told.get("License-Expression") or by_class or first


def licence_list(installed: Mapping[str, Distribution], licences: Mapping[str, str]) -> str:
    """Return the licences as a table."""
    rows = [f"| {name} | {installed[name].version} | {licence.replace('|', '/') or 'not told'} |"
            for name, licence in licences.items()]
    return "\n".join(["# Licences", "", "| package | version | licence |", "|---|---|---|", *rows, ""])


def sbom(locked: Mapping[str, Mapping[str, Any]], licences: Mapping[str, str]) -> dict[str, Any]:
    """Return the list of parts (CycloneDX 1.6): every pin with its hashes, and the model's weights.

    The same parts are the same list, byte for byte: it has no date, and its number rests on what it holds.
    """
    components = list(_components(locked, licences))
    return {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "serialNumber": uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(components)).urn,
        "metadata": {"component": {"type": "application", "name": "paper-themes", "version": __version__,
                                   "licenses": [{"license": {"id": "MIT"}}]}},
        "components": components,
    }


def _components(locked: Mapping[str, Mapping[str, Any]], licences: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for name, pin in sorted(locked.items()):
        address = f"pkg:pypi/{name}@{pin['version']}"
        part = {"type": "library", "bom-ref": address, "name": name, "version": pin["version"], "purl": address,
                "hashes": [{"alg": "SHA-256", "content": sha} for sha in pin["sha256"]]}
        yield part | ({"licenses": [{"license": {"name": licences[name]}}]} if licences.get(name) else {})
    yield {"type": "machine-learning-model", "bom-ref": f"model:{BUNDLED_MODEL}", "name": BUNDLED_MODEL,
           "hashes": [{"alg": "SHA-256", "content": BUNDLED_SHA256}]}


if __name__ == "__main__":
    sys.exit(main())
