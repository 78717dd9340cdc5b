"""What people edit by hand: `datapackage.json` and `schemas/`, as typed objects.

Every other description of a table (Arrow schema, data dictionary, dataset card) is derived from these.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

PACKAGE_FOLDER = Path(__file__).parent.parent
TYPES = frozenset({"string", "integer", "number", "boolean", "date", "datetime"})


@dataclass(frozen=True, slots=True)
class Field:
    """A column, from its Table Schema field descriptor."""

    name: str
    type: str
    title: str
    description: str
    required: bool
    unique: bool
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """Columns whose values are in another table; `table` is this table's own name where it refers to itself."""

    fields: tuple[str, ...]
    table: str
    reference: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table as its schema and its entry in `datapackage.json` describe it.

    Attributes:
        name: name of the resource, the schema and the files.
        title: for people.
        description: for people; Markdown.
        fields: columns in order.
        primary_key: names of the columns that identify a row.
        foreign_keys: references to other tables.
        minimum_rows: a package with fewer is invalid.
        maximum_rows: a package with more is invalid.
        schema: the Table Schema descriptor itself.
    """

    name: str
    title: str
    description: str
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]
    minimum_rows: int
    maximum_rows: int
    schema: dict[str, Any]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(field.name for field in self.fields)

    def known(self, wanted: Iterable[str]) -> list[str]:
        """Return those of some columns that the table has; in a release of another version it may lack some."""
        there = self.columns
        return [name for name in wanted if name in there]


@cache
def dataset() -> Mapping[str, Any]:
    """Return the dataset-level descriptor, as edited by hand: title, licences, sources, contributors, resources."""
    loaded: dict[str, Any] = json.loads(shipped_file("datapackage.json").read_text("utf-8"))
    return loaded


@cache
def tables() -> tuple[Table, ...]:
    """Return every table that this version of the project writes, in the order of `datapackage.json`."""
    return tuple(shipped_table(resource) for resource in dataset()["resources"])


def shipped_table(resource: Mapping[str, Any]) -> Table:
    """Return a table whose schema is in `schemas/`, from the rest of its resource: name and numbers of rows."""
    schema = json.loads(shipped_file("schemas", f"{resource['name']}.json").read_text("utf-8"))
    return parse_table({**resource, "schema": schema})


def parse_table(resource: Mapping[str, Any]) -> Table:
    """Return a table from its resource descriptor, with the schema inline.

    Raises:
        KeyError: the descriptor lacks something that this project always writes.
        ValueError: a field has a type that this project never writes.
    """
    schema = resource["schema"]
    return Table(
        name=resource["name"],
        title=schema["title"],
        description=schema["description"],
        fields=tuple(_field(field) for field in schema["fields"]),
        primary_key=tuple(schema["primaryKey"]),
        foreign_keys=tuple(
            ForeignKey(
                tuple(key["fields"]),
                key["reference"]["resource"] or resource["name"],
                tuple(key["reference"]["fields"]),
            )
            for key in schema.get("foreignKeys", ())
        ),
        minimum_rows=resource["minimumRows"],
        maximum_rows=resource["maximumRows"],
        schema=schema,
    )


def _field(field: dict[str, Any]) -> Field:
    if field["type"] not in TYPES:
        raise ValueError(f"no field has the type {field['type']!r}")
    constraints = field.get("constraints", {})
    return Field(
        name=field["name"],
        type=field["type"],
        title=field["title"],
        description=field["description"],
        required=constraints.get("required", False),
        unique=constraints.get("unique", False),
        categories=tuple(_value(category) for category in field.get("categories", ())),
    )


def _value(category: str | dict[str, str]) -> str:
    """Return a category's value; Data Package 2.0 allows the value alone, or with a label."""
    return category if isinstance(category, str) else category["value"]


def shipped_file(*parts: str, in_checkout: str = "") -> Path:
    """Return a file or folder that ships with the package: inside of it in a wheel, beside it in a checkout.

    Args:
        parts: of the path.
        in_checkout: folder of the checkout that it is in.
    """
    installed = PACKAGE_FOLDER.joinpath(*parts)
    return installed if installed.exists() else PACKAGE_FOLDER.parent.joinpath(in_checkout, *parts)
