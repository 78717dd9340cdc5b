"""What the tables `attributions` and `attribution_variants` hold, a portrait at a time, and how portraits are grouped.

All figures of an audit are computed from here, so that anybody can compute them again from these two tables.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from dontspy_data.audit.attributions import FACE, AttributionRow, VariantRow
from dontspy_data.audit.looks import PICTURE
from dontspy_data.audit.model import Attribute
from dontspy_data.audit.views import ORIGINAL

ALL = "all"
GENDERS = ("female", "male")
AGE_BANDS = ((0, "under 40"), (40, "40-49"), (50, "50-59"), (60, "60-69"), (70, "70 and over"))
BETWEEN = ", "
"""What stands between the names of an intersection's two groups."""


@dataclass(frozen=True, slots=True)
class OfficialFacts:
    """What the release says of a portrait and the person in it; None if it does not.

    Attributes:
        portrait_id: key of the portrait.
        gender: as officially published.
        age: in years, on the reference day.
        country: represented, ISO 3166-1 alpha-2.
        political_group: latest group known.
        reference_source: how the reference day is known.
        session: what portraits that were taken together share.
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
    """What one model says of one picture. All is None if it finds no face, or does not guess it.

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
"""What portraits are told apart by: official facts, how the reference day is known, and intersections."""
