"""The table `attribution_choices`: what the estimates would be if the same software were used otherwise."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from dontspy_data.audit.answers import ALL
from dontspy_data.audit.attributions import REFERENCE_DAY, AttributionRow, VariantRow
from dontspy_data.audit.looks import PICTURE
from dontspy_data.audit.model import LABELS, Attribute, Card
from dontspy_data.audit.observations import ANY_LABEL
from dontspy_data.audit.statistics import IntervalEstimate, mean, mean_magnitude, share

PICTURE_OR_TERM = "picture_or_term"
"""The reference day of `attributions`: the picture's own, or else the first of the mandate."""

Answers = dict[str, AttributionRow | VariantRow]
"""The row of a model's answer about an attribute, by portrait."""


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """A row of `attribution_choices`, see its schema."""

    model: str
    attribute: str
    measure: str
    label: str
    group_by: str
    group: str
    choice: str
    option: str
    is_default: bool
    estimate: float
    low: float | None
    high: float | None
    n: int
    unit: str
    is_small: bool


@dataclass(frozen=True, slots=True)
class _Estimate:
    """What is estimated: of an attribute, by which method, from one number a portrait."""

    attribute: Attribute
    name: str
    label: str
    unit: str
    estimate: Callable[[Sequence[float]], IntervalEstimate]
    value: Callable[[AttributionRow | VariantRow, str | None], float | None]


def _error(row: AttributionRow | VariantRow, _: str | None) -> float | None:
    return None if row.value is None or row.official_age is None else row.value - row.official_age


def _distance(row: AttributionRow | VariantRow, _: str | None) -> float | None:
    error = _error(row, _)
    return None if error is None else abs(error)


def _disagrees(row: AttributionRow | VariantRow, official: str | None) -> float | None:
    return None if official is None else float(row.label != official)


def _is(label: str) -> Callable[[AttributionRow | VariantRow, str | None], float]:
    return lambda row, _: float(row.label == label)


MEASURES = (
    _Estimate(Attribute.AGE, "mean_absolute_error", ANY_LABEL, "years", mean_magnitude, _distance),
    _Estimate(Attribute.AGE, "bias", ANY_LABEL, "years", mean, _error),
    _Estimate(Attribute.GENDER, "disagreement", ANY_LABEL, "share", share, _disagrees),
    *(
        _Estimate(Attribute.EXPRESSION, "share", label, "share", share, _is(label))
        for label in LABELS[Attribute.EXPRESSION]
    ),
)


def choice_rows(
    attributions: Iterable[AttributionRow], variants: Iterable[VariantRow], cards: Mapping[str, Card]
) -> tuple[ChoiceRow, ...]:
    """Return rows for every choice of every model, the default option first.

    Args:
        attributions: of all models.
        variants: of all models.
        cards: of the models, by name.
    """
    defaults: dict[tuple[str, str], Answers] = defaultdict(dict)
    genders: dict[str, str | None] = {}
    for row in attributions:
        genders[row.portrait_id] = row.official_gender
        if row.is_answer:
            defaults[row.model, row.attribute][row.portrait_id] = row
    others: dict[tuple[str, str, str], dict[str, Answers]] = defaultdict(lambda: defaultdict(dict))
    for variant in variants:
        if variant.is_answer and variant.varied != PICTURE:
            key = variant.model, variant.varied, variant.attribute
            others[key][variant.variant][variant.portrait_id] = variant
    return tuple(
        row
        for (model, choice, attribute), options in others.items()
        for row in _rows(
            model,
            choice,
            {_default(cards[model], choice): defaults[model, attribute], **options},
            [measure for measure in MEASURES if measure.attribute == attribute],
            genders,
        )
    )


def _default(card: Card, choice: str) -> str:
    return PICTURE_OR_TERM if choice == REFERENCE_DAY else card.default_of(choice)


def _rows(
    model: str,
    choice: str,
    options: Mapping[str, Answers],
    measures: Iterable[_Estimate],
    genders: Mapping[str, str | None],
) -> Iterator[ChoiceRow]:
    """Yield a measure's rows for each option, the first of which is the default."""
    default = next(iter(options))
    for measure in measures:
        values = {
            option: {portrait: measure.value(row, genders[portrait]) for portrait, row in answers.items()}
            for option, answers in options.items()
        }
        for option, by_group in _by_group(values, genders).items():
            for (group_by, group), numbers in by_group.items():
                found = measure.estimate(numbers)
                yield ChoiceRow(
                    model=model,
                    attribute=measure.attribute,
                    measure=measure.name,
                    label=measure.label,
                    group_by=group_by,
                    group=group,
                    choice=choice,
                    option=option,
                    is_default=option == default,
                    estimate=found.value,
                    low=found.low,
                    high=found.high,
                    n=found.n,
                    unit=measure.unit,
                    is_small=found.small,
                )


def _by_group(
    values: Mapping[str, Mapping[str, float | None]], genders: Mapping[str, str | None]
) -> dict[str, dict[tuple[str, str], list[float]]]:
    """Return the numbers of each option by group, of the portraits that all options have a number for."""
    shared = [
        portrait
        for portrait in next(iter(values.values()))
        if all(numbers.get(portrait) is not None for numbers in values.values())
    ]
    found: dict[str, dict[tuple[str, str], list[float]]] = {option: defaultdict(list) for option in values}
    for option, numbers in values.items():
        for portrait in shared:
            number = numbers[portrait]
            if number is not None:
                found[option][ALL, ALL].append(number)
                if gender := genders[portrait]:
                    found[option]["gender", gender].append(number)
    return found
