"""Errors meant for a person: what happened, to what, and what to do next.

Every error that the command line shows is one of these; anything else is a defect in this project.
"""

from enum import IntEnum


class Exit(IntEnum):
    """Exit status of every command; `--json` gives the same outcome in words.

    A run that found nothing to change ends like one that did, unless `--fail-unchanged` asks for `UNCHANGED`.
    """

    DONE = 0
    INVALID = 1
    USAGE = 2
    REFUSED = 3
    UNCHANGED = 4


class DontspyError(Exception):
    """Something a person can act on.

    Attributes:
        hint: what to do next, or an empty string.
    """

    exit = Exit.INVALID

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        if hint:
            self.add_note(hint)  # so that notebooks and tracebacks show it too


class UsageError(DontspyError):
    """The command's words are wrong: a file that is not there, a folder that is in the way."""

    exit = Exit.USAGE


class CaptureError(DontspyError):
    """A capture that cannot be trusted: not a WARC file, or a record whose digest does not match."""


class PageError(DontspyError):
    """A page that its source does not recognise: a challenge, an error page or changed markup.

    Attributes:
        expected: what the source looked for.
        found: what was found instead; empty to show the kind and size of the page.
    """

    def __init__(self, source: str, url: str, expected: str, found: str = "") -> None:
        self.expected, self.found = expected, found
        super().__init__(
            f"{source} does not recognise {url}: {expected}" + (f" (read: {found})" if found else ""),
            hint="Look at the page in the capture. If the site has changed, the source's module must follow; "
            "if the answer is an error or a challenge, collect it again.",
        )


class OtherPersonError(PageError):
    """A page about someone other than its address says."""


class UnknownCodeError(DontspyError):
    """A country, group or other category that no lookup lists. It is always reported.

    Attributes:
        kind: what kind of category, such as `country`.
        value: as printed.
        file: name of the lookup that could list it, such as `group_labels.csv`.
        row: the row to add to it.
    """

    def __init__(self, kind: str, value: str, file: str, row: str) -> None:
        self.kind, self.value, self.file, self.row = kind, value, file, row
        super().__init__(
            f"unknown {kind} {value!r}",
            hint=f"If it is genuine, add it to lookups/{file}: {row}",
        )
