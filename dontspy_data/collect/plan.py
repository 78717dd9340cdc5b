"""The plan of a collect run: its options, the requests (lists, then pages of people), and how long they take."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from math import isfinite
from pathlib import Path
from typing import Any

from dontspy_data._version import __version__
from dontspy_data.errors import UsageError
from dontspy_data.model.codes import country_seats, terms
from dontspy_data.sources import SOURCE_OF, SOURCES
from dontspy_data.sources.source import (
    API_PER_SECOND,
    DATA,
    ROBOTS,
    WWW,
    CollectScope,
    Endpoint,
    Person,
    Request,
    Source,
)

PROJECT_URL = "https://github.com/hermescenter/dontspy-data"
API_LIMIT = 500 / 300  # requests per second to each endpoint, and never as many
VIA = re.compile(r"https?://[^/?#]+(/[^?#]*)?$")
DEFAULT_SOURCES = ("ep_api", "ep_csv", "wikidata", "portraits")
"""Since August 2026 the website answers scripts with a challenge: the facts come from everywhere else."""


def current_term() -> int:
    """Return the number of the latest term in the lookups."""
    return terms()[-1].term


CONTACT = re.compile(r"[^\s@<>()]+@[^\s@<>()]+\.[^\s@<>()]+|https?://[^\s<>()]+")
"""A mail address, or the address of a page."""


def user_agent(endpoint: Endpoint, contact: str = "") -> str:
    """Return the user agent for an endpoint's host, which says who asks.

    The Parliament's API asks for `{user-id}-{environment}-{version}`; Wikidata's query service for a name and
    a way to reach the project (Wikimedia Foundation User-Agent policy).

    Args:
        endpoint: to ask.
        contact: address of whoever asks; empty for the project's.
    """
    if endpoint.wants_contact:
        return f"dontspy-data/{__version__} ({contact or PROJECT_URL}; open data package) requests"
    return f"dontspy-data-prd-{__version__}"


@dataclass(frozen=True, slots=True)
class Rates:
    """Requests per second instead of the endpoints' defaults; None keeps those, 0 means no limit, for your own server.

    Attributes:
        api: to each endpoint of data.europarl.europa.eu, whose limit is 500 in 5 minutes.
        www: to www.europarl.europa.eu, which publishes no limit.
    """

    api: float | None = None
    www: float | None = None


def rate_of(endpoint: Endpoint, rates: Rates) -> float:
    """Return requests per second to an endpoint: its own polite rate, unless these rates set another."""
    given = {DATA: rates.api, WWW: rates.www}.get(endpoint.host)
    return endpoint.per_second if given is None else given


@dataclass(frozen=True, slots=True)
class CollectOptions:
    """What to collect, from where and how fast.

    Attributes:
        output: the capture to write; must not exist.
        via: server that gets every request instead of the canonical host; None for the real ones.
        terms: parliamentary terms whose members are asked for.
        countries: only members for these countries, ISO 3166-1 alpha-2; empty for all.
        mep_ids: only these people, and no lists; empty for everyone on the lists.
        limit: the largest number of people, lowest id first; None for all.
        sources: names of the sources to ask.
        fallback: whether the public lists and profiles replace the API if it refuses or is down.
        since: earlier captures or one package; pages unchanged since are not transferred again.
        ignore_noai: whether portraits marked `noai` or `noimageai` are collected nevertheless.
        withdrawn: people who are never asked for.
        contact: mail or web address of whoever asks, for the sources; empty for the project's.
        rates: requests per second, where they differ from the endpoints' defaults.
        resume_hours: age at which lists that an interrupted run received are requested again.
        today: day of the run, UTC.
    """

    output: Path
    via: str | None = None
    terms: tuple[int, ...] = field(default_factory=lambda: (current_term(),))
    countries: frozenset[str] = frozenset()
    mep_ids: tuple[int, ...] = ()
    limit: int | None = None
    sources: tuple[str, ...] = DEFAULT_SOURCES
    fallback: bool = False
    since: tuple[Path, ...] = ()
    ignore_noai: bool = False
    withdrawn: frozenset[int] = frozenset()
    contact: str = ""
    rates: Rates = field(default_factory=Rates)
    resume_hours: float = 12.0
    today: date = field(default_factory=lambda: datetime.now(UTC).date())

    @property
    def scope(self) -> CollectScope:
        """Whom the run asks about."""
        return CollectScope(self.terms, self.countries, self.today)

    def scope_of(self, term: int) -> CollectScope:
        """Return whom the run asks about in one term."""
        return CollectScope((term,), self.countries, self.today)


def chosen(options: CollectOptions) -> list[Source]:
    """Return the sources that are wanted, most trusted first."""
    return [source for source in SOURCES if source.name in options.sources]


def check_options(options: CollectOptions) -> None:
    """Raise UsageError unless the options fit together.

    Raises:
        UsageError: they do not; the message says which one, and what to give instead.
    """
    names = [source.name for source in SOURCES]
    if unknown := sorted(set(options.sources) - set(names)):
        raise UsageError(
            f"there is no source {', '.join(unknown)}", hint=f"The sources are: {', '.join(names)}."
        )
    if unknown := sorted(options.countries - country_seats().keys()):
        raise UsageError(
            f"no member of the Parliament is elected in {', '.join(unknown)}",
            hint=f"Countries are ISO codes (Greece is GR): {', '.join(country_seats())}.",
        )
    if outside := [term for term in options.terms if not 0 <= term <= current_term()]:
        since = terms()[-1].start_date.year
        raise UsageError(
            f"there is no term {outside[0]}",
            hint=f"Terms are 1 (1979) to {current_term()} (since {since}), and 0 for the appointed Parliament before.",
        )
    if options.via and not VIA.match(options.via):
        raise UsageError(
            f"{options.via} is not the address of a server", hint="Write it like http://127.0.0.1:8099."
        )
    if options.contact and not CONTACT.fullmatch(options.contact):
        raise UsageError(
            f"{options.contact!r} is not an address where anybody can be reached",
            hint="Give a mail address such as data@example.org, or the address of a page with one.",
        )
    _check_rates(options)
    if options.output.exists():
        raise UsageError(
            f"{options.output} exists already",
            hint=f"Name another file; with --since {options.output} only what has changed is transferred.",
        )
    _check_sources(options)


def _check_rates(options: CollectOptions) -> None:
    rates = [rate for rate in (options.rates.api, options.rates.www) if rate is not None]
    if not all(isfinite(rate) and rate >= 0 for rate in rates):
        raise UsageError(
            "a rate is a number of requests per second",
            hint="0 means no limit, for a server of your own (--via).",
        )
    if options.via:
        return
    if 0 in rates:
        raise UsageError(
            "the Parliament's own servers are never asked without a limit",
            hint="Give a rate above 0, or --via a server of your own.",
        )
    if options.rates.api is not None and options.rates.api >= API_LIMIT:
        raise UsageError(
            f"{options.rates.api:g} requests per second are too many for the Parliament's API, which allows fewer "
            "than 500 in 5 minutes to each endpoint",
            hint=f"Give --api-rate {API_PER_SECOND:g} or less, or --via a server of your own.",
        )


def _check_sources(options: CollectOptions) -> None:
    """Raise UsageError if nothing would be requested, or if no source says whom to ask about."""
    wanted = chosen(options)
    about_one = {source.name for source in SOURCES if any(source.pages(0, options.scope))}
    with_lists = {source.name for source in SOURCES if any(source.lists(options.scope))}
    about_all = {source.name for source in wanted if any(source.everybody(options.scope))}
    chosen_names = {source.name for source in wanted}
    lists = chosen_names & with_lists
    if options.mep_ids:
        if not chosen_names & (about_one | about_all):
            raise UsageError(
                f"nothing would be requested: {_named(chosen_names)} has no pages about one person",
                hint=f"Add one of {_named(about_one)} to --sources, or leave --mep out.",
            )
        return
    if not lists and chosen_names & about_one:
        raise UsageError(
            f"{_named(chosen_names - about_all)} cannot say who the members are",
            hint=f"Add one of {_named(with_lists)} to --sources, or name people with --mep.",
        )
    if not lists and not about_all:
        raise UsageError(
            f"nothing would be requested: {_named(chosen_names)} has only those who sit now"
            if chosen_names
            else "nothing would be requested: no source is named",
            hint=f"Name sources, such as --sources {','.join(DEFAULT_SOURCES)}.",
        )
    if options.countries and lists and not any(s.knows_country for s in wanted if s.name in lists):
        knowing = {source.name for source in SOURCES if source.name in with_lists and source.knows_country}
        raise UsageError(
            f"{_named(lists)} does not say for which country somebody sits",
            hint=f"Add one of {_named(knowing)} to --sources, or leave --country out.",
        )


def _named(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


def lists(options: CollectOptions) -> Iterator[Request]:
    """Yield requests for the pages that say who the members are, of the chosen sources."""
    return (request for source in chosen(options) for request in source.lists(options.scope))


def roll_call(options: CollectOptions) -> Iterator[Request]:
    """Yield requests for pages that confirm who sits today, of the chosen sources."""
    return (request for source in chosen(options) for request in source.roll_call(options.scope))


def everybody(options: CollectOptions) -> Iterator[Request]:
    """Yield requests for pages about everybody that do not name people to ask about."""
    return (request for source in chosen(options) for request in source.everybody(options.scope))


def pages_of(options: CollectOptions, mep_id: int) -> Iterator[Request]:
    """Yield requests for the pages of one person, of the chosen sources."""
    return (request for source in chosen(options) for request in source.pages(mep_id, options.scope))


def followed(options: CollectOptions, requests: Iterable[Request]) -> Iterator[Request]:
    """Yield those requests that a page leads to whose sources are chosen or stand in."""
    for request in requests:
        source = SOURCE_OF[request.endpoint]
        if source.name in options.sources or (options.fallback and source.stands_in):
            yield request


def stand_ins(options: CollectOptions) -> list[Source]:
    """Return the sources that stand in for others and were not chosen themselves; none without the fallback."""
    return [s for s in SOURCES if options.fallback and s.stands_in and s.name not in options.sources]


def stand_in_lists(options: CollectOptions, term: int) -> list[list[Request]]:
    """Return the lists that stand in for those of a term, source by source, the fewest requests first."""
    scope = options.scope_of(term)
    found = [list(source.lists(scope)) for source in stand_ins(options)]
    return sorted((requests for requests in found if requests), key=len)


def wanted(options: CollectOptions, request: Request, people: Iterable[Person]) -> set[int]:
    """Return the ids of the wanted people on a list, by country."""

    def is_wanted(person: Person) -> bool:
        return request.is_filtered if person.country is None else person.country in options.countries

    return {person.mep_id for person in people if not options.countries or is_wanted(person)}


def choose(options: CollectOptions, people: Collection[int]) -> list[int]:
    """Return whom to ask about: without withdrawn people, up to the limit, lowest id first."""
    return sorted(set(people) - options.withdrawn)[: options.limit]


# Members who leave are replaced: 875 people sat in the 751 seats of term 9.
SUCCESSORS = 1.15
# A rough estimate: people who had not sat in the term before.
NEW_IN_TERM = 0.65


@dataclass(frozen=True, slots=True)
class Estimate:
    """Requests to one endpoint.

    Attributes:
        endpoint: that they would go to.
        requests: how many, not counting faults and repeated attempts.
        exact: whether the number is known before the lists are read.
        seconds: at the run's rate.
    """

    endpoint: Endpoint
    requests: int
    exact: bool
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Return the same for programs."""
        about = {"requests": self.requests, "exact": self.exact, "seconds": self.seconds}
        return {"kind": self.endpoint.name, "host": self.endpoint.host, **about}


