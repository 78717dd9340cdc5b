"""Packages of the sample, and copies of them with changes."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from dontspy_data import sample
from dontspy_data.package.build import build_package
from dontspy_data.package.descriptor import table_resources
from dontspy_data.package.metadata import parse_table
from dontspy_data.package.package import Package, open_package
from dontspy_data.package.write import arrow_schema, write_arrow
from dontspy_data.release.make import release_package

Rows = list[dict[str, Any]]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release") / "package"
    build_package([sample.path()], folder, faces=False)
    return folder


@pytest.fixture(scope="session")
def first(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample as release 1.0.0."""
    folder = tmp_path_factory.mktemp("release") / "1.0.0"
    release_package(built, None, folder)
    return folder


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
        write_arrow(described, arrow, self.folder / "data")
        return self._describe({})

    def schema(self, table: str, change: Callable[[dict[str, Any]], None]) -> "Edited":
        """Change a table's schema, and its columns accordingly: new ones are null, renamed ones are new."""
        resources = [
            (one | {"schema": json.loads(json.dumps(one["schema"]))})
            for one in self.package.descriptor["resources"]
        ]
        resource = next(one for one in resources if one["name"] == table)
        rows = self.package.read(table).to_pylist()
        change(resource["schema"])
        described = parse_table(resource)
        arrow = pa.Table.from_pylist(rows, schema=arrow_schema(described))
        write_arrow(described, arrow, self.folder / "data")
        return self._describe({"resources": resources})

    def about(self, **changes: Any) -> "Edited":
        return self._describe(changes)

    def _describe(self, changes: dict[str, Any]) -> "Edited":
        descriptor = {**self.package.descriptor, **changes}
        tables = [parse_table(one) for one in descriptor["resources"]]
        descriptor["resources"] = table_resources(self.folder, tables)
        (self.folder / "datapackage.json").write_text(json.dumps(descriptor))
        return self


@pytest.fixture
def edit(built: Path, tmp_path: Path) -> Edited:
    return Edited(Path(shutil.copytree(built, tmp_path / "edited")))


@pytest.fixture
def old(first: Path) -> Package:
    return open_package(first)
