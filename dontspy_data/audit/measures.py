"""The tables `attribution_errors`, `attribution_curves` and `attribution_choices`: how good the answers are.

Guesses are compared with facts, other models and changed pictures. Each figure has yardsticks: what
somebody who does not look at the picture would get (`baseline`), and how much the software contradicts itself when the
picture is changed imperceptibly (`own_variation`).

Curves say what the software's own confidence in a gender is worth. A point of the reliability curve stands for answers
of about the same confidence, and how many of them are right. A point of the threshold curve stands for the answers left
if those below a confidence are dropped, and how many of them are wrong.

Choices say what the estimates would be if the same software were used otherwise.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

from dontspy_data.audit.attributions import ALL, FACE, GROUPINGS, Answers, AttributionRow, VariantRow
from dontspy_data.audit.looks import BOX, DETECTION, ORIGINAL, PICTURE, REFERENCE_DAY
from dontspy_data.audit.model import LABELS, Attribute, BoxSource, Card
from dontspy_data.audit.observations import ANY_LABEL, BRIEF, Measure, Observation, gender_is_wrong, measures
from dontspy_data.audit.statistics import (
    BINS,
    DIGITS,
    Estimator,
    Interval,
    clustered,
    mean,
    mean_magnitude,
    share,
)

RELIABILITY, THRESHOLD = "reliability", "threshold"
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


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
    low: float | None
    high: float | None
    n: int
    unit: str
    is_small: bool
    count: int | None
    interval: str | None
    cluster_low: float | None
    cluster_high: float | None
    baseline: float | None
    own_variation: float | None


def error_rows(
    answers: Answers, cards: Mapping[str, Card], *, detects: bool, redetects: bool
) -> tuple[ErrorRow, ...]:
    """Return all rows, by model in the order of the cards.

    Args:
        answers: of all models to all pictures.
        cards: of the models, by name.
        detects: whether the models look for the face themselves, so that misses can be counted.
        redetects: whether they look for it in changed pictures, too.
    """
    found = measures(answers, cards, detects=detects, redetects=redetects)
    return tuple(row for measure in found for row in _rows(measure))


def _rows(measure: Measure) -> Iterator[ErrorRow]:
    for grouping in measure.groupings:
        cells: dict[str, list[Observation]] = {}
        for observation in measure.observations:
            if group := GROUPINGS[grouping](observation.facts):
                cells.setdefault(group, []).append(observation)
        for group in sorted(cells):
            row = _row(measure, grouping, group, cells[group])
            if math.isfinite(row.value):  # kappa is undefined if all answers are the same
                yield row


def _row(measure: Measure, grouping: str, group: str, observations: Sequence[Observation]) -> ErrorRow:
    estimate = measure.estimate
    values = [observation.value for observation in observations]
    found = estimate(values)
    clusters = _cluster_interval(measure, observations) if grouping in BRIEF else None
    cluster_low, cluster_high = clusters or (None, None)
    variations = [o.variation for o in observations if o.variation is not None]
    baselines = [o.baseline for o in observations if o.baseline is not None]
    return ErrorRow(
        model=measure.model,
        attribute=measure.attribute,
        measure=measure.name,
        label=measure.label,
        compared_with=measure.compared_with,
        variant=measure.variant,
        group_by=grouping,
        group=group,
        **asdict(found),
        unit=measure.unit,
        is_small=found.small,
        count=round(sum(value for value in values if isinstance(value, float))) if estimate.counts else None,
        interval=None if found.low is None else estimate.method,
        cluster_low=cluster_low,
        cluster_high=cluster_high,
        baseline=estimate.of(baselines) if baselines else None,
        own_variation=mean.of(variations) if variations else None,
    )


def _cluster_interval(measure: Measure, observations: Sequence[Observation]) -> Interval:
    """Return the interval with portraits of one session as one cluster; those without a session stand alone."""
    if measure.estimate not in (share, mean, mean_magnitude) or not any(
        o.facts.session for o in observations
    ):
        return None
    values = [o.value for o in observations if isinstance(o.value, float)]
    found = clustered(values, [o.facts.session or o.facts.portrait_id for o in observations])
    if not found:
        return None
    low, high = found
    if measure.estimate is not mean:
        low = max(0.0, low)
    return low, min(high, 1.0) if measure.estimate is share else high


@dataclass(frozen=True, slots=True)
class CurveRow:
    """A row of `attribution_curves`, see its schema."""

    model: str
    attribute: str
    curve: str
    group_by: str
    group: str
    confidence_from: float
    confidence_to: float
    n: int
    count: int
    value: float
    low: float | None
    high: float | None
    mean_confidence: float
    answered: float


def curve_rows(answers: Answers, cards: Mapping[str, Card]) -> tuple[CurveRow, ...]:
    """Return both curves for all, women and men of each model that gives a confidence.

    Args:
        answers: of all models to all pictures.
        cards: of the models, by name.
    """
    rows: list[CurveRow] = []
    for card in cards.values():
        for group_by in BRIEF:
            groups: dict[str, list[tuple[float, float]]] = {}
            for answer in answers[card.name, ORIGINAL].values():
                group, wrong = GROUPINGS[group_by](answer.facts), gender_is_wrong(answer)
                score = answer.scores.get(Attribute.GENDER)
                if group and wrong is not None and score is not None:
                    groups.setdefault(group, []).append((score, wrong))
            for group in sorted(groups):
                rows += _curves(card.name, group_by, group, groups[group])
    return tuple(rows)


def _curves(
    model: str, group_by: str, group: str, pairs: Sequence[tuple[float, float]]
) -> Iterator[CurveRow]:
    def row(curve: str, ends: tuple[float, float], there: Sequence[tuple[float, float]]) -> CurveRow:
        is_so = [wrong if curve == THRESHOLD else 1 - wrong for _, wrong in there]
        return CurveRow(
            model=model,
            attribute=Attribute.GENDER,
            curve=curve,
            group_by=group_by,
            group=group,
            confidence_from=ends[0],
            confidence_to=ends[1],
            count=round(sum(is_so)),
            **asdict(share(is_so)),
            mean_confidence=mean.of([score for score, _ in there]),
            answered=round(len(there) / len(pairs), DIGITS),
        )

    for place in range(BINS):
        if there := [pair for pair in pairs if min(int(pair[0] * BINS), BINS - 1) == place]:
            yield row(RELIABILITY, (place / BINS, (place + 1) / BINS), there)
    for threshold in THRESHOLDS:
        if there := [pair for pair in pairs if pair[0] >= threshold]:
            yield row(THRESHOLD, (threshold, 1.0), there)


PICTURE_OR_TERM = "picture_or_term"
"""The reference day of `attributions`: the picture's own, or else the first of the mandate."""

