"""Wikidata items of Members, by property P1186 (MEP directory identifier)."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from dontspy_data.capture.captures import Page
from dontspy_data.errors import PageError
from dontspy_data.model.problems import ProblemKind
from dontspy_data.model.statements import Property
from dontspy_data.sources.documents import json_document, unanswered
from dontspy_data.sources.findings import Findings
from dontspy_data.sources.source import CollectScope, Endpoint, Form, Reading, Request, Source
from dontspy_data.sources.values import person_id

NAME = "wikidata"
HOST = "query.wikidata.org"
RESULTS = "application/sparql-results+json"
ITEMS = Endpoint(NAME, HOST, "sparql", Form.JSON, RESULTS, leaf=True, needs="results", wants_contact=True)
QUERY = "SELECT ?item ?mep WHERE { ?item wdt:P1186 ?mep } ORDER BY ?mep ?item"

PATTERN = re.compile(re.escape(f"https://{HOST}/sparql?"))
ITEM = re.compile(r"https?://www\.wikidata\.org/entity/(Q[1-9]\d*)")


def url() -> str:
    """Return the address of the one query for all Members."""
    return f"https://{HOST}/sparql?" + urlencode({"query": QUERY, "format": "json"})


def read(page: Page) -> Reading:
    """Read every item of every id, even several; see `Source.read`."""
    if (missing := unanswered(page, NAME)) is not None:
        return missing
    results = json_document(page, NAME).get("results")
    bindings = results.get("bindings") if isinstance(results, dict) else None
    if not isinstance(bindings, list) or not bindings:
        raise PageError(NAME, page.url, "any results.bindings")
    found = Findings(page, NAME)
    items: dict[int, set[str]] = defaultdict(set)
    ids: dict[str, set[int]] = defaultdict(set)
    for binding in bindings:
        with found.row(str(binding)):
            item, mep_id = ITEM.fullmatch(_value(binding, "item")), person_id(_value(binding, "mep"))
            if item is None or mep_id is None:
                raise PageError(NAME, page.url, "an item and an id in digits")
            items[mep_id].add(item[1])
            ids[item[1]].add(mep_id)
    for mep_id in sorted(items):
        for one in sorted(items[mep_id]):
            found.cell(mep_id, Property.WIKIDATA_ID, one)
    _find_ambiguous(found, items, ids)
    return found.reading()


def _value(binding: Any, name: str) -> str:
    """Return the value of one variable; empty if the binding lacks it."""
    term = binding.get(name) if isinstance(binding, dict) else None
    value = term.get("value") if isinstance(term, dict) else None
    return value if isinstance(value, str) else ""


def _find_ambiguous(found: Findings, items: Mapping[int, set[str]], ids: Mapping[str, set[int]]) -> None:
    """Add a problem for each person with several items, and for each item with several persons."""
    tell = partial(found.problem, ProblemKind.CONTRADICTION, prop=Property.WIKIDATA_ID)
    for mep_id, several in sorted(items.items()):
        if len(several) > 1:
            tell(", ".join(sorted(several)), "one Wikidata item of a person", mep_id=mep_id)
    for item, persons in sorted(ids.items()):
        if len(persons) > 1:
            tell(f"{item}: {', '.join(map(str, sorted(persons)))}", "one person of a Wikidata item")


def everybody(_: CollectScope) -> Iterator[Request]:
    """Yield the request for the one query."""
    yield Request(ITEMS, url())


SOURCE = Source(NAME, "Wikidata", (ITEMS,), PATTERN, read, everybody=everybody)
