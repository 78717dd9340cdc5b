"""Packages of the sample, and copies of them with changes."""

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from dontspy_data import sample
from dontspy_data.model.schema import parse_table
from dontspy_data.package.open import Package, open_package
from dontspy_data.package.write import TableWriter, arrow_schema, cell, table_resources
from dontspy_data.release.release import release_package
from dontspy_data.release.row_changes import delta_lines, row_changes, withdrawals_of

Rows = list[dict[str, Any]]


@pytest.fixture(scope="session")
def built(small_package: Path) -> Path:
    return small_package


@pytest.fixture(scope="session")
def first(built: Path, made_once: Any) -> Path:
    """The sample as release 1.0.0."""
    return made_once("first", lambda root: release_package(built, None, root / "1.0.0")) / "1.0.0"


class Edited:
    """A copy of a package whose rows, schemas and descriptor can be changed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def package(self) -> Package:
        return open_package(self.folder)

    def rows(self, table: str, change: Callable[[Rows], Rows]) -> "Edited":
        described = next(one for one in self.package.tables if one.name == table)
        rows = change(self.package.read(table).to_pylist())
        arrow = pa.Table.from_pylist(rows, schema=arrow_schema(described))
        with TableWriter(described, self.folder / "data") as writer:
            writer.add_arrow(arrow)
        return self._describe({})

    def schema(self, table: str, change: Callable[[dict[str, Any]], None]) -> "Edited":
        """Change a table's schema, and its columns accordingly: new ones are null, renamed ones are new."""
        return self.columns(table, change, self.package.read(table).to_pylist())

    def columns(self, table: str, change: Callable[[dict[str, Any]], None], rows: Rows) -> "Edited":
        """Change a table's schema, and give it rows that have its new columns."""
        resources = json.loads(json.dumps(self.package.descriptor["resources"]))
        resource = next(one for one in resources if one["name"] == table)
        change(resource["schema"])
        described = parse_table(resource)
        arrow = pa.Table.from_pylist(rows, schema=arrow_schema(described))
        with TableWriter(described, self.folder / "data") as writer:
            writer.add_arrow(arrow)
        return self._describe({"resources": resources})

    def about(self, **changes: Any) -> "Edited":
        return self._describe(changes)

    def _describe(self, changes: dict[str, Any]) -> "Edited":
        descriptor = {**self.package.descriptor, **changes}
        tables = [parse_table(one) for one in descriptor["resources"]]
        descriptor["resources"] = table_resources(self.folder, tables)
        (self.folder / "datapackage.json").write_text(json.dumps(descriptor))
        return self


@pytest.fixture(scope="session")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables of a few people of the sample, faces and all, as if released; quick to copy and compare."""
    folder = tmp_path_factory.mktemp("release") / "few"
    folder.mkdir()
    shutil.copy(sample.package_path() / "datapackage.json", folder)
    shutil.copytree(sample.package_path() / "data", folder / "data")
    edited = Edited(folder)
    for table in edited.package.tables:
        edited.rows(
            table.name, lambda rows: [row for row in rows if (row.get("mep_id") or 0) <= 9000003][:20]
        )
    return edited.about(version="1.0.0").folder


@pytest.fixture
def edit_few(few: Path, tmp_path: Path) -> Edited:
    return Edited(Path(shutil.copytree(few, tmp_path / "edited")))


@pytest.fixture
def edit(built: Path, tmp_path: Path) -> Edited:
    return Edited(Path(shutil.copytree(built, tmp_path / "edited")))


Tables = dict[str, dict[str, dict[str, Any]]]


def plain(package: Package) -> Tables:
    """The rows of each table by key, with values as JSON has them; without what a delta leaves out."""
    tables: Tables = {}
    for table in package.tables:
        if table.name != "pages":
            rows = [as_plain(row) for row in package.read(table.name).to_pylist()]
            tables[table.name] = {json.dumps({k: row[k] for k in table.primary_key}): row for row in rows}
    return tables


def as_plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: cell(value) if isinstance(value, date) else value for name, value in row.items()}


def follow(old: Package, new: Package, delta: str) -> Tables:
    """The tables of a release, from those of the one before, its descriptor and its delta, as the delta says."""
    before, columns = plain(old), {table.name: [f.name for f in table.fields] for table in new.tables}
    tables = {
        name: {
            key: {column: row.get(column) for column in names} for key, row in before.get(name, {}).items()
        }
        for name, names in columns.items()
        if name != "pages"
    }
    lines = [json.loads(line) for line in delta.splitlines()]
    out = {line["key"]["mep_id"] for line in lines if line["table"] == "withdrawals" and line["op"] == "ADD"}
    for name in tables.keys() - {"withdrawals"}:
        tables[name] = {key: row for key, row in tables[name].items() if row.get("mep_id") not in out}
    for line in lines:
        rows, key = tables[line["table"]], json.dumps(line["key"])
        if line["op"] == "DEL":
            del rows[key]
        elif line["op"] == "ADD":
            assert key not in rows
            rows[key] = line["row"]
        else:
            for column, (was, now) in line["changed"].items():
                assert rows[key][column] == was
                rows[key][column] = now
    return tables


def comparable(tables: Tables) -> Tables:
    """The same without the columns that a delta leaves out."""
    seen = {"first_seen", "last_seen", "retrieved_at"}
    return {
        name: {key: {c: value for c, value in row.items() if c not in seen} for key, row in rows.items()}
        for name, rows in tables.items()
    }


@pytest.fixture(scope="session")
def assert_followed() -> Callable[[Package, Package], None]:
    """Asserts that whoever has one package, and the delta to another, has the other."""

    def check(old: Package, new: Package) -> None:
        withdrawn = withdrawals_of(new)
        delta = delta_lines(row_changes(old, new), withdrawn)
        assert comparable(follow(old, new, delta)) == comparable(plain(new))

    return check


@pytest.fixture
def old(first: Path) -> Package:
    return open_package(first)
