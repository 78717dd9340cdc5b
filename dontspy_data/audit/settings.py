"""Settings of an audit: `audit.toml`, which can be given and is written into every audit.

The file holds everything that decides the result besides the release, the models and this program, so that repeating
an audit with the file that it wrote gives the same bytes.
"""

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from dontspy_data.audit.attributions import GROUPINGS
from dontspy_data.audit.gaps import GapRow
from dontspy_data.audit.looks import CHANGED, CHOICES, Plan
from dontspy_data.audit.measures import ErrorRow
from dontspy_data.audit.model import BoxSource
from dontspy_data.audit.observations import FAR_OFF, NEAR
from dontspy_data.audit.runner import SEED
from dontspy_data.audit.statistics import SMALL
from dontspy_data.errors import UsageError
from dontspy_data.model.schema import shipped_table

SETTINGS_FILE = "audit.toml"
THRESHOLDS: Mapping[str, int] = {"small": SMALL, "far_off": FAR_OFF, "near": NEAR}
"""Portraits below which a group is flagged, and years: they are in the names of columns and measures, and so fixed."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of an audit.

    Attributes:
        models: names of the models, in the report's order.
        boxes: where the face's box comes from: `MODEL` or `PACKAGE`.
        variants: names of the changed pictures.
        choices: names of the choices whose other options are asked for.
        redetect: whether models look for the face again in every changed copy.
        day: the portraits are those shown on that day; None for the current ones.
        sample: how many portraits are drawn; None for all.
        seed: decides which.
        measures: names of the measures of errors and gaps; empty for all.
        groups: names of the kinds of groups; empty for all.
        exclude: numbers of people who are left out, each with the reason.
        thresholds: `THRESHOLDS`, which are written so that a reader knows them.
    """

    models: tuple[str, ...] = ()
    boxes: BoxSource = BoxSource.MODEL
    variants: tuple[str, ...] = CHANGED
    choices: tuple[str, ...] = CHOICES
    redetect: bool = False
    day: date | None = None
    sample: int | None = None
    seed: int = SEED
    measures: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    exclude: Mapping[int, str] = field(default_factory=dict)
    thresholds: Mapping[str, int] = field(default_factory=lambda: THRESHOLDS)

    @property
    def plan(self) -> Plan:
        """What is asked about every portrait."""
        return Plan(self.boxes, self.variants, self.choices, self.redetect)

    def want(self, row: ErrorRow | GapRow) -> bool:
        """Return whether a figure is wanted."""
        return (not self.measures or row.measure in self.measures) and (
            not self.groups or row.group_by in self.groups
        )


def read_settings(path: Path) -> Settings:
    """Read an `audit.toml`; defaults are those of `Settings`.

    Raises:
        UsageError: it cannot be read, or has an unknown setting.
    """
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{path} cannot be read: {error}", hint="An audit writes one that can be copied: audit.toml."
        ) from error
    values: dict[str, Any] = {}
    for key, value in given.items():
        if key not in READERS:
            raise UsageError(
                f"{path} has {key!r}, which is not a setting", hint=f"There are: {', '.join(READERS)}."
            )
        try:
            values[key] = READERS[key](value)
        except (TypeError, ValueError) as error:
            raise UsageError(
                f"{path} has {key} = {value!r}: {error}", hint=f"See {key} in docs/audit.md."
            ) from error
    return Settings(**values)


def _measures() -> tuple[str, ...]:
    """Return the names of all measures of errors and gaps."""
    names = "attribution_errors", "attribution_gaps"
    tables = (shipped_table({"name": name, "minimumRows": 0, "maximumRows": 0}) for name in names)
    columns = (column for table in tables for column in table.fields if column.name == "measure")
    return tuple(dict.fromkeys(value for column in columns for value in column.categories))


def check_settings(settings: Settings) -> Settings:
    """Return the settings if they are valid.

    Raises:
        UsageError: a variant or choice is unknown, or a number is out of range.
    """
    for key, given, known in (
        ("variant", settings.variants, CHANGED),
        ("choice", settings.choices, CHOICES),
        ("measure", settings.measures, _measures()),
        ("group", settings.groups, tuple(GROUPINGS)),
    ):
        for name in given:
            if name not in known:
                raise UsageError(f"there is no {key} {name!r}", hint=f"There are: {', '.join(known)}.")
    if settings.sample is not None and settings.sample < 1:
        raise UsageError(f"a sample of {settings.sample} is empty", hint="Give a number from 1 up.")
    if settings.thresholds != THRESHOLDS:
        raise UsageError(
            f"the thresholds {dict(settings.thresholds)} are not those of this version: {dict(THRESHOLDS)}",
            hint="Leave them out of the file, or run the version that wrote it.",
        )
    return settings


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise TypeError("a list of texts is needed")
    return tuple(dict.fromkeys(value))


def _of(kind: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) is not kind:  # a date is not a date and time, and true is not a number
            raise TypeError(f"a value of the type {kind.__name__} is needed")
        return value

    return read


def _boxes(value: Any) -> BoxSource:
    boxes = BoxSource(value)
    if boxes is BoxSource.ORIGINAL:
        raise ValueError("`model` or `package` is needed")
    return boxes


def _reasons(value: Any) -> dict[int, str]:
    if not isinstance(value, dict) or not all(isinstance(reason, str) for reason in value.values()):
        raise TypeError("a table of people's numbers is needed, each with a reason")
    return {int(number): reason for number, reason in value.items()}


def _thresholds(value: Any) -> dict[str, int]:
    if not isinstance(value, dict) or not all(type(number) is int for number in value.values()):
        raise TypeError("a table of numbers is needed")
    return value


READERS: Mapping[str, Callable[[Any], Any]] = {
    "models": _texts,
    "boxes": _boxes,
    "variants": _texts,
    "choices": _texts,
    "redetect": _of(bool),
    "day": _of(date),
    "sample": _of(int),
    "seed": _of(int),
    "measures": _texts,
    "groups": _texts,
    "exclude": _reasons,
    "thresholds": _thresholds,
}


TABLES = ("thresholds", "exclude")
"""Settings that are separate tables in the file."""


def settings_text(settings: Settings) -> str:
    """Return the text of an `audit.toml` with these settings."""
    lines = [
        "# The settings of this audit: dontspy-data audit PACKAGE --settings audit.toml --output FOLDER",
        *(
            f"{name} = {_value(value)}"
            for name in READERS
            if name not in TABLES and (value := getattr(settings, name)) is not None
        ),
    ]
    for name in TABLES:
        if table := getattr(settings, name):
            lines += ["", f"[{name}]", *(f"{key} = {_value(value)}" for key, value in sorted(table.items()))]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    """Return a value as TOML writes it, which for texts, lists, numbers and truths is nearly as JSON does."""
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # TOML wants that escaped, too
