"""Wikidata items of Members, by property P1186 (MEP directory identifier)."""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from dontspy_data.capture.captures import Page
from dontspy_data.errors import PageError
from dontspy_data.model.problems import Note
from dontspy_data.model.statements import Property
from dontspy_data.sources.documents import facts, json_document, unanswered
from dontspy_data.sources.endpoints import Endpoint, Form
from dontspy_data.sources.reading import Reading, drop_repeats
from dontspy_data.sources.values import person_id

NAME = "wikidata"
HOST = "query.wikidata.org"
ITEMS = Endpoint(
    "wikidata", HOST, "sparql", Form.JSON, "application/sparql-results+json", leaf=True, needs="results"
)
QUERY = "SELECT ?item ?mep WHERE { ?item wdt:P1186 ?mep } ORDER BY ?mep ?item"

ITEM = re.compile(r"https?://www\.wikidata\.org/entity/(Q[1-9]\d*)")


def url() -> str:
    """Address of the one query for all Members."""
    return f"https://{HOST}/sparql?" + urlencode({"query": QUERY, "format": "json"})


def matches(url: str) -> bool:
    """Whether this source reads the page at this address."""
    return url.startswith(f"https://{HOST}/sparql?")


def read(page: Page) -> Reading:
    """Every item of every id, also where that is more than one; see `Source.read`."""
    return unanswered(page, NAME) or _read(page)


def _read(page: Page) -> Reading:
    """SPARQL 1.1 Query Results JSON: https://www.w3.org/TR/sparql11-results-json/."""
    results = json_document(page, NAME).get("results")
    bindings = results.get("bindings") if isinstance(results, dict) else None
    if not isinstance(bindings, list) or not bindings:
        raise PageError(NAME, page.url, "any results.bindings")
    items: dict[int, set[str]] = defaultdict(set)
    ids: dict[str, set[int]] = defaultdict(set)
    notes: list[Note] = []
    for binding in bindings:
        item, mep_id = ITEM.fullmatch(_value(binding, "item")), person_id(_value(binding, "mep"))
        if item and mep_id:
            items[mep_id].add(item[1])
            ids[item[1]].add(mep_id)
        else:
            notes.append(Note("a binding without an item and an id in digits", f"{page.url}: {binding}"))
    fact = facts(page, NAME)
    return Reading(
        statements=drop_repeats(
            fact(mep_id, Property.WIKIDATA_ID, item)
            for mep_id in sorted(items)
            for item in sorted(items[mep_id])
        ),
        notes=(*notes, *_ambiguous(items, ids)),
    )


def _value(binding: Any, name: str) -> str:
    """The value of one variable; empty where the binding has none."""
    term = binding.get(name) if isinstance(binding, dict) else None
    value = term.get("value") if isinstance(term, dict) else None
    return value if isinstance(value, str) else ""


def _ambiguous(items: Mapping[int, set[str]], ids: Mapping[str, set[int]]) -> list[Note]:
    two_items = [
        Note("a person with several Wikidata items", f"person {i}: {', '.join(sorted(q))}")
        for i, q in sorted(items.items())
        if len(q) > 1
    ]
    two_ids = [
        Note("a Wikidata item with several ids", f"{q}: {', '.join(map(str, sorted(i)))}")
        for q, i in sorted(ids.items())
        if len(i) > 1
    ]
    return two_items + two_ids
