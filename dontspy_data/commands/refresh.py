"""`dontspy-data refresh`: everything from asking the sources to a checked package."""

import sys
from dataclasses import asdict
from pathlib import Path

import rich_click as click

from dontspy_data.commands.shared import (
    errors_for_people,
    json_option,
    print_json,
    print_notes,
    progress_bar,
    verbose_option,
)
from dontspy_data.errors import Exit


@click.command()
@click.option(
    "--sample", is_flag=True, required=True, help="Use the bundled fictional parliament and no network."
)
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder of the package.")
@verbose_option
@json_option
@errors_for_people
def refresh(sample: bool, output: Path, verbose: bool, as_json: bool) -> None:  # noqa: ARG001
    """Build a package and check it before it takes the place of the one before.

    \b
    Example: the whole way with no network, on a fictional parliament
      dontspy-data refresh --sample --output out/sample
    """
    from dontspy_data import sample as bundled
    from dontspy_data.package.build import build_package
    from dontspy_data.package.check import check

    with progress_bar("Portraits") as progress:
        built = build_package([bundled.path()], output, progress=progress)
    problems = list(check(output))
    print_notes(built.notes, verbose=verbose)
    if as_json:
        print_json({**built.as_json(), "problems": [asdict(problem) for problem in problems]})
    else:
        for problem in problems:
            click.echo(f"{problem.path}: {problem.message}")
        click.echo(f"Built {output}: {built.summary()}")
    sys.exit(Exit.WANTING if problems else Exit.DONE)
