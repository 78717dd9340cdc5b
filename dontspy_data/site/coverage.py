"""Coverage: how many people of each kind are in the package, and how many of them with a portrait."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dontspy_data.audit.answers import AGE_BANDS, band_of
from dontspy_data.audit.charts import ChartBar, bar_chart
from dontspy_data.site.labels import completed_years
from dontspy_data.site.people import PersonView

NOT_KNOWN = "not known"
YOUNGEST = AGE_BANDS[0][1]


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """How many people are in a group, and of how many of them there is a portrait."""

    label: str
    people: int
    with_portrait: int


@dataclass(frozen=True, slots=True)
class CoverageChart:
    """A bar chart and its numbers.

    Attributes:
        key: unique on the page.
        title: what it shows.
        note: how to read it, and of how many it is not known.
        first: heading of the table's first column.
        has_portraits: whether it tells how many have a portrait.
        svg: the drawing; empty where nothing is known. What is not known is no bar: it would dwarf the others.
        rows: from the top, with what is not known last.
    """

    key: str
    title: str
    note: str
    first: str
    has_portraits: bool
    svg: str
    rows: tuple[CoverageRow, ...]


def charts(people: Sequence[PersonView], groups: Sequence[str], today: date) -> list[CoverageChart]:
    """Charts of a package's coverage.

    Args:
        people: everybody in it.
        groups: codes of political groups in the order to be shown.
        today: the package's own day, on which ages are counted.
    """
    countries = _grouped(people, lambda p: p.country_name or p.country)
    by_group = _grouped(people, lambda p: p.group)
    in_groups = {code: by_group[code] for code in (*groups, NOT_KNOWN) if code in by_group}
    return [
        _chart("country", "Member states", "Country", countries, "Latest mandate known."),
        _chart("group", "Political groups", "Group", in_groups, "Latest group known."),
        _chart("gender", "Gender", "Gender", _grouped(people, _gender), "As officially published."),
        _chart(
            "age",
            "Age",
            "Age",
            _grouped([p for p in people if not _is_dead(p)], lambda p: _age(p, today)),
            f"On {today.isoformat()}, of those whose death no source gives.",
        ),
        _chart(
            "captured",
            "Year of the picture",
            "Year",
            _grouped([p for p in people if p.portrait], _year),
            "By the camera's clock, of the current portraits.",
            has_portraits=False,
        ),
    ]


def _chart(
    key: str,
    title: str,
    first: str,
    groups: Mapping[str, Sequence[PersonView]],
    note: str,
    *,
    has_portraits: bool = True,
) -> CoverageChart:
    rows = tuple(
        CoverageRow(label, len(there), sum(person.portrait is not None for person in there))
        for label, there in groups.items()
    )
    bars = [_bar(row, has_portraits=has_portraits) for row in rows if row.label != NOT_KNOWN]
    unknown = sum(row.people for row in rows if row.label == NOT_KNOWN)
    said = f"{note} Not known of {unknown:,}." if unknown else note
    svg = bar_chart(title, "people", bars, heading=False) if bars else ""
    return CoverageChart(key, title, said, first, has_portraits, svg, rows)


def _bar(row: CoverageRow, *, has_portraits: bool) -> ChartBar:
    return ChartBar(
        label=row.label,
        text=f"{row.with_portrait:,} of {row.people:,}" if has_portraits else f"{row.people:,}",
        value=row.people,
        low=None,
        high=None,
        part=row.with_portrait if has_portraits else None,
    )


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
