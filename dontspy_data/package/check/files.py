"""Checking files: each listed once, each with the bytes it was written with, nothing else in the folder."""

import re
from collections.abc import Iterator
from pathlib import Path

from dontspy_data.errors import UsageError
from dontspy_data.package.check.problem import Problem
from dontspy_data.package.files import CHECKSUMS, DESCRIPTOR, files_below, sha256_of

LINE = re.compile(r"(?P<digest>[0-9a-f]{64})  (?P<path>[^\n]+)\n")


def check_files(folder: Path) -> Iterator[Problem]:
    """What is wrong with the files of a package, by `checksums.sha256` alone.

    Raises:
        UsageError: the folder has neither checksums nor a descriptor, so it is no package.
    """
    path = folder / CHECKSUMS
    if not path.is_file():
        if not (folder / DESCRIPTOR).is_file():
            raise UsageError(
                f"{folder} is not a package: it has neither {CHECKSUMS} nor {DESCRIPTOR}",
                hint="Make one with: dontspy-data build CAPTURE… --output FOLDER",
            )
        yield Problem(CHECKSUMS, "is missing, so no other file can be trusted")
        return
    text = path.read_bytes().decode("utf-8", errors="replace")
    listed = parse_checksums(text)
    if "".join(f"{listed[path]}  {path}\n" for path in sorted(listed)) != text:
        yield Problem(CHECKSUMS, "is not a sorted list of digests and paths, a line each")
    present = set(files_below(folder))
    for name in sorted(listed.keys() - present):
        yield Problem(name, f"is missing: {CHECKSUMS} lists it")
    for name in sorted(present - listed.keys()):
        yield Problem(name, f"does not belong here: {CHECKSUMS} does not list it")
    for name in sorted(present & listed.keys()):
        if sha256_of(folder / name) != listed[name]:
            yield Problem(name, f"was changed: its SHA-256 is not the one in {CHECKSUMS}")


def parse_checksums(text: str) -> dict[str, str]:
    """SHA-256 by path from the text of `checksums.sha256`; lines of another form are left out."""
    return {match["path"]: match["digest"] for match in LINE.finditer(text)}
