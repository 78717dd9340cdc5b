"""Choosing among statements: whole before damaged, precise before vague, then trust, then time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from dontspy_data.model.statements import Basis, Property, Statement
from dontspy_data.resolve.choose import Chosen, Trust, compose_names, contested_items
from dontspy_data.resolve.choose import choose as choose_by
from dontspy_data.resolve.choose import restore_names as restore_by

DAY = datetime(2026, 1, 15, tzinfo=UTC)

TRUST = Trust(("ep_api", "ep_search", "ep_directory", "ep_csv", "wikidata"))
restore_names = partial(restore_by, by_trust=TRUST)


def choose(statements: Sequence[Statement]) -> Chosen:
    claims = (one for one in statements if one.property is Property.WIKIDATA_ID)
    return choose_by(statements, TRUST, contested_items(claims))


def said(
    prop: Property, value: str, source: str = "ep_api", mep_id: int = 9000001, days: int = 0
) -> Statement:
    return Statement(mep_id, prop, value, source, f"https://{source}.example/", DAY + timedelta(days=days))


@pytest.mark.parametrize(
    ("statements", "chosen"),
    [
        ([said(Property.NAME, "Ota ?EZÁK"), said(Property.NAME, "Ota ŘEZÁK", "ep_csv")], "Ota ŘEZÁK"),
        ([said(Property.NAME, "A", "ep_csv"), said(Property.NAME, "B", "ep_search")], "B"),
        ([said(Property.NAME, "old"), said(Property.NAME, "new", days=1)], "new"),
        ([said(Property.NAME, "Ota ?EZÁK")], "Ota ?EZÁK"),
        (
            [said(Property.BIRTH_DATE, "1952"), said(Property.BIRTH_DATE, "1952-02-06", "ep_csv")],
            "1952-02-06",
        ),
        ([said(Property.BIRTH_DATE, "1952-02")], None),
        ([said(Property.BIRTH_PLACE, "?ilina")], None),
        ([said(Property.OFFICIAL_FAMILY_NAME, "?????")], None),
        ([said(Property.WIKIDATA_ID, "Q1"), said(Property.WIKIDATA_ID, "Q2")], None),
        ([said(Property.WIKIDATA_ID, "Q1"), said(Property.WIKIDATA_ID, "Q1", mep_id=9000002)], None),
        ([said(Property.WIKIDATA_ID, "Q1")], "Q1"),
    ],
)
def test_the_statement_that_is_chosen(statements: list[Statement], chosen: str | None) -> None:
    for order in (statements, statements[::-1]):
        facts = choose(order)[9000001]
        assert (facts[statements[0].property].value if facts else None) == chosen


def test_a_damaged_part_does_not_stand_beside_a_whole_name_that_it_is_no_part_of() -> None:
    married = [said(Property.NAME, "Ona NAUJA"), said(Property.FAMILY_NAME, "Sen?", "ep_csv")]
    assert set(choose(married)[9000001]) == {Property.NAME}
    damaged = [said(Property.NAME, "Ona SEN?"), said(Property.FAMILY_NAME, "Sen?", "ep_csv")]
    assert set(choose(damaged)[9000001]) == {Property.NAME, Property.FAMILY_NAME}


def test_persons_do_not_mix() -> None:
    facts = choose([said(Property.NAME, "A"), said(Property.NAME, "B", mep_id=9000002)])
    assert {mep_id: of_person[Property.NAME].value for mep_id, of_person in facts.items()} == {
        9000001: "A",
        9000002: "B",
    }


def test_restored_parts_are_attributed_to_the_page_with_the_whole_name() -> None:
    damaged = [said(Property.GIVEN_NAME, "Vav?inec", "ep_csv"), said(Property.FAMILY_NAME, "N?mý", "ep_csv")]
    whole = said(Property.NAME, "Vavřinec NĚMÝ", "ep_directory")
    somebody_else = said(Property.NAME, "Vavřinec NĚMÝ", "ep_directory", mep_id=9000002)
    restored = restore_names([*damaged, whole])
    assert [(s.property, s.value, s.source, s.url) for s in restored] == [
        (Property.GIVEN_NAME, "Vavřinec", "ep_directory", whole.url),
        (Property.FAMILY_NAME, "Němý", "ep_directory", whole.url),
    ]
    assert restore_names([*damaged, somebody_else]) == []


@pytest.mark.parametrize(
    ("given", "family", "composed"),
    [
        ("David", "McAllister", "David McAllister"),
        ("Sophia", "in 't Veld", "Sophia in 't Veld"),
        ("Ota", "?ezák", "Ota ?ezák"),
        (None, "Ardwick", "Ardwick"),
    ],
)
def test_a_name_that_no_page_prints_is_composed_in_its_own_case(
    given: str | None, family: str, composed: str
) -> None:
    parts = [said(Property.FAMILY_NAME, family, "ep_csv")]
    if given:
        parts.insert(0, said(Property.GIVEN_NAME, given, "ep_csv"))
    somebody_else = said(Property.NAME, "Zoë FABEL", mep_id=9000002)
    (name,) = compose_names([*parts, somebody_else])
    assert (name.property, name.value, name.basis) == (Property.NAME, composed, Basis.COMPOSED)
    assert choose([*parts, name])[9000001][Property.NAME] == name


def test_a_printed_name_is_not_composed() -> None:
    parts = [said(Property.GIVEN_NAME, "Ota", "ep_csv"), said(Property.FAMILY_NAME, "Řezák", "ep_csv")]
    assert compose_names([*parts, said(Property.NAME, "Ota ŘEZÁK")]) == []