AnswerRow = AttributionRow | VariantRow
AnswerRows = dict[str, AnswerRow]
"""The row of a model's answer about an attribute, by portrait."""
Numbers = dict[str, float]
"""What is measured, by portrait, without portraits that give no value."""
Genders = dict[str, str | None]
"""The official gender, by portrait."""


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
    """An estimate for an attribute, and its method."""

    attribute: str
    name: str
    label: str
    unit: str
    method: Estimator


def choice_rows(
    attributions: Sequence[AttributionRow],
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
    genders = {row.portrait_id: row.official_gender for row in attributions}
    originals: dict[tuple[str, str], AnswerRows] = defaultdict(dict)
    for row in attributions:
        if row.is_answer:
            originals[row.model, row.attribute][row.portrait_id] = row
    others: dict[tuple[str, str, str], dict[str, AnswerRows]] = defaultdict(lambda: defaultdict(dict))
    for variant in variants:
        if variant.is_answer:
            key = variant.model, variant.varied, variant.attribute
            others[key][variant.variant][variant.portrait_id] = variant
    known = {REFERENCE_DAY: PICTURE_OR_TERM, BOX: str(boxes), DETECTION: "original"}
    rows: list[ChoiceRow] = []
    for (model, choice, attribute), options in others.items():
        if choice == PICTURE or attribute == FACE:
            continue
        default = known.get(choice) or cards[model].default_of(choice)
        original = originals[model, attribute]
        if choice == DETECTION:
            by_copies = _moves(original, others[model, PICTURE, attribute])
            values = {_movement(attribute): {default: by_copies, "anew": _moves(original, options)}}
        else:
            values = _measured(attribute, {default: original, **options}, genders)
        for estimate, by_option in values.items():
            rows += _option_rows(model, choice, default, estimate, by_option, genders)
    return tuple(rows)


def _measured(
    attribute: str, answers: Mapping[str, AnswerRows], genders: Genders
) -> dict[_Estimate, dict[str, Numbers]]:
    """Return the estimates for an attribute, with the numbers of each option."""
    found: dict[_Estimate, dict[str, Numbers]] = defaultdict(dict)
    for option, rows in answers.items():
        for estimate, numbers in _numbers(attribute, rows, genders):
            found[estimate][option] = numbers
    return found


def _numbers(attribute: str, answers: AnswerRows, genders: Genders) -> Iterator[tuple[_Estimate, Numbers]]:
    """Yield the estimates for an attribute, each with the number that a portrait adds."""
    if attribute == Attribute.AGE:
        errors = {
            portrait: row.value - row.official_age
            for portrait, row in answers.items()
            if row.value is not None and row.official_age is not None
        }
        sizes = {portrait: abs(error) for portrait, error in errors.items()}
        yield _Estimate(attribute, "mean_absolute_error", ANY_LABEL, "years", mean_magnitude), sizes
        yield _Estimate(attribute, "bias", ANY_LABEL, "years", mean), errors
    elif attribute == Attribute.GENDER:
        wrong = {p: float(row.label != genders[p]) for p, row in answers.items() if genders[p] is not None}
        yield _Estimate(attribute, "disagreement", ANY_LABEL, "share", share), wrong
    else:
        for label in LABELS[Attribute.EXPRESSION]:
            is_it = {portrait: float(row.label == label) for portrait, row in answers.items()}
            yield _Estimate(attribute, "share", label, "share", share), is_it


def _moves(original: AnswerRows, changed: Mapping[str, AnswerRows]) -> Numbers:
    """Return how far the answer about each portrait moves when it is changed, on average over the changes."""
    moves: dict[str, list[float]] = defaultdict(list)
    for rows in changed.values():
        for portrait, row in rows.items():
            if first := original.get(portrait):
                moves[portrait].append(
                    float(row.label != first.label)
                    if row.value is None or first.value is None
                    else abs(row.value - first.value)
                )
    return {portrait: sum(each) / len(each) for portrait, each in moves.items()}


def _movement(attribute: str) -> _Estimate:
    """Return the figures for answers that move; a share of changes is a mean of truths."""
    if attribute == Attribute.AGE:
        return _Estimate(attribute, "mean_absolute_change", ANY_LABEL, "years", mean_magnitude)
    return _Estimate(attribute, "changed_answer", ANY_LABEL, "share", mean)


def _option_rows(
    model: str,
    choice: str,
    default: str,
    estimate: _Estimate,
    values: Mapping[str, Numbers],
    genders: Genders,
) -> Iterator[ChoiceRow]:
    """Yield a row for each option and group, for the portraits that all options have a number for."""
    shared = [
        name for name in next(iter(values.values())) if all(name in numbers for numbers in values.values())
    ]
    for option, numbers in values.items():
        groups: dict[tuple[str, str], list[float]] = defaultdict(list)
        for portrait in shared:
            groups[ALL, ALL].append(numbers[portrait])
            if gender := genders[portrait]:
                groups["gender", gender].append(numbers[portrait])
        for (group_by, group), there in groups.items():
            found = estimate.method(there)
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
