"""What a run came to: counts by kind of page, faults by kind, and what to do next."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from dontspy_data.collect.classify import GOOD, REFUSALS, Verdict
from dontspy_data.collect.fetch import Done
from dontspy_data.collect.options import CollectOptions
from dontspy_data.errors import Exit
from dontspy_data.sources import SOURCE_OF
from dontspy_data.sources.endpoints import DATA, ROBOTS, WWW, Endpoint


class Outcome(StrEnum):
    """How a run ended."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    FAILED = "failed"


EXITS = {
    Outcome.CHANGED: Exit.DONE,
    Outcome.UNCHANGED: Exit.UNCHANGED,
    Outcome.REFUSED: Exit.REFUSED,
    Outcome.FAILED: Exit.INVALID,
}


@dataclass
class Count:
    """Pages of one kind.

    Attributes:
        total: known of so far.
        stored: received whole and kept.
        unchanged: confirmed to be as an earlier run received them.
        absent: portraits that the server says there are none of.
        held: kept by an interrupted run before this one, whatever they are.
        missing: not had, for whatever reason.
        not_asked: left alone because the source had refused, or was down, too often.
        reasons: of those that are missing, the verdict of the last try.
    """

    total: int = 0
    stored: int = 0
    unchanged: int = 0
    absent: int = 0
    held: int = 0
    missing: int = 0
    not_asked: int = 0
    reasons: Counter[Verdict] = field(default_factory=Counter)

    @property
    def done(self) -> int:
        """Pages that nothing more will happen to."""
        return self.stored + self.unchanged + self.absent + self.held + self.missing + self.not_asked


@dataclass
class Tally:
    """Everything that has been counted so far.

    Attributes:
        kinds: pages by kind.
        faults: answers that were not kept, by verdict, tries that were repeated included.
        requests: requests that left.
        retries: those of them that asked again for the same page.
        received: bytes of all bodies.
        new: pages that say something the earlier runs did not.
    """

    kinds: dict[Endpoint, Count] = field(default_factory=dict)
    faults: Counter[Verdict] = field(default_factory=Counter)
    requests: int = 0
    retries: int = 0
    received: int = 0
    new: int = 0

    def expect(self, kind: Endpoint, pages: int = 1) -> None:
        """Count pages that will be asked for."""
        self.kinds.setdefault(kind, Count()).total += pages

    def add(self, done: Done) -> None:
        """Count what became of a page."""
        count = self.kinds.setdefault(done.request.endpoint, Count())
        if done.held:
            count.held += 1
        elif done.verdict is Verdict.WHOLE:
            count.stored += 1
        elif done.verdict is Verdict.UNCHANGED:
            count.unchanged += 1
        elif done.verdict is Verdict.ABSENT:
            count.absent += 1
        elif done.verdict in (Verdict.STOPPED, Verdict.NOT_ASKED):
            count.not_asked += 1
        else:
            count.missing += 1
            count.reasons[done.verdict] += 1
        self.faults.update(done.faults)
        self.requests += done.requests
        self.retries += max(0, len(done.faults) - (done.verdict not in GOOD))
        self.received += done.received
        self.new += done.new

    @property
    def missing(self) -> Counter[Verdict]:
        """Pages that were not had, by the verdict of the last try."""
        return sum((count.reasons for count in self.kinds.values()), Counter())

    @property
    def refusals(self) -> int:
        """Answers by which a source said no; a 429 that was got over is none."""
        said_no = sum(self.faults[verdict] for verdict in REFUSALS - {Verdict.TOO_MANY})
        return said_no + self.missing[Verdict.TOO_MANY]


@dataclass(frozen=True, slots=True)
class CollectOutcome:
    """What a collect run came to.

    Attributes:
        outcome: how it ended.
        message: the same for the person who reads it.
        hint: what to do next; empty where nothing needs doing.
        capture: the capture, or the `.part` file where the run is not complete.
        tally: what was counted.
        fallback: whether public lists and profiles stood in for the API.
        warnings: what else the maintainer should know, one sentence each.
        seconds: how long it took.
    """

    outcome: Outcome
    message: str
    hint: str
    capture: str
    tally: Tally
    fallback: bool
    warnings: tuple[str, ...]
    seconds: float = 0.0

    @property
    def is_complete(self) -> bool:
        """Whether the capture has what a build needs."""
        return self.outcome in (Outcome.CHANGED, Outcome.UNCHANGED)

    @property
    def exit(self) -> Exit:
        """The exit status that says the same."""
        return EXITS[self.outcome]

    def as_json(self) -> dict[str, Any]:
        """The same for programs: plain dicts, lists, strings and numbers."""
        return {
            "outcome": self.outcome.value,
            "message": self.message,
            "hint": self.hint,
            "capture": self.capture,
            "fallback": self.fallback,
            "seconds": round(self.seconds, 3),
            "requests": self.tally.requests,
            "retries": self.tally.retries,
            "bytes": self.tally.received,
            "refusals": self.tally.refusals,
            "kinds": {
                kind.name: {
                    "total": count.total,
                    "stored": count.stored,
                    "unchanged": count.unchanged,
                    "absent": count.absent,
                    "held": count.held,
                    "missing": count.missing,
                    "not_asked": count.not_asked,
                }
                for kind, count in sorted(
                    self.tally.kinds.items(), key=lambda item: (ROBOTS, *SOURCE_OF).index(item[0])
                )
            },
            "faults": {verdict.value: self.tally.faults[verdict] for verdict in sorted(self.tally.faults)},
            "missing": {verdict.value: self.tally.missing[verdict] for verdict in sorted(self.tally.missing)},
            "warnings": list(self.warnings),
        }


