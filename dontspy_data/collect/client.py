"""One request and its answer, with limits on the time and size of the whole answer; and what its headers ask for.

`requests` handles connections, proxies from the environment and certificates. Redirects are not followed,
nothing is retried, no cookie is kept and no netrc is read: these are the caller's decisions. The limits on
headers are those of `http.client`: 100 lines of 64 KiB each.
"""

import http.client
import io
import socket
import threading
import time
import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError, IncompleteRead, InvalidHeader
from urllib3.response import BaseHTTPResponse

from dontspy_data.capture.records import Page
from dontspy_data.collect.classify import Classification, ResponseKind

LARGEST_BODY = 1 << 26
LARGEST_HEAD = 1 << 23
LARGEST_RATIO = 200
"""The largest allowed ratio of a body to its compressed form; lists compress 10 to 30 times."""
FREE_OF_RATIO = 1 << 20  # bytes allowed at any ratio
DEADLINE = 300.0  # seconds for one whole answer; the API has been seen to take 90
CONNECT_SECONDS = 15.0
SILENCE_SECONDS = 180.0
CHUNK = 1 << 16
MOST_INTERIM_ANSWERS = 10
VERSIONS = ("HTTP/1.0", "HTTP/1.1")
TRANSFERS = ("", "chunked", "identity")


class TransportFault(Exception):  # noqa: N818 -- a fault in the project's words, see ResponseKind
    """Report that no whole answer came, or none that can be understood.

    Attributes:
        found: the kind of fault, and why.
    """

    def __init__(self, kind: ResponseKind, reason: str) -> None:
        super().__init__(reason)
        self.found = Classification(kind, reason)


class UnreadableAnswerError(http.client.HTTPException):
    """Report that an answer breaks the protocol or a limit; raised below urllib3, which wraps it."""

    def __init__(self, kind: ResponseKind, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


class BoundedSocket(io.RawIOBase):
    """Read from a connection until a deadline, up to a number of bytes.

    Attributes:
        ended: whether the server has closed its side.
    """

    def __init__(self, raw: io.RawIOBase, connection: socket.socket) -> None:
        self._raw = raw
        self._connection = connection
        self._until = time.monotonic() + DEADLINE
        self._left = LARGEST_BODY + LARGEST_HEAD
        self.ended = False

    def readable(self) -> bool:
        """Return True: it can be read."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what has arrived, at most a bufferful, and return the number of bytes.

        Raises:
            UnreadableAnswerError: the time or the number of bytes is exhausted.
        """
        seconds = self._until - time.monotonic()
        if seconds <= 0:
            raise UnreadableAnswerError(ResponseKind.TOO_SLOW, f"not whole after {DEADLINE:.0f} s")
        if self._left <= 0:
            raise UnreadableAnswerError(ResponseKind.TOO_LARGE, f"more than {LARGEST_BODY:,} bytes")
        self._connection.settimeout(min(seconds, SILENCE_SECONDS))
        read: int | None = self._raw.readinto(buffer)
        self._left -= read or 0
        self.ended = self.ended or read == 0
        return read

    def close(self) -> None:
        """Close the file below."""
        self._raw.close()
        super().close()


class BoundedResponse(http.client.HTTPResponse):
    """Read an answer's head and body through a `BoundedSocket`, past interim answers (RFC 9110, section 15.2)."""

    def __init__(self, sock: socket.socket, *words: Any, **named: Any) -> None:
        super().__init__(sock, *words, **named)
        raw = self.fp.detach()
        self._bounded = BoundedSocket(raw, sock)
        self.fp = io.BufferedReader(self._bounded, CHUNK)

    def begin(self) -> None:
        """Read the head of the final answer.

        Raises:
            UnreadableAnswerError: a line of it is not a header, or interim answers do not end.
        """
        for _ in range(MOST_INTERIM_ANSWERS):
            super().begin()
            self._check_head()
            if self.status == http.client.SWITCHING_PROTOCOLS or self.status >= http.client.OK:
                return
            self.headers = self.msg = None  # type: ignore[assignment]
        raise UnreadableAnswerError(ResponseKind.MALFORMED, "only interim answers")

    def _read_status(self) -> tuple[str, int, str]:
        version, status, reason = super()._read_status()  # type: ignore[misc]
        if version not in VERSIONS:
            raise UnreadableAnswerError(ResponseKind.MALFORMED, f"the protocol {version!r}")
        return version, status, reason

    def _check_head(self) -> None:
        if self._bounded.ended:  # For http.client, the end of the file ends the headers, too.
            raise UnreadableAnswerError(ResponseKind.CUT, "closed before the end of the headers")
        # The e-mail parser treats everything after a line without a colon as the body.
        rest = None if self.headers.is_multipart() else self.headers.get_payload()
        if isinstance(rest, str) and rest:
            raise UnreadableAnswerError(ResponseKind.MALFORMED, "a header line without a colon")


class _Connection(HTTPConnection):
    response_class = BoundedResponse


class _SecureConnection(HTTPSConnection):
    response_class = BoundedResponse


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class BoundedAdapter(HTTPAdapter):
    """Make requests use connections whose answers are bounded, through proxies too."""

    def init_poolmanager(self, *words: Any, **named: Any) -> None:
        """Make the connections to servers."""
        super().init_poolmanager(*words, **named)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}

    def proxy_manager_for(self, proxy: str, **named: Any) -> Any:
        """Make the connections to a proxy."""
        manager = super().proxy_manager_for(proxy, **named)
        manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
        return manager


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return nothing: requests parses a redirect's target even when it does not follow it, and may fail on it."""


