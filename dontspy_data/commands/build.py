"""`dontspy-data build`: captures to a package."""

import sys
from pathlib import Path

import rich_click as click

from dontspy_data.commands.shared import (
    echo,
    errors_for_people,
    json_option,
    lookups_folder,
    lookups_option,
    print_json,
    print_notes,
    print_problems,
    progress_bar,
    verbose_option,
    withdrawals_file,
    withdrawals_option,
    workers_options,
)
from dontspy_data.errors import Exit


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
@json_option
@errors_for_people
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
            withdrawals=withdrawals_file(withdrawals),
            lookups=lookups_folder(lookups),
        )
    print_notes(built.notes, verbose=verbose)
    print_problems(built, verbose=verbose)
    if as_json:
        print_json(built.as_json())
    else:
        echo(f"Built {output}: {built.summary()}")
        echo(f"Next: dontspy-data check {output}", err=True)
    sys.exit(Exit.INVALID if built.over_budget else Exit.DONE)
