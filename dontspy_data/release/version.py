"""Versions of releases: which part a change raises, and what comes next.

Changes of rows are found by `row_changes.py`; changes of structure here: tables, columns, keys, licences, paths,
formats.
MAJOR: readers of the release before may break. MINOR: there is more than before. PATCH: something was corrected.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from dontspy_data.errors import UsageError
from dontspy_data.formats.write import format_names
from dontspy_data.model.schema import Table
from dontspy_data.package.open import VERSION, Package

FIRST = "1.0.0"
ABOUT = ("title", "description", "homepage", "keywords", "contributors", "sources", "floors")
PROSE = ("title", "description", "example")


class Level(IntEnum):
    """The part of a version that a change raises; the highest of all changes decides."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3


def next_version(previous: str | None, computed: Level, raised: Level | None = None) -> str:
    """Return the version that follows.

    Args:
        previous: version before; None if there is none.
        computed: what the changes require.
        raised: what a person asks for; None to leave it to the changes.

    Raises:
        UsageError: the person asks for less than the changes require.
    """
    if raised is not None and raised < computed:
        raise UsageError(
            f"the changes make this a {computed.name} release, not a {raised.name} one",
            hint="A version can be raised by hand, never lowered; dontspy-data diff says why.",
        )
    if previous is None:
        return FIRST
    major, minor, patch = version_key(previous)
    match raised or computed:
        case Level.MAJOR:
            return f"{major + 1}.0.0"
        case Level.MINOR:
            return f"{major}.{minor + 1}.0"
        case Level.PATCH:
            return f"{major}.{minor}.{patch + 1}"
    return previous


def step(previous: str, version: str) -> Level:
    """Return the part of a version that was raised from the one before."""
    was, now = version_key(previous), version_key(version)
    if was[0] != now[0]:
        return Level.MAJOR
    return Level.MINOR if was[1] != now[1] else Level.PATCH


def version_key(version: str) -> tuple[int, int, int]:
    """Return a version as numbers, to compare by.

    Raises:
        UsageError: it is not of the form `MAJOR.MINOR.PATCH`.
    """
    match = VERSION.fullmatch(version)
    if not match:
        raise UsageError(f"{version!r} is not a version", hint="Versions are like 1.2.3.")
    major, minor, patch = map(int, match.groups())
    return (major, minor, patch)


def aliases(version: str) -> tuple[str, str, str]:
    """Return a version and its shorter names: `1.2.3`, `1.2`, `1`."""
    major, minor, _ = version.split(".")
    return (version, f"{major}.{minor}", major)


@dataclass(frozen=True, slots=True)
class StructureChange:
    """One change of structure.

    Attributes:
        level: the part of the version that it raises.
        what: one clause for people, such as "the column `x` of `meps` is gone".
    """

    level: Level
    what: str


def shared_columns(old: Package, new: Package, name: str) -> frozenset[str]:
    """Return the columns of a table that both packages have, and of the same type; the others cannot be compared."""
    before, after = (
        {(field.name, field.type) for field in table.fields} if table else set()
        for table in (old.find(name), new.find(name))
    )
    return frozenset(column for column, _ in before & after)


def has_same_key(old: Package, new: Package, name: str) -> bool:
    """Return whether rows of a table can be matched in another package by their key."""
    before, after = old.find(name), new.find(name)
    if before is None or after is None or before.primary_key != after.primary_key:
        return False
    return shared_columns(old, new, name).issuperset(after.primary_key)


def structure_changes(old: Package, new: Package) -> tuple[StructureChange, ...]:
    """Return every change of structure from one package to another, in the order of the new one's tables."""
    return (
        *_dataset_changes(old.descriptor, new.descriptor),
        *_format_changes(old, new),
        *_table_changes(old, new),
    )


