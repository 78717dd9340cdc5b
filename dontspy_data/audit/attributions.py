"""The tables `attributions` and `attribution_variants`: what each model says of each portrait. Guesses, never facts."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from dontspy_data.audit.looks import REFERENCE_DAY, Look, Plan
from dontspy_data.audit.model import Attribute, Card
from dontspy_data.audit.subjects import Subject

FACE, FOUND = "face", "found"
YEARS_DIGITS, SCORE_DIGITS = 3, 5
"""Digits after the point that do not depend on the processor."""
REFERENCE_DAYS: Mapping[str, Callable[[Subject], float | None]] = {
    "term_start": lambda subject: subject.age_at_term_start,
}
"""Other days than that of `attributions` on which the official age can be taken, and the age then."""


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


@dataclass(frozen=True, slots=True)
class VariantRow:
    """A row of `attribution_variants`, see its schema."""

    portrait_id: str
    mep_id: int
    model: str
    varied: str
    variant: str
    attribute: str
    label: str
    is_answer: bool
    value: float | None
    score: float | None
    box_source: str
    official_age: float | None


def attribution_rows(look: Look, card: Card) -> Iterator[AttributionRow]:
    """Yield rows for a look; none if it is not at the portrait as published.

    Every look has a row `face`, `found`, so that a missing guess is never a missing look.

    Args:
        look: what is told.
        card: of the model.
    """
    if look.is_original:
        for answer in _answers(look):
            yield _attribution(look, answer, card)


def variant_rows(look: Look, plan: Plan) -> Iterator[VariantRow]:
    """Yield rows for a look that is not at the portrait as published; of one that is, those for other reference days.

    Args:
        look: what is told.
        plan: what was asked.
    """
    answered, subject = look.answered, look.subject
    if not look.is_original:
        for answer in _answers(look):
            yield _variant(look, answer, answered.varied, answered.variant, subject.age)
    elif REFERENCE_DAY in plan.choices:
        for answer in _answers(look):
            if answer.attribute == Attribute.AGE:
                for option, age in REFERENCE_DAYS.items():
                    yield _variant(look, answer, REFERENCE_DAY, option, age(subject))


@dataclass(frozen=True, slots=True)
class _Answer:
    """What both tables say of one label, rounded."""

    attribute: str
    label: str
    is_answer: bool
    value: float | None
    score: float | None


def _answers(look: Look) -> Iterator[_Answer]:
    """Yield one answer a label, that about the face before the guesses."""
    sight = look.answered.sight
    yield _Answer(
        FACE, FOUND, sight is not None, None, _rounded(sight.score if sight else None, SCORE_DIGITS)
    )
    for guess in sight.guesses if sight else ():
        yield _Answer(
            guess.attribute,
            guess.label,
            guess.chosen,
            _rounded(guess.value, YEARS_DIGITS),
            _rounded(guess.score, SCORE_DIGITS),
        )


def _attribution(look: Look, answer: _Answer, card: Card) -> AttributionRow:
    subject, reference = look.subject, look.subject.reference
    return AttributionRow(
        portrait_id=subject.portrait_id,
        mep_id=subject.mep_id,
        model=card.name,
        attribute=answer.attribute,
        label=answer.label,
        is_answer=answer.is_answer,
        value=answer.value,
        score=answer.score,
        reference_date=reference.day if reference else None,
        reference_source=reference.source if reference else None,
        box_source=look.answered.box_source,
        model_version=card.version,
        weights_sha256=card.weights_of(answer.attribute),
        official_gender=subject.gender,
        official_age=_rounded(subject.age, YEARS_DIGITS),
        country=subject.country,
        political_group=subject.political_group,
        session=subject.session,
    )


def _variant(look: Look, answer: _Answer, varied: str, variant: str, age: float | None) -> VariantRow:
    return VariantRow(
        portrait_id=look.subject.portrait_id,
        mep_id=look.subject.mep_id,
        model=look.model,
        varied=varied,
        variant=variant,
        attribute=answer.attribute,
        label=answer.label,
        is_answer=answer.is_answer,
        value=answer.value,
        score=answer.score,
        box_source=look.answered.box_source,
        official_age=_rounded(age, YEARS_DIGITS),
    )


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
