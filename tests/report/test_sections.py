"""Each section of the report says what the tables hold, at any size, and no markup of strangers gets in."""

from html.parser import HTMLParser

import pandas as pd
import pytest
from fake_run import fake_run
from report_pages import MADE_AT, with_tables

from analysis import charts, report, store
from analysis.report import words
from analysis.report.sections import marked, safe_url, theme_ids
from analysis.schema import RunError


def sections_of(run):
    return [report.headline(run, MADE_AT), report.movers(run), report.theme_cards(run), report.search(run),
            report.finder(run), report.several(run), report.facets(run), report.trust(run), report.set_aside(run),
            report.receipt(run), report.summary(run), report.to_read(run), report.novel(run), report.bridges(run)]


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


def test_a_folder_that_is_no_run_is_told(tmp_path):
    with pytest.raises(RunError):
        report.build_report(tmp_path / "nothing", MADE_AT)
    with pytest.raises(RunError, match="there is no run under"):
        report.newest_run(tmp_path)


def test_a_card_tells_the_tree_and_what_became_of_the_theme():
    run = fake_run(30, 4)
    themes = run.themes.copy()
    first, second = themes["theme_key"].iloc[:2]
    themes.loc[themes["theme_key"] == first, "parent_key"] = "above"
    more = [themes.iloc[[0]].assign(theme_key=key, level=level, name=name, parent_key=parent, n_papers=3)
            for key, level, name, parent in (("above", "broad", "Above <b>", None), ("finer", "fine", "Finer", first))]
    lineage = pd.DataFrame([{"theme_key": first, "previous_key": second, "level": "theme", "event": "split",
                             "name": "One", "previous_name": "Two & more", "overlap": 0.5, "n_shared": 2,
                             "paper_ids": None}])
    html = report.theme_cards(with_tables(run, themes=pd.concat([themes, *more]), lineage=lineage)).html
    assert "Part of Above &lt;b&gt;." in html and "Within it: Finer (3)." in html
    assert "Since the run before: parted from Two &amp; more." in html
    assert "Since the run before" not in report.theme_cards(with_tables(run, lineage=run.lineage.iloc[:0])).html


def test_a_disk_that_takes_no_scratch_files_is_told(monkeypatch, tmp_path):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    run = store.write_run(fake_run(2, 1), tmp_path)
    monkeypatch.setattr("tempfile.mkdtemp", refuse)
    with pytest.raises(RunError, match=r"cannot be executed \(No space left on device\); expected a disk that takes"):
        report.build_report(run)
