"""Facts with the source of each: what the statements say of one person, the chosen value first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote, urlsplit

from dontspy_data.site.labels import PROPERTIES, SOURCES, day
from dontspy_data.site.material import Row

UNSAFE = frozenset(" \"'<>\\\r\n\t")


@dataclass(frozen=True, slots=True)
class Origin:
    """A source that says something.

    Attributes:
        source: what it is called.
        url: its page.
        retrieved: when the page was read.
    """

    source: str
    url: str | None
    retrieved: date


@dataclass(frozen=True, slots=True)
class Fact:
    """A value of a property, and who says so.

    Attributes:
        property: as in `statements`.
        label: for people.
        value: for people.
        href: where the value itself is an address; None otherwise.
        origins: who says so, the chosen source first.
        others: other values, with who says so.
        is_restored: whether letters that a source lost were taken from another page.
    """

    property: str
    label: str
    value: str
    href: str | None
    origins: tuple[Origin, ...]
    others: tuple[tuple[str, tuple[Origin, ...]], ...]
    is_restored: bool


def facts_of(statements: Sequence[Row], countries: Mapping[str, str]) -> tuple[Fact, ...]:
    """Facts from one person's statements, in the order of `labels.PROPERTIES`.

    Properties with several chosen values (accounts, say) give one fact a value; a property without a chosen
    value gives none, for what was not chosen is not known well enough to be shown as a fact.
    """
    by_property: dict[str, list[Row]] = {}
    for row in statements:
        by_property.setdefault(row["property"], []).append(row)
    return tuple(
        fact
        for name in PROPERTIES
        if name in by_property
        for fact in _facts(name, by_property[name], countries)
    )


def web_address(value: str) -> str | None:
    """The value where it is a web address that is safe to link to; None otherwise."""
    try:
        parts = urlsplit(value if "//" in value else f"https://{value}")
    except ValueError:  # an address that is none, such as `[`
        return None
    safe = parts.scheme in ("http", "https") and "." in parts.netloc and not UNSAFE & set(value)
    return parts.geturl() if safe else None


def _facts(name: str, rows: Sequence[Row], countries: Mapping[str, str]) -> Iterable[Fact]:
    by_value: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: not row["is_chosen"]):
        by_value.setdefault(row["value"], []).append(row)
    chosen = [value for value, said in by_value.items() if said[0]["is_chosen"]]
    others = tuple(
        (_text(name, value, countries), _origins(said))
        for value, said in sorted(by_value.items())
        if value not in chosen
    )
    for value in chosen:
        said = by_value[value]
        yield Fact(
            property=name,
            label=PROPERTIES[name],
            value=_text(name, value, countries),
            href=_href(name, value),
            origins=_origins(said),
            others=others if len(chosen) == 1 else (),
            is_restored=said[0]["basis"] == "restored",
        )


def _origins(said: Sequence[Row]) -> tuple[Origin, ...]:
    """One origin a page, the chosen statement's first."""
    seen: dict[str, Origin] = {}
    for row in said:
        retrieved: datetime = row["retrieved_at"]
        origin = Origin(SOURCES[row["source"]], web_address(row["url"]), retrieved.date())
        seen.setdefault(row["url"], origin)
    return tuple(seen.values())


def _text(name: str, value: str, countries: Mapping[str, str]) -> str:
    if name in ("birth_date", "death_date"):
        try:
            return day(date.fromisoformat(value))
        except ValueError:  # a vague date such as `1952`; only among the values that were not chosen
            return value
    if name == "citizenship":
        return countries.get(value, value)
    return value


def _href(name: str, value: str) -> str | None:
    if name == "email":
        return f"mailto:{quote(value, safe='@')}"
    if name == "wikidata_id":
        return f"https://www.wikidata.org/wiki/{quote(value, safe='')}"
    accounts = ("website", "facebook", "instagram", "linkedin", "x", "youtube", "other_account")
    return web_address(value) if name in accounts else None
