"""`datapackage.json`: read from anywhere, so that all that this project uses of it has its shape, and written.

What is written is the hand-edited metadata, and every table with its schema and digests.

Specification: Data Package 2.0, https://datapackage.org/standard/data-package/
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from dontspy_data._version import __version__
from dontspy_data.model.schema import TYPES, Table, dataset, tables
from dontspy_data.model.texts import JsonValue, read_json
from dontspy_data.package.digests import DESCRIPTOR, is_inside, json_text, sha256_of

if TYPE_CHECKING:
    from dontspy_data.capture.captures import Captures

HINT = "Build the package again, or take a whole copy."
NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
COLUMN = re.compile(r"[a-z][a-z0-9_]{0,63}")
VERSION = re.compile(r"(0|[1-9]\d{0,8})(\.(0|[1-9]\d{0,8})){2}")
HASH = re.compile(r"sha256:[0-9a-f]{64}")
SHARES = ("membersLost", "portraitsLost", "countryLost")
MOST_TABLES = 200
MOST_COLUMNS = 500
MEDIA_TYPES = {
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".sqlite": "application/vnd.sqlite3",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".jsonld": "application/ld+json",
    ".md": "text/markdown",
    ".cff": "application/yaml",
    ".zip": "application/zip",
    ".tar": "application/x-tar",
    ".sha256": "text/plain",
}
"""Media types by the end of a file's name."""


def read_descriptor(body: bytes, file: str) -> dict[str, Any]:
    """Read the descriptor of a package, a release or an audit.

    Args:
        body: of `datapackage.json`.
        file: its path or address, for people.

    Raises:
        MalformedError: it lacks something, or something is of another kind; the message says what and where.
    """
    about = read_json(body, file, hint=HINT)
    about["name"].text(NAME)
    for name in ("title", "description"):
        about[name].text()
    _moment(about["created"])
    for licence in about["licenses"].items(100):
        for name in ("name", "path", "title"):
            licence[name].text()
    if version := about.get("version"):
        version.text(VERSION)
    if about.get("models") is None:  # an audit has no more than that
        _dataset(about)
    names = [_resource(resource) for resource in about["resources"].items(MOST_TABLES)]
    if len(set(names)) != len(names):
        about["resources"].fail("has a table twice")
    found: dict[str, Any] = about.value
    return found


def _dataset(about: JsonValue) -> None:
    about["homepage"].text()
    for word in about["keywords"].items(1000):
        word.text()
    for one in about["contributors"].items(1000):
        one["title"].text()
        for role in one["roles"].items(100):
            role.text()
    for one in about["sources"].items(1000):
        one["title"].text()
    floors = about["floors"]
    floors["members"].whole()
    for name in SHARES:
        share = floors[name]
        if type(share.value) not in (int, float) or not 0 <= share.value <= 1:
            share.fail("is no share from 0 to 1")
    for one in about["captures"].items(100_000):
        one["hash"].text(HASH)
    if release := about.get("release"):
        about["version"].text(VERSION)
        _release(release)


def _release(release: JsonValue) -> None:
    if previous := release.get("previous"):
        previous.text(VERSION)
    release["previous"]  # null for the first, and never absent
    for mep_id in release["withdrew"].items():
        mep_id.whole(least=1)
    if accepted := release.get("accepted"):
        accepted.text()
    release["accepted"]
    for one in release["formats"].items(1000):
        one.text(longest=200)
    for one in release["files"].items(1000):
        _path(one["path"])


def _resource(resource: JsonValue) -> str:
    name = resource["name"].text(COLUMN)
    resource["rows"].whole()
    resource["minimumRows"].whole()
    resource["maximumRows"].whole()
    _path(resource["path"])
    for one in resource["alternatives"].items(100):
        _path(one["path"])
    schema = resource["schema"]
    schema["title"].text()
    schema["description"].text()
    columns = [_column(field) for field in schema["fields"].items(MOST_COLUMNS)]
    if len(set(columns)) != len(columns):
        schema["fields"].fail("has a column twice")
    _columns(schema["primaryKey"], columns)
    keys = schema.get("foreignKeys")
    for key in keys.items(100) if keys else ():
        _columns(key["fields"], columns)
        key["reference"]["resource"].text(re.compile(rf"({COLUMN.pattern})?"))
        for one in key["reference"]["fields"].items(MOST_COLUMNS):
            one.text(COLUMN)
    return name


