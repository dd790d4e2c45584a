"""What a page was made from, inside the page, and the digest that tells whether the page is still as it was written.

The receipt is JSON at the end of the page. Its last entry is the SHA-256 of the page's bytes, in which the 64 digits of
the digest itself count as zeros. The digest tells of damage and of careless edits. Who edits the page can write a new
one, so what the page says is held to the run, and the run to its inputs, by `paper-themes verify`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any, NamedTuple

from analysis import __version__
from analysis.schema import RunError

KEPT = ("method_version", "inputs", "settings", "declared_themes", "dates_sha256", "ledger", "answers_sha256",
        "previous_run", "packages", "tables")
"""Entries of the manifest that the receipt repeats."""

PACKAGES = ("jinja2", "nbconvert", "pandas", "plotly")
"""What makes the page out of a run, beside this program."""

BEGIN = b'<script type="application/json" id="page-receipt">'
"""How the receipt begins in a page that has one."""

_OPEN = b'"page_sha256":"'
_CLOSE = b'"}</script>'
_BLANK = b"0" * 64


class Finding(NamedTuple):
    """One thing that was compared: whether it holds, and a sentence that says what was expected and what came."""

    holds: bool
    said: str


def make_receipt(run_id: str, manifest: Mapping[str, Any], run_sha256: str, made_at: str) -> dict[str, Any]:
    """Return the receipt of a page that is made from a run: what went in, how, and what came out."""
    return {"run_id": run_id, "run_sha256": run_sha256, "made_at": made_at, "page_made_with": page_packages(),
            **{name: manifest[name] for name in KEPT if name in manifest}}


def page_packages() -> dict[str, str]:
    """Return the versions of what makes a page."""
    return {"paper-themes": __version__, **{name: version(name) for name in PACKAGES}}


def receipt_script(receipt: Mapping[str, Any]) -> str:
    """Return the receipt as the element that stands in the page, its digest still blank."""
    text = json.dumps({**receipt, "page_sha256": _BLANK.decode()}, separators=(",", ":"))
    # No text of a stranger can close the element, or open another one.
    safe = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return f"{BEGIN.decode()}{safe}</script>"


def seal_page(page: str) -> str:
    """Return the page with its digest in its place."""
    content = page.encode("utf-8")
    start = _place(content)
    return (content[:start] + page_sha256(content).encode() + content[start + len(_BLANK):]).decode("utf-8")


def read_receipt(content: bytes) -> dict[str, Any]:
    """Return the receipt in a page.

    Raises
    ------
    RunError
        There is none, or more than one, or it cannot be read.
    """
    start = _place(content)
    text = content[content.index(BEGIN) + len(BEGIN):start + len(_BLANK) + len(_CLOSE) - len(b"</script>")]
    try:
        receipt = json.loads(text)
    except ValueError as error:
        raise RunError(f"its receipt cannot be read ({error}): the page was changed") from None
    missing = [name for name in ("run_id", "run_sha256", "made_at", "inputs", "settings", "tables")
               if name not in receipt]
    if missing:
        raise RunError(f"its receipt does not say {missing[0]}: it was made by another version of this program")
    return receipt


def page_sha256(content: bytes) -> str:
    """Return the SHA-256 of a page's bytes, the digest in it counted as zeros."""
    start = _place(content)
    return hashlib.sha256(content[:start] + _BLANK + content[start + len(_BLANK):]).hexdigest()


def check_page(content: bytes) -> Finding:
    """Find whether a page is, byte for byte, as it was written."""
    try:
        written, found = read_receipt(content)["page_sha256"], page_sha256(content)
    except RunError as error:
        return Finding(False, f"the page: {error}")
    if written != found:
        return Finding(False, f"the page: expected sha256 {written}, as its receipt says; came {found}: it was changed "
                              "after it was written")
    return Finding(True, f"the page: as it was written, sha256 {found}")


def check_inputs(expected: list[dict[str, Any]], found: Mapping[str, str]) -> list[Finding]:
    """Find whether each input of a run is there as it was.

    Parameters
    ----------
    expected : list of dict
        The run's inputs: name, sha256.
    found : mapping of str to str
        Name of each file that is there → its sha256. Files that the run did not know are passed over: a feed grows.
    """
    findings = []
    for entry in expected:
        came = found.get(entry["name"])
        if entry["sha256"] in found.values():
            findings.append(Finding(True, f"input {entry['name']}: sha256 {entry['sha256']}"))
        else:
            findings.append(Finding(False, f"input {entry['name']}: expected sha256 {entry['sha256']}, came "
                                           f"{came or 'no file of that name or content'}"))
    return findings


def check_same(what: str, expected: Mapping[str, Any], came: Mapping[str, Any]) -> list[Finding]:
    """Find which entries differ; one finding says it where none does."""
    different = [Finding(False, f"{what} {name}: expected {_shown(expected.get(name))}, came {_shown(came.get(name))}")
                 for name in sorted(expected.keys() | came.keys()) if expected.get(name) != came.get(name)]
    return different or [Finding(True, f"{what}: {len(expected)} of {len(expected)} the same")]


def check_remade(content: bytes, again: bytes, made_with: Mapping[str, str]) -> list[Finding]:
    """Find whether a page is the one that its run gives, made again at the same moment."""
    if content == again:
        return [Finding(True, "the page: byte for byte what the run gives")]
    line = next((number for number, (one, other) in enumerate(
        zip(content.splitlines(), again.splitlines(), strict=False), start=1) if one != other), 0)
    here = page_packages()
    others = [f"{name} {made_with[name]} then, {here.get(name)} now" for name in made_with
              if made_with[name] != here.get(name)]
    return [Finding(False, f"the page: expected what the run gives, {len(again):,} bytes with sha256 "
                           f"{page_sha256(again)}; came {len(content):,} bytes with sha256 {page_sha256(content)}; "
                           f"they part in line {line}" + (f" ({'; '.join(others)})" if others else ""))]


def _place(content: bytes) -> int:
    """Return where the digest's digits begin."""
    if content.count(BEGIN) != 1 or content.count(_OPEN) != 1:
        raise RunError("it has no receipt, or a damaged one; expected one at its end: the page was changed, or made by "
                       "another version of this program")
    start = content.index(_OPEN) + len(_OPEN)
    if start < content.index(BEGIN) or content[start + len(_BLANK):][:len(_CLOSE)] != _CLOSE:
        raise RunError("its receipt is damaged: expected it to end with the page's sha256; the page was changed")
    return start


def _shown(value: Any) -> str:
    text = json.dumps(value, sort_keys=True)
    return text if len(text) <= 200 else f"{text[:200]}…"
