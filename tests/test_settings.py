"""Settings: what is not known or out of range is told, never passed over."""

from __future__ import annotations

import pytest

from analysis.schema import SettingsError
from analysis.settings import DeclaredTheme, Settings, read_declared_themes, read_settings

THEME = '[[theme]]\nkey = "b"\nname = " B "\nsentence = "About b."\ninclude = ["bee"]\n'


def test_a_file_and_overrides() -> None:
    settings = read_settings('detail = 1\ntitle = "Mine"\n', "s.toml", title="Ours", as_of=None)
    assert settings == Settings(detail=1.0, title="Ours")
    assert isinstance(settings.detail, float)
    assert read_settings("", "s.toml") == Settings()
    assert read_settings("", "s.toml", as_of="2025-06-30").as_dict()["as_of"] == "2025-06-30"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("detial = 0.5", "s.toml: unknown setting 'detial'; known settings are model, detail"),
        ("detail = '0.5'", "s.toml: detail is '0.5', expected float"),
        ("n_resamples = true", "s.toml: n_resamples is True, expected int"),
        ("detail = 2", "detail is 2.0, expected a number from 0"),
        ("detail = nan", "detail is nan, expected a number from 0"),
        ("max_placements = 0", "max_placements is 0, expected 1, 2 or 3"),
        ("n_resamples = 1", "n_resamples is 1, expected 2 or more"),
        ("period = 'decade'", "period is 'decade', expected one of auto, day"),
        ("as_of = '2025-13-01'", "as_of is '2025-13-01', expected a day such as 2025-06-30"),
        ("detail =", "s.toml: not valid TOML"),
        ("names_budget = -1", "names_budget is -1, expected 0 to 10000"),
        ("names_timeout = 0", "names_timeout is 0.0, expected more than 0"),
        ("names_timeout = nan", "names_timeout is nan, expected more than 0"),
        ("names_url = 'http://localhost:8080/v1'", "names_url is set and names_model is not"),
        *[(f"names_model = 'm'\nnames_url = {url!r}", "names_url is no http or https address; expected an address")
          for url in ("localhost:8080", "file:///etc/passwd", "http://", "http://[::1", "http://h:99999", "http://a b",
                      "http://hôte/v1", "//host/v1")],
        *[(f"names_model = 'm'\nnames_url = {url!r}", "names_url holds a user name, a password, a query or a fragment")
          for url in ("http://me:hush@host/v1", "http://me@host/v1", "https://host/v1?key=hush", "https://host/v1#hush")],
    ],
)
def test_what_cannot_be_used_is_told(text: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=reason.replace("'", "['\"]")) as error:
        read_settings(text, "s.toml")
    assert "hush" not in str(error.value)


def test_how_a_server_is_reached_is_no_part_of_a_run() -> None:
    settings = Settings(names_url="https://host/v1", names_model="m", names_timeout=3.0)
    assert Settings(names_url="http://[::1]:8080/v1", names_model="m").as_dict() == settings.as_dict()
    assert "host" not in str(settings.as_dict()) and settings.as_dict()["names_model"] == "m"


def test_declared_themes_come_in_order_of_their_keys() -> None:
    text = THEME + '[[theme]]\nkey = "a"\nname = "A"\nsentence = "About a."\n'
    first, second = read_declared_themes(text, "t.toml")
    assert first == DeclaredTheme("a", "A", "About a.")
    assert second == DeclaredTheme("b", "B", "About b.", include=("bee",))
    assert read_declared_themes("", "t.toml") == ()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (THEME + THEME, "theme key 'b' stands twice"),
        ('[[theme]]\nname = "A"\nsentence = "s"\n', "has no 'key'"),
        ('[[theme]]\nkey = " "\nname = "A"\nsentence = "s"\n', "has no 'key'"),
        (THEME + 'colour = "red"\n', "unknown key 'colour'"),
        (THEME.replace('["bee"]', '"bee"'), "'include' of theme 'b' is 'bee', expected a list of texts"),
        ("[theme]\nkey = 'a'\n", "double brackets"),
        ("[[themes]]\nkey = 'a'\n", "unknown block 'themes'"),
    ],
)
def test_a_broken_declaration_is_told(text: str, reason: str) -> None:
    with pytest.raises(SettingsError, match=f"t.toml: .*{reason}"):
        read_declared_themes(text, "t.toml")
