"""One person's facts with the source of each, mandates and memberships as a timeline, and in words when they were."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby
from urllib.parse import quote

from dontspy_data import sources
from dontspy_data.model.codes import Term, terms
from dontspy_data.model.statements import NETWORKS
from dontspy_data.model.texts import safe_link
from dontspy_data.site.languages import ENGLISH, Language, msg
from dontspy_data.site.material import Row

SOURCES = {source.name: source.label for source in sources.SOURCES}
PROPERTIES = {
    "name": msg("Name"),
    "given_name": msg("Given name"),
    "family_name": msg("Family name"),
    "official_given_name": msg("Given name, official script"),
    "official_family_name": msg("Family name, official script"),
    "gender": msg("Gender, as published"),
    "birth_date": msg("Born on"),
    "birth_place": msg("Born in"),
    "death_date": msg("Died on"),
    "citizenship": msg("Citizenship"),
    "wikidata_id": msg("Wikidata item"),
    "email": msg("E-mail"),
    "website": msg("Website"),
    **NETWORKS,  # by names that no language changes
    "other_account": msg("Other account"),
}
KINDS = {
    "mandate": msg("Mandate"),
    "political_group": msg("Political group"),
    "national_party": msg("National party"),
    "committee": msg("Committee"),
    "delegation": msg("Delegation"),
    "other_body": msg("Other body"),
}
EN_DASH = "\u2013"
FIRST_DAY = terms()[0].start_date


def label_of(source: str) -> str:
    """Return what people call a source; its name if another version of the project knows it and this one does not."""
    return SOURCES.get(source, source)


def completed_years(born: date, on: date) -> int:
    """Return the age on a day, as people count it."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def term_of(number: int | None) -> Term | None:
    """Return a term that the lookups in force list."""
    return next((term for term in terms() if term.term == number), None)


@dataclass(frozen=True, slots=True)
class FactOrigin:
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
        value: for people, in English.
        day: the value, where it is a date.
        country: the value, where it is a country's code.
        href: where the value itself is an address; None otherwise.
        origins: who says so, the chosen source first.
        others: other values, with who says so.
        is_restored: whether letters that a source lost were taken from another page.
    """

    property: str
    label: str
    value: str
    day: date | None
    country: str | None
    href: str | None
    origins: tuple[FactOrigin, ...]
    others: tuple[tuple[str, tuple[FactOrigin, ...]], ...]
    is_restored: bool


def facts_of(statements: Sequence[Row], countries: Mapping[str, str]) -> tuple[Fact, ...]:
    """Return facts from one person's statements, in the order of `labels.PROPERTIES`.

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
            day=_day(name, value),
            country=value if name == "citizenship" else None,
            href=_href(name, value),
            origins=_origins(said),
            others=others if len(chosen) == 1 else (),
            is_restored=said[0]["basis"] == "restored",
        )


def _origins(said: Sequence[Row]) -> tuple[FactOrigin, ...]:
    """Return one origin a page, the chosen statement's first."""
    seen: dict[str, FactOrigin] = {}
    for row in said:
        retrieved: datetime = row["retrieved_at"]
        origin = FactOrigin(label_of(row["source"]), safe_link(row["url"]), retrieved.date())
        seen.setdefault(row["url"], origin)
    return tuple(seen.values())


def _text(name: str, value: str, countries: Mapping[str, str]) -> str:
    if known := _day(name, value):
        return ENGLISH.day(known)
    return countries.get(value, value) if name == "citizenship" else value


def _day(name: str, value: str) -> date | None:
    if name not in ("birth_date", "death_date"):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:  # a vague date such as `1952`; only among the values that were not chosen
        return None


def _href(name: str, value: str) -> str | None:
    if name == "email":
        return f"mailto:{quote(value, safe='@')}"
    if name == "wikidata_id":
        return f"https://www.wikidata.org/wiki/{quote(value, safe='')}"
    return safe_link(value) if name in ("website", *NETWORKS, "other_account") else None


@dataclass(frozen=True, slots=True)
class PeriodView:
    """A mandate, or a membership of a body.

    Attributes:
        kind: as in `memberships`, or `mandate`.
        body: name of the body; of a mandate the country.
        country: code of the country, of a mandate.
        role: role in it, where a source gives one.
        term: number of the term, where a source gives it.
        begun: first day; None if it is not known, and the period is drawn over its whole term.
        ended: last day; None if it is not known, or the period goes on.
        ongoing_on: day on which it was last seen to go on; None if it is over, or nothing says so.
        start: as drawn; None where neither start nor term is known.
        end: as drawn.
        source: what the source is called.
        url: its page, where it is known.
        x: where its bar begins on the person's timeline, 0 to 100.
        width: how long the bar is, up to 100.
    """

    kind: str
    body: str
    country: str | None
    role: str | None
    term: int | None
    begun: date | None
    ended: date | None
    ongoing_on: date | None
    start: date | None
    end: date | None
    source: str
    url: str | None
    x: float = 0
    width: float = 0


@dataclass(frozen=True, slots=True)
class Timeline:
    """Periods in the order of their kinds, then of their starts; `first` and `last` are years."""

    first: int
    last: int
    periods: tuple[PeriodView, ...]

    @property
    def by_kind(self) -> list[tuple[str, list["Stay"]]]:
        """Stays of each kind, with what the kind is called."""
        stays: dict[tuple[str, str, str | None], list[PeriodView]] = {}
        for period in self.periods:
            stays.setdefault((period.kind, period.body, period.role), []).append(period)
        found = [Stay(tuple(there)) for there in stays.values()]
        return [(kind, list(there)) for kind, there in groupby(found, key=lambda stay: stay.first.kind)]


