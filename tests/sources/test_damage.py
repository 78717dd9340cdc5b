"""Damage of one page in every way that can be thought of: nobody else's facts change, and the damage is told.

The pages are those of the bundled sample, which has every source and each of its kinds of pages.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from lxml import etree, html

from dontspy_data import sample
from dontspy_data.capture.captures import Captures, Page
from dontspy_data.model.problems import ProblemKind
from dontspy_data.model.statements import Property
from dontspy_data.sources import SOURCES, ep_csv, portraits, source_of
from dontspy_data.sources.read import read_page
from dontspy_data.sources.source import Reading

PAGES_OF_A_KIND = 3
NONSENSE = ("Zzz of the Moon", "31/31/1970", "\u0000\u202e", "<b>", "-1", "9" * 40)
OTHER_DATES = ("1970.12.31", "31 December 1970", "12-31-70")
ERROR_PAGE = b"<!DOCTYPE html><html lang='en'><body><h1>Service unavailable</h1></body></html>"


@dataclass(frozen=True)
class Damaged:
    """A page after damage.

    Attributes:
        body: of the page.
        whose: the people whose part it was; None for everybody's.
        is_told: whether what is lost must be a problem: what was put there is no value, while what is merely missing
            can be missing in good pages, too.
    """

    body: bytes
    whose: frozenset[int] | None
    is_told: bool


@cache
def pages() -> dict[str, Page]:
    """Return a few pages of each source and kind, by a name for the test."""
    captures = Captures.open([sample.path()])
    found: dict[str, Page] = {}
    numbers: dict[str, int] = {}
    for url in captures.urls():
        source, page = source_of(url), captures.latest(url)
        if source is None or page is None or page.status != 200 or not page.body:
            continue
        endpoint = re.sub(r"\d+|[A-Z]{2}(?=&|$)|%\w\w", "N", url.removeprefix("https://"))
        kind = f"{source.name} {endpoint[:70]}"
        numbers[kind] = numbers.get(kind, 0) + 1
        if numbers[kind] <= PAGES_OF_A_KIND:
            found[f"{kind} {numbers[kind]}"] = page
    return found


NOT_PICTURES = [name for name, page in pages().items() if source_of(page.url) is not portraits.SOURCE]
"""Whether what was sent as a picture is one is found out when it is described, not when it is read."""


def read(page: Page) -> Reading:
    source = source_of(page.url)
    assert source is not None
    return read_page(source, page)


def people(reading: Reading) -> frozenset[int]:
    return frozenset(statement.mep_id for statement in reading.statements)


def told_of_each(reading: Reading) -> set[tuple[int, Property]]:
    return {(statement.mep_id, statement.property) for statement in reading.statements}


def check(page: Page, damaged: Damaged) -> None:
    """Hold a damaged page against the whole one."""
    whole, after = read(page), read(replace(page, body=damaged.body))
    whose = people(whole) if damaged.whose is None else damaged.whose
    others = {s for s in whole.statements if s.mep_id not in whose}
    assert others <= set(after.statements)
    assert damaged.whose is None or people(after) <= people(whole) | whose or after.problems
    lost = told_of_each(whole) - told_of_each(after)
    if lost and damaged.is_told:
        assert after.problems, sorted(lost)
    for problem in after.problems:
        assert problem.url == page.url
        assert problem.expected
    if any(problem.kind is ProblemKind.PAGE for problem in after.problems):
        assert damaged.whose is None or not others - set(after.statements)


@pytest.mark.parametrize("name", NOT_PICTURES)
@pytest.mark.parametrize("body", [b"", ERROR_PAGE, b"{}", b"[]", b"null", b"<meps/>", b"\x00\xff" * 9])
def test_another_page_in_its_place_is_a_problem(name: str, body: bytes) -> None:
    after = read(replace(pages()[name], body=body))
    assert not after.statements
    assert [problem.kind for problem in after.problems] == [ProblemKind.PAGE]


@pytest.mark.parametrize("name", pages())
@pytest.mark.parametrize("status", [202, 403, 429, 500])
def test_a_refusal_is_a_problem(name: str, status: int) -> None:
    after = read(replace(pages()[name], status=status))
    assert not after.statements
    assert [problem.kind for problem in after.problems] == [ProblemKind.PAGE]


@pytest.mark.parametrize("name", NOT_PICTURES)
@settings(max_examples=12, deadline=None)
@given(share=st.floats(0.01, 0.999))
def test_a_page_that_is_cut_off_is_a_problem(name: str, share: float) -> None:
    page = pages()[name]
    whole, after = read(page), read(replace(page, body=page.body.rstrip()[: int(len(page.body) * share) - 1]))
    assert after.problems
    assert len(after.statements) <= len(whole.statements)


@pytest.mark.parametrize("name", pages())
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(data=st.data())
def test_damage_of_one_part_leaves_the_others_and_is_told(name: str, data: st.DataObject) -> None:
    page = pages()[name]
    check(page, data.draw(st.sampled_from(WAYS[form_of(page)]), label="way")(page, data))


def form_of(page: Page) -> str:
    if page.body.startswith(b"\xff\xd8") or source_of(page.url) is portraits.SOURCE:
        return "picture"
    if source_of(page.url) is ep_csv.SOURCE and page.url.endswith(".csv"):
        return "csv"
    if page.body.lstrip().startswith((b"{", b"[")):
        return "json"
    return "html" if b"<html" in page.body[:1000] else "xml"


def of_bytes(page: Page, data: st.DataObject) -> Damaged:
    at = data.draw(st.integers(0, len(page.body) - 1), label="at")
    other = data.draw(st.binary(max_size=8), label="bytes")
    return Damaged(page.body[:at] + other + page.body[at + len(other) :], None, is_told=False)


def of_json(page: Page, data: st.DataObject) -> Damaged:
    document = json.loads(page.body)
    rows = document["data"] if "data" in document else document["results"]["bindings"]
    number = data.draw(st.integers(0, len(rows) - 1), label="row")
    whose = people(read(replace(page, body=_json_with(page, [rows[number]]))))
    holder, key = data.draw(st.sampled_from(list(places(rows, number))), label="place")
    value = data.draw(st.sampled_from([None, 7, [], {}, True, ["x"], *NONSENSE, *OTHER_DATES]), label="value")
    is_gone = data.draw(st.booleans(), label="gone")
    if is_gone and isinstance(holder, dict):
        del holder[key]
    else:
        holder[key] = value
    return Damaged(json.dumps(document).encode(), whose, is_told=not is_gone and value not in (None, [], {}))


def _json_with(page: Page, rows: list[Any]) -> bytes:
    document = json.loads(page.body)
    if "data" in document:
        document["data"] = rows
    else:
        document["results"]["bindings"] = rows
    return json.dumps(document).encode()


def places(holder: Any, key: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place in a value: what holds it, and under which key."""
    yield holder, key
    value = holder[key]
    for inner in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield from places(value, inner)


