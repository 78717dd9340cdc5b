"""The tables `attribution_errors` and `attribution_curves`: guesses held against facts, other models, changed pictures.

Beside each figure stands its yardstick: what somebody who does not look at the picture would get (`baseline`), and
how much the software contradicts itself when the picture is changed so that nobody would notice (`own_variation`).

Curves say what the software's own confidence in a gender is worth. Of the reliability curve a point is the answers of
about the same confidence, and how many of them are right. Of the threshold curve a point is what is left if answers
below a confidence are thrown away, and how many of those are wrong.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dontspy_data.audit.attributions import GROUPINGS, Answers
from dontspy_data.audit.looks import ORIGINAL
from dontspy_data.audit.model import Attribute, Card
from dontspy_data.audit.observations import BRIEF, Measure, Observation, gender_is_wrong, measures
from dontspy_data.audit.statistics import (
    BINS,
    DIGITS,
    Interval,
    IntervalEstimate,
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
        detects: whether the models look for the face themselves, so that it can be measured how often they miss it.
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
            if math.isfinite(row.value):  # kappa of answers that are all the same is not
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
        value=found.value,
        low=found.low,
        high=found.high,
        n=found.n,
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
    return (
        (low, high)
        if measure.estimate is mean
        else (max(0.0, low), min(high, 1.0) if measure.estimate is share else high)
    )


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
        found: IntervalEstimate = share(is_so)
        return CurveRow(
            model=model,
            attribute=Attribute.GENDER,
            curve=curve,
            group_by=group_by,
            group=group,
            confidence_from=ends[0],
            confidence_to=ends[1],
            n=found.n,
            count=round(sum(is_so)),
            value=found.value,
            low=found.low,
            high=found.high,
            mean_confidence=mean.of([score for score, _ in there]),
            answered=round(len(there) / len(pairs), DIGITS),
        )

    for place in range(BINS):
        if there := [pair for pair in pairs if min(int(pair[0] * BINS), BINS - 1) == place]:
            yield row(RELIABILITY, (place / BINS, (place + 1) / BINS), there)
    for threshold in THRESHOLDS:
        if there := [pair for pair in pairs if pair[0] >= threshold]:
            yield row(THRESHOLD, (threshold, 1.0), there)
