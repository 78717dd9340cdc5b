"""Links of entries: public ones only, and one that is spelt in several ways is one."""

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

PORTS = {"http": 80, "https": 443}
MIRRORS = ("www.", "m.", "mobile.", "amp.")
"""Parts before a site's name that lead to the same posts."""
TRACKING = re.compile(
    r"utm_.*|mc_[ce]id|pk_.*|mtm_.*|hsa_.*|_ga|_gl|(fb|g|d|ms|tt|tw|y|wbra|gbra)clid|gclsrc|wbraid|gbraid|twclid|"
    r"igsh(id)?|si|ref(_src|_url)?|referrer|feature|mibextid|rcm|trk|trackingid|spm|ncid|cmpid|sfnsn|sr_share|share_id",
    re.IGNORECASE,
)
"""Names of parameters that say how somebody came to a page, not which page it is."""
SHARING = {"x.com": {"s", "t"}, "twitter.com": {"s", "t"}, "youtube.com": {"t", "pp"}, "youtu.be": {"t"}}
"""The same of single sites, where elsewhere such a name may say which page it is."""
PRIVATE = re.compile(
    r"(.*\.)?(localhost|local|internal|intranet|lan|home|corp|private|localdomain|home\.arpa|invalid|test|onion)"
)
NUMERIC = re.compile(r"(.*\.)?(0x[0-9a-f]*|[0-9]+)")


class LinkError(ValueError):
    """A link that no contest admits; the message reads on from the link's place."""


def link_key(url: str) -> str:
    """Return what two spellings of one link share: scheme, case, default port, fragment and tracking left aside.

    Raises:
        LinkError: its host is private, a number, or no name that can be looked up.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise LinkError(f"is no link: {error}") from error
    host = public_host(parts.hostname or "")
    for mirror in MIRRORS:
        if host.startswith(mirror) and "." in host.removeprefix(mirror):
            host = host.removeprefix(mirror)
    place = host if port in (None, PORTS.get(parts.scheme)) else f"{host}:{port}"
    asked = sorted(
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not TRACKING.fullmatch(name) and name not in SHARING.get(host, ())
    )
    path = _plain_path(parts.path)
    return f"{place}{path}{'?' + urlencode(asked) if asked else ''}".casefold()


def public_host(host: str) -> str:
    """Return a host's name as it is looked up: in small letters, other scripts as `xn--…`.

    Raises:
        LinkError: it is private, a number, or no name that can be looked up.
    """
    try:
        name = host.encode("idna").decode().lower().removesuffix(".")
    except UnicodeError as error:
        raise LinkError(f"has the host {host!r}, which cannot be looked up") from error
    if NUMERIC.fullmatch(name) or "[" in name or ":" in name:
        raise LinkError(f"has the host {host!r}, a number in place of a name")
    if "." not in name or PRIVATE.fullmatch(name):
        raise LinkError(f"has the host {host!r}, which is not on the public internet")
    return name


def _plain_path(path: str) -> str:
    """Return a path without `.` and `..`, doubled slashes and one at its end, and escaped in one way."""
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            kept = kept[:-1]
        elif part not in ("", "."):
            kept.append(quote(unquote(part), safe="!$&'()*+,;=:@~"))
    return "".join(f"/{part}" for part in kept)
