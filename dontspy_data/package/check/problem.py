"""One thing that is wrong with a package."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        path: file in the package.
        message: what is wrong with it.
    """

    path: str
    message: str
