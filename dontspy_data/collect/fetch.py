"""Requesting one page until it is whole or cannot be fetched; each attempt waits for its turn.

Here, too, is what the threads of a run share about each host: its robots.txt, and the rate of each of its endpoints.
"""

import logging
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from protego import Protego

from dontspy_data.capture.captures import Page
from dontspy_data.collect.classify import GOOD, WORTH_RETRYING, Classification, ResponseKind, classify
from dontspy_data.collect.client import (
    LONGEST_REST,
    Client,
    TransportFault,
    host_of,
    redirect_target,
    retry_after,
)
from dontspy_data.collect.plan import Rates, rate_of, user_agent
from dontspy_data.collect.throttle import LONGEST_INTERVAL, CircuitBreaker, RateLimiter, Timetable
from dontspy_data.sources.source import AGENT, ROBOTS, ROBOTS_TXT, Endpoint, Form, Request

log = logging.getLogger(__name__)

ATTEMPTS = 5
ATTEMPTS_TOO_MANY = 20  # A 429 says when to try again, so it is followed for longer.
LONGEST_WAIT = (
    900.0  # A run waits at most this long for a source; a source that asks for more is not asked again.
)
FIRST_BACKOFF = 1.0
LONGEST_BACKOFF = 60.0
MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
LARGEST_RULES = 500 * 1024
"""Bytes of a robots.txt that are read (RFC 9309, section 2.5)."""

STOPPED = Classification(ResponseKind.STOPPED)
NOT_ASKED = Classification(ResponseKind.NOT_ASKED)
NO_ANSWER = frozenset({ResponseKind.STOPPED, ResponseKind.NOT_ASKED})


@dataclass(frozen=True, slots=True)
class Attempts:
    """The result of all attempts for a page.

    Attributes:
        page: the last answer; None if none came.
        found: what the last answer is.
        requests: number of requests sent.
        faults: the answers that were not good, in order.
        received: bytes of all bodies.
    """

    page: Page | None
    found: Classification
    requests: int = 0
    faults: tuple[Classification, ...] = ()
    received: int = 0

    def then(self, later: "Attempts") -> "Attempts":
        """Return these attempts combined with later ones for the same page."""
        return replace(
            later,
            requests=self.requests + later.requests,
            faults=(*self.faults, *later.faults),
            received=self.received + later.received,
        )


