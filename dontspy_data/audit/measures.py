"""The table `attribution_errors`: guesses held against official facts, other models and other views."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from dontspy_data.audit.attributions import FACE
from dontspy_data.audit.looks import PICTURE, BoxSource, Look
from dontspy_data.audit.model import LABELS, Attribute, Card, Sight
from dontspy_data.audit.statistics import IntervalEstimate, mean, share
from dontspy_data.audit.subjects import Subject
from dontspy_data.audit.views import ORIGINAL, VARIANTS

ALL, ANY_LABEL = "all", "any"
OFFICIAL, NOTHING = "official", "nothing"
FAR_OFF = 10  # years
AGE_BANDS = ((0, "under 40"), (40, "40-49"), (50, "50-59"), (60, "60-69"), (70, "70 and over"))


def age_band(subject: Subject) -> str | None:
    """Return the band of the person's official age when the portrait was taken."""
    return None if subject.age is None else band_of(subject.age)


def band_of(age: float) -> str:
    """Return the band that an age in years is in."""
    return [band for least, band in AGE_BANDS if age >= least][-1]


GROUPINGS: Mapping[str, Callable[[Subject], str | None]] = {
    ALL: lambda _: ALL,
    "gender": lambda subject: subject.gender,
    "age_band": age_band,
    "country": lambda subject: subject.country,
    "political_group": lambda subject: subject.political_group,
    "reference_source": lambda subject: subject.reference.source if subject.reference else None,
}
"""What portraits are told apart by: official facts, and how the reference date is known."""

BRIEF = (ALL, "gender")


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """A row of `attribution_errors`, see its schema."""

    model: str
    attribute: str
    measure: str
    label: str
    compared_with: str
    variant: str
    group_by: str
    group: str
    value: float
    low: float
    high: float
    n: int
    unit: str
    is_small: bool


@dataclass(frozen=True, slots=True)
class _Measure:
    """What is measured, and of which portraits.

    Attributes:
        values: a truth or a number of years a portrait.
        estimate: what is made of them.
        unit: `share` or `years`.
    """

    model: str
    attribute: str
    name: str
    values: Sequence[tuple[Subject, float]]
    estimate: Callable[[Sequence[float]], IntervalEstimate]
    unit: str
    label: str = ANY_LABEL
    compared_with: str = OFFICIAL
    variant: str = ORIGINAL
    groupings: Sequence[str] = tuple(GROUPINGS)


def error_rows(looks: Iterable[Look], cards: Mapping[str, Card], boxes: BoxSource) -> tuple[ErrorRow, ...]:
    """Return rows for all looks, by model in the order of the cards.

    Args:
        looks: all looks.
        cards: of the models, by name.
        boxes: where the boxes come from; how often no face is found is measured where the models look for it.
    """
    seen: dict[tuple[str, str], list[Look]] = {}
    for look in looks:
        if look.varied == PICTURE:
            seen.setdefault((look.model, look.variant), []).append(look)
    measures: list[_Measure] = []
    for card in cards.values():
        originals = seen[card.name, ORIGINAL]
        if boxes is BoxSource.MODEL:
            measures += _faces_missed(card, originals)
        measures += _against_facts(card, originals)
        for variant in VARIANTS:
            if variant != ORIGINAL:
                changed = seen[card.name, variant]
                if boxes is BoxSource.MODEL:
                    measures += _faces_lost(card, variant, originals, changed)
                measures += _against_original(card, variant, originals, changed)
    for one, other in combinations(cards.values(), 2):
        measures += _against_each_other(one, other, seen[one.name, ORIGINAL], seen[other.name, ORIGINAL])
    return tuple(row for measure in measures for row in _rows(measure))


def _rows(measure: _Measure) -> Iterator[ErrorRow]:
    for grouping in measure.groupings:
        cells: dict[str, list[float]] = {}
        for subject, value in measure.values:
            if group := GROUPINGS[grouping](subject):
                cells.setdefault(group, []).append(value)
        for group in sorted(cells):
            found = measure.estimate(cells[group])
            yield ErrorRow(
                model=measure.model,
                attribute=measure.attribute,
                measure=measure.name,
                label=measure.label,
                compared_with=measure.compared_with,
                variant=measure.variant,
                group_by=grouping,
                group=group,
                value=found.value,
                low=found.low,
                high=found.high,
                n=found.n,
                unit=measure.unit,
                is_small=found.small,
            )


