"""Packages: `build`; `info`, `check`, `problems` and `portraits` to look into one; `withdraw` from all later ones."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from dontspy_data.commands.options import (
    WholeNumber,
    lookups_option,
    verbose_option,
    withdrawals_option,
    workers_options,
)
from dontspy_data.commands.output import (
    answer,
    echo,
    end_check,
    print_notes,
    print_problems,
    progress_bar,
    reporting,
)
from dontspy_data.errors import DontspyError, Exit, UsageError
from dontspy_data.model.texts import counted


@click.command()
@click.argument("captures", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder of the package.")
@click.option(
    "--faces/--no-faces",
    default=None,
    help="Find faces or not; by default if the extra `faces` is installed.",
)
@workers_options("describe portraits")
@withdrawals_option
@lookups_option
@verbose_option
@reporting
def build(
    *,
    captures: tuple[Path, ...],
    output: Path,
    faces: bool | None,
    workers: int | None,
    scheduler: str | None,
    withdrawals: Path | None,
    lookups: Path | None,
    verbose: bool,
    as_json: bool,
) -> None:
    """Build a package from one or more captures.

    CAPTURES are WARC files (*.warc.gz), from `collect`, `import` or other tools, and WACZ files.
    The same captures give the same package, byte for byte. OUTPUT is replaced when the new package is
    complete, and left unchanged if anything fails. What cannot be read is listed as a problem, and everything
    else is in the package; the exit status is 1 if a source has more problems than its budget allows.

    \b
    Example:
      dontspy-data build captures/2026-01-15.warc.gz --output out/package
    """
    from dontspy_data.pipeline.build import build_package
    from dontspy_data.portraits.engine import open_executor

    with progress_bar("Portraits") as progress, open_executor(workers, scheduler) as executor:
        built = build_package(
            captures,
            output,
            faces=faces,
            executor=executor,
            progress=progress,
            withdrawals=withdrawals,
            lookups=lookups,
        )
    print_notes(built.notes, verbose=verbose)
    print_problems(built, verbose=verbose)
    text, hint = f"Built {output}: {built.summary()}", f"Next: dontspy-data check {output}"
    answer(built.as_json(), text, as_json=as_json, hint=hint)
    sys.exit(Exit.INVALID if built.over_budget else Exit.DONE)


@click.command()
@click.argument("package", type=click.Path(path_type=Path))
@reporting
def info(package: Path, as_json: bool) -> None:
    """Show what is in a package: tables, members by country, portraits by status.

    \b
    Example:
      dontspy-data info out/package
    """
    from dontspy_data.check.check import describe_package

    described = describe_package(package)
    answer(described.as_json(), described.as_text(), as_json=as_json)


@click.command()
@click.argument("package", type=click.Path(path_type=Path))
@click.option("--frictionless", is_flag=True, help="Also read every row with frictionless, which takes long.")
@reporting
def check(package: Path, frictionless: bool, as_json: bool) -> None:
    """Check a package: files, digests, tables, keys, pictures.

    Ends with status 1 if anything is wrong, and names each file and what is wrong with it. Things that are worth
    knowing but not wrong, such as text that a spreadsheet would run, are flagged.

    \b
    Example:
      dontspy-data check out/package
    """
    from dontspy_data.check.check import check as check_package
    from dontspy_data.check.check import remember
    from dontspy_data.check.tables import check_with_frictionless, flags
    from dontspy_data.package.open import open_package

    problems = list(check_package(package))
    if frictionless and not problems:
        problems = list(check_with_frictionless(open_package(package)))
    if not problems:
        remember(package)
    flagged = [] if problems else list(flags(open_package(package)))
    end_check(
        {
            "package": package,
            "problems": [asdict(problem) for problem in problems],
            "flags": [asdict(flag) for flag in flagged],
        },
        [
            *(f"{problem.path}: {problem.message}" for problem in problems),
            *(f"Flag: {flag.path} {flag.message}" for flag in flagged),
            f"{package}: {counted(len(problems), 'problem')}"
            if problems
            else f"{package} is whole and valid",
        ],
        as_json=as_json,
    )


@click.command()
@click.argument("package", type=click.Path(path_type=Path))
@reporting
def problems(package: Path, as_json: bool) -> None:
    """List what could not be read or is unknown, worst first.

    Similar problems are grouped, with one example and its fix: often the row to add to a file in lookups/.

    \b
    Example:
      dontspy-data problems out/package
    """
    from dontspy_data.model.problems import count_by_kind, group_problems, in_words
    from dontspy_data.package.open import open_package

    opened = open_package(package)
    rows = opened.problems()
    groups, counts = group_problems(rows), count_by_kind(rows)
    over = opened.descriptor.get("overBudget", [])
    about = {
        "outcome": "over_budget" if over else "done",
        "package": str(package),
        "counts": counts,
        "over_budget": over,
        "problems": [asdict(group) for group in groups],
    }
    lines = [f"{in_words(counts) or 'No problems'} in {package}"]
    for group in groups:
        lines.append(f"\n{group}" + (f"\n  {group.hint}" if group.hint else ""))
    lines += [f"\nOver budget: {clause}" for clause in over]
    answer(about, "\n".join(lines), as_json=as_json)


@click.command()
@click.argument("package", type=click.Path(path_type=Path))
@click.option(
    "--sheet",
    metavar="FILE.png",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Draw a contact sheet: every current portrait with the faces found on it.",
)
@click.option("--force", is_flag=True, help="Replace an existing contact sheet.")
@reporting
def portraits(package: Path, sheet: Path | None, force: bool, as_json: bool) -> None:
    """Show which portraits of a package need a person to look at them.

    Missing ones, placeholders, unclear rights, no face or several, low quality, and portraits of different
    people that look the same.

    \b
    Example:
      dontspy-data portraits out/package --sheet out/sheet.png
    """
    from dontspy_data.check.check import open_whole
    from dontspy_data.check.portrait_report import as_text, read_tables, report, save_sheet

    if sheet and sheet.suffix.lower() != ".png":
        raise UsageError(f"{sheet} is not a file name for a contact sheet", hint="Name it FILE.png.")
    if sheet and sheet.exists() and not force:
        raise UsageError(f"{sheet} exists already", hint="Name another file, or give --force to replace it.")
    opened = open_whole(package)
    tables = read_tables(opened)
    found = report(tables)
    names = {row["mep_id"]: row["name"] for row in opened.read("meps", ["mep_id", "name"]).to_pylist()}
    if sheet:
        save_sheet(tables, opened, sheet)
    about, drawn = {"outcome": "done", **asdict(found), "names": names}, f"Drew {sheet}" if sheet else ""
    answer(about, as_text(found, names), as_json=as_json, hint=drawn)


if TYPE_CHECKING:
    from dontspy_data.model.withdrawals import WithdrawalRow

PACKAGES = ("datapackage.json", "*/datapackage.json", "*/*/datapackage.json")
"""Where packages to look a number up in are, below the working folder."""


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
    "--unknown-too", is_flag=True, help="Accept a number that is in no package below the working folder."
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
    looked up in the packages below the working folder, so that nobody else is withdrawn by mistake. Releases published
    before are changed only when the next one is published with --purge-withdrawn; withdrawals in a release are
    permanent.

    \b
    Examples:
      dontspy-data withdraw 9000001 --scope portrait --reason request
      dontspy-data withdraw --list
    """
    names: dict[int, str] = {row["mep_id"]: row["name"] for row in _rows("meps", "mep_id", "name")}
    if shows_list:
        _print_list(withdrawals, names, as_json=as_json)
        return
    if mep_id is None or scope is None or not (reason or undo):
        raise UsageError(
            "the number, --scope and --reason are all needed",
            hint="For example: dontspy-data withdraw 9000001 --scope portrait --reason request",
        )
    if undo:
        rows = _undo(withdrawals, mep_id, scope)
        done = "No longer withdrawn"
        hint = "A withdrawal that is already in a release is permanent: `release` refuses to show the person again."
    else:
        if mep_id not in names and not unknown_too:
            raise UsageError(
                f"no package below {Path.cwd()} has MEP {mep_id}",
                hint="Compare the number, or run this beside a package. If it is right, give --unknown-too.",
            )
        rows = _add(withdrawals, mep_id, scope, str(reason))
        done, hint = "Withdrawn", "Next: build, release, and publish RELEASE TARGET --purge-withdrawn"
    about = {"mep_id": mep_id, "name": names.get(mep_id), "withdrawn": len(rows)}
    count = counted(len(rows), "row")
    answer(
        {"outcome": "changed", "file": withdrawals, **about},
        f"{done}: {_person(mep_id, names)}, {scope}. {withdrawals} has {count}",
        as_json=as_json,
        hint=hint,
    )


