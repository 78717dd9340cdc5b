"""`dontspy-data withdraw`: keep a portrait, or a person, out from now on."""

from datetime import UTC, datetime
from pathlib import Path

import rich_click as click

from dontspy_data.commands.shared import errors_for_people, json_option, print_json


@click.command()
@click.argument("mep_id", type=click.IntRange(min=1))
@click.option(
    "--scope",
    required=True,
    type=click.Choice(["portrait", "person"]),
    help="Every portrait, or everything about the person.",
)
@click.option(
    "--reason",
    required=True,
    type=click.Choice(["request", "rights", "legal", "mistake"]),
    help="The person's request, another's rights, a legal duty, or our mistake.",
)
@click.option(
    "--withdrawals",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("withdrawals.csv"),
    show_default=True,
    help="The file to add a row to; keep it with the captures.",
)
@json_option
@errors_for_people
def withdraw(mep_id: int, scope: str, reason: str, withdrawals: Path, as_json: bool) -> None:
    """Withdraw a portrait or a person: from now on it is not collected, built or published.

    Adds a row (number, scope, day, reason) to withdrawals.csv. Releases published before are
    changed only when the next one is published with --purge-withdrawn.

    \b
    Example:
      dontspy-data withdraw 9000001 --scope portrait --reason request
    """
    from dontspy_data.model.withdrawals import Reason, Scope
    from dontspy_data.model.withdrawals import withdraw as add

    everything = add(withdrawals, mep_id, Scope(scope), Reason(reason), datetime.now(UTC).date())
    if as_json:
        print_json({"outcome": "changed", "file": withdrawals, "withdrawn": len(everything.rows)})
        return
    click.echo(f"Withdrawn: MEP {mep_id}, {scope}. {withdrawals} has {len(everything.rows):,} rows")
    click.echo("Next: build, release, and publish RELEASE TARGET --purge-withdrawn", err=True)
