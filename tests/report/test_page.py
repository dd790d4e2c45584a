"""The report opens in a browser from disk with the network off, draws everything, and shows strangers' text as text."""

import base64
import gzip
import hashlib
import re

import pytest
from fake_run import HOSTILE_TITLES, fake_run

from analysis import charts
from analysis.charts.style import plain

SECTIONS = ["What rises, what fades", "Map", "What to read first", "Themes", "Trends", "New and surging words",
            "What comes next, and how such calls held", "Papers in several themes",
            "What the papers say they use", "How far to trust it", "What was set aside", "Receipt"]
MEGABYTE = 1_000_000


def drawn_charts(page):
    return page.eval_on_selector_all(".plot.js-plotly-plot:not([data-empty])", "all => all.map(p => p.dataset.chart)")


def titles(page):
    return page.eval_on_selector_all("section > h2", "all => all.map(h => h.textContent)")


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_opens_quietly_and_fits(visit, ordinary, width, scheme):
    page = visit(ordinary, width, scheme, so_far="complete")
    assert page.complaints == []
    assert page.requests_made == [ordinary.as_uri()]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert set(drawn_charts(page)) == {
        "themes", "budget", "trends", "heatmap", "life", "radar", "together", "forecasts", "scores", "watch", "several",
        "facets", "similarity", "candidates"}
    assert titles(page) == SECTIONS
    assert page.locator("h1").count() == 1 and page.locator("article.theme").count() == 12


def test_themes_and_map_are_there_before_plotly_is(browser, ordinary):
    page = browser.new_page()
    page.add_init_script("""new MutationObserver(() => {
        if (document.documentElement.dataset.ready && !window.then) window.then = {
            plotly: typeof Plotly, names: [...document.querySelectorAll('.names button')].filter(
                name => getComputedStyle(name).visibility === 'visible').length,
            rows: document.querySelectorAll('#list li').length };
        }).observe(document, {attributes: true, subtree: true})""")
    page.goto(ordinary.as_uri())
    page.wait_for_function("window.then")
    then = page.evaluate("window.then")
    assert then["plotly"] == "undefined" and then["names"] >= 8 and then["rows"] == 24
    page.close()


def test_the_page_is_small_and_holds_plotly_once(ordinary):
    html = ordinary.read_text(encoding="utf-8")
    assert len(html.encode()) <= 3 * MEGABYTE
    blocks = re.findall(r'<script type="application/gzip" id="(\w+)">([^<]*)</script>', html)
    assert [name for name, _ in blocks] == ["pack", "texts", "charts", "plotly"]
    library = gzip.decompress(base64.b64decode(blocks[-1][1])).decode()
    assert "plotly.js v" in library[:200] and "plotly.js v" not in html
    digest = base64.b64encode(hashlib.sha256(library.encode()).digest()).decode()
    assert f"sha256-{digest}" in re.search(r'Content-Security-Policy" content="([^"]*)"', html).group(1)
    assert "http://" not in re.sub(r'href="[^"]*"|<dd>.*?</dd>', "", html.split('<script type="application/gzip"')[0])


def test_code_is_hidden(ordinary):
    assert "store.read_run" not in ordinary.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [1280, 360])
def test_hostile_text_is_shown_as_text(visit, hostile, width):
    page = visit(hostile, width, so_far="complete")
    assert page.complaints == [] and page.requests_made == [hostile.as_uri()]
    assert page.evaluate("window.hacked") is None
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate("document.querySelectorAll('main details').forEach(d => { d.open = true })")
    while page.locator("#more").is_visible():
        page.locator("#more").click()
    listed = page.eval_on_selector_all("#list bdi", "all => all.map(b => b.textContent)")
    assert sorted(listed) == sorted(plain(t) for t in fake_run(40, 6, hostile=True).papers["title"])
    assert any(title.startswith(plain(HOSTILE_TITLES[0])) for title in listed)
    assert page.evaluate("window.hacked") is None
    assert page.locator("main img, main iframe, main object").count() == 0
    assert page.eval_on_selector_all("a[href]", "all => all.filter(a => !/^(https?|file):/.test(a.href)).length") == 0
    page.fill("#search input", "<script>")
    page.locator("#list button").first.click()
    assert page.locator("#reader").is_visible() and page.complaints == []
    assert page.locator("#reader .like li").count() > 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_hostile_address_chooses_nothing_and_runs_nothing(visit, hostile):
    address = ("#map?theme=<script>window.hacked=9</script>&q=%22%3Cimg src=x onerror=window.hacked=8%3E"
               "&facet=%00&at=a_b_c&lasso=9")
    page = visit(hostile, address=address)
    assert page.complaints == [] and page.evaluate("window.hacked") is None
    assert "does not know the theme, facet, lasso" in page.locator("#found").text_content()
    assert page.locator("#bar img").count() == 0


def test_a_feed_without_papers_has_a_page(visit, bare):
    page = visit(bare, so_far="complete")
    assert page.complaints == [] and drawn_charts(page) == []
    assert page.locator("h1").text_content() == "No paper came in"
    assert titles(page) == SECTIONS


def test_numbers_stand_beside_each_chart(visit, ordinary):
    page = visit(ordinary, so_far="complete")
    for name in [*drawn_charts(page), "map"]:
        page.locator(f"#chart-{name} summary").click()
        page.wait_for_selector(f"#chart-{name} table tbody tr")
        table = charts.chart_table(fake_run(90, 12), name)
        assert page.locator(f"#chart-{name} table tbody tr").count() == min(len(table), 400)
    assert page.complaints == []


def test_contents_lead_to_every_section(visit, ordinary):
    page = visit(ordinary, so_far="ready")
    targets = page.eval_on_selector_all("nav a", "all => all.map(a => a.hash.slice(1))")
    assert len(targets) >= 10 + 12
    for target in targets:
        assert page.locator(f"[id='{target}']").count() == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible(visit, ordinary, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    page = visit(ordinary, scheme=scheme, so_far="complete", address="#map?q=labels")
    for shows_paper in (False, True):
        if shows_paper:
            page.locator("#list button").first.click()
        found = axe.Axe().run(page).response["violations"]
        grave = [(rule["id"], [node["html"][:200] for node in rule["nodes"][:3]]) for rule in found
                 if rule["impact"] in ("serious", "critical")]
        assert grave == []


def test_it_prints(visit, ordinary):
    page = visit(ordinary, so_far="complete")
    assert len(page.pdf()) > 50_000 and page.complaints == []
