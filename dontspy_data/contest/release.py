"""What entries are checked against: the people and portraits of a release."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dontspy_data.package.package import open_package


@dataclass(frozen=True, slots=True)
class Known:
    """People and portraits that are known.

    Attributes:
        people: numbers of all persons.
        portraits: by key, the number of the person in it; pictures only, withdrawn ones not.
        created: day of the release's captures.
    """

    people: frozenset[int]
    portraits: Mapping[str, int]
    created: date


def read_release(folder: Path) -> Known:
    """The people and portraits of a release, or of a package that is none yet.

    Raises:
        UsageError: the folder is no package.
        DontspyError: its descriptor is damaged.
    """
    package = open_package(folder)
    portraits = package.read("portraits", ["portrait_id", "mep_id", "path"]).to_pylist()
    return Known(
        people=frozenset(package.read("meps", ["mep_id"])["mep_id"].to_pylist()),
        portraits={row["portrait_id"]: row["mep_id"] for row in portraits if row["path"]},
        created=date.fromisoformat(package.descriptor["created"][:10]),
    )
