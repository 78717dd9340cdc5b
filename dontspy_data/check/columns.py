"""Checking the values of a table column by column, on Arrow: the constraints of Table Schema that this project uses.

Table Schema: https://datapackage.org/standard/table-schema/#field-constraints. Patterns match the whole text. What
cannot be said by an Arrow function is asked once of each different value.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from dontspy_data.check.files import Finding, some
from dontspy_data.model.schema import ForeignKey, Table

if TYPE_CHECKING:
    import pyarrow as pa

COUNT = "count_all"
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")  # of an address, RFC 3986, section 3.1
UNKNOWN_CONSTRAINT = "has a constraint that this check does not know"
KNOWN = frozenset({"required", "unique", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength"})


def check_columns(table: Table, arrow: "pa.Table") -> Iterator[Finding]:
    """Yield what is wrong with the values of a table, whose columns and types are those of its schema."""
    path = f"data/{table.name}.parquet"
    for key in (table.primary_key, *((field.name,) for field in table.fields if field.unique)):
        yield from _found(path, f"has {' and '.join(key)} more than once", _repeated(arrow, key))
    for described in table.schema["fields"]:
        name, constraints = described["name"], described.get("constraints", {})
        column = arrow[name]
        if column.null_count and constraints.get("required"):
            yield Finding(path, f"has rows without {name}, which is required")
        if unknown := constraints.keys() - KNOWN:
            yield Finding(path, f"{UNKNOWN_CONSTRAINT} of {name}: {', '.join(sorted(unknown))}")
        for what, values in _wrong(described, column):
            yield from _found(path, f"has values of {name} that {what}", values)


def check_foreign_key(name: str, key: ForeignKey, here: "pa.Table", there: "pa.Table") -> Iterator[Finding]:
    """Yield the values of a foreign key that the table it refers to does not have; a null refers to nothing.

    Args:
        name: of the table that refers.
        key: the columns of both.
        here: the columns that refer.
        there: the columns that they refer to.
    """
    used = here.select(key.fields).drop_null()
    known = there.select(key.reference).rename_columns(list(key.fields))
    missing = (
        used.group_by(list(key.fields)).aggregate([]).join(known, list(key.fields), join_type="left anti")
    )
    what = f"has values of {' and '.join(key.fields)} that {key.table} does not have"
    yield from _found(f"data/{name}.parquet", what, _rows(missing, key.fields))


def _repeated(arrow: "pa.Table", key: Sequence[str]) -> list[Any]:
    import pyarrow.compute as pc

    counted = arrow.select(key).group_by(list(key)).aggregate([([], COUNT)])
    return _rows(counted.filter(pc.greater(counted[COUNT], 1)), key)


def _rows(arrow: "pa.Table", columns: Sequence[str]) -> list[Any]:
    """Return rows as tuples, sorted."""
    found = zip(*(arrow[column].to_pylist() for column in columns), strict=True)
    return sorted(found, key=lambda row: [(value is not None, value) for value in row])


def _wrong(described: Mapping[str, Any], column: "pa.ChunkedArray") -> Iterator[tuple[str, list[Any]]]:
    """Yield each constraint of a field that is not met, and the values that do not meet it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    constraints = described.get("constraints", {})
    is_text = pa.types.is_string(column.type)
    if is_text:
        yield (
            "are empty texts, which a CSV file does not tell from none",
            _those(column, pc.equal(column, "")),
        )
    if listed := constraints.get("enum"):
        allowed = pa.array([_value(one, column.type) for one in listed], column.type)
        yield "are no category of it", _those(column, pc.invert(pc.is_in(column, allowed)))
    for name, is_beyond in (("minimum", pc.less), ("maximum", pc.greater)):
        if name in constraints:
            bound = pa.scalar(_value(constraints[name], column.type), column.type)
            yield f"are beyond its {name}, {constraints[name]}", _those(column, is_beyond(column, bound))
    for name, is_beyond in (("minLength", pc.less), ("maxLength", pc.greater)):
        if name in constraints:
            lengths = pc.utf8_length(column)
            yield (
                f"are beyond its {name}, {constraints[name]}",
                _those(column, is_beyond(lengths, constraints[name])),
            )
    if pattern := constraints.get("pattern"):
        yield "are not of its pattern", _unmatched(column, pattern)
    if described.get("format") == "uri":
        yield "are no addresses", _unlike(column, lambda text: SCHEME.match(text) is not None)


def _those(column: "pa.ChunkedArray", mask: Any) -> list[Any]:
    import pyarrow.compute as pc

    kept = pc.and_(pc.fill_null(mask, False), pc.is_valid(column))
    return sorted(column.filter(kept).unique().to_pylist())


def _unmatched(column: "pa.ChunkedArray", pattern: str) -> list[Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        return _those(column, pc.invert(pc.match_substring_regex(column, rf"\A(?:{pattern})\z")))
    except pa.ArrowInvalid:  # RE2 knows less than Python, such as no looking ahead
        matches = re.compile(pattern).fullmatch
        return _unlike(column, lambda text: matches(text) is not None)


def _unlike(column: "pa.ChunkedArray", is_right: Callable[[str], bool]) -> list[Any]:
    return sorted(text for text in column.unique().to_pylist() if text is not None and not is_right(text))


def _value(text: Any, kind: "pa.DataType") -> Any:
    """Return a constraint's value, which a descriptor may write as text, as a value of a column's type."""
    import pyarrow as pa

    if not isinstance(text, str) or pa.types.is_string(kind):
        return text
    if pa.types.is_date(kind):
        return date.fromisoformat(text)
    if pa.types.is_timestamp(kind):
        return datetime.fromisoformat(text)
    if pa.types.is_boolean(kind):
        return text == "true"
    return int(text) if pa.types.is_integer(kind) else float(text)


def _found(path: str, what: str, values: Sequence[Any]) -> Iterator[Finding]:
    return (Finding(path, message) for message in some(what, values))