@dataclass(frozen=True)
class Fetcher:
    """Ask for pages. Shared by all threads.

    Attributes:
        client: makes each request.
        breaker: decides which endpoints are still asked.
        stop: ends every wait when it is set.
        ignore_noai: whether a portrait marked as not for AI is as good as another.
        retries: whether a page is requested again after a temporary fault.
        contact: mail or web address of whoever asks; empty for the project's.
    """

    client: Client
    breaker: CircuitBreaker
    stop: threading.Event
    ignore_noai: bool
    retries: bool = True
    contact: str = ""

    def fetch(
        self,
        request: Request,
        limiter: RateLimiter,
        conditions: Mapping[str, str],
        allows: Callable[[str], bool] = lambda _: True,
    ) -> Attempts:
        """Return the page, or why it could not be fetched.

        Args:
            request: what to ask for.
            limiter: decides when each request may be sent.
            conditions: request headers that make the request conditional.
            allows: whether the host's rules allow an address that a redirect leads to.
        """
        endpoint = request.endpoint
        headers = {
            "User-Agent": user_agent(endpoint, self.contact),
            **({"From": self.contact} if "@" in self.contact else {}),  # RFC 9110, section 10.1.2
            "Accept": endpoint.accept,
            # A picture is compressed already; asking for it again compressed would only cost the server.
            "Accept-Encoding": "identity" if endpoint.form is Form.JPEG else "gzip",
            **conditions,
        }
        done = Attempts(None, STOPPED)
        while True:
            last = self._attempt(request, limiter, headers, allows)
            if last.found.kind not in GOOD and last.found.kind not in NO_ANSWER:
                last = replace(last, faults=(last.found,))
                log.info("%s: %s (fault %d)", request.url, last.found, len(done.faults) + 1)
                if until := rest_until(last.page):
                    self.breaker.rest(endpoint, str(last.found), until)
            done = done.then(last)
            if not self.retries or not self._may_try_again(done) or not self._wait(done, limiter):
                break
        stopped = self.stop.is_set() and done.found.kind not in GOOD
        return replace(done, found=STOPPED) if stopped else done

    def _attempt(
        self,
        request: Request,
        limiter: RateLimiter,
        headers: Mapping[str, str],
        allows: Callable[[str], bool],
    ) -> Attempts:
        """Return the answer to one request, redirects followed; each request waits for its turn."""
        done = Attempts(None, STOPPED)
        url = request.url
        for _ in range(MOST_REDIRECTS + 1):
            if not limiter.wait():
                return replace(done, found=STOPPED)
            if not self.breaker.allows(request.endpoint):
                # The source has refused another thread while this one waited for its turn.
                return replace(done, found=NOT_ASKED)
            step = self._answer(request, url, headers)
            done = done.then(step)
            if step.page is None or step.page.status not in REDIRECTS or not step.page.header("Location"):
                return done
            target = redirect_target(step.page, url)
            if problem := _redirect_problem(target, request.endpoint, allows):
                return replace(done, found=problem)
            url = str(target)
        return replace(
            done, found=Classification(ResponseKind.REDIRECTS, f"more than {MOST_REDIRECTS} redirects")
        )

    def _answer(self, request: Request, url: str, headers: Mapping[str, str]) -> Attempts:
        endpoint = request.endpoint
        keep = LARGEST_RULES if endpoint.path == ROBOTS_TXT else None
        try:
            page = self.client.get(url, headers, keep=keep)
        except TransportFault as fault:
            return Attempts(None, fault.found, 1)
        # The answer is kept under the requested address, which is the one that the sources know.
        page = replace(page, url=request.url, redirected_to=url if url != request.url else "")
        conditional = "If-None-Match" in headers or "If-Modified-Since" in headers
        found = classify(page, endpoint, conditional=conditional, ignore_noai=self.ignore_noai)
        return Attempts(page, found, 1, (), len(page.body))

    @staticmethod
    def _may_try_again(done: Attempts) -> bool:
        most = ATTEMPTS_TOO_MANY if done.found.kind is ResponseKind.TOO_MANY else ATTEMPTS
        worth = done.found.kind in WORTH_RETRYING and len(done.faults) < most
        return worth and rest_until(done.page) is None

    def _wait(self, done: Attempts, limiter: RateLimiter) -> bool:
        """Wait before the next attempt, or make every thread wait if the source asks for it. False on a stop."""
        asked = retry_after(done.page)
        backoff = _backoff(len(done.faults))
        if asked is None and done.found.kind is not ResponseKind.TOO_MANY:
            return not self.stop.wait(backoff)
        limiter.hold(backoff if asked is None else asked)
        return not self.stop.is_set()


def _redirect_problem(
    target: str | None, endpoint: Endpoint, allows: Callable[[str], bool]
) -> Classification | None:
    """Return why a redirect is not followed; None if it is. That of a robots.txt may lead to other hosts."""
    if target is None:
        return Classification(ResponseKind.MALFORMED, "redirected to something that is not an address")
    if endpoint.path == ROBOTS_TXT:
        return None
    if host_of(target) != endpoint.host:
        return Classification(ResponseKind.OTHER_HOST, f"redirected to {host_of(target)}")
    return None if allows(target) else Classification(ResponseKind.ROBOTS, f"robots.txt disallows {target}")


def _backoff(faults: int) -> float:
    """Return the seconds before the next attempt: up to twice as many each time, at random so that threads spread."""
    longest = min(FIRST_BACKOFF * 2.0 ** (faults - 1), LONGEST_BACKOFF)
    return random.uniform(longest / 2, longest)  # noqa: S311 -- spreads load, keeps no secret


def rest_until(page: Page | None) -> datetime | None:
    """Return until when, UTC, an answer asks for a longer rest than a run waits; None if it does not."""
    asked = retry_after(page) or 0.0
    return datetime.now(UTC) + timedelta(seconds=min(asked, LONGEST_REST)) if asked > LONGEST_WAIT else None


NO_RULES = frozenset(
    {ResponseKind.ABSENT, ResponseKind.NOT_FOUND, ResponseKind.FORBIDDEN, ResponseKind.UNEXPECTED}
)


