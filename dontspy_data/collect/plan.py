"""What to ask for: the lists that say who the members are, then each member's pages. Pure functions."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from dontspy_data.collect.links import ISO_CODES, Person
from dontspy_data.collect.options import CURRENT_TERM, SEATS, CollectOptions, rate_of
from dontspy_data.model.codes import terms
from dontspy_data.sources import (
    ENDPOINTS,
    ep_api,
    ep_csv,
    ep_directory,
    ep_full_list,
    ep_history,
    ep_profile,
    ep_search,
    portraits,
    wikidata,
)
from dontspy_data.sources.endpoints import DATA, ROBOTS, WWW, Endpoint, Request

EP_CODES = {iso: code for code, iso in ISO_CODES.items()}
DATASET = "members-of-the-european-parliament-meps-parliamentary-term"
RESTRICTED = frozenset({ep_api.ROSTER, ep_search.SEARCH})
"""Lists that are asked for by country, so that everyone on them is of one that is wanted."""


def lists(options: CollectOptions) -> Iterator[Request]:
    """The pages that say who the members are, of the sources that are wanted."""
    current = CURRENT_TERM in options.terms
    if "ep_api" in options.sources:
        if current:
            yield Request(ep_api.CURRENT, ep_api.current_url())
        yield from (roster_page(options, term, 0) for term in options.terms)
    if "ep_full_list" in options.sources and current:
        yield Request(ep_full_list.FULL_LIST, ep_full_list.url())
    if "ep_search" in options.sources and current:
        yield from searches(options)
    if "ep_directory" in options.sources:
        yield from (
            Request(ep_directory.DIRECTORY, ep_directory.url(term), term=term) for term in options.terms
        )


def fallback_lists(options: CollectOptions) -> Iterator[Request]:
    """The public lists that stand in for the API's."""
    if CURRENT_TERM in options.terms and not options.countries:
        yield Request(ep_full_list.FULL_LIST, ep_full_list.url())
    if CURRENT_TERM in options.terms and options.countries:
        yield from searches(options)
    for term in options.terms:
        if term != CURRENT_TERM:
            yield Request(ep_directory.DIRECTORY, ep_directory.url(term), term=term)


def searches(options: CollectOptions) -> Iterator[Request]:
    """The search pages of the countries that are wanted, or of all that elect members now."""
    wanted = options.countries or {country for country, seats in SEATS.items() if seats}
    return (Request(ep_search.SEARCH, ep_search.url(country)) for country in sorted(wanted))


def roster_page(options: CollectOptions, term: int, offset: int) -> Request:
    """One page of the API's roster of a term."""
    url = ep_api.roster_url(term, offset)
    if options.countries:
        codes = ",".join(sorted(EP_CODES.get(country, country) for country in options.countries))
        url += f"&country-of-representation={codes}"
    return Request(ep_api.ROSTER, url, term=term, offset=offset)


def next_page(options: CollectOptions, request: Request, people: Collection[Person]) -> Iterator[Request]:
    """The page after a page of a roster; none after one that names nobody."""
    if request.endpoint is ep_api.ROSTER and request.term is not None and people:
        yield roster_page(options, request.term, request.offset + ep_api.PAGE_SIZE)


def wanted(options: CollectOptions, kind: Endpoint, people: Iterable[Person]) -> set[int]:
    """The ids of those on a list who are wanted, by country."""
    if not options.countries or kind in RESTRICTED:
        return {person.mep_id for person in people}
    return {person.mep_id for person in people if person.country in options.countries}


def choose(options: CollectOptions, people: Collection[int]) -> list[int]:
    """Whom to ask about: nobody who is withdrawn, and no more than the limit, lowest id first."""
    return sorted(set(people) - options.withdrawn)[: options.limit]


def at_large(options: CollectOptions) -> Iterator[Request]:
    """Pages that are about everybody."""
    if "wikidata" in options.sources:
        yield Request(wikidata.ITEMS, wikidata.url())
    if "ep_csv" in options.sources:
        for term in options.terms:
            yield Request(
                ep_csv.DATASET, f"https://{DATA}/OdpDatasetService/Datasets/{DATASET}{term}", term=term
            )


def bulk_csv(term: int, version: int) -> Request:
    """The bulk CSV of a term, in the version that its data set's description names."""
    return Request(ep_csv.CSV, ep_csv.url(term, version), term=term)


def pages_of(options: CollectOptions, mep_id: int) -> Iterator[Request]:
    """The pages of one person that are asked for first; the API's details say where the portrait is."""
    if "ep_api" in options.sources:
        yield details(mep_id)
    elif "portraits" in options.sources:
        yield portrait(mep_id)
    if "ep_profile" in options.sources:
        yield profile(mep_id)
    if "ep_history" in options.sources:
        yield from (
            Request(ep_history.HISTORY, ep_history.url(mep_id, term), mep_id, term) for term in options.terms
        )


