"""One page from asking to keeping. This runs in many threads; what they share is locked where it lives."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from dontspy_data.capture.captures import Page
from dontspy_data.capture.store import Store
from dontspy_data.collect.classify import ANSWERED, GOOD, Classification, ResponseKind, classify
from dontspy_data.collect.fetch import NOT_ASKED, STOPPED, Attempts, Fetcher, Hosts
from dontspy_data.collect.previous import PreviousCrawl, Validators
from dontspy_data.collect.throttle import CircuitBreaker
from dontspy_data.sources import SOURCE_OF
from dontspy_data.sources.findings import FOREIGN
from dontspy_data.sources.portraits import reserved_by
from dontspy_data.sources.source import NO_LINKS, Links, Request


@dataclass(frozen=True, slots=True)
class PageResult:
    """What became of one page.

    Attributes:
        request: what was asked for.
        attempts: what asking for it came to, without the page's body.
        links: what the kept answer points to.
        held: whether an interrupted run had it already, so that nothing was asked.
        new: whether it says something that the earlier runs did not.
    """

    request: Request
    attempts: Attempts
    links: Links = NO_LINKS
    held: bool = False
    new: bool = False

    @property
    def found(self) -> Classification:
        """What the last answer is."""
        return self.attempts.found


class PageCollector:
    """Fetch pages for one run and keep them in its store.

    Attributes:
        outdated: how many lists of an interrupted run were asked for again because they were too old.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        hosts: Hosts,
        store: Store,
        previous: PreviousCrawl,
        breaker: CircuitBreaker,
        *,
        resume_hours: float,
    ) -> None:
        self._fetcher = fetcher
        self._hosts = hosts
        self._store = store
        self._previous = previous
        self._breaker = breaker
        self.outdated = 0
        self._lists_since = datetime.now(UTC) - timedelta(hours=resume_hours)

    def collect(self, request: Request) -> PageResult:
        """Ask for a page, unless it is held already or its source is to be left alone, and keep it.

        Raises:
            DontspyError: it could not be written.
        """
        if held := self._held(request):
            return held
        endpoint = request.endpoint
        rules = self._hosts.rules(endpoint.host)
        if rules is None:
            return PageResult(request, Attempts(None, STOPPED))
        if not self._breaker.allows(endpoint):
            return PageResult(request, Attempts(None, NOT_ASKED))
        if problem := rules.problem(request.url):
            self._breaker.record(endpoint, problem)
            return PageResult(request, Attempts(None, problem, faults=(problem,)))
        known = self._previous.validators(request.url)
        # An unchanged page that leads to others is of use only where its body can be read here.
        conditions = known.conditions() if known and (known.has_body or endpoint.leaf) else {}
        limiter = self._hosts.limiter(endpoint)
        attempts = self._fetcher.fetch(request, limiter, conditions, rules.allows)
        if attempts.found.kind is ResponseKind.UNCHANGED and self._says_too_little(request, known, attempts):
            attempts = attempts.then(self._fetcher.fetch(request, limiter, {}, rules.allows))
        self._breaker.record(endpoint, attempts.found)
        return self._keep(request, attempts, known)

    def _says_too_little(self, request: Request, known: Validators | None, attempts: Attempts) -> bool:
        """Return whether a 304 is about another answer, or cannot tell that a mark is gone.

        It need not repeat the mark (RFC 9110, section 15.4.5): only a whole answer says that it is gone.
        """
        is_another = known is None or attempts.page is None or not known.confirmed_by(attempts.page)
        return is_another or self._previous.left_out(request.url)

    def _keep(self, request: Request, attempts: Attempts, known: Validators | None) -> PageResult:
        page, found = attempts.page, attempts.found
        links, new = NO_LINKS, False
        if page is not None and found.kind in GOOD:
            unchanged = found.kind is ResponseKind.UNCHANGED
            standing = self._standing(request) if unchanged else page
            links, problem = links_of(standing, request)
            if problem:
                attempts = attempts.then(Attempts(page, problem, faults=(problem,)))
            elif unchanged and known is not None:
                self._store.add_revisit(page, known.retrieved_at)
            else:
                self._store.add(page)
                new = self._is_new(page, known)
        elif page is not None and found.kind is ResponseKind.NOAI:
            self._store.add_remark(page, reserved_by(page))
            new = not self._previous.left_out(request.url)
        return PageResult(request, replace(attempts, page=None), links, new=new)

    def _standing(self, request: Request) -> Page | None:
        """Return the answer that still stands, where something is asked for because of what it says."""
        return None if request.endpoint.leaf else self._previous.page(request.url)

    def _held(self, request: Request) -> PageResult | None:
        """Return a page that the interrupted run received, to be read again; None if it must be asked for."""
        entries = self._store.held.entries(request.url)
        if not entries:
            return None
        if request.endpoint.lists_people and entries[-1].retrieved_at < self._lists_since:
            self.outdated += 1
            return None
        if entries[-1].revisits is not None:
            standing, found, new = self._standing(request), Classification(ResponseKind.UNCHANGED), False
        else:
            standing = self._store.held.page(entries[-1])
            found = classify(standing, request.endpoint, ignore_noai=True)
            new = self._is_new(standing, self._previous.validators(request.url))
        links, problem = links_of(standing, request)
        if problem or found.kind not in ANSWERED:
            return None
        return PageResult(request, Attempts(None, found), links, held=True, new=new)

    def _is_new(self, page: Page, known: Validators | None) -> bool:
        return known is None or known.sha256 != page.sha256 or self._previous.left_out(page.url)


def links_of(page: Page | None, request: Request) -> tuple[Links, Classification | None]:
    """Return what a page leads to, as its source says, and why it cannot be read; None if it can."""
    if page is None or not page.body or request.endpoint.leaf:
        return NO_LINKS, None
    try:
        return SOURCE_OF[request.endpoint].links(request, page), None
    except FOREIGN as error:
        why = f"cannot be read ({type(error).__name__}: {str(error)[:80]})"
        return NO_LINKS, Classification(ResponseKind.MALFORMED, why)
