"""Checking whether a package is whole and valid, and finding what a maintainer should look at."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or worth knowing.

    Attributes:
        path: file in the package.
        message: what is wrong with it, or worth knowing.
    """

    path: str
    message: str


def some(path: str, what: str, values: Sequence[Any]) -> Iterator[Finding]:
    """Yield one finding that names the first few values, if there are any; a tuple is joined by spaces."""
    if values:
        shown = ", ".join(
            " ".join(map(str, value)) if isinstance(value, tuple) else str(value) for value in values[:SHOWN]
        )
        more = f" and {len(values) - SHOWN:,} more" if len(values) > SHOWN else ""
        yield Finding(path, f"{what}: {shown}{more}")
