"""The report of a refresh, to be read in the morning: what happened, and what to do next.

The first line can be the subject of a mail. What is the same every night is counted, and only news is spelt out.
"""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic
from typing import Any

from dontspy_data._version import __version__
from dontspy_data.collect.classify import REFUSALS, ResponseKind
from dontspy_data.collect.outcome import COULD_NOT, CollectOutcome, Count, in_words
from dontspy_data.errors import DontspyError, Exit, UsageError
from dontspy_data.model.problems import Kind, ProblemGroup
from dontspy_data.model.texts import counted
from dontspy_data.pipeline.build import Built
from dontspy_data.publish.publish import Published
from dontspy_data.release.event_kinds import EventKind
from dontspy_data.release.release import Difference, WorseError

SUBJECT_KINDS = 4
"""The number of kinds of change named in the first line."""
LOST_FIRST = (
    EventKind.PORTRAIT_LOST,
    EventKind.NO_LONGER_LISTED,
    EventKind.WITHDRAWN,
    EventKind.REMOVED,
    EventKind.RENUMBERED,
)
"""Events that somebody should look at, listed first; the others follow in the order of the changelog."""


@dataclass(frozen=True, slots=True)
class StepTime:
    """How long a step took, in seconds."""

    name: str
    seconds: float


@dataclass
class RunRecord:
    """What a refresh has done so far; each step adds to it, so that a run that fails has a report, too.

    Attributes:
        day: of the run, UTC.
        target: where releases are published; None for nowhere.
        steps: those that ended, in order.
        failed_step: the step that failed; empty if none has.
        collected: the result of collecting; None without a network.
        known_notes: notes that were reported on an earlier night.
        new_problems: problems of the package that the one before did not have.
        built: the package.
        difference: against the release before.
        before: version of the release before.
        published: what was published.
        purged: versions from which something withdrawn was removed.
        is_unchanged: whether there was nothing to release.
        is_dry: whether it was a dry run.
        error: why the run ended early.
    """

    day: date = field(default_factory=lambda: datetime.now(UTC).date())
    target: str | None = None
    steps: list[StepTime] = field(default_factory=list)
    failed_step: str = ""
    collected: CollectOutcome | None = None
    known_notes: frozenset[str] = frozenset()
    new_problems: tuple[ProblemGroup, ...] = ()
    built: Built | None = None
    difference: Difference | None = None
    before: str | None = None
    published: Published | None = None
    purged: tuple[str, ...] = ()
    is_unchanged: bool = False
    is_dry: bool = False
    error: DontspyError | None = None

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step, and remember it if it fails."""
        start = monotonic()
        try:
            yield
        except BaseException:
            self.failed_step = name
            raise
        finally:
            self.steps.append(StepTime(name, monotonic() - start))

    @property
    def new_notes(self) -> list[Kind]:
        """Notes of the build that no earlier night reported."""
        return [
            note for note in (self.built.notes if self.built else ()) if note.what not in self.known_notes
        ]

    @property
    def outcome(self) -> str:
        """`changed`, `unchanged`, `refused`, `failed` or `dry_run`."""
        if self.collected and not self.collected.is_complete:
            return self.collected.outcome.value
        if self.error:
            return "refused" if self.error.exit is Exit.REFUSED else "failed"
        if self.failed_step or (self.built and self.built.over_budget and not self.published):
            return "failed"
        if self.is_dry:
            return "dry_run"
        return "unchanged" if self.is_unchanged else "changed"


def write_report(record: RunRecord, path: Path) -> None:
    """Write the report of a run: `.md` for people, `.json` for programs.

    Raises:
        OSError: it cannot be written.
    """
    if path.suffix == ".json":
        text = json.dumps(as_json(record), ensure_ascii=False, indent=2, default=str) + "\n"
    else:
        text = as_markdown(record)
    draft = path.with_name(f"{path.name}.part")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def check_report_path(path: Path) -> None:
    """Raise UsageError if no report can be written there, before the night's work begins."""
    if path.suffix not in (".md", ".json"):
        raise UsageError(f"{path} is not a file name for a report", hint="Name it FILE.md or FILE.json.")
    if not path.parent.is_dir():
        raise UsageError(f"{path.parent} is not a folder", hint="Make the folder first.")


