"""What the page is given as data: compact, the same twice, and true to the tables."""

import base64
import gzip
import json

import pytest
from fake_run import fake_run

from analysis import charts
from analysis.charts.style import plain
from analysis.report import pack
from analysis.report.pack import N_NEAR, STEPS, pack_charts, pack_texts, pack_view, packed_text


@pytest.fixture(scope="module")
def run():
    return fake_run(60, 6, hostile=True)


@pytest.fixture(scope="module")
def view(run):
    return json.loads(pack_view(run))


@pytest.fixture(scope="module")
def texts(run):
    return json.loads(pack_texts(run))


def each(counts, column):
    """Part a flat column by the count a paper."""
    parts, at = [], 0
    for count in counts:
        parts.append(column[at:at + count])
        at += count
    assert at == len(column)
    return parts


def test_packs_are_the_same_twice_and_read_back(run):
    for text in (pack_view(run), pack_texts(run), pack_charts(run, charts.CHARTS)):
        packed = packed_text(text)
        assert packed == packed_text(text)
        assert gzip.decompress(base64.b64decode(packed)).decode() == text


def test_papers_stand_newest_first_with_their_themes(run, view):
    papers = run.papers.set_index("paper_id")
    ids = view["papers"]["id"]
    assert sorted(ids) == sorted(papers.index)
    dates = [date for date in papers.loc[ids, "published"] if isinstance(date, str)]
    assert dates == sorted(dates, reverse=True) and len(dates) < len(ids)
    placed = run.placements.sort_values(["paper_id", "rank"]).groupby("paper_id")["theme_key"].apply(list)
    keys = [theme["key"] for theme in view["themes"]]
    for paper_id, themes in zip(ids, each(view["papers"]["n_themes"], view["papers"]["theme"]), strict=True):
        assert [keys[number] for number in themes] == placed.get(paper_id, [])


def test_places_keep_their_order_and_fill_the_map(run, view):
    place = run.map.set_index("paper_id").loc[view["papers"]["id"]]
    for axis, sign in (("x", 1), ("y", -1)):
        steps = view["papers"][axis]
        assert (min(steps), max(steps)) == (0, STEPS)
        exact = sign * place[axis].to_numpy()
        scale = (exact.max() - exact.min()) / STEPS
        assert abs(exact - exact.min() - [step * scale for step in steps]).max() <= scale


def test_periods_are_those_of_the_trends(run, view):
    assert view["periods"] == sorted(set(run.trends["period"]))
    papers = run.papers.set_index("paper_id").loc[view["papers"]["id"], "published"]
    for published, period in zip(papers, view["papers"]["period"], strict=True):
        year = published[:4] if isinstance(published, str) else None
        assert (view["periods"][period] if period >= 0 else None) == year


def test_a_sentence_that_placed_a_paper_is_found_in_its_abstract(run, view, texts):
    papers = run.papers.set_index("paper_id")
    evidence = run.placements.set_index(["paper_id", "rank"])
    starts, ends = (each(view["papers"]["n_themes"], texts[name]) for name in ("start", "end"))
    assert texts["whole"]
    for i, paper_id in enumerate(view["papers"]["id"]):
        for rank, (start, end) in enumerate(zip(starts[i], ends[i], strict=True), start=1):
            row = evidence.loc[(paper_id, rank)]
            quoted = texts["abstract"][i][start:end] if start >= 0 else ""
            told = papers.loc[paper_id, "abstract"][int(row.evidence_start):int(row.evidence_end)] if start >= 0 else ""
            assert quoted == plain(told)


def test_of_too_many_abstracts_the_sentences_are_left(run, view, monkeypatch):
    monkeypatch.setattr(pack, "N_CHARACTERS", 100)
    texts = json.loads(pack_texts(run))
    assert not texts["whole"]
    starts, ends = (each(view["papers"]["n_themes"], texts[name]) for name in ("start", "end"))
    papers = run.papers.set_index("paper_id")
    for i, paper_id in enumerate(view["papers"]["id"]):
        assert texts["abstract"][i] in plain(papers.loc[paper_id, "abstract"])
        if starts[i] and texts["abstract"][i]:
            assert (starts[i][0], ends[i][0]) == (0, len(texts["abstract"][i]))
        assert all(start == -1 for start in starts[i][1:])


def test_the_nearest_papers_of_each_are_packed_by_place(run, view, texts):
    near = run.tables["neighbours"]
    wanted = near[near["rank"] <= N_NEAR].sort_values("rank").groupby("paper_id")["other_id"].apply(list)
    ids = view["papers"]["id"]
    for paper_id, others in zip(ids, each(texts["near"]["n"], texts["near"]["other"]), strict=True):
        assert [ids[other] for other in others] == wanted[paper_id]


def test_facets_that_one_paper_alone_names_are_left_out_and_numbers():
    run = fake_run(60, 6)
    packed = json.loads(pack_texts(run))["facets"]
    named = run.facets[run.facets["kind"] != "number"].groupby(["kind", "value"])["paper_id"].nunique()
    assert {tuple(value) for value in packed["values"]} == set(named.index[named > 1]) and (named == 1).any()
    assert sum(packed["n"]) == len(packed["value"]) == named[named > 1].sum()


def test_a_run_without_neighbours_and_facets_says_so():
    run = fake_run(5, 2)
    tables = {name: table for name, table in run.tables.items() if name not in ("neighbours", "facets")}
    texts = json.loads(pack_texts(type(run)(run.run_id, run.manifest, tables)))
    assert texts["near"] is None and texts["facets"] is None


def test_no_address_but_of_the_web_is_packed(texts):
    assert any(texts["url"]) and all(url == "" or url.startswith("https://") for url in texts["url"])


def test_the_map_is_not_packed_twice(run):
    packed = json.loads(pack_charts(run, charts.CHARTS))
    assert set(packed["tables"]) == set(charts.CHARTS) == set(packed["charts"]) | {"map"}


def test_of_a_long_table_the_page_holds_the_first_rows_and_the_count(run, monkeypatch):
    monkeypatch.setattr(pack, "N_ROWS", 7)
    table = json.loads(pack_charts(run, ["map"]))["tables"]["map"]
    assert len(table["rows"]) == 7 and table["n_rows"] == len(charts.chart_table(run, "map"))
