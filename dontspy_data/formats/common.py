"""What the descriptions of a release have in common: who made it, and when."""

from collections.abc import Mapping
from typing import Any


def day(descriptor: Mapping[str, Any]) -> str:
    """Return the day of a package's latest data, `YYYY-MM-DD`."""
    return str(descriptor["created"])[:10]


def publisher(descriptor: Mapping[str, Any]) -> dict[str, Any]:
    """Return the contributor who publishes."""
    found: list[dict[str, Any]] = [one for one in descriptor["contributors"] if "publisher" in one["roles"]]
    return found[0]


def creators(descriptor: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return every contributor, in the order of the descriptor."""
    return list(descriptor["contributors"])
