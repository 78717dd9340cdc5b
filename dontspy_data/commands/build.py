"""`dontspy-data build`: captures to a package."""

from pathlib import Path

import rich_click as click

from dontspy_data.commands.shared import (
    errors_for_people,
    json_option,
    print_json,
    print_notes,
    progress_bar,
    verbose_option,
    withdrawals_file,
    withdrawals_option,
)


@click.command()
@click.argument("captures", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder of the package.")
@click.option(
    "--faces/--no-faces",
    default=None,
    help="Find faces or not; by default if the extra `faces` is installed.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Processes that describe portraits; by default one per core.",
)
@click.option(
    "--scheduler",
    metavar="tcp://HOST:PORT",
    help="Dask scheduler to use instead of processes (extra `distributed`).",
)
@withdrawals_option
@verbose_option
@json_option
@errors_for_people
def build(
    captures: tuple[Path, ...],
    output: Path,
    faces: bool | None,
    workers: int | None,
    scheduler: str | None,
    withdrawals: Path | None,
    verbose: bool,
    as_json: bool,
) -> None:
    """Build a package from one or more captures.

    The same captures give the same package, byte for byte. OUTPUT is replaced when the new package is
    complete, and left as it is if anything fails.

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
        )
    print_notes(built.notes, verbose=verbose)
    if as_json:
        print_json(built.as_json())
        return
    click.echo(f"Built {output}: {built.summary()}")
    click.echo(f"Next: dontspy-data check {output}", err=True)
