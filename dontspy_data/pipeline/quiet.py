"""A quiet month: the sources said what they had said, so the package that was built before stands."""

from collections import Counter
from collections.abc import Collection, Sequence
from pathlib import Path

from dontspy_data._version import __version__
from dontspy_data.capture.captures import Captures
from dontspy_data.check.check import require_valid
from dontspy_data.errors import DontspyError
from dontspy_data.model import codes
from dontspy_data.model.problems import ProblemRow, group_problems
from dontspy_data.model.withdrawals import read_withdrawals
from dontspy_data.package.digests import sha256_of
from dontspy_data.package.open import Package, open_package
from dontspy_data.pipeline.build import Built
from dontspy_data.release.row_changes import withdrawals_of
from dontspy_data.sources import address_of


def standing(
    folder: Path, captures: Sequence[Path], withdrawals: Path | None, lookups: Path | None
) -> Built | None:
    """Return what was built before if it is whole, and building again would say the same; None if it may not.

    Args:
        folder: the package.
        captures: what it would be built from.
        withdrawals: file of what is withdrawn; None for nothing.
        lookups: folder of a maintainer's own lookups; None for the shipped ones.

    Raises:
        UsageError: withdrawals or lookups cannot be read.
        CaptureError: a capture is damaged.
    """
    try:
        package = open_package(folder)
        is_same = (
            package.descriptor["generator"]["version"] == __version__
            and package.descriptor.get("lookups", {}).get("hash") == _lookups_hash(lookups)
            and withdrawals_of(package).rows == read_withdrawals(withdrawals).rows
            and _adds_nothing(package, captures)
        )
        if not is_same:
            return None
        require_valid(folder, name=str(folder), hint="")
        return _built(package)
    except (DontspyError, KeyError, TypeError):  # no package, or one that is too old or damaged
        return None


def _lookups_hash(lookups: Path | None) -> str | None:
    digest = codes.open_lookups(lookups).digest
    return f"sha256:{digest}" if digest else None


def _adds_nothing(package: Package, captures: Sequence[Path]) -> bool:
    """Return whether all captures of a package are there, and no other has an answer that these lack."""
    made_from = {one["hash"] for one in package.descriptor["captures"]}
    new = {path for path in captures if f"sha256:{sha256_of(path)}" not in made_from}
    return len(captures) - len(new) == len(made_from) and (not new or _say_nothing_new(captures, new))


def _say_nothing_new(captures: Sequence[Path], new: Collection[Path]) -> bool:
    opened = Captures.open(captures, address_of)
    for url in opened.urls():
        entries = opened.entries(url)
        known = {(entry.status, entry.digest) for entry in entries if entry.path not in new}
        fresh = [entry for entry in entries if entry.path in new and entry.revisits is None]
        if any((entry.status, entry.digest) not in known for entry in fresh):
            return False
    return True


def _built(package: Package) -> Built:
    portraits = package.read("portraits", ["status", "is_current"]).to_pylist()
    problems = [ProblemRow(**row) for row in package.read("problems").to_pylist()]
    return Built(
        folder=package.folder,
        tables={table.name: package.rows(table.name) for table in package.tables},
        portraits=dict(sorted(Counter(row["status"] for row in portraits if row["is_current"]).items())),
        unread={},
        problems=group_problems(problems),
        over_budget=tuple(package.descriptor["overBudget"]),
        notes=(),
    )
