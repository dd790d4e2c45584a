import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.schema import InputError, SchemaError
from analysis.trends import periods as calendar
from tests.trends.planted import papers_table


@given(st.dates(datetime.date(1000, 1, 1)), st.sampled_from(calendar.WIDTHS))
def test_every_day_lies_in_one_half_open_period(day, width):
    period = calendar.period_of(np.array([day], dtype="datetime64[D]"), width)
    start, end = calendar.first_day(np.append(period, period + 1), width)
    assert start <= np.datetime64(day) < end


@given(st.dates(datetime.date(1000, 1, 1)), st.sampled_from(calendar.WIDTHS))
def test_labels_name_their_width_and_sort_as_time_does(day, width):
    period = calendar.period_of(np.array([day], dtype="datetime64[D]"), width)[0]
    labels = calendar.label_periods(np.array([period - 1, period, period + 1]), width)
    if day.year < 9990:
        assert labels == sorted(labels) and len(set(labels)) == 3
    assert calendar.width_of(labels[1]) == width
    assert calendar.parse_label(labels[1]) == period


@pytest.mark.parametrize(
    ("day", "width", "label"),
    [
        ("2024-12-30", "week", "2025-W01"),
        ("2021-01-03", "week", "2020-W53"),
        ("2024-02-29", "month", "2024-02"),
        ("2024-03-31", "quarter", "2024-Q1"),
        ("2024-04-01", "quarter", "2024-Q2"),
        ("1969-12-31", "year", "1969"),
        ("2024-02-29", "day", "2024-02-29"),
    ],
)
def test_labels_of_known_days(day, width, label):
    period = calendar.period_of(np.array([day], dtype="datetime64[D]"), width)
    assert calendar.label_periods(period, width) == [label]


def test_a_label_of_no_known_form_is_refused():
    with pytest.raises(SchemaError, match="2024-13x"):
        calendar.width_of("2024-13x")


def test_days_are_the_first_that_a_date_allows():
    days = calendar.read_days(papers_table(["2024", "2024-03", "2024-03-05", None]))
    assert [str(day)[:10] for day in days] == ["2024-01-01", "2024-03-01", "2024-03-05", "NaT"]


@pytest.mark.parametrize("wrong", ["2024-13", "2024-02-30"])
def test_a_date_that_is_none_is_refused_with_its_paper(wrong):
    with pytest.raises(SchemaError, match=f"p000000.*{wrong}"):
        calendar.read_days(papers_table([wrong]))


def test_a_date_shorter_than_its_precision_is_refused():
    papers = papers_table(["2024-03"]).assign(published_precision="day")
    with pytest.raises(SchemaError, match="to the day"):
        calendar.read_days(papers)


def test_as_of_must_be_a_day():
    with pytest.raises(InputError, match="2025-03-31"):
        calendar.read_as_of("soon", pd.Series(dtype="datetime64[s]"))


def dates_between(start, end, n):
    days = np.linspace(np.datetime64(start).astype(int), np.datetime64(end).astype(int), n).round()
    return [str(day) for day in days.astype(int).astype("datetime64[D]")]


@pytest.mark.parametrize(
    ("start", "end", "n", "width"),
    [
        ("2024-03-01", "2024-03-30", 400, "day"),
        ("2024-01-01", "2024-06-30", 400, "week"),
        ("2022-01-01", "2024-06-30", 1000, "month"),
        ("2018-01-01", "2024-06-30", 1000, "quarter"),
        ("1990-01-01", "2024-06-30", 1000, "year"),
        ("2015-01-01", "2025-06-30", 90, "year"),
        ("2024-03-01", "2024-03-30", 3, "year"),
    ],
)
def test_the_width_follows_the_span_and_the_number_of_papers(start, end, n, width):
    assert calendar.choose_width(papers_table(dates_between(start, end, n))) == width


def test_dates_to_the_month_never_lead_to_days_or_weeks():
    dates = [date[:7] for date in dates_between("2024-01-01", "2024-02-28", 500)]
    assert calendar.choose_width(papers_table(dates)) == "month"


def test_dates_to_the_year_lead_to_years_when_they_are_many():
    fine, coarse = dates_between("2022-01-01", "2024-06-30", 1000), ["2023"] * 200
    assert calendar.choose_width(papers_table(fine + coarse)) == "year"
    assert calendar.choose_width(papers_table(fine + coarse[:50])) == "month"


def test_yearly_conferences_are_counted_by_the_year():
    dates = [f"{year}-{month}" for year in range(2017, 2025) for month in ("05", "07", "11") for _ in range(300)]
    assert calendar.choose_width(papers_table(dates)) == "year"


def test_one_stray_old_paper_does_not_set_the_width():
    dates = ["1963-08-01", *dates_between("2022-01-01", "2024-06-30", 1000)]
    assert calendar.choose_width(papers_table(dates)) == "month"


def test_no_paper_at_all_has_a_width():
    assert calendar.choose_width(papers_table([])) == "year"
    assert calendar.choose_width(papers_table([None, None])) == "year"
