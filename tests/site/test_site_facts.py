"""Facts with the source of each."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.site.facts import facts_of, safe_link


def statement(name: str, value: str, **other: Any) -> dict[str, Any]:
    return {
        "property": name,
        "value": value,
        "source": "ep_api",
        "url": f"https://data.example/{value}",
        "retrieved_at": datetime(2026, 1, 15, tzinfo=UTC),
        "basis": "stated",
        "is_chosen": True,
        **other,
    }


def test_the_chosen_value_comes_with_who_agrees_and_who_does_not() -> None:
    [fact] = facts_of(
        [
            statement("birth_date", "1952", is_chosen=False, source="ep_csv"),
            statement(
                "birth_date", "1952-01-06", is_chosen=False, source="ep_profile", url="https://www.example/"
            ),
            statement("birth_date", "1952-01-06"),
        ],
        {},
    )
    assert (fact.label, fact.value) == ("Born on", "6 January 1952")
    assert [origin.source for origin in fact.origins] == [
        "Parliament's Open Data API",
        "Member's profile page",
    ]
    [(value, origins)] = fact.others
    assert (value, origins[0].source) == ("1952", "Parliament's bulk CSV")


def test_what_was_not_chosen_is_no_fact() -> None:
    assert facts_of([statement("name", "Kate?ina", is_chosen=False)], {}) == ()


def test_accounts_are_a_fact_each_and_countries_have_names() -> None:
    rows = [statement("x", "x.com/one"), statement("x", "https://x.com/two"), statement("citizenship", "GR")]
    facts = facts_of(rows, {"GR": "Greece"})
    assert [(fact.property, fact.value, fact.href) for fact in facts] == [
        ("citizenship", "Greece", None),
        ("x", "x.com/one", "https://x.com/one"),
        ("x", "https://x.com/two", "https://x.com/two"),
    ]


@pytest.mark.parametrize(
    "value",
    ["javascript:alert(1)", "data:text/html,x", "//", "ftp://a.example", 'https://a.example/"onclick', "@me"],
)
def test_what_is_no_web_address_is_not_linked(value: str) -> None:
    assert safe_link(value) is None


@given(st.text())
def test_only_web_addresses_are_linked(value: str) -> None:
    found = safe_link(value)
    assert found is None or found.startswith(("http://", "https://"))
