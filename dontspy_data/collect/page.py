"""One page, from request to capture, using what earlier runs received: validators, and answers that may still hold.

Requests run in many threads; each shared object has its own lock.

Conditional requests: RFC 9110, section 13; https://www.rfc-editor.org/rfc/rfc9110#section-13
"""

import csv
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from dontspy_data.capture.captures import Captures, Page
from dontspy_data.capture.records import remark_record, response_record, revisit_record
from dontspy_data.capture.store import Store
from dontspy_data.collect.classify import ANSWERED, GOOD, Classification, ResponseKind, classify
from dontspy_data.collect.client import http_date
from dontspy_data.collect.fetch import NOT_ASKED, STOPPED, Attempts, Fetcher, Hosts
from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.sources import SOURCE_OF, address_of
from dontspy_data.sources.findings import FOREIGN
from dontspy_data.sources.portraits import reserved_by
from dontspy_data.sources.source import NO_LINKS, Links, Request

PAGES_TABLE = Path("data", "pages.csv")
PORTRAITS_TABLE = Path("data", "portraits.csv")
MANDATES_TABLE = Path("data", "mandates.csv")
DIGEST = re.compile(r"[0-9a-f]{64}")
NUMBER = re.compile(r"[0-9]{1,9}")
SHOWN = 60
ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"')


@dataclass(frozen=True, slots=True)
class Validators:
    """What is known about the current answer for a URL.

    Attributes:
        retrieved_at: when it was received or last confirmed, UTC.
        etag: its ETag; empty if it had no valid one.
        last_modified: its Last-Modified; likewise.
        sha256: of its body, 64 hexadecimal digits.
        has_body: whether its body can be read here.
    """

    retrieved_at: datetime
    etag: str
    last_modified: str
    sha256: str
    has_body: bool

    def conditions(self) -> dict[str, str]:
        """Return request headers that ask for the page only if it has changed; empty without a validator."""
        found = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in found.items() if value}

    def confirmed_by(self, page: Page) -> bool:
        """Return whether a 304 is about this answer, by its ETag (RFC 9111, 4.3.4)."""
        tags = {tag.removeprefix("W/") for tag in page.values("ETag")}
        return not tags or not self.etag or tags == {self.etag.removeprefix("W/")}


@dataclass(frozen=True)
class PreviousCrawl:
    """Hold earlier captures, and what packages' tables say about earlier pages.

    Attributes:
        captures: earlier ones.
        rows: rows of packages' tables of pages, by address.
        reserved: addresses of portraits that packages lack because they are marked `noai`.
        sitting: numbers of sitting Members in the packages.
    """

    captures: Captures
    rows: Mapping[str, Validators]
    reserved: Collection[str]
    sitting: Collection[int]

    @classmethod
    def open(cls, paths: Sequence[Path]) -> "PreviousCrawl":
        """Open captures and packages.

        Raises:
            UsageError: a path is neither a capture nor a package.
            CaptureError: a capture is damaged.
        """
        rows: dict[str, Validators] = {}
        reserved: set[str] = set()
        sitting: set[int] = set()
        for path in paths:
            if path.is_dir():
                rows.update(_package_rows(path))
                reserved.update(_package_left_out(path))
                sitting.update(_package_sitting(path))
        captures = Captures.open([path for path in paths if not path.is_dir()], address_of)
        return cls(captures, rows, reserved, sitting)

    def validators(self, url: str) -> Validators | None:
        """Return what is known about the latest answer for a URL; None if there is none."""
        entries = self.captures.entries(url)
        if not entries:
            return self.rows.get(url)
        latest = entries[-1]
        held = self.captures.original(latest) is not None
        headers = Page(url, latest.status, self.captures.headers(latest), b"", latest.retrieved_at)
        return Validators(
            retrieved_at=latest.retrieved_at,
            etag=_etag(headers.values("ETag")),
            last_modified=_last_modified(headers.values("Last-Modified")),
            sha256=self.captures.page(latest).sha256 if held else "",
            has_body=held,
        )

    def left_out(self, url: str) -> bool:
        """Return whether the latest answer for a URL was reserved against use by AI and left out."""
        entries, remarks = self.captures.entries(url), self.captures.remarks(url)
        if entries and remarks:
            return entries[-1].retrieved_at < remarks[-1].retrieved_at
        return bool(remarks) or (not entries and url in self.reserved)

    def page(self, url: str) -> Page | None:
        """Return the latest answer for a URL with its body; None if it is not held here."""
        return self.captures.latest(url)


