"""`delta.jsonl`: every change of rows against the release before, a JSON object a line, for programs.

    {"op": "ADD", "table": "meps", "key": {"mep_id": 9000063}, "row": {…}}
    {"op": "MOD", "table": "meps", "key": {"mep_id": 9000001}, "changed": {"name": ["before", "after"]}}
    {"op": "DEL", "table": "portraits", "key": {"portrait_id": "9000002-absent"}, "mep_id": 9000002}

Whoever holds the tables of the release before has those of this one after these steps:

1. Delete tables and columns that `datapackage.json` no longer has; add its new ones, with columns null.
2. Delete what the new rows of `withdrawals` take out: of that, the delta shows nothing but those rows, and the one in
   `portraits` that says so.
3. Take the lines in order. ADD has the whole row, also of new tables; MOD has every value that changed, also of new
   columns. Where a table's key changed, every row goes by its old key and comes by its new one.

Not in it are `pages` and the columns `first_seen`, `last_seen` and `retrieved_at` of rows that are otherwise the same:
each refresh changes all of them. Lines about a person have `mep_id`, in the key, the row or beside them.
"""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from dontspy_data.model.foreign import read_json
from dontspy_data.model.withdrawals import Withdrawals
from dontspy_data.package.digests import DELTA
from dontspy_data.package.write import cell
from dontspy_data.release.row_changes import Op, RowChange

ESCAPED = {code: f"\\u{code:04x}" for code in (0x85, 0x2028, 0x2029)}
"""What some readers take for the end of a line."""


def delta_lines(changes: Iterable[RowChange], withdrawn: Withdrawals) -> str:
    """Return the text of `delta.jsonl`, without what is withdrawn."""
    shown = (c for c in changes if not withdrawn.hides_row(c.table, c.after or c.before or {}))
    return "".join(
        f"{json.dumps(as_delta(change), ensure_ascii=False).translate(ESCAPED)}\n" for change in shown
    )


def as_delta(change: RowChange) -> dict[str, Any]:
    """Return one line of `delta.jsonl` as an object."""
    line: dict[str, Any] = {"op": change.op.value, "table": change.table, "key": _plain(change.key)}
    if change.op is Op.ADD:
        line["row"] = _plain(change.after)
        return line
    if change.mep_id is not None and "mep_id" not in change.key:
        line["mep_id"] = change.mep_id
    if change.op is Op.MOD:
        line["changed"] = {name: [_plain(was), _plain(now)] for name, (was, now) in change.changed.items()}
    return line


def delta_without(text: str, withdrawn: Withdrawals) -> str:
    """Return the text of `delta.jsonl` without the lines about what has been withdrawn since.

    Raises:
        MalformedError: a line is none of a delta.
    """
    lines = enumerate(
        text.removesuffix("\n").split("\n") if text else (), start=1
    )  # JSON Lines end at \n alone
    return "".join(f"{line}\n" for number, line in lines if not _is_hidden(line, number, withdrawn))


def _is_hidden(text: str, number: int, withdrawn: Withdrawals) -> bool:
    """Return whether a line shows what is withdrawn."""
    line = read_json(text, f"{DELTA}, line {number}", hint="Take a whole copy of the release.")
    key, row, mep_id = line["key"].members(), line.get("row"), line.get("mep_id")
    about = row.members() if row else {**({"mep_id": mep_id} if mep_id else {}), **key}
    return withdrawn.hides_row(line["table"].text(), {name: one.value for name, one in about.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return cell(value) if isinstance(value, date) else value  # a datetime is a date, too
