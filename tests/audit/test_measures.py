"""Guesses held against facts, with numbers small enough to check by hand."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from dontspy_data.audit.attributions import (
    Answers,
    OfficialFacts,
    age_band,
    attribution_rows,
    read_answers,
    variant_rows,
)
from dontspy_data.audit.looks import ORIGINAL, PICTURE, VARIANTS, Answered, Look, Plan
from dontspy_data.audit.measures import ErrorRow, error_rows
from dontspy_data.audit.model import (
    EXPRESSIONS,
    YEARS,
    Attribute,
    BoxSource,
    Card,
    Guess,
    Sight,
    label_guesses,
)
from dontspy_data.audit.subjects import Reference, Subject

CARD = Card("m", "1", "M", "", "", "", "", tuple(Attribute), ())


def subject(number: int, gender: str | None, age: float | None) -> Subject:
    return Subject(
        f"{number}-0",
        number,
        Path(),
        "",
        None,
        gender,
        age,
        Reference(date(2020, 1, 1), "picture"),
        "MT",
        None,
        None,
        age,
    )


def sight(years: float, gender: str, expression: str = "happy") -> Sight:
    return Sight(
        None,
        (
            Guess(Attribute.AGE, YEARS, years, None, chosen=True),
            *label_guesses(Attribute.GENDER, {name: float(name == gender) for name in ("female", "male")}),
            *label_guesses(Attribute.EXPRESSION, {name: float(name == expression) for name in EXPRESSIONS}),
        ),
    )


PEOPLE = [
    (subject(1, "female", 40.0), sight(45, "male", "neutral")),
    (subject(2, "female", 60.0), sight(59, "female")),
    (subject(3, "male", 50.0), sight(62, "male")),
    (subject(4, None, None), sight(70, "male")),
    (subject(5, "male", 30.0), None),
]


def looks(model: str = "m") -> list[Look]:
    """The same answers to every view, but for the mirrored."""
    mirrored = {
        1: sight(48, "female", "neutral"),
        2: sight(57, "female"),
        3: None,
        4: sight(70, "male"),
        5: None,
    }
    return [
        Look(
            person,
            model,
            Answered(
                PICTURE,
                variant,
                BoxSource.MODEL,
                mirrored[person.mep_id] if variant == "mirrored" else seen,
            ),
        )
        for person, seen in PEOPLE
        for variant in VARIANTS
    ]


def answers(seen: list[Look], cards: dict[str, Card]) -> Answers:
    """What the audit's own tables hold of these looks."""
    attributions = [row for look in seen for row in attribution_rows(look, cards[look.model])]
    return read_answers(attributions, [row for look in seen for row in variant_rows(look, Plan())])


def find(rows: tuple[ErrorRow, ...], measure: str, group: str = "all", **wanted: str) -> ErrorRow:
    wanted = {"label": "any", "variant": ORIGINAL, **wanted}
    (row,) = [
        row
        for row in rows
        if (row.measure, row.group) == (measure, group)
        and all(getattr(row, name) == value for name, value in wanted.items())
    ]
    return row


@pytest.fixture(scope="module")
def rows() -> tuple[ErrorRow, ...]:
    return error_rows(answers(looks(), {"m": CARD}), {"m": CARD}, detects=True, redetects=True)


@pytest.mark.parametrize(
    ("measure", "group", "value", "n"),
    [
        ("not_found", "all", 0.2, 5),
        ("disagreement", "all", 0.3333, 3),
        ("disagreement", "female", 0.5, 2),
        ("disagreement", "male", 0.0, 1),
        ("mean_absolute_error", "all", 6.0, 3),
        ("mean_absolute_error", "female", 3.0, 2),
        ("bias", "all", 5.3333, 3),
        ("bias", "60-69", -1.0, 1),
        ("off_by_more_than_10_years", "all", 0.3333, 3),
    ],
)
def test_against_official_facts(
    rows: tuple[ErrorRow, ...], measure: str, group: str, value: float, n: int
) -> None:
    row = find(rows, measure, group)
    assert (row.value, row.n) == (value, n)
    assert (row.low is None) == (n < 5)
    assert row.is_small