@dataclass(frozen=True, slots=True)
class Stay:
    """All periods in one body and role, or for one country, by their start: one line of a page."""

    periods: tuple[PeriodView, ...]

    @property
    def first(self) -> PeriodView:
        """The earliest of them."""
        return self.periods[0]


def timeline(
    mandates: Sequence[Row],
    memberships: Sequence[Row],
    statements: Sequence[Row],
    countries: Mapping[str, str],
) -> Timeline | None:
    """Return one person's timeline; None if nothing of it is known."""
    urls = _urls(statements)
    periods = [
        *(_period("mandate", countries.get(row["country"], "Member"), row, urls) for row in mandates),
        *(_period(row["kind"], row["body"], row, urls) for row in memberships),
    ]
    if not periods:
        return None
    order = list(KINDS)
    periods.sort(key=lambda p: (order.index(p.kind), p.start or FIRST_DAY, p.body, p.role or ""))
    return _scaled(periods)


def _scaled(periods: Sequence[PeriodView]) -> Timeline:
    days = [day for period in periods for day in (period.start, period.end) if day]
    first, last = (min(days).year, max(days).year) if days else (0, 0)
    start = date(first, 1, 1).toordinal() if days else 0
    length = (date(last + 1, 1, 1).toordinal() - start) if days else 1
    return Timeline(first, last, tuple(_placed(period, start, length) for period in periods))


def _placed(period: PeriodView, start: int, length: int) -> PeriodView:
    if not period.start or not period.end:
        return period
    x = (period.start.toordinal() - start) * 100 / length
    width = max((period.end.toordinal() + 1 - period.start.toordinal()) * 100 / length, 0.8)
    return replace(period, x=round(x, 2), width=round(width, 2))


def _period(kind: str, body: str, row: Row, urls: Mapping[tuple[object, ...], str]) -> PeriodView:
    term = term_of(row["term"])
    seen: datetime = row["last_seen"]
    start: date | None = row["start_date"] or (term.start_date if term else None)
    until = seen.date() if row["state"] == "ongoing" else None
    end: date | None = row["end_date"] or until or (term.end_date if term else None)
    value = row["country"] if kind == "mandate" else row.get("political_group") or row["body"]
    return PeriodView(
        kind=kind,
        body=body,
        country=row["country"] if kind == "mandate" else None,
        role=row.get("role"),
        term=row["term"],
        begun=row["start_date"],
        ended=row["end_date"],
        ongoing_on=until,
        start=start,
        end=max(start, end or seen.date()) if start else None,
        source=label_of(row["source"]),
        url=urls.get((kind, value, row["term"], row.get("role"), row["start_date"], row["source"])),
    )


def _urls(statements: Iterable[Row]) -> Mapping[tuple[object, ...], str]:
    """Return pages of the chosen statements, by what a period shares with its statement."""
    found: dict[tuple[object, ...], str] = {}
    for row in statements:
        if row["is_chosen"] and (address := safe_link(row["url"])):
            key = (
                "mandate" if row["property"] == "term" else row["property"],
                None if row["property"] == "term" else row["value"],
                row["term"],
                row["role"],
                row["start_date"],
                row["source"],
            )
            found.setdefault(key, address)
    return found


def term(number: int, language: Language) -> str:
    """Return a term and its years, such as `term 9 (2019 to 2024)`."""
    known = term_of(number)
    if not known:
        return language.say(msg("term %(number)s"), number=number)
    if not known.end_date:
        return language.say(
            msg("term %(number)s (since %(first)s)"), number=number, first=known.start_date.year
        )
    return language.say(
        msg("term %(number)s (%(first)s to %(last)s)"),
        number=number,
        first=known.start_date.year,
        last=known.end_date.year,
    )


def when(period: PeriodView, language: Language) -> str:
    """Return from when to when a period was, as far as is known."""
    start, end = language.day(period.begun), language.day(period.ended)
    on = language.day(period.ongoing_on)
    if start and end:
        return language.say(msg("%(start)s to %(end)s"), start=start, end=end)
    if start and on:
        return language.say(msg("since %(start)s, ongoing on %(day)s"), start=start, day=on)
    if start:
        return language.say(msg("from %(start)s, end not known"), start=start)
    if end:
        return language.say(msg("until %(end)s, start not known"), end=end)
    during = "" if period.term is None else term(period.term, language)
    if on:
        return ", ".join(filter(None, (during, language.say(msg("ongoing on %(day)s"), day=on))))
    return during or language.say(msg("dates not known"))


def stay_words(of: Stay, language: Language) -> str:
    """Return from when to when somebody was in a body: in full where it was once, else in years."""
    if len(of.periods) == 1:
        return when(of.first, language)
    spans = []
    for period in of.periods:
        if period.begun or period.ended:
            first, last = (str(day.year) if day else "" for day in (period.begun, period.ended))
            spans.append(first if first == last else f"{first}{EN_DASH}{last}")
        elif period.term is not None:
            spans.append(term(period.term, language))
    return ", ".join(dict.fromkeys(spans)) or language.say(msg("dates not known"))