def estimate(options: CollectOptions) -> list[Estimate]:
    """Return requests by endpoint, in the order of a summary. Endpoints are asked at the same time."""
    listed, people = _people(options)
    per_person = Counter(request.endpoint for request in pages_of(options, 0))
    certain: Counter[Endpoint] = Counter(request.endpoint for request in everybody(options))
    guessed: Counter[Endpoint] = Counter()
    if per_person and not options.mep_ids:
        certain.update(request.endpoint for request in lists(options))
    for source in chosen(options):
        guessed.update(source.guess(listed if per_person else 0, people if per_person else 0))
    of_people = certain if options.mep_ids else guessed
    of_people.update({endpoint: number * people for endpoint, number in per_person.items()})
    rows = []
    for endpoint in SOURCE_OF:
        if requests := certain[endpoint] + guessed[endpoint]:
            rate = rate_of(endpoint, options.rates)
            rows.append(Estimate(endpoint, requests, not guessed[endpoint], requests / rate if rate else 0.0))
    hosts = sorted({row.endpoint.host for row in rows})
    return [Estimate(replace(ROBOTS, host=host), 1, True, 0.0) for host in hosts] + rows


def _people(options: CollectOptions) -> tuple[int, int]:
    """Return how many people lists would name, and how many of them would be asked about."""
    if options.mep_ids:
        return 0, len(choose(options, options.mep_ids))
    seats_of = {term.term: term.seats for term in terms()}
    sizes = [
        seats_of[term] * SUCCESSORS * (1.0 if n == 0 else NEW_IN_TERM)
        for n, term in enumerate(sorted(options.terms))
    ]
    share = sum(country_seats()[country] for country in options.countries) / seats_of[current_term()]
    people = round(sum(sizes) * (share if options.countries else 1.0))
    return people, min(people, options.limit) if options.limit is not None else people


def seconds(rows: list[Estimate]) -> float:
    """Return how long the whole takes: endpoints are asked at the same time, those that share a rate in turn."""
    rated: dict[tuple[str, str], float] = {}
    for row in rows:
        key = (row.endpoint.host, row.endpoint.path)
        rated[key] = rated.get(key, 0.0) + row.seconds
    return max(rated.values(), default=0.0)
