"""The report opens in a browser from disk with the network off, draws everything, and shows strangers' text as text."""

import base64
import gzip
import hashlib
import json
import os
import re
import shutil
from html.parser import HTMLParser

import pytest
from fake_run import HOSTILE_TITLES, fake_run

from analysis import charts, report, store
from analysis.charts.style import plain
from analysis.report import words
from analysis.report.pack import pack_run, packed_text
from analysis.report.sections import marked, safe_url, theme_ids
from analysis.schema import Run, RunError

MADE_AT = "2031-05-04T12:40+00:00"
SECTIONS = ["What rises, what fades", "What to read first", "Themes", "Trends", "New and surging words",
            "What comes next, and how such calls held", "Map", "Papers in several themes",
            "What the papers say they use", "How far to trust it",
            "What was set aside", "Receipt"]
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"]
MEGABYTE = 1_000_000

# ---------------------------------------------------------------------------------------------- without a browser


def sections_of(run):
    return [report.headline(run, MADE_AT), report.movers(run), report.theme_cards(run), report.finder(run),
            report.several(run), report.facets(run),
            report.trust(run), report.set_aside(run), report.receipt(run), report.summary(run),
            report.to_read(run), report.novel(run), report.bridges(run)]


class Tags(HTMLParser):
    """Collects tags, their attributes and the text between them."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text = [], ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize("size", [(0, 0), (0, 3), (1, 0), (1, 1), (2, 1), (3, 1), (5, 2), (8, 3), (60, 8)], ids=str)
@pytest.mark.parametrize("hostile", [False, True])
def test_every_section_stands_at_any_size(size, hostile):
    for section in sections_of(fake_run(*size, hostile=hostile)):
        found = Tags(section._repr_html_())
        assert "None" not in found.text.split() and "nan" not in found.text


def test_no_markup_of_strangers_gets_into_a_section():
    for section in sections_of(fake_run(60, 8, hostile=True)):
        for tag, attributes in Tags(section.html).tags:
            assert tag not in ("script", "style", "img", "iframe", "i") or attributes == {} and tag == "i"
            assert not [name for name in attributes if name.startswith("on")]
            assert not attributes.get("href", "#").lower().startswith("javascript")


def test_only_web_addresses_become_links():
    assert safe_url("https://example.org/a?b=1") == "https://example.org/a?b=1"
    for address in ("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//x.org", "http://", None, 3,
                    "http://[", "mailto:a@b"):
        assert safe_url(address) == ""


def test_terms_are_marked_in_the_quote_and_nowhere_inside_a_word():
    assert str(marked("A <b>cat</b> concatenates cats & CAT.", ["cat"])) == (
        "A &lt;b&gt;<mark>cat</mark>&lt;/b&gt; concatenates cats &amp; <mark>CAT</mark>.")
    assert str(marked("in-context learning", ["learning", "in-context learning"])) == "<mark>in-context learning</mark>"


def test_newest_paper_stands_before_the_moment_of_making():
    text = Tags(report.headline(fake_run(), MADE_AT).html).text
    assert text.index("Newest paper") < text.index("Report made") < text.index("4 May 2031, 12:40 UTC")


@pytest.mark.parametrize(("newest", "said"), [
    ("2031-05-01", "3 days before this report"), ("2031-04", "1 month before this report"),
    ("2031-05", "the month of this report"), ("2030", "1 year before this report"), ("2031", "the year of this report"),
    ("2029-11-30", "18 months before this report"), ("2028-05-01", "3 years before this report"), (None, ""),
])
def test_age_of_the_newest_paper(newest, said):
    assert words.age_sentence(newest, MADE_AT) == said


def test_age_is_not_invented_where_the_moment_is_unknown():
    assert words.age_sentence("2031-05-01", "") == "" and words.moment_words("") == "not recorded"


@pytest.mark.parametrize(("published", "said"), [
    ("2024", "2024"), ("2024-03", "March 2024"), ("2024-03-05", "5 March 2024"), (None, "undated"), ("", "undated"),
])
def test_dates_are_said_to_their_precision(published, said):
    assert words.date_words(published) == said


def test_headline_counts_what_the_tables_hold():
    run = fake_run(60, 8)
    themes = charts.listed_themes(run)
    first = themes.iloc[0]
    assert words.title_sentence(run).startswith(f"60 papers in 8 themes, led by {first['name']}, ")
    sentences = " ".join(words.feed_sentences(run))
    assert f"{first['name']}, has {first['n_papers']} of 60 papers" in sentences
    assert f"{run.papers['published'].isna().sum()} papers carry no date" in sentences
    n_several = (run.placements["paper_id"].value_counts() > 1).sum()
    assert f"{n_several} papers sit in more than one theme" in sentences


def with_tables(run, **tables):
    return Run(run.run_id, run.manifest, run.tables | tables)


def test_movers_refuse_without_data():
    run = fake_run()
    signals = run.signals.assign(verdict="not enough data", reason="fewer than 3 complete periods")
    most = signals["n_dated"].max()
    quiet = report.movers(with_tables(run, signals=signals)).html
    assert "Not enough data: none of 8 themes" in quiet and f"the fullest has {most} dated papers" in quiet
    assert "Rising" not in quiet and "Fading" not in quiet


def test_movers_name_each_riser_with_its_interval():
    run = fake_run()
    html = report.movers(run).html
    rising = run.signals[run.signals["verdict"] == "rising"].merge(run.themes, on="theme_key")
    assert len(rising) > 0
    for theme in rising.itertuples():
        assert theme.name in html
    assert "between +16\u00a0% and +46\u00a0% a period, +31\u00a0% at best guess" in html


def test_a_declared_theme_without_papers_is_listed_with_0():
    run = fake_run()
    key = "distillation"
    themes = run.themes.copy()
    themes.loc[themes["theme_key"] == key, ["n_papers", "n_any"]] = 0
    placements = run.placements[run.placements["theme_key"] != key]
    html = report.theme_cards(with_tables(run, themes=themes, placements=placements)).html
    assert "Without a paper in this feed" in html and "0 papers" in html
    assert html.count("Knowledge distillation") >= 1


def test_trust_puts_what_is_weak_first():
    html = report.trust(fake_run()).html
    assert "2 of 3 checks pass. Take care with: stability." in html
    assert html.index("take care</span>") < html.index("passes</span>") < html.index("not measured</span>")


def test_loose_papers_stand_with_their_nearest_theme():
    run = fake_run(60, 8)
    loose = run.placements[(run.placements["rank"] == 1) & (run.placements["tier"] == "loose")]
    text = Tags(report.set_aside(run).html).text
    titles, names = run.papers.set_index("paper_id")["title"], run.themes.set_index("theme_key")["name"]
    assert len(loose) > 0
    for row in loose.itertuples():
        assert titles[row.paper_id] in text and f"nearest theme: {names[row.theme_key]}" in text
    assert "Same title as line 3." in text


def test_receipt_holds_the_hashes():
    run = fake_run()
    html = report.receipt(run).html
    assert run.run_id in html and run.manifest["inputs"][0]["sha256"] in html and "random_state" in html
    assert all(table in html for table in run.tables)


def test_anchors_are_unique_and_rest_on_the_key():
    run = fake_run(10, 40)
    ids = theme_ids(run)
    assert len(set(ids.values())) == 40 and ids["in-context-learning"] == "theme-in-context-learning"


def test_the_pack_is_the_same_twice_and_reads_back():
    run = fake_run(20, 4, hostile=True)
    packed = packed_text(pack_run(run, charts.CHARTS))
    assert packed == packed_text(pack_run(run, charts.CHARTS))
    data = json.loads(gzip.decompress(base64.b64decode(packed)))
    assert sorted(data["papers"]["id"]) == sorted(run.papers["paper_id"])
    assert set(data["charts"]) == set(data["tables"]) == set(charts.CHARTS)
    assert "javascript:window.hacked=6" not in data["papers"]["url"]


def test_a_folder_that_is_no_run_is_told(tmp_path):
    with pytest.raises(RunError):
        report.build_report(tmp_path / "nothing", MADE_AT)
    with pytest.raises(RunError, match="there is no run under"):
        report.newest_run(tmp_path)


# ---------------------------------------------------------------------------------------------------- in a browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("report")


def page_of(run, folder):
    path = folder / f"{run.run_id}.html"
    path.write_text(report.build_report(store.write_run(run, folder), MADE_AT), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def ordinary(folder):
    return page_of(fake_run(90, 12), folder)


@pytest.fixture(scope="module")
def hostile(folder):
    return page_of(fake_run(40, 6, hostile=True), folder)


@pytest.fixture(scope="module")
def bare(folder):
    return page_of(fake_run(0, 0), folder)


@pytest.fixture(scope="module")
def browser():
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        missing = "there is no Chromium on this machine; install the package chromium to test the report in a browser"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    sync_api = pytest.importorskip("playwright.sync_api", reason="the package playwright is not installed")
    with sync_api.sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=program, args=SWITCHES)
        yield started
        started.close()


@pytest.fixture
def visit(browser):
    """Open a page from disk with the network off; what it complains of or asks for is kept."""
    contexts = []

    def opened(path, width=1280, scheme="light", address=""):
        context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
        contexts.append(context)
        context.set_offline(True)
        page = context.new_page()
        page.complaints, page.requests_made = [], []
        page.on("console", lambda message: page.complaints.append(message.text)
                if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: page.complaints.append(str(error)))
        page.on("request", lambda request: page.requests_made.append(request.url))
        page.goto(path.as_uri() + address)
        page.wait_for_selector("html[data-ready]", state="attached", timeout=60_000)
        return page

    yield opened
    for context in contexts:
        context.close()


def drawn_charts(page):
    return page.eval_on_selector_all(".plot.js-plotly-plot:not([data-empty])", "all => all.map(p => p.dataset.chart)")


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_opens_quietly_and_fits(visit, ordinary, width, scheme):
    page = visit(ordinary, width, scheme)
    assert page.complaints == []
    assert page.requests_made == [ordinary.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert set(drawn_charts(page)) == {
        "themes", "budget", "trends", "heatmap", "life", "radar", "together", "forecasts", "scores", "watch", "map",
        "several", "similarity", "candidates"}
    assert page.eval_on_selector_all("section > h2", "all => all.map(h => h.textContent)") == SECTIONS
    assert page.locator("h1").count() == 1 and page.locator("article.theme").count() == 12


def test_the_page_is_small_and_holds_plotly_once(ordinary):
    html = ordinary.read_text(encoding="utf-8")
    assert len(html.encode()) <= 3 * MEGABYTE
    blocks = re.findall(r'<script type="application/gzip" id="(\w+)">([^<]*)</script>', html)
    assert [name for name, _ in blocks] == ["pack", "plotly"]
    library = gzip.decompress(base64.b64decode(blocks[1][1])).decode()
    assert "plotly.js v" in library[:200] and "plotly.js v" not in html
    digest = base64.b64encode(hashlib.sha256(library.encode()).digest()).decode()
    assert f"sha256-{digest}" in re.search(r'Content-Security-Policy" content="([^"]*)"', html).group(1)
    assert "http://" not in re.sub(r'href="[^"]*"|<dd>.*?</dd>', "", html.split('<script type="application/gzip"')[0])


def test_code_is_hidden(ordinary):
    assert "store.read_run" not in ordinary.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [1280, 360])
def test_hostile_text_is_shown_as_text(visit, hostile, width):
    page = visit(hostile, width)
    assert page.complaints == [] and page.requests_made == [hostile.as_uri()]
    assert page.evaluate("window.hacked") is None
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    while page.locator("#more").is_visible():
        page.locator("#more").click()
    listed = page.eval_on_selector_all("#list bdi", "all => all.map(b => b.textContent)")
    assert sorted(listed) == sorted(plain(t) for t in fake_run(40, 6, hostile=True).papers["title"])
    assert any(title.startswith(plain(HOSTILE_TITLES[0])) for title in listed)
    assert page.evaluate("window.hacked") is None
    assert page.locator("main img, main iframe, main object").count() == 0
    assert page.eval_on_selector_all("a[href]", "all => all.filter(a => !/^(https?|file):/.test(a.href)).length") == 0
    page.locator("#list button").first.click()
    assert page.locator("#reader").is_visible() and page.complaints == []


def test_a_feed_without_papers_has_a_page(visit, bare):
    page = visit(bare)
    assert page.complaints == [] and drawn_charts(page) == []
    assert page.locator("h1").text_content() == "No paper came in"
    assert page.eval_on_selector_all("section > h2", "all => all.map(h => h.textContent)") == SECTIONS


def test_words_filter_list_and_map_and_the_address_keeps_them(visit, ordinary):
    page = visit(ordinary)
    page.fill("#finder input", "DEMONSTRATIONS prompt")
    run = fake_run(90, 12)
    texts = (run.papers["title"] + " " + run.papers["abstract"]).str.lower()
    n = int((texts.str.contains("demonstrations") & texts.str.contains("prompt")).sum())
    assert 0 < n < 90
    assert page.locator("#found").text_content() == f"{n} of 90 papers"
    traces = "document.querySelector('.plot[data-chart=map]').data"
    assert page.evaluate(f"{traces}.reduce((n, trace) => n + trace.selectedpoints.length, 0)") == n
    again = visit(ordinary, address=page.evaluate("location.hash"))
    assert again.locator("#found").text_content() == f"{n} of 90 papers"
    assert again.input_value("#finder input") == "DEMONSTRATIONS prompt"


def test_a_paper_opens_by_keyboard_with_its_sentence_marked(visit, ordinary):
    page = visit(ordinary)
    page.locator("#list button").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("#reader").is_visible()
    assert page.locator("#reader mark").count() >= 1
    page.keyboard.press("Escape")
    assert not page.locator("#reader").is_visible()
    assert page.evaluate("document.activeElement.closest('#list') !== null")


def test_numbers_stand_beside_each_chart(visit, ordinary):
    page = visit(ordinary)
    for name in drawn_charts(page):
        page.locator(f"#chart-{name} summary").click()
        page.wait_for_selector(f"#chart-{name} table tbody tr")
        table = charts.chart_table(fake_run(90, 12), name)
        assert page.locator(f"#chart-{name} table tbody tr").count() == min(len(table), 400)
    assert page.complaints == []


def test_names_on_the_map_do_not_overlap(visit, ordinary):
    for width in (1280, 360):
        boxes = visit(ordinary, width).eval_on_selector_all(
            ".plot[data-chart=map] .annotation", "all => all.filter(a => a.style.visibility != 'hidden')"
            ".map(a => a.getBoundingClientRect()).map(b => [b.left, b.right, b.top, b.bottom])")
        assert len(boxes) >= 5
        for number, (left, right, top, bottom) in enumerate(boxes):
            for other in boxes[:number]:
                assert left >= other[1] or other[0] >= right or top >= other[3] or other[2] >= bottom


def test_contents_lead_to_every_section(visit, ordinary):
    page = visit(ordinary)
    targets = page.eval_on_selector_all("nav a", "all => all.map(a => a.hash.slice(1))")
    assert len(targets) >= 10 + 12
    for target in targets:
        assert page.locator(f"[id='{target}']").count() == 1


def test_dark_and_light_use_their_own_colours(visit, ordinary):
    run = fake_run(90, 12)
    for scheme, dark in (("light", False), ("dark", True)):
        used = visit(ordinary, scheme=scheme).evaluate(
            "document.querySelector('.plot[data-chart=map]').data.map(t => t.marker.color)")
        assert set(used) == set(charts.theme_colors(run, dark=dark).values())


def test_it_prints(visit, ordinary):
    page = visit(ordinary)
    assert len(page.pdf()) > 50_000 and page.complaints == []
