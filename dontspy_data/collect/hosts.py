"""What the threads of a run share about each host: its rules, and the rate of each of its endpoints."""

import threading
from dataclasses import dataclass, field, replace

from protego import Protego

from dontspy_data.collect.classify import Classification, ResponseKind
from dontspy_data.collect.fetch import LARGEST_RULES, Attempts, Fetcher
from dontspy_data.collect.options import Rates, rate_of
from dontspy_data.collect.throttle import LONGEST_INTERVAL, RateLimiter, Timetable
from dontspy_data.sources.endpoints import ROBOTS, Endpoint, Request
from dontspy_data.sources.robots_tag import AGENT

NO_RULES = frozenset(
    {ResponseKind.ABSENT, ResponseKind.NOT_FOUND, ResponseKind.FORBIDDEN, ResponseKind.UNEXPECTED}
)


class RobotsRules:
    """Hold one host's rules for this project.

    Attributes:
        unread: why they could not be read, so that nothing may be asked for; None if they could.
    """

    def __init__(self, text: str, unread: Classification | None = None) -> None:
        self._parsed = Protego.parse(text)
        self.unread = unread

    def problem(self, url: str) -> Classification | None:
        """Return why an address may not be asked for; None if it may."""
        if self.unread:
            return replace(self.unread, reason=f"robots.txt could not be read: {self.unread}")
        if not self.interval <= LONGEST_INTERVAL:
            return Classification(
                ResponseKind.ROBOTS, "robots.txt wants longer between two requests than a run lasts"
            )
        return None if self.allows(url) else Classification(ResponseKind.ROBOTS, "robots.txt disallows it")

    def allows(self, url: str) -> bool:
        """Return whether the rules allow an address."""
        return bool(self._parsed.can_fetch(url, AGENT))

    @property
    def interval(self) -> float:
        """Return the seconds that the host wants between two requests; 0 where it says nothing."""
        delay = self._parsed.crawl_delay(AGENT) or 0.0
        rate = self._parsed.request_rate(AGENT)
        return max(delay, rate.seconds / rate.requests if rate else 0.0)


@dataclass
class Host:
    """Hold what is known of one host.

    Attributes:
        rules: its robots.txt; None until somebody has asked for it.
        limiters: when requests may leave, by the path of the endpoint.
        lock: for everything above.
    """

    rules: RobotsRules | None = None
    limiters: dict[str, RateLimiter] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Hosts:
    """Hold all hosts of a run. Shared by all threads.

    Attributes:
        robots: what asking for each robots.txt came to.
    """

    def __init__(self, fetcher: Fetcher, rates: Rates, stop: threading.Event) -> None:
        self.robots: list[tuple[Request, Attempts]] = []
        self._fetcher = fetcher
        self._rates = rates
        self._stop = stop
        self._hosts: dict[str, Host] = {}
        self._lock = threading.Lock()

    def rules(self, name: str) -> RobotsRules | None:
        """Return the host's rules, asked for once; None if the run is stopping."""
        host = self._host(name)
        with host.lock:
            if host.rules is None:
                host.rules = self._fetch_rules(name)
            return host.rules

    def limiter(self, endpoint: Endpoint) -> RateLimiter:
        """Return what spaces an endpoint's requests: at the rate that is set, or slower if the rules say so."""
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
    server that is down, a challenge, a web page, an answer that is cut (RFC 9309, sections 2.3.1.2 to 2.3.1.4).
    """
    page, found = attempts.page, attempts.found
    if page is not None and found.kind is ResponseKind.WHOLE:
        body = page.body
        if len(body) >= LARGEST_RULES:  # the rest was not read, nor is the line that it begins in
            body = body.rpartition(b"\n")[0]
        return RobotsRules(body.decode("utf-8-sig", errors="replace"))
    if page is not None and found.kind in NO_RULES and 400 <= page.status < 500:
        return RobotsRules("")
    return RobotsRules("", unread=found)
