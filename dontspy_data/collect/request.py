"""Asking for one page until it is whole or not to be had; each try waits for its turn."""

import logging
import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.exceptions import DecodeError, HTTPError, ProtocolError

from dontspy_data.capture.captures import Page
from dontspy_data.collect.classify import GOOD, WORTH_RETRYING, Verdict, judge
from dontspy_data.collect.options import user_agent
from dontspy_data.collect.throttle import Breaker, Pace
from dontspy_data.sources.endpoints import Endpoint, Form, Request


class Client:
    """Connections, kept open and shared by all threads.

    Redirects are not followed, nothing is retried and no cookie is kept: each is for the caller to decide.
    """

    def __init__(self, via: str | None, connections: int) -> None:
        self._via = via.rstrip("/") if via else None
        self._direct = urllib3.PoolManager(maxsize=connections, timeout=TIMEOUT)
        # Read once: reading the environment costs as much as a request.
        proxies: dict[str, str] = {} if self._via else getproxies()
        self._proxies: dict[str, urllib3.ProxyManager] = {
            scheme: urllib3.ProxyManager(proxies[scheme], maxsize=connections, timeout=TIMEOUT)
            for scheme in ("http", "https")
            if scheme in proxies
        }

    def get(self, url: str, headers: Mapping[str, str]) -> Page:
        """The server's answer for a canonical address, whatever its status.

        Raises:
            TransportFault: no whole answer came.
        """
        parts = urlsplit(url)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        base = self._via or f"{parts.scheme}://{parts.netloc}"
        try:
            return self._get(url, base, target, {"Host": parts.netloc, **headers})
        except (ProtocolError, DecodeError) as error:
            # Closed in the middle of a chunked or compressed body, or before the status line.
            raise TransportFault(Verdict.CUT, str(error)) from error
        except HTTPError as error:
            raise TransportFault(Verdict.UNREACHABLE, str(error)) from error

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._direct.clear()
        for proxy in self._proxies.values():
            proxy.clear()

    def _get(self, url: str, base: str, target: str, headers: Mapping[str, str]) -> Page:
        pool = self._manager(base).connection_from_url(base)
        path = urlsplit(base).path.rstrip("/") + target
        response = pool.urlopen(
            "GET", path, headers=headers, retries=False, redirect=False, assert_same_host=False,
            preload_content=False,
        )  # fmt: skip
        try:
            if int(response.headers.get("Content-Length") or 0) > LARGEST_BODY:
                raise TransportFault(Verdict.TOO_LARGE, f"more than {LARGEST_BODY:,} bytes")
            body = response.read(LARGEST_BODY + 1, decode_content=True)
        except BaseException:
            response.close()
            raise
        if len(body) > LARGEST_BODY:
            response.close()
            raise TransportFault(Verdict.TOO_LARGE, f"more than {LARGEST_BODY:,} bytes")
        response.release_conn()
        return Page(
            url=url,
            status=response.status,
            headers=tuple(response.headers.items()),
            body=body,
            retrieved_at=datetime.now(UTC),
        )

    def _manager(self, base: str) -> urllib3.PoolManager:
        """Connections to a server: direct, or through the proxy that the environment names for it."""
        parts = urlsplit(base)
        proxy = self._proxies.get(parts.scheme)
        return self._direct if proxy is None or proxy_bypass(parts.hostname or "") else proxy


log = logging.getLogger(__name__)

ATTEMPTS = 5
ATTEMPTS_TOO_MANY = 20  # A 429 says when to come again, so it is followed for longer.
LONGEST_WAIT = 900.0  # A run waits so long for a source; one that asks for more is left alone.
LONGEST_REST = 366 * 86_400.0
FIRST_BACKOFF = 1.0
LONGEST_BACKOFF = 60.0
MOST_REDIRECTS = 5
REDIRECTS = frozenset({301, 302, 303, 307, 308})
NO_ANSWER = frozenset({Verdict.STOPPED, Verdict.NOT_ASKED})


@dataclass(frozen=True, slots=True)
class Tried:
    """What all tries for a page came to.

    Attributes:
        page: the last answer; None where none came.
        verdict: of the last answer.
        requests: how many requests left.
        faults: verdicts of the answers that were not good, in order.
        received: bytes of all bodies.
    """

    page: Page | None
    verdict: Verdict
    requests: int
    faults: tuple[Verdict, ...]
    received: int

    def then(self, later: "Tried") -> "Tried":
        """These tries and later ones for the same page together."""
        return replace(
            later,
            requests=self.requests + later.requests,
            faults=(*self.faults, *later.faults),
            received=self.received + later.received,
        )