def _faces_missed(card: Card, looks: Sequence[Look]) -> Iterator[_Measure]:
    missed = [(look.subject, look.sight is None) for look in looks]
    yield _Measure(card.name, FACE, "not_found", missed, share, "share", compared_with=NOTHING)


def _faces_lost(
    card: Card, variant: str, originals: Sequence[Look], looks: Sequence[Look]
) -> Iterator[_Measure]:
    """Yield how often a face is no longer found when the picture changes."""
    yield _Measure(
        card.name,
        FACE,
        "not_found",
        [
            (look.subject, look.sight is None)
            for first, look in zip(originals, looks, strict=True)
            if first.sight
        ],
        share,
        "share",
        compared_with=ORIGINAL,
        variant=variant,
        groupings=BRIEF,
    )


def _against_facts(card: Card, looks: Sequence[Look]) -> Iterator[_Measure]:
    def shares(attribute: str, name: str, values: Sequence[tuple[Subject, float]], **more: str) -> _Measure:
        return _Measure(card.name, attribute, name, values, share, "share", **more)

    sights = [(look.subject, look.sight) for look in looks if look.sight]
    if Attribute.GENDER in card.attributes:
        genders = [(s, answer(sight, Attribute.GENDER) != s.gender) for s, sight in sights if s.gender]
        yield shares(Attribute.GENDER, "disagreement", genders)
    if Attribute.AGE in card.attributes:
        errors = [(s, years(sight) - s.age) for s, sight in sights if s.age is not None]
        for name, values in (
            ("mean_absolute_error", [(s, abs(error)) for s, error in errors]),
            ("bias", errors),
        ):
            yield _Measure(card.name, Attribute.AGE, name, values, mean, "years")
        yield shares(
            Attribute.AGE, "off_by_more_than_10_years", [(s, abs(error) > FAR_OFF) for s, error in errors]
        )
    if Attribute.EXPRESSION in card.attributes:
        answers = [(s, answer(sight, Attribute.EXPRESSION)) for s, sight in sights]
        for label in LABELS[Attribute.EXPRESSION]:
            yield shares(
                Attribute.EXPRESSION,
                "share",
                [(s, given == label) for s, given in answers],
                label=label,
                compared_with=NOTHING,
            )


def _against_original(
    card: Card, variant: str, originals: Sequence[Look], looks: Sequence[Look]
) -> Iterator[_Measure]:
    """Yield how answers change when the picture does, on portraits whose face is found both times."""
    pairs = [
        (look.subject, look.sight, first.sight)
        for first, look in zip(originals, looks, strict=True)
        if look.sight and first.sight
    ]
    names = {Attribute.AGE: "mean_absolute_change"}
    for attribute in card.attributes:
        name = names.get(attribute, "changed_answer")
        yield _difference(card.name, attribute, name, pairs, compared_with=ORIGINAL, variant=variant)


def _against_each_other(
    one: Card, other: Card, looks: Sequence[Look], others: Sequence[Look]
) -> Iterator[_Measure]:
    """Yield how far two models' answers differ, on portraits in which both find a face."""
    pairs = [
        (look.subject, look.sight, second.sight)
        for look, second in zip(looks, others, strict=True)
        if look.sight and second.sight
    ]
    names = {Attribute.AGE: "mean_absolute_difference"}
    for attribute in one.attributes:
        if attribute in other.attributes:
            name = names.get(attribute, "different_answer")
            yield _difference(one.name, attribute, name, pairs, compared_with=other.name, variant=ORIGINAL)


def _difference(
    model: str,
    attribute: Attribute,
    name: str,
    pairs: Sequence[tuple[Subject, Sight, Sight]],
    *,
    compared_with: str,
    variant: str,
) -> _Measure:
    if attribute is Attribute.AGE:
        values = [(s, abs(years(one) - years(other))) for s, one, other in pairs]
    else:
        values = [(s, float(answer(one, attribute) != answer(other, attribute))) for s, one, other in pairs]
    return _Measure(
        model,
        attribute,
        name,
        values,
        mean if attribute is Attribute.AGE else share,
        "years" if attribute is Attribute.AGE else "share",
        compared_with=compared_with,
        variant=variant,
        groupings=BRIEF,
    )


def answer(sight: Sight, attribute: Attribute) -> str:
    """Return the label that the model answers with."""
    return next(guess.label for guess in sight.guesses if guess.attribute is attribute and guess.chosen)


def years(sight: Sight) -> float:
    """Return the age that the model answers with."""
    return next(guess.value for guess in sight.guesses if guess.value is not None)
