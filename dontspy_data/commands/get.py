"""`dontspy-data get`: a release into a folder."""

from pathlib import Path
from typing import TYPE_CHECKING, cast

import rich_click as click

from dontspy_data.commands.shared import echo, errors_for_people, json_option, print_json, progress_bar

if TYPE_CHECKING:
    from dontspy_data.loading.get import Part


@click.command()
@click.argument("target", metavar="TARGET[@VERSION]")
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder to download into."
)
@click.option(
    "--only",
    type=click.Choice(["tables", "portraits"]),
    help="Only this part, with the documents that explain it; by default everything.",
)
@json_option
@errors_for_people
def get(target: str, output: Path, only: str | None, as_json: bool) -> None:
    """Download a release and verify every byte of it.

    TARGET is a folder or URL (https, s3, hf) that releases are published to, a single package, or `sample`.
    VERSION is such as 1.2.3, 1.2, 1 or latest. An interrupted download resumes when the command is run again.

    \b
    Example: the tables of the latest release 1.2
      dontspy-data get https://example.org/open-data-faces@1.2 --output faces --only tables
    """
    from dontspy_data.loading.get import get as bring
    from dontspy_data.targets.open import parse_reference

    url, version = parse_reference(target)
    with progress_bar("Files") as progress:
        got = bring(url, version, output, only=cast("Part | None", only), progress=progress)
    if as_json:
        print_json(got.as_json())
        return
    name = f"release {got.version}" if got.version else "package"
    echo(
        f"{output} holds {got.files:,} files of {name}, {got.bytes / 1e6:,.1f} MB, all verified; "
        f"{got.fetched:,} were fetched now"
    )
