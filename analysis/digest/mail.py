"""The digest as a mail."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from analysis.digest.escape import plain_line
from analysis.digest.write import Digest
from analysis.schema import SettingsError

_BARE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
                   r"@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


def build_mail(digest: Digest, sender: str, recipients: Sequence[str], date: dt.datetime) -> EmailMessage:
    """Return the digest as a mail of plain text and HTML; the same one for the same arguments, byte for byte.

    Its Message-ID is made from the run and the sender's domain: a digest that is sent again is the same mail to a
    program that knows it already.

    Parameters
    ----------
    sender, recipients : str
        ``reader@example.org`` or ``A reader <reader@example.org>``.
    date : datetime
        With a zone.

    Raises
    ------
    SettingsError
        An address is none, there is no recipient, or `date` has no zone.
    """
    if date.tzinfo is None:
        raise SettingsError(f"the mail's date is {date.isoformat()}, without a zone; expected one such as "
                            "2026-03-01T06:30:00+00:00")
    if not recipients:
        raise SettingsError("the mail has no recipient; expected one address or more")
    origin = read_address(sender, "sender")
    to = tuple({str(address): address for address in (read_address(text, "recipient") for text in recipients)}.values())
    message = EmailMessage(policy=SMTP)
    message["Subject"] = plain_line(digest.subject, 200)
    message["From"], message["To"] = origin, to
    message["Date"] = date
    mark = hashlib.sha256(digest.run_id.encode("utf-8", "replace")).hexdigest()[:32]
    message["Message-ID"] = f"<paper-themes.{mark}@{origin.domain}>"
    message["List-Id"] = f"<digest.paper-themes.{origin.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(digest.plain, cte="quoted-printable")
    message.add_alternative(digest.html, subtype="html", cte="quoted-printable")
    message.set_boundary(f"=_{mark}")  # the library's own is drawn by chance
    return message


def read_address(text: str, what: str) -> Address:
    """Return a mail address in ASCII, with a name or without; a `SettingsError` where it is none."""
    name, bare = "", text.strip()
    found = re.fullmatch(r"(?P<name>[^<>]*)<(?P<bare>[^<>]*)>", bare)
    if found:
        name, bare = found["name"].strip().strip('"').strip(), found["bare"].strip()
    if not text.isprintable() or not _BARE.fullmatch(bare) or ".." in bare or len(bare) > 254:
        raise SettingsError(f"{what} is {plain_line(text, 80)!r}, expected an address such as reader@example.org or "
                            "A reader <reader@example.org>")
    user, _, domain = bare.rpartition("@")
    return Address(plain_line(name, 100), user, domain)
