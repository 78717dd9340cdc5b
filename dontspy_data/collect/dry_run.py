"""What a run would ask for and how long that would take, and what each host answers to one request before a night."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from dontspy_data.collect import plan
from dontspy_data.collect.classify import GOOD, REFUSALS
from dontspy_data.collect.client import Client
from dontspy_data.collect.fetch import Fetcher, Hosts
from dontspy_data.collect.page import links_of
from dontspy_data.collect.plan import CollectOptions
from dontspy_data.collect.throttle import CircuitBreaker
from dontspy_data.errors import Exit
from dontspy_data.model.codes import country_seats, terms
from dontspy_data.sources import SOURCE_OF
from dontspy_data.sources.source import ROBOTS, Endpoint, Request

# Members who leave are replaced: 875 people sat in the 751 seats of term 9.
SUCCESSORS = 1.15
# A guess, for a sense of scale: who had not sat in the term before.
NEW_IN_TERM = 0.65


@dataclass(frozen=True, slots=True)
class Estimate:
    """Requests to one endpoint.

    Attributes:
        endpoint: that they would go to.
        requests: how many, faults and tries that are repeated left aside.
        exact: whether the number is certain before the lists are read.
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
    per_person = Counter(request.endpoint for request in plan.pages_of(options, 0))
    certain: Counter[Endpoint] = Counter(request.endpoint for request in plan.everybody(options))
    guessed: Counter[Endpoint] = Counter()
    if per_person and not options.mep_ids:
        certain.update(request.endpoint for request in plan.lists(options))
    for source in plan.chosen(options):
        guessed.update(source.guess(listed if per_person else 0, people if per_person else 0))
    of_people = certain if options.mep_ids else guessed
    of_people.update({endpoint: number * people for endpoint, number in per_person.items()})
    rows = []
    for endpoint in SOURCE_OF:
        if requests := certain[endpoint] + guessed[endpoint]:
            rate = plan.rate_of(endpoint, options.rates)
            rows.append(Estimate(endpoint, requests, not guessed[endpoint], requests / rate if rate else 0.0))
    hosts = sorted({row.endpoint.host for row in rows})
    return [Estimate(replace(ROBOTS, host=host), 1, True, 0.0) for host in hosts] + rows


def _people(options: CollectOptions) -> tuple[int, int]:
    """Return how many people lists would name, and how many of them would be asked about."""
    if options.mep_ids:
        return 0, len(plan.choose(options, options.mep_ids))
    seats_of = {term.term: term.seats for term in terms()}
    sizes = [
        seats_of[term] * SUCCESSORS * (1.0 if n == 0 else NEW_IN_TERM)
        for n, term in enumerate(sorted(options.terms))
    ]
    share = sum(country_seats()[country] for country in options.countries) / seats_of[plan.current_term()]
    people = round(sum(sizes) * (share if options.countries else 1.0))
    return people, min(people, options.limit) if options.limit is not None else people


def seconds(rows: list[Estimate]) -> float:
    """Return how long the whole takes: endpoints are asked at the same time, those that share a rate in turn."""
    rated: dict[tuple[str, str], float] = {}
    for row in rows:
        key = (row.endpoint.host, row.endpoint.path)
        rated[key] = rated.get(key, 0.0) + row.seconds
    return max(rated.values(), default=0.0)


@dataclass(frozen=True, slots=True)
class HostAnswer:
    """What a host answered.

    Attributes:
        request: the page that it was asked for.
        said: what the answer is, such as `whole` or `HTTP 503`.
        is_good: whether the page, or that there is none, came.
        is_refusal: whether the host said no.
    """

    request: Request
    said: str
    is_good: bool
    is_refusal: bool

    def as_json(self) -> dict[str, Any]:
        """Return the same for programs."""
        endpoint = self.request.endpoint
        about = {"url": self.request.url, "answer": self.said, "is_good": self.is_good}
        return {"host": endpoint.host, "kind": endpoint.name, **about}


def probe(options: CollectOptions) -> list[HostAnswer]:
    """Ask each host for its robots.txt and for one page that a run would ask for; nothing is tried again or kept.

    Hosts that only have pages of persons are asked about somebody who was named, or whom the first list names.
    """
    stop = threading.Event()
    with closing(Client(options.via)) as client:
        fetcher = Fetcher(
            client,
            CircuitBreaker(),
            stop,
            ignore_noai=options.ignore_noai,
            retries=False,
            contact=options.contact,
        )
        hosts = Hosts(fetcher, options.rates, stop)
        found: dict[str, HostAnswer] = {}
        people = list(options.mep_ids)
        for request in _general(options):
            if request.endpoint.host not in found:
                answer, named = _ask(fetcher, hosts, request)
                found[request.endpoint.host] = answer
                people += named
        for request in plan.pages_of(options, people[0]) if people else ():
            if request.endpoint.host not in found:
                found[request.endpoint.host], _ = _ask(fetcher, hosts, request)
    return list(found.values())


def _general(options: CollectOptions) -> Iterator[Request]:
    """Yield the pages that a run would ask for first, lists before others: they name people."""
    if not options.mep_ids:
        yield from plan.lists(options)
    yield from plan.everybody(options)


def _ask(fetcher: Fetcher, hosts: Hosts, request: Request) -> tuple[HostAnswer, list[int]]:
    rules = hosts.rules(request.endpoint.host)
    problem = rules.problem(request.url) if rules else None
    if problem:
        return HostAnswer(request, str(problem), is_good=False, is_refusal=problem.kind in REFUSALS), []
    attempts = fetcher.fetch(request, hosts.limiter(request.endpoint), {})
    kind = attempts.found.kind
    links, _ = links_of(attempts.page if kind in GOOD else None, request)
    answer = HostAnswer(request, str(attempts.found), is_good=kind in GOOD, is_refusal=kind in REFUSALS)
    return answer, [person.mep_id for person in links.people]


def exit_of(answers: list[HostAnswer]) -> Exit:
    """Return the status that says whether a run could be whole: pictures may be refused."""
    needed = [a for a in answers if not a.is_good and not (a.is_refusal and a.request.endpoint.is_picture)]
    if not needed:
        return Exit.DONE
    return Exit.REFUSED if any(answer.is_refusal for answer in needed) else Exit.INVALID
