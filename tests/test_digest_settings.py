"""The digest's settings: what cannot be is refused, and the message says where."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analysis.digest import DigestSettings, MailSettings, read_digest_settings
from analysis.schema import SettingsError

URL = "https://example.org/report.html"
FULL = """
[digest]
k = 5
report_url = "https://example.org/report.html"
[mail]
host = "smtp.example.org"
sender = "Digest <digest@example.org>"
recipients = ["a@example.org"]
"""


def test_settings() -> None:
    assert read_digest_settings("", "x") == DigestSettings()
    mail = MailSettings("smtp.example.org", "Digest <digest@example.org>", ("a@example.org",), 587, "starttls")
    assert read_digest_settings(FULL, "x") == DigestSettings(5, URL, mail)
    tls = read_digest_settings(FULL + 'security = "tls"', "x").mail
    assert tls is not None and tls.port == 465


def test_the_settings_that_come_with_the_program() -> None:
    text = (Path(__file__).parents[1] / "data/curated/digest.toml").read_text(encoding="utf-8")
    assert read_digest_settings(text, "digest.toml") == DigestSettings()
    block = text[text.index("# [mail]"):].replace("# ", "")
    mail = read_digest_settings(block, "digest.toml").mail
    assert mail is not None and mail.port == 587 and mail.recipients == ("reader@example.org",)


@pytest.mark.parametrize(("text", "told"), [
    ("[digest]\nK = 3", "unknown key 'K'"), ("[other]", "unknown block"), ("k = 3", "unknown block or key 'k'"),
    ("digest = 3", "expected a block"), ("[digest", "not valid TOML"), ("[digest]\nk = 0", "k is 0"),
    ("[digest]\nk = true", "expected int"), ("[digest]\nreport_url = 'javascript:x'", "report_url"),
    ("[mail]\nhost = 'x'", "no 'sender'"), (FULL + "password = 'x'", "unknown key 'password'"),
    (FULL + "security = 'ssl'", "security is 'ssl'"), (FULL + "port = 0", "port is 0"),
    (FULL + "port = 99999", "port is 99999"), (FULL.replace("smtp.", "smtp/"), "host is"),
    (FULL.replace('["a@example.org"]', '"a@example.org"'), "list of texts"),
    (FULL.replace('["a@example.org"]', "[]"), "recipients is empty"), (FULL.replace('"a@', '"a'), "recipient is"),
])
def test_settings_that_cannot_be(text: str, told: str) -> None:
    with pytest.raises(SettingsError, match=re.escape(told)) as caught:
        read_digest_settings(text, "digest.toml")
    assert str(caught.value).startswith("digest.toml: ")
