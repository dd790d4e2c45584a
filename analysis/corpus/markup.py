"""Marked-up text: saved web pages, Atom and RSS feeds, OAI-PMH, the ACL Anthology's XML, Zotero's RDF."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, tostring

from analysis.corpus.objects import parse_json, parse_objects
from analysis.corpus.page import parse_page
from analysis.corpus.records import Dropped, Parsed, excerpt
from analysis.schema import InputError

_READS = "Atom, RSS, OAI-PMH, the ACL Anthology's XML or Zotero's RDF"
DEEPEST = 256
"""Elements of a web page that may stand inside each other; real pages have a hundred."""

_HEADINGS = ("h1", "h2", "h3", "h4")
_NO_CHARACTER = re.compile(r"&#(?=\d{8})")
_NO_SECTION = re.compile(r"<!\[(?!(?:CDATA\[|(?:if|else|endif)\b))", re.I)
"""What the parser trips over and no page means: the number of no character, and a marked section of no kind."""
_ANNOUNCED = re.compile(r"^arXiv:\S+\s+Announce Type:.*?\bAbstract:\s*", re.S)


def parse_html(source: str, text: str) -> Parsed:
    """Return the papers of a saved web page: from the data in it, else its articles, else what it shows as text.

    Raises
    ------
    InputError
        Its elements are nested too deeply.
    """
    page = _parse_html(source, _without_open_ends(text))
    if _is_deep(page):
        raise InputError(f"{source}: a web page whose elements are nested more than {DEEPEST} deep; copy what it shows "
                         "as text")
    for holder in page.select("[data-props]"):
        try:
            held = json.loads(str(holder["data-props"]))
        except (ValueError, RecursionError):
            continue
        papers = held.get("dailyPapers") if isinstance(held, dict) else None
        if isinstance(papers, list) and papers:
            return parse_json(source, papers)
    articles = page.find_all("article")
    if any(article.find(_HEADINGS) for article in articles):
        return parse_objects(source, ((f"article {number}", number, _article(article))
                                      for number, article in enumerate(articles, start=1)))
    for hidden in page(["script", "style", "noscript", "template"]):
        hidden.decompose()
    return parse_page(source, page.get_text("\n"))


def parse_xml(source: str, text: str) -> Parsed:
    """Return the papers of an XML file.

    Raises
    ------
    InputError
        It is no XML, declares entities, or is of a kind that is not read.
    """
    import defusedxml.ElementTree

    try:
        root = defusedxml.ElementTree.fromstring(re.sub(r"^\s*<\?xml[^>]*\?>", "", text))
    except Exception as error:  # broken, or with entities, which could unfold without end
        reason = excerpt(str(error)) or type(error).__name__
        raise InputError(f"{source}: XML that cannot be read ({reason}); fetch or export it again") from None
    kind = _name(root)
    if kind in ("feed", "rss") or (kind == "RDF" and any(_name(child) == "item" for child in root)):
        return parse_objects(source, _feed(source, root, text))
    if kind == "OAI-PMH":
        return parse_objects(source, _oai(root))
    if kind == "collection":
        return parse_objects(source, _anthology(root))
    if kind == "RDF":
        return parse_objects(source, _zotero(root))
    raise InputError(f"{source}: XML whose outermost element is {kind!r}, which is not read; expected {_READS}")


def _parse_html(source: str, text: str) -> Any:
    from bs4 import BeautifulSoup
    from bs4.exceptions import ParserRejectedMarkup

    try:
        return BeautifulSoup(_NO_SECTION.sub("&lt;![", _NO_CHARACTER.sub("&amp;#", text)), "html.parser")
    except ParserRejectedMarkup as error:
        reason = excerpt(str(error).strip().rpartition("\n")[2])
        raise InputError(f"{source}: markup that cannot be read ({reason}); copy what it shows as text") from None


def _without_open_ends(text: str) -> str:
    """Return a page in which what opens and never closes is text: the parser would look for each end to the last."""
    for opening, closing in (("<!--", "-->"), ("<![", "]>"), ("<", ">")):
        end = text.rfind(closing) + len(closing) if closing in text else 0
        text = text[:end] + text[end:].replace(opening, opening.replace("<", "&lt;"))
    return text


def _is_deep(page: Any) -> bool:
    """Tell whether elements are nested deeper than `DEEPEST`: every one is looked into once for each that holds it."""
    level = [page]
    for _ in range(DEEPEST):
        level = [child for element in level for child in element.contents if hasattr(child, "contents")]
    return bool(level)


def _article(article: Any) -> dict[str, str]:
    heading = article.find(_HEADINGS)
    if heading is None:
        return {"title": "", "abstract": article.get_text(" ", strip=True)}
    link = heading.find("a", href=True) or article.find("a", href=True)
    address = str(link["href"]) if link else ""
    if address.startswith("/papers/"):
        address = f"https://huggingface.co{address}"
    when = article.find("time", attrs={"datetime": True})
    paragraphs = [paragraph.get_text(" ", strip=True) for paragraph in article.find_all("p")]
    return {"title": heading.get_text(" ", strip=True), "abstract": max(paragraphs, key=len, default=""),
            "url": address, "date": str(when["datetime"]) if when else ""}


def _take_out_nested(root: Element) -> list[Element]:
    """Take entries that stand inside another one out of a feed, and return them: feeds' readers would mix the two."""
    nested: list[Element] = []
    left = [(root, False)]
    while left:
        element, is_inside = left.pop()
        for child in list(element):
            is_entry = _name(child) in ("item", "entry")
            if is_entry and is_inside:
                element.remove(child)
                nested.append(child)
            left.append((child, is_inside or is_entry))
    return nested


