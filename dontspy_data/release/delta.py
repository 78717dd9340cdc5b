"""`delta.jsonl`: every change of rows against the release before, a JSON object a line, for programs.

    {"op": "ADD", "table": "meps", "key": {"mep_id": 9000063}, "row": {…}}
    {"op": "MOD", "table": "meps", "key": {"mep_id": 9000001}, "changed": {"name": ["before", "after"]}}
    {"op": "DEL", "table": "meps", "key": {"mep_id": 9000002}}

Of what is withdrawn it shows nothing but the new row of `withdrawals`, and the one in `portraits` that says so:
whoever follows deltas deletes the person's other rows by that. Changes of structure are in `CHANGELOG.md`; what
is not compared is said in `rows.py`.
"""

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from dontspy_data.package.write import cell
from dontspy_data.release.rows import Op, RowChange
from dontspy_data.tables.withdrawals import Withdrawals

DELTA = "delta.jsonl"


def delta_lines(changes: Iterable[RowChange], withdrawn: Withdrawals) -> str:
    """The text of `delta.jsonl`, without what is withdrawn."""
    shown = (c for c in changes if not withdrawn.hides_row(c.table, c.after or c.before or {}))
    return "".join(f"{json.dumps(as_delta(change), ensure_ascii=False)}\n" for change in shown)


def as_delta(change: RowChange) -> dict[str, Any]:
    """One line of `delta.jsonl` as an object."""
    line: dict[str, Any] = {"op": change.op.value, "table": change.table, "key": _plain(change.key)}
    if change.op is Op.ADD:
        line["row"] = _plain(change.after)
    elif change.op is Op.MOD:
        line["changed"] = {name: [_plain(was), _plain(now)] for name, (was, now) in change.changed.items()}
    return line


def delta_without(text: str, withdrawn: Withdrawals) -> str:
    """The text of `delta.jsonl` without the lines about what has been withdrawn since."""
    return "".join(
        line for line in text.splitlines(keepends=True) if not _hidden(json.loads(line), withdrawn)
    )


def _hidden(line: dict[str, Any], withdrawn: Withdrawals) -> bool:
    """Whether a line shows what is withdrawn.

    Lines of changed and deleted rows have the key alone; it begins with the person's number in every table
    about people but `statements`, whose deletions say nothing of anybody.
    """
    if line["table"] == "withdrawals":
        return False
    first = str(next(iter(line["key"].values()))).split("-")[0]
    about = line.get("row") or {"mep_id": int(first) if first.isdigit() else None}
    return withdrawn.hides_row(line["table"], {"property": None, **about})


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return cell(value) if isinstance(value, date) else value  # a datetime is a date, too
