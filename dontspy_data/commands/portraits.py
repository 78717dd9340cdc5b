"""`dontspy-data portraits`: what to look at in a package's portraits."""

from dataclasses import asdict
from pathlib import Path

import rich_click as click

from dontspy_data.commands.shared import errors_for_people, json_option, print_json


@click.command()
@click.argument("package", type=click.Path(path_type=Path))
@click.option(
    "--sheet",
    metavar="FILE.png",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Draw a contact sheet: every current portrait with the faces found on it.",
)
@json_option
@errors_for_people
def portraits(package: Path, sheet: Path | None, as_json: bool) -> None:
    """Show which portraits of a package need a person to look at them.

    Missing ones, placeholders, unclear rights, no face or several, low quality, and portraits of different
    people that look the same.

    \b
    Example:
      dontspy-data portraits out/package --sheet out/sheet.png
    """
    from dontspy_data.check.check import open_whole
    from dontspy_data.check.contact_sheet import save_sheet
    from dontspy_data.check.portrait_report import as_text, read_tables, report

    opened = open_whole(package)
    tables = read_tables(opened)
    found = report(tables)
    if sheet:
        save_sheet(tables, opened, sheet)
    if as_json:
        print_json({"outcome": "done", **asdict(found)})
        return
    click.echo(as_text(found))
    if sheet:
        click.echo(f"Drew {sheet}", err=True)
