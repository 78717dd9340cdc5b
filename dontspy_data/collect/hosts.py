"""What the threads of a run share about each host: its rules, and the pace of each of its endpoints."""

import threading
from dataclasses import dataclass, field, replace

from protego import Protego

from dontspy_data.capture.captures import Page
from dontspy_data.collect.classify import DOWN, Verdict
from dontspy_data.collect.options import Rates, rate_of
from dontspy_data.collect.request import Tried, Tries
from dontspy_data.collect.throttle import Pace, Turns
from dontspy_data.sources.endpoints import ROBOTS, Endpoint, Request
from dontspy_data.sources.portraits import AGENT


class Rules:
    """One host's rules for this project.

    Attributes:
        answered: whether the host could say what they are.
    """

    def __init__(self, text: str, *, answered: bool) -> None:
        self.answered = answered
        self._parsed = Protego.parse(text)

    def allow(self, url: str) -> bool:
        """Whether an address may be asked for."""
        return bool(self._parsed.can_fetch(url, AGENT))

    @property
    def interval(self) -> float:
        """Seconds that the host wants between two requests; 0 where it says nothing."""
        delay = float(self._parsed.crawl_delay(AGENT) or 0)
        rate = self._parsed.request_rate(AGENT)
        return max(delay, rate.seconds / rate.requests if rate else 0.0)


@dataclass
class Host:
    """What is known of one host.

    Attributes:
        rules: its robots.txt; None until somebody has asked for it.
        paces: when requests may leave, by endpoint.
        lock: for everything above.
    """

    rules: Rules | None = None
    paces: dict[str, Pace] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


class Hosts:
    """All hosts of a run. Shared by all threads.

    Attributes:
        robots: what asking for each robots.txt came to.
    """

    def __init__(self, tries: Tries, rates: Rates, stop: threading.Event) -> None:
        self.robots: list[tuple[Request, Tried]] = []
        self._tries = tries
        self._rates = rates
        self._stop = stop
        self._hosts: dict[str, Host] = {}
        self._lock = threading.Lock()

    def rules(self, name: str) -> Rules | None:
        """The host's rules, asked for once; None where the run is stopping."""
        host = self._host(name)
        with host.lock:
            if host.rules is None:
                host.rules = self._ask_for_rules(name)
            return host.rules

    def pace(self, endpoint: Endpoint) -> Pace:
        """When requests to an endpoint may leave: at the rate that is set, or slower if the rules say so."""
        per_second = rate_of(endpoint, self._rates)
        host = self._host(endpoint.host)
        with host.lock:
            if endpoint.path not in host.paces:
                wished = host.rules.interval if host.rules else 0.0
                interval = max(1 / per_second if per_second else 0.0, wished)
                host.paces[endpoint.path] = Pace(Turns(interval), self._stop)
            return host.paces[endpoint.path]

    def _host(self, name: str) -> Host:
        with self._lock:
            return self._hosts.setdefault(name, Host())

    def _ask_for_rules(self, name: str) -> Rules | None:
        endpoint = replace(ROBOTS, host=name)
        request = Request(endpoint, f"https://{name}/robots.txt")
        tried = self._tries.ask(request, endpoint, Pace(Turns(0.0), self._stop), {})
        if tried.verdict is Verdict.STOPPED:
            return None
        self.robots.append((request, tried))
        answered = tried.verdict not in DOWN and tried.verdict is not Verdict.TOO_MANY
        return read_rules(tried.page if answered else None)


def read_rules(page: Page | None) -> Rules:
    """The rules in an answer for `/robots.txt`.

    A host that has none (4xx) or answers with a web page allows everything, whatever type it gives its answer; one
    that cannot answer (None) allows nothing, until it can (RFC 9309, sections 2.3.1.3 and 2.3.1.4).
    """
    if page is None:
        return Rules("User-agent: *\nDisallow: /\n", answered=False)
    text = page.body.decode("utf-8-sig", errors="replace")
    if page.status != 200 or text.lstrip().startswith("<"):
        return Rules("", answered=True)
    return Rules(text, answered=True)
