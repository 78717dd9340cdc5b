"""Rows of both tables, from what was seen and what the bytes say."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import frictionless
import pytest
from PIL import Image

from dontspy_data.portraits import rows as module
from dontspy_data.portraits.describe import Description, Status, StatusReason, describe
from dontspy_data.portraits.rows import (
    FaceRow,
    PeriodRow,
    PortraitRow,
    PortraitTables,
    crop_files,
    portrait_rows,
)
from dontspy_data.sources.portraits import PortraitVersion, ShownPeriod, never_asked

SCHEMAS = Path(__file__).parents[2] / "schemas"
MARCH, APRIL = datetime(2024, 3, 1, 6, tzinfo=UTC), datetime(2024, 4, 1, 6, tzinfo=UTC)


def version(mep_id: int, key: str = "absent", **changes: Any) -> PortraitVersion:
    seen = PortraitVersion(
        mep_id=mep_id,
        key=key,
        source_url=f"https://www.europarl.europa.eu/mepphoto/{mep_id}.jpg",
        http_status=200,
        periods=(ShownPeriod(MARCH, APRIL),),
        is_current=True,
        noai=False,
    )
    return replace(seen, **changes)


@pytest.fixture(scope="module")
def known(people: dict[int, bytes]) -> Mapping[int, Description]:
    return {n: describe(people[n], faces=True) for n in (9000001, 9000002, 9000003)}


def digest(found: Description) -> str:
    """Stand in for the digest of the bytes that a description is of."""
    return hashlib.sha256(repr(found).encode()).hexdigest()


def by_digest(*found: Description) -> dict[str, Description]:
    return {digest(description): description for description in found}


def test_a_present_portrait_and_its_face(known: Mapping[int, Description]) -> None:
    found = known[9000001]
    assert found.picture
    tables = portrait_rows([version(1, digest(found), noai=True)], by_digest(found), set())
    (row,), (face,) = tables.portraits, tables.faces
    assert row.portrait_id == f"1-{digest(found)[:12]}"
    assert (row.status, row.path, row.problem) == ("present", "portraits/1.jpg", None)
    assert (row.sha256, row.status_reason) == (digest(found), None)
    assert (row.bytes, row.face_count, row.noai) == (found.size, 1, True)
    assert (row.first_seen, row.last_seen) == (MARCH, APRIL)
    assert (face.face_id, face.portrait_id) == (f"{row.portrait_id}-1", row.portrait_id)
    assert face.crop_path == "derived/faces/1.jpg"
    ((path, crop),) = crop_files(tables, by_digest(found))
    assert path == face.crop_path
    assert Image.open(BytesIO(crop)).getexif()[0x010E] == f"Detail of {row.source_url}"


def test_an_earlier_portrait_stays_and_has_no_crop(known: Mapping[int, Description]) -> None:
    old, new = known[9000001], known[9000002]
    tables = portrait_rows(
        [version(1, digest(new)), version(1, digest(old), is_current=False)],
        by_digest(old, new),
        set(),
    )
    rows = {row.is_current: row for row in tables.portraits}
    assert rows[False].path == f"portraits/earlier/1-{digest(old)[:12]}.jpg"
    assert rows[True].path == "portraits/1.jpg"
    crops = {face.portrait_id: face.crop_path for face in tables.faces}
    assert crops == {rows[False].portrait_id: None, rows[True].portrait_id: "derived/faces/1.jpg"}
    assert len(list(crop_files(tables, by_digest(old, new)))) == 1


@pytest.mark.parametrize("http_status", [404, 410])
def test_asked_for_and_not_there_is_absent(http_status: int) -> None:
    (row,) = portrait_rows([version(1, http_status=http_status)], {}, set()).portraits
    assert (row.portrait_id, row.status, row.path, row.problem) == ("1-absent", "absent", None, None)


def test_never_asked_for_is_unknown() -> None:
    never = never_asked(1)
    (row,) = portrait_rows([never], {}, set()).portraits
    assert (row.portrait_id, row.status, row.status_reason) == ("1-unknown", "unknown", "not_asked")
    assert row.problem is row.noai is None


def test_a_refusal_is_unknown_and_says_so() -> None:
    (row,) = portrait_rows([version(1, "unknown", http_status=202)], {}, set()).portraits
    assert (row.status, row.status_reason, row.problem) == ("unknown", "refused", "answered 202")


def test_an_unusable_picture_is_unknown_with_its_reason() -> None:
    found = describe(b"<html>", faces=True)
    tables = portrait_rows([version(1, digest(found))], by_digest(found), set())
    (row,) = tables.portraits
    assert (row.status, row.status_reason, row.path) == ("unknown", "other_format", None)
    assert (row.sha256, row.bytes) == (digest(found), 6)
    assert row.problem == "is not a JPEG file but a web page"
    assert row.portrait_id == f"1-{digest(found)[:12]}"
    assert tables.faces == ()


def test_withdrawn_is_one_row_that_says_nothing_else(known: Mapping[int, Description]) -> None:
    one, two = known[9000001], known[9000002]
    tables = portrait_rows(
        [version(1, digest(one)), version(1, digest(two)), version(2, digest(two))],
        by_digest(one, two),
        {1},
    )
    first, second = tables.portraits
    assert first == PortraitRow("1-withdrawn", 1, Status.WITHDRAWN, is_current=True)
    # A picture that only a withdrawn person shared is nobody's placeholder.
    assert (second.mep_id, second.status) == (2, "present")
    assert {face.mep_id for face in tables.faces} == {2}


def test_withdrawn_needs_no_description(known: Mapping[int, Description]) -> None:
    (row,) = portrait_rows([version(1, "0" * 64)], {}, {1}).portraits
    assert row.status == "withdrawn"


def shown(known: Mapping[int, Description], *versions: PortraitVersion) -> PortraitTables:
    return portrait_rows(versions, by_digest(*known.values()), set())


def states(tables: PortraitTables) -> dict[str, tuple[str, str | None, bool, str | None]]:
    """Status, reason, whether current and path of each row, by person and first digits of the digest."""
    return {
        f"{row.mep_id} {(row.sha256 or '')[:4]}": (row.status, row.status_reason, row.is_current, row.path)
        for row in tables.portraits
    }


def test_a_picture_of_three_people_is_a_stock_picture(known: Mapping[int, Description]) -> None:
    one, own = digest(known[9000001]), digest(known[9000002])
    tables = shown(known, *(version(n, one) for n in (1, 2, 3)), version(4, own))
    assert [row.status for row in tables.portraits] == ["placeholder"] * 3 + ["present"]
    assert [row.path for row in tables.portraits] == [None, None, None, "portraits/4.jpg"]
    assert tables.portraits[0].face_count is None
    assert {face.mep_id for face in tables.faces} == {4}
    assert tables.problems == ()


def test_a_picture_of_two_people_is_disputed_and_named_for_both(known: Mapping[int, Description]) -> None:
    one = digest(known[9000001])
    tables = shown(known, version(1, one), version(2, one))
    assert [(row.status, row.status_reason, row.path) for row in tables.portraits] == [
        ("unknown", "disputed", None)
    ] * 2
    assert [(p.kind, p.mep_id) for p in tables.problems] == [("portrait", 1), ("portrait", 2)]
    assert ["2" in tables.problems[0].found, "1" in tables.problems[1].found] == [True, True]
    assert tables.faces == ()


def test_the_portrait_before_a_disputed_one_stays_current(known: Mapping[int, Description]) -> None:
    one, before = digest(known[9000001]), digest(known[9000002])
    tables = shown(known, version(1, one), version(2, one), version(2, before, is_current=False))
    assert states(tables) == {
        f"1 {one[:4]}": ("unknown", "disputed", True, None),
        f"2 {one[:4]}": ("unknown", "disputed", False, None),
        f"2 {before[:4]}": ("present", "disputed", True, "portraits/2.jpg"),
    }
    assert {face.crop_path for face in tables.faces} == {"derived/faces/2.jpg"}


def test_a_mistake_that_was_put_right_takes_nobodys_portrait_away(known: Mapping[int, Description]) -> None:
    one, two = digest(known[9000001]), digest(known[9000002])
    tables = shown(known, version(1, one), version(2, two), version(2, one, is_current=False))
    assert states(tables) == {
        f"1 {one[:4]}": ("present", None, True, "portraits/1.jpg"),
        f"2 {one[:4]}": ("unknown", "disputed", False, None),
        f"2 {two[:4]}": ("present", None, True, "portraits/2.jpg"),
    }


def test_a_listed_picture_is_a_stock_picture(
    known: Mapping[int, Description], monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = known[9000001].picture
    assert picture
    monkeypatch.setattr(module, "stock_pictures", lambda: frozenset({picture.phash}))
    (row,) = shown(known, version(1, digest(known[9000001]))).portraits
    assert (row.status, row.path) == ("placeholder", None)


def test_a_portrait_that_came_back_has_its_periods_apart(known: Mapping[int, Description]) -> None:
    day = timedelta(days=1)
    periods = ShownPeriod(MARCH, MARCH + day), ShownPeriod(APRIL, APRIL + day)
    tables = shown(known, version(1, digest(known[9000001]), periods=periods))
    (row,) = tables.portraits
    assert (row.first_seen, row.last_seen) == (MARCH, APRIL + day)
    assert tables.periods == tuple(PeriodRow(row.portrait_id, 1, p.first_seen, p.last_seen) for p in periods)


def test_a_capture_day_after_the_answer_is_no_capture_day(known: Mapping[int, Description]) -> None:
    found = known[9000001]
    assert found.picture
    for days, expected in ((0, date(2024, 3, 1)), (1, date(2024, 3, 2)), (2, None)):
        texts = replace(found.picture.metadata, captured_on=(MARCH + timedelta(days)).date())
        later = replace(found, picture=replace(found.picture, metadata=texts))
        (row,) = portrait_rows([version(1, digest(later))], by_digest(later), set()).portraits
        assert row.captured_on == expected


def test_rows_do_not_depend_on_the_order_of_what_was_seen(known: Mapping[int, Description]) -> None:
    seen = [version(n, digest(d)) for n, d in zip((3, 1, 2), known.values(), strict=True)]
    described = by_digest(*known.values())
    assert portrait_rows(seen, described, set()) == portrait_rows(seen[::-1], described, set())


@pytest.mark.parametrize(
    ("name", "row"), [("portraits", PortraitRow), ("faces", FaceRow), ("portrait_periods", PeriodRow)]
)
def test_schema_and_row_have_the_same_columns(name: str, row: type) -> None:
    schema = json.loads((SCHEMAS / f"{name}.json").read_text())
    assert [field["name"] for field in schema["fields"]] == [field.name for field in fields(row)]
    for field in schema["fields"]:
        assert field["title"]
        assert field["description"].endswith((".", '"'))
        if categories := field.get("categories"):
            values = [c["value"] if isinstance(c, dict) else c for c in categories]
            assert values == field["constraints"]["enum"]
    examples = {field["name"]: field["example"] for field in schema["fields"]}
    cells = {k: str(v).lower() if isinstance(v, bool) else v for k, v in examples.items()}
    parsed = frictionless.Schema.from_descriptor(schema)
    _, notes = parsed.read_cells([str(cells[field.name]) for field in parsed.fields])
    assert [note for note in notes if note] == []


@pytest.mark.parametrize(("column", "values"), [("status", Status), ("status_reason", StatusReason)])
def test_every_status_and_reason_is_in_the_schema(
    column: str, values: type[Status] | type[StatusReason]
) -> None:
    schema = json.loads((SCHEMAS / "portraits.json").read_text())
    field = next(field for field in schema["fields"] if field["name"] == column)
    assert field["constraints"]["enum"] == [str(value) for value in values]


def test_rows_satisfy_their_schemas(known: Mapping[int, Description]) -> None:
    seen = [version(n, digest(d)) for n, d in enumerate(known.values(), start=1)]
    tables = portrait_rows([*seen, version(9, http_status=404)], by_digest(*known.values()), {2})
    for name, rows in (
        ("portraits", tables.portraits),
        ("faces", tables.faces),
        ("portrait_periods", tables.periods),
    ):
        schema = frictionless.Schema.from_descriptor(str(SCHEMAS / f"{name}.json"))
        schema.foreign_keys = []
        data = [asdict(row) for row in rows]
        report = frictionless.Resource(data=data, schema=schema).validate()
        assert report.valid, report.flatten(["fieldName", "note"])
