"""`dontspy-data release` and `diff`: what changed between two packages, and a release of the later one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import rich_click as click

from dontspy_data.commands.shared import (
    echo,
    errors_for_people,
    fail_unchanged_option,
    json_option,
    print_json,
)

bump_option = click.option(
    "--bump",
    type=click.Choice(["patch", "minor", "major"]),
    help="Raise at least this part of the version; by default the part that the changes require.",
)


def previous_option(help_text: str) -> Callable[..., Any]:
    """Return an option that names the previous release."""
    return click.option("--previous", metavar="RELEASE|TARGET[@VERSION]", help=help_text)


@click.command()
@click.argument("package", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder of the release.")
@previous_option(
    "The previous release: its folder, or a target's, by default the latest. Omit for the first release."
)
@bump_option
@click.option(
    "--accept", metavar="REASON", help="Release even if it is below the floors; the reason is recorded."
)
@fail_unchanged_option
@json_option
@errors_for_people
def release(
    *,
    package: Path,
    output: Path,
    previous: str | None,
    bump: str | None,
    accept: str | None,
    fail_unchanged: bool,  # noqa: ARG001  errors_for_people reads it
    as_json: bool,
) -> None:
    """Check a package and make a release of it: version, changelog, delta and every format.

    The version follows from what changed; if nothing did, no release is made. Ends with status 1 if the package
    is worse than `floors` in datapackage.json allow.

    \b
    Example: the first release, and the next one
      dontspy-data release out/package --output out/releases/1.0.0
      dontspy-data release out/package --previous out/releases/1.0.0 --output out/releases/next
    """
    from dontspy_data.check.check import require_valid
    from dontspy_data.publish.publish import release_before
    from dontspy_data.release.release import release_package
    from dontspy_data.release.version import Level

    require_valid(package, name=str(package), hint=f"Everything that is wrong: dontspy-data check {package}")
    with release_before(previous) as before:
        made = release_package(
            package, before, output, raised=Level[bump.upper()] if bump else None, accept=accept
        )
    if as_json:
        print_json({"outcome": "changed", "release": output, **made.as_json()})
        return
    echo(f"Released {made.version} in {output}")
    echo(f"Next: dontspy-data publish {output} TARGET", err=True)


@click.command()
@click.argument("old", metavar="OLD")
@click.argument("new", type=click.Path(path_type=Path))
@bump_option
@click.option("--markdown", is_flag=True, help="Print Markdown, for a pull request.")
@json_option
@errors_for_people
def diff(old: str, new: Path, bump: str | None, markdown: bool, as_json: bool) -> None:
    """Show what changed from a release to a package, and which version that makes.

    OLD is a release's folder or TARGET[@VERSION], by default the latest there; NEW is a package.

    \b
    Example:
      dontspy-data diff out/releases/1.0.0 out/package
    """
    from dontspy_data.package.open import open_package
    from dontspy_data.publish.publish import release_before
    from dontspy_data.release.changelog import markdown as as_markdown
    from dontspy_data.release.release import difference
    from dontspy_data.release.version import Level

    with release_before(old) as before:
        found = difference(
            open_package(before) if before else None,
            open_package(new),
            Level[bump.upper()] if bump else None,
        )
    if as_json:
        print_json({"outcome": "unchanged" if found.is_unchanged else "changed", **found.as_json()})
        return
    title = "Nothing changed" if found.is_unchanged else f"This would be {found.version}"
    worse = [f"Below the floors: {clause}" for clause in found.worse]
    if markdown:
        echo(
            "\n".join([f"## {title}", "", *(f"**{line}**\n" for line in worse), *as_markdown(found.sections)])
        )
        return
    for line in (title, *worse):
        echo(line)
    for section in found.sections:
        echo(f"\n{section.title}")
        for change in section.lines:
            echo(f"  {change}")
