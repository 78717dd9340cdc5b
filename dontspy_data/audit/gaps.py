"""The table `attribution_gaps`: how much more a model errs about one group than about another, and whether by chance.

Each group stands against all others of its kind; women and men also within each age band, and at the same age.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from dontspy_data.audit.answers import ALL, GENDERS, GROUPINGS, Answer, Answers, OfficialFacts
from dontspy_data.audit.differences import (
    GroupDifference,
    adjusted_difference,
    corrected,
    mean_difference,
    paired_mean_difference,
    paired_share_difference,
    share_difference,
    significant,
)
from dontspy_data.audit.model import Attribute, Card
from dontspy_data.audit.observations import ANY_LABEL, FAR_OFF, gender_is_wrong, years_off
from dontspy_data.audit.views import ORIGINAL

OTHERS = "all others"
NOTHING_ADJUSTED, AGE_ADJUSTED = "nothing", "age"
COMPARED = ("gender", "age_band", "country", "political_group")
BY_MODEL = "model"
SHOWN_LABEL = "happy"
"""The one expression that groups are compared by."""


@dataclass(frozen=True, slots=True)
class GapRow:
    """A row of `attribution_gaps`, see its schema."""

    model: str
    attribute: str
    measure: str
    label: str
    among: str
    group_by: str
    group: str
    compared_with: str
    adjusted_for: str
    value: float
    low: float
    high: float
    n: int
    n_compared: int
    unit: str
    interval: str
    effect_size: float | None
    effect_name: str | None
    test: str
    p: float
    q: float


@dataclass(frozen=True, slots=True)
class ComparedOutcome:
    """What is compared: of one model and measure, a truth or a number of years per portrait."""

    model: str
    attribute: str
    measure: str
    label: str
    unit: str
    values: Mapping[str, tuple[OfficialFacts, float]]


def gap_rows(answers: Answers, cards: Mapping[str, Card]) -> tuple[GapRow, ...]:
    """Return all rows: by model and measure, groups first, then pairs of models on the same portraits.

    q-values correct for all comparisons of one model and measure by the same kind of group (by country: each country,
    of all, women and men); of models, for all pairs of one measure.

    Args:
        answers: of all models to all pictures.
        cards: of the models, by name.
    """
    outcomes = [o for card in cards.values() for o in _outcomes(card, answers[card.name, ORIGINAL])]
    rows: list[GapRow] = []
    for outcome in outcomes:
        found = list(_between_groups(outcome))
        for grouping in COMPARED:
            rows += _corrected([row for row in found if row.group_by == grouping])
        rows += _corrected(list(_at_the_same_age(outcome)))
    for attribute, measure in dict.fromkeys((o.attribute, o.measure) for o in outcomes):
        same = [o for o in outcomes if (o.attribute, o.measure) == (attribute, measure)]
        rows += _corrected(
            [row for one, other in combinations(same, 2) for row in _between_models(one, other)]
        )
    return tuple(rows)


def _outcomes(card: Card, originals: Mapping[str, Answer]) -> Iterator[ComparedOutcome]:
    def outcome(
        attribute: Attribute, measure: str, unit: str, values: Mapping[str, float | None]
    ) -> ComparedOutcome:
        label = SHOWN_LABEL if attribute is Attribute.EXPRESSION else ANY_LABEL
        there = {name: (originals[name].facts, value) for name, value in values.items() if value is not None}
        return ComparedOutcome(card.name, attribute, measure, label, unit, there)

    if Attribute.GENDER in card.attributes:
        wrong = {name: gender_is_wrong(answer) for name, answer in originals.items()}
        yield outcome(Attribute.GENDER, "disagreement", "share", wrong)
    if Attribute.AGE in card.attributes:
        off = {name: years_off(answer) for name, answer in originals.items()}
        known = {name: error for name, error in off.items() if error is not None}
        sizes = {name: abs(error) for name, error in known.items()}
        far = {name: float(size > FAR_OFF) for name, size in sizes.items()}
        yield outcome(Attribute.AGE, "mean_absolute_error", "years", sizes)
        yield outcome(Attribute.AGE, "bias", "years", known)
        yield outcome(Attribute.AGE, "off_by_more_than_10_years", "share", far)
    if Attribute.EXPRESSION in card.attributes:
        given = {name: answer.labels.get(Attribute.EXPRESSION) for name, answer in originals.items()}
        shown = {name: float(label == SHOWN_LABEL) for name, label in given.items() if label}
        yield outcome(Attribute.EXPRESSION, "share", "share", shown)


def _between_groups(outcome: ComparedOutcome) -> Iterator[GapRow]:
    compare = share_difference if outcome.unit == "share" else mean_difference
    for among, there in _denominators(outcome):
        for grouping in _comparable(among):
            for group, compared, one, other in _contrasts(there, grouping):
                if found := compare(one, other):
                    yield _row(outcome, found, (among, grouping, group, compared), (len(one), len(other)))


def _comparable(among: str) -> tuple[str, ...]:
    """Return what the portraits of a denominator are compared by; those of an age band by gender alone."""
    by_gender, by_others = COMPARED[:1], COMPARED[1:]
    return {ALL: COMPARED, **dict.fromkeys(GENDERS, by_others)}.get(among, by_gender)


def _contrasts(
    there: Sequence[tuple[OfficialFacts, float]], grouping: str
) -> Iterator[tuple[str, str, list[float], list[float]]]:
    """Yield a group, what it is compared with, and the values of both."""
    cells: dict[str, list[float]] = {}
    for facts, value in there:
        if group := GROUPINGS[grouping](facts):
            cells.setdefault(group, []).append(value)
    for group in GENDERS[:1] if grouping == "gender" else sorted(cells):
        others = [value for name in sorted(cells) if name != group for value in cells[name]]
        yield group, GENDERS[1] if grouping == "gender" else OTHERS, cells.get(group, []), others


def _denominators(outcome: ComparedOutcome) -> Iterator[tuple[str, list[tuple[OfficialFacts, float]]]]:
    """Yield all portraits, those of women and of men, and those of each age band, but where nothing is ever off."""
    values = list(outcome.values.values())
    if not any(value for _, value in values):
        return
    yield ALL, values
    for grouping in ("gender", "age_band"):
        names = sorted({name for facts, _ in values if (name := GROUPINGS[grouping](facts))})
        for name in names:
            there = [(facts, value) for facts, value in values if GROUPINGS[grouping](facts) == name]
            if any(value for _, value in there):
                yield name, there


def _at_the_same_age(outcome: ComparedOutcome) -> Iterator[GapRow]:
    known = [
        (facts, value) for facts, value in outcome.values.values() if facts.gender and facts.age is not None
    ]
    is_first = [facts.gender == GENDERS[0] for facts, _ in known]
    found = adjusted_difference(
        [value for _, value in known],
        is_first,
        [facts.age for facts, _ in known if facts.age is not None],
        [facts.session or facts.portrait_id for facts, _ in known],
    )
    if found:
        counts = sum(is_first), len(is_first) - sum(is_first)
        yield _row(outcome, found, (ALL, "gender", *GENDERS), counts, adjusted_for=AGE_ADJUSTED)


def _between_models(one: ComparedOutcome, other: ComparedOutcome) -> Iterator[GapRow]:
    """Yield the difference on portraits that both models judge: of all, of women and of men."""
    for among in (ALL, *GENDERS):
        pairs = [
            (value, other.values[name][1])
            for name, (facts, value) in one.values.items()
            if name in other.values and among in (ALL, facts.gender)
        ]
        compare = paired_share_difference if one.unit == "share" else paired_mean_difference
        if found := compare(pairs):
            yield _row(one, found, (among, BY_MODEL, one.model, other.model), (len(pairs), len(pairs)))


def _row(
    outcome: ComparedOutcome,
    found: GroupDifference,
    groups: tuple[str, str, str, str],
    counts: tuple[int, int],
    *,
    adjusted_for: str = NOTHING_ADJUSTED,
) -> GapRow:
    among, group_by, group, compared_with = groups
    return GapRow(
        model=outcome.model,
        attribute=outcome.attribute,
        measure=outcome.measure,
        label=outcome.label,
        among=among,
        group_by=group_by,
        group=group,
        compared_with=compared_with,
        adjusted_for=adjusted_for,
        value=found.value,
        low=found.low,
        high=found.high,
        n=counts[0],
        n_compared=counts[1],
        unit=outcome.unit,
        interval=found.interval,
        effect_size=found.effect,
        effect_name=found.effect_name,
        test=found.test,
        p=found.p,
        q=found.p,
    )


def _corrected(rows: Sequence[GapRow]) -> list[GapRow]:
    chances = corrected([row.p for row in rows])
    return [replace(row, p=significant(row.p), q=q) for row, q in zip(rows, chances, strict=True)]
