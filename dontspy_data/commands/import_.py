"""`dontspy-data import`: a folder of files that somebody has, to a capture."""

from pathlib import Path

import rich_click as click

from dontspy_data.commands.shared import echo, errors_for_people, json_option, print_json
from dontspy_data.errors import UsageError
from dontspy_data.model.texts import counted


@click.command("import")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The capture, NAME.warc.gz.")
@click.option("--template", is_flag=True, help="Write FOLDER/import.csv, for you to fill in.")
@json_option
@errors_for_people
def import_(folder: Path, output: Path | None, template: bool, as_json: bool) -> None:
    """Write a capture of portraits and pages that somebody has saved.

    FOLDER/import.csv says what each file is: `file,url,retrieved_at[,note]`. A file named by the Member's number, such
    as 9000001.jpg, needs its day only. Files that cannot be used are listed, each with its reason.

    \b
    Examples:
      dontspy-data import portraits-2023 --template
      dontspy-data import portraits-2023 --output portraits-2023.warc.gz
    """
    from dontspy_data.collect.imports import import_folder, write_template

    if template == (output is not None):
        raise UsageError(
            "an import writes either a template or a capture",
            hint="Give --template, or --output CAPTURE.warc.gz.",
        )
    if output is None:
        written = write_template(folder)
        if as_json:
            print_json({"outcome": "done", "list": written})
        else:
            echo(f"{written}: fill in the days, and addresses where they are empty")
        return
    imported = import_folder(folder, output)
    if as_json:
        print_json(imported.as_json())
        return
    for one in imported.rejected:
        where = f"line {one.line}, " if one.line else ""
        echo(f"Not used: {where}{one.file}: {one.reason}", err=True)
    echo(f"{imported.capture}: {counted(imported.files, 'file')}, {len(imported.rejected):,} not used")
