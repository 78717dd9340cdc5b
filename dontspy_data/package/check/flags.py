"""What a maintainer should know of a package though it is not wrong."""

from collections.abc import Iterator
from pathlib import Path

from dontspy_data.package.check.problem import Flag, some
from dontspy_data.package.package import open_package
from dontspy_data.package.write import is_formula


def flags(folder: Path) -> Iterator[Flag]:
    """Columns with text that a spreadsheet would run, so that CSV and Parquet differ by an apostrophe.

    Args:
        folder: of a package in which `check` finds no problem.
    """
    package = open_package(folder)
    for table in package.tables:
        columns = [field.name for field in table.fields if field.type == "string"]
        arrow = package.read(table.name, columns)
        for column in columns:
            formulas = [text for text in arrow[column].to_pylist() if text and is_formula(text)]
            what = f"has an apostrophe before values of {column} that a spreadsheet would run; Parquet has them exact"
            yield from (Flag(f"data/{table.name}.csv", message) for message in some(what, formulas))
