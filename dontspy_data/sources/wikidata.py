"""Wikidata items of Members, by property P1186 (MEP directory identifier)."""

from urllib.parse import urlencode

NAME = "wikidata"
HOST = "query.wikidata.org"
QUERY = "SELECT ?item ?mep WHERE { ?item wdt:P1186 ?mep } ORDER BY ?mep ?item"


def url() -> str:
    """Address of the one query for all Members."""
    return f"https://{HOST}/sparql?" + urlencode({"query": QUERY, "format": "json"})


def matches(url: str) -> bool:
    """Whether this source reads the page at this address."""
    return url.startswith(f"https://{HOST}/sparql?")