def _etag(values: Sequence[str]) -> str:
    """Return the ETag of an answer; empty if it is invalid or there are several."""
    return values[0] if len(set(values)) == 1 and ETAG.fullmatch(values[0]) else ""


def _last_modified(values: Sequence[str]) -> str:
    return values[0] if len(set(values)) == 1 and values[0].isascii() and http_date(values[0]) else ""


def _package_rows(package: Path) -> dict[str, Validators]:
    table = package / PAGES_TABLE
    if not table.is_file():
        raise UsageError(
            f"{package} is not a package: there is no {PAGES_TABLE}",
            hint="Give a package's folder, or a capture.",
        )
    latest: dict[str, Validators] = {}
    for row, place in _csv_rows(table, ("url", "retrieved_at", "etag", "last_modified", "sha256")):
        if row["sha256"] and not DIGEST.fullmatch(row["sha256"]):
            raise _damaged(place, f"{row['sha256'][:SHOWN]!r} is not a SHA-256")
        known = Validators(
            retrieved_at=_moment(row["retrieved_at"], place),
            etag=_etag([row["etag"]]),
            last_modified=_last_modified([row["last_modified"]]),
            sha256=row["sha256"],
            has_body=False,
        )
        if row["url"] not in latest or latest[row["url"]].retrieved_at < known.retrieved_at:
            latest[row["url"]] = known
    return latest


def _csv_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[dict[str, str], str]]:
    """Yield each row of a package's CSV file that must have certain columns, and its place; nothing without a file.

    Raises:
        DontspyError: it is not such a file.
    """
    if not path.is_file():
        return
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream, strict=True)
        try:
            missing = set(columns) - set(reader.fieldnames or ())
            if missing:
                raise _damaged(str(path), f"it has no column {', '.join(sorted(missing))}")
            for row in reader:
                place = f"{path}, line {reader.line_num}"
                if None in row or None in row.values():
                    raise _damaged(place, f"it does not have {len(reader.fieldnames or ())} cells")
                yield row, place
        except (UnicodeDecodeError, csv.Error) as error:
            raise _damaged(f"{path}, after line {reader.line_num}", str(error)) from error


