"""One collect run from its options to its outcome."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace

from dontspy_data.capture.store import Store
from dontspy_data.collect import plan
from dontspy_data.collect.classify import GOOD, Verdict
from dontspy_data.collect.fetch import Done, Fetcher
from dontspy_data.collect.hosts import Hosts
from dontspy_data.collect.options import CollectOptions, check_options
from dontspy_data.collect.outcome import CollectOutcome, Situation, Tally, assess
from dontspy_data.collect.previous import Earlier
from dontspy_data.collect.progress import Watch
from dontspy_data.collect.request import Client, Tries
from dontspy_data.collect.throttle import Breaker
from dontspy_data.sources import SOURCE_OF
from dontspy_data.sources.endpoints import ROBOTS, Endpoint, Request
from dontspy_data.sources.source import NO_LINKS


class Crew:
    """Fetches pages and what they lead to, until there is nothing left."""

    def __init__(self, fetch: Callable[[Request], Done]) -> None:
        self._fetch = fetch
        self._queues: dict[tuple[str, str], queue.SimpleQueue[Request | None]] = {}
        self._threads: dict[tuple[str, str], list[threading.Thread]] = {}
        self._results: queue.SimpleQueue[Done | BaseException] = queue.SimpleQueue()
        self._pending = 0

    def work(
        self, requests: Iterable[Request], follow: Callable[[Done], Iterable[Request]]
    ) -> Iterator[Done]:
        """Every page's result as it comes; `follow` says what a result leads to.

        Raises:
            Exception: whatever a thread ran into.
        """
        waiting = iter(requests)
        while True:
            while self._pending < WINDOW and (request := next(waiting, None)) is not None:
                self._put(request)
            if not self._pending:
                return
            done = self._results.get()
            self._pending -= 1
            if isinstance(done, BaseException):
                raise done
            for request in follow(done):
                self._put(request)
            yield done

    def leave(self, patience: float) -> None:
        """Send the threads home, and leave those behind that take longer than that many seconds."""
        for endpoint, threads in self._threads.items():
            for _ in threads:
                self._queues[endpoint].put(None)
        for threads in self._threads.values():
            for thread in threads:
                thread.join(patience)
                patience = patience if not thread.is_alive() else 0.0

    def _put(self, request: Request) -> None:
        endpoint = (request.endpoint.host, request.endpoint.path)
        todo = self._queues.setdefault(endpoint, queue.SimpleQueue())
        threads = self._threads.setdefault(endpoint, [])
        todo.put(request)
        self._pending += 1
        if len(threads) < IN_FLIGHT:
            # Daemons: a run that is stopped does not wait a minute and a half for the API's last answer.
            threads.append(threading.Thread(target=self._run, args=(todo,), daemon=True))
            threads[-1].start()

    def _run(self, todo: "queue.SimpleQueue[Request | None]") -> None:
        while (request := todo.get()) is not None:
            try:
                self._results.put(self._fetch(request))
            except Exception as error:  # noqa: BLE001 -- raised again where the run is led
                self._results.put(error)


log = logging.getLogger(__name__)

PATIENCE = 2.0


def collect(options: CollectOptions, watch: Watch) -> CollectOutcome:
    """Ask the sources and write a capture.

    A run that is refused, fails or is stopped leaves what it received in the `.part` file, and the next run
    with the same output goes on from there.

    Args:
        options: what to ask for, of whom and how fast.
        watch: is shown the counts after every page.

    Raises:
        UsageError: the options make no sense together, or another collector is writing the output.
        CaptureError: an earlier capture or the `.part` file is damaged.
        DontspyError: the disk is full, or failed.
    """
    check_options(options)
    started = time.monotonic()
    earlier = Earlier.open(options.since)
    connections = IN_FLIGHT * len({(endpoint.host, endpoint.path) for endpoint in SOURCE_OF})
    with closing(Store.open(options.output)) as store, closing(Client(options.via, connections)) as client:
        breaker = Breaker()
        stop = threading.Event()
        tries = Tries(client, breaker, stop, ignore_noai=options.ignore_noai)
        hosts = Hosts(tries, options.rates, stop)
        crew = Crew(Fetcher(tries, hosts, store, earlier, breaker).fetch)
        run = Run(options, crew, watch)
        try:
            run.run()
        except KeyboardInterrupt:
            run.stopped = True
        finally:
            stop.set()
            crew.leave(PATIENCE)
        run.count_robots(hosts)
        outcome = assess(run.situation(store, breaker))
        if outcome.is_complete:
            store.finish()
        return replace(outcome, seconds=time.monotonic() - started)


@dataclass
class Run:
    """The state of a run that only the leading thread touches.

    Attributes:
        tally: what has been counted.
        people: how many people are asked about; None where nobody is.
        excused: kinds of page whose absence the fallback makes good.
        fallback: whether public lists and profiles stand in for the API.
        stopped: whether somebody stopped the run.
    """

    options: CollectOptions
    crew: Crew
    watch: Watch
    tally: Tally = field(default_factory=Tally)
    people: int | None = None
    excused: set[Endpoint] = field(default_factory=set)
    fallback: bool = False
    stopped: bool = False
    _followed: set[str] = field(default_factory=set)
    _shared: set[Endpoint] = field(default_factory=set)
    _lacking: set[Endpoint] = field(default_factory=set)
    _lacking_pages: set[int] = field(default_factory=set)

    def run(self) -> None:
        """Ask for what is about everybody, then for the lists, then for the pages of the people on them."""
        self._work(plan.everybody(self.options), self._follow)
        people = plan.choose(self.options, self.options.mep_ids or self._listed())
        per_person = list(plan.pages_of(self.options, 0))
        if not per_person:
            return
        self.people = len(people)
        for request in per_person:
            self.tally.expect(request.endpoint, len(people))
        requests = (request for mep_id in people for request in plan.pages_of(self.options, mep_id))
        self._work(requests, self._follow_person, expected=True)
        self._ask_stand_ins_about(people)

    def count_robots(self, hosts: Hosts) -> None:
        """Count what was asked beside the plan."""
        for request, tried in hosts.robots:
            self.tally.expect(ROBOTS)
            counted = replace(request, endpoint=ROBOTS)
            self.tally.add(
                Done(counted, tried.verdict, NO_LINKS, tried.requests, tried.faults, tried.received)
            )

    def situation(self, store: Store, breaker: Breaker) -> Situation:
        """Where the run stands."""
        return Situation(
            options=self.options,
            part=store.part,
            tally=self.tally,
            closed=breaker.closed,
            resting=breaker.resting,
            excused=frozenset(self.excused),
            people=self.people,
            stopped=self.stopped,
            fallback=self.fallback,
            repaired=store.repaired,
        )

    def _listed(self) -> set[int]:
        """Return the ids of everyone on the lists who is wanted."""
        people = self._read_lists(plan.lists(self.options))
        lacking = {endpoint for endpoint in SOURCE_OF if endpoint.lists_people and self._lacks(endpoint)}
        if plan.stand_ins(self.options) and (lacking or not people):
            log.warning("the lists were not to be had: public ones stand in for them")
            self.fallback = True
            people |= {mep_id for term in self.options.terms for mep_id in self._stand_in_lists(term)}
            sources = {SOURCE_OF[endpoint].name for endpoint in lacking}
            sources |= {source.name for source in plan.stand_ins(self.options)} if people else set()
            self.excused |= {endpoint for endpoint, source in SOURCE_OF.items() if source.name in sources}
        return people

    def _stand_in_lists(self, term: int) -> set[int]:
        """Return the ids on the first list that stands in for those of a term and names anybody."""
        for requests in plan.stand_in_lists(self.options, term):
            if people := self._read_lists(requests):
                return people
        return set()

    def _read_lists(self, requests: Iterable[Request]) -> set[int]:
        people: set[int] = set()

        def follow(done: Done) -> Iterator[Request]:
            people.update(plan.wanted(self.options, done.request, done.links.people))
            return self._follow(done)

        self._work(requests, follow)
        return people

    def _follow(self, done: Done) -> Iterator[Request]:
        """Yield requests for the pages that a page leads to, each once in a run."""
        for request in plan.followed(self.options, done.links.requests):
            if request.url not in self._followed:
                self._followed.add(request.url)
                yield request

    def _follow_person(self, done: Done) -> Iterator[Request]:
        """Yield requests for what a person's page leads to, and remember who lacks one."""
        is_fact = not done.request.endpoint.is_picture
        if is_fact and done.verdict not in GOOD and done.request.mep_id is not None:
            self._lacking_pages.add(done.request.mep_id)
            self._lacking.add(done.request.endpoint)
        for request in self._follow(done):
            self._shared.add(request.endpoint)
            self.tally.expect(request.endpoint)
            yield request

    def _ask_stand_ins_about(self, people: list[int]) -> None:
        """Ask for pages that stand in for those of people who lack one, or of all who share a page that lacks."""
        shared = {endpoint for endpoint in self._shared if self._lacks(endpoint, but=Verdict.NOT_FOUND)}
        lacking = people if shared else sorted(self._lacking_pages)
        sources = [
            source for source in plan.stand_ins(self.options) if any(source.pages(0, self.options.scope))
        ]
        if lacking and sources:
            self.fallback = True
            self.excused |= shared | self._lacking
            self._work(
                (
                    r
                    for mep_id in lacking
                    for source in sources
                    for r in source.pages(mep_id, self.options.scope)
                ),
                lambda _: (),
            )

    def _lacks(self, endpoint: Endpoint, *, but: Verdict | None = None) -> bool:
        """Return whether pages of an endpoint were not had, for whatever reason but one."""
        count = self.tally.kinds.get(endpoint)
        return bool(count and (count.not_asked or count.reasons.keys() - {but}))

    def _work(
        self,
        requests: Iterable[Request],
        follow: Callable[[Done], Iterable[Request]],
        *,
        expected: bool = False,
    ) -> None:
        """Fetch and count. Pages are counted as expected when they are asked for, unless they were before."""

        def counted(new: Iterable[Request]) -> Iterator[Request]:
            for request in new:
                if not expected:
                    self.tally.expect(request.endpoint)
                yield request

        for done in self.crew.work(counted(requests), lambda done: counted(follow(done))):
            self.tally.add(done)
            self.watch(self.tally)


IN_FLIGHT = 8
"""Most requests of one endpoint that wait for an answer at once."""

WINDOW = 64
"""Pages taken from a list before the first is done: what waits in memory does not grow with the list."""