def test_a_model_that_is_given_the_box_misses_no_face(rows: tuple[ErrorRow, ...]) -> None:
    given = error_rows(answers(looks(), {"m": CARD}), {"m": CARD}, detects=False, redetects=False)
    assert given == tuple(row for row in rows if row.measure != "not_found")


def test_expressions_are_counted_and_held_against_nothing(rows: tuple[ErrorRow, ...]) -> None:
    row = find(rows, "share", label="happy")
    assert (row.value, row.n, row.compared_with) == (0.75, 4, "nothing")
    assert sum(find(rows, "share", label=label).value for label in EXPRESSIONS) == pytest.approx(1)


@pytest.mark.parametrize(
    ("attribute", "measure", "value", "n"),
    [
        ("face", "not_found", 0.25, 4),
        ("age", "mean_absolute_change", 1.6667, 3),
        ("gender", "changed_answer", 0.3333, 3),
        ("expression", "changed_answer", 0.0, 3),
    ],
)
def test_against_the_same_face_mirrored(
    rows: tuple[ErrorRow, ...], attribute: str, measure: str, value: float, n: int
) -> None:
    row = find(rows, measure, attribute=attribute, variant="mirrored")
    assert (row.value, row.n, row.compared_with) == (value, n, "original")
    unchanged = find(rows, measure, attribute=attribute, variant="darker")
    assert unchanged.value == 0


def test_models_are_compared_where_both_guess() -> None:
    other = replace(CARD, name="o", attributes=(Attribute.AGE, Attribute.GENDER))
    theirs = [
        replace(
            look,
            model="o",
            answered=replace(look.answered, sight=look.answered.sight and sight(50, "male")),
        )
        for look in looks()
    ]
    cards = {"m": CARD, "o": other}
    rows = error_rows(answers([*looks(), *theirs], cards), cards, detects=True, redetects=True)
    age = find(rows, "mean_absolute_difference", compared_with="o")
    assert (age.value, age.n) == (pytest.approx((5 + 9 + 12 + 20) / 4), 4)
    gender = find(rows, "different_answer", compared_with="o")
    assert (gender.attribute, gender.value) == ("gender", 0.25)


def test_keys_are_unique_and_people_without_a_fact_are_in_no_group(rows: tuple[ErrorRow, ...]) -> None:
    keys = [
        (r.model, r.attribute, r.measure, r.label, r.compared_with, r.variant, r.group_by, r.group)
        for r in rows
    ]
    assert len(keys) == len(set(keys))
    assert not any(row.group_by == "political_group" for row in rows)
    not_found = [row for row in rows if row.measure == "not_found" and row.group_by == "gender"]
    assert sum(row.n for row in not_found if row.variant == ORIGINAL) == 4


@pytest.mark.parametrize(
    ("age", "band"),
    [
        (18.0, "under 40"),
        (39.99, "under 40"),
        (40.0, "40-49"),
        (69.9, "60-69"),
        (70.0, "70 and over"),
        (None, None),
    ],
)
def test_age_bands(age: float | None, band: str | None) -> None:
    assert age_band(OfficialFacts("1", None, age, None, None, None, None)) == band


def test_yardsticks_stand_beside_each_figure(rows: tuple[ErrorRow, ...]) -> None:
    age = find(rows, "mean_absolute_error")
    assert age.baseline == pytest.approx((10 + 10 + 0) / 3, abs=1e-4)  # everybody is fifty
    # Mirrored, two of three ages move by 3 and 2 years and the third face is lost; two more changes move nothing.
    assert age.own_variation == pytest.approx((3 / 3 + 2 / 3 + 0) / 3, abs=1e-4)
    women, men = (find(rows, "disagreement", group) for group in ("female", "male"))
    assert (women.baseline, men.baseline) == (0, 1)  # women are more frequent among those with an answer
    assert (women.count, women.n, women.own_variation) == (1, 2, pytest.approx(1 / 6, abs=1e-4))


def test_intersections_are_groups(rows: tuple[ErrorRow, ...]) -> None:
    row = find(rows, "disagreement", "female, 40-49")
    assert (row.group_by, row.count, row.n) == ("gender_and_age_band", 1, 1)
