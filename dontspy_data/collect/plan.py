"""What to ask for: the lists that say who the members are, then each member's pages. Pure functions."""

from collections.abc import Collection, Iterable, Iterator
from urllib.parse import urlsplit

from dontspy_data.collect.asks import Ask, Kind
from dontspy_data.collect.links import ISO_CODES, Person
from dontspy_data.collect.options import CURRENT_TERM, SEATS, CollectOptions
from dontspy_data.sources import (
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

EP_CODES = {iso: code for code, iso in ISO_CODES.items()}
DATASET = "members-of-the-european-parliament-meps-parliamentary-term"
RESTRICTED = frozenset({Kind.ROSTER, Kind.SEARCH})
"""Lists that are asked for by country, so that everyone on them is of one that is wanted."""


def lists(options: CollectOptions) -> Iterator[Ask]:
    """The pages that say who the members are, of the sources that are wanted."""
    current = CURRENT_TERM in options.terms
    if "ep_api" in options.sources:
        if current:
            yield Ask(Kind.CURRENT, ep_api.current_url())
        yield from (roster_page(options, term, 0) for term in options.terms)
    if "ep_full_list" in options.sources and current:
        yield Ask(Kind.FULL_LIST, ep_full_list.url())
    if "ep_search" in options.sources and current:
        yield from searches(options)
    if "ep_directory" in options.sources:
        yield from (Ask(Kind.DIRECTORY, ep_directory.url(term), term=term) for term in options.terms)


def fallback_lists(options: CollectOptions) -> Iterator[Ask]:
    """The public lists that stand in for the API's."""
    if CURRENT_TERM in options.terms and not options.countries:
        yield Ask(Kind.FULL_LIST, ep_full_list.url())
    if CURRENT_TERM in options.terms and options.countries:
        yield from searches(options)
    for term in options.terms:
        if term != CURRENT_TERM:
            yield Ask(Kind.DIRECTORY, ep_directory.url(term), term=term)


def searches(options: CollectOptions) -> Iterator[Ask]:
    """The search pages of the countries that are wanted, or of all that elect members now."""
    wanted = options.countries or {country for country, seats in SEATS.items() if seats}
    return (Ask(Kind.SEARCH, ep_search.url(country)) for country in sorted(wanted))


def roster_page(options: CollectOptions, term: int, offset: int) -> Ask:
    """One page of the API's roster of a term."""
    url = ep_api.roster_url(term, offset)
    if options.countries:
        codes = ",".join(sorted(EP_CODES.get(country, country) for country in options.countries))
        url += f"&country-of-representation={codes}"
    return Ask(Kind.ROSTER, url, term=term, offset=offset)


def next_page(options: CollectOptions, ask: Ask, people: Collection[Person]) -> Iterator[Ask]:
    """The page after a page of a roster; none after one that names nobody."""
    if ask.kind is Kind.ROSTER and ask.term is not None and people:
        yield roster_page(options, ask.term, ask.offset + ep_api.PAGE_SIZE)


def wanted(options: CollectOptions, kind: Kind, people: Iterable[Person]) -> set[int]:
    """The ids of those on a list who are wanted, by country."""
    if not options.countries or kind in RESTRICTED:
        return {person.mep_id for person in people}
    return {person.mep_id for person in people if person.country in options.countries}


def choose(options: CollectOptions, people: Collection[int]) -> list[int]:
    """Whom to ask about: nobody who is withdrawn, and no more than the limit, lowest id first."""
    return sorted(set(people) - options.withdrawn)[: options.limit]


def at_large(options: CollectOptions) -> Iterator[Ask]:
    """Pages that are about everybody."""
    if "wikidata" in options.sources:
        yield Ask(Kind.WIKIDATA, wikidata.url())
    if "ep_csv" in options.sources:
        for term in options.terms:
            yield Ask(
                Kind.DATASET, f"https://{ep_api.HOST}/OdpDatasetService/Datasets/{DATASET}{term}", term=term
            )


def bulk_csv(term: int, version: int) -> Ask:
    """The bulk CSV of a term, in the version that its data set's description names."""
    return Ask(Kind.CSV, ep_csv.url(term, version), term=term)


def pages_of(options: CollectOptions, mep_id: int) -> Iterator[Ask]:
    """The pages of one person that are asked for first; the API's details say where the portrait is."""
    if "ep_api" in options.sources:
        yield details(mep_id)
    elif "portraits" in options.sources:
        yield portrait(mep_id)
    if "ep_profile" in options.sources:
        yield profile(mep_id)
    if "ep_history" in options.sources:
        yield from (Ask(Kind.HISTORY, ep_history.url(mep_id, term), mep_id, term) for term in options.terms)


def details(mep_id: int) -> Ask:
    """A person's page of the API."""
    return Ask(Kind.DETAILS, ep_api.mep_url(mep_id), mep_id)


def body(ref: str) -> Ask:
    """A corporate body's page of the API."""
    return Ask(Kind.BODY, ep_api.body_url(ref))


def profile(mep_id: int) -> Ask:
    """A person's public profile."""
    return Ask(Kind.PROFILE, ep_profile.url(mep_id), mep_id)


def portrait(mep_id: int) -> Ask:
    """A person's portrait."""
    return Ask(Kind.PORTRAIT, portraits.url(mep_id), mep_id)


def is_listed_host(image: str) -> bool:
    """Whether a picture's address is on the one host that official portraits come from."""
    return urlsplit(image).hostname == portraits.HOST