class Client:
    """Send requests to servers; one session per thread, since sessions of requests are not thread-safe."""

    def __init__(self, via: str | None) -> None:
        self._via = via.rstrip("/") if via else None
        self._own = threading.local()
        self._sessions: list[requests.Session] = []
        self._lock = threading.Lock()

    def get(self, url: str, headers: Mapping[str, str], *, keep: int | None = None) -> Page:
        """Return the server's answer for a canonical address, whatever its status.

        Args:
            url: the canonical address, which the page gets, too.
            headers: of the request.
            keep: number of bytes of the body to read at most; None for a body that must be whole.

        Raises:
            TransportFault: no whole answer came, or none that can be understood.
        """
        parts = urlsplit(url)
        base = self._via or f"{parts.scheme}://{parts.netloc}"
        target = f"{base}{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        try:
            answer = self._session().get(
                target,
                headers={"Host": parts.netloc, **headers},
                stream=True,
                allow_redirects=False,
                timeout=(CONNECT_SECONDS, SILENCE_SECONDS),
            )
        except BOUNDARY as error:
            raise _fault(error) from error
        try:
            found = tuple((name, _line(value)) for name, value in answer.raw.headers.items())
            page = Page(url, answer.status_code, found, b"", datetime.now(UTC))
            body = _body(answer.raw, page, headers.get("Accept-Encoding", ""), keep)
        except BOUNDARY as error:
            answer.close()
            raise _fault(error) from error
        answer.close() if keep is not None else answer.raw.release_conn()
        return Page(url, page.status, found, body, datetime.now(UTC))

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            for session in self._sessions:
                session.close()

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._own, "session", None)
        if session is None:
            session = self._own.session = self._new_session()
            with self._lock:
                self._sessions.append(session)
        return session

    def _new_session(self) -> requests.Session:
        session = _Session()
        session.headers.clear()
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        session.auth = _no_auth
        if self._via:  # Your own server is never reached through the environment's proxies.
            session.proxies = {"no_proxy": "*"}
        for scheme in ("http://", "https://"):
            session.mount(scheme, BoundedAdapter(pool_connections=4, pool_maxsize=1))
        return session


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Add nothing, so that requests does not look for a password in netrc or in the address."""
    return request


BOUNDARY = (OSError, HTTPError, http.client.HTTPException, ValueError, OverflowError)
"""What reading an answer can raise: errors of requests (OSError) and its parts, and ValueError for invalid numbers."""


def _fault(error: BaseException) -> TransportFault:
    chain = list(_chain(error))
    for cause in chain:
        if isinstance(cause, TransportFault):
            return cause
        if isinstance(cause, UnreadableAnswerError):
            return TransportFault(cause.kind, str(cause))
    for cause in chain:
        for classes, kind, reason in CAUSES:
            if isinstance(cause, classes):
                return TransportFault(kind, reason or str(cause) or type(cause).__name__)
    return TransportFault(ResponseKind.UNREACHABLE, str(error))


CAUSES: tuple[tuple[tuple[type[BaseException], ...], ResponseKind, str], ...] = (
    (
        (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError),
        ResponseKind.CUT,
        "connection closed",
    ),
    ((http.client.IncompleteRead, IncompleteRead), ResponseKind.CUT, "body ends early"),
    ((http.client.HTTPException,), ResponseKind.MALFORMED, ""),
    ((ConnectionRefusedError,), ResponseKind.UNREACHABLE, "connection refused"),
    ((socket.gaierror,), ResponseKind.UNREACHABLE, "no such host"),
    ((requests.exceptions.SSLError,), ResponseKind.UNREACHABLE, "no certificate that can be trusted"),
    ((requests.Timeout, TimeoutError), ResponseKind.UNREACHABLE, "no answer in time"),
    ((requests.exceptions.InvalidURL, InvalidHeader, UnicodeError), ResponseKind.MALFORMED, ""),
)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _line(value: str) -> str:
    """Return a header's value on one line: a folded one has line breaks in it (RFC 9112, section 5.2)."""
    return " ".join(value.split())


