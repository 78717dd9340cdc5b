"""What to ask for: the lists that say who the members are, then each member's pages. Pure functions."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from dontspy_data.collect.options import CollectOptions, chosen, current_term, rate_of
from dontspy_data.model.codes import country_seats, terms
from dontspy_data.sources import SOURCE_OF, SOURCES
from dontspy_data.sources.endpoints import ROBOTS, Endpoint, Request
from dontspy_data.sources.source import Person, Source


def lists(options: CollectOptions) -> Iterator[Request]:
    """Yield requests for the pages that say who the members are, of the sources that are wanted."""
    for source in chosen(options):
        yield from source.lists(options.scope)


def roll_call(options: CollectOptions) -> Iterator[Request]:
    """Yield requests that say once more who sits today, of the sources that are wanted."""
    for source in chosen(options):
        yield from source.roll_call(options.scope)


def everybody(options: CollectOptions) -> Iterator[Request]:
    """Yield requests for pages about everybody that name nobody to ask about."""
    for source in chosen(options):
        yield from source.everybody(options.scope)


def pages_of(options: CollectOptions, mep_id: int) -> Iterator[Request]:
    """Yield requests for the pages of one person, of the sources that are wanted."""
    for source in chosen(options):
        yield from source.pages(mep_id, options.scope)


def followed(options: CollectOptions, requests: Iterable[Request]) -> Iterator[Request]:
    """Yield, of the requests that a page leads to, those of sources that are wanted or stand in."""
    for request in requests:
        source = SOURCE_OF[request.endpoint]
        if source.name in options.sources or (options.fallback and source.stands_in):
            yield request


def stand_ins(options: CollectOptions) -> list[Source]:
    """Return the sources that stand in for others and are not asked anyway; none unless that is wanted."""
    return [s for s in SOURCES if options.fallback and s.stands_in and s.name not in options.sources]


def stand_in_lists(options: CollectOptions, term: int) -> list[list[Request]]:
    """Return the lists that stand in for those of a term, source by source, the fewest requests first."""
    scope = options.scope_of(term)
    found = [list(source.lists(scope)) for source in stand_ins(options)]
    return sorted((requests for requests in found if requests), key=len)


def wanted(options: CollectOptions, request: Request, people: Iterable[Person]) -> set[int]:
    """Return the ids of those on a list who are wanted, by country."""

    def is_wanted(person: Person) -> bool:
        return request.is_filtered if person.country is None else person.country in options.countries

    return {person.mep_id for person in people if not options.countries or is_wanted(person)}


def choose(options: CollectOptions, people: Collection[int]) -> list[int]:
    """Return whom to ask about: nobody who is withdrawn, and no more than the limit, lowest id first."""
    return sorted(set(people) - options.withdrawn)[: options.limit]


# Members who leave are replaced: 875 people sat in the 751 seats of term 9.
SUCCESSORS = 1.15
# A guess, for a sense of scale: who had not sat in the term before.
NEW_IN_TERM = 0.65


@dataclass(frozen=True, slots=True)
class Estimate:
    """Requests to one endpoint.

    Attributes:
        endpoint: that they would go to.
        host: of the endpoint.
        requests: how many, faults and tries that are repeated left aside.
        exact: whether the number is certain before the lists are read.
        seconds: at the run's rate.
    """

    endpoint: Endpoint
    host: str
    requests: int
    exact: bool
    seconds: float

    def as_json(self) -> dict[str, str | int | bool | float]:
        """Return the same for programs."""
        return {
            "kind": self.endpoint.name,
            "host": self.host,
            "requests": self.requests,
            "exact": self.exact,
            "seconds": self.seconds,
        }


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
    rows = [
        _row(options, endpoint, certain[endpoint] + guessed[endpoint], exact=not guessed[endpoint])
        for endpoint in SOURCE_OF
        if certain[endpoint] + guessed[endpoint]
    ]
    hosts = sorted({row.host for row in rows})
    return [Estimate(ROBOTS, host, 1, True, 0.0) for host in hosts] + rows


def seconds(rows: list[Estimate]) -> float:
    """Return how long the whole takes: endpoints are asked at the same time, those that share a rate in turn."""
    rated: Counter[tuple[str, str]] = Counter()
    for row in rows:
        rated[row.host, row.endpoint.path] += row.seconds  # type: ignore[assignment]
    return max(rated.values(), default=0.0)


def _row(options: CollectOptions, endpoint: Endpoint, requests: int, *, exact: bool) -> Estimate:
    rate = rate_of(endpoint, options.rates)
    return Estimate(endpoint, endpoint.host, requests, exact, requests / rate if rate else 0.0)


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
