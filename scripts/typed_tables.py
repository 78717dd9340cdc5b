"""Write `loading/typed.pyi`, by which editors complete tables and columns: `python -m scripts.typed_tables`.

Made from the schemas; `make docs` runs it, and a test holds it current. Nothing of it is there when the code runs.
"""

from collections.abc import Iterator
from keyword import iskeyword
from pathlib import Path

import pandas as pd

from dontspy_data.model.schema import Table, tables

OUTPUT = Path(__file__).parent.parent / "dontspy_data" / "loading" / "typed.pyi"
HEAD = '''"""Tables and their columns, for editors and type checkers. Made by `make docs`; do not edit."""

from typing import Any, Literal, overload

import pandas as pd
'''


def main() -> None:
    """Write the file anew."""
    OUTPUT.write_text(typed_tables(), encoding="utf-8")
    print(OUTPUT)


def typed_tables() -> str:
    """Return the stub: a class a table, and one that has them as attributes."""
    names = ", ".join(f'"{table.name}"' for table in tables())
    lines = [HEAD, f"TableName = Literal[{names}]"]
    for table in tables():
        lines += ["", *_frame(table)]
    lines += ["", "class TypedTables:"]
    lines += [f"    {table.name}: {_class(table)}" for table in tables()]
    return "\n".join(lines) + "\n"


def _frame(table: Table) -> Iterator[str]:
    columns = ", ".join(f'"{field.name}"' for field in table.fields)
    name = _class(table)
    yield f"class {name}(pd.DataFrame):"
    yield f'    """{table.title}."""'
    yield ""
    yield "    @overload  # type: ignore[override]"
    yield f"    def __getitem__(self, key: Literal[{columns}]) -> pd.Series[Any]: ..."
    yield "    @overload"
    yield "    def __getitem__(self, key: str) -> pd.Series[Any]: ..."
    yield "    @overload"
    yield f"    def __getitem__(self, key: Any) -> {name}: ..."
    for field in table.fields:
        if not hasattr(pd.DataFrame, field.name) and not iskeyword(field.name):
            yield f"    {field.name}: pd.Series[Any]"


def _class(table: Table) -> str:
    return "".join(word.capitalize() for word in table.name.split("_")) + "Frame"


if __name__ == "__main__":
    main()