class RobotsRules:
    """Hold one host's rules for this project.

    Attributes:
        unread: why they could not be read, so that nothing may be requested; None if they were read.
    """

    def __init__(self, text: str, unread: Classification | None = None) -> None:
        self._parsed = Protego.parse(text)
        self.unread = unread

    def problem(self, url: str) -> Classification | None:
        """Return why an address may not be requested; None if it may."""
        if self.unread:
            return replace(self.unread, reason=f"robots.txt could not be read: {self.unread}")
        if not self.interval <= LONGEST_INTERVAL:
            return Classification(
                ResponseKind.ROBOTS, "robots.txt asks for more time between two requests than a run lasts"
            )
        return None if self.allows(url) else Classification(ResponseKind.ROBOTS, "robots.txt disallows it")

    def allows(self, url: str) -> bool:
        """Return whether the rules allow an address."""
        return bool(self._parsed.can_fetch(url, AGENT))

    @property
    def interval(self) -> float:
        """Return the seconds that the host asks for between two requests; 0 if it does not say."""
        delay = self._parsed.crawl_delay(AGENT) or 0.0
        rate = self._parsed.request_rate(AGENT)
        return max(delay, rate.seconds / rate.requests if rate else 0.0)


@dataclass
class Host:
    """Hold what is known about one host.

    Attributes:
        rules: its robots.txt; None until it is fetched.
        limiters: when requests may be sent, by the path of the endpoint.
        lock: for everything above.
    """

    rules: RobotsRules | None = None
    limiters: dict[str, RateLimiter] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Hosts:
    """Hold all hosts of a run. Shared by all threads.

    Attributes:
        robots: results of fetching each robots.txt.
    """

    def __init__(self, fetcher: Fetcher, rates: Rates, stop: threading.Event) -> None:
        self.robots: list[tuple[Request, Attempts]] = []
        self._fetcher = fetcher
        self._rates = rates
        self._stop = stop
        self._hosts: dict[str, Host] = {}
        self._lock = threading.Lock()

    def rules(self, name: str) -> RobotsRules | None:
        """Return the host's rules, fetched once; None if the run is stopping."""
        host = self._host(name)
        with host.lock:
            if host.rules is None:
                host.rules = self._fetch_rules(name)
            return host.rules

    def limiter(self, endpoint: Endpoint) -> RateLimiter:
        """Return the limiter of an endpoint: at the rate that is set, or slower if the rules say so."""
        per_second = rate_of(endpoint, self._rates)
        host = self._host(endpoint.host)
        with host.lock:
            if endpoint.path not in host.limiters:
                wished = host.rules.interval if host.rules else 0.0
                interval = max(1 / per_second if per_second else 0.0, wished)
                host.limiters[endpoint.path] = RateLimiter(Timetable(interval), self._stop)
            return host.limiters[endpoint.path]

    def _host(self, name: str) -> Host:
        with self._lock:
            return self._hosts.setdefault(name, Host())

    def _fetch_rules(self, name: str) -> RobotsRules | None:
        request = Request(replace(ROBOTS, host=name), f"https://{name}/robots.txt")
        attempts = self._fetcher.fetch(request, RateLimiter(Timetable(0.0), self._stop), {})
        if attempts.found.kind is ResponseKind.STOPPED:
            return None
        self.robots.append((request, attempts))
        return read_rules(attempts)


def read_rules(attempts: Attempts) -> RobotsRules:
    """Return the rules in an answer for `/robots.txt`.

    A host that has none (4xx) allows everything. One whose answer cannot be read allows nothing until it can: a
    server that is down, a challenge, a web page, an answer that is cut off (RFC 9309, sections 2.3.1.2 to 2.3.1.4).
    """
    page, found = attempts.page, attempts.found
    if page is not None and found.kind is ResponseKind.WHOLE:
        body = page.body
        if len(body) >= LARGEST_RULES:  # the rest was not read, so its first, incomplete line is dropped
            body = body.rpartition(b"\n")[0]
        return RobotsRules(body.decode("utf-8-sig", errors="replace"))
    if page is not None and found.kind in NO_RULES and 400 <= page.status < 500:
        return RobotsRules("")
    return RobotsRules("", unread=found)
