"""What each host answers to one request, before a night's run: its rules, and one page."""

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace

from dontspy_data.collect import plan
from dontspy_data.collect.classify import GOOD, REFUSALS
from dontspy_data.collect.client import Client
from dontspy_data.collect.fetch import Fetcher
from dontspy_data.collect.hosts import Hosts
from dontspy_data.collect.options import CollectOptions
from dontspy_data.collect.page import links_of
from dontspy_data.collect.throttle import CircuitBreaker
from dontspy_data.errors import Exit
from dontspy_data.sources.endpoints import Request


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

    def as_json(self) -> dict[str, str | bool]:
        """Return the same for programs."""
        endpoint = self.request.endpoint
        return {
            "host": endpoint.host,
            "kind": endpoint.name,
            "url": self.request.url,
            "answer": self.said,
            "is_good": self.is_good,
        }


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


def exit_of(answers: list[HostAnswer]) -> Exit:
    """Return the status that says whether a run could be whole: pictures may be refused."""
    needed = [a for a in answers if not a.is_good and not (a.is_refusal and a.request.endpoint.is_picture)]
    if not needed:
        return Exit.DONE
    return Exit.REFUSED if any(answer.is_refusal for answer in needed) else Exit.INVALID


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
    links, _ = links_of(attempts.page if kind in GOOD else None, replace(request, is_filtered=False))
    answer = HostAnswer(request, str(attempts.found), is_good=kind in GOOD, is_refusal=kind in REFUSALS)
    return answer, [person.mep_id for person in links.people]
