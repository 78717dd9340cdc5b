"""Literals: days in every form, and texts without their types."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.sources.values import Order, clean, day, order_of, plain, without_language

FORMS = (
    "{d:02}-{m:02}-{y:04}",
    "{d}/{m}/{y:04}",
    "{d:02}.{m:02}.{y:04} 01:00",
    "{y:04}-{m:02}-{d:02}",
    "{y:04}/{m}/{d}",
)


@given(st.dates(min_value=date(1000, 1, 1)), st.sampled_from(FORMS))
def test_every_day_is_read_in_every_form(given_day, form):
    assert day(form.format(d=given_day.day, m=given_day.month, y=given_day.year)) == given_day.isoformat()


@given(st.text())
def test_a_text_is_a_day_a_year_or_month_or_nothing(text):
    found = day(text)
    assert not found or date.fromisoformat((found + "-01-01")[:10])


@pytest.mark.parametrize(
    "text",
    ["30-02-1970", "00-00-0000", "02-05/1969", "", "1969-13-01", "19691", "5 Mai 1969", "05/02/1969 25:00"],
)
def test_what_is_no_day(text):
    assert day(text) is None


@given(st.lists(st.dates(min_value=date(1900, 1, 1), max_value=date(2020, 1, 1)), max_size=30))
def test_a_column_in_one_order_is_never_read_wrongly(days):
    american = [f"{one.month}/{one.day}/{one.year}" for one in days]
    order = order_of(american)
    if any(one.day > 12 for one in days):
        assert order is Order.MONTH_FIRST
        assert [day(text, order) for text in american] == [one.isoformat() for one in days]


@given(st.text())
def test_cleaning_and_stripping_come_to_rest(text):
    assert clean(clean(text)) == clean(text)
    assert isinstance(without_language(plain(text)), str)
