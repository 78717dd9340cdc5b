"""One page from asking to keeping. This runs in many threads; what they share is locked where it lives."""

from dataclasses import dataclass

from dontspy_data.capture.captures import Entry, Page
from dontspy_data.capture.store import Store
from dontspy_data.collect.classify import GOOD, Verdict
from dontspy_data.collect.hosts import Hosts
from dontspy_data.collect.previous import Earlier, Known
from dontspy_data.collect.request import Tried, Tries
from dontspy_data.collect.throttle import Breaker
from dontspy_data.sources import SOURCE_OF
from dontspy_data.sources.endpoints import Request
from dontspy_data.sources.source import NO_LINKS, Links


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one page.

    Attributes:
        request: what was asked for.
        verdict: of the last answer.
        links: what the kept answer points to.
        requests: how many requests left.
        faults: verdicts of the answers that were not good, in order.
        received: bytes of all bodies.
        held: whether an interrupted run had it already, so that nothing was asked.
        new: whether it says something that the earlier runs did not.
    """

    request: Request
    verdict: Verdict
    links: Links = NO_LINKS
    requests: int = 0
    faults: tuple[Verdict, ...] = ()
    received: int = 0
    held: bool = False
    new: bool = False


class Fetcher:
    """Fetches pages for one run and keeps them in its store."""

    def __init__(self, tries: Tries, hosts: Hosts, store: Store, earlier: Earlier, breaker: Breaker) -> None:
        self._tries = tries
        self._hosts = hosts
        self._store = store
        self._earlier = earlier
        self._breaker = breaker

    def fetch(self, request: Request) -> Done:
        """Ask for a page, unless it is held already or its source is to be left alone, and keep it.

        Raises:
            DontspyError: it could not be written.
        """
        if entries := self._store.held.entries(request.url):
            return self._held(request, entries[-1])
        rules = self._hosts.rules(request.endpoint.host)
        if rules is None:
            return Done(request, Verdict.STOPPED)
        if not self._breaker.may_ask(request.endpoint):
            return Done(request, Verdict.NOT_ASKED)
        if not rules.allow(request.url):
            verdict = Verdict.ROBOTS if rules.answered else Verdict.UNREACHABLE
            self._breaker.note(request.endpoint, verdict)
            return Done(request, verdict, faults=(verdict,))
        known = self._earlier.known(request.url)
        # An unchanged page that leads to others is of use only where its body can be read here.
        conditions = known.conditions() if known and (known.has_body or request.endpoint.leaf) else {}
        pace = self._hosts.pace(request.endpoint)
        tried = self._tries.ask(request, request.endpoint, pace, conditions)
        if tried.verdict is Verdict.UNCHANGED and self._earlier.left_out(request.url):
            # A 304 need not repeat the mark (RFC 9110, section 15.4.5): only a whole answer says that it is gone.
            tried = tried.then(self._tries.ask(request, request.endpoint, pace, {}))
        self._breaker.note(request.endpoint, tried.verdict)
        return self._keep(request, tried, known)

    def _keep(self, request: Request, tried: Tried, known: Known | None) -> Done:
        page, standing, new = tried.page, tried.page, False
        if page is not None and tried.verdict is Verdict.UNCHANGED and known is not None:
            self._store.add_revisit(page, known.retrieved_at)
            standing = None if request.endpoint.leaf else self._earlier.page(request.url)
        elif page is not None and tried.verdict in GOOD:
            self._store.add(page)
            new = self._is_new(page, known)
        elif page is not None and tried.verdict is Verdict.NOAI:
            self._store.add_remark(page, f"X-Robots-Tag: {page.header('X-Robots-Tag')}")
            new = not self._earlier.left_out(request.url)
        links = links_of(request, standing) if standing and tried.verdict in GOOD else NO_LINKS
        return Done(request, tried.verdict, links, tried.requests, tried.faults, tried.received, new=new)

    def _held(self, request: Request, entry: Entry) -> Done:
        """A page that the interrupted run received: only what it says is read again."""
        if entry.revisits is not None:
            standing = None if request.endpoint.leaf else self._earlier.page(request.url)
            verdict, new = Verdict.UNCHANGED, False
        else:
            standing = self._store.held.page(entry)
            verdict = Verdict.ABSENT if entry.status == 404 else Verdict.WHOLE
            new = self._is_new(standing, self._earlier.known(request.url))
        links = links_of(request, standing) if standing else NO_LINKS
        return Done(request, verdict, links, held=True, new=new)

    def _is_new(self, page: Page, known: Known | None) -> bool:
        return known is None or known.sha256 != page.sha256 or self._earlier.left_out(page.url)


def links_of(request: Request, page: Page) -> Links:
    """Return what a good answer leads to, as its source says; nothing if it has no body or is a leaf."""
    if request.endpoint.leaf or not page.body:
        return NO_LINKS
    return SOURCE_OF[request.endpoint].links(request, page)