def _column(field: JsonValue) -> str:
    if (kind := field["type"].text(longest=100)) not in TYPES:
        field["type"].fail(f"is {kind!r}, which this project never writes")
    for name in ("title", "description"):
        field[name].text()
    if constraints := field.get("constraints"):
        for name in ("required", "unique"):
            if flag := constraints.get(name):
                flag.flag()
        if pattern := constraints.get("pattern"):
            pattern.text(longest=1000)
    if categories := field.get("categories"):
        for one in categories.items(10_000):
            (one if isinstance(one.value, str) else one["value"]).text()
    return field["name"].text(COLUMN)


def _columns(value: JsonValue, columns: list[str]) -> None:
    for one in value.items(MOST_COLUMNS):
        if one.text(COLUMN) not in columns:
            one.fail(f"is {one.value!r}, and there is no such column")


def _path(value: JsonValue) -> None:
    if not is_inside(value.text(longest=1000)):
        value.fail("leads out of the package")


def _moment(value: JsonValue) -> None:
    try:
        moment = datetime.fromisoformat(value.text(longest=40))
    except ValueError:
        value.fail("is no date and time")
    if moment.tzinfo is None:
        value.fail("has no time zone")


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a package was made from.

    Attributes:
        captures: SHA-256 of each capture, sorted.
        retrieved_at: when the latest answer was received, UTC.
        lookups: SHA-256 of the maintainer's own lookups; None if there are none.
        over_budget: each way in which sources failed more than their budgets allow.
        fallback: a sentence for each source that stood in for another and gave facts.
    """

    captures: tuple[str, ...]
    retrieved_at: datetime
    lookups: str | None = None
    over_budget: tuple[str, ...] = ()
    fallback: tuple[str, ...] = ()


def provenance(
    captures: "Captures",
    lookups: str | None,
    over_budget: Iterable[str],
    fallback: Iterable[str],
) -> Provenance:
    """Return what a package made of these captures comes from; the rest is as of `Provenance`."""
    return Provenance(
        captures=tuple(sorted(sha256_of(path) for path in captures.paths)),
        retrieved_at=max(entry.retrieved_at for url in captures.urls() for entry in captures.entries(url)),
        lookups=lookups,
        over_budget=tuple(over_budget),
        fallback=tuple(fallback),
    )


def write_descriptor(folder: Path, made_from: Provenance) -> None:
    """Write `datapackage.json` into a folder whose tables are in `data/`.

    Args:
        folder: the package.
        made_from: what the package was made from; its date is the package's, so that the clock plays no part.
    """
    descriptor = {
        **{key: value for key, value in dataset().items() if key != "resources"},
        "created": made_from.retrieved_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "generator": {"name": "dontspy-data", "version": __version__},
        "captures": [{"hash": f"sha256:{digest}"} for digest in made_from.captures],
        **({"lookups": {"hash": f"sha256:{made_from.lookups}"}} if made_from.lookups else {}),
        "overBudget": list(made_from.over_budget),
        **({"fallback": list(made_from.fallback)} if made_from.fallback else {}),
        "resources": table_resources(folder, tables()),
    }
    (folder / DESCRIPTOR).write_text(json_text(descriptor), encoding="utf-8")


def table_resources(folder: Path, described: Iterable[Table]) -> list[dict[str, Any]]:
    """Return the resources of tables whose files are in a package's `data/`."""
    return [_resource_of(folder, table) for table in described]


def _resource_of(folder: Path, table: Table) -> dict[str, Any]:
    import pyarrow.parquet as pq

    return {
        "name": table.name,
        "type": "table",
        "title": table.title,
        "description": table.description,
        **file_entry(folder, f"data/{table.name}.csv"),
        "encoding": "utf-8",
        "dialect": {"lineTerminator": "\n"},
        "rows": pq.read_metadata(folder / f"data/{table.name}.parquet").num_rows,
        "minimumRows": table.minimum_rows,
        "maximumRows": table.maximum_rows,
        # Not resources of their own: frictionless 5 takes nulls in Parquet's dates and integers for errors.
        "alternatives": [file_entry(folder, f"data/{table.name}.parquet")],
        "schema": table.schema,
    }


def file_entry(folder: Path, path: str) -> dict[str, Any]:
    """Return path, format, size and digest of a file of a package."""
    suffix = PurePosixPath(path).suffix
    return {
        "path": path,
        "format": suffix[1:],
        "mediatype": MEDIA_TYPES[suffix],
        "bytes": (folder / path).stat().st_size,
        "hash": f"sha256:{sha256_of(folder / path)}",
    }
