"""`dontspy-data check`: is a package whole and valid?"""

import sys
from dataclasses import asdict
from pathlib import Path

import rich_click as click

from dontspy_data.commands.shared import errors_for_people, json_option, print_json
from dontspy_data.errors import Exit


@click.command()
@click.argument("package", type=click.Path(path_type=Path))
@json_option
@errors_for_people
def check(package: Path, as_json: bool) -> None:
    """Check a package: files, digests, tables, keys, pictures.

    Ends with status 1 if anything is wrong, and names each file and what is wrong with it. Things that are worth
    knowing but not wrong, such as text that a spreadsheet would run, are flagged.

    \b
    Example:
      dontspy-data check out/package
    """
    from dontspy_data.check.check import check as check_package
    from dontspy_data.check.tables import flags

    problems = list(check_package(package))
    flagged = [] if problems else list(flags(package))
    if as_json:
        outcome = "invalid" if problems else "done"
        print_json(
            {
                "outcome": outcome,
                "package": package,
                "problems": [asdict(problem) for problem in problems],
                "flags": [asdict(flag) for flag in flagged],
            }
        )
    else:
        for problem in problems:
            click.echo(f"{problem.path}: {problem.message}")
        for flag in flagged:
            click.echo(f"Flag: {flag.path} {flag.message}")
        click.echo(f"{package}: {len(problems):,} problems" if problems else f"{package} is whole and valid")
    sys.exit(Exit.INVALID if problems else Exit.DONE)
