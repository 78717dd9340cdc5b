"""`dontspy-data info`: what is in a package."""

from pathlib import Path

import rich_click as click

from dontspy_data.commands.shared import errors_for_people, json_option, print_json


@click.command()
@click.argument("package", type=click.Path(path_type=Path))
@json_option
@errors_for_people
def info(package: Path, as_json: bool) -> None:
    """Show what is in a package: tables, members by country, portraits by status.

    \b
    Example:
      dontspy-data info out/package
    """
    from dontspy_data.check.info import describe_package

    described = describe_package(package)
    if as_json:
        print_json(described.as_json())
    else:
        click.echo(described.as_text())
