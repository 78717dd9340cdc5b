"""What a run would ask for and how long politeness makes it take, without asking for anything."""

from collections import Counter
from dataclasses import dataclass

from dontspy_data.collect import plan
from dontspy_data.collect.asks import MANNERS, Kind
from dontspy_data.collect.options import CURRENT_TERM, SEATS, CollectOptions, rate_of
from dontspy_data.sources import ep_api
from dontspy_data.tables.codes import terms

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

    kind: Kind
    host: str
    requests: int
    exact: bool
    seconds: float


def estimate(options: CollectOptions) -> list[Estimate]:
    """Requests by kind, in the order of a summary. Kinds of other endpoints run at the same time."""
    people, exact = _people(options)
    counts: Counter[Kind] = Counter(ask.kind for ask in plan.at_large(options))
    counts[Kind.CSV] = counts[Kind.DATASET]
    per_person = Counter(ask.kind for ask in plan.pages_of(options, 0))
    if per_person:
        if not options.mep_ids:
            counts.update(ask.kind for ask in plan.lists(options))
            counts[Kind.ROSTER] = _roster_pages(options)
        if Kind.DETAILS in per_person:
            counts[Kind.BODY] = BODIES_AT_LEAST + round(people * BODIES_PER_PERSON)
            per_person[Kind.PORTRAIT] = int("portraits" in options.sources)
        counts.update({kind: number * people for kind, number in per_person.items()})
    hosts = {MANNERS[kind].host for kind, number in counts.items() if number}
    rows = [
        _row(options, kind, counts[kind], exact and kind is not Kind.BODY) for kind in Kind if counts[kind]
    ]
    return [Estimate(Kind.ROBOTS, host, 1, True, 0.0) for host in sorted(hosts)] + rows


def seconds(rows: list[Estimate]) -> float:
    """How long the whole takes: endpoints are asked at the same time, kinds of one endpoint in turn."""
    lanes: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row.kind in MANNERS:
            lanes[row.host, MANNERS[row.kind].endpoint] += row.seconds  # type: ignore[assignment]
    return max(lanes.values(), default=0.0)


def _row(options: CollectOptions, kind: Kind, requests: int, exact: bool) -> Estimate:
    host = MANNERS[kind].host
    rate = rate_of(host, options.rates)
    lists = MANNERS[kind].lists_people and kind is not Kind.ROSTER
    certain = exact or lists or kind in (Kind.WIKIDATA, Kind.DATASET, Kind.CSV)
    return Estimate(kind, host, requests, certain, requests / rate if rate else 0.0)


def _people(options: CollectOptions) -> tuple[int, bool]:
    """How many people would be asked about, and whether that is certain."""
    if options.mep_ids:
        return len(plan.choose(options, options.mep_ids)), True
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
