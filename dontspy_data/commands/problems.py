"""`dontspy-data problems`: what of a package's sources could not be read or is not known, and what would mend it."""

from dataclasses import asdict
from pathlib import Path

import rich_click as click

from dontspy_data.commands.shared import errors_for_people, json_option, print_json


@click.command()
@click.argument("package", type=click.Path(path_type=Path))
@json_option
@errors_for_people
def problems(package: Path, as_json: bool) -> None:
    """List what could not be read or is not known, worst first.

    Like problems stand together, with one example and what would mend it: often the row to add to a file in lookups/.

    \b
    Example:
      dontspy-data problems out/package
    """
    from dontspy_data.model.problems import ProblemRow, count_by_kind, group_problems, in_words
    from dontspy_data.package.open import open_package

    opened = open_package(package)
    rows = [ProblemRow(**row) for row in opened.read("problems").to_pylist()]
    groups, counts = group_problems(rows), count_by_kind(rows)
    over = opened.descriptor.get("overBudget", [])
    if as_json:
        print_json(
            {
                "outcome": "over_budget" if over else "done",
                "package": str(package),
                "counts": counts,
                "over_budget": over,
                "problems": [asdict(group) for group in groups],
            }
        )
        return
    click.echo(f"{in_words(counts) or 'No problems'} in {package}")
    for group in groups:
        click.echo(f"\n{group}")
        if group.hint:
            click.echo(f"  {group.hint}")
    for clause in over:
        click.echo(f"\nOver budget: {clause}")
