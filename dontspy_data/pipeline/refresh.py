"""Refreshing: from captures to a published release, each step only if the one before succeeded.

`dontspy_data.collect` collects beforehand; this module starts from its captures. In a quiet month,
when the sources gave nothing new, the package that was built before is kept.
"""

from collections.abc import Collection, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dontspy_data._version import __version__
from dontspy_data.capture.captures import Captures
from dontspy_data.check.check import portraits_by_status, require_valid
from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.model import codes
from dontspy_data.model.problems import ProblemRow, Progress, group_problems
from dontspy_data.model.withdrawals import read_withdrawals
from dontspy_data.package.files import DESCRIPTOR, sha256_of, whole_folder
from dontspy_data.package.open import Package, open_package
from dontspy_data.pipeline.build import Built, build_package
from dontspy_data.pipeline.report import RunRecord
from dontspy_data.publish.publish import Published, publish, release_before
from dontspy_data.publish.purge import purge, require_purge
from dontspy_data.release.release import Difference, difference, release_package
from dontspy_data.release.row_changes import withdrawals_of
from dontspy_data.sources import address_of
from dontspy_data.targets.open import ZENODO, open_target, writer_of
from dontspy_data.targets.target import MissingError, Target

CAPTURE = ".warc.gz"
PART = ".part"


@dataclass(frozen=True, slots=True)
class Refresh:
    """The plan of a refresh.

    Attributes:
        output: folder of the package; replaced only by a whole and valid one.
        target: where to publish; None to stop at the package.
        withdrawals: file of what is withdrawn; None for nothing.
        lookups: folder of a maintainer's own lookups; None for the shipped ones.
        accept: why to release although the package is below its floors.
        purge_withdrawn: whether to remove what is withdrawn from earlier releases.
        break_lock: whether to break another publisher's lock.
        is_dry: whether to stop before anything is released.
        sources_unchanged: whether the sources gave nothing new.
        descriptions: folder beside which descriptions of portraits are kept; None to keep none.

    Raises:
        UsageError: the target does not allow it.
    """

    output: Path
    target: str | None = None
    withdrawals: Path | None = None
    accept: str | None = None
    purge_withdrawn: bool = False
    break_lock: bool = False
    is_dry: bool = False
    sources_unchanged: bool = False
    lookups: Path | None = None
    descriptions: Path | None = None

    def __post_init__(self) -> None:
        """Refuse, before any request, what could not be published in the end."""
        if self.target == f"{ZENODO}new":
            raise UsageError(
                f"{self.target} creates a new record every time, so later versions cannot be linked to it",
                hint="Publish once with dontspy-data publish RELEASE zenodo:new, then give the number of that record.",
            )
        if self.target and self.purge_withdrawn:
            require_purge(writer_of(open_target(self.target)))


@dataclass(frozen=True, slots=True)
class Refreshed:
    """The result of a refresh.

    Attributes:
        built: the package.
        difference: against the latest release at the target; None if no target was given.
        published: None if nothing was published.
        purged: versions that were changed, since something was withdrawn from them.
        is_dry: whether it was a dry run.
        is_same: whether, without a target, the package says the same as the one before.
    """

    built: Built
    difference: Difference | None = None
    published: Published | None = None
    purged: tuple[str, ...] = ()
    is_dry: bool = False
    is_same: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        found = {
            **self.built.as_json(),
            "difference": self.difference.as_json() if self.difference else None,
            "published": self.published.as_json() if self.published else None,
            "purged": list(self.purged),
        }
        changed = "dry_run" if self.is_dry else "changed"
        return {**found, "outcome": "unchanged" if self.is_unchanged else changed}

    @property
    def is_unchanged(self) -> bool:
        """Whether there was nothing to release, and nothing to purge."""
        if self.difference is None:
            return self.is_same
        return self.difference.is_unchanged and not self.purged


def captures_in(folder: Path, day: str) -> tuple[Path, tuple[Path, ...]]:
    """Choose the capture that a run should write, and list those before it.

    Args:
        folder: where captures are kept.
        day: today, `YYYY-MM-DD`, for the name of a new one. An interrupted run is continued instead.
    """
    earlier = tuple(sorted(folder.glob(f"*{CAPTURE}")))
    broken_off = sorted(folder.glob(f"*{CAPTURE}{PART}"))
    if broken_off:
        return broken_off[-1].with_suffix(""), earlier
    names = (f"{day}{CAPTURE}", *(f"{day}-{number}{CAPTURE}" for number in range(2, len(earlier) + 3)))
    return next(folder / name for name in names if folder / name not in earlier), earlier


