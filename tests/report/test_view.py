"""Map, list, periods and trends show one view: chosen, searched, sent as an address, undone by "back"."""

import re

import pandas as pd
import pytest
from fake_run import fake_run
from report_pages import until

from analysis import charts

RUN = fake_run(90, 12)
PAPERS = RUN.papers.set_index("paper_id")
TEXTS = (PAPERS["title"] + " " + PAPERS["abstract"]).str.lower()
PRIMARY = RUN.placements[RUN.placements["rank"] == 1].set_index("paper_id")["theme_key"]
NAMES = RUN.themes.set_index("theme_key")["name"]
VISIBLE_NAMES = ("[...document.querySelectorAll('.names button')]"
                 ".filter(name => getComputedStyle(name).visibility === 'visible')")
EDGE = 14
"""Pixels that the map keeps free at each side."""


@pytest.fixture(scope="module")
def opened(browser, ordinary):
    page = browser.new_page(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(ordinary.as_uri())
    page.wait_for_selector("html[data-complete]", state="attached", timeout=60_000)
    yield page
    page.close()


@pytest.fixture
def page(opened, ordinary):
    """The page with nothing chosen; it is opened once, for an address is all that a view rests on."""
    opened.goto(f"{ordinary.as_uri()}#map?")
    until(opened, "document.querySelector('#bar').hidden && !document.querySelector('#reader').open")
    yield opened
    assert opened.complaints == []


def found(page):
    return int(re.match(r"[\d,]+", page.locator("#found").text_content()).group().replace(",", ""))


def names_shown(page):
    return set(page.evaluate(f"{VISIBLE_NAMES}.map(name => name.textContent)"))


def held_by(key):
    return set(RUN.placements.loc[RUN.placements["theme_key"] == key, "paper_id"])


def pixels(page, color):
    """Count the map's pixels in a colour."""
    wanted = [int(color[i:i + 2], 16) for i in (1, 3, 5)]
    return page.evaluate("""([r, g, b]) => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => {
        const sheet = document.querySelector('.map canvas');
        const { data } = sheet.getContext('2d').getImageData(0, 0, sheet.width, sheet.height);
        let n = 0;
        for (let i = 0; i < data.length; i += 4)
            if (data[i + 3] > 180
                && Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b) < 8) n++;
        done(n);
    })))""", wanted)


def spot(page, paper_id):
    """Return where a paper's mark stands in the window."""
    page.locator(".map").scroll_into_view_if_needed()
    box = page.locator(".map canvas").bounding_box()
    place = RUN.map.set_index("paper_id")
    share = (place.loc[paper_id] - place.min()) / (place.max() - place.min())
    return (box["x"] + EDGE + share["x"] * (box["width"] - 2 * EDGE),
            box["y"] + EDGE + (1 - share["y"]) * (box["height"] - 2 * EDGE))


def overlaps(page):
    boxes = page.evaluate(f"{VISIBLE_NAMES}.map(name => name.getBoundingClientRect())"
                          ".map(b => [b.left, b.right, b.top, b.bottom])")
    pairs = [(one, other) for number, one in enumerate(boxes) for other in boxes[:number]]
    return len(boxes), sum(one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]
                           for one, other in pairs)


def traces(page):
    """Return the traces of the chart of trends, once it has followed the view; `shown` are the view's own lines."""
    page.locator("#chart-trends .plot").scroll_into_view_if_needed()
    page.wait_for_timeout(400)
    return page.evaluate("""document.querySelector('.plot[data-chart=trends]').data.map(t => ({meta: t.meta,
        faint: t.opacity < 1, shown: t.hovertemplate?.startsWith('shown') ? {x: t.x, y: t.y} : null}))""")


def test_a_theme_filters_map_list_and_trends(page):
    key = charts.listed_themes(RUN)["theme_key"].iloc[0]
    other = next(theme for theme in NAMES.index
                 if theme != key and not held_by(key) & set(PRIMARY.index[PRIMARY == theme]))
    colors = charts.theme_colors(RUN)
    assert pixels(page, colors[other]) > 20
    page.select_option("[name=theme]", key)
    assert found(page) == len(held_by(key))
    assert pixels(page, colors[other]) == 0 and pixels(page, colors[key]) > 20
    assert NAMES[key] in names_shown(page) and NAMES[other] not in names_shown(page)
    assert f"Shown: {len(held_by(key))} of 90 papers" in page.get_attribute(".map canvas", "aria-label")
    rows = page.eval_on_selector_all("#list bdi", "all => all.map(b => b.textContent)")
    assert set(rows) <= set(PAPERS.loc[sorted(held_by(key)), "title"])
    drawn = traces(page)
    assert {trace["meta"] for trace in drawn if not trace["faint"]} == {key}


