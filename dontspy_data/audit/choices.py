"""The table `attribution_choices`: what the estimates would be if the same software were used otherwise."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from dontspy_data.audit.attributions import ALL, FACE, AttributionRow, VariantRow
from dontspy_data.audit.looks import BOX, DETECTION, PICTURE, REFERENCE_DAY
from dontspy_data.audit.model import LABELS, Attribute, BoxSource, Card
from dontspy_data.audit.observations import ANY_LABEL
from dontspy_data.audit.statistics import Estimator, mean, mean_magnitude, share

PICTURE_OR_TERM = "picture_or_term"
"""The reference day of `attributions`: the picture's own, or else the first of the mandate."""

AnswerRow = AttributionRow | VariantRow
AnswerRows = dict[str, AnswerRow]
"""The row of a model's answer about an attribute, by portrait."""
Values = Mapping[str, Mapping[str, float | None]]
"""A number a portrait, by option of a choice; None if there is nothing to measure."""
Genders = dict[str, str | None]
"""The official gender, by portrait."""
Value = Callable[[AnswerRow, str | None], float | None]
"""The number that a portrait adds: of an answer and the official gender."""


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
    """What is estimated of an attribute, and by which method."""

    attribute: str
    name: str
    label: str
    unit: str
    method: Estimator


def _error(row: AnswerRow, _: str | None = None) -> float | None:
    return None if row.value is None or row.official_age is None else row.value - row.official_age


def _distance(row: AnswerRow, _: str | None) -> float | None:
    error = _error(row)
    return None if error is None else abs(error)


def _disagrees(row: AnswerRow, official: str | None) -> float | None:
    return None if official is None else float(row.label != official)


def _is(label: str) -> Value:
    return lambda row, _: float(row.label == label)


ESTIMATES: tuple[tuple[_Estimate, Value], ...] = (
    (_Estimate(Attribute.AGE, "mean_absolute_error", ANY_LABEL, "years", mean_magnitude), _distance),
    (_Estimate(Attribute.AGE, "bias", ANY_LABEL, "years", mean), _error),
    (_Estimate(Attribute.GENDER, "disagreement", ANY_LABEL, "share", share), _disagrees),
    *(
        (_Estimate(Attribute.EXPRESSION, "share", label, "share", share), _is(label))
        for label in LABELS[Attribute.EXPRESSION]
    ),
)
"""What is estimated, each with the number that a portrait adds."""


def choice_rows(
    attributions: Iterable[AttributionRow],
    variants: Iterable[VariantRow],
    cards: Mapping[str, Card],
    boxes: BoxSource,
) -> tuple[ChoiceRow, ...]:
    """Return rows for every choice of every model, the default option first.

    Args:
        attributions: of all models.
        variants: of all models.
        cards: of the models, by name.
        boxes: where the boxes of `attributions` come from.
    """
    genders: Genders = {}
    originals: dict[tuple[str, str], AnswerRows] = defaultdict(dict)
    for row in attributions:
        genders[row.portrait_id] = row.official_gender
        if row.is_answer:
            originals[row.model, row.attribute][row.portrait_id] = row
    others: dict[tuple[str, str, str], dict[str, AnswerRows]] = defaultdict(lambda: defaultdict(dict))
    for variant in variants:
        if variant.is_answer:
            key = variant.model, variant.varied, variant.attribute
            others[key][variant.variant][variant.portrait_id] = variant
    known = {REFERENCE_DAY: PICTURE_OR_TERM, BOX: str(boxes)}
    rows: list[ChoiceRow] = []
    for (model, choice, attribute), options in others.items():
        original = originals[model, attribute]
        if choice == DETECTION and attribute != FACE:
            default = "original"
            by_copies = _moves(original, others[model, PICTURE, attribute])
            estimated = [(_movement(attribute), {default: by_copies, "anew": _moves(original, options)})]
        elif choice not in (PICTURE, DETECTION):
            default = known.get(choice) or cards[model].default_of(choice)
            answers = {default: original, **options}
            estimated = [
                (estimate, {option: _numbers(value, given, genders) for option, given in answers.items()})
                for estimate, value in ESTIMATES
                if estimate.attribute == attribute
            ]
        else:
            continue
        for estimate, values in estimated:
            rows += _rows(model, choice, default, estimate, values, genders)
    return tuple(rows)


def _numbers(value: Value, answers: AnswerRows, genders: Genders) -> dict[str, float | None]:
    return {portrait: value(row, genders[portrait]) for portrait, row in answers.items()}


def _moves(original: AnswerRows, changed: Mapping[str, AnswerRows]) -> dict[str, float | None]:
    """Return how far the answer about each portrait moves when it is changed, in the mean of the changes."""
    moves: dict[str, list[float]] = defaultdict(list)
    for rows in changed.values():
        for portrait, row in rows.items():
            first = original.get(portrait)
            if first:
                moves[portrait].append(
                    float(row.label != first.label)
                    if row.value is None or first.value is None
                    else abs(row.value - first.value)
                )
    return {portrait: sum(each) / len(each) for portrait, each in moves.items()}


def _movement(attribute: str) -> _Estimate:
    """Return what is said of answers that move; a share of changes is a mean of truths."""
    if attribute == Attribute.AGE:
        return _Estimate(attribute, "mean_absolute_change", ANY_LABEL, "years", mean_magnitude)
    return _Estimate(attribute, "changed_answer", ANY_LABEL, "share", mean)


def _rows(
    model: str, choice: str, default: str, estimate: _Estimate, values: Values, genders: Genders
) -> Iterator[ChoiceRow]:
    for option, by_group in _by_group(values, genders).items():
        for (group_by, group), numbers in by_group.items():
            found = estimate.method(numbers)
            yield ChoiceRow(
                model=model,
                attribute=estimate.attribute,
                measure=estimate.name,
                label=estimate.label,
                group_by=group_by,
                group=group,
                choice=choice,
                option=option,
                is_default=option == default,
                estimate=found.value,
                low=found.low,
                high=found.high,
                n=found.n,
                unit=estimate.unit,
                is_small=found.small,
            )


def _by_group(values: Values, genders: Genders) -> dict[str, dict[tuple[str, str], list[float]]]:
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