def _moment(text: str, place: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _damaged(place, f"{text[:SHOWN]!r} is not a date and time") from error


def _damaged(place: str, why: str) -> DontspyError:
    return DontspyError(
        f"{place} is damaged: {why}", hint="Take a whole copy of the package, or leave it out."
    )


def _package_left_out(package: Path) -> Iterator[str]:
    """Return the addresses of the portraits that a package lacks because they are marked `noai`."""
    for row, _ in _csv_rows(package / PORTRAITS_TABLE, ("is_current", "status", "noai", "source_url")):
        is_left_out = (row["is_current"], row["status"], row["noai"]) == ("true", "unknown", "true")
        if is_left_out and row.get("status_reason", "noai") == "noai":
            yield row["source_url"]


def _package_sitting(package: Path) -> Iterator[int]:
    """Yield the numbers of sitting Members in a package."""
    for row, place in _csv_rows(package / MANDATES_TABLE, ("mep_id", "state")):
        if not NUMBER.fullmatch(row["mep_id"]):
            raise _damaged(place, f"{row['mep_id'][:SHOWN]!r} is not a MEP number")
        if row["state"] == "ongoing":
            yield int(row["mep_id"])


@dataclass(frozen=True, slots=True)
class PageResult:
    """The outcome of one page.

    Attributes:
        request: the request.
        attempts: the attempts for it, without the page's body.
        links: requests that the kept answer leads to.
        held: whether an interrupted run had it already, so that nothing was requested.
        new: whether it has facts that the earlier runs did not have.
    """

    request: Request
    attempts: Attempts
    links: Links = NO_LINKS
    held: bool = False
    new: bool = False

    @property
    def found(self) -> Classification:
        """The kind of the last answer."""
        return self.attempts.found


@dataclass
class PageCollector:
    """Fetch pages for one run and keep them in its store.

    Attributes:
        fetcher: asks for them.
        hosts: their rules and rates.
        store: keeps them, and what an interrupted run left.
        previous: what earlier runs received.
        lists_since: lists that an interrupted run received before this time are requested again.
        outdated: number of those lists.
    """

    fetcher: Fetcher
    hosts: Hosts
    store: Store
    previous: PreviousCrawl
    lists_since: datetime
    outdated: int = 0

    def collect(self, request: Request) -> PageResult:
        """Fetch and keep a page, unless it is held already or its source is no longer asked.

        Raises:
            DontspyError: it could not be written.
        """
        if held := self._held(request):
            return held
        endpoint = request.endpoint
        rules = self.hosts.rules(endpoint.host)
        if rules is None:
            return PageResult(request, Attempts(None, STOPPED))
        if not self.fetcher.breaker.allows(endpoint):
            return PageResult(request, Attempts(None, NOT_ASKED))
        if problem := rules.problem(request.url):
            self.fetcher.breaker.record(endpoint, problem)
            return PageResult(request, Attempts(None, problem, faults=(problem,)))
        known = self.previous.validators(request.url)
        # An unchanged page that leads to others is useful only if its body can be read here.
        conditions = known.conditions() if known and (known.has_body or endpoint.leaf) else {}
        limiter = self.hosts.limiter(endpoint)
        attempts = self.fetcher.fetch(request, limiter, conditions, rules.allows)
        if attempts.found.kind is ResponseKind.UNCHANGED and self._says_too_little(request, known, attempts):
            attempts = attempts.then(self.fetcher.fetch(request, limiter, {}, rules.allows))
        self.fetcher.breaker.record(endpoint, attempts.found)
        return self._keep(request, attempts, known)

    def _says_too_little(self, request: Request, known: Validators | None, attempts: Attempts) -> bool:
        """Return whether a 304 is about another answer, or cannot show that a `noai` mark was removed.

        It need not repeat the mark (RFC 9110, section 15.4.5): only a whole answer shows that it was removed.
        """
        is_another = known is None or attempts.page is None or not known.confirmed_by(attempts.page)
        return is_another or self.previous.left_out(request.url)

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
                self.store.add(revisit_record(page, known.retrieved_at))
            else:
                self.store.add(response_record(page))
                new = self._is_new(page, known)
        elif page is not None and found.kind is ResponseKind.NOAI:
            self.store.add(remark_record(page, reserved_by(page)))
            new = not self.previous.left_out(request.url)
        return PageResult(request, replace(attempts, page=None), links, new=new)

    def _standing(self, request: Request) -> Page | None:
        """Return the answer that still holds, if its content leads to other requests."""
        return None if request.endpoint.leaf else self.previous.page(request.url)

    def _held(self, request: Request) -> PageResult | None:
        """Return a page that the interrupted run received, to be read again; None if it must be requested."""
        entries = self.store.held.entries(request.url)
        if not entries:
            return None
        if request.endpoint.lists_people and entries[-1].retrieved_at < self.lists_since:
            self.outdated += 1
            return None
        if entries[-1].revisits is not None:
            standing, found, new = self._standing(request), Classification(ResponseKind.UNCHANGED), False
        else:
            standing = self.store.held.page(entries[-1])
            found = classify(standing, request.endpoint, ignore_noai=True)
            new = self._is_new(standing, self.previous.validators(request.url))
        links, problem = links_of(standing, request)
        if problem or found.kind not in ANSWERED:
            return None
        return PageResult(request, Attempts(None, found), links, held=True, new=new)

    def _is_new(self, page: Page, known: Validators | None) -> bool:
        return known is None or known.sha256 != page.sha256 or self.previous.left_out(page.url)


def links_of(page: Page | None, request: Request) -> tuple[Links, Classification | None]:
    """Return the requests that a page leads to, by its source, and why it cannot be read; None if it can."""
    if page is None or not page.body or request.endpoint.leaf:
        return NO_LINKS, None
    try:
        return SOURCE_OF[request.endpoint].links(request, page), None
    except FOREIGN as error:
        why = f"cannot be read ({type(error).__name__}: {str(error)[:80]})"
        return NO_LINKS, Classification(ResponseKind.MALFORMED, why)
