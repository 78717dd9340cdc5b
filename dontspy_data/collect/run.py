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
from dontspy_data.collect.links import NOTHING
from dontspy_data.collect.options import CollectOptions, check_options
from dontspy_data.collect.outcome import CollectOutcome, Situation, Tally, assess
from dontspy_data.collect.previous import Earlier
from dontspy_data.collect.progress import Watch
from dontspy_data.collect.request import Client, Tries
from dontspy_data.collect.throttle import Breaker
from dontspy_data.sources import ENDPOINTS, ep_api, ep_full_list, ep_search, portraits
from dontspy_data.sources.endpoints import ROBOTS, Endpoint, Request


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
    connections = IN_FLIGHT * len({(endpoint.host, endpoint.path) for endpoint in ENDPOINTS})
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
    _bodies: set[str] = field(default_factory=set)
    _without_details: set[int] = field(default_factory=set)

    def run(self) -> None:
        """What is about everybody first, then the lists, then the pages of the people on them."""
        self._work(plan.at_large(self.options), self._follow_at_large)
        people = plan.choose(self.options, self.options.mep_ids or self._listed())
        per_person = list(plan.pages_of(self.options, 0))
        if not per_person:
            return
        self.people = len(people)
        for request in per_person:
            self.tally.expect(request.endpoint, len(people))
        if "portraits" in self.options.sources and "ep_api" in self.options.sources:
            self.tally.expect(portraits.PORTRAIT, len(people))
        requests = (request for mep_id in people for request in plan.pages_of(self.options, mep_id))
        self._work(requests, self._follow_person, expected=True)
        if self.options.fallback and "ep_profile" not in self.options.sources:
            self._fall_back_to_profiles(people)

    def count_robots(self, hosts: Hosts) -> None:
        """Count what was asked beside the plan."""
        for request, tried in hosts.robots:
            self.tally.expect(ROBOTS)
            counted = replace(request, endpoint=ROBOTS)
            self.tally.add(
                Done(counted, tried.verdict, NOTHING, tried.requests, tried.faults, tried.received)
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
        """Ids of everyone on the lists who is wanted."""
        people = self._read_lists(plan.lists(self.options))
        if self.options.fallback and (
            self._lacks(ep_api.CURRENT) or self._lacks(ep_api.ROSTER) or not people
        ):
            log.warning("the API's lists were not to be had: the public ones stand in for them")
            self.fallback = True
            self.excused |= {ep_api.CURRENT, ep_api.ROSTER}
            people |= self._read_lists(plan.fallback_lists(self.options))
            if self._lacks(ep_full_list.FULL_LIST) and not self.tally.kinds.get(ep_search.SEARCH):
                self.excused.add(ep_full_list.FULL_LIST)
                people |= self._read_lists(plan.searches(self.options))
        return people

    def _read_lists(self, requests: Iterable[Request]) -> set[int]:
        people: set[int] = set()

        def follow(done: Done) -> Iterator[Request]:
            people.update(plan.wanted(self.options, done.request.endpoint, done.links.people))
            return plan.next_page(self.options, done.request, done.links.people)

        self._work(requests, follow)
        return people

    def _follow_at_large(self, done: Done) -> Iterator[Request]:
        if done.request.term is not None and done.links.version is not None:
            yield plan.bulk_csv(done.request.term, done.links.version)

    def _follow_person(self, done: Done) -> Iterator[Request]:
        """The bodies that a person's details name for the first time, and the portrait."""
        mep_id = done.request.mep_id
        if done.request.endpoint is not ep_api.DETAILS or mep_id is None:
            return
        if done.verdict not in GOOD:
            self._without_details.add(mep_id)
        for ref in done.links.bodies:
            if ref not in self._bodies:
                self._bodies.add(ref)
                self.tally.expect(ep_api.BODY)
                yield plan.body(ref)
        if "portraits" not in self.options.sources:
            return
        image = done.links.portrait
        if image is None or plan.is_listed_host(image):
            yield plan.portrait(mep_id)
        else:
            foreign = Verdict.FOREIGN_IMAGE
            self.tally.add(Done(Request(portraits.PORTRAIT, image, mep_id), foreign, faults=(foreign,)))

    def _fall_back_to_profiles(self, people: list[int]) -> None:
        """Profiles of those whose details, or whose bodies' names, were not had."""
        lacking = people if self._lacks(ep_api.BODY, but=Verdict.NOT_FOUND) else sorted(self._without_details)
        if lacking:
            self.fallback = True
            self.excused |= {ep_api.DETAILS, ep_api.BODY}
            self._work((plan.profile(mep_id) for mep_id in lacking), lambda _: ())

    def _lacks(self, kind: Endpoint, *, but: Verdict | None = None) -> bool:
        """Whether pages of a kind were not had, for whatever reason but one."""
        count = self.tally.kinds.get(kind)
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