def subject(record: RunRecord) -> str:
    """Return the report's first line."""
    return f"Open Data Faces: {_in_short(record)}"


def _in_short(record: RunRecord) -> str:
    version = record.difference.version if record.difference else ""
    match record.outcome:
        case "refused":
            short = "REFUSED by a source, nothing published"
        case "failed" if isinstance(record.error, WorseError):
            short = "STOPPED below the floors, nothing published"
        case "failed" if record.built and record.built.over_budget and not record.error:
            short = "STOPPED, too much could not be read, nothing released"
        case "failed":
            short = f"FAILED at {record.failed_step or 'collect'}, nothing published"
        case "unchanged":
            short = f"unchanged{f', the latest release is {record.before}' if record.before else ''}"
        case "dry_run":
            short = f"this would be {version}: {_news(record)}"
        case _ if record.published:
            short = f"{record.published.version} published: {_news(record)}"
        case _ if record.purged:
            short = f"what is withdrawn was removed from {', '.join(record.purged)}"
        case _:
            people = record.built.tables["meps"] if record.built else 0
            short = f"package built of {counted(people, 'person')}, nothing to publish to"
    return short


def next_steps(record: RunRecord) -> list[str]:
    """Return what to do next, one sentence each; empty if nothing needs doing."""
    steps: list[str] = []
    if record.collected and not record.collected.is_complete:
        steps.append(record.collected.hint)
    elif isinstance(record.error, WorseError):
        steps.append("If a page was missing, run refresh again. If people really left, add --accept REASON.")
    elif record.error:
        steps.append(
            record.error.hint or "Run the same command again; what was published before is in place."
        )
    if record.built and record.built.over_budget and not record.published:
        steps.append(
            "Correct the lookups, or the source's module if a page has changed, and build the same captures again."
        )
    hinted = [group for group in record.new_problems if group.hint]
    if hinted and record.built:
        steps.append(f"Rows that would settle new problems: dontspy-data problems {record.built.folder}")
    if _count(record, EventKind.PORTRAIT_LOST):
        steps.append(
            "Portraits are no longer there: look at them on the Parliament's site before anybody asks."
        )
    return steps


def as_markdown(record: RunRecord) -> str:
    """Return the report for people."""
    first = subject(record)
    lines = [first, "=" * len(first), ""]
    lines += [f"- {step}" for step in next_steps(record)] or ["Nothing to do."]
    lines += ["", *_about(record)]
    if record.error:
        lines += ["", "## Why it ended", "", f"{record.error}."]
    if record.difference and record.difference.worse:
        lines += ["", "## Below the floors", "", *(f"- {clause}" for clause in record.difference.worse)]
    if record.built and record.built.over_budget:
        lines += ["", "## Over budget", "", *(f"- {clause}" for clause in record.built.over_budget)]
    lines += _collected(record.collected) if record.collected else ()
    lines += _changed(record)
    lines += _problems(record)
    if record.published:
        lines += ["", "## Published", "", record.published.summary().replace("\n", ".\n") + "."]
    return "\n".join(lines) + "\n"


def as_json(record: RunRecord) -> dict[str, Any]:
    """Return the report for programs."""
    return {
        "outcome": record.outcome,
        "subject": subject(record),
        "next": next_steps(record),
        "day": record.day.isoformat(),
        "tool": __version__,
        "target": record.target,
        "before": record.before,
        "steps": {step.name: round(step.seconds, 3) for step in record.steps},
        "error": str(record.error) if record.error else None,
        "collected": record.collected.as_json() if record.collected else None,
        "difference": record.difference.as_json() if record.difference else None,
        "new_problems": [asdict(group) for group in record.new_problems],
        "over_budget": list(record.built.over_budget) if record.built else [],
        "published": record.published.as_json() if record.published else None,
        "purged": list(record.purged),
    }


