"""The table `attributions`: what each model says of each portrait. Guesses, never facts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from dontspy_data.audit.looks import BoxSource, Look
from dontspy_data.audit.model import Card
from dontspy_data.audit.views import ORIGINAL

FACE, FOUND = "face", "found"
YEARS_DIGITS, SCORE_DIGITS = 3, 5
"""Digits after the point that do not depend on the processor."""


@dataclass(frozen=True, slots=True)
class AttributionRow:
    """A row of `attributions`, see its schema."""

    portrait_id: str
    mep_id: int
    model: str
    attribute: str
    label: str
    is_answer: bool
    value: float | None
    score: float | None
    reference_date: date | None
    reference_source: str | None
    box_source: str
    model_version: str
    weights_sha256: str | None
    official_gender: str | None
    official_age: float | None
    country: str | None
    political_group: str | None
    session: str | None


def attribution_rows(
    looks: Iterable[Look], cards: Mapping[str, Card], boxes: BoxSource
) -> tuple[AttributionRow, ...]:
    """Return rows for the looks at portraits as published, in their order.

    Every look has a row `face`, `found`, so that a missing guess is never a missing look.

    Args:
        looks: all looks.
        cards: of the models, by name.
        boxes: where the boxes come from.
    """
    rows: list[AttributionRow] = []
    for look in looks:
        if look.variant == ORIGINAL:
            rows.extend(_rows(look, cards[look.model], boxes))
    return tuple(rows)


def _rows(look: Look, card: Card, boxes: BoxSource) -> list[AttributionRow]:
    subject, reference = look.subject, look.subject.reference

    def row(
        attribute: str,
        label: str,
        *,
        is_answer: bool,
        value: float | None,
        score: float | None,
        weights: str | None,
    ) -> AttributionRow:
        return AttributionRow(
            portrait_id=subject.portrait_id,
            mep_id=subject.mep_id,
            model=card.name,
            attribute=attribute,
            label=label,
            is_answer=is_answer,
            value=_years(value),
            score=None if score is None else round(score, SCORE_DIGITS),
            reference_date=reference.day if reference else None,
            reference_source=reference.source if reference else None,
            box_source=boxes,
            model_version=card.version,
            weights_sha256=weights,
            official_gender=subject.gender,
            official_age=_years(subject.age),
            country=subject.country,
            political_group=subject.political_group,
            session=subject.session,
        )

    sight = look.sight
    found = row(
        FACE,
        FOUND,
        is_answer=sight is not None,
        value=None,
        score=sight.score if sight else None,
        weights=None,
    )
    guesses = sight.guesses if sight else ()
    return [
        found,
        *(
            row(
                guess.attribute,
                guess.label,
                is_answer=guess.chosen,
                value=guess.value,
                score=guess.score,
                weights=card.weights_of(guess.attribute),
            )
            for guess in guesses
        ),
    ]


def _years(value: float | None) -> float | None:
    return None if value is None else round(value, YEARS_DIGITS)
