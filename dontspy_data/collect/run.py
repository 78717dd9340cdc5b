"""One collect run from its options to its outcome: threads, a queue per endpoint, and the pages that pages lead to.

A probe asks each host for one page beforehand, so that a run that would be refused need not begin.
"""

import hashlib
import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from dontspy_data.capture.store import Store
from dontspy_data.collect import plan
from dontspy_data.collect.classify import GOOD, REFUSALS, Classification, ResponseKind
from dontspy_data.collect.client import Client
from dontspy_data.collect.fetch import Fetcher, Hosts
from dontspy_data.collect.outcome import CollectOutcome, RunState, Watch, summarize
from dontspy_data.collect.page import PageCollector, PageResult, PreviousCrawl, links_of
from dontspy_data.collect.plan import CollectOptions, check_options
from dontspy_data.collect.throttle import CircuitBreaker
from dontspy_data.errors import Exit
from dontspy_data.sources import SOURCE_OF
from dontspy_data.sources.source import ROBOTS, Endpoint, Request

IN_FLIGHT = 8
"""The largest number of requests to one endpoint that wait for an answer at once."""

WINDOW = 64
"""Pages taken from a list before the first is done, so that the queue in memory does not grow with the list."""


class WorkerPool:
    """Fetch pages and those that they lead to, until none is left."""

    def __init__(self, collect: Callable[[Request], PageResult]) -> None:
        self._collect = collect
        self._queues: dict[tuple[str, str], queue.SimpleQueue[Request | None]] = {}
        self._threads: dict[tuple[str, str], list[threading.Thread]] = {}
        self._results: queue.SimpleQueue[PageResult | BaseException] = queue.SimpleQueue()
        self._pending = 0

    def work(
        self, requests: Iterable[Request], follow: Callable[[PageResult], Iterable[Request]]
    ) -> Iterator[PageResult]:
        """Yield every page's result as it comes; `follow` returns the requests that a result leads to.

        Raises:
            Exception: any error in a thread.
        """
        waiting = iter(requests)
        while True:
            while self._pending < WINDOW and (request := next(waiting, None)) is not None:
                self._put(request)
            if not self._pending:
                return
            result = self._results.get()
            self._pending -= 1
            if isinstance(result, BaseException):
                raise result
            for request in follow(result):
                self._put(request)
            yield result

    def stop(self, patience: float) -> None:
        """Stop the workers; abandon any that take longer than `patience` seconds."""
        for key, threads in self._threads.items():
            for _ in threads:
                self._queues[key].put(None)
        for threads in self._threads.values():
            for thread in threads:
                thread.join(patience)
                patience = patience if not thread.is_alive() else 0.0

    def _put(self, request: Request) -> None:
        key = (request.endpoint.host, request.endpoint.path)
        todo = self._queues.setdefault(key, queue.SimpleQueue())
        threads = self._threads.setdefault(key, [])
        todo.put(request)
        self._pending += 1
        if len(threads) < IN_FLIGHT:
            # Each thread has the lookups that are in use here.
            # Daemons: a stopped run does not wait a minute and a half for the API's last answer.
            threads.append(threading.Thread(target=copy_context().run, args=(self._run, todo), daemon=True))
            threads[-1].start()

    def _run(self, todo: "queue.SimpleQueue[Request | None]") -> None:
        while (request := todo.get()) is not None:
            try:
                self._results.put(self._collect(request))
            except Exception as error:  # noqa: BLE001 -- raised again in the main thread
                self._results.put(error)


log = logging.getLogger(__name__)

PATIENCE = 2.0


def collect(options: CollectOptions, watch: Watch) -> CollectOutcome:
    """Ask the sources and write a capture.

    A run that is refused, fails or is stopped leaves what it received in the `.part` file, and the next run
    with the same output continues from there.

    Args:
        options: what to request, from whom and how fast.
        watch: receives the counts after every page.

    Raises:
        UsageError: the options do not fit together, or another collector is writing the output.
        CaptureError: a previous capture or the `.part` file is damaged.
        DontspyError: the disk is full, or failed.
    """
    check_options(options)
    started = time.monotonic()
    previous = PreviousCrawl.open(options.since)
    opened = Store.open(options.output, made_with(options))
    with closing(opened) as store, closing(Client(options.via)) as client:
        breaker = CircuitBreaker()
        stop = threading.Event()
        fetcher = Fetcher(client, breaker, stop, ignore_noai=options.ignore_noai, contact=options.contact)
        hosts = Hosts(fetcher, options.rates, stop)
        lists_since = datetime.now(UTC) - timedelta(hours=options.resume_hours)
        collector = PageCollector(fetcher, hosts, store, previous, lists_since)
        run = Run(
            options,
            store.part,
            breaker.open,
            breaker.resting,
            store.resumed,
            pool=WorkerPool(collector.collect),
            watch=watch,
            previous=previous,
        )
        try:
            run.run()
        except KeyboardInterrupt:
            run.stopped = True
        finally:
            stop.set()
            run.pool.stop(PATIENCE)
        run.count_robots(hosts)
        if lists := collector.outdated:
            old = f"{lists:,} lists in {store.part.name} were more than {options.resume_hours:g} h old"
            run.resumed += (f"{old} and were requested again",)
        outcome = summarize(run)
        if outcome.is_complete:
            store.finish()
        return replace(outcome, seconds=time.monotonic() - started)


