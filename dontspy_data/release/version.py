"""Versions of releases: which part a change raises, and what comes next.

MAJOR: readers of the release before may break. MINOR: there is more than before. PATCH: something was put right.
"""

import re
from enum import IntEnum

from dontspy_data.errors import UsageError

FIRST = "1.0.0"
VERSION = re.compile(r"(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})")


class Level(IntEnum):
    """The part of a version that a change raises; the highest of all changes decides."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3


def next_version(previous: str | None, computed: Level, raised: Level | None = None) -> str:
    """Return the version that follows.

    Args:
        previous: version before; None if there is none.
        computed: what the changes ask for.
        raised: what a person asks for; None to leave it to the changes.

    Raises:
        UsageError: the person asks for less than the changes do.
    """
    if raised is not None and raised < computed:
        raise UsageError(
            f"the changes make this a {computed.name} release, not a {raised.name} one",
            hint="A version can be raised by hand, never lowered; dontspy-data diff says why.",
        )
    if previous is None:
        return FIRST
    major, minor, patch = version_key(previous)
    match raised or computed:
        case Level.MAJOR:
            return f"{major + 1}.0.0"
        case Level.MINOR:
            return f"{major}.{minor + 1}.0"
        case Level.PATCH:
            return f"{major}.{minor}.{patch + 1}"
    return previous


def step(previous: str, version: str) -> Level:
    """Return the part of a version that was raised from the one before."""
    was, now = version_key(previous), version_key(version)
    if was[0] != now[0]:
        return Level.MAJOR
    return Level.MINOR if was[1] != now[1] else Level.PATCH


def version_key(version: str) -> tuple[int, int, int]:
    """Return a version as numbers, to compare by.

    Raises:
        UsageError: it is not of the form `MAJOR.MINOR.PATCH`.
    """
    match = VERSION.fullmatch(version)
    if not match:
        raise UsageError(f"{version!r} is not a version", hint="Versions are like 1.2.3.")
    major, minor, patch = map(int, match.groups())
    return (major, minor, patch)


def aliases(version: str) -> tuple[str, str, str]:
    """Return a version and its shorter names: `1.2.3`, `1.2`, `1`."""
    major, minor, _ = version.split(".")
    return (version, f"{major}.{minor}", major)