def _dataset_changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[StructureChange]:
    if _licences(old) != _licences(new):
        yield StructureChange(Level.MAJOR, "the licence changed")
    for key in ABOUT:
        if old.get(key) != new.get(key):
            yield StructureChange(Level.PATCH, f"the dataset's {key} changed")


def _licences(descriptor: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(licence["name"], licence["path"]) for licence in descriptor["licenses"]]


def _format_changes(old: Package, new: Package) -> Iterator[StructureChange]:
    before, after = format_names(old), format_names(new)
    for name in sorted(before - after):
        yield StructureChange(Level.MAJOR, f"`{name}` is gone")
    for name in sorted(after - before):
        yield StructureChange(Level.MINOR, f"`{name}` is new")


def _table_changes(old: Package, new: Package) -> Iterator[StructureChange]:
    before = {table.name: table for table in old.tables}
    after = {table.name: table for table in new.tables}
    for name in before:
        if name not in after:
            yield StructureChange(Level.MAJOR, f"the table `{name}` is gone")
    for name, table in after.items():
        if name not in before:
            yield StructureChange(Level.MINOR, f"the table `{name}` is new")
        else:
            if _paths(old, name) != _paths(new, name):
                yield StructureChange(Level.MAJOR, f"the files of `{name}` are at other paths")
            yield from _changes_within(before[name], table)


def _paths(package: Package, table: str) -> list[str]:
    resource = next(one for one in package.descriptor["resources"] if one["name"] == table)
    return [file["path"] for file in (resource, *resource["alternatives"])]


def _changes_within(old: Table, new: Table) -> Iterator[StructureChange]:
    if old.primary_key != new.primary_key:
        yield StructureChange(Level.MAJOR, f"the key of `{new.name}` changed")
    before = {field["name"]: field for field in old.schema["fields"]}
    after = {field["name"]: field for field in new.schema["fields"]}
    added = [name for name in after if name not in before]
    references = set(old.foreign_keys) ^ set(new.foreign_keys)
    for table in sorted({key.table for key in references if not set(key.fields) & set(added)}):
        yield StructureChange(Level.MAJOR, f"the reference of `{new.name}` to `{table}` changed")
    for name in before:
        if name not in after:
            yield StructureChange(Level.MAJOR, f"the column `{name}` of `{new.name}` is gone")
    kept = [name for name in before if name in after]
    if kept != [name for name in after if name in before]:
        yield StructureChange(Level.MAJOR, f"columns of `{new.name}` are in another order")
    for name in added:
        at_end = list(after).index(name) >= len(after) - len(added)
        level, where = (Level.MINOR, "new") if at_end else (Level.MAJOR, "new, between others")
        yield StructureChange(level, f"the column `{name}` of `{new.name}` is {where}")
    for name in kept:
        yield from _column_changes(new.name, before[name], after[name])
    if any(old.schema.get(key) != new.schema.get(key) for key in PROSE):
        yield StructureChange(Level.PATCH, f"the description of `{new.name}` changed")


def _column_changes(table: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[StructureChange]:
    named = f"the column `{new['name']}` of `{table}`"
    before, after = old.get("constraints", {}), new.get("constraints", {})
    if (old["type"], old.get("format")) != (new["type"], new.get("format")):
        yield StructureChange(Level.MAJOR, f"{named} is of another type: {old['type']}, now {new['type']}")
    elif before.get("required", False) != after.get("required", False):
        # In Parquet this is another type, and a reader who relied on a value may find none.
        words = "always has a value" if after.get("required") else "may be empty"
        yield StructureChange(Level.MAJOR, f"{named} now {words}")
    elif new["name"].endswith("path") and before.get("pattern") != after.get("pattern"):
        yield StructureChange(Level.MAJOR, f"paths in {named} are formed in another way")
    elif _rules(old) != _rules(new):
        yield StructureChange(Level.MINOR, f"what {named} may hold changed")
    elif old != new:
        yield StructureChange(Level.PATCH, f"the description of {named} changed")


def _rules(field: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in field.items() if key not in PROSE}
