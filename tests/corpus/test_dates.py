import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.corpus import InputFile, read_dates, read_papers
from analysis.corpus.dates import combine_date, cut_date, parse_date
from analysis.schema import InputError


@pytest.mark.parametrize(
    ("said", "published", "precision"),
    [
        ("2024", "2024", "year"),
        (2024, "2024", "year"),
        (2024.0, "2024", "year"),
        ("2024-3", "2024-03", "month"),
        ("2024/03/01", "2024-03-01", "day"),
        ("20240301", "2024-03-01", "day"),
        ("1 Dec 2024", "2024-12-01", "day"),
        ("December 1st, 2024", "2024-12-01", "day"),
        ("Dec 2024", "2024-12", "month"),
        ("2020 Feb;63(2)", "2020-02", "month"),
        ("Fri, 01 Mar 2024 10:00:00 GMT", "2024-03-01", "day"),
        ("2024-03-01T23:30:00-05:00", "2024-03-02", "day"),
        ("2024-03-01 00:00:00", "2024-03-01", "day"),
        ("13/4/2024", "2024-04-13", "day"),
        ("4/13/2024", "2024-04-13", "day"),
        (dt.date(2024, 3, 1), "2024-03-01", "day"),
        ('="3/3/2024"', "2024-03-03", "day"),
        ("2019 Jan-Feb", "2019", "year"),
        # what is not said is not made up
        ("4/3/2024", "2024", "year"),
        ("24 Apr", None, "none"),
        ("Apr 24", None, "none"),
        ("", None, "none"),
        ("2024-13", "2024", "year"),
        ("2024-02-31", "2024-02", "month"),
        ("0001-01-01", None, "none"),
        ("soon", None, "none"),
        ("2023 or 2024", None, "none"),
        (float("nan"), None, "none"),
        (True, None, "none"),
        ("2410.12345", None, "none"),
    ],
)
def test_dates_are_cut_to_what_is_said(said, published, precision):
    assert parse_date(said) == (published, precision)


@given(st.text() | st.integers() | st.floats() | st.datetimes(timezones=st.timezones()) | st.dates())
def test_any_value_gives_a_real_date_or_none(value):
    published, precision = parse_date(value)
    assert len(published or "") == {"day": 10, "month": 7, "year": 4, "none": 0}[precision]
    if published:
        dt.date.fromisoformat((published + "-01-01")[:10])


def test_parts_make_a_date():
    assert combine_date("2015", "12/14") == ("2015-12-14", "day")
    assert combine_date(2015, "Dec") == ("2015-12", "month")
    assert combine_date("2015", "spring") == ("2015", "year")
    assert cut_date(("2015-07-01", "day"), "month-inferred") == ("2015-07", "month")
    assert cut_date(("2015", "year"), "day") == ("2015", "year")


def papers_with(dates, published):
    rows = f"title,published\nOn Things,{published}\n".encode()
    return read_papers([InputFile("a.csv", rows)], read_dates(InputFile("d.csv", dates.encode()))).papers.iloc[0]


def test_curated_dates_win_only_where_they_know_more():
    curated = "title,published,published_precision,basis\nON THINGS!,2020-03,month,arXiv\n"
    gap, coarse, finer = (papers_with(curated, said) for said in ("", "2020", "2020-04-02"))
    assert (gap.published, gap.published_precision, gap.published_basis) == ("2020-03", "month", "arXiv")
    assert (coarse.published, coarse.published_basis) == ("2020-03", "arXiv")
    assert (finer.published, finer.published_basis) == ("2020-04-02", "input")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title,published\nA b,someday\n", "line 2: published is 'someday'"),
        ("name of it,published\nA b,2020\n", "columns are name of it, published"),
        ("title,published,published_precision\nA b,2020,decade\n", "published_precision is 'decade'"),
        ("title,published\nA b,2020\nA B,2021\n", "keep the right one"),
    ],
)
def test_a_wrong_list_of_dates_says_where(text, said):
    with pytest.raises(InputError, match=said):
        read_dates(InputFile("d.csv", text.encode()))
