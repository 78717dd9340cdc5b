"""`dontspy-data audit`: what face software claims about the portraits of a package."""

from contextlib import nullcontext
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import rich_click as click

from dontspy_data.commands.options import WholeNumber, names_in, workers_options
from dontspy_data.commands.output import answer, progress_bar, reporting
from dontspy_data.errors import UsageError
from dontspy_data.model.texts import counted


def _names(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    """Split names separated by commas; `none` are no names."""
    return None if value is None else () if value == "none" else names_in(value)


@click.command()
@click.argument("package", type=click.Path(path_type=Path))
@click.option("-m", "--model", "models", multiple=True, help="Model to run; repeatable.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder of the audit.")
@click.option(
    "--settings",
    "settings_file",
    type=click.Path(path_type=Path),
    metavar="audit.toml",
    help="File that says all of this; every audit holds one. Options on the command line come first.",
)
@click.option(
    "--boxes",
    type=click.Choice(["model", "package"]),
    help="Let each model find the face itself (the default), or give it the package's box.",
)
@click.option(
    "--variants",
    callback=_names,
    metavar="NAME,NAME",
    help="Changed copies of each portrait: names separated by commas, or none. By default all.",
)
@click.option(
    "--choices",
    callback=_names,
    metavar="NAME,NAME",
    help="What is also done otherwise than documented: names separated by commas, or none. By default all.",
)
@click.option(
    "--redetect",
    is_flag=True,
    default=None,
    help="Let models look for the face anew in every changed copy, which takes several times as long.",
)
@click.option(
    "--day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Look at the portraits that were shown on that day instead of the current ones.",
)
@click.option("--sample", type=WholeNumber(min=1), help="Look at so many portraits only, drawn by --seed.")
@click.option("--seed", type=int, help="Decides which portraits are drawn.")
@workers_options("run the models")
@reporting
def audit(
    package: Path,
    *,
    models: tuple[str, ...],
    output: Path,
    settings_file: Path | None,
    boxes: str | None,
    day: datetime | None,
    workers: int | None,
    scheduler: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Run face software on a package's portraits and compare its guesses with the official facts.

    Guesses of age, gender and expression only; nobody is identified. The package is only read. Writes the
    tables attributions and attribution_errors, audit.md and audit.html to OUTPUT. If a run is stopped,
    the same command resumes it.

    \b
    Examples:
      dontspy-data audit out/package --model face-api --model human --output out/audit
      dontspy-data audit out/package --settings out/audit/audit.toml --output out/again
    """
    from dontspy_data.audit.model import BoxSource, installed_models, open_model
    from dontspy_data.audit.run import audit_package
    from dontspy_data.audit.settings import Settings, check_settings, read_settings
    from dontspy_data.portraits.engine import open_executor

    given = {name: value for name, value in options.items() if value is not None}
    if models:
        given["models"] = models
    if boxes:
        given["boxes"] = BoxSource(boxes)
    if day:
        given["day"] = day.date()
    settings = check_settings(replace(read_settings(settings_file) if settings_file else Settings(), **given))
    if not settings.models:
        raise UsageError(
            "no model is named",
            hint=f"Name one or several with --model. There are: {', '.join(installed_models())}.",
        )
    opened = [open_model(name) for name in dict.fromkeys(settings.models)]
    # One worker is this process: a second one would only load everything once more.
    pool = nullcontext() if workers == 1 and not scheduler else open_executor(workers, scheduler)
    with progress_bar("Portraits") as progress, pool as executor:
        audited = audit_package(package, output, opened, settings, executor=executor, progress=progress)
    counts = f"{counted(audited.attributions, 'attribution')} of {counted(audited.portraits, 'portrait')}"
    answer(
        {"outcome": "done", **asdict(audited)},
        "\n".join([*audited.findings, f"Wrote {output}: {counts}"]),
        as_json=as_json,
        hint=f"Next: read {output / 'audit.html'}",
    )
