"""What the descriptions of a release have in common: who made it, when, and how to cite it."""

from collections.abc import Mapping
from typing import Any

MEDIA_TYPES = {
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".sqlite": "application/vnd.sqlite3",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".jsonld": "application/ld+json",
    ".md": "text/markdown",
    ".cff": "application/yaml",
    ".zip": "application/zip",
    ".tar": "application/x-tar",
    ".sha256": "text/plain",
}
"""Media types by the end of a file's name."""


def day(descriptor: Mapping[str, Any]) -> str:
    """The day of a package's latest data, `YYYY-MM-DD`."""
    return str(descriptor["created"])[:10]


def publisher(descriptor: Mapping[str, Any]) -> dict[str, Any]:
    """The contributor who publishes."""
    found: list[dict[str, Any]] = [one for one in descriptor["contributors"] if "publisher" in one["roles"]]
    return found[0]


def creators(descriptor: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every contributor, in the order of the descriptor."""
    return list(descriptor["contributors"])


def citation(descriptor: Mapping[str, Any]) -> str:
    """How to cite a release, in one line."""
    names = ", ".join(one["title"] for one in creators(descriptor))
    return (
        f"{names} ({day(descriptor)[:4]}). {descriptor['title']}, version {descriptor['version']}. "
        f"{descriptor['homepage']}"
    )
