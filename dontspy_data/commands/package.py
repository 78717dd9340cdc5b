"""Packages: `build` from captures; `info`, `check`, `problems` and `portraits` to look into one."""

import sys
from dataclasses import asdict
from pathlib import Path

import rich_click as click

from dontspy_data.commands.options import lookups_option, verbose_option, withdrawals_option, workers_options
from dontspy_data.commands.output import (
    answer,
    end_check,
    print_notes,
    print_problems,
    progress_bar,
    reporting,
)
from dontspy_data.errors import Exit, UsageError
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

    CAPTURES are WARC files (*.warc.gz), of `collect`, of `import` or of others, and WACZ files.
    The same captures give the same package, byte for byte. OUTPUT is replaced when the new package is
    complete, and left as it is if anything fails. What cannot be read is listed as a problem, and everything
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
    from dontspy_data.check.info import describe_package

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

    problems = list(check_package(package))
    if frictionless and not problems:
        problems = list(check_with_frictionless(package))
    if not problems:
        remember(package)
    flagged = [] if problems else list(flags(package))
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
    """List what could not be read or is not known, worst first.

    Like problems stand together, with one example and what would mend it: often the row to add to a file in lookups/.

    \b
    Example:
      dontspy-data problems out/package
    """
    from dontspy_data.model.problems import ProblemRow, count_by_kind, group_problems, in_words
    from dontspy_data.package.open import open_package

    opened = open_package(package)
    rows = [ProblemRow(**row) for row in opened.read("problems").to_pylist()]
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
@click.option("--force", is_flag=True, help="Replace a contact sheet that is there.")
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
        raise UsageError(f"{sheet} is no name for a contact sheet", hint="Name it FILE.png.")
    if sheet and sheet.exists() and not force:
        raise UsageError(
            f"{sheet} is there already", hint="Name another file, or give --force to replace it."
        )
    opened = open_whole(package)
    tables = read_tables(opened)
    found = report(tables)
    names = {row["mep_id"]: row["name"] for row in opened.read("meps", ["mep_id", "name"]).to_pylist()}
    if sheet:
        save_sheet(tables, opened, sheet)
    about, drawn = {"outcome": "done", **asdict(found), "names": names}, f"Drew {sheet}" if sheet else ""
    answer(about, as_text(found, names), as_json=as_json, hint=drawn)
