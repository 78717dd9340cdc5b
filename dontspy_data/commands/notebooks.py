"""`dontspy-data notebooks`: copies of the notebooks, to run and to change."""

import shutil
from pathlib import Path

import rich_click as click

from dontspy_data.commands.shared import echo, errors_for_people, json_option, print_json
from dontspy_data.errors import UsageError
from dontspy_data.model.schema import shipped_file
from dontspy_data.model.texts import counted


@click.command()
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for them."
)
@click.option("--force", is_flag=True, help="Replace notebooks of the same names.")
@json_option
@errors_for_people
def notebooks(output: Path, force: bool, as_json: bool) -> None:
    """Copy the notebooks into a folder: quick start, joining other data, a contest entry.

    They run on the bundled sample and say what to install.

    \b
    Example:
      dontspy-data notebooks --output notebooks
    """
    sources = sorted(shipped_file("notebooks", in_checkout="docs").glob("*.ipynb"))
    if there := [one.name for one in sources if (output / one.name).exists() and not force]:
        raise UsageError(
            f"{output} has {', '.join(there)} already",
            hint="Name another folder, or give --force to replace what you may have changed.",
        )
    output.mkdir(parents=True, exist_ok=True)
    for one in sources:
        shutil.copyfile(one, output / one.name)
    names = [one.name for one in sources]
    if as_json:
        print_json({"outcome": "done", "folder": str(output), "notebooks": names})
        return
    echo(f"Copied {counted(len(names), 'notebook')} to {output}: {', '.join(names)}")
    echo(f"Next: pip install 'dontspy-data[notebooks]', and jupyter lab {output}", err=True)
