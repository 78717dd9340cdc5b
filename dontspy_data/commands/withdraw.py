"""`dontspy-data withdraw`: keep a portrait, or a person, out from now on."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from dontspy_data.commands.options import WholeNumber
from dontspy_data.commands.output import answer, echo, reporting
from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.model.texts import counted

if TYPE_CHECKING:
    from dontspy_data.model.withdrawals import WithdrawalRow

PACKAGES = ("datapackage.json", "*/datapackage.json", "*/*/datapackage.json")
"""Where the packages lie that a number is looked up in, below the working folder."""


@click.command()
@click.argument("mep_id", type=WholeNumber(min=1, max=10**9 - 1), required=False)
@click.option(
    "--scope",
    type=click.Choice(["portrait", "person"]),
    help="Every portrait, or everything about the person.",
)
@click.option(
    "--reason",
    type=click.Choice(["request", "rights", "legal", "mistake"]),
    help="The person's request, another's rights, a legal duty, or our mistake.",
)
@click.option(
    "--withdrawals",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("withdrawals.csv"),
    show_default=True,
    help="The file to change; keep it with the captures.",
)
@click.option(
    "--unknown-too", is_flag=True, help="Accept a number that no package below the working folder knows."
)
@click.option("--undo", is_flag=True, help="Remove what was added by mistake and never released.")
@click.option("--list", "shows_list", is_flag=True, help="List what is withdrawn.")
@reporting
def withdraw(
    *,
    mep_id: int | None,
    scope: str | None,
    reason: str | None,
    withdrawals: Path,
    unknown_too: bool,
    undo: bool,
    shows_list: bool,
    as_json: bool,
) -> None:
    """Withdraw a portrait or a person: from now on it is not collected, built or published.

    Adds a row (number, scope, day, reason) to withdrawals.csv, and salted digests of the person's portraits to
    withdrawn_portraits.csv beside it, so that the same picture under another number is held back, too. The number is
    looked up in the packages below the working folder, so that nobody else is withdrawn by a slip. Releases published
    before are changed only when the next one is published with --purge-withdrawn; what a release withdrew stays
    withdrawn.

    \b
    Examples:
      dontspy-data withdraw 9000001 --scope portrait --reason request
      dontspy-data withdraw --list
    """
    from dontspy_data.model.withdrawals import (
        Reason,
        Scope,
        forget_portraits,
        read_withdrawals,
        remember_portraits,
        undo_withdrawal,
    )
    from dontspy_data.model.withdrawals import withdraw as add

    names: dict[int, str] = {row["mep_id"]: row["name"] for row in _rows("meps", "mep_id", "name")}
    if shows_list:
        rows = read_withdrawals(withdrawals if withdrawals.exists() else None).rows
        _print_list(rows, names, as_json=as_json)
        return
    if mep_id is None or scope is None or not (reason or undo):
        raise UsageError(
            "the number, --scope and --reason say what is withdrawn",
            hint="Such as: dontspy-data withdraw 9000001 --scope portrait --reason request",
        )
    if undo:
        everything = undo_withdrawal(withdrawals, mep_id, Scope(scope))
        if mep_id not in everything.people:
            forget_portraits(withdrawals, mep_id)
        done, hint = (
            "No longer withdrawn",
            "What a release withdrew already stays withdrawn: release refuses to show it.",
        )
    else:
        if mep_id not in names and not unknown_too:
            raise UsageError(
                f"no package below {Path.cwd()} knows MEP {mep_id}",
                hint="Compare the number, or run this beside a package. If it is right, give --unknown-too.",
            )
        day = datetime.now(UTC).date()
        everything = add(withdrawals, mep_id, Scope(scope), Reason(str(reason)), day)
        portraits = [
            row["sha256"]
            for row in _rows("portraits", "mep_id", "sha256")
            if row["mep_id"] == mep_id and row["sha256"]
        ]
        if not remember_portraits(withdrawals, mep_id, portraits):
            echo("Note: no package here has a portrait to know it again by under another number", err=True)
        done, hint = "Withdrawn", "Next: build, release, and publish RELEASE TARGET --purge-withdrawn"
    about = {"mep_id": mep_id, "name": names.get(mep_id), "withdrawn": len(everything.rows)}
    count = counted(len(everything.rows), "row")
    answer(
        {"outcome": "changed", "file": withdrawals, **about},
        f"{done}: {_person(mep_id, names)}, {scope}. {withdrawals} has {count}",
        as_json=as_json,
        hint=hint,
    )


def _print_list(rows: Iterable["WithdrawalRow"], names: dict[int, str], *, as_json: bool) -> None:
    listed = [
        {
            "mep_id": row.mep_id,
            "name": names.get(row.mep_id),
            "scope": row.scope,
            "day": row.withdrawn_on,
            "reason": row.reason,
        }
        for row in rows
    ]
    text = "\n".join(
        f"{row.withdrawn_on}  {row.scope:<8}  {row.reason:<7}  {_person(row.mep_id, names)}" for row in rows
    )
    answer({"outcome": "done", "withdrawals": listed}, text, as_json=as_json)


def _person(mep_id: int, names: dict[int, str]) -> str:
    return f"{names[mep_id]} (MEP {mep_id})" if mep_id in names else f"MEP {mep_id}"


def _rows(table: str, *columns: str) -> Iterator[dict[str, Any]]:
    """Yield rows of the packages below the working folder, with a note on each that cannot be read."""
    from dontspy_data.package.open import open_package

    for path in sorted(path for pattern in PACKAGES for path in Path().glob(pattern)):
        try:
            package = open_package(path.parent)
            rows = package.read(table, list(columns)).to_pylist() if package.has(table) else []
        except DontspyError as error:
            echo(f"Note: {path.parent} is left out: {error}", err=True)
            continue
        yield from rows
