"""The digest says what the tables say, in four languages, and lets no stranger's text be more than text."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from email import message_from_bytes
from email.policy import default
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import feedparser
import pandas as pd
import pytest
from fake_run import fake_run

from analysis import schema
from analysis.digest import Digest, build_mail, write_digest
from analysis.digest.escape import markdown_line, plain_line, safe_link
from analysis.schema import Run, SettingsError

MADE = "2026-03-01T06:30:00+00:00"
URL = "https://example.org/report.html"
NASTY = ("\x1b[31mred\x1b[0m \x1b]8;;http://evil.example\x07link\x1b]8;;\x07 "
         "\u202edrow\u202c\x00\x08\ufffe\ud800 a\r\nb\u2028c")
DATE = dt.datetime(2026, 3, 1, 6, 30, tzinfo=dt.UTC)


def read_list(run: Run, k: int = 7) -> pd.DataFrame:
    ids = list(run.papers["paper_id"])[:k]
    gains = [0.2 * 0.8**i for i in range(len(ids))]
    frame = pd.DataFrame({
        "paper_id": ids, "rank": range(1, len(ids) + 1), "gain": gains, "covered": pd.Series(gains).cumsum(),
        "theme_key": None, "reasons": [f"covers {30 - i} other new papers" for i in range(len(ids))]})
    return schema.check(frame, schema.READING)


def changed(run: Run, **tables: pd.DataFrame) -> Run:
    new = {name: schema.check(table, schema.TABLES[name]) for name, table in tables.items()}
    return dataclasses.replace(run, tables={**run.tables, **new})


def without(run: Run, n: int) -> Run:
    """The run before, which lacked the last `n` papers."""
    return dataclasses.replace(run, tables={**run.tables, "papers": run.papers.iloc[:-n or None]})


def digest(run: Run, previous: Run | None = None, k: int = 7, url: str | None = URL) -> Digest:
    return write_digest(run, previous, read_list(run, k), report_url=url, made_at=MADE)


def link(event: str, key: str | None, previous: str | None, name: str, before: str | None, n: int) -> dict[str, Any]:
    return {"theme_key": key, "previous_key": previous, "level": "theme", "event": event, "name": name,
            "previous_name": before, "overlap": 0.4, "n_shared": n, "paper_ids": None}


class Page(HTMLParser):
    """What a page is made of: its elements, attributes and addresses."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_first_run_says_so() -> None:
    made = digest(fake_run())
    assert made.subject == "A feed that no one wrote: first run, 60 papers"
    assert "This is the first run of this feed: 60 papers in 8 themes" in made.plain
    assert "Themes that changed" not in made.plain


def test_what_is_new_since_the_run_before() -> None:
    run = fake_run()
    made = digest(run, without(run, 4))
    assert made.subject.startswith("A feed that no one wrote: 4 new papers, 1 new theme")
    assert "4 papers are new since the run before; there are now 60 papers in 8 themes." in made.plain
    assert "no longer" not in made.plain
    fewer = changed(run, papers=run.papers.iloc[1:])
    assert "1 paper of the run before no longer comes in." in digest(fewer, run).plain
    assert "No paper is new since the run before" in digest(run, run).plain


def test_every_change_of_a_theme_is_told_and_only_themes() -> None:
    run = fake_run()
    rows = [link("born", "n", None, "Newborn", None, 0), link("split", "s", "o", "Piece", "Whole", 7),
            link("merged", "m", "x", "Larger", "Smaller", 5), link("ended", None, "e", "Gone", "Gone", 0),
            link("revived", "r", "r2", "Again", "Before", 3), link("continued", "c", "c", "Steady on", "Steady on", 9),
            link("merged", "m", "m", "Larger", "Larger", 6),
            {**link("born", "f", None, "A fine one", None, 0), "level": "fine"}]
    run = changed(run, lineage=pd.DataFrame(rows))
    made = digest(run, without(run, 4))
    for text in ("Newborn\n  New.", "Piece\n  Split: holds 7 papers that stood in Whole.", "Gone\n  Ended",
                 "Larger\n  Merged: took in 5 papers of Smaller.", "Again\n  Revived: 3 papers in common",
                 "Larger\n  Merged: took another theme in, beside 6 papers of its own."):
        assert text in made.plain
    assert "Steady on" not in made.plain and "A fine one" not in made.plain
    assert made.subject.endswith("1 new theme, 1 theme split, 1 theme merged, 1 theme ended, 1 theme revived")
    still = changed(run, lineage=pd.DataFrame(rows[5:6]))
    assert "No theme began, split, merged, ended or came back." in digest(still, run).plain