def _feed(source: str, root: Element, text: str) -> Iterator[tuple[str, int, Any]]:
    import feedparser

    nested = _take_out_nested(root)
    for element in nested:
        yield "inside an entry", 0, Dropped("", "", 0, "unreadable", "an entry inside another", excerpt(_text(element)))
    if nested:
        text = tostring(root, encoding="unicode")
    try:
        entries = feedparser.parse(text.encode()).entries
    except Exception as error:  # the library documents no kind
        raise InputError(f"{source}: a feed that cannot be read ({excerpt(str(error))}); fetch it again") from None
    for number, entry in enumerate(entries, start=1):
        contents = [part.get("value", "") for part in entry.get("content", [])]
        said = max([entry.get("summary", ""), *contents], key=len)
        moment = entry.get("published_parsed") or entry.get("updated_parsed")
        title = entry.get("title", "")
        yield f"entry {number}", number, {
            "title": _parse_html(source, title).get_text(" ") if re.search(r"<[a-z/]", title) else title,
            "abstract": _ANNOUNCED.sub("", _parse_html(source, said).get_text(" ") if "<" in said else said),
            "date": f"{moment[0]:04}-{moment[1]:02}-{moment[2]:02}" if moment else "",
            "url": entry.get("link", "") or entry.get("id", ""), "doi": entry.get("arxiv_doi", ""),
            "venue": entry.get("arxiv_journal_ref", ""),
        }


def _oai(root: Element) -> Iterator[tuple[str, int, Any]]:
    number = 0
    for record in root.iter():
        if _name(record) != "record":
            continue
        number += 1
        if any(_name(part) == "header" and part.get("status") == "deleted" for part in record):
            yield f"record {number}", number, Dropped("", "", number, "not a paper", "the archive has deleted it",
                                                      excerpt(_text(record)))
            continue
        first: dict[str, str] = {}
        for part in record.iter():
            first.setdefault(_name(part), _text(part))
        where = next((_text(part) for part in record.iter() if _name(part) == "identifier"), f"record {number}")
        yield where, number, {
            "title": first.get("title", ""), "abstract": first.get("abstract") or first.get("description", ""),
            "date": first.get("created") or first.get("date", ""), "doi": first.get("doi", ""),
            "arxiv_id": first.get("id", "") or where.rpartition(":")[2], "venue": first.get("journal-ref", ""),
        }


def _anthology(root: Element) -> Iterator[tuple[str, int, Any]]:
    number = 0
    for volume in root.iter("volume"):
        meta = volume.find("meta")
        about = {_name(part): _text(part) for part in meta} if meta is not None else {}
        for paper in volume.iter("paper"):
            number += 1
            said = {_name(part): _text(part) for part in paper}
            address = said.get("url", "")
            yield f"paper {volume.get('id', '')}.{paper.get('id', number)}", number, {
                "title": said.get("title", ""), "abstract": said.get("abstract", ""), "year": about.get("year", ""),
                "month": about.get("month", "").partition("-")[0].partition("–")[0], "doi": said.get("doi", ""),
                "venue": about.get("booktitle", ""),
                "url": address if address.startswith("http") or not address else f"https://aclanthology.org/{address}",
            }


def _zotero(root: Element) -> Iterator[tuple[str, int, Any]]:
    number = 0
    for item in root:
        said = {_name(part): _text(part) for part in item}
        if "itemType" not in said or said["itemType"] in ("attachment", "note"):
            continue
        number += 1
        about = item.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about", "")
        yield f"item {number}", number, {"title": said.get("title", ""), "abstract": said.get("abstract", ""),
                                         "date": said.get("date", ""), "url": about}


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())
