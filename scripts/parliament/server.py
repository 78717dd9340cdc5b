"""The Parliament's servers on loopback, as the simulated Parliament would answer on its day.

Plain HTTP; the host that is meant stands in the Host header. Every answer has an ETag, and is not sent again to whoever
has it.
"""

import hashlib
import json
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import date, datetime, time, tzinfo
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from scripts.parliament.state import TERM_10, TERM_11, Fault, Parliament
from scripts.sample import wire_api, wire_lists
from scripts.sample.parliament import Person

API, WWW, SPARQL = "data.europarl.europa.eu", "www.europarl.europa.eu", "query.wikidata.org"
Answer = tuple[int, str, bytes]
NOT_FOUND: Answer = (404, "text/html", b"<html>Not found</html>")
RULES: Answer = (200, "text/plain", b"User-agent: *\nAllow: /\n")
CHALLENGE: Answer = (202, "text/html", b"<html><body><script>challenge</script></body></html>")
DOWN: Answer = (503, "text/plain", b"Service unavailable")
CLOCKS = (
    "dontspy_data.collect.client.datetime",
    "dontspy_data.collect.run.datetime",
    "dontspy_data.collect.plan.datetime",
    "dontspy_data.commands.refresh.datetime",
    "dontspy_data.capture.store.datetime",
    "dontspy_data.pipeline.report.datetime",
)
"""Where a run asks what time it is."""


@contextmanager
def clock(day: date) -> Iterator[None]:
    """Let it be six in the morning, UTC, of a day, for whoever collects within."""

    class Then(datetime):
        """A clock that stands."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            """Return the moment."""
            return datetime.combine(day, time(6), tz)

    with ExitStack() as stack:
        for place in CLOCKS:
            stack.enter_context(patch(place, Then))
        yield


@contextmanager
def serve(parliament: Parliament) -> Iterator[str]:
    """Serve a Parliament, as it is at the moment of each request, and give the address."""
    with serving(type("OneParliament", (Handler,), {"parliament": parliament})) as address:
        yield address


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[str]:
    """Answer by a handler on loopback, and give the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    protocol_version = "HTTP/1.1"
    parliament: Parliament

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer as the Parliament would."""
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        refuses = self.parliament.fault is Fault.REFUSES
        found = CHALLENGE if refuses else answer(self.parliament, self.headers["Host"], parts.path, query)
        status, kind, body = found
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if status == 200 and self.headers.get("If-None-Match") == etag:
            status, body = 304, b""
        self.send_response(status)
        if found is CHALLENGE:
            self.send_header("x-amzn-waf-action", "challenge")
        if kind:
            self.send_header("Content-Type", kind)
        if status in (200, 304):
            self.send_header("ETag", etag)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def answer(parliament: Parliament, host: str, path: str, query: Mapping[str, str]) -> Answer:
    """Return status, type and body of the answer to a request."""
    if host == WWW:
        return _website(parliament, path)
    if path == "/robots.txt":
        return RULES
    if host == SPARQL:
        empty = {"head": {"vars": ["item", "mep"]}, "results": {"bindings": []}}
        return 200, "application/sparql-results+json", json.dumps(empty).encode()
    if host != API or parliament.fault is Fault.API_DOWN:
        return DOWN
    if path.startswith("/OdpDatasetService/"):
        return 200, "application/json", b'{"OdpDatasetVersions": []}'
    return _api(parliament, path.strip("/").split("/")[2:], query)


def _api(parliament: Parliament, parts: list[str], query: Mapping[str, str]) -> Answer:
    """Answer as the Open Data API."""
    match parts:
        case ["meps", number] if number.isdigit() and int(number) not in parliament.people:
            return NOT_FOUND
        case ["meps", *rest]:
            return _document(_people(parliament, rest, query))
        case ["corporate-bodies", "show-current"]:
            today = TERM_11 if parliament.term == 11 else TERM_10
            bodies = [body for body in parliament.all_bodies if body.country or body.since == today]
            return _document(wire_api.body_row(body) for body in bodies)
        case ["corporate-bodies", number]:
            bodies = [body for body in parliament.all_bodies if str(body.number) == number]
            return _document(wire_api.body_row(body) for body in bodies)
    return NOT_FOUND


def _website(parliament: Parliament, path: str) -> Answer:
    """Answer as the website: portraits, and the list of those who sit."""
    if parliament.fault is Fault.NO_WEBSITE:
        return CHALLENGE
    if path == "/robots.txt":
        return RULES
    if path.startswith("/mepphoto/"):
        mep_id = int(path.rsplit("/", 1)[-1].removesuffix(".jpg"))
        found = parliament.portraits.get(mep_id)
        is_there = found and mep_id not in parliament.without_portrait
        return (200, "image/jpeg", found.jpeg()) if found and is_there else NOT_FOUND
    if path.endswith("/full-list/xml"):
        people = [_as_the_website_knows(parliament, person) for person in parliament.listed]
        return 200, "application/xml", wire_lists.full_list(people, french="/fr/" in path)
    return NOT_FOUND


def _as_the_website_knows(parliament: Parliament, person: Person) -> Person:
    label = parliament.other_groups.get(person.id)
    if not label:
        return person
    spell = replace(person.groups[-1], body=parliament.group(label, parliament.term))
    return replace(person, groups=(*person.groups, spell))


def _people(parliament: Parliament, rest: list[str], query: Mapping[str, str]) -> Iterable[dict[str, object]]:
    everybody = list(parliament.people.values())
    match rest:
        case ["show-current"]:
            if day := query.get("mandate-date"):
                sat = [p for p in everybody if wire_api.sat_on(p, day)]
                if day == parliament.day.isoformat():
                    listed = {p.id for p in parliament.listed}
                    sat = [p for p in sat if p.id in listed]
                return [wire_api.on_day(p, day) for p in sat]
            return [wire_api.current(p) for p in parliament.listed]
        case ["show-outgoing"]:
            of_term = parliament.of_term(parliament.term)
            return [wire_api.current(p) for p in of_term if not p.sitting]
        case ["show-incoming"]:
            return []
        case [number]:
            return [_detail(parliament.people[int(number)])]
    rows = [wire_api.brief(p) for p in parliament.of_term(int(query["parliamentary-term"]))]
    offset = int(query.get("offset", 0))
    return rows[offset : offset + int(query.get("limit", 50))]


def _detail(person: Person) -> dict[str, object]:
    """Return a person's details, with memberships of bodies alone."""
    row: dict[str, Any] = wire_api.detail(person)
    held = [one for one in row["hasMembership"] if "organization" in one]
    return row | {"hasMembership": held}


def _document(rows: Iterable[dict[str, object]]) -> Answer:
    found = list(rows)
    return (200, "application/ld+json", wire_api.answer(found)) if found else (204, "", b"")
