"""What an answer's headers ask for or claim; each line is parsed by itself, because what is joined cannot be told.

RFC 9110 (HTTP semantics), https://www.rfc-editor.org/rfc/rfc9110
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

from dontspy_data.capture.records import Page

LONGEST_REST = 366 * 86_400.0  # seconds
LONGEST_LENGTH = 1 << 62


def content_length(page: Page) -> int | None:
    """Return the declared length, 0 where none is; None if the lines contradict each other or are no number.

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
    """Return the moment, UTC, that a date of HTTP gives; None if it is no date. One too far off is a year off."""
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, IndexError):
        return None
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        return datetime.now(UTC) + timedelta(seconds=LONGEST_REST) if moment.year > 1 else None


def redirect_target(page: Page, url: str) -> str | None:
    """Return where a redirect leads, without fragment; None if its lines are no address, or several (10.2.2)."""
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
    # A site's own redirects may name http; asking goes on over https, unless it began without.
    scheme = parts.scheme if url.startswith("http://") else "https"
    return parts._replace(scheme=scheme, netloc=netloc, fragment="").geturl()


def _whole_number(value: str) -> int | None:
    if not (value.isascii() and value.isdigit()):
        return None
    return int(value) if len(value) < 19 else LONGEST_LENGTH


def host_of(url: str) -> str:
    """Return the host of an address, with its port where it has one."""
    return urlsplit(url).netloc
