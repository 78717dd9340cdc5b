"""The site's argument: what the audit found, and the faces that it was found on; and every chart of its report."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from dontspy_data.audit.attributions import AttributionRow, read_answers
from dontspy_data.audit.conclusions import MIRRORED, Conclusion, conclude, that_look
from dontspy_data.audit.figures import curve_figures, detail_figures, strips
from dontspy_data.audit.gaps import GapRow
from dontspy_data.audit.measures import ChoiceRow, CurveRow, ErrorRow
from dontspy_data.audit.model import EXPRESSIONS
from dontspy_data.package.open import Package
from dontspy_data.site.explore import spread
from dontspy_data.site.material import AUDIT, Material, Row
from dontspy_data.site.people import PersonView
from dontspy_data.site.software import GuessView, titles_of

R = TypeVar("R")
REPORT = "audit.html"
"""The audit's own report, in its folder."""
MISREAD_SHOWN = 24
A_COLUMN = 5
STEP, FURTHEST = 5, 20
"""Columns of a strip are so many years wide, and the outermost hold whatever lies further out."""
STRIPS = 2
"""Strips on the front page; those of all models are on the audit's page."""


@dataclass(frozen=True, slots=True)
class Guessed:
    """A person, and one guess at their portrait."""

    person: PersonView
    guess: GuessView


@dataclass(frozen=True, slots=True)
class StripColumn:
    """People whose guessed age is so many years off: `years` in the middle, how many they are, and some of them."""

    years: int
    count: int
    shown: tuple[Guessed, ...]


@dataclass(frozen=True, slots=True)
class AgeStrip:
    """One model's guesses at everybody's age, by how many years they are off.

    Attributes:
        title: of the model.
        count: of portraits.
        columns: from guessed too young to guessed too old.
        height: of the highest column, in people.
    """

    title: str
    count: int
    columns: tuple[StripColumn, ...]

    @property
    def height(self) -> int:
        """People in the highest column."""
        return max(column.count for column in self.columns)


@dataclass(frozen=True, slots=True)
class Mirrored:
    """A portrait whose guessed age moves when it is mirrored: before and after, in whole years."""

    person: PersonView
    title: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Story:
    """What the front page tells.

    Attributes:
        findings: what was found, by kind.
        hero: a person whose portrait every model guesses about, further off than of most.
        misread: people whose gender is misread by any model, some of them.
        misread_count: how many there are.
        strips: of the first models.
        expressions: for each expression somebody whom a model calls so.
        mirrored: the portrait whose age moves furthest.
        portraits: how many were looked at.
    """

    findings: Mapping[str, Conclusion]
    hero: PersonView | None
    misread: tuple[Guessed, ...]
    misread_count: int
    strips: tuple[AgeStrip, ...]
    expressions: tuple[Guessed, ...]
    mirrored: Mirrored | None
    portraits: int


def story_of(material: Material, people: Sequence[PersonView]) -> Story | None:
    """Return what there is to tell; None without an audit that found anything.

    Args:
        material: with the audit's tables.
        people: everybody, with the guesses at their portraits.
    """
    found = findings(material)
    if not found:
        return None
    titles = that_look(titles_of(material.audit))
    seen = [person for person in people if person.guesses and person.portrait]
    guessed = [Guessed(person, guess) for person in seen for guess in person.guesses if guess.model in titles]
    misread = _misread(guessed)
    return Story(
        findings={one.kind: one for one in found},
        hero=_hero(seen),
        misread=tuple(spread(misread, MISREAD_SHOWN)),
        misread_count=len(misread),
        strips=tuple(age_strips(guessed))[:STRIPS],
        expressions=tuple(_expressions(guessed)),
        mirrored=_mirrored(guessed),
        portraits=len(seen),
    )


def findings(material: Material) -> tuple[Conclusion, ...]:
    """Return what an audit's tables say, the most telling first; empty without an audit."""
    return conclude(
        typed(ErrorRow, material.rows("attribution_errors")),
        typed(GapRow, material.rows("attribution_gaps")),
        typed(ChoiceRow, material.rows("attribution_choices")),
        titles_of(material.audit),
    )