def _undo(file: Path, mep_id: int, scope: str) -> Sequence["WithdrawalRow"]:
    """Remove a row from the file, and the portraits' digests; return the remaining rows."""
    from dontspy_data.model.withdrawals import Scope, forget_portraits, undo_withdrawal

    everything = undo_withdrawal(file, mep_id, Scope(scope))
    if mep_id not in everything.people:
        forget_portraits(file, mep_id)
    return everything.rows


def _add(file: Path, mep_id: int, scope: str, reason: str) -> Sequence["WithdrawalRow"]:
    """Add a row to the file, and the portraits' digests; return all rows."""
    from dontspy_data.model.withdrawals import Reason, Scope, remember_portraits
    from dontspy_data.model.withdrawals import withdraw as add

    everything = add(file, mep_id, Scope(scope), Reason(reason), datetime.now(UTC).date())
    portraits = [
        row["sha256"]
        for row in _rows("portraits", "mep_id", "sha256")
        if row["mep_id"] == mep_id and row["sha256"]
    ]
    if not remember_portraits(file, mep_id, portraits):
        echo(
            "Note: no package here has a portrait, so it cannot be recognised under another number", err=True
        )
    return everything.rows


def _print_list(file: Path, names: dict[int, str], *, as_json: bool) -> None:
    from dontspy_data.model.withdrawals import read_withdrawals

    rows = read_withdrawals(file if file.exists() else None).rows
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
            rows = package.read(table, list(columns)).to_pylist() if package.find(table) else []
        except DontspyError as error:
            echo(f"Note: {path.parent} is left out: {error}", err=True)
            continue
        yield from rows
