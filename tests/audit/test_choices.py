"""What estimates would be if software were used otherwise, on answers few enough to reckon with by hand."""

from dataclasses import fields
from typing import Any

import pytest

from dontspy_data.audit.attributions import AttributionRow, VariantRow
from dontspy_data.audit.measures import ChoiceRow, choice_rows
from dontspy_data.audit.model import Attribute, BoxSource, Card, Choice

CARD = Card(
    "m", "1", "M", "", "", "", "", tuple(Attribute), (), (Choice("colour", "applied", ("ignored",), ""),)
)
PEOPLE = {"a": ("female", 40.0), "b": ("female", 50.0), "c": ("male", 60.0), "d": (None, None)}


def row(
    kind: type, portrait: str, attribute: str, label: str, value: float | None = None, **more: Any
) -> Any:
    """A row of either table; what is not said is empty."""
    gender, age = PEOPLE[portrait]
    known = {
        "portrait_id": portrait,
        "mep_id": 1,
        "model": "m",
        "attribute": attribute,
        "label": label,
        "is_answer": True,
        "value": value,
        "box_source": "model",
        "official_gender": gender,
        "official_age": age,
        **more,
    }
    return kind(**{field.name: known.get(field.name) for field in fields(kind)})


def age(portrait: str, years: float) -> AttributionRow:
    found: AttributionRow = row(AttributionRow, portrait, "age", "years", years)
    return found


def other(portrait: str, varied: str, variant: str, years: float, **more: Any) -> VariantRow:
    found: VariantRow = row(
        VariantRow, portrait, "age", "years", years, varied=varied, variant=variant, **more
    )
    return found


def estimates(
    attributions: list[AttributionRow], variants: list[VariantRow], measure: str, group: str = "all"
) -> dict[str, tuple[float, int, bool]]:
    """Estimate, number and whether it is the default, by option."""
    rows = choice_rows(attributions, variants, {"m": CARD}, BoxSource.MODEL)
    keys = [(r.model, r.attribute, r.measure, r.label, r.group_by, r.group, r.choice, r.option) for r in rows]
    assert len(keys) == len(set(keys))
    return {
        r.option: (r.estimate, r.n, r.is_default) for r in rows if (r.measure, r.group) == (measure, group)
    }


ORIGINALS = [age("a", 44), age("b", 47), age("c", 60), age("d", 30)]


def test_every_option_is_measured_on_the_portraits_that_all_have_answers_about() -> None:
    ignored = [other("a", "colour", "ignored", 50), other("b", "colour", "ignored", 50)]
    found = estimates(ORIGINALS, ignored, "mean_absolute_error")
    assert found == {"applied": (3.5, 2, True), "ignored": (5.0, 2, False)}
    assert estimates(ORIGINALS, ignored, "bias", "female") == {
        "applied": (0.5, 2, True),
        "ignored": (5.0, 2, False),
    }
    assert estimates(ORIGINALS, ignored, "bias", "male") == {}


def test_another_reference_day_is_another_age_and_the_same_guess() -> None:
    by_term = [
        other(
            one.portrait_id,
            "reference_day",
            "term_start",
            one.value,
            official_age=one.official_age - 2,
        )
        for one in ORIGINALS[:3]
    ]
    found = estimates(ORIGINALS, by_term, "bias")
    assert found == {
        "picture_or_term": (pytest.approx(1 / 3, abs=1e-4), 3, True),
        "term_start": (pytest.approx(1 / 3 + 2, abs=1e-4), 3, False),
    }


def test_looking_anew_is_measured_by_how_far_answers_move() -> None:
    variants = [
        other("a", "picture", "mirrored", 46),
        other("a", "picture", "darker", 44),
        other("b", "picture", "mirrored", 47),
        other("a", "detection", "mirrored", 48),
        other("a", "detection", "darker", 42),
    ]
    found = estimates(ORIGINALS, variants, "mean_absolute_change")
    assert found == {"original": (1.0, 1, True), "anew": (3.0, 1, False)}


def test_the_default_box_is_that_of_the_audit() -> None:
    rows: tuple[ChoiceRow, ...] = choice_rows(
        ORIGINALS, [other("a", "box", "model", 41)], {"m": CARD}, BoxSource.PACKAGE
    )
    assert {(one.option, one.is_default) for one in rows} == {("package", True), ("model", False)}


def test_shares_of_answers_have_each_label() -> None:
    happy = [row(AttributionRow, name, "expression", "happy") for name in "abcd"]
    sad = [
        row(VariantRow, name, "expression", label, varied="colour", variant="ignored")
        for name, label in zip("abcd", ["sad", "happy", "happy", "sad"], strict=True)
    ]
    rows = choice_rows(happy, sad, {"m": CARD}, BoxSource.MODEL)
    shares = {
        (one.label, one.option): one.estimate for one in rows if one.group == "all" and one.estimate > 0
    }
    assert shares == {("happy", "applied"): 1.0, ("happy", "ignored"): 0.5, ("sad", "ignored"): 0.5}
