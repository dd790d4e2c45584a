"""The digest in four languages: HTML, plain text, Markdown and Atom."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import jinja2
import pandas as pd

from analysis.digest.atom import atom_feed, moment
from analysis.digest.contents import Contents, gather_contents
from analysis.digest.escape import markdown_line, plain_line, safe_link
from analysis.report.words import moment_words
from analysis.schema import Run, SettingsError

MOST_BYTES = 100_000
"""Of the HTML: mail programs cut longer ones off."""

_WIDTH = 78


@dataclass(frozen=True)
class Digest:
    """One page of news, ready to be sent or written.

    Parameters
    ----------
    subject : str
        One line.
    html : str
        A whole page with its styles inside and nothing to load; at most 100 kB as UTF-8.
    plain, markdown : str
    atom : str
        A feed of one entry, as an XML document to be written as UTF-8.
    run_id : str
        Run that it tells of.
    """

    subject: str
    html: str
    plain: str
    markdown: str
    atom: str
    run_id: str


def write_digest(
    run: Run, previous: Run | None, reading: pd.DataFrame, *, report_url: str | None, made_at: str,
) -> Digest:
    """Return the digest of `run` since `previous`.

    Parameters
    ----------
    run, previous : Run
        `previous` is None for the first run of a feed.
    reading : DataFrame
        READING, of the papers that are new since `previous`.
    report_url : str or None
        Where the whole report can be read; http or https.
    made_at : str
        The moment of making, ISO 8601; without a zone it is UTC.

    Raises
    ------
    SettingsError
        `report_url` is no http or https address, or `made_at` no moment.
    """
    link = safe_link(report_url) if report_url else ""
    if report_url and not link:
        raise SettingsError("report_url is no plain http or https address of at most 500 characters; expected one such "
                            "as https://example.org/report.html")
    made = moment(made_at)
    contents = gather_contents(run, previous, reading, made)
    for most in (1000, 10, 5, 2, 1, 0):
        page = _shortened(contents, most)
        html = _html("page.html.j2", page, link, made)
        if len(html.encode()) <= MOST_BYTES:
            break
    body = _html("body.html.j2", page, link, made)
    return Digest(contents.subject, html, _plain(contents, link, made), _markdown(contents, link, made),
                  atom_feed(contents, body, link, made), contents.run_id)


def _shortened(contents: Contents, most: int) -> Contents:
    sections = tuple(
        replace(section, items=section.items[:most], n_more=section.n_more + max(len(section.items) - most, 0))
        for section in contents.sections)
    return replace(contents, sections=sections)


def _html(template: str, page: Contents, link: str, made: str) -> str:
    return _templates().get_template(template).render(page=page, report_url=link, made=moment_words(made))


@cache
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined, keep_trailing_newline=True)


def _plain(contents: Contents, link: str, made: str) -> str:
    return "\n".join(_plain_lines(contents, link, made)) + "\n"


def _plain_lines(contents: Contents, link: str, made: str) -> Iterator[str]:
    def wrapped(text: str, first: str = "", rest: str = "") -> list[str]:
        return textwrap.wrap(plain_line(text, 2000), _WIDTH, initial_indent=first, subsequent_indent=rest,
                             break_long_words=False, break_on_hyphens=False) or [first]

    yield from [*wrapped(contents.title), "=" * min(len(contents.title), _WIDTH)]
    for sentence in contents.lead:
        yield from ["", *wrapped(sentence)]
    for section in contents.sections:
        yield from ["", "", section.heading, "-" * len(section.heading)]
        for sentence in section.sentences:
            yield from wrapped(sentence)
        for number, item in enumerate(section.items, start=1):
            mark = f"{number}. " if section.is_ranked else "* "
            indent = " " * len(mark)
            yield from ["", *wrapped(item.text, mark, indent)]
            for note in item.notes:
                yield from wrapped(note, indent, indent)
            if item.url:
                yield indent + item.url
        if section.n_more:
            yield from ["", f"And {section.n_more} more."]
    if link:
        yield from ["", "", f"The full report: {link}"]
    yield from ["", f"Run {contents.run_id}, made {moment_words(made)}."]


def _markdown(contents: Contents, link: str, made: str) -> str:
    blocks = [f"# {markdown_line(contents.title)}", *map(markdown_line, contents.lead)]
    for section in contents.sections:
        blocks += [f"## {markdown_line(section.heading)}", *map(markdown_line, section.sentences)]
        lines = []
        for number, item in enumerate(section.items, start=1):
            mark = f"{number}. " if section.is_ranked else "- "
            name = markdown_line(item.text)
            said = [f"[{name}](<{item.url}>)" if item.url else f"**{name}**", *map(markdown_line, item.notes)]
            lines.append(mark + f"\\\n{' ' * len(mark)}".join(said))
        blocks += ["\n".join(lines)] if lines else []
        blocks += [f"And {section.n_more} more."] if section.n_more else []
    if link:
        blocks.append(f"[The full report](<{link}>)")
    blocks.append(f"Run {markdown_line(contents.run_id)}, made {markdown_line(moment_words(made))}.")
    return "\n\n".join(blocks) + "\n"
