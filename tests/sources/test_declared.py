"""What a person declares, and how mistakes are told."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from analysis.schema import SettingsError
from analysis.sources import Source, read_sources

ROOT = Path(__file__).resolve().parents[2]


def test_sources_are_read_in_their_order() -> None:
    found = read_sources('contact = "me@example.org"\n[[source]]\nname = "b"\nprovider = "hugging-face"\n'
                         '[[source]]\nname = "a"\nprovider = "arxiv"\nquery = "cat:cs.CL"\nmost = 7\n', "here")
    assert found == (Source("b", "hugging-face", contact="me@example.org"),
                     Source("a", "arxiv", "cat:cs.CL", most=7, contact="me@example.org"))
    assert read_sources("", "here") == ()


def test_the_file_that_comes_with_the_program_is_good() -> None:
    path = ROOT / "data" / "curated" / "sources.toml"
    text = path.read_text(encoding="utf-8")
    assert read_sources(text, path.name)
    examples = "\n".join(re.findall(r"^(?:# )?(\[\[source\]\]|[a-z]+ = .*)$", text, re.M))
    assert {source.provider for source in read_sources(examples, "examples")} == {
        "hugging-face", "arxiv", "oai", "openalex", "semantic-scholar", "feed", "acl"}


HF = '[[source]]\nname = "a"\nprovider = "hugging-face"\n'


@pytest.mark.parametrize(("text", "sentence"), [
    ("[[source", "not valid TOML"), ("[sources]", "unknown block 'sources'"), ("[source]", "double brackets"),
    ("contact = 3", "contact is 3"), ('[[source]]\nname = "a"', "has no 'provider'"),
    (HF + "color = 1", "unknown key 'color'"), (HF + 'most = "7"', "most of a .* expected int"),
    (HF + "most = true", "expected int"), (HF + "most = 0", "most is 0"), (HF + "days = 0", "days is 0"),
    (HF + HF, "'a' stands twice"),
    ('[[source]]\nname = "A b"\nprovider = "arxiv"', "cannot name a folder"),
    ('[[source]]\nname = "../a"\nprovider = "arxiv"', "cannot name a folder"),
    ('[[source]]\nname = "inbox"\nprovider = "arxiv"', "cannot name a folder"),
    ('[[source]]\nname = "a"\nprovider = "scopus"', "expected one of hugging-face, arxiv"),
    ('[[source]]\nname = "a"\nprovider = "arxiv"', "has no 'query', which arxiv needs"),
    ('[[source]]\nname = "a"\nprovider = "feed"', "has no 'url', which feed needs"),
    (HF + 'url = "file:///etc/passwd"', "no http or https address"),
    (HF + 'url = "https://me:secret@example.org/"', "holds a user name"),
    (HF + 'query = "a\\nb"', "query holds a line end"),
    ('contact = "me@example.org\\r\\nX: y"\n' + HF, "contact holds a line end"),
    ('contact = "me"\n' + HF, "expected a mail address"),
])
def test_mistakes_are_told_with_their_place(text: str, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence) as error:
        read_sources(text, "sources.toml")
    assert str(error.value).startswith("sources.toml: ") and "secret" not in str(error.value)


def test_what_a_sidecar_is_told_holds_no_secret() -> None:
    source = Source("blog", "feed", url="https://blog.example/feed?api_key=planted-4711", licence="CC-BY-4.0")
    about = source.about(dt.date(2025, 6, 1), dt.date(2025, 6, 2))
    assert about == {"source": "blog", "provider": "feed", "query": "", "url": "https://blog.example/feed?api_key=hidden",
                     "licence": "CC-BY-4.0", "since": "2025-06-01", "until": "2025-06-02"}
    assert Source("a", "arxiv", "cat:cs.CL").about()["licence"] == "CC0-1.0"
    assert Source("a", "hugging-face").about()["licence"] is None
    assert Source("a", "openalex", "x").key_variable == "PAPER_THEMES_OPENALEX_KEY"