def _body(raw: BaseHTTPResponse, page: Page, accepted: str, keep: int | None) -> bytes:
    """Read the body and undo its encoding; raise TransportFault if that was not requested or is not possible."""
    length = content_length(page)
    if length is None:
        raise TransportFault(ResponseKind.MALFORMED, "Content-Length is not a number, or contradictory")
    if length > LARGEST_BODY:
        raise TransportFault(ResponseKind.TOO_LARGE, f"more than {LARGEST_BODY:,} bytes")
    if len(page.values("Transfer-Encoding")) > 1 or page.header("Transfer-Encoding").lower() not in TRANSFERS:
        raise TransportFault(ResponseKind.ENCODING, f"Transfer-Encoding: {page.header('Transfer-Encoding')}")
    codings = content_codings(page)
    if codings not in ((), ("gzip",)) or (codings and "gzip" not in accepted):
        raise TransportFault(ResponseKind.ENCODING, f"Content-Encoding: {', '.join(codings)}, not asked for")
    most = LARGEST_BODY if keep is None else keep
    body = _read(raw, most + 1)
    if keep is None and page.header("Content-Length") and not raw.chunked and len(body) < length:
        raise TransportFault(ResponseKind.CUT, f"{len(body):,} of {length:,} bytes")
    if keep is None and len(body) > most:
        raise TransportFault(ResponseKind.TOO_LARGE, f"more than {LARGEST_BODY:,} bytes")
    if codings and body:
        body = gunzip(body, most, whole=len(body) <= most)
        if keep is None and len(body) > most:
            raise TransportFault(ResponseKind.TOO_LARGE, f"gzip of more than {LARGEST_BODY:,} bytes")
    return body[:most]


def _read(raw: BaseHTTPResponse, most: int) -> bytes:
    body = b""
    while len(body) < most and (more := raw.read(most - len(body), decode_content=False)):
        body = body + more if body else more
    return body


def gunzip(data: bytes, most: int, *, whole: bool) -> bytes:
    """Decompress gzip members, up to one byte more than the limit.

    Raises:
        TransportFault: it is not gzip, is cut off (where it must be whole), or grows far too large for its size.
    """
    out = bytearray()
    most_for_size = max(FREE_OF_RATIO, len(data) * LARGEST_RATIO)
    while data and len(out) <= most:
        inflater = zlib.decompressobj(wbits=31)
        try:
            out += inflater.decompress(data, min(most, most_for_size) + 1 - len(out))
        except zlib.error as error:
            raise TransportFault(ResponseKind.ENCODING, f"the gzip is damaged ({error})") from error
        if len(out) > most_for_size:
            raise TransportFault(
                ResponseKind.TOO_LARGE, f"{len(data):,} bytes of gzip are more than {len(out) - 1:,}"
            )
        if not inflater.eof:
            if whole and len(out) <= most:
                raise TransportFault(ResponseKind.CUT, "the gzip ends early")
            break
        data = inflater.unused_data
    return bytes(out)


LONGEST_REST = 366 * 86_400.0  # seconds
LONGEST_LENGTH = 1 << 62


def content_length(page: Page) -> int | None:
    """Return the declared length, 0 if there is none; None if the lines contradict each other or are not a number.

    RFC 9110, section 8.6: the same number several times is one number.
    """
    values = {part.strip() for value in page.values("Content-Length") for part in value.split(",")}
    if not values:
        return 0
    if len(values) > 1:
        return None
    (value,) = values
    return _whole_number(value)


def content_codings(page: Page) -> tuple[str, ...]:
    """Return the names of the encodings of the body, lower case, without `identity` (section 8.4)."""
    codings = (part.strip().lower() for value in page.values("Content-Encoding") for part in value.split(","))
    return tuple(
        "gzip" if coding == "x-gzip" else coding for coding in codings if coding not in ("", "identity")
    )


def retry_after(page: Page | None) -> float | None:
    """Return the seconds that an answer asks to wait, the most of several; None if it asks for none (10.2.3)."""
    asked = [_seconds(value.strip()) for value in page.values("Retry-After")] if page else []
    return max((seconds for seconds in asked if seconds is not None), default=None)


def _seconds(value: str) -> float | None:
    if value.isascii() and value.isdigit():
        return min(float(value), LONGEST_REST)
    moment = http_date(value)
    return None if moment is None else max(0.0, (moment - datetime.now(UTC)).total_seconds())


def http_date(value: str) -> datetime | None:
    """Return the time, UTC, of an HTTP date; None if it is not a date. One too far off counts as a year off."""
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, IndexError):
        return None
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        return datetime.now(UTC) + timedelta(seconds=LONGEST_REST) if moment.year > 1 else None


def redirect_target(page: Page, url: str) -> str | None:
    """Return where a redirect leads, without fragment; None unless its lines are one address (10.2.2)."""
    targets = {value.strip() for value in page.values("Location")}
    if len(targets) != 1:
        return None
    try:
        parts = urlsplit(urljoin(url, targets.pop()))
        hostname, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not hostname or "@" in parts.netloc:
        return None
    netloc = hostname if port in (None, 80, 443) else f"{hostname}:{port}"
    # A site's own redirects may name http; requests stay on https, unless the first was not.
    scheme = parts.scheme if url.startswith("http://") else "https"
    return parts._replace(scheme=scheme, netloc=netloc, fragment="").geturl()


def _whole_number(value: str) -> int | None:
    if not (value.isascii() and value.isdigit()):
        return None
    return int(value) if len(value) < 19 else LONGEST_LENGTH


def host_of(url: str) -> str:
    """Return the host of an address, with its port where it has one."""
    return urlsplit(url).netloc
