"""What is brought here: a release by `get`, the notebooks by `notebooks`."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, cast

import rich_click as click

from dontspy_data.commands.output import answer, progress_bar, reporting
from dontspy_data.errors import UsageError
from dontspy_data.model.schema import shipped_file
from dontspy_data.model.texts import counted

if TYPE_CHECKING:
    from dontspy_data.loading.get import Part


@click.command()
@click.argument("target", metavar="TARGET[@VERSION]")
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder to download into."
)
@click.option(
    "--only",
    type=click.Choice(["tables", "portraits", "faces", "parquet", "sqlite", "xlsx"]),
    multiple=True,
    help="Only this part, with the documents that explain it; can be given again. Parquet: portraits with their "
    "facts, inline. By default tables, portraits and faces.",
)
@click.option("--country", multiple=True, help="Only pictures of people who sat for this country (ISO code).")
@click.option("--term", multiple=True, type=int, help="Only pictures of people who sat in this term.")
@click.option(
    "--include", metavar="GLOB", multiple=True, help="Also files whose path matches, such as 'data/meps.*'."
)
@click.option(
    "--format",
    "bundle",
    type=click.Choice(["zip", "tar"]),
    help="Make one file instead: a zip of the package, or a tar of its portraits for WebDataset.",
)
@reporting
def get(
    *,
    target: str,
    output: Path,
    only: tuple[str, ...],
    country: tuple[str, ...],
    term: tuple[int, ...],
    include: tuple[str, ...],
    bundle: str | None,
    as_json: bool,
) -> None:
    """Download a release and verify every byte of it.

    TARGET is a folder or URL (https, s3, hf) that releases are published to, a single package, or `sample`.
    VERSION is such as 1.2.3, 1.2, 1 or latest. An interrupted download resumes when the command is run again. A folder
    that holds another release becomes this one, and only what differs is fetched. What a target does not store, such as
    SQLite of an older release, is made here.

    \b
    Examples:
      dontspy-data get https://example.org/open-data-faces@1.2 --output faces --only tables
      dontspy-data get https://example.org/open-data-faces --output malta --only portraits --country MT --term 10
      dontspy-data get https://example.org/open-data-faces --output bundles --format zip
    """
    from dontspy_data.loading.get import Selection, bring_bundle
    from dontspy_data.loading.get import get as bring
    from dontspy_data.targets.open import parse_reference

    url, version = parse_reference(target)
    selection = Selection(cast("tuple[Part, ...]", only), country, term, include)
    with progress_bar("Files") as progress:
        if bundle:
            if selection != Selection():
                raise UsageError("--format makes a bundle of the whole", hint="Leave out the other options.")
            path = bring_bundle(url, version, output, bundle, progress)
            found = {"outcome": "done", "file": str(path), "bytes": path.stat().st_size}
            text = f"{path} has {path.stat().st_size / 1e6:,.1f} MB, made of verified files"
        else:
            got = bring(url, version, output, selection, progress=progress)
            found = got.as_json()
            name = f"release {got.version}" if got.version else "package"
            text = (
                f"{output} holds {got.files:,} files of {name}, {got.bytes / 1e6:,.1f} MB, all verified; "
                f"{got.fetched:,} were fetched now"
            )
    answer(found, text, as_json=as_json)


@click.command()
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for them."
)
@click.option("--force", is_flag=True, help="Replace notebooks of the same names.")
@reporting
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
    answer(
        {"outcome": "done", "folder": str(output), "notebooks": names},
        f"Copied {counted(len(names), 'notebook')} to {output}: {', '.join(names)}",
        as_json=as_json,
        hint=f"Next: pip install 'dontspy-data[notebooks]', and jupyter lab {output}",
    )
