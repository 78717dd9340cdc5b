"""Coverage: how many people of each kind are in the package, and how many of them with a portrait."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dontspy_data.audit.answers import AGE_BANDS, band_of
from dontspy_data.site.labels import completed_years
from dontspy_data.site.people import PersonView

NOT_KNOWN = "not known"
YOUNGEST = AGE_BANDS[0][1]
BAR, GAP, SCALE = 16, 6, 160


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a chart; lengths are in the chart's own units, `is_cut` where the bar should be longer."""

    label: str
    people: int
    with_portrait: int
    y: int
    length: float
    portrait_length: float
    is_cut: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """A bar chart and its numbers.

    Attributes:
        key: unique on the page.
        title: what it shows.
        note: how to read it; may be empty.
        first: heading of the table's first column.
        height: of the drawing.
        has_portraits: whether bars have a part for those with a portrait.
        bars: from the top.
    """

    key: str
    title: str
    note: str
    first: str
    height: int
    has_portraits: bool
    bars: tuple[Bar, ...]


def charts(people: Sequence[PersonView], groups: Sequence[str], today: date) -> list[Chart]:
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
) -> Chart:
    # People of whom it is not known would dwarf the rest; their bar is cut and the table says how many.
    sizes = {name: len(there) for name, there in groups.items()}
    known = [size for name, size in sizes.items() if name != NOT_KNOWN]
    unit = SCALE / max(known or sizes.values(), default=1)
    bars = []
    for row, (label, there) in enumerate(groups.items()):
        portraits = sum(person.portrait is not None for person in there)
        bars.append(
            Bar(
                label=label,
                people=len(there),
                with_portrait=portraits,
                y=row * (BAR + GAP),
                length=round(min(len(there) * unit, SCALE), 1),
                portrait_length=round(min(portraits * unit, SCALE), 1),
                is_cut=len(there) * unit > SCALE,
            )
        )
    return Chart(key, title, note, first, len(bars) * (BAR + GAP), has_portraits, tuple(bars))


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
