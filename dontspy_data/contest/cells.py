"""One cell of a CSV file by its Table Schema field: its value, or what is wrong with it in plain words."""

import re
from datetime import date
from typing import Any


class CellError(ValueError):
    """A cell that its field does not allow; the message says why, and reads on from the cell's place."""


def parse_cell(field: dict[str, Any], text: str) -> Any:
    """The value of a cell: a string, an integer or a date; None where it is empty and may be.

    Args:
        field: Table Schema field descriptor, of one of these types.
        text: the cell.

    Raises:
        CellError: the cell does not fit.
    """
    constraints = field.get("constraints", {})
    if not text:
        if constraints.get("required"):
            raise CellError("is empty")
        return None
    value = _typed(field["type"], text)
    if "enum" in constraints and value not in constraints["enum"]:
        raise CellError(f"is {text!r}, and can be: {', '.join(constraints['enum'])}")
    if "pattern" in constraints and not re.fullmatch(constraints["pattern"], text):
        raise CellError(f"is {text!r}, which is not written as it should be")
    if "minimum" in constraints and value < constraints["minimum"]:
        raise CellError(f"is {text}, less than {constraints['minimum']}")
    return value


def _typed(kind: str, text: str) -> str | int | date:
    if kind == "integer":
        if not re.fullmatch(r"-?[0-9]+", text):
            raise CellError(f"is {text!r}, and must be a whole number in digits")
        return int(text)
    if kind == "date":
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise CellError(f"is {text!r}, and must be a date like 2026-01-20") from error
    return text
