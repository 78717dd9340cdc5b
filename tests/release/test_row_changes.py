"""Which version follows from which change: a table of cases, in both directions."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from dontspy_data.errors import UsageError
from dontspy_data.package.open import Package, open_package
from dontspy_data.release.row_changes import compare
from dontspy_data.release.version import Level, next_version, step

GONE = 9000001


def field(schema: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in schema["fields"] if one["name"] == name)
    return found


def without(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda schema: schema["fields"].remove(field(schema, name))


def new_column(schema: dict[str, Any]) -> dict[str, Any]:
    column = {"name": "nickname", "type": "string", "title": "Nickname", "description": "A nickname."}
    schema["fields"].append(column)
    return column


def moved_column(schema: dict[str, Any]) -> None:
    schema["fields"].insert(1, schema["fields"].pop())


def inserted_column(schema: dict[str, Any]) -> None:
    schema["fields"].insert(2, {**new_column(schema)})
    schema["fields"].pop()


def changed(name: str, **values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda schema: field(schema, name).update(values)


def renamed(schema: dict[str, Any]) -> None:
    field(schema, "birth_place")["name"] = "place_of_birth"


def rekeyed(schema: dict[str, Any]) -> None:
    schema["primaryKey"] = ["mep_id", "kind"]


def loose(schema: dict[str, Any]) -> None:
    schema["foreignKeys"] = schema["foreignKeys"][1:]


def longer(schema: dict[str, Any]) -> None:
    field(schema, "gender")["categories"].append("other")


def filled_column(edited: Any) -> Any:
    rows = edited.package.read("meps").to_pylist()
    named = [{**row, "nickname": f"N{n}" if n % 2 else None} for n, row in enumerate(rows)]
    new = {**named[-1], "mep_id": 9000999, "name": "NEW", "nickname": "Newest"}
    return edited.columns("meps", new_column, [*named, new])


def renamed_key(schema: dict[str, Any]) -> None:
    field(schema, "kind")["name"] = "type"
    schema["primaryKey"] = ["mep_id", "type", "value"]


def with_renamed_key(edited: Any) -> Any:
    rows = edited.package.read("contacts").to_pylist()
    return edited.columns("contacts", renamed_key, [{**row, "type": row["kind"]} for row in rows])


def with_retyped_key(edited: Any) -> Any:
    rows = edited.package.read("contacts").to_pylist()
    texts = [{**row, "mep_id": str(row["mep_id"])} for row in rows]
    return edited.columns("contacts", changed("mep_id", type="string", constraints={"required": True}), texts)


def other_choice(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "is_chosen": not row["is_chosen"]} for row in rows]


MEPS: Any = "meps"
CASES = {
    "nothing": (lambda e: e, Level.NONE, Level.NONE),
    "a row less": (lambda e: e.rows(MEPS, lambda rows: rows[1:]), Level.PATCH, Level.MINOR),
    "a value corrected": (
        lambda e: e.rows(MEPS, lambda rows: [{**rows[0], "name": "CORRECTED"}, *rows[1:]]),
        Level.PATCH,
        Level.PATCH,
    ),
    "a value filled in": (
        lambda e: e.rows("countries", lambda rows: [{**row, "name_en": "X"} for row in rows]),
        Level.PATCH,
        Level.PATCH,
    ),
    "a column at the end": (lambda e: e.schema(MEPS, new_column), Level.MINOR, Level.MAJOR),
    "a column with values, and a row more": (filled_column, Level.MINOR, Level.MAJOR),
    "a key column renamed": (with_renamed_key, Level.MAJOR, Level.MAJOR),
    "a key column retyped": (with_retyped_key, Level.MAJOR, Level.MAJOR),
    "other statements chosen": (lambda e: e.rows("statements", other_choice), Level.NONE, Level.NONE),
    "a column between": (lambda e: e.schema(MEPS, inserted_column), Level.MAJOR, Level.MAJOR),
    "a column moved": (lambda e: e.schema(MEPS, moved_column), Level.MAJOR, Level.MAJOR),
    "a column removed": (lambda e: e.schema(MEPS, without("birth_place")), Level.MAJOR, Level.MAJOR),
    "the last column removed": (
        lambda e: e.schema("pages", without("via")),
        Level.MAJOR,
        Level.MINOR,
    ),
    "a column renamed": (lambda e: e.schema(MEPS, renamed), Level.MAJOR, Level.MAJOR),
    "a column retyped": (
        lambda e: e.rows(MEPS, lambda rows: [{**row, "latest_term": None} for row in rows]).schema(
            MEPS, changed("latest_term", type="string")
        ),
        Level.MAJOR,
        Level.MAJOR,
    ),
    "a column that may now be empty": (
        lambda e: e.schema(MEPS, changed("name", constraints={})),
        Level.MAJOR,
        Level.MAJOR,
    ),
    "a key changed": (lambda e: e.schema("contacts", rekeyed), Level.MAJOR, Level.MAJOR),
    "a reference dropped": (lambda e: e.schema(MEPS, loose), Level.MAJOR, Level.MAJOR),
    "a path scheme changed": (
        lambda e: e.schema("portraits", changed("path", constraints={"pattern": "^faces/.*$"})),
        Level.MAJOR,
        Level.MAJOR,
    ),
    "a category more": (lambda e: e.schema(MEPS, longer), Level.MINOR, Level.MINOR),
    "a description": (
        lambda e: e.schema(MEPS, changed("name", description="Other.")),
        Level.PATCH,
        Level.PATCH,
    ),
    "the licence": (
        lambda e: e.about(licenses=[{"name": "CC0-1.0", "path": "https://x.example/", "title": "CC0"}]),
        Level.MAJOR,
        Level.MAJOR,
    ),
    "the dataset's description": (lambda e: e.about(description="Other."), Level.PATCH, Level.PATCH),
    "a table less": (
        lambda e: e.about(
            resources=[r for r in e.package.descriptor["resources"] if r["name"] != "contacts"]
        ),
        Level.MAJOR,
        Level.MINOR,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_change_asks_for_its_version(case: str, edit: Any, built: Any, old: Package) -> None:
    change, forwards, backwards = CASES[case]
    new = change(edit).package
    assert compare(old, new).level is forwards
    assert compare(new, old).level is backwards


@pytest.mark.parametrize("case", CASES)
def test_a_delta_takes_the_old_tables_to_the_new_ones(
    case: str, edit_few: Any, few: Path, assert_followed: Callable[[Package, Package], None]
) -> None:
    old, new = open_package(few), CASES[case][0](edit_few).package
    assert_followed(old, new)
    assert_followed(new, old)


def test_a_delta_tells_of_the_choice_although_it_asks_for_no_release(edit: Any, old: Package) -> None:
    edit.rows("statements", lambda rows: [*rows[:-1], *other_choice(rows[-1:])])
    (change,) = compare(old, edit.package).rows
    assert (change.op, list(change.changed)) == ("MOD", ["is_chosen"])


def test_the_same_said_by_another_page_is_in_the_delta_and_asks_for_no_release(
    edit: Any, old: Package, assert_followed: Callable[[Package, Package], None]
) -> None:
    other = {"statement_id": "f" * 16, "url": "https://www.example/", "as_of": date(2026, 1, 1)}
    edit.rows("statements", lambda rows: [{**rows[0], **other}, *rows[1:]])
    comparison = compare(old, edit.package)
    assert comparison.level is Level.NONE
    assert [change.op for change in comparison.rows] == ["DEL", "ADD"]
    assert_followed(old, edit.package)


def later(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    when = datetime(2026, 3, 1, tzinfo=UTC)
    times = {"first_seen", "last_seen", "retrieved_at"}
    return [{name: when if name in times and value else value for name, value in row.items()} for row in rows]


def test_reading_the_same_pages_again_changes_nothing(edit: Any, old: Package) -> None:
    for table in ("mandates", "memberships", "contacts", "portraits", "pages"):
        edit.rows(table, later)
    edit.rows(
        "statements",
        lambda rows: [{**row, "statement_id": f"{n:016x}"} for n, row in enumerate(later(rows))],
    )
    assert compare(old, edit.package).level is Level.NONE


def test_a_new_statement_alone_is_something_new(edit: Any, old: Package) -> None:
    edit.rows("statements", lambda rows: [*rows, {**rows[0], "statement_id": "f" * 16, "value": "Another"}])
    comparison = compare(old, edit.package)
    assert comparison.level is Level.MINOR
    assert [(change.op, change.mep_id) for change in comparison.rows] == [("ADD", GONE)]


def test_a_withdrawal_is_a_patch(
    edit: Any, old: Package, assert_followed: Callable[[Package, Package], None]
) -> None:
    row = {"mep_id": GONE, "scope": "person", "withdrawn_on": date(2026, 2, 1), "reason": "request"}
    for table in (
        "meps",
        "mandates",
        "memberships",
        "contacts",
        "portraits",
        "portrait_periods",
        "statements",
    ):
        edit.rows(table, lambda rows: [one for one in rows if one["mep_id"] != GONE])
    edit.rows("withdrawals", lambda rows: [row])
    comparison = compare(old, edit.package)
    assert comparison.level is Level.PATCH
    assert comparison.withdrawn.people == {GONE}
    assert_followed(old, edit.package)


@pytest.mark.parametrize(
    ("previous", "level", "raised", "version"),
    [
        (None, Level.NONE, None, "1.0.0"),
        ("1.2.3", Level.NONE, None, "1.2.3"),
        ("1.2.3", Level.PATCH, None, "1.2.4"),
        ("1.2.3", Level.MINOR, None, "1.3.0"),
        ("1.2.3", Level.MAJOR, None, "2.0.0"),
        ("1.2.3", Level.PATCH, Level.MAJOR, "2.0.0"),
        ("1.2.3", Level.MINOR, Level.MINOR, "1.3.0"),
        ("1.9.9", Level.MINOR, None, "1.10.0"),
    ],
)
def test_what_comes_next(previous: str | None, level: Level, raised: Level | None, version: str) -> None:
    assert next_version(previous, level, raised) == version
    if previous and version != previous:
        assert step(previous, version) is (raised or level)


def test_a_version_cannot_be_lowered() -> None:
    with pytest.raises(UsageError, match="make this a MAJOR release, not a PATCH one"):
        next_version("1.0.0", Level.MAJOR, Level.PATCH)