def test_what_rises_has_its_interval_or_one_sentence() -> None:
    run = fake_run(300)
    plain = " ".join(digest(run).plain.split())
    n_called = int(run.signals["verdict"].isin(["rising", "fading"]).sum())
    said = re.findall(r"(?:Rising|Fading): between \S+ % and \S+ % a period, \S+ % at best guess", plain)
    assert len(said) == n_called > 0
    for verdict, told in (("steady", "No theme surely rises or fades: 8 themes steady, 0 without enough data."),
                          ("not enough data", "No theme can be called rising or fading: for 8 themes, not enough")):
        assert told in digest(changed(run, signals=run.signals.assign(verdict=verdict))).plain


def test_every_rank_shows_its_terms() -> None:
    run = fake_run()
    primary = run.placements[run.placements["rank"] == 1].set_index("paper_id")
    papers = run.papers.set_index("paper_id")
    names = dict(zip(run.themes["theme_key"], run.themes["name"], strict=True))
    plain = " ".join(digest(run, k=5).plain.replace("\u00a0", " ").split())
    assert "5 papers cover 67 % of what is new" in plain
    for row in read_list(run).itertuples():
        told = (f"{row.rank}. {papers.loc[row.paper_id, 'title']} Adds {100 * row.gain:.0f} % of what is new, "
                f"{100 * row.covered:.0f} % covered so far: {row.reasons}. "
                f"Theme {names[primary.loc[row.paper_id, 'theme_key']]} (")
        assert (told in plain) == (row.rank <= 5)


def test_a_run_older_than_the_tables_that_are_told() -> None:
    run = fake_run()
    old = dataclasses.replace(run, tables={name: table for name, table in run.tables.items()
                                           if name not in ("lineage", "watch")})
    assert "first run" in digest(old).plain and "What it catches moved" not in digest(old).plain
    assert "No paper was chosen." in digest(old, without(old, 4), k=0).plain
    assert "No theme began, split, merged, ended or came back." in digest(old, old).plain


@pytest.mark.parametrize("how", ["hidden", "fine"])
def test_a_theme_that_readers_do_not_meet_is_not_told(how: str) -> None:
    """What charts and report leave out, the digest leaves out."""
    run = fake_run()
    key = run.themes.loc[run.themes["declared"], "theme_key"].iloc[0]
    mine = run.themes["theme_key"] == key
    themes = (run.themes.assign(hidden=mine) if how == "hidden" else
              run.themes.assign(level=mine.map({True: "fine", False: "theme"})))
    less = changed(run, themes=themes, lineage=pd.DataFrame([link("born", key, None, "Not listed", None, 0),
                                                             link("ended", None, key, "Not listed either", None, 0)]))
    plain = digest(less, without(less, 30)).plain
    assert "Not listed" not in plain
    name = run.themes.set_index("theme_key").loc[key, "name"]
    assert name not in plain[plain.index("Declared themes"):plain.index("How far")]


def test_declared_themes_that_caught_new_papers() -> None:
    run = fake_run()
    new = set(run.papers["paper_id"].iloc[-20:])
    firm = run.placements.query("strength >= 0.3 and tier != 'loose'")
    plain = digest(run, without(run, 20)).plain
    for key in run.themes.loc[run.themes["declared"], "theme_key"]:
        n = int(firm.loc[firm["theme_key"] == key, "paper_id"].isin(new).sum())
        name = run.themes.set_index("theme_key").loc[key, "name"]
        assert n == 0 or re.search(rf"{name}\n  {n} new papers?, the strongest first", plain)
    assert "None of 3 declared themes caught a new paper." in digest(run, run).plain
    free = changed(run, themes=run.themes.assign(declared=False))
    assert "Declared themes" not in digest(free).plain