class Tries:
    """Asks for pages. Shared by all threads."""

    def __init__(self, client: Client, breaker: Breaker, stop: threading.Event, *, ignore_noai: bool) -> None:
        self._client = client
        self._breaker = breaker
        self._stop = stop
        self._ignore_noai = ignore_noai

    def ask(self, request: Request, endpoint: Endpoint, pace: Pace, conditions: Mapping[str, str]) -> Tried:
        """The page, or why it was not to be had."""
        headers = {
            "User-Agent": user_agent(endpoint),
            "Accept": endpoint.accept,
            # A picture is compressed already; asking for it again compressed would only cost the server.
            "Accept-Encoding": "identity" if endpoint.form is Form.JPEG else "gzip",
            **conditions,
        }
        faults: tuple[Verdict, ...] = ()
        requests = received = 0
        while True:
            last = self._request(request, endpoint, pace, headers)
            requests, received = requests + last.requests, received + last.received
            if last.verdict not in GOOD and last.verdict not in NO_ANSWER:
                faults = (*faults, last.verdict)
                log.info("%s: %s (fault %d)", request.url, last.verdict.value, len(faults))
                if until := rest_until(last.page):
                    self._breaker.rest(endpoint, until)
                if self._may_try_again(last, faults) and self._wait(last, pace, len(faults)):
                    continue
            verdict = Verdict.STOPPED if self._stop.is_set() and last.verdict not in GOOD else last.verdict
            return Tried(last.page, verdict, requests, faults, received)

    def _request(self, request: Request, endpoint: Endpoint, pace: Pace, headers: Mapping[str, str]) -> Tried:
        """One try: a request, and those that redirects on the same host lead to; each takes its turn."""
        url, received = request.url, 0
        for number in range(1, MOST_REDIRECTS + 2):
            if not pace.wait():
                return Tried(None, Verdict.STOPPED, number - 1, (), received)
            if not self._breaker.may_ask(request.endpoint):
                # The source has said no to somebody else while this thread waited for its turn.
                return Tried(None, Verdict.NOT_ASKED, number - 1, (), received)
            try:
                page = self._client.get(url, headers)
            except TransportFault as fault:
                return Tried(None, fault.verdict, number, (), received)
            received += len(page.body)
            location = page.header("Location")
            if page.status not in REDIRECTS or not location:
                # The answer is kept under the address that was asked for: the sources know that one.
                page = replace(page, url=request.url)
                verdict = judge(page, endpoint, ignore_noai=self._ignore_noai)
                return Tried(page, verdict, number, (), received)
            url = urljoin(url, location)
            if urlsplit(url).hostname != endpoint.host:
                return Tried(page, Verdict.OTHER_HOST, number, (), received)
            url = urlsplit(url)._replace(scheme="https", fragment="").geturl()
        return Tried(page, Verdict.REDIRECTS, number, (), received)

    @staticmethod
    def _may_try_again(last: Tried, faults: tuple[Verdict, ...]) -> bool:
        most = ATTEMPTS_TOO_MANY if last.verdict is Verdict.TOO_MANY else ATTEMPTS
        return last.verdict in WORTH_RETRYING and len(faults) < most and rest_until(last.page) is None

    def _wait(self, last: Tried, pace: Pace, faults: int) -> bool:
        """Wait before the next try, or make everybody wait where the source asks for it. False on a stop."""
        asked = retry_after(last.page)
        if asked is None and last.verdict is not Verdict.TOO_MANY:
            return not self._stop.wait(_backoff(faults))
        pace.hold(_backoff(faults) if asked is None else asked)
        return not self._stop.is_set()


def _backoff(faults: int) -> float:
    """Seconds before the next try: up to twice as long each time, and never the same for two threads."""
    longest = min(FIRST_BACKOFF * 2.0 ** (faults - 1), LONGEST_BACKOFF)
    return random.uniform(longest / 2, longest)  # noqa: S311 -- spreads load, keeps no secret


def retry_after(page: Page | None) -> float | None:
    """Seconds that an answer asks to wait; None where it does not ask (RFC 9110, section 10.2.3)."""
    value = page.header("Retry-After").strip() if page else ""
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (moment.astimezone(UTC) - datetime.now(UTC)).total_seconds())


def rest_until(page: Page | None) -> datetime | None:
    """The moment, UTC, until which an answer asks for a rest; None where it asks for none that a run cannot wait."""
    asked = retry_after(page) or 0.0
    return datetime.now(UTC) + timedelta(seconds=min(asked, LONGEST_REST)) if asked > LONGEST_WAIT else None


LARGEST_BODY = 1 << 26
TIMEOUT = urllib3.Timeout(connect=15.0, read=180.0)  # The API has been seen to take 90 seconds.


class TransportFault(Exception):  # noqa: N818 -- a fault in the project's words, see Verdict
    """No whole answer came.

    Attributes:
        verdict: which fault it was.
    """

    def __init__(self, verdict: Verdict, detail: str) -> None:
        super().__init__(detail)
        self.verdict = verdict
