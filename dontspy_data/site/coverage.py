"""Coverage: how many people of each kind are in the package, and how many of them with a portrait."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dontspy_data.audit.attributions import AGE_BANDS, band_of
from dontspy_data.site.labels import completed_years
from dontspy_data.site.languages import msg
from dontspy_data.site.people import PersonView

NOT_KNOWN = "not known"
YOUNGEST = AGE_BANDS[0][1]


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One row of a chart: how many people, and of how many of them there is a portrait."""

    label: str
    people: int
    with_portrait: int


@dataclass(frozen=True, slots=True)
class CoverageChart:
    """A bar chart and its numbers.

    Attributes:
        key: unique on the page.
        title: what it shows.
        note: how to read it.
        has_portraits: whether bars have a part for those with a portrait.
        bars: from the top, of what is known.
        unknown: how many people are in no bar: a bar of them would outgrow all others and say nothing.
    """

    key: str
    title: str
    note: str
    has_portraits: bool
    bars: tuple[CoverageRow, ...]
    unknown: int

    @property
    def most(self) -> int:
        """People in the longest bar."""
        return max((bar.people for bar in self.bars), default=1)


def charts(people: Sequence[PersonView], groups: Sequence[str], today: date) -> list[CoverageChart]:
    """Charts of a package's coverage.

    Args:
        people: everybody in it.
        groups: codes of political groups in the order to be shown.
        today: the package's own day, on which ages are counted.
    """
    by_group = _grouped(people, lambda p: p.group)
    in_groups = {code: by_group[code] for code in (*groups, NOT_KNOWN) if code in by_group}
    living = [person for person in people if not _is_dead(person)]
    pictured = [person for person in people if person.portrait]
    by_country = sorted(_grouped(people, lambda p: p.country).items(), key=lambda item: -len(item[1]))
    return [
        _chart("country", msg("Member states"), dict(by_country), msg("Latest mandate known.")),
        _chart("group", msg("Political groups"), in_groups, msg("Latest group known.")),
        _chart("gender", msg("Gender"), _grouped(people, _gender), msg("As officially published.")),
        _chart(
            "age",
            msg("Age"),
            _grouped(living, lambda p: _age(p, today)),
            msg("On the day of the release, of those whose death no source gives."),
        ),
        _chart(
            "captured",
            msg("Year of the picture"),
            _grouped(pictured, _year),
            msg("By the camera's clock, of the current portraits."),
            has_portraits=False,
        ),
    ]


def _chart(
    key: str,
    title: str,
    groups: Mapping[str, Sequence[PersonView]],
    note: str,
    *,
    has_portraits: bool = True,
) -> CoverageChart:
    bars = tuple(
        CoverageRow(label, len(there), sum(person.portrait is not None for person in there))
        for label, there in groups.items()
        if label != NOT_KNOWN
    )
    return CoverageChart(key, title, note, has_portraits, bars, len(groups.get(NOT_KNOWN, ())))


def _grouped(
    people: Iterable[PersonView], label: Callable[[PersonView], str | None]
) -> dict[str, Sequence[PersonView]]:
    found: dict[str, list[PersonView]] = {}
    for person in people:
        found.setdefault(label(person) or NOT_KNOWN, []).append(person)
    return {name: found[name] for name in sorted(found, key=_place)}


def _place(name: str) -> tuple[bool, bool, str]:
    """Return a sort key: the youngest first, and what is not known last."""
    return (name == NOT_KNOWN, name != YOUNGEST, name)


def _gender(person: PersonView) -> str | None:
    return person.gender


def _is_dead(person: PersonView) -> bool:
    return any(fact.property == "death_date" for fact in person.facts)


def _age(person: PersonView, today: date) -> str | None:
    if not person.birth_date:
        return None
    return band_of(completed_years(person.birth_date, today))


def _year(person: PersonView) -> str | None:
    taken = person.portrait.captured_on if person.portrait else None
    return str(taken.year) if taken else None


def portrait_counts(people: Iterable[PersonView]) -> Counter[str]:
    """Count current portraits by status."""
    return Counter(person.portraits[0].status if person.portraits else "unknown" for person in people)
