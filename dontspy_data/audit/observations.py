"""What is measured: a number per portrait and model, against official facts, other models and changed pictures."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from dontspy_data.audit.attributions import ALL, FACE, GROUPINGS, Answer, Answers, OfficialFacts
from dontspy_data.audit.looks import ORIGINAL
from dontspy_data.audit.model import LABELS, Attribute, Card
from dontspy_data.audit.statistics import (
    Estimator,
    calibration,
    concordance,
    kappa,
    lower_limit,
    mean,
    mean_magnitude,
    median,
    root_mean_square,
    share,
    upper_limit,
)

ANY_LABEL = "any"
OFFICIAL, NOTHING = "official", "nothing"
FAR_OFF, NEAR = 10, 5  # years
FIFTY = 50.0
UNNOTICED = ("mirrored", "jpeg_40", "upscaled")
"""Changes of the picture that nobody would notice without seeing both."""

BRIEF = (ALL, "gender")
FACTS = tuple(GROUPINGS)
AGES = (ALL, "gender", "age_band", "gender_and_age_band")


ByVariant = Mapping[str, Mapping[str, Answer]]
"""A model's answers by variant, those to the portraits as published among them, then by portrait."""


@dataclass(frozen=True, slots=True)
class Observation:
    """What is measured for one portrait.

    Attributes:
        facts: about the portrait.
        value: a truth, a number of years, or a pair of confidence and truth.
        baseline: the same for a guess without looking at the picture; None if there is no such guess.
        variation: how far the value's answer moves under imperceptible changes; None if not measured.
    """

    facts: OfficialFacts
    value: float | tuple[float, float]
    baseline: float | None = None
    variation: float | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure, and its value for each portrait."""

    model: str
    attribute: str
    name: str
    observations: Sequence[Observation]
    estimate: Estimator
    unit: str
    label: str = ANY_LABEL
    compared_with: str = OFFICIAL
    variant: str = ORIGINAL
    groupings: Sequence[str] = FACTS


def measures(
    answers: Answers, cards: Mapping[str, Card], *, detects: bool, redetects: bool
) -> Iterator[Measure]:
    """Yield what is measured, by model in the order of the cards, then of each pair of models.

    Args:
        answers: of all models to all pictures.
        cards: of the models, by name.
        detects: whether the models look for the face themselves, so that it can be measured how often they miss it.
        redetects: whether they look for it in changed pictures, too.
    """
    measured = {Attribute.GENDER: _gender, Attribute.AGE: _age, Attribute.EXPRESSION: _expression}
    for card in cards.values():
        given = {variant: found for (model, variant), found in answers.items() if model == card.name}
        if detects:
            missed = [Observation(one.facts, float(not one.found)) for one in given[ORIGINAL].values()]
            yield Measure(card.name, FACE, "not_found", missed, share, "share", compared_with=NOTHING)
        for attribute, measure in measured.items():
            if attribute in card.attributes:
                yield from measure(card.name, given)
        for variant in sorted(given.keys() - {ORIGINAL}):
            yield from _against_original(card, variant, given, redetects=redetects)
    for one, other in combinations(cards.values(), 2):
        yield from _against_each_other(one, other, answers[one.name, ORIGINAL], answers[other.name, ORIGINAL])


def gender_is_wrong(answer: Answer) -> float | None:
    """Return 1 if the guess is not the official gender, 0 if it is; None if either is missing."""
    given, official = answer.labels.get(Attribute.GENDER), answer.facts.gender
    return float(given != official) if given and official else None


def years_off(answer: Answer) -> float | None:
    """Return guess minus official age, in years; None if either is missing."""
    return None if answer.years is None or answer.facts.age is None else answer.years - answer.facts.age


def _observe(
    given: ByVariant,
    value: Callable[[Answer], float | None],
    *,
    baseline: Callable[[OfficialFacts], float] | None = None,
    moved: Callable[[Answer], float | None] | None = None,
) -> list[Observation]:
    """Return what is measured for those portraits that have a value.

    Args:
        given: a model's answers.
        value: of an answer; None if there is nothing to measure.
        baseline: the value of a guess without looking.
        moved: what is followed through changed pictures; by default the value.
    """
    return [
        Observation(
            answer.facts,
            found,
            baseline(answer.facts) if baseline else None,
            _own_variation(moved or value, portrait, given),
        )
        for portrait, answer in given[ORIGINAL].items()
        if (found := value(answer)) is not None
    ]


def _own_variation(
    outcome: Callable[[Answer], float | None], portrait: str, given: ByVariant
) -> float | None:
    """Return how far an outcome moves under imperceptible changes, on average."""
    own = outcome(given[ORIGINAL][portrait])
    seen = (given.get(name, {}).get(portrait) for name in UNNOTICED)
    changed = [outcome(answer) for answer in seen if answer is not None]
    moves = [abs(one - own) for one in changed if one is not None and own is not None]
    return sum(moves) / len(moves) if moves else None


def _gender(model: str, given: ByVariant) -> Iterator[Measure]:
    judged = [answer for answer in given[ORIGINAL].values() if gender_is_wrong(answer) is not None]
    genders = Counter(str(answer.facts.gender) for answer in judged)
    usual = max(sorted(genders), key=lambda gender: genders[gender], default=None)
    observed = _observe(given, gender_is_wrong, baseline=lambda facts: float(facts.gender != usual))
    labels = LABELS[Attribute.GENDER]
    places = [
        Observation(a.facts, (labels.index(a.labels[Attribute.GENDER]), labels.index(str(a.facts.gender))))
        for a in judged
    ]
    scored = [
        (a, a.scores[Attribute.GENDER], gender_is_wrong(a)) for a in judged if Attribute.GENDER in a.scores
    ]
    sure = [Observation(a.facts, (score, 1.0 - float(bool(is_wrong)))) for a, score, is_wrong in scored]
    mistaken = [Observation(a.facts, score) for a, score, is_wrong in scored if is_wrong]
    for name, observations, estimate, unit, groupings in (
        ("disagreement", observed, share, "share", FACTS),
        ("kappa", places, kappa, "index", (ALL,)),
        ("expected_calibration_error", sure, calibration, "share", BRIEF),
        ("confidence_when_wrong", mistaken, median, "share", BRIEF),
    ):
        yield Measure(model, Attribute.GENDER, name, observations, estimate, unit, groupings=groupings)


def _age(model: str, given: ByVariant) -> Iterator[Measure]:
    def of_error(outcome: Callable[[float], float], *, moved: bool = False) -> list[Observation]:
        """Observe a number computed from the error, and from that of a guess of fifty."""

        def value(answer: Answer) -> float | None:
            off = years_off(answer)
            return None if off is None else outcome(off)

        return _observe(
            given,
            value,
            baseline=lambda facts: outcome(FIFTY - float(facts.age or 0)),  # only called if there is an age
            moved=years_off if moved else None,
        )

    errors, sizes = of_error(lambda off: off), of_error(abs, moved=True)
    pairs = [
        Observation(a.facts, (a.years, a.facts.age))
        for a in given[ORIGINAL].values()
        if a.years is not None and a.facts.age is not None
    ]
    for name, observations, estimate, unit, groupings in (
        ("mean_absolute_error", sizes, mean_magnitude, "years", FACTS),
        ("bias", errors, mean, "years", FACTS),
        ("median_absolute_error", sizes, median, "years", AGES),
        ("root_mean_square_error", errors, root_mean_square, "years", AGES),
        ("lower_limit_of_agreement", errors, lower_limit, "years", BRIEF),
        ("upper_limit_of_agreement", errors, upper_limit, "years", BRIEF),
        ("off_by_more_than_10_years", of_error(lambda off: float(abs(off) > FAR_OFF)), share, "share", FACTS),
        ("within_5_years", of_error(lambda off: float(abs(off) <= NEAR)), share, "share", FACTS),
        ("concordance", pairs, concordance, "index", BRIEF),
    ):
        yield Measure(model, Attribute.AGE, name, observations, estimate, unit, groupings=groupings)


def _expression(model: str, given: ByVariant) -> Iterator[Measure]:
    for label in LABELS[Attribute.EXPRESSION]:

        def is_it(answer: Answer, label: str = label) -> float | None:
            said = answer.labels.get(Attribute.EXPRESSION)
            return float(said == label) if said else None

        observed = _observe(given, is_it)
        yield Measure(
            model, Attribute.EXPRESSION, "share", observed, share, "share", label, compared_with=NOTHING
        )


def _against_original(card: Card, variant: str, given: ByVariant, *, redetects: bool) -> Iterator[Measure]:
    """Yield how answers change when the picture does, on portraits whose face is found in the original."""
    changed = given[variant]
    pairs = [
        (first, changed[portrait])
        for portrait, first in given[ORIGINAL].items()
        if first.found and portrait in changed
    ]
    compared = {"compared_with": ORIGINAL, "variant": variant}
    if redetects:
        lost = [Observation(first.facts, float(not second.found)) for first, second in pairs]
        yield Measure(card.name, FACE, "not_found", lost, share, "share", groupings=BRIEF, **compared)
    for attribute in card.attributes:
        name = "mean_absolute_change" if attribute is Attribute.AGE else "changed_answer"
        yield _difference(card.name, attribute, name, _both(attribute, pairs), **compared)


def _against_each_other(
    one: Card, other: Card, ones: Mapping[str, Answer], others: Mapping[str, Answer]
) -> Iterator[Measure]:
    """Yield how far two models' answers differ, on portraits in which both find a face."""
    pairs = [(first, others[portrait]) for portrait, first in ones.items() if portrait in others]
    for attribute in one.attributes:
        if attribute not in other.attributes:
            continue
        is_age = attribute is Attribute.AGE
        name = "mean_absolute_difference" if is_age else "different_answer"
        both = _both(attribute, pairs)
        yield _difference(one.name, attribute, name, both, compared_with=other.name)
        values = [Observation(facts, (first, second)) for facts, first, second in both]
        gaps = [Observation(facts, first - second) for facts, first, second in both]
        agreements: Sequence[tuple[str, Sequence[Observation], Estimator, str]]
        agreements = (
            ("concordance", values, concordance, "index"),
            ("mean_difference", gaps, mean, "years"),
            ("lower_limit_of_agreement", gaps, lower_limit, "years"),
            ("upper_limit_of_agreement", gaps, upper_limit, "years"),
        )
        if not is_age:
            agreements = (("kappa", values, kappa, "index"),)
        for name, observations, estimate, unit in agreements:
            yield Measure(
                *(one.name, attribute, name, observations, estimate, unit),
                compared_with=other.name,
                groupings=BRIEF,
            )


_Both = Sequence[tuple[OfficialFacts, float, float]]
"""Two answers about the same portrait: years, or labels as their places in the attribute's list."""


def _both(attribute: Attribute, pairs: Iterable[tuple[Answer, Answer]]) -> _Both:
    """Return both answers about an attribute, if there are two."""
    labels = LABELS[attribute]
    if attribute is Attribute.AGE:
        return [(a.facts, a.years, b.years) for a, b in pairs if a.years is not None and b.years is not None]
    return [
        (a.facts, labels.index(a.labels[attribute]), labels.index(b.labels[attribute]))
        for a, b in pairs
        if attribute in a.labels and attribute in b.labels
    ]


def _difference(
    model: str, attribute: Attribute, name: str, both: _Both, *, compared_with: str, variant: str = ORIGINAL
) -> Measure:
    is_age = attribute is Attribute.AGE
    values = [
        Observation(facts, abs(one - other) if is_age else float(one != other)) for facts, one, other in both
    ]
    estimate, unit = (mean_magnitude, "years") if is_age else (share, "share")
    return Measure(
        *(model, attribute, name, values, estimate, unit),
        compared_with=compared_with,
        variant=variant,
        groupings=BRIEF,
    )