def _count(record: RunRecord, kind: EventKind) -> int:
    return sum(event.kind is kind for event in (record.difference.events if record.difference else ()))


def _news(record: RunRecord) -> str:
    """Return what changed in a few words: first what somebody should look at, then the rest in order."""
    counts = Counter(event.kind for event in (record.difference.events if record.difference else ()))
    kinds = [kind for kind in (*LOST_FIRST, *(k for k in EventKind if k not in LOST_FIRST)) if counts[kind]]
    named: dict[str, int] = {}
    for kind in kinds:
        title = kind.section.split(" (")[0]
        named[title[0].lower() + title[1:]] = named.get(title[0].lower() + title[1:], 0) + counts[kind]
    said = [f"{title} {number:,}" for title, number in list(named.items())[:SUBJECT_KINDS]]
    if len(named) > SUBJECT_KINDS:
        said.append("and more")
    if said:
        return ", ".join(said)
    return "the first release" if record.before is None else "details"


def _about(record: RunRecord) -> list[str]:
    lines = [
        "| about | |",
        "|---|---|",
        f"| day | {record.day.isoformat()} |",
        f"| tool | dontspy-data {__version__} |",
        f"| target | {record.target or 'none'} |",
    ]
    if record.difference:
        lines.append(f"| release before | {record.before or 'none'} |")
    if record.difference and not record.is_unchanged:
        note = "" if record.published else " (not published)"
        lines.append(f"| this release | {record.difference.version}{note} |")
    took = ", ".join(f"{step.name} {in_words(step.seconds)}" for step in record.steps)
    lines.append(f"| steps | {took}{f'; {record.failed_step} failed' if record.failed_step else ''} |")
    if record.built:
        lines.append(f"| package | {record.built.summary()} |")
    return lines


def _collected(collected: CollectOutcome) -> list[str]:
    lines = ["", "## Collected", "", f"{collected.message[0].upper()}{collected.message[1:]}.", ""]
    lines += [
        "| pages | asked | new | unchanged | none | refused | failed | left out | not asked |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for endpoint, count in collected.stats.endpoints.items():
        refused = sum(pages for found, pages in count.reasons.items() if found.kind in REFUSALS)
        failed = count.missing - refused - count.noai
        same = count.unchanged + count.stored + count.held - min(count.new, count.stored + count.held)
        numbers = (count.total, count.new, same, count.absent, refused, failed, count.noai, count.not_asked)
        lines.append(f"| {endpoint.name} | {' | '.join(f'{number:,}' for number in numbers)} |")
    counts = collected.stats.endpoints
    failures = [line for endpoint in counts for line in _failures(endpoint.name, counts[endpoint])]
    lines += ["", *failures] if failures else []
    warnings = [text for text in collected.warnings if not text.startswith(COULD_NOT)]
    lines += ["", *(f"- {text[0].upper()}{text[1:]}" for text in warnings)] if warnings else []
    return lines


def _failures(name: str, count: Count) -> Iterator[str]:
    for found, pages in count.reasons.most_common():
        if found.kind is not ResponseKind.NOAI:
            yield f"- {name}: {pages:,} of them {found}"
    yield from (f"    - <{url}>" for url in sorted(count.addresses))


def _changed(record: RunRecord) -> list[str]:
    if record.difference is None or record.is_unchanged:
        return []
    sections = record.difference.sections
    lines = ["", "## Changed", ""]
    if not sections:
        return [*lines, "This is the first release."]
    for section in sections:
        lines += [f"### {section.title}", "", *(f"- {line}" for line in section.lines), ""]
    return lines[:-1]


def _problems(record: RunRecord) -> list[str]:
    if record.built is None:
        return []
    new, notes = record.new_problems, record.new_notes
    as_before = sum(group.count for group in record.built.problems) - sum(group.count for group in new)
    lines = ["", "## Problems", ""]
    lines += [f"- {group}" + (f". {group.hint}" if group.hint else "") for group in new]
    lines += [f"- {note}" for note in notes]
    lines += ["Nothing new."] if not new and not notes else [""]
    return [*lines, f"As many as in the package before: {as_before:,}."] if as_before else lines
