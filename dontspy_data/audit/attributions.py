"""The tables `attributions` and `attribution_variants`: what each model says about each portrait. Guesses, never facts.

They are read back as answers, one portrait at a time. All figures of an audit are computed from these, so that anybody
can compute them again from the two tables.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date

from dontspy_data.audit.looks import ORIGINAL, PICTURE, REFERENCE_DAY, Look, Plan
from dontspy_data.audit.model import Attribute, Card

FACE, FOUND = "face", "found"
YEARS_DIGITS, SCORE_DIGITS = 3, 5
"""Digits after the point that do not depend on the processor."""
TERM_START = "term_start"
"""The alternative to the day of `attributions` for the official age."""
ALL = "all"
AGE_BANDS = ((0, "under 40"), (40, "40-49"), (50, "50-59"), (60, "60-69"), (70, "70 and over"))
BETWEEN = ", "
"""The separator between the names of an intersection's two groups."""


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
        look: the look.
        card: of the model.
    """
    if look.is_original:
        for answer in _answers(look):
            yield _attribution(look, answer, card)


def variant_rows(look: Look, plan: Plan) -> Iterator[VariantRow]:
    """Yield rows for a look at a changed portrait; for one at the published portrait, those for other reference days.

    Args:
        look: the look.
        plan: what was asked.
    """
    answered, subject = look.answered, look.subject
    if not look.is_original:
        for answer in _answers(look):
            yield _variant(look, answer, answered.varied, answered.variant, subject.age)
    elif REFERENCE_DAY in plan.choices:
        for answer in _answers(look):
            if answer.attribute == Attribute.AGE:
                yield _variant(look, answer, REFERENCE_DAY, TERM_START, subject.age_at_term_start)


@dataclass(frozen=True, slots=True)
class _Answer:
    """The columns of both tables for one label, rounded."""

    attribute: str
    label: str
    is_answer: bool
    value: float | None
    score: float | None


def _answers(look: Look) -> Iterator[_Answer]:
    """Yield one answer per label, that about the face before the guesses."""
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
        **asdict(answer),
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
        **asdict(answer),
        box_source=look.answered.box_source,
        official_age=_rounded(age, YEARS_DIGITS),
    )


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)


@dataclass(frozen=True, slots=True)
class OfficialFacts:
    """The facts in the release about a portrait and the person in it; None if missing.

    Attributes:
        portrait_id: key of the portrait.
        gender: as officially published.
        age: in years, on the reference day.
        country: represented, ISO 3166-1 alpha-2.
        political_group: latest group known.
        reference_source: how the reference day is known.
        session: identifies portraits that were taken together.
    """

    portrait_id: str
    gender: str | None
    age: float | None
    country: str | None
    political_group: str | None
    reference_source: str | None
    session: str | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What one model says about one picture. Values are None if it finds no face, or does not guess them.

    Attributes:
        facts: about the portrait.
        found: whether it finds a face.
        years: the age it guesses.
        labels: the answer, by attribute.
        scores: its confidence in the answer, by attribute, 0 to 1; missing where it gives none.
    """

    facts: OfficialFacts
    found: bool
    years: float | None
    labels: Mapping[str, str]
    scores: Mapping[str, float]


Answers = Mapping[tuple[str, str], Mapping[str, Answer]]
"""By model and variant (`original` for the portrait as published), then by portrait, sorted."""


def read_answers(attributions: Iterable[AttributionRow], variants: Iterable[VariantRow]) -> Answers:
    """Return the answers of all models to all pictures.

    Args:
        attributions: rows of the table of that name.
        variants: rows of `attribution_variants`, about the same portraits.
    """
    cells: dict[tuple[str, str], dict[str, list[AttributionRow | VariantRow]]] = {}
    facts: dict[str, OfficialFacts] = {}
    for row in attributions:
        if row.portrait_id not in facts:
            facts[row.portrait_id] = _facts(row)
        cells.setdefault((row.model, ORIGINAL), {}).setdefault(row.portrait_id, []).append(row)
    for variant in variants:
        if variant.varied == PICTURE:
            key = variant.model, variant.variant
            cells.setdefault(key, {}).setdefault(variant.portrait_id, []).append(variant)
    return {
        key: {portrait: _answer(facts[portrait], found[portrait]) for portrait in sorted(found)}
        for key, found in cells.items()
    }


def _facts(row: AttributionRow) -> OfficialFacts:
    return OfficialFacts(
        portrait_id=row.portrait_id,
        gender=row.official_gender,
        age=row.official_age,
        country=row.country,
        political_group=row.political_group,
        reference_source=row.reference_source,
        session=row.session,
    )


def _answer(facts: OfficialFacts, rows: Iterable[AttributionRow | VariantRow]) -> Answer:
    given = {row.attribute: row for row in rows if row.is_answer}
    labels = {name: row.label for name, row in given.items() if name not in (FACE, Attribute.AGE)}
    scores = {name: score for name in labels if (score := given[name].score) is not None}
    years = given[Attribute.AGE].value if Attribute.AGE in given else None
    return Answer(facts, FACE in given, years, labels, scores)


def age_band(facts: OfficialFacts) -> str | None:
    """Return the band of the person's official age when the portrait was taken."""
    return None if facts.age is None else band_of(facts.age)


def band_of(age: float) -> str:
    """Return the band that an age in years is in."""
    return [band for least, band in AGE_BANDS if age >= least][-1]


Grouping = Callable[[OfficialFacts], str | None]
SINGLE: Mapping[str, Grouping] = {
    "gender": lambda facts: facts.gender,
    "age_band": age_band,
    "country": lambda facts: facts.country,
    "political_group": lambda facts: facts.political_group,
    "reference_source": lambda facts: facts.reference_source,
}
CROSSED = ("age_band", "country", "political_group")


def _crossed(name: str) -> Grouping:
    def group(facts: OfficialFacts) -> str | None:
        other = SINGLE[name](facts)
        return f"{facts.gender}{BETWEEN}{other}" if facts.gender and other else None

    return group


GROUPINGS: Mapping[str, Grouping] = {
    ALL: lambda _: ALL,
    **SINGLE,
    **{f"gender_and_{name}": _crossed(name) for name in CROSSED},
}
"""How portraits are grouped: by official facts, by how the reference day is known, and by intersections."""
