"""Records: one answer of a server, the address it is known by, and the bytes that it is in a capture.

Record ids follow from what is written, so that the same answers give the same bytes. One page has one address, however
somebody else's crawler wrote it: scheme, host, port and the parameters of sessions and campaigns are treated as by
pywb's canonicalizer (the package `surt`). Paths and other parameters are left alone: the Parliament's are told apart
by case.

Format: WARC 1.1, https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/
"""

import hashlib
import uuid
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from io import BytesIO
from typing import IO
from urllib.parse import urlsplit, urlunsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

SESSION = frozenset(
    {"_", "cfid", "cftoken", "phpsessid", "jsessionid", "sid", "sessionid", "fbclid", "gclid", "msclkid"}
)


def canonical(url: str) -> str:
    """Return the address with `https`, the host in small letters, no port of its own and no session or campaign.

    What is no address over HTTP is returned as it is.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return url
    if parts.scheme not in ("http", "https") or not host:
        return url
    host = f"[{host}]" if ":" in host else host.rstrip(".")
    netloc = host if port in (None, 80, 443) else f"{host}:{port}"
    kept = [field for field in parts.query.split("&") if not _is_session(field)]
    return urlunsplit(("https", netloc, parts.path or "/", "&".join(kept), ""))


def _is_session(field: str) -> bool:
    name = field.partition("=")[0].lower()
    return name in SESSION or name.startswith("utm_")


def compressed(data: bytes) -> bytes:
    """Write a member that zlib has compressed."""
    return zlib.compress(data, wbits=31)


REVISIT_PROFILE = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
JPEG_START = b"\xff\xd8"
REDIRECTED_TO = "WARC-Redirected-To"  # an extension: the standard leaves room for fields of one's own
UNUSABLE = "unusable"  # the field of a remark that says why an archive's answer is not worth fetching again
LEFT_OUT = "left-out"  # the field of a remark that says why its answer is not in the capture
ORIGIN, VIA = "Dontspy-Origin", "Dontspy-Via"  # extensions too: who gave the answer, and where it was found
RECORD_NAMESPACE = uuid.UUID("6f9c2f3e-5d0e-5c8b-9c39-1b1c1c7a5a10")


class Origin(StrEnum):
    """Who gave an answer to whoever wrote the capture."""

    SERVER = "server"  # the server itself
    WEB_ARCHIVE = "web_archive"  # a web archive that had received it
    IMPORTED = "imported"  # a person who had saved it


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a server, as it was received.

    Attributes:
        url: canonical address, whatever server the request was sent through.
        status: HTTP status code.
        headers: response headers in order, names as received.
        body: the body's bytes, with any transfer or content encoding undone.
        retrieved_at: when the answer was received, UTC.
        redirected_to: the address that redirects led to, which gave the answer; empty if there were none.
        origin: who gave it.
        via: the web archive's address of it, or the name of the list that describes it; empty for the server's own.
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    retrieved_at: datetime
    redirected_to: str = ""
    origin: Origin = Origin.SERVER
    via: str = ""

    @property
    def sha256(self) -> str:
        """SHA-256 of the body, 64 hexadecimal digits."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def content_type(self) -> str:
        """Media type without parameters, lower case; empty if the server gave none."""
        return self.header("Content-Type").split(";")[0].strip().lower()

    def header(self, name: str) -> str:
        """Return the value of a header's first line; empty if the server gave none."""
        return next(iter(self.values(name)), "")

    def values(self, name: str) -> tuple[str, ...]:
        """Return the values of all lines of one header, in order, never joined."""
        return tuple(value for key, value in self.headers if key.lower() == name.lower())


class CaptureWriter:
    """Appends answers to a capture, one compressed record each."""

    def __init__(
        self, stream: IO[bytes], *, software: str, started_at: datetime, info: Mapping[str, str] | None = None
    ) -> None:
        self._stream = stream
        if stream.tell() == 0:
            stream.write(info_record(software, started_at, info or {}))

    def write(self, page: Page, *, reason: str = "OK") -> None:
        """Append a whole answer."""
        self._stream.write(response_record(page, reason=reason))

    def write_revisit(self, page: Page, refers_to: datetime) -> None:
        """Append that a URL's answer is unchanged since the one received at `refers_to`.

        Args:
            page: the 304 answer; its body is not written.
            refers_to: when the answer that still stands was received.
        """
        self._stream.write(revisit_record(page, refers_to))