def typed(kind: type[R], rows: Iterable[Row]) -> list[R]:
    """Return rows of a table as the row class that wrote them."""
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    return [kind(**{name: row[name] for name in names}) for row in rows]


def age_strips(guessed: Iterable[Guessed]) -> list[AgeStrip]:
    """Return a strip for each model that guesses ages, in their order."""
    by_model: dict[str, list[Guessed]] = {}
    for one in guessed:
        if one.guess.error is not None:
            by_model.setdefault(one.guess.model, []).append(one)
    return [AgeStrip(there[0].guess.title, len(there), _columns(there)) for there in by_model.values()]


def _columns(guessed: Sequence[Guessed]) -> tuple[StripColumn, ...]:
    cells: dict[int, list[Guessed]] = {years: [] for years in range(-FURTHEST, FURTHEST + 1, STEP)}
    for one in guessed:
        error: Any = one.guess.error
        nearest = (error + (STEP // 2 if error >= 0 else -(STEP // 2))) / STEP
        cells[max(-FURTHEST, min(FURTHEST, int(nearest) * STEP))].append(one)
    return tuple(
        StripColumn(years, len(there), tuple(spread(there, A_COLUMN))) for years, there in cells.items()
    )


def _hero(people: Sequence[PersonView]) -> PersonView | None:
    """Return somebody about whom every model is off, the furthest on average; a sitting Member where there is one."""
    most = max((len(person.guesses) for person in people), default=0)
    shown = [person for person in people if len(person.guesses) == most]
    return max(shown, key=_tells, default=None)


def _tells(person: PersonView) -> tuple[bool, bool, float]:
    has_face = bool(person.portrait and person.portrait.faces)
    return (has_face, person.status == "sitting", _mean_error(person))


def _mean_error(person: PersonView) -> float:
    errors = [abs(guess.error) for guess in person.guesses if guess.error is not None]
    return sum(errors) / len(errors) if errors else 0.0


def _misread(guessed: Iterable[Guessed]) -> list[Guessed]:
    """Return people whose gender a model misreads, once each."""
    found: dict[int, Guessed] = {}
    for one in guessed:
        if one.guess.attribute == "gender" and one.guess.is_wrong:
            found.setdefault(one.person.mep_id, one)
    return list(found.values())


def _expressions(guessed: Iterable[Guessed]) -> Iterable[Guessed]:
    """Yield the surest answer of each kind, of whichever model."""
    surest: dict[str, Guessed] = {}
    for one in guessed:
        if one.guess.attribute == "expression":
            held = surest.get(one.guess.label)
            if held is None or (one.guess.score or 0) > (held.guess.score or 0):
                surest[one.guess.label] = one
    return (surest[name] for name in EXPRESSIONS if name in surest)


def _mirrored(guessed: Iterable[Guessed]) -> Mirrored | None:
    moved = [
        Mirrored(one.person, one.guess.title, one.guess.years, round(changed.value))
        for one in guessed
        for changed in one.guess.variants
        if one.guess.attribute == "age" and changed.variant == MIRRORED and changed.value is not None
    ]
    return max(moved, key=lambda pair: (abs(pair.after - pair.before), -pair.person.mep_id), default=None)


def software_values(
    material: Material, audit: Package, people: Sequence[PersonView], story: Story
) -> dict[str, Any]:
    """Return what the page about the audit shows.

    Args:
        material: what the site is made from.
        audit: the audit in it.
        people: everybody, with the guesses at their portraits.
        story: what the front page tells.
    """
    titles = titles_of(audit)
    answers = read_answers(typed(AttributionRow, material.rows("attributions")), ())
    errors = typed(ErrorRow, material.rows("attribution_errors"))
    curves = typed(CurveRow, material.rows("attribution_curves"))
    guessed = [Guessed(person, guess) for person in people if person.portrait for guess in person.guesses]
    return {
        "findings": tuple(story.findings.values()),
        "strips": age_strips(guessed),
        "dots": strips(answers, titles),
        "detail": (*detail_figures(errors, titles), *curve_figures(curves, titles)),
        "report": f"{AUDIT}/{REPORT}" if (audit.folder / REPORT).is_file() else None,
        "digest": audit.descriptor["release"]["descriptor"].removeprefix("sha256:"),
        "models": audit.descriptor.get("models", ()),
    }
