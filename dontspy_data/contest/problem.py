"""One thing that is wrong with an entry, and how to mend it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        line: in the file, counted from 1.
        column: name of the column; empty where it is about the whole line.
        message: what is wrong.
        mend: what to do about it.
    """

    line: int
    column: str
    message: str
    mend: str

    def __str__(self) -> str:
        place = f"line {self.line}" + (f", {self.column}" if self.column else "")
        return f"{place}: {self.message}. {self.mend}"
