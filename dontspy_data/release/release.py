"""Making a release: a package, what changed since the release before, and every format.

A pure function of the package, the release before and the maintainer's decisions: no clock, no network.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dontspy_data.errors import DontspyError, Exit, UsageError
from dontspy_data.formats.write import write_formats
from dontspy_data.package.files import CHECKSUMS, DELTA, whole_folder
from dontspy_data.package.open import Package, day, open_package
from dontspy_data.release.changelog import (
    Changelog,
    ReleaseNotes,
    Section,
    read_changelog,
    without,
    write_changelog,
)
from dontspy_data.release.event_kinds import Event, sections
from dontspy_data.release.events import events_between
from dontspy_data.release.floors import below_floors
from dontspy_data.release.row_changes import Comparison, compare, delta_lines, withdrawals_of
from dontspy_data.release.version import Level, next_version


class UnchangedError(DontspyError):
    """There is nothing to release: the package says the same as the release before."""

    exit = Exit.UNCHANGED


class WorseError(DontspyError):
    """A package is below its floors."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What a release of one package after another would be.

    Attributes:
        version: of the release.
        level: the part of the version that the changes raise; None for the first release.
        comparison: everything that changed; None for the first release.
        sections: the same for people; empty for the first release.
        worse: each way in which the package is below its floors.
        events: what happened to people and groups; empty for the first release.
    """

    version: str
    level: Level | None
    comparison: Comparison | None
    sections: tuple[Section, ...]
    worse: tuple[str, ...]
    events: tuple[Event, ...] = ()

    @property
    def is_unchanged(self) -> bool:
        """Whether there is nothing to release."""
        return self.level is Level.NONE

    def as_json(self) -> dict[str, Any]:
        """Return the same for programs; rows are counted, `delta.jsonl` has them."""
        rows: dict[str, dict[str, int]] = {}
        for change in self.comparison.rows if self.comparison else ():
            counts = rows.setdefault(change.table, {})
            counts[change.op.value] = counts.get(change.op.value, 0) + 1
        return {
            "version": self.version,
            "level": self.level.name if self.level is not None else None,
            "structure": [
                {"level": change.level.name, "what": change.what}
                for change in (self.comparison.structure if self.comparison else ())
            ],
            "rows": rows,
            "events": [event.as_json() for event in self.events],
            "sections": {section.title: list(map(str, section.lines)) for section in self.sections},
            "worse": list(self.worse),
        }


def difference(old: Package | None, new: Package, raised: Level | None = None) -> Difference:
    """Return what a release of `new` would be after `old`.

    Args:
        old: the release before; None if there is none.
        new: a package.
        raised: the part of the version to raise at least; None to leave it to the changes.

    Raises:
        UsageError: `raised` is less than the changes ask for, or `old` has no version.
    """
    worse = tuple(below_floors(old, new))
    if old is None:
        return Difference(next_version(None, Level.NONE), None, None, (), worse)
    version = old.descriptor.get("version")
    if version is None:
        raise UsageError(
            f"{old.folder} is a package and not a release: it has no version",
            hint=f"Make the first release with: dontspy-data release {old.folder} --output FOLDER",
        )
    comparison = compare(old, new)
    found = events_between(old, new, comparison)
    return Difference(
        version=next_version(version, comparison.level, raised),
        level=comparison.level,
        comparison=comparison,
        sections=sections(comparison, found),
        worse=worse,
        events=found.events,
    )


def release_package(
    package: Path,
    previous: Path | None,
    output: Path,
    *,
    raised: Level | None = None,
    accept: str | None = None,
) -> Difference:
    """Make a release of a package.

    Args:
        package: folder of a package that has been checked.
        previous: folder of the release before; None for the first release.
        output: folder of the release; replaced only once the new one is complete.
        raised: the part of the version to raise at least.
        accept: why to release although the package is below its floors; it is recorded in the release.

    Returns:
        How the release differs from the one before.

    Raises:
        UnchangedError: the package says the same as the release before.
        WorseError: the package is below its floors, and `accept` gives no reason.
        DontspyError: something withdrawn earlier is back.
        UsageError: a folder is not what it should be, or `raised` is less than the changes ask for.
    """
    if output.resolve() in {folder.resolve() for folder in (package, previous) if folder}:
        raise UsageError(
            f"{output} would be replaced by its own release", hint="Name another folder with --output."
        )
    new = open_package(package)
    old = open_package(previous) if previous else None
    if "version" in new.descriptor:
        raise UsageError(f"{package} is a release already: {new.descriptor['version']}")
    found = difference(old, new, raised)
    if old:
        _require_withdrawals(old, new)
        if found.is_unchanged:
            raise UnchangedError(f"nothing changed since {old.descriptor['version']}")
    if found.worse and not accept:
        raise WorseError(
            f"{package} is below its floors: {'; '.join(found.worse)}",
            hint="Look at the captures. If it is right nevertheless, give --accept REASON.",
        )
    accepted = accept if found.worse else None
    reason = f"{accepted} ({'; '.join(found.worse)})" if accepted else None
    notes = ReleaseNotes(
        version=found.version,
        date=day(new.descriptor),
        accepted=reason,
        fallback=tuple(new.descriptor.get("fallback", ())),
        sections=found.sections if found.comparison else None,
    )
    withdrawn = withdrawals_of(new)
    write_release(
        new,
        output,
        about={
            "previous": old.descriptor["version"] if old else None,
            "withdrew": sorted((found.comparison.withdrawn if found.comparison else withdrawn).people),
            "accepted": accepted,
        },
        changelog=without((notes, *(read_changelog(previous) if previous else ())), withdrawn),
        delta=delta_lines(found.comparison.rows if found.comparison else (), withdrawn),
    )
    return found


def write_release(
    package: Package, output: Path, *, about: Mapping[str, Any], changelog: Changelog, delta: str
) -> None:
    """Write a release of a package with given notes and changes.

    Args:
        package: to release.
        output: folder of the release.
        about: `release` in its descriptor: the version before, whom it withdrew, why it was accepted.
        changelog: of this release and those before; the first one gives the version.
        delta: text of `delta.jsonl`.

    Raises:
        UsageError: `output` is in the way.
    """
    with whole_folder(output) as draft:
        shutil.copytree(package.folder, draft, dirs_exist_ok=True, ignore=shutil.ignore_patterns(CHECKSUMS))
        write_changelog(changelog, draft)
        (draft / DELTA).write_text(delta, encoding="utf-8")
        descriptor = {**package.descriptor, "version": changelog[0].version, "release": dict(about)}
        write_formats(Package(draft, descriptor, package.tables))


def _require_withdrawals(old: Package, new: Package) -> None:
    known = {(row.mep_id, row.scope) for row in withdrawals_of(new).rows}
    back = [row for row in withdrawals_of(old).rows if (row.mep_id, row.scope) not in known]
    if back:
        ids = ", ".join(str(row.mep_id) for row in back)
        raise DontspyError(
            f"{old.descriptor['version']} withdrew MEP {ids}, but {new.folder} does not",
            hint="Build with the complete withdrawals.csv; withdrawals are permanent.",
        )
