"""What a check says of a package."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        path: file in the package.
        message: what is wrong with it.
    """

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Flag:
    """One thing to know that is not wrong.

    Attributes:
        path: file in the package.
        message: what to know of it.
    """

    path: str
    message: str


def some(what: str, values: Sequence[Any]) -> Iterator[str]:
    """One message that names the first few values, where there are any; a tuple's are joined by spaces."""
    if values:
        shown = ", ".join(
            " ".join(map(str, value)) if isinstance(value, tuple) else str(value) for value in values[:SHOWN]
        )
        more = f" and {len(values) - SHOWN:,} more" if len(values) > SHOWN else ""
        yield f"{what}: {shown}{more}"