def test_what_a_declared_theme_catches_may_move() -> None:
    run = fake_run()
    told = "What it catches moved in 2024, by 40 % of its length"
    plain = " ".join(digest(run).plain.replace("\u00a0", " ").split())
    assert plain.count(told) == run.themes["declared"].sum()
    earlier = changed(run, watch=run.watch.assign(drifts=run.watch["period"] == "2023"))
    assert "What it catches moved" not in digest(earlier).plain


def test_how_far_to_trust_it() -> None:
    run = fake_run()
    plain = " ".join(digest(run).plain.split())
    assert "The newest paper is of August 2025, 7 months before this report." in plain
    assert "2 of 3 checks pass; take care with stability." in plain and "0.57, held to 0.60" in plain
    counts = run.papers["published_precision"].value_counts()
    told = f"Of 60 papers: {counts['none']} without a date, and so in no trend; {counts['year']} with only a year."
    assert told in plain
    dated = changed(run, papers=run.papers.assign(published="2025-03-01", published_precision="day"))
    assert "Of 60 papers" not in digest(dated).plain
    bare = changed(run, papers=run.papers.assign(published=None, published_precision="none"))
    assert "No paper carries a date, so how new this is cannot be told." in " ".join(digest(bare).plain.split())


@pytest.mark.parametrize("shape", [(0, 0), (1, 1), (5, 1), (60, 0)])
def test_small_runs(shape: tuple[int, int]) -> None:
    run = fake_run(*shape)
    for previous in (None, run):
        made = digest(run, previous, url=None)
        assert made.subject and "How far to trust it" in made.plain
        assert feedparser.parse(made.atom)["bozo"] == 0


def hostile() -> Run:
    nasty = NASTY.replace("\ud800", "")  # a table cannot hold half of a pair
    run = fake_run(60, 8, hostile=True)
    papers, themes = run.papers.copy(), run.themes.copy()
    papers.loc[papers.index[:5], "title"] = nasty
    papers.loc[papers.index[:7], "url"] = [
        "javascript:alert(1)", "https://a.example/\"><script>", "data:text/html,x", "https://good@evil.example/",
        "http://x.example/)[a](javascript:b)", " https://a.example", "https://a.example/x\ny"]
    themes["name"] = [f"{nasty} {name}" for name in themes["name"]]
    tables = {**run.tables, "papers": papers, "themes": themes}
    settings = {**run.manifest["settings"], "title": f"{NASTY}\r\nBcc: all@example.org <b>{{{{ 7*7 }}}}"}
    return schema.Run(run.run_id, {**run.manifest, "settings": settings}, tables)


def test_a_stranger_s_text_is_nothing_but_text() -> None:
    run = hostile()
    made = digest(run, without(run, 30), k=25)
    page = Page(made.html)
    assert page.tags <= {"html", "head", "meta", "title", "body", "div", "h1", "h2", "p", "ul", "ol", "li", "a", "br",
                         "span", "strong", "bdi", "table", "tr", "td"}
    assert page.attributes <= {"style", "href", "lang", "charset", "name", "content", "role", "width", "align",
                               "cellpadding", "cellspacing", "border"}
    assert page.links and all(re.fullmatch(r"https?://[!-~]+", link) for link in page.links)
    assert not any(host in link for link in page.links for host in ("good@", "javascript:alert"))
    for text in dataclasses.astuple(made):
        text.encode()  # no half of a pair
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe]", text)
        assert "[31m" not in text and "evil.example\x07" not in text
    assert "{{ 7*7 }}" in made.plain and "{{ 7*7 }}" in made.html
    assert "\n" not in made.subject and len(made.subject) < 300
    words = "".join(page.words)
    assert "<script>window.hacked = 1</script> A script in a title" in words, "shown, letter by letter"


