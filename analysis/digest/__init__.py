"""A run → one page of news: what is new, what changed, what to read; as HTML mail, plain text, Markdown and Atom.

`contents` picks what to say, as plain sentences; the writers say it in their own language, and escape all of it.
"""

from analysis.digest.contents import Contents, Item, Section, gather_contents
from analysis.digest.mail import build_mail
from analysis.digest.settings import DigestSettings, MailSettings, read_digest_settings
from analysis.digest.write import Digest, write_digest

__all__ = [
    "Contents", "Digest", "DigestSettings", "Item", "MailSettings", "Section", "build_mail", "gather_contents",
    "read_digest_settings", "write_digest",
]
