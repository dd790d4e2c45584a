"""The digest as an Atom feed of one entry (RFC 4287)."""

from __future__ import annotations

import datetime as dt
import uuid
from xml.etree import ElementTree as ET

from analysis import __version__
from analysis.digest.contents import Contents
from analysis.digest.escape import plain_line
from analysis.schema import SettingsError

_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "paper-themes")


def moment(made_at: str) -> str:
    """Return a moment in ISO 8601 as Atom and people want it, in UTC and to the second.

    Raises
    ------
    SettingsError
        It is no moment.
    """
    try:
        when = dt.datetime.fromisoformat(made_at)
        when = when.replace(tzinfo=dt.UTC) if when.tzinfo is None else when.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise SettingsError(f"made_at is {plain_line(made_at, 60)!r}, expected a moment such as "
                            "2026-03-01T06:30:00+00:00") from None
    return when.isoformat(timespec="seconds")


def atom_feed(contents: Contents, body: str, link: str, made: str) -> str:
    """Return the feed: one entry, named after the run, so that a reader sees each run once.

    Parameters
    ----------
    body : str
        The entry's HTML.
    link : str
        Address of the report; empty for none.
    made : str
        As `moment` gives it.
    """
    feed = ET.Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": "en"})
    _say(feed, "id", uuid.uuid5(_NAMESPACE, f"feed {link or contents.title}").urn)
    _say(feed, "title", contents.title)
    _say(feed, "updated", made)
    _say(ET.SubElement(feed, "author"), "name", contents.title)
    _say(feed, "generator", "Paper Themes", version=__version__)
    entry = ET.SubElement(feed, "entry")
    _say(entry, "id", uuid.uuid5(_NAMESPACE, f"run {contents.run_id}").urn)
    _say(entry, "title", contents.subject)
    _say(entry, "updated", made)
    for part in (feed, entry) if link else ():
        ET.SubElement(part, "link", {"rel": "alternate", "type": "text/html", "href": link})
    _say(entry, "summary", " ".join(contents.lead))
    _say(entry, "content", body, type="html")
    ET.indent(feed)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(feed, encoding="unicode") + "\n"


def _say(parent: ET.Element, tag: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, tag, attributes).text = text