REFUSED_HINT = (
    "Nothing is published from a refusal. Wait some hours and run the same command again: it goes on where "
    "it stopped. If it stays so, ask the source for access."
)
NO_WEBSITE_HINT = "The Open Data API alone (--sources ep_api) gives the facts, without the portraits."
API_HINT = "With --fallback the public lists and profiles stand in for the API."
NONE_CAME = 3
"""Of so many portraits or more, some must have come; fewer may all have none."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Where a run stands when nothing more is asked for.

    Attributes:
        options: what it was told to do.
        part: where its answers are.
        tally: what was counted.
        closed: kinds of page that it gave up, and why.
        resting: those of them whose source asked for a rest, and until when, UTC.
        excused: kinds of page whose absence the fallback makes good.
        people: how many people it asked about; None where it asked about nobody in particular.
        stopped: whether somebody stopped it.
        fallback: whether the fallback was used.
        repaired: what was cut away of a damaged `.part` file, in one sentence; empty for nothing.
    """

    options: CollectOptions
    part: Path
    tally: Tally
    closed: Mapping[Endpoint, Verdict]
    resting: Mapping[Endpoint, datetime]
    excused: frozenset[Endpoint]
    people: int | None
    stopped: bool
    fallback: bool
    repaired: str


def assess(at: Situation) -> CollectOutcome:
    """The outcome, in the order in which its causes matter: stopped, refused, failed, and only then done."""
    refused = [kind for kind, verdict in _lost(at) if verdict in REFUSALS]
    failed = [kind for kind, verdict in _lost(at) if verdict not in REFUSALS]
    if at.stopped:
        return _incomplete(at, Outcome.FAILED, "stopped before the end", "")
    if refused:
        said = f"the source refused {_names(refused)}{_until(at, refused)}"
        return _incomplete(at, Outcome.REFUSED, said, _refused_hint(at, refused))
    if failed:
        return _incomplete(at, Outcome.FAILED, f"not to be had: {_names(failed)}", _failed_hint(at, failed))
    if at.people == 0:
        return _incomplete(at, Outcome.FAILED, "the lists name nobody who is wanted", API_HINT)
    changed = at.tally.new > 0
    return _outcome(
        at,
        Outcome.CHANGED if changed else Outcome.UNCHANGED,
        f"{at.tally.new:,} pages are new or have changed" if changed else "nothing has changed",
        "",
        at.options.output,
    )


def _lost(at: Situation) -> Iterator[tuple[Endpoint, Verdict]]:
    """Kinds of page that the capture cannot do without and does not have, with the reason."""
    for kind, count in at.tally.kinds.items():
        if kind in at.excused or kind is ROBOTS or not (count.missing or count.not_asked):
            continue
        if kind in at.closed:
            yield kind, at.closed[kind]
        if kind.is_picture and _none_came(count):
            yield from ((kind, verdict) for verdict, _ in count.reasons.most_common(1))
        for verdict in count.reasons:
            # That there is no such page is no reason to hold up the others, unless it is a list.
            if kind.lists_people or (not kind.is_picture and verdict is not Verdict.NOT_FOUND):
                yield kind, verdict


def _none_came(count: Count) -> bool:
    answered = count.stored + count.unchanged + count.absent + count.held + count.reasons[Verdict.NOAI]
    return not answered and count.missing + count.not_asked >= NONE_CAME


def _names(kinds: list[Endpoint]) -> str:
    return ", ".join(dict.fromkeys(f"{kind.name} ({kind.host})" for kind in kinds))


def _until(at: Situation, refused: list[Endpoint]) -> str:
    moments = [at.resting[kind] for kind in refused if kind in at.resting]
    if not moments:
        return ""
    until = max(moments)
    day = "" if until.date() == datetime.now(UTC).date() else f" on {until:%Y-%m-%d}"
    return f" and asked to wait until {until:%H:%M} UTC{day}"


def _refused_hint(at: Situation, refused: list[Endpoint]) -> str:
    hosts = {kind.host for kind in refused}
    if DATA in hosts and not at.options.fallback:
        return f"{REFUSED_HINT} {API_HINT}"
    if hosts == {WWW} and not at.fallback:
        return f"{REFUSED_HINT} {NO_WEBSITE_HINT}"
    return REFUSED_HINT


def _failed_hint(at: Situation, failed: list[Endpoint]) -> str:
    api = any(kind.path for kind in failed) and not at.options.fallback
    again = "Run the same command again later: it asks only for what is missing."
    return f"{again} {API_HINT}" if api else again


def _incomplete(at: Situation, outcome: Outcome, message: str, hint: str) -> CollectOutcome:
    kept = f"What was received is in {at.part}; the same command goes on from there."
    return _outcome(at, outcome, message, f"{hint} {kept}".strip(), at.part)


def _outcome(at: Situation, outcome: Outcome, message: str, hint: str, capture: Path) -> CollectOutcome:
    return CollectOutcome(
        outcome=outcome,
        message=message,
        hint=hint,
        capture=str(capture),
        tally=at.tally,
        fallback=at.fallback,
        warnings=tuple(_warnings(at)),
    )


def _warnings(at: Situation) -> Iterator[str]:
    if at.repaired:
        yield at.repaired
    if at.fallback:
        yield "the API was not to be had: public lists and profiles stand in for it"
    for verdict, pages in sorted(at.tally.missing.items()):
        if verdict is Verdict.NOAI:
            yield f"{pages:,} portraits are marked `noai` and were left out; --ignore-noai collects them"
        else:
            yield f"{pages:,} pages were not had: {verdict.value.replace('_', ' ')}"
