"""The table `attribution_curves`: what the software's own confidence in a gender is worth.

Of the reliability curve a point is the answers of about the same confidence, and how many of them are right. Of the
threshold curve a point is what is left if answers below a confidence are thrown away, and how many of those are wrong.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dontspy_data.audit.answers import GROUPINGS, Answers
from dontspy_data.audit.model import Attribute, Card
from dontspy_data.audit.observations import BRIEF, gender_is_wrong
from dontspy_data.audit.statistics import BINS, DIGITS, IntervalEstimate, mean, share
from dontspy_data.audit.views import ORIGINAL

RELIABILITY, THRESHOLD = "reliability", "threshold"
THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


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
