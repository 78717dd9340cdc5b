"""`dontspy-data verify`: is a published release what it says?"""

import sys
from dataclasses import asdict
from pathlib import Path

import rich_click as click

from dontspy_data.commands.shared import (
    echo,
    errors_for_people,
    json_option,
    lookups_folder,
    lookups_option,
    print_json,
)
from dontspy_data.errors import Exit
from dontspy_data.model.texts import counted


@click.command()
@click.argument("release", metavar="(TARGET|FOLDER)[@VERSION]")
@click.option(
    "--rebuild",
    "captures",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="CAPTURE",
    help="Also rebuild it from this capture (repeatable) and compare every byte.",
)
@click.option(
    "--previous",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The previous release, to rebuild a release's FOLDER.",
)
@lookups_option
@json_option
@errors_for_people
def verify(
    *, release: str, captures: tuple[Path, ...], previous: Path | None, lookups: Path | None, as_json: bool
) -> None:
    """Verify a published release from the outside.

    Every file is compared with its digest, and the list of digests with the ledger. VERSION is a version or an
    alias such as 1, 1.2 or latest; a FOLDER has only its own.

    \b
    Examples:
      dontspy-data verify s3://bucket/open-data-faces@1.2
      dontspy-data verify out/target --rebuild captures/2026-01-15.warc.gz
    """
    from dontspy_data.pipeline.rebuild import verify_rebuild
    from dontspy_data.publish.verify import verify as verify_release
    from dontspy_data.targets.open import parse_reference

    place, version = parse_reference(release)
    found = (
        verify_rebuild(place, version, captures, previous, lookups_folder(lookups))
        if captures
        else verify_release(place, version)
    )
    if as_json:
        print_json(
            {
                "outcome": "invalid" if found.problems else "done",
                "release": place,
                "version": found.version,
                "files": found.files,
                "problems": [asdict(problem) for problem in found.problems],
            }
        )
    else:
        for problem in found.problems:
            echo(f"{problem.path}: {problem.message}")
        name = found.version or "the package"
        how = "have their digests" + (" and come out the same when built again" if captures else "")
        echo(
            f"{len(found.problems):,} of {counted(found.files, 'file')} of {name} are wrong"
            if found.problems
            else f"All {counted(found.files, 'file')} of {name} {how}"
        )
    sys.exit(Exit.INVALID if found.problems else Exit.DONE)
