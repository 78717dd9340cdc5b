"""The fictional parliament as it answers scripts since August 2026: its API, data sets and Wikidata, no website.

Plain HTTP on loopback; the host that is meant stands in the Host header. The website's host answers everything,
robots.txt too, with the challenge of its firewall.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from types import MappingProxyType
from urllib.parse import parse_qs, urlsplit

from scripts.parliament.server import serving
from scripts.sample import wire_api, wire_lists
from scripts.sample.parliament import TERMS, Body, Person, people

APPOINTED = 9_000_900
"""Somebody whom a national parliament sent, and who was never elected to this one."""
API, SPARQL = "data.europarl.europa.eu", "query.wikidata.org"
VERSION = 40
Answer = tuple[int, str, bytes]
NOT_FOUND: Answer = (404, "text/plain", b"not found")
RULES: Answer = (200, "text/plain", b"User-agent: *\nAllow: /\n")
CHALLENGE: Answer = (202, "text/html", b"<html><body><script>challenge</script></body></html>")


def answer(host: str, path: str, query: dict[str, str]) -> Answer:
    """Return status, type and body of the answer to a request."""
    if host == SPARQL:
        return 200, "application/sparql-results+json", wire_lists.sparql(people())
    if host != API:
        return CHALLENGE
    parts = path.strip("/").split("/")
    match parts:
        case ["OdpDatasetService", "Datasets", name]:
            described = {"OdpDatasetVersions": [{"VersionLabel": str(VERSION)}]}
            known = name.rsplit("term", 1)[-1] in ("9", "10")
            return (200, "application/json", json.dumps(described).encode()) if known else NOT_FOUND
        case ["distribution", name]:
            term = int(name.split("_")[1])
            members = [person for person in people() if term in person.terms]
            return 200, "text/csv", wire_lists.newer_csv(members, term)
        case ["api", "v2", "meps", *rest]:
            return _people(rest, query)
        case ["api", "v2", "corporate-bodies", "show-current"]:
            return _document([wire_api.body_row(body) for body in _bodies() if not body.until])
        case ["api", "v2", "corporate-bodies", number]:
            return _document([wire_api.body_row(body) for body in _bodies() if str(body.number) == number])
    return NOT_FOUND


def _people(rest: Sequence[str], query: dict[str, str]) -> Answer:
    everybody = people()
    match rest:
        case ["show-current"]:
            if day := query.get("mandate-date"):
                return _document([wire_api.on_day(p, day) for p in everybody if wire_api.sat_on(p, day)])
            return _document([wire_api.current(p) for p in everybody if p.sitting])
        case ["show-outgoing"]:
            return _document([wire_api.current(p) for p in everybody if 10 in p.terms and not p.sitting])
        case ["show-incoming"]:
            return _document([wire_api.current(p) for p in everybody if _came_later(p)])
        case [number]:
            if number == str(APPOINTED):
                return _document([_appointed()])
            return _document([wire_api.detail(p) for p in everybody if str(p.id) == number])
    term, offset = int(query["parliamentary-term"]), int(query.get("offset", 0))
    rows = [wire_api.brief(p) for p in everybody if term in p.terms] if term else [_name()]
    return _document(rows[offset : offset + int(query.get("limit", 50))])


def _came_later(person: Person) -> bool:
    return any(mandate.term == 10 and mandate.start > TERMS[10][0] for mandate in person.mandates)


def _name() -> dict[str, object]:
    row = {"id": f"person/{APPOINTED}", "type": "Person", "identifier": str(APPOINTED)}
    return row | {"label": "Orla Vorzeit", "givenName": "Orla", "familyName": "Vorzeit"}


def _appointed() -> dict[str, object]:
    mandate = {
        "id": f"membership/{APPOINTED}-m-1",
        "type": "Membership",
        "identifier": f"{APPOINTED}-m-1",
        "organization": "org/ep-0",
        "role": "def/ep-roles/MEMBER_PARLIAMENT",
        "represents": [f"{wire_api.AUTHORITY}/country/LUX"],
        "memberDuring": {
            "id": "t",
            "type": "PeriodOfTime",
            "startDate": "1969-02-25",
            "endDate": "1979-07-16",
        },
    }
    return _name() | {"bday": "1921-05-04", "hasMembership": [mandate]}


def _bodies() -> list[Body]:
    spells = [s for person in people() for s in (*person.groups, *person.parties, *person.seats)]
    return sorted({s.body for s in spells if s.body}, key=lambda body: body.number)


def _document(rows: Sequence[dict[str, object]]) -> Answer:
    return (200, "application/ld+json", wire_api.answer(rows)) if rows else (204, "", b"")


class Handler(BaseHTTPRequestHandler):
    """Answers as `answer` says, and for other hosts as they are given, by path."""

    protocol_version = "HTTP/1.1"
    others: Mapping[str, Mapping[str, Answer]]

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer one request."""
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        host = self.headers["Host"]
        if host in self.others:
            found = self.others[host].get(parts.path, NOT_FOUND)
        elif parts.path == "/robots.txt" and host in (API, SPARQL):
            found = RULES
        else:
            found = answer(host, parts.path, query)
        status, kind, body = found
        self.send_response(status)
        if found is CHALLENGE:
            self.send_header("x-amzn-waf-action", "challenge")
        if kind:
            self.send_header("Content-Type", kind)
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def api_only_parliament(others: Mapping[str, Mapping[str, Answer]] = MappingProxyType({})) -> Iterator[str]:
    """Serve the parliament, and other hosts' answers by path, on loopback, and give the address."""
    with serving(type("WithOthers", (Handler,), {"others": others})) as address:
        yield address