def test_the_markdown_holds_no_mark_of_a_stranger_s() -> None:
    run = hostile()
    text = digest(run, without(run, 30), k=25).markdown
    bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", text)  # what is escaped is text
    assert not re.search(r"[<>](?![^\n]*\))", re.sub(r"\]\(<https?://[!-;=?-~]+>\)", "", bare))
    assert "[a]" not in bare and "`" not in bare and "$" not in bare and "|" not in bare
    assert all(line.startswith(("#", "-", "  ")) or re.match(r"\d+\. |   |\w|$|\[The full report\]", line)
               for line in bare.split("\n"))


def test_markdown_renders_as_the_text_it_was() -> None:
    markdown = pytest.importorskip("mistune", reason="mistune, which renders Markdown, is not installed")
    for text in ("1. one", "# head", "- dash", "a *b* _c_ `d` <i>e</i> & &amp; [f](g) ![h](i)", "=== x", "x | y ~~z~~",
                 "see http://evil.example and www.evil.example", "\\ back\\* slash", "+ plus"):
        page = Page(markdown.create_markdown(plugins=["strikethrough", "table", "url"])(markdown_line(text)))
        assert "".join(page.words).strip() == text and page.tags == {"p"}


def test_plain_line() -> None:
    assert plain_line(NASTY) == "red link drow a b c"
    assert plain_line("x" * 300, 10) == "x" * 9 + "…" and plain_line(None) == "None" and plain_line(" \n ") == ""
    assert plain_line("می‌خواهم क्‍ष 👩‍🔬") == "می‌خواهم क्‍ष 👩‍🔬", "joiners belong to the letters"


@pytest.mark.parametrize("url", [
    None, "", "ftp://a.example", "javascript:alert(1)", "//a.example", "https://", "https://u:p@a.example/",
    "https://a b/", "https://a.example/x y", "https://a.example/\u202e", "https://a.example:0/", "https://[::1", "https://а.example/",
    "https://a.example/" + "x" * 500, "https://a.example\\@evil.example/", 7,
])
def test_no_link(url: object) -> None:
    assert safe_link(url) == ""


def test_a_link() -> None:
    for url in (URL, "http://a.example:8080/x?a=1&b=%20#c", "https://doi.org/10.1000/x;2-~y"):
        assert safe_link(url) == url
    assert safe_link("https://a.example/é)(<>\"'") == "https://a.example/%C3%A9%29%28%3C%3E%22%27"


def test_the_html_stays_small() -> None:
    run = fake_run(400, 40, hostile=True)
    themes = run.themes.assign(name=["&\"'<>" * 100] * len(run.themes), declared=True)
    papers = run.papers.assign(title=["'\"" * 500] * len(run.papers), url="https://a.example/" + "&" * 470)
    lineage = pd.DataFrame([link(event, f"k{i}", f"p{i}", "<" * 300, ">" * 300, 1)
                            for event in schema.EVENTS for i in range(200)])
    run = changed(run, themes=themes, papers=papers, lineage=lineage)
    made = digest(run, without(run, 300), k=25)
    assert len(made.html.encode()) <= 100_000 and "And " in made.html
    assert len(build_mail(made, "a@example.org", ["b@example.org"], date=DATE).as_bytes()) < 300_000
    assert len(digest(fake_run()).html) < 20_000


