"""What a run came to: counts by kind of page, faults by kind, and what to do next."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from dontspy_data.collect.answers import GOOD, REFUSALS, Verdict
from dontspy_data.collect.asks import Kind
from dontspy_data.collect.fetch import Done
from dontspy_data.errors import Exit


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
    Outcome.FAILED: Exit.WANTING,
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

    kinds: dict[Kind, Count] = field(default_factory=dict)
    faults: Counter[Verdict] = field(default_factory=Counter)
    requests: int = 0
    retries: int = 0
    received: int = 0
    new: int = 0

    def expect(self, kind: Kind, pages: int = 1) -> None:
        """Count pages that will be asked for."""
        self.kinds.setdefault(kind, Count()).total += pages

    def add(self, done: Done) -> None:
        """Count what became of a page."""
        count = self.kinds.setdefault(done.ask.kind, Count())
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
                kind.value: {
                    "total": count.total,
                    "stored": count.stored,
                    "unchanged": count.unchanged,
                    "absent": count.absent,
                    "held": count.held,
                    "missing": count.missing,
                    "not_asked": count.not_asked,
                }
                for kind, count in sorted(
                    self.tally.kinds.items(), key=lambda item: list(Kind).index(item[0])
                )
            },
            "faults": {verdict.value: self.tally.faults[verdict] for verdict in sorted(self.tally.faults)},
            "missing": {verdict.value: self.tally.missing[verdict] for verdict in sorted(self.tally.missing)},
            "warnings": list(self.warnings),
        }