def test_words_draw_their_share_of_each_period(page):
    page.fill("[name=q]", "labels")
    shown = TEXTS.index[TEXTS.str.contains("labels")]
    years = PAPERS["published"].str[:4]
    lines = [trace for trace in traces(page) if trace["shown"]]
    assert {line["meta"] for line in lines} == set(RUN.trends["theme_key"])
    for line in lines:
        held = [paper for paper in shown if PRIMARY.get(paper) == line["meta"]]
        for period, share in zip(line["shown"]["x"], line["shown"]["y"], strict=True):
            n_total = int((years == period).sum())
            n = int((years[held] == period).sum())
            assert share == (pytest.approx(n / n_total) if n_total else None)
    page.fill("[name=q]", "")
    assert not [trace for trace in traces(page) if trace["shown"]]


@pytest.mark.parametrize(("typed", "words"), [
    ("DEMONSTRATIONS prompt", ["demonstrations", "prompt"]), ('"teacher model"', ["teacher model"]),
    ("“knowledge dist", ["knowledge dist"]), ("models no-such-word", ["models", "no-such-word"]),
])
def test_all_words_and_phrases_must_be_said(page, typed, words):
    page.fill("[name=q]", typed)
    assert found(page) == sum(all(word in text for word in words) for text in TEXTS)


def test_periods_are_chosen_by_field_and_by_bar(page):
    years = PAPERS["published"].str[:4]
    page.select_option("[name=from]", "2022")
    page.select_option("[name=to]", "2023")
    assert found(page) == int(years.isin(["2022", "2023"]).sum())
    page.locator("#course [data-label='2024']").click()
    assert found(page) == int((years == "2024").sum())
    assert page.input_value("[name=from]") == page.input_value("[name=to]") == "2024"


def test_what_abstracts_say_filters(page):
    page.select_option("[name=facet]", "dataset:Bench-2")
    assert found(page) == int((RUN.facets["value"] == "Bench-2").sum())
    assert page.locator("#bar").text_content().count("Bench-2") == 1


def test_an_address_gives_the_same_view(page, visit, ordinary):
    page.select_option("[name=from]", "2020")
    page.fill("[name=q]", "study")
    page.locator("[data-do=in]").click()
    page.locator("[data-do=in]").click()
    until(page, "/at=\\d+_\\d+_256/.test(location.hash)")

    def state(of):
        return (of.locator("#found").text_content(), of.input_value("[name=q]"), of.input_value("[name=from]"),
                of.locator("#bar").text_content(), sorted(names_shown(of)), of.locator("#list").text_content())

    def lefts(of):
        return of.evaluate(f"{VISIBLE_NAMES}.map(name => name.getBoundingClientRect().left)")

    again = visit(ordinary, address=page.evaluate("location.hash"))
    assert state(again) == state(page) and 0 < found(page) < 90
    assert lefts(again) == pytest.approx(lefts(page), abs=3)


def test_back_undoes_choices_one_by_one_and_words_as_one(page):
    page.select_option("[name=theme]", "distillation")
    n_theme = found(page)
    page.locator("[name=q]").press_sequentially("study 1")
    assert found(page) < n_theme < 90
    page.go_back()
    until(page, "document.querySelector('[name=q]').value === ''")
    assert found(page) == n_theme and page.input_value("[name=theme]") == "distillation"
    page.go_back()
    until(page, "document.querySelector('[name=theme]').value === ''")
    assert found(page) == 90 and page.locator("#bar").is_hidden()
    page.go_forward()
    until(page, "document.querySelector('[name=theme]').value === 'distillation'")
    assert found(page) == n_theme


def test_one_part_or_all_of_the_view_is_let_go(visit, ordinary):
    page = visit(ordinary, address="#map?theme=distillation&q=study")
    page.get_by_role("button", name="Remove: “study”").click()
    assert found(page) == len(held_by("distillation"))
    page.locator("#all").click()
    assert found(page) == 90 and page.evaluate("location.hash") == "#map"


def test_links_inside_the_page_keep_the_view_or_bring_their_own(visit, ordinary):
    page = visit(ordinary, address="#map?q=study")
    page.locator("nav a", has_text="Trends").click()
    assert page.evaluate("location.hash") == "#trends?q=study"
    page.locator("#theme-distillation a", has_text="Show on the map").click()
    assert page.evaluate("location.hash") == "#map?theme=distillation"
    assert found(page) == len(held_by("distillation")) and page.input_value("[name=q]") == ""


def test_a_point_opens_its_paper_and_a_name_chooses_its_theme(page):
    place = RUN.map.set_index("paper_id")
    far = {paper: (place.drop(paper) - place.loc[paper]).pow(2).sum(axis=1).min() for paper in place.index}
    paper = max(far, key=far.get)
    page.mouse.click(*spot(page, paper))
    assert page.locator("#reader-title").text_content() == PAPERS.loc[paper, "title"]
    page.keyboard.press("Escape")
    page.wait_for_selector("#reader", state="hidden")
    page.locator(".names button", has_text=NAMES["distillation"]).first.click()
    assert page.input_value("[name=theme]") == "distillation"


