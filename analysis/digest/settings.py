"""What a person decides about the digest: how much to read, where the report lies, who gets it by mail."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from dataclasses import dataclass
from typing import Any

from analysis.digest.escape import safe_link
from analysis.digest.mail import read_address
from analysis.schema import SettingsError

SECURITY = {"starttls": 587, "tls": 465, "none": 25}
"""Ways to a mail server, with the port that each has unless another is named."""

MOST_TO_READ = 25


@dataclass(frozen=True)
class MailSettings:
    """How the digest is sent. The login is no setting: it comes from the environment.

    Parameters
    ----------
    host : str
    port : int
        0: the usual one of `security`, which then stands here.
    security : str
        ``starttls``, ``tls`` or ``none``.
    sender : str
    recipients : tuple of str
    """

    host: str
    sender: str
    recipients: tuple[str, ...]
    port: int = 0
    security: str = "starttls"

    def __post_init__(self) -> None:
        if self.security not in SECURITY:
            raise SettingsError(f"security is {self.security!r}, expected one of {', '.join(SECURITY)}")
        if not re.fullmatch(r"[A-Za-z0-9.-]+|[0-9A-Fa-f:.]+", self.host):
            raise SettingsError(f"host is {self.host!r}, expected the name of a mail server such as smtp.example.org")
        if not 0 <= self.port <= 65535:
            raise SettingsError(f"port is {self.port}, expected 1 to 65535")
        if not self.recipients:
            raise SettingsError("recipients is empty, expected one address or more")
        read_address(self.sender, "sender")
        for recipient in self.recipients:
            read_address(recipient, "recipient")
        object.__setattr__(self, "port", self.port or SECURITY[self.security])


@dataclass(frozen=True)
class DigestSettings:
    """What the digest depends on besides its run.

    Parameters
    ----------
    k : int
        Most papers to read.
    report_url : str
        Where readers find the whole report; empty for nowhere.
    mail : MailSettings or None
        None: no mail is sent.
    """

    k: int = 7
    report_url: str = ""
    mail: MailSettings | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.k <= MOST_TO_READ:
            raise SettingsError(f"k is {self.k}, expected 1 to {MOST_TO_READ} papers")
        if self.report_url and not safe_link(self.report_url):
            raise SettingsError("report_url is no plain http or https address of at most 500 characters; expected one "
                                "such as https://example.org/report.html")


def read_digest_settings(text: str, where: str) -> DigestSettings:
    """Return the settings that a TOML text gives in its blocks ``[digest]`` and ``[mail]``.

    Raises
    ------
    SettingsError
        The text is not TOML, or a block, a key or a value is not one of these settings.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{where}: not valid TOML ({error}); mend that line and run again") from None
    for name, block in values.items():
        if name not in ("digest", "mail"):
            raise SettingsError(f"{where}: unknown block or key {name!r}; expected [digest] and [mail]")
        if not isinstance(block, dict):
            raise SettingsError(f"{where}: {name!r} is {block!r}, expected a block [{name}]")
    digest = _checked(values.get("digest", {}), "digest", {"k": int, "report_url": str}, where)
    kinds = {field.name: {"port": int, "recipients": tuple}.get(field.name, str)
             for field in dataclasses.fields(MailSettings)}
    mail = _checked(values["mail"], "mail", kinds, where) if "mail" in values else None
    for key in ("host", "sender", "recipients"):
        if mail is not None and key not in mail:
            raise SettingsError(f"{where}: [mail] has no {key!r}; it needs host, sender and recipients")
    if mail is not None and mail.get("port") == 0:
        raise SettingsError(f"{where}: port is 0, expected 1 to 65535")
    try:
        return DigestSettings(**digest, mail=MailSettings(**mail) if mail is not None else None)
    except SettingsError as error:
        raise SettingsError(f"{where}: {error}") from None


def _checked(block: dict[str, Any], name: str, kinds: dict[str, type], where: str) -> dict[str, Any]:
    checked = {}
    for key, value in block.items():
        if key not in kinds:
            raise SettingsError(f"{where}: unknown key {key!r} in [{name}]; known keys are {', '.join(kinds)}")
        if kinds[key] is tuple:
            if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                raise SettingsError(f"{where}: {key} in [{name}] is {value!r}, expected a list of texts")
            value = tuple(value)
        if type(value) is not kinds[key]:
            raise SettingsError(f"{where}: {key} in [{name}] is {value!r}, expected {kinds[key].__name__}")
        checked[key] = value
    return checked
