"""What is measured: of each model, against official facts, other models and changed pictures, a number per portrait."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
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
"""Changes of the picture that nobody would notice who does not see both."""

BRIEF = (ALL, "gender")
FACTS = tuple(GROUPINGS)
AGES = (ALL, "gender", "age_band", "gender_and_age_band")


@dataclass(frozen=True, slots=True)
class Observation:
    """What is measured of one portrait.

    Attributes:
        facts: about the portrait.
        value: a truth, a number of years, or a pair of confidence and truth.
        baseline: the same of a guess that does not look at the picture; None if there is no such guess.
        variation: how far the value's answer moves under changes that nobody would notice; None where not measured.
    """

    facts: OfficialFacts
    value: float | tuple[float, float]
    baseline: float | None = None
    variation: float | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """What is measured, and of which portraits."""

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
    for card in cards.values():
        originals = answers[card.name, ORIGINAL]
        variants = {variant: given for (model, variant), given in answers.items() if model == card.name}
        if detects:
            yield _faces_missed(card, originals)
        yield from _gender(card, originals, variants)
        yield from _age(card, originals, variants)
        yield from _expression(card, originals, variants)
        for variant in sorted(variants.keys() - {ORIGINAL}):
            yield from _against_original(card, variant, originals, variants[variant], redetects=redetects)
    for one, other in combinations(cards.values(), 2):
        yield from _against_each_other(one, other, answers[one.name, ORIGINAL], answers[other.name, ORIGINAL])


def gender_is_wrong(answer: Answer) -> float | None:
    """Return 1 where the guess is not the official gender, 0 where it is; None where either is missing."""
    given, official = answer.labels.get(Attribute.GENDER), answer.facts.gender
    return float(given != official) if given and official else None


def years_off(answer: Answer) -> float | None:
    """Return guess minus official age, in years; None where either is missing."""
    return None if answer.years is None or answer.facts.age is None else answer.years - answer.facts.age


def _faces_missed(card: Card, originals: Mapping[str, Answer]) -> Measure:
    missed = [Observation(answer.facts, float(not answer.found)) for answer in originals.values()]
    return Measure(card.name, FACE, "not_found", missed, share, "share", compared_with=NOTHING)


def _own_variation(
    outcome: Callable[[Answer], float | None], portrait: str, variants: Mapping[str, Mapping[str, Answer]]
) -> float | None:
    """Return how far an outcome moves under changes that nobody would notice, in the mean of them."""
    own = outcome(variants[ORIGINAL][portrait])
    seen = (variants.get(name, {}).get(portrait) for name in UNNOTICED)
    changed = [outcome(answer) for answer in seen if answer is not None]
    moves = [abs(one - own) for one in changed if one is not None and own is not None]
    return sum(moves) / len(moves) if moves else None


def _observe(
    originals: Mapping[str, Answer],
    variants: Mapping[str, Mapping[str, Answer]],
    value: Callable[[Answer], float | None],
    *,
    baseline: Callable[[OfficialFacts], float] | None = None,
    moved: Callable[[Answer], float | None] | None = None,
) -> list[Observation]:
    """Return what is measured of those portraits that have a value.

    Args:
        originals: answers to the portraits as published.
        variants: answers to all pictures, the published ones too.
        value: of an answer; None if there is nothing to measure.
        baseline: the value of a guess that does not look.
        moved: what is followed through changed pictures; the value where not given.
    """
    return [
        Observation(
            answer.facts,
            found,
            baseline(answer.facts) if baseline else None,
            _own_variation(moved or value, portrait, variants),
        )
        for portrait, answer in originals.items()
        if (found := value(answer)) is not None
    ]


def _gender(
    card: Card, originals: Mapping[str, Answer], variants: Mapping[str, Mapping[str, Answer]]
) -> Iterator[Measure]:
    if Attribute.GENDER not in card.attributes:
        return

    judged = [answer for answer in originals.values() if gender_is_wrong(answer) is not None]
    genders = Counter(str(answer.facts.gender) for answer in judged)
    usual = max(sorted(genders), key=lambda gender: genders[gender], default=None)
    observed = _observe(
        originals, variants, gender_is_wrong, baseline=lambda facts: float(facts.gender != usual)
    )
    yield Measure(card.name, Attribute.GENDER, "disagreement", observed, share, "share")
    labels = LABELS[Attribute.GENDER]
    pairs = [
        Observation(a.facts, (labels.index(a.labels[Attribute.GENDER]), labels.index(str(a.facts.gender))))
        for a in judged
    ]
    yield Measure(card.name, Attribute.GENDER, "kappa", pairs, kappa, "index", groupings=(ALL,))
    scored = [
        (a, a.scores[Attribute.GENDER], gender_is_wrong(a)) for a in judged if Attribute.GENDER in a.scores
    ]
    sure = [Observation(a.facts, (score, 1.0 - float(bool(is_wrong)))) for a, score, is_wrong in scored]
    mistaken = [Observation(a.facts, score) for a, score, is_wrong in scored if is_wrong]
    for name, observations, estimate in (
        ("expected_calibration_error", sure, calibration),
        ("confidence_when_wrong", mistaken, median),
    ):
        yield Measure(card.name, Attribute.GENDER, name, observations, estimate, "share", groupings=BRIEF)


def _age(
    card: Card, originals: Mapping[str, Answer], variants: Mapping[str, Mapping[str, Answer]]
) -> Iterator[Measure]:
    if Attribute.AGE not in card.attributes:
        return

    def size(answer: Answer) -> float | None:
        off = years_off(answer)
        return None if off is None else abs(off)

    errors = _observe(originals, variants, years_off, baseline=_fifty_off)
    sizes = _observe(
        originals, variants, size, baseline=lambda facts: abs(_fifty_off(facts)), moved=years_off
    )
    for name, observations, estimate, groupings in (
        ("mean_absolute_error", sizes, mean_magnitude, FACTS),
        ("bias", errors, mean, FACTS),
        ("median_absolute_error", sizes, median, AGES),
        ("root_mean_square_error", errors, root_mean_square, AGES),
        ("lower_limit_of_agreement", errors, lower_limit, BRIEF),
        ("upper_limit_of_agreement", errors, upper_limit, BRIEF),
    ):
        yield Measure(card.name, Attribute.AGE, name, observations, estimate, "years", groupings=groupings)
    for name, is_so in (("off_by_more_than_10_years", _is_far), ("within_5_years", _is_near)):
        yield Measure(
            card.name, Attribute.AGE, name, _age_outcomes(originals, variants, is_so), share, "share"
        )
    pairs = [
        Observation(a.facts, (a.years, a.facts.age))
        for a in originals.values()
        if a.years is not None and a.facts.age is not None
    ]
    yield Measure(card.name, Attribute.AGE, "concordance", pairs, concordance, "index", groupings=BRIEF)


def _is_far(years: float) -> bool:
    return abs(years) > FAR_OFF


def _is_near(years: float) -> bool:
    return abs(years) <= NEAR


def _age_outcomes(
    originals: Mapping[str, Answer],
    variants: Mapping[str, Mapping[str, Answer]],
    is_so: Callable[[float], bool],
) -> list[Observation]:
    """Return of which guesses, and of which age of fifty, it is so."""

    def outcome(answer: Answer) -> float | None:
        off = years_off(answer)
        return None if off is None else float(is_so(off))

    return _observe(originals, variants, outcome, baseline=lambda facts: float(is_so(_fifty_off(facts))))


def _fifty_off(facts: OfficialFacts) -> float:
    return FIFTY - float(facts.age or 0)  # only asked where there is an age


def _expression(
    card: Card, originals: Mapping[str, Answer], variants: Mapping[str, Mapping[str, Answer]]
) -> Iterator[Measure]:
    if Attribute.EXPRESSION not in card.attributes:
        return
    for label in LABELS[Attribute.EXPRESSION]:

        def is_it(answer: Answer, label: str = label) -> float | None:
            given = answer.labels.get(Attribute.EXPRESSION)
            return float(given == label) if given else None

        yield Measure(
            card.name,
            Attribute.EXPRESSION,
            "share",
            _observe(originals, variants, is_it),
            share,
            "share",
            label=label,
            compared_with=NOTHING,
        )


def _against_original(
    card: Card,
    variant: str,
    originals: Mapping[str, Answer],
    changed: Mapping[str, Answer],
    *,
    redetects: bool,
) -> Iterator[Measure]:
    """Yield how answers change when the picture does, on portraits whose face is found in the original."""
    pairs = [
        (first, changed[portrait])
        for portrait, first in originals.items()
        if first.found and portrait in changed
    ]
    if redetects:
        lost = [Observation(first.facts, float(not second.found)) for first, second in pairs]
        yield Measure(
            card.name,
            FACE,
            "not_found",
            lost,
            share,
            "share",
            compared_with=ORIGINAL,
            variant=variant,
            groupings=BRIEF,
        )
    names = {Attribute.AGE: "mean_absolute_change"}
    for attribute in card.attributes:
        name = names.get(attribute, "changed_answer")
        yield _difference(card.name, attribute, name, pairs, compared_with=ORIGINAL, variant=variant)


def _against_each_other(
    one: Card, other: Card, ones: Mapping[str, Answer], others: Mapping[str, Answer]
) -> Iterator[Measure]:
    """Yield how far two models' answers differ, on portraits in which both find a face."""
    pairs = [(first, others[portrait]) for portrait, first in ones.items() if portrait in others]
    names = {Attribute.AGE: "mean_absolute_difference"}
    for attribute in one.attributes:
        if attribute not in other.attributes:
            continue
        name = names.get(attribute, "different_answer")
        yield _difference(one.name, attribute, name, pairs, compared_with=other.name, variant=ORIGINAL)
        agreements: Sequence[tuple[str, Estimator, str, Sequence[Observation]]]
        if attribute is Attribute.AGE:
            ages = [
                (a.facts, a.years, b.years) for a, b in pairs if a.years is not None and b.years is not None
            ]
            both = [Observation(facts, (first, second)) for facts, first, second in ages]
            gaps = [Observation(facts, first - second) for facts, first, second in ages]
            agreements = (
                ("concordance", concordance, "index", both),
                ("mean_difference", mean, "years", gaps),
                ("lower_limit_of_agreement", lower_limit, "years", gaps),
                ("upper_limit_of_agreement", upper_limit, "years", gaps),
            )
        else:
            labels = LABELS[attribute]
            places = [
                Observation(a.facts, (labels.index(a.labels[attribute]), labels.index(b.labels[attribute])))
                for a, b in pairs
                if attribute in a.labels and attribute in b.labels
            ]
            agreements = (("kappa", kappa, "index", places),)
        for name, estimate, unit, observations in agreements:
            yield Measure(
                one.name,
                attribute,
                name,
                observations,
                estimate,
                unit,
                compared_with=other.name,
                groupings=BRIEF,
            )


def _difference(
    model: str,
    attribute: Attribute,
    name: str,
    pairs: Sequence[tuple[Answer, Answer]],
    *,
    compared_with: str,
    variant: str,
) -> Measure:
    if attribute is Attribute.AGE:
        values = [
            Observation(a.facts, abs(a.years - b.years))
            for a, b in pairs
            if a.years is not None and b.years is not None
        ]
    else:
        values = [
            Observation(a.facts, float(a.labels[attribute] != b.labels[attribute]))
            for a, b in pairs
            if attribute in a.labels and attribute in b.labels
        ]
    is_age = attribute is Attribute.AGE
    return Measure(
        model,
        attribute,
        name,
        values,
        mean_magnitude if is_age else share,
        "years" if is_age else "share",
        compared_with=compared_with,
        variant=variant,
        groupings=BRIEF,
    )
