"""Reading `datapackage.json`, which may come from anywhere: everything that this project uses of it has its shape.

Specification: Data Package 2.0, https://datapackage.org/standard/data-package/
"""

import re
from datetime import datetime
from typing import Any

from dontspy_data.model.foreign import JsonValue, read_json
from dontspy_data.model.schema import TYPES
from dontspy_data.package.paths import is_inside

HINT = "Build the package again, or take a whole copy."
NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
COLUMN = re.compile(r"[a-z][a-z0-9_]{0,63}")
VERSION = re.compile(r"(0|[1-9]\d{0,8})(\.(0|[1-9]\d{0,8})){2}")
HASH = re.compile(r"sha256:[0-9a-f]{64}")
SHARES = ("membersLost", "portraitsLost", "countryLost")
MOST_TABLES = 200
MOST_COLUMNS = 500


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
