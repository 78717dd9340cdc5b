"""Compare two packages: `python -m scripts.compare_packages OLD NEW [--meant FILE]`.

For a change to the code that should change no data. Tables are compared value by value along their keys, portraits
and what is derived from them byte by byte. Each difference has a subject, such as `column meps.party`, and the file
of meant differences lists subjects, one a line, where `*` stands for anything and `#` begins a comment.
Exit status: 0 if every difference is meant, 1 if not.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from dontspy_data.model.schema import Table
from dontspy_data.package.files import sha256_of
from dontspy_data.package.open import Package, open_package

EXAMPLES = 3
PICTURES = ("portraits", "derived")

Rows = Mapping[tuple[Any, ...], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that two packages do not have in common.

    Attributes:
        subject: what differs, in the words of a file of meant differences.
        detail: how often and how, for people.
    """

    subject: str
    detail: str


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the differences of two packages; return 1 if one of them is not meant, else 0."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--meant", type=Path, metavar="FILE", help="Subjects that are meant to differ.")
    given = parser.parse_args(arguments)
    meant = read_meant(given.meant) if given.meant else []
    unmeant = 0
    for difference in compare_packages(open_package(given.old), open_package(given.new)):
        is_meant = any(fnmatchcase(difference.subject, pattern) for pattern in meant)
        unmeant += not is_meant
        print(f"{'meant' if is_meant else 'NOT MEANT'}: {difference.subject}: {difference.detail}")
    print(f"{unmeant} differences that are not meant" if unmeant else "Equal, but for what is meant")
    return int(unmeant > 0)


def read_meant(path: Path) -> list[str]:
    """Read the patterns of a file of meant differences."""
    lines = (line.partition("#")[0].strip() for line in path.read_text("utf-8").split("\n"))
    return [line for line in lines if line]


def compare_packages(old: Package, new: Package) -> Iterator[Difference]:
    """Yield every difference between the tables and the pictures of two packages."""
    old_tables = {table.name: table for table in old.tables}
    new_tables = {table.name: table for table in new.tables}
    yield from _one_sided("table", old_tables, new_tables)
    for name in sorted(old_tables.keys() & new_tables.keys()):
        yield from _compare_table(old, new, old_tables[name], new_tables[name])
    old_files, new_files = _pictures(old.folder), _pictures(new.folder)
    yield from _one_sided("file", old_files, new_files)
    for name in sorted(old_files.keys() & new_files.keys()):
        if old_files[name] != new_files[name]:
            yield Difference(f"file {name}", "other bytes")


def _compare_table(old: Package, new: Package, before: Table, after: Table) -> Iterator[Difference]:
    columns = [field["name"] for field in before.schema["fields"]]
    new_columns = [field["name"] for field in after.schema["fields"]]
    yield from _one_sided(
        "column", *({f"{before.name}.{name}": "" for name in each} for each in (columns, new_columns))
    )
    shared = [name for name in columns if name in new_columns]
    key = tuple(name for name in after.primary_key if name in shared) or tuple(shared)
    if before.primary_key != after.primary_key:
        yield Difference(f"key {before.name}", f"{before.primary_key} before, {after.primary_key} after")
    old_rows, new_rows = (_rows(package, before.name, shared, key) for package in (old, new))
    for what, keys in (
        ("removed", old_rows.keys() - new_rows.keys()),
        ("added", new_rows.keys() - old_rows.keys()),
    ):
        if keys:
            yield Difference(f"rows {what} {before.name}", _some(sorted(keys, key=repr)))
    both = sorted(old_rows.keys() & new_rows.keys(), key=repr)
    for column in shared:
        pairs = [
            (row, old_rows[row][column], new_rows[row][column])
            for row in both
            if old_rows[row][column] != new_rows[row][column]
        ]
        if pairs:
            examples = [f"{row}: {was!r} → {now!r}" for row, was, now in pairs]
            yield Difference(f"values {before.name}.{column}", _some(examples))


def _rows(package: Package, table: str, columns: list[str], key: tuple[str, ...]) -> Rows:
    """Read a table's rows by key; a key that stands there twice is numbered, so that no row hides another."""
    found: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    path = package.folder / "data" / f"{table}.parquet"
    for row in pq.read_table(path, columns=columns).to_pylist():
        name = tuple(row[column] for column in key)
        number = 1
        while name in found:
            number += 1
            name = (*name[: len(key)], number)
        found[name] = row
    return found


def _pictures(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): sha256_of(path)
        for part in PICTURES
        for path in sorted((folder / part).rglob("*"))
        if path.is_file()
    }


def _one_sided(kind: str, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[Difference]:
    for name in old:
        if name not in new:
            yield Difference(f"{kind} {name}", "removed")
    for name in new:
        if name not in old:
            yield Difference(f"{kind} {name}", "added")


def _some(examples: Sequence[object]) -> str:
    shown = "; ".join(str(example) for example in islice(examples, EXAMPLES))
    return f"{len(examples):,}: {shown}{'; …' if len(examples) > EXAMPLES else ''}"


if __name__ == "__main__":
    sys.exit(main())