def test_atom_is_valid_and_lasting() -> None:
    run = fake_run(hostile=True)
    made = digest(run, without(run, 4))
    feed = feedparser.parse(made.atom.encode(), response_headers={"content-type": "application/atom+xml"})
    assert feed["bozo"] == 0 and feed["version"] == "atom10" and len(feed["entries"]) == 1
    entry = feed["entries"][0]
    assert entry["id"].startswith("urn:uuid:") and feed["feed"]["id"].startswith("urn:uuid:")
    assert entry["id"] != feed["feed"]["id"] and entry["updated"] == feed["feed"]["updated"] == MADE
    assert entry["link"] == URL and "new papers" in entry["title"] and "<script" not in entry["content"][0]["value"]
    root = ET.fromstring(made.atom)
    spaced = "{http://www.w3.org/2005/Atom}"
    for parent in (root, root.find(f"{spaced}entry")):
        assert parent is not None and all(parent.find(spaced + tag) is not None for tag in ("id", "title", "updated"))
    assert root.find(f"{spaced}author/{spaced}name") is not None
    content = root.find(f"{spaced}entry/{spaced}content")
    assert content is not None and content.get("type") == "html"
    assert Page(content.text or "").tags >= {"h1", "ol"}
    again = feedparser.parse(digest(fake_run(hostile=True)).atom)
    assert again["entries"][0]["id"] == entry["id"], "named after the run"
    other = feedparser.parse(digest(fake_run(61, hostile=True)).atom)
    assert other["entries"][0]["id"] != entry["id"] and other["feed"]["id"] == feed["feed"]["id"]


def test_the_same_run_gives_the_same_digest() -> None:
    run = fake_run(hostile=True)
    assert digest(run, without(run, 4)) == digest(run, without(run, 4))


@pytest.mark.parametrize(("change", "told"), [
    ({"report_url": "javascript:x"}, "report_url"), ({"made_at": "now"}, "made_at")])
def test_arguments_that_cannot_be_used(change: dict[str, str], told: str) -> None:
    with pytest.raises(SettingsError, match=told):
        write_digest(fake_run(), None, read_list(fake_run()), **{"report_url": None, "made_at": MADE, **change})


def test_the_mail() -> None:
    made = digest(fake_run(hostile=True))
    message = build_mail(made, "Digest <digest@example.org>", ["A. Reader <a@example.org>", "b@example.org"], date=DATE)
    read = message_from_bytes(message.as_bytes(), policy=default)
    assert read.get_content_type() == "multipart/alternative"
    plain, html = read.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert plain.get_content().replace("\r\n", "\n") == made.plain
    assert html.get_content().replace("\r\n", "\n") == made.html
    assert read["subject"] == made.subject and read["to"] == '"A. Reader" <a@example.org>, b@example.org'
    assert read["date"].datetime == DATE
    again = build_mail(made, "Digest <digest@example.org>", ["A. Reader <a@example.org>", "b@example.org"], date=DATE)
    assert message.as_bytes() == again.as_bytes() and read["message-id"].endswith("@example.org>")
    later = build_mail(made, "digest@example.org", ["b@example.org"], date=DATE + dt.timedelta(days=7))
    assert later["message-id"] == message["message-id"], "the same digest"
    other = build_mail(digest(fake_run(61)), "digest@example.org", ["b@example.org"], date=DATE)
    assert other["message-id"] != message["message-id"]
    assert read["list-id"] == "<digest.paper-themes.example.org>"
    assert all(len(line) <= 998 for line in message.as_bytes().split(b"\r\n"))


def test_no_header_can_be_added() -> None:
    made = Digest("News\r\nBcc: evil@example.org\n\nbody\ud800", "<p>", "p", "m", "a", "r\r\nX: y")
    message = build_mail(made, "a@example.org", ["b@example.org"], date=DATE)
    assert message["bcc"] is None and "\n" not in message["subject"]
    assert message_from_bytes(message.as_bytes(), policy=default)["bcc"] is None
    for text in ("a@example.org\r\nBcc: b@example.org", "a@example.org, b@example.org", "a", "", "a@b@c", "<a@b> c",
                 "x\n<a@example.org>", "a@exa mple.org", "a@-", "ä@example.org", "a..b@example.org", "a@" + "b" * 300):
        with pytest.raises(SettingsError, match="sender"):
            build_mail(made, text, ["b@example.org"], date=DATE)
        with pytest.raises(SettingsError, match="recipient"):
            build_mail(made, "a@example.org", [text], date=DATE)
    with pytest.raises(SettingsError, match="no recipient"):
        build_mail(made, "a@example.org", [], date=DATE)
    with pytest.raises(SettingsError, match="zone"):
        build_mail(made, "a@example.org", ["b@example.org"], date=DATE.replace(tzinfo=None))