@dataclass(kw_only=True)
class Run(RunState):
    """Lead a run; used by one thread only."""

    pool: WorkerPool
    watch: Watch
    previous: PreviousCrawl
    _followed: set[str] = field(default_factory=set)
    _shared: set[Endpoint] = field(default_factory=set)
    _lacking: set[Endpoint] = field(default_factory=set)
    _lacking_pages: set[int] = field(default_factory=set)

    def run(self) -> None:
        """Collect pages about everybody, then the lists, then the pages of the people on them."""
        self._work(plan.everybody(self.options), self._follow)
        people = plan.choose(self.options, self.options.mep_ids or self._listed())
        per_person = list(plan.pages_of(self.options, 0))
        if not per_person:
            return
        self.people = len(people)
        for request in per_person:
            self.stats.expect(request.endpoint, len(people))
        requests = (request for mep_id in people for request in plan.pages_of(self.options, mep_id))
        self._work(requests, self._follow_person, expected=True)
        self._ask_stand_ins_about(people)

    def count_robots(self, hosts: Hosts) -> None:
        """Count the requests for robots.txt, which no plan includes."""
        for request, done in hosts.robots:
            self.stats.expect(ROBOTS)
            self.stats.add(PageResult(replace(request, endpoint=ROBOTS), done))

    def _listed(self) -> set[int]:
        """Return the ids of the wanted people on the lists, and of those who were on them before."""
        people = self._read_lists(plan.lists(self.options))
        lacking = {endpoint for endpoint in SOURCE_OF if endpoint.lists_people and self._lacks(endpoint)}
        if plan.stand_ins(self.options) and (lacking or not people):
            log.warning("lists could not be fetched: public ones stand in for them")
            self.fallback = True
            people |= {mep_id for term in self.options.terms for mep_id in self._stand_in_lists(term)}
            sources = {SOURCE_OF[endpoint].name for endpoint in lacking}
            sources |= {source.name for source in plan.stand_ins(self.options)} if people else set()
            self.excused |= {endpoint for endpoint, source in SOURCE_OF.items() if source.name in sources}
        absent = self._listed_before() - people if people else set()
        if absent:
            log.info("%s people are no longer on the lists and are asked about again", len(absent))
            people |= absent | self._read_lists(plan.roll_call(self.options))
        return people

    def _listed_before(self) -> set[int]:
        """Return the ids of the wanted people who were on the same lists in earlier captures, or sat in a package."""
        people = set() if self.options.countries else set(self.previous.sitting)
        for request in plan.lists(self.options):
            links, _ = links_of(self.previous.page(request.url), request)
            people |= plan.wanted(self.options, request, links.people)
        return people

    def _stand_in_lists(self, term: int) -> set[int]:
        """Return the ids on the first list that stands in for those of a term and names anybody."""
        for requests in plan.stand_in_lists(self.options, term):
            if people := self._read_lists(requests):
                return people
        return set()

    def _read_lists(self, requests: Iterable[Request]) -> set[int]:
        people: set[int] = set()

        def follow(done: PageResult) -> Iterator[Request]:
            people.update(plan.wanted(self.options, done.request, done.links.people))
            return self._follow(done)

        self._work(requests, follow)
        return people

    def _follow(self, done: PageResult) -> Iterator[Request]:
        """Yield requests for the pages that a page leads to, each once in a run."""
        for request in plan.followed(self.options, done.links.requests):
            if request.url not in self._followed:
                self._followed.add(request.url)
                yield request

    def _follow_person(self, done: PageResult) -> Iterator[Request]:
        """Yield requests that a person's page leads to, and remember who lacks a page."""
        is_fact = not done.request.endpoint.is_picture
        if is_fact and done.found.kind not in GOOD and done.request.mep_id is not None:
            self._lacking_pages.add(done.request.mep_id)
            self._lacking.add(done.request.endpoint)
        for request in self._follow(done):
            self._shared.add(request.endpoint)
            self.stats.expect(request.endpoint)
            yield request

    def _ask_stand_ins_about(self, people: list[int]) -> None:
        """Request pages that stand in for those of people who lack one, or of all who share a missing page."""
        shared = {endpoint for endpoint in self._shared if self._lacks(endpoint, but=ResponseKind.NOT_FOUND)}
        lacking = people if shared else sorted(self._lacking_pages)
        requests = [
            request
            for mep_id in lacking
            for source in plan.stand_ins(self.options)
            for request in source.pages(mep_id, self.options.scope)
        ]
        if requests:
            self.fallback = True
            self.excused |= shared | self._lacking
            self._work(requests, lambda _: ())

    def _lacks(self, endpoint: Endpoint, *, but: ResponseKind | None = None) -> bool:
        """Return whether pages of an endpoint could not be fetched, for any reason but one."""
        count = self.stats.endpoints.get(endpoint)
        return bool(count and (count.not_asked or any(found.kind is not but for found in count.reasons)))

    def _work(
        self,
        requests: Iterable[Request],
        follow: Callable[[PageResult], Iterable[Request]],
        *,
        expected: bool = False,
    ) -> None:
        """Fetch and count. Pages are counted as expected when requested, unless they were counted before."""

        def counted(new: Iterable[Request]) -> Iterator[Request]:
            for request in new:
                if not expected:
                    self.stats.expect(request.endpoint)
                yield request

        for done in self.pool.work(counted(requests), lambda done: counted(follow(done))):
            if done.found.kind not in GOOD:
                log.info("%s: missing, %s", done.request.url, done.found)
            self.stats.add(done)
            self.watch(self.stats)


