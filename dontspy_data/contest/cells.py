"""One cell of a CSV file by its Table Schema field: its value, or what is wrong with it in plain words."""

import re
from datetime import date
from typing import Any

INTEGER = re.compile(r"-?[0-9]{1,18}")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
LONGEST_SHOWN = 60


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
    if unseen := UNSEEN.search(text):
        raise CellError(f"holds {unseen[0]!r}, a character that cannot be seen")
    value = _typed(field["type"], text)
    if "enum" in constraints and value not in constraints["enum"]:
        raise CellError(f"is {shown(text)}, and can be: {', '.join(constraints['enum'])}")
    if "pattern" in constraints and not re.fullmatch(constraints["pattern"], text):
        raise CellError(f"is {shown(text)}, which is not written as it should be")
    if "minimum" in constraints and value < constraints["minimum"]:
        raise CellError(f"is {text}, less than {constraints['minimum']}")
    return value


def shown(value: object) -> str:
    """A value in quotes where it is text, and cut where it is long."""
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _typed(kind: str, text: str) -> str | int | date:
    if kind == "integer":
        if not INTEGER.fullmatch(text):
            raise CellError(f"is {shown(text)}, and must be a whole number in digits, 18 at most")
        return int(text)
    if kind == "date":
        try:
            return _date(text)
        except ValueError as error:
            raise CellError(f"is {shown(text)}, and must be a date like 2026-01-20") from error
    return text


def _date(text: str) -> date:
    # Python also reads 20260120 and 2026-W04-2, which a Table Schema's date is not.
    if not DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)