def test_a_lasso_keeps_the_papers_inside_it_and_can_be_sent(page, visit, ordinary):
    page.locator("[data-do=lasso]").click()
    spots = pd.DataFrame({paper: spot(page, paper) for paper in RUN.map["paper_id"]}, index=["x", "y"]).T
    left, top, middle = spots["x"].min() - 8, spots["y"].min() - 8, spots.median()
    inside = spots[(spots["x"] < middle["x"]) & (spots["y"] < middle["y"])]
    page.mouse.move(left, top)
    page.mouse.down()
    for corner in ((middle["x"], top), (middle["x"], middle["y"]), (left, middle["y"])):
        page.mouse.move(*corner, steps=8)
    page.mouse.up()
    assert 0 < found(page) < 90 and abs(found(page) - len(inside)) <= 3
    again = visit(ordinary, address=page.evaluate("location.hash"))
    assert found(again) == found(page)


def test_papers_like_one_are_shown_nearest_first(page):
    page.locator("#list button").nth(3).click()
    title = page.locator("#reader-title").text_content()
    near = RUN.neighbours.set_index("paper_id").loc[PAPERS.index[PAPERS["title"] == title][0]]
    near = near.sort_values("rank")["other_id"]
    wanted = [title, *PAPERS.loc[near, "title"]]
    assert page.eval_on_selector_all("#reader .like bdi", "all => all.map(b => b.textContent)") == wanted[1:6]
    page.get_by_role("button", name="Show them on the map").click()
    assert page.eval_on_selector_all("#list bdi", "all => all.map(b => b.textContent)") == wanted
    assert not page.locator("#reader").is_visible()


def test_papers_near_in_meaning_say_other_words(page):
    page.fill("[name=q]", "forgetting")
    near = page.eval_on_selector_all("#near bdi", "all => all.map(b => b.textContent)")
    said = set(TEXTS.index[TEXTS.str.contains("forgetting")])
    assert near and not set(near) & set(PAPERS.loc[sorted(said), "title"])
    table = RUN.neighbours
    reached = set(table.loc[table["paper_id"].isin(said), "other_id"])
    assert set(near) <= set(PAPERS.loc[sorted(reached), "title"])


def test_reading_on_from_paper_to_paper_goes_back_to_where_it_began(page, visit, ordinary):
    page.locator("#list button").first.click()
    first = page.locator("#reader-title").text_content()
    page.locator("#reader .like button").first.click()
    assert page.locator("#reader-title").text_content() != first
    page.go_back()
    until(page, "title => document.querySelector('#reader-title').textContent === title", first)
    page.locator("#reader .like button").first.click()
    page.keyboard.press("Escape")
    page.wait_for_selector("#reader", state="hidden")
    assert page.evaluate("location.hash").split("?")[-1].find("paper=") == -1
    paper = PAPERS.index[PAPERS["title"] == first][0]
    sent = visit(ordinary, address=f"#map?paper={paper}")
    assert sent.locator("#reader-title").text_content() == first and sent.locator("#reader mark").count() >= 1


def test_the_keyboard_walks_from_search_to_a_paper_and_back(page):
    page.locator("[name=q]").focus()
    walk, outlines = [], []
    for _ in range(11):
        page.keyboard.press("Tab")
        walk.append(page.evaluate("(e => e.name || e.dataset.do || (e.closest('#list') ? 'row' : e.localName))"
                                  "(document.activeElement)"))
        outlines.append(page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))
    assert walk == ["theme", "from", "to", "facet", "in", "out", "fit", "lasso", "canvas", "summary", "row"]
    assert "none" not in outlines
    page.keyboard.press("Enter")
    assert page.locator("#reader").is_visible() and page.locator("#reader mark").count() >= 1
    page.keyboard.press("Escape")
    page.wait_for_selector("#reader", state="hidden")
    assert page.evaluate("document.activeElement.closest('#list') !== null")


def test_the_map_obeys_keys(page):
    before = sorted(names_shown(page))
    page.locator(".map canvas").focus()
    for key in "+++":
        page.keyboard.press(key)
    page.keyboard.press("ArrowLeft")
    assert sorted(names_shown(page)) != before
    page.keyboard.press("0")
    assert sorted(names_shown(page)) == before


@pytest.mark.parametrize("width", [1280, 360])
def test_names_on_the_map_never_overlap(visit, ordinary, width):
    page = visit(ordinary, width)
    n_names, n_overlaps = overlaps(page)
    assert n_names >= 5 and n_overlaps == 0
    for _ in range(4):
        page.locator("[data-do=in]").click()
        assert overlaps(page)[1] == 0
    page.locator("[data-do=fit]").click()
    assert overlaps(page) == (n_names, 0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marks_use_the_schemes_own_colours(visit, ordinary, scheme):
    page = visit(ordinary, scheme=scheme)
    one, other = (charts.theme_colors(RUN, dark=dark) for dark in (scheme == "dark", scheme != "dark"))
    seen = [key for key in set(PRIMARY) if pixels(page, one[key]) > 5]
    assert len(seen) == PRIMARY.nunique()
    assert not [key for key in set(PRIMARY) if other[key] not in one.values() and pixels(page, other[key]) > 5]