def made_with(options: CollectOptions) -> dict[str, str]:
    """Return what decides which answers a capture holds, for the capture's first record.

    The rates do not, nor does the fallback, which only adds pages.
    """
    withdrawn = ",".join(map(str, sorted(options.withdrawn)))
    return {
        "collect-via": options.via or "",
        "collect-terms": ",".join(map(str, options.terms)),
        "collect-countries": ",".join(sorted(options.countries)),
        "collect-mep-ids": ",".join(map(str, sorted(options.mep_ids))),
        "collect-limit": "" if options.limit is None else str(options.limit),
        "collect-sources": ",".join(sorted(options.sources)),
        "collect-since": ",".join(sorted(path.name for path in options.since)),
        "collect-ignore-noai": str(options.ignore_noai).lower(),
        "collect-withdrawn": hashlib.sha256(withdrawn.encode()).hexdigest()[:12],
    }


@dataclass(frozen=True, slots=True)
class HostAnswer:
    """A host's answer.

    Attributes:
        request: for which page.
        found: what the answer is, such as `whole` or `HTTP 503`.
    """

    request: Request
    found: Classification

    @property
    def is_good(self) -> bool:
        """Whether the page came, or the answer that there is none."""
        return self.found.kind in GOOD

    @property
    def is_refusal(self) -> bool:
        """Whether the host refused."""
        return self.found.kind in REFUSALS

    def as_json(self) -> dict[str, Any]:
        """Return the same for programs."""
        endpoint = self.request.endpoint
        about = {"url": self.request.url, "answer": str(self.found), "is_good": self.is_good}
        return {"host": endpoint.host, "kind": endpoint.name, **about}


def probe(options: CollectOptions) -> list[HostAnswer]:
    """Ask each host for its robots.txt and for one page that a run would request; nothing is retried or kept.

    Hosts that only have pages of persons are asked about a person named in the options or on the first list.
    """
    stop = threading.Event()
    with closing(Client(options.via)) as client:
        noai, contact = options.ignore_noai, options.contact
        fetcher = Fetcher(client, CircuitBreaker(), stop, ignore_noai=noai, retries=False, contact=contact)
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
    """Yield the pages that a run would request first, lists before others, since they name people."""
    if not options.mep_ids:
        yield from plan.lists(options)
    yield from plan.everybody(options)


def _ask(fetcher: Fetcher, hosts: Hosts, request: Request) -> tuple[HostAnswer, list[int]]:
    rules = hosts.rules(request.endpoint.host)
    if problem := rules.problem(request.url) if rules else None:
        return HostAnswer(request, problem), []
    attempts = fetcher.fetch(request, hosts.limiter(request.endpoint), {})
    answer = HostAnswer(request, attempts.found)
    links, _ = links_of(attempts.page if answer.is_good else None, request)
    return answer, [person.mep_id for person in links.people]


def exit_of(answers: list[HostAnswer]) -> Exit:
    """Return the status that says whether a run could be complete; pictures may be refused."""
    needed = [a for a in answers if not a.is_good and not (a.is_refusal and a.request.endpoint.is_picture)]
    if not needed:
        return Exit.DONE
    return Exit.REFUSED if any(answer.is_refusal for answer in needed) else Exit.INVALID