def details(mep_id: int) -> Request:
    """A person's page of the API."""
    return Request(ep_api.DETAILS, ep_api.mep_url(mep_id), mep_id)


def body(ref: str) -> Request:
    """A corporate body's page of the API."""
    return Request(ep_api.BODY, ep_api.body_url(ref))


def profile(mep_id: int) -> Request:
    """A person's public profile."""
    return Request(ep_profile.PROFILE, ep_profile.url(mep_id), mep_id)


def portrait(mep_id: int) -> Request:
    """A person's portrait."""
    return Request(portraits.PORTRAIT, portraits.url(mep_id), mep_id)


def is_listed_host(image: str) -> bool:
    """Whether a picture's address is on the one host that official portraits come from."""
    try:
        return urlsplit(image).hostname == WWW
    except ValueError:  # It is no address.
        return False


SEATS_OF_TERM = {term.term: term.seats for term in terms()}
# Members who leave are replaced: 875 people sat in the 751 seats of term 9.
SUCCESSORS = 1.15
# Guesses, for a sense of scale: who had not sat in the term before, and bodies that members name.
NEW_IN_TERM = 0.65
BODIES_AT_LEAST = 60
BODIES_PER_PERSON = 0.6


@dataclass(frozen=True, slots=True)
class Estimate:
    """Requests of one kind.

    Attributes:
        kind: of page.
        host: that they would go to.
        requests: how many, faults and tries that are repeated left aside.
        exact: whether the number is certain before the lists are read.
        seconds: at the run's rate.
    """

    kind: Endpoint
    host: str
    requests: int
    exact: bool
    seconds: float

    def as_json(self) -> dict[str, str | int | bool | float]:
        """Return the same for programs."""
        return {
            "kind": self.kind.name,
            "host": self.host,
            "requests": self.requests,
            "exact": self.exact,
            "seconds": self.seconds,
        }


def estimate(options: CollectOptions) -> list[Estimate]:
    """Requests by kind, in the order of a summary. Kinds of other endpoints run at the same time."""
    people, exact = _people(options)
    counts: Counter[Endpoint] = Counter(request.endpoint for request in at_large(options))
    counts[ep_csv.CSV] = counts[ep_csv.DATASET]
    per_person = Counter(request.endpoint for request in pages_of(options, 0))
    if per_person:
        if not options.mep_ids:
            counts.update(request.endpoint for request in lists(options))
            counts[ep_api.ROSTER] = _roster_pages(options)
        if ep_api.DETAILS in per_person:
            counts[ep_api.BODY] = BODIES_AT_LEAST + round(people * BODIES_PER_PERSON)
            per_person[portraits.PORTRAIT] = int("portraits" in options.sources)
        counts.update({kind: number * people for kind, number in per_person.items()})
    hosts = {kind.host for kind, number in counts.items() if number}
    rows = [
        _row(options, kind, counts[kind], exact and kind is not ep_api.BODY)
        for kind in ENDPOINTS
        if counts[kind]
    ]
    return [Estimate(ROBOTS, host, 1, True, 0.0) for host in sorted(hosts)] + rows


def seconds(rows: list[Estimate]) -> float:
    """How long the whole takes: endpoints are asked at the same time, kinds of one endpoint in turn."""
    endpoints: Counter[tuple[str, str]] = Counter()
    for row in rows:
        endpoints[row.host, row.kind.path] += row.seconds  # type: ignore[assignment]
    return max(endpoints.values(), default=0.0)


def _row(options: CollectOptions, kind: Endpoint, requests: int, exact: bool) -> Estimate:
    host = kind.host
    rate = rate_of(host, options.rates)
    lists = kind.lists_people and kind is not ep_api.ROSTER
    certain = exact or lists or kind in (wikidata.ITEMS, ep_csv.DATASET, ep_csv.CSV)
    return Estimate(kind, host, requests, certain, requests / rate if rate else 0.0)


def _people(options: CollectOptions) -> tuple[int, bool]:
    """How many people would be asked about, and whether that is certain."""
    if options.mep_ids:
        return len(choose(options, options.mep_ids)), True
    sizes = [
        SEATS_OF_TERM[term] * SUCCESSORS * (1.0 if n == 0 else NEW_IN_TERM)
        for n, term in enumerate(sorted(options.terms))
    ]
    share = sum(SEATS[country] for country in options.countries) / SEATS_OF_TERM[CURRENT_TERM]
    people = round(sum(sizes) * (share if options.countries else 1.0))
    return min(people, options.limit) if options.limit is not None else people, False


def _roster_pages(options: CollectOptions) -> int:
    if "ep_api" not in options.sources:
        return 0
    share = sum(SEATS[country] for country in options.countries) / SEATS_OF_TERM[CURRENT_TERM]
    sizes = [
        SEATS_OF_TERM[term] * SUCCESSORS * (share if options.countries else 1.0) for term in options.terms
    ]
    # Each roster ends with one empty page.
    return sum(-int(-size // ep_api.PAGE_SIZE) + 1 for size in sizes)