def of_csv(page: Page, data: st.DataObject) -> Damaged:
    text = page.body.decode("utf-8-sig", errors="surrogateescape")
    lines = text.splitlines()
    delimiter = ";" if ";" in lines[0] else ","
    number = data.draw(st.integers(1, len(lines) - 1), label="line")
    whose = frozenset(int(i) for i in re.findall(r"\b9\d{6}\b", lines[number]))
    cells = lines[number].split(delimiter)
    at = data.draw(st.integers(0, len(cells) - 1), label="cell")
    value = data.draw(st.sampled_from(["", '"', *NONSENSE, *OTHER_DATES, None]), label="value")
    cells[at : at + 1] = [] if value is None else [value]
    assume(value != '"')  # An open quote takes the rows after it with it; see the test of that.
    lines[number] = delimiter.join(cells)
    body = "\n".join(lines) + "\n"
    return Damaged(
        body.encode("utf-8", errors="surrogateescape"), whose, is_told=value not in ("", "\u0000\u202e")
    )


def with_new_column(page: Page, data: st.DataObject) -> Damaged:
    text = page.body.decode("utf-8-sig", errors="surrogateescape")
    delimiter = ";" if ";" in text.splitlines()[0] else ","
    lines = [
        f"{line}{delimiter}{'new' if number else 'mep_shoe_size'}"
        for number, line in enumerate(text.splitlines())
    ]
    body = ("\n".join(lines) + "\n").encode("utf-8", errors="surrogateescape")
    assert "mep_shoe_size" in read(replace(page, body=body)).unread or b'"' in page.body
    return Damaged(body, frozenset() if b'"' not in page.body else None, is_told=True)


def of_elements(page: Page, data: st.DataObject) -> Damaged:
    """Damage an element of one person's part of a list, or any of a page about one person."""
    is_xml = form_of(page) == "xml"
    root = etree.fromstring(page.body) if is_xml else html.document_fromstring(page.body)
    parts = root.xpath("//mep | //*[starts-with(@id, 'member-block-')]")
    number = data.draw(st.integers(0, max(0, len(parts) - 1)), label="part")
    whose = _people_in(parts[number]) if parts else None
    inside = [one for one in (parts[number] if parts else root).iterdescendants() if isinstance(one.tag, str)]
    element = data.draw(st.sampled_from(inside), label="element")
    way = data.draw(st.sampled_from(["drop", "empty", "text"]), label="way")
    if way == "drop":
        element.drop_tree() if not is_xml else element.getparent().remove(element)
    elif way == "empty":
        element.clear()
    else:
        element.text = data.draw(st.sampled_from(["Zzz of the Moon", "-1", *OTHER_DATES]), label="text")
    return Damaged(_written(root, is_xml=is_xml), whose, is_told=way == "text")


def _people_in(part: Any) -> frozenset[int]:
    return frozenset(
        int(i) for i in re.findall(r"\b9\d{6}\b", etree.tostring(part, encoding="unicode", with_tail=False))
    )


def _written(root: Any, *, is_xml: bool) -> bytes:
    return etree.tostring(root, encoding="utf-8") if is_xml else html.tostring(root, encoding="utf-8")


def in_another_language(page: Page, _: st.DataObject) -> Damaged:
    return Damaged(re.sub(rb'lang="en"', b'lang="hu"', page.body), None, is_told=True)


def of_another_person(page: Page, _: st.DataObject) -> Damaged:
    """Change every number of the person that a page is about; what is told then is nobody's else."""
    asked = re.search(r"/(\d{7})\b", page.url)
    assume(asked is not None)
    assert asked is not None
    body = page.body.replace(asked[1].encode(), b"9009009")
    assume(body != page.body)
    after = read(replace(page, body=body))
    assert 9009009 not in people(after)
    assert after.problems
    return Damaged(body, None, is_told=True)


Way = Callable[[Page, st.DataObject], Damaged]
WAYS: dict[str, list[Way]] = {
    "picture": [of_bytes],
    "json": [of_json, of_bytes, of_another_person],
    "csv": [of_csv, of_bytes, with_new_column],
    "xml": [of_elements, of_bytes],
    "html": [of_elements, of_bytes, in_another_language, of_another_person],
}


def test_every_source_is_damaged() -> None:
    of_their_own = {source for source in SOURCES if source.endpoints}  # a web archive has none
    assert {source_of(page.url) for page in pages().values()} == of_their_own
