"""What an audit was asked to do: `audit.toml`, which can be given and is written into every audit.

The file holds all that decides the result besides the release, the models and this program, so that an audit run again
with the file that it wrote gives the same bytes.
"""

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from dontspy_data.audit.looks import CHOICES, BoxSource, Plan
from dontspy_data.audit.runner import SEED
from dontspy_data.audit.views import CHANGED
from dontspy_data.errors import UsageError

SETTINGS_FILE = "audit.toml"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of an audit.

    Attributes:
        models: names of the models, in the report's order.
        boxes: where the face's box comes from: `MODEL` or `PACKAGE`.
        variants: names of the changed pictures.
        choices: names of the choices whose other options are asked for.
        redetect: whether models look for the face anew in every changed copy.
        day: the portraits are those shown on that day; None for the current ones.
        sample: how many portraits are drawn; None for all.
        seed: decides which.
        exclude: numbers of people who are left out, each with the reason.
    """

    models: tuple[str, ...] = ()
    boxes: BoxSource = BoxSource.MODEL
    variants: tuple[str, ...] = CHANGED
    choices: tuple[str, ...] = CHOICES
    redetect: bool = False
    day: date | None = None
    sample: int | None = None
    seed: int = SEED
    exclude: Mapping[int, str] = field(default_factory=dict)

    @property
    def plan(self) -> Plan:
        """What is asked about every portrait."""
        return Plan(self.boxes, self.variants, self.choices, self.redetect)


def read_settings(path: Path) -> Settings:
    """Read an `audit.toml`; what it does not say is as of `Settings`.

    Raises:
        UsageError: it cannot be read, or says something that is not known.
    """
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{path} cannot be read: {error}", hint="An audit writes one that can be copied: audit.toml."
        ) from error
    known = {each.name: each.type for each in fields(Settings)}
    values = {}
    for key, value in given.items():
        if key not in READERS:
            raise UsageError(
                f"{path} has {key!r}, which is no setting", hint=f"There are: {', '.join(known)}."
            )
        try:
            values[key] = READERS[key](value)
        except (TypeError, ValueError) as error:
            raise UsageError(
                f"{path} has {key} = {value!r}: {error}", hint=f"See {key} in docs/audit.md."
            ) from error
    return replace(Settings(), **values)


def check_settings(settings: Settings) -> Settings:
    """Return the settings if they can be followed.

    Raises:
        UsageError: a variant or choice is not known, or a number is not one that can be.
    """
    for key, given, known in (
        ("variant", settings.variants, CHANGED),
        ("choice", settings.choices, CHOICES),
    ):
        for name in given:
            if name not in known:
                raise UsageError(f"there is no {key} {name!r}", hint=f"There are: {', '.join(known)}.")
    if settings.sample is not None and settings.sample < 1:
        raise UsageError(f"a sample of {settings.sample} is none", hint="Give a number from 1 on.")
    return settings


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise TypeError("a list of texts is needed")
    return tuple(dict.fromkeys(value))


def _of(kind: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) is not kind:  # a date is no date and time, and true is no number
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


READERS: Mapping[str, Callable[[Any], Any]] = {
    "models": _texts,
    "boxes": _boxes,
    "variants": _texts,
    "choices": _texts,
    "redetect": _of(bool),
    "day": _of(date),
    "sample": _of(int),
    "seed": _of(int),
    "exclude": _reasons,
}


def settings_text(settings: Settings) -> str:
    """Return the text of an `audit.toml` that says the same."""
    lines = [
        "# The settings of this audit: dontspy-data audit PACKAGE --settings audit.toml --output FOLDER",
        *(
            f"{name} = {_value(value)}"
            for name in READERS
            if name != "exclude" and (value := getattr(settings, name)) is not None
        ),
    ]
    if settings.exclude:
        lines += ["", "[exclude]"]
        lines += [f"{number} = {_value(reason)}" for number, reason in sorted(settings.exclude.items())]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    """Return a value as TOML writes it, which for texts, lists, numbers and truths is as JSON does."""
    return value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)
