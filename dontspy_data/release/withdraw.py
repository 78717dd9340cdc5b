"""Withdrawing: one more row in the project's `withdrawals.csv`."""

from datetime import date
from pathlib import Path

from dontspy_data.errors import DontspyError
from dontspy_data.tables.withdrawals import Reason, Scope, WithdrawalRow, Withdrawals, read_withdrawals


class AlreadyWithdrawnError(DontspyError):
    """The file says so already."""


def withdraw(path: Path, mep_id: int, scope: Scope, reason: Reason, day: date) -> Withdrawals:
    """Add a row to `withdrawals.csv`; the file is written whole or not at all.

    Args:
        path: the file; made where there is none.
        mep_id: the Parliament's number for the person.
        scope: what to withdraw.
        reason: why.
        day: on which it is withdrawn, UTC.

    Returns:
        Everything withdrawn now.

    Raises:
        AlreadyWithdrawnError: the file has a row for the person and scope.
        UsageError: the file is damaged.
        DontspyError: the file cannot be written.
    """
    before = read_withdrawals(path if path.exists() else None)
    after = before.with_row(WithdrawalRow(mep_id, scope.value, day, reason.value))
    if after == before:
        raise AlreadyWithdrawnError(f"MEP {mep_id}, {scope.value}, is withdrawn already in {path}")
    draft = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(after.to_csv(), encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise DontspyError(f"{path} cannot be written: {error.strerror}") from error
    return after
