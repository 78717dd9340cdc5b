"""Whatever changes, in whatever column of whatever table: nothing breaks, people are told, programs can follow."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dontspy_data.model.schema import parse_table, tables
from dontspy_data.package.open import Package, open_package
from dontspy_data.package.write import arrow_schema
from dontspy_data.release.release import difference
from dontspy_data.release.version import Level

TABLES = [table.name for table in tables()]
USED = ("meps", "countries", "political_groups", "portraits", "withdrawals")
"""Tables that are looked at whichever table has changed."""
Schema = dict[str, Any]
Row = dict[str, Any]


def renamed(schema: Schema, rows: list[Row], column: str) -> list[Row]:
    for field in schema["fields"]:
        field["name"] = f"other_{column}" if field["name"] == column else field["name"]
    schema["primaryKey"] = [f"other_{column}" if name == column else name for name in schema["primaryKey"]]
    schema["foreignKeys"] = [key for key in schema.get("foreignKeys", ()) if column not in key["fields"]]
    return [{**row, f"other_{column}": row[column]} for row in rows]


def retyped(schema: Schema, rows: list[Row], column: str) -> list[Row]:
    field = next(field for field in schema["fields"] if field["name"] == column)
    was_text = field["type"] == "string"
    field["type"] = "integer" if was_text else "string"
    return [{**row, column: number if was_text else str(row[column])} for number, row in enumerate(rows)]


def reshaped(schema: Schema, rows: list[Row], column: str) -> list[Row]:
    """Every other column renamed, the rest retyped."""
    at = [field["name"] for field in schema["fields"]].index(column)
    return (retyped if at % 2 else renamed)(schema, rows, column)


def corrected(schema: Schema, rows: list[Row], column: str) -> list[Row]:
    return [{**rows[0], column: other(rows[0][column])}, *rows[1:]] if rows else rows


def other(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int() | float():
            return value + 1000
        case str():
            return f"{value} or else"
        case datetime():
            return datetime(1950, 1, 1, tzinfo=UTC)
        case date():
            return date(1950, 1, 1)
    return None


def edited(old: Package, folder: Path, table: str, resource: dict[str, Any], rows: list[Row]) -> Package:
    """A package in a folder that differs from another in one table."""
    described = parse_table(resource)
    arrow = pa.Table.from_pylist(rows, schema=arrow_schema(described))
    pq.write_table(arrow, folder / "data" / f"{table}.parquet")
    resources = [resource if one["name"] == table else one for one in old.descriptor["resources"]]
    described_all = tuple(described if one.name == table else one for one in old.tables)
    return Package(folder, {**old.descriptor, "resources": resources}, described_all)


def only(package: Package, *names: str) -> Package:
    """A package of some of its tables, which is quicker to compare."""
    resources = [one for one in package.descriptor["resources"] if one["name"] in names]
    described = tuple(one for one in package.tables if one.name in names)
    return Package(package.folder, {**package.descriptor, "resources": resources}, described)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("change", [reshaped, corrected])
def test_any_column_can_change(
    table: str,
    change: Callable[[Schema, list[Row], str], list[Row]],
    few: Path,
    tmp_path: Path,
    assert_followed: Any,
) -> None:
    old, folder = only(open_package(few), *USED, table), Path(shutil.copytree(few, tmp_path / "new"))
    rows = old.read(table).to_pylist()
    resource = next(one for one in old.descriptor["resources"] if one["name"] == table)
    for column in [field["name"] for field in resource["schema"]["fields"]]:
        changed = json.loads(json.dumps(resource))
        new = edited(old, folder, table, changed, change(changed["schema"], rows, column))
        found = difference(old, new)
        assert found.level is (found.level if change is corrected else Level.MAJOR), column
        assert found.is_unchanged is not bool(found.sections), column
        assert_followed(only(old, table), only(new, table))


@pytest.mark.parametrize("table", TABLES)
def test_any_table_can_go_and_come(table: str, few: Path, assert_followed: Any) -> None:
    old = open_package(few)
    new = only(old, *(name for name in TABLES if name != table))
    gone, come = difference(old, new), difference(new, old)
    assert (gone.version, come.version) == ("2.0.0", "1.1.0")
    assert gone.sections[0].lines[0].text == f"the table `{table}` is gone"
    assert come.sections[-1].lines[0].text == f"the table `{table}` is new"
    assert_followed(old, new)
    assert_followed(new, old)
