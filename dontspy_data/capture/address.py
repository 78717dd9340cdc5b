"""One address for one page, however somebody else's crawler wrote it down.

This follows what pywb's canonicalizer (the package `surt`) does to scheme, host, port and the parameters of
sessions and campaigns. Paths and other parameters are left alone: the Parliament's are told apart by case.
"""

from urllib.parse import urlsplit, urlunsplit

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