def info_record(software: str, started_at: datetime, info: Mapping[str, str]) -> bytes:
    """Return the compressed `warcinfo` record that a capture begins with."""
    fields = {"software": software, "format": "WARC File Format 1.1", **info}
    return _warc_record("warcinfo", "", started_at, fields=fields)


def response_record(page: Page, *, reason: str = "OK") -> bytes:
    """Return the record of a whole answer, as one gzip member."""
    # The body is stored decoded, so what describes its encoding on the wire is left out.
    kept = [
        (k, v)
        for k, v in page.headers
        if k.lower() not in ("content-encoding", "transfer-encoding", "content-length")
    ]
    kept.append(("Content-Length", str(len(page.body))))
    http_headers = StatusAndHeaders(f"{page.status} {reason}", kept, protocol="HTTP/1.1")
    # A JPEG is compressed already: trying again would take longer than all else about its record.
    member = stored if page.body.startswith(JPEG_START) else compressed
    return _warc_record(
        "response",
        page.url,
        page.retrieved_at,
        http_headers=http_headers,
        payload=page.body,
        headers={REDIRECTED_TO: page.redirected_to, **_provenance(page)},
        member=member,
    )


def resource_record(page: Page) -> bytes:
    """Return the record of a body of which no headers are known, as one gzip member."""
    return _warc_record(
        "resource",
        page.url,
        page.retrieved_at,
        payload=page.body,
        content_type=page.content_type,
        headers=_provenance(page),
        member=stored if page.body.startswith(JPEG_START) else compressed,
    )


def _provenance(page: Page) -> dict[str, str]:
    return {} if page.origin is Origin.SERVER else {ORIGIN: page.origin, VIA: page.via}


def revisit_record(page: Page, refers_to: datetime) -> bytes:
    """Return the compressed record of an answer that confirms an earlier one."""
    http_headers = StatusAndHeaders("304 Not Modified", list(page.headers), protocol="HTTP/1.1")
    headers = {
        "WARC-Profile": REVISIT_PROFILE,
        "WARC-Refers-To-Target-URI": page.url,
        "WARC-Refers-To-Date": _stamp(refers_to),
    }
    return _warc_record("revisit", page.url, page.retrieved_at, http_headers=http_headers, headers=headers)


def remark_record(page: Page, why: str) -> bytes:
    """Return the compressed record of an answer that is left out, with the header that is the reason."""
    return _warc_record(
        "metadata", page.url, page.retrieved_at, fields={LEFT_OUT: why, "status": str(page.status)}
    )


def unusable_record(url: str, retrieved_at: datetime, why: str) -> bytes:
    """Return the compressed record of an archived answer that no build could read, so that it is not fetched again."""
    return _warc_record("metadata", url, retrieved_at, fields={UNUSABLE: why})


def _warc_record(
    kind: str,
    url: str,
    at: datetime,
    *,
    http_headers: StatusAndHeaders | None = None,
    payload: bytes = b"",
    fields: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    content_type: str = "",
    member: Callable[[bytes], bytes] = compressed,
) -> bytes:
    if fields:
        payload = "".join(f"{key}: {value}\r\n" for key, value in fields.items()).encode()
    stamp = _stamp(at)
    warc_headers = {
        "WARC-Date": stamp,
        "WARC-Record-ID": f"<urn:uuid:{uuid.uuid5(RECORD_NAMESPACE, f'{kind} {url} {stamp}')}>",
        **{name: value for name, value in (headers or {}).items() if value},
    }
    block = BytesIO()
    writer = WARCWriter(block, gzip=False, warc_version="WARC/1.1")
    record = writer.create_warc_record(
        url,
        kind,
        payload=BytesIO(payload),
        length=len(payload),
        warc_content_type="application/warc-fields" if fields else content_type,
        http_headers=http_headers,
        warc_headers_dict=warc_headers,
    )
    writer.write_record(record)
    return member(block.getvalue())


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def stored(data: bytes) -> bytes:
    """Return a gzip member whose content is stored, for what is compressed already."""
    return zlib.compress(data, level=0, wbits=31)
