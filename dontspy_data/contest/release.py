"""What entries are checked against: the people and portraits of a release."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dontspy_data.package.package import open_package


@dataclass(frozen=True, slots=True)
class Release:
    """People and portraits.

    Attributes:
        people: numbers of all persons.
        portraits: by key, the number of the person in it; pictures only, withdrawn ones not.
    """

    people: frozenset[int]
    portraits: Mapping[str, int]


def read_release(folder: Path) -> Release:
    """The people and portraits of a package.

    Raises:
        UsageError: the folder is no package.
    """
    package = open_package(folder)
    portraits = package.read("portraits", ["portrait_id", "mep_id", "path"]).to_pylist()
    return Release(
        people=frozenset(package.read("meps", ["mep_id"])["mep_id"].to_pylist()),
        portraits={row["portrait_id"]: row["mep_id"] for row in portraits if row["path"]},
    )