def refresh(
    captures: Sequence[Path],
    plan: Refresh,
    record: RunRecord | None = None,
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
    purging: Progress | None = None,
) -> Refreshed:
    """Build, check, release and publish.

    Args:
        captures: what to build from.
        plan: what to do.
        record: receives each step that is done; None without a report.
        executor: where portraits are looked at; None for this process.
        progress: receives (done, total) of the portraits.
        purging: receives (done, total) of the releases to purge.

    Raises:
        WorseError: the package is below its floors.
        DontspyError: a step failed; what was published before is unchanged, and so is the package before if the
            new one is not valid.
    """
    is_same = plan.sources_unchanged and (plan.output / DESCRIPTOR).is_file()
    record = record or RunRecord()
    done = _release(_build(captures, plan, record, executor, progress), plan, record, purging)
    done = replace(done, is_same=is_same)
    record.is_unchanged, record.is_dry = done.is_unchanged, done.is_dry
    record.published, record.purged = done.published, done.purged
    return done


def _release(built: Built, plan: Refresh, record: RunRecord, purging: Progress | None) -> Refreshed:
    if plan.target is None:
        return Refreshed(built)
    target = open_target(plan.target)
    with ExitStack() as stack:
        with record.step("compare"):
            before = stack.enter_context(release_before(plan.target if _has_release(target) else None))
            old = open_package(before) if before else None
            record.before = old.descriptor["version"] if old else None
            found = record.difference = difference(old, open_package(plan.output))
        if plan.is_dry:
            return Refreshed(built, found, is_dry=True)
        if found.is_unchanged:
            with record.step("purge") if plan.purge_withdrawn else nullcontext():
                return Refreshed(built, found, purged=_purge(plan, target, purging))
        release = Path(stack.enter_context(TemporaryDirectory(prefix="dontspy-data-"))) / "release"
        with record.step("release"):
            release_package(plan.output, before, release, accept=plan.accept)
        with record.step("publish"):
            published = publish(
                release,
                target,
                purge_withdrawn=plan.purge_withdrawn,
                break_lock=plan.break_lock,
                progress=purging,
            )
    return Refreshed(built, found, published, published.purged)


def _purge(plan: Refresh, target: Target, purging: Progress | None) -> tuple[str, ...]:
    """Purge even if there is nothing to release: the purge after the latest one may have failed."""
    if not plan.purge_withdrawn:
        return ()
    writer = writer_of(target, break_lock=plan.break_lock)
    return purge(writer, withdrawals_of(open_package(plan.output)), purging)


def _build(
    captures: Sequence[Path],
    plan: Refresh,
    record: RunRecord,
    executor: Executor | None,
    progress: Progress | None,
) -> Built:
    """Build and check a package before it replaces the one before."""
    if plan.sources_unchanged:
        with record.step("build"):
            before = standing(plan.output, captures, plan.withdrawals, plan.lookups)
        if before:
            record.built = before
            return before
    known = {_told(row) for row in _problems(plan.output)}
    with whole_folder(plan.output) as draft:
        with record.step("build"):
            built = build_package(
                captures,
                draft,
                faces=True
                if plan.target
                else None,  # a release must not lose its faces because an extra is missing
                executor=executor,
                progress=progress,
                withdrawals=plan.withdrawals,
                lookups=plan.lookups,
                descriptions=plan.descriptions,
            )
        record.built = built = replace(built, folder=plan.output)
        record.new_problems = group_problems(row for row in _problems(draft) if _told(row) not in known)
        with record.step("check"):
            hint = f"{plan.output} is unchanged. Build the captures with dontspy-data build and look at it."
            require_valid(draft, name="the new package", hint=hint)
    return built


def _problems(folder: Path) -> list[ProblemRow]:
    """Return the problems of a package; none if there is no package, or it is too old or damaged to have any."""
    try:
        return open_package(folder).problems()
    except (DontspyError, KeyError, TypeError):
        return []


def _told(row: ProblemRow) -> tuple[object, ...]:
    """Return the identity of a problem, whichever version of a page has it."""
    return row.source, row.kind, row.property, row.mep_id, row.found


def _has_release(target: Target) -> bool:
    try:
        return bool(target.ledger().releases)
    except MissingError:
        return False


def standing(
    folder: Path, captures: Sequence[Path], withdrawals: Path | None, lookups: Path | None
) -> Built | None:
    """Return the earlier build if it is whole and building again would give the same facts; else None.

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
    return Built(
        folder=package.folder,
        tables={table.name: package.rows(table.name) for table in package.tables},
        portraits=portraits_by_status(package),
        unread={},
        problems=group_problems(package.problems()),
        over_budget=tuple(package.descriptor["overBudget"]),
        notes=(),
    )
