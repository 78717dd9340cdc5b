"""The result of a run: pages and faults counted by endpoint; from these, how it ended, why, and what to do next."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from dontspy_data.collect.classify import GOOD, REFUSALS, Classification, ResponseKind
from dontspy_data.collect.page import PageResult
from dontspy_data.collect.plan import CollectOptions
from dontspy_data.errors import Exit
from dontspy_data.model.texts import counted
from dontspy_data.sources import SOURCE_OF
from dontspy_data.sources.source import DATA, ROBOTS, WWW, Endpoint

MOST_ADDRESSES = 5


@dataclass
class Count:
    """Pages of one endpoint.

    Attributes:
        total: known so far.
        stored: received whole and kept.
        unchanged: confirmed to be the same as in an earlier run.
        absent: portraits that, as the server says, do not exist.
        held: kept by an interrupted run before this one, of any kind.
        missing: could not be fetched, or were left out.
        not_asked: not requested because the source had refused, or was down, too often.
        new: those with facts that earlier runs did not have.
        reasons: why pages are missing.
        addresses: of the first few that are missing.
    """

    total: int = 0
    stored: int = 0
    unchanged: int = 0
    absent: int = 0
    held: int = 0
    missing: int = 0
    not_asked: int = 0
    new: int = 0
    reasons: Counter[Classification] = field(default_factory=Counter)
    addresses: list[str] = field(default_factory=list)

    @property
    def done(self) -> int:
        """Return how many pages are finished."""
        return self.answered + self.not_asked + self.missing - self.noai

    @property
    def noai(self) -> int:
        """Return how many were left out because they are reserved against use by AI."""
        return sum(pages for found, pages in self.reasons.items() if found.kind is ResponseKind.NOAI)

    @property
    def answered(self) -> int:
        """Return how many pages the source answered, whether the answer is kept or not."""
        return self.stored + self.unchanged + self.absent + self.held + self.noai

    def add(self, result: PageResult) -> None:
        """Count the outcome of a page."""
        self.new += result.new
        match result.found.kind:
            case _ if result.held:
                self.held += 1
            case ResponseKind.WHOLE | ResponseKind.OTHER_FORMAT:
                self.stored += 1
            case ResponseKind.UNCHANGED:
                self.unchanged += 1
            case ResponseKind.ABSENT:
                self.absent += 1
            case ResponseKind.STOPPED | ResponseKind.NOT_ASKED:
                self.not_asked += 1
            case _:
                self.missing += 1
                self.reasons[result.found] += 1
                if result.found.kind is not ResponseKind.NOAI and len(self.addresses) < MOST_ADDRESSES:
                    self.addresses.append(result.request.url)


@dataclass
class Stats:
    """Everything that has been counted so far.

    Attributes:
        endpoints: pages by endpoint.
        faults: answers that were not kept, by kind, including repeated attempts.
        requests: requests sent.
        retries: those of them that asked again for the same page.
        received: bytes of all bodies.
        new: pages with facts that earlier runs did not have.
        other_formats: portraits kept that are not JPEG, by format.
    """

    endpoints: dict[Endpoint, Count] = field(default_factory=dict)
    faults: Counter[ResponseKind] = field(default_factory=Counter)
    requests: int = 0
    retries: int = 0
    received: int = 0
    new: int = 0
    other_formats: Counter[str] = field(default_factory=Counter)

    def expect(self, endpoint: Endpoint, pages: int = 1) -> None:
        """Count pages that will be requested."""
        self.endpoints.setdefault(endpoint, Count()).total += pages

    def add(self, result: PageResult) -> None:
        """Count the outcome of a page."""
        self.endpoints.setdefault(result.request.endpoint, Count()).add(result)
        self.faults.update(fault.kind for fault in result.attempts.faults)
        self.requests += result.attempts.requests
        self.retries += max(0, len(result.attempts.faults) - (result.found.kind not in GOOD))
        self.received += result.attempts.received
        self.new += result.new
        if result.found.kind is ResponseKind.OTHER_FORMAT:
            self.other_formats[result.found.reason] += 1

    @property
    def missing(self) -> Counter[ResponseKind]:
        """Return the pages that could not be fetched or were left out, by the kind of the last answer."""
        found: Counter[ResponseKind] = Counter()
        for count in self.endpoints.values():
            for reason, pages in count.reasons.items():
                found[reason.kind] += pages
        return found

    @property
    def refusals(self) -> int:
        """Return how many answers were refusals, without any 429 that a later attempt overcame."""
        said_no = sum(self.faults[kind] for kind in REFUSALS - {ResponseKind.TOO_MANY})
        return said_no + self.missing[ResponseKind.TOO_MANY]


Watch = Callable[[Stats], None]


def in_words(seconds: float) -> str:
    """Format a length of time such as `2 h 05 min`, `7 min` or `12 s`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"


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


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """How a run ended, and what to do next.

    Attributes:
        outcome: how it ended.
        message: the same for people.
        hint: what to do next; empty if nothing needs doing.
        capture: the capture, or the `.part` file where the run is not complete.
    """

    outcome: Outcome
    message: str
    hint: str
    capture: str

    @property
    def is_complete(self) -> bool:
        """Return whether the capture has what a build needs."""
        return self.outcome in (Outcome.CHANGED, Outcome.UNCHANGED)

    @property
    def exit(self) -> Exit:
        """Return the matching exit status."""
        return EXITS[self.outcome]


@dataclass(frozen=True, slots=True)
class CollectOutcome(RunOutcome):
    """The result of a collect run.

    Attributes:
        stats: what was counted.
        fallback: whether public lists and profiles stood in for the API.
        refused: endpoints whose pages the capture lacks, since their host refuses them.
        warnings: what else the maintainer should know, one sentence each.
        seconds: how long it took.
    """

    stats: Stats
    fallback: bool
    warnings: tuple[str, ...]
    refused: tuple[str, ...] = ()
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """Return the same for programs: plain dicts, lists, strings and numbers."""
        stats = self.stats
        return {
            "outcome": self.outcome.value,
            "message": self.message,
            "hint": self.hint,
            "capture": self.capture,
            "fallback": self.fallback,
            "seconds": round(self.seconds, 3),
            "requests": stats.requests,
            "retries": stats.retries,
            "bytes": stats.received,
            "refusals": stats.refusals,
            "kinds": {
                endpoint.name: {
                    **{name: getattr(count, name) for name in COUNTED},
                    "reasons": {
                        str(found): pages for found, pages in count.reasons.most_common(MOST_REASONS)
                    },
                }
                for endpoint, count in sorted(
                    stats.endpoints.items(), key=lambda item: (ROBOTS, *SOURCE_OF).index(item[0])
                )
            },
            "faults": {kind.value: stats.faults[kind] for kind in sorted(stats.faults)},
            "missing": {kind.value: stats.missing[kind] for kind in sorted(stats.missing)},
            "refused": list(self.refused),
            "warnings": list(self.warnings),
        }


MOST_REASONS = 10
COUNTED = ("total", "stored", "unchanged", "absent", "held", "missing", "not_asked", "new", "addresses")
COULD_NOT = "could not be fetched"
REASONS_IN_A_SENTENCE = 2
REFUSED_HINT = (
    "Nothing is published from a refusal. Wait some hours and run the same command again: it continues "
    "where it stopped. If it is refused again, ask the source for access."
)
NO_WEBSITE_HINT = "The default sources give the facts, without the website."
WITHOUT_PICTURES = "The facts are complete; portraits from earlier captures stay, new ones are missing."
API_HINT = "With --fallback the public lists and profiles stand in for the API."


@dataclass
class RunState:
    """The state of a run.

    Attributes:
        options: its options.
        part: where its answers are.
        open: endpoints that it no longer asks, and why.
        resting: those of them whose source asked for a long pause, and until when, UTC.
        resumed: what was done with an earlier `.part` file, one sentence each.
        stats: what has been counted.
        people: how many people are asked about; None if no one in particular.
        excused: endpoints that the fallback replaces.
        fallback: whether public lists and profiles stand in for the API.
        stopped: whether somebody stopped the run.
    """

    options: CollectOptions
    part: Path
    open: Mapping[Endpoint, Classification]
    resting: Mapping[Endpoint, datetime]
    resumed: tuple[str, ...]
    stats: Stats = field(default_factory=Stats)
    people: int | None = None
    excused: set[Endpoint] = field(default_factory=set)
    fallback: bool = False
    stopped: bool = False


def summarize(at: RunState) -> CollectOutcome:
    """Decide a run's outcome from its counts, and suggest the next step.

    Causes take precedence in this order: stopped, refused, failed, and only then done.
    """
    without = _refused_pictures(at)
    lost = {endpoint: found for endpoint, found in _lost(at) if endpoint not in without}
    refused = [endpoint for endpoint, found in lost.items() if found.kind in REFUSALS]
    outcome, hint, capture = Outcome.FAILED, "", at.part
    if at.stopped:
        message = "stopped before the end"
    elif refused:
        outcome, hint = Outcome.REFUSED, _refused_hint(at, refused)
        message = f"the source refused {_reasons(at, refused)}{_until(at, refused)}"
    elif lost:
        message, hint = f"{COULD_NOT}: {_reasons(at, list(lost))}", _failed_hint(at, list(lost))
    elif at.people == 0:
        message, hint = "the lists name none of the people wanted", API_HINT
    else:
        outcome = Outcome.CHANGED if at.stats.new else Outcome.UNCHANGED
        message, capture = _news(at, without), at.options.output
    if capture == at.part:
        kept = f"What was received is in {at.part}; the same command continues from there."
        hint = f"{hint} {kept}".strip()
    return CollectOutcome(
        outcome=outcome,
        message=message,
        hint=hint,
        capture=str(capture),
        stats=at.stats,
        fallback=at.fallback,
        refused=tuple(endpoint.name for endpoint in without),
        warnings=tuple(_warnings(at, without)),
    )


def _news(at: RunState, without: list[Endpoint]) -> str:
    new = at.stats.new
    said = (
        f"{counted(new, 'page')} {'is' if new == 1 else 'are'} new or changed"
        if new
        else "nothing has changed"
    )
    return f"{said}; refused: {_reasons(at, without)}" if without else said


def _lost(at: RunState) -> Iterator[tuple[Endpoint, Classification]]:
    """Return the endpoints whose pages the capture needs and lacks, each once, refusals before faults."""
    for endpoint, count in at.stats.endpoints.items():
        if endpoint in at.excused or endpoint is ROBOTS or not (count.missing or count.not_asked):
            continue
        # If nothing came, the whole endpoint is at fault; otherwise portraits may be missing, and pages
        # that do not exist, unless they are lists.
        causes = [at.open[endpoint]] if endpoint in at.open else []
        causes += [
            found
            for found in count.reasons
            if not count.answered
            or endpoint.lists_people
            or not (endpoint.is_picture or found.kind is ResponseKind.NOT_FOUND)
        ]
        if causes:
            yield endpoint, min(causes, key=lambda found: found.kind not in REFUSALS)


def _refused_pictures(at: RunState) -> list[Endpoint]:
    """Return the endpoints of pictures that a host refuses for good, if the facts came: the capture is complete.

    A host that only asks for a pause (429) will give them later, so the run waits.
    """
    facts = (count for e, count in at.stats.endpoints.items() if not e.is_picture and e is not ROBOTS)
    answered = any(count.answered for count in facts)
    refused = REFUSALS - {ResponseKind.TOO_MANY}
    return [
        e
        for e, found in _lost(at)
        if answered and e.is_picture and found.kind in refused and e not in at.resting
    ]


def _reasons(at: RunState, endpoints: list[Endpoint]) -> str:
    return "; ".join(
        f"{endpoint.name} ({endpoint.host}): {_reason(at.stats.endpoints[endpoint], at.open.get(endpoint))}"
        for endpoint in endpoints
    )


def _reason(count: Count, decided: Classification | None) -> str:
    """Return the reasons in a sentence, such as `HTTP 503 on 12 of 712, 700 not asked`."""
    total = max(count.total, count.missing + count.not_asked)
    found = sorted(count.reasons.items(), key=lambda item: (-item[1], str(item[0])))
    said = [f"{reason} on {pages:,} of {total:,}" for reason, pages in found[:REASONS_IN_A_SENTENCE]]
    if rest := sum(pages for _, pages in found[REASONS_IN_A_SENTENCE:]):
        said.append(f"others on {rest:,}")
    if not said and decided:
        said.append(str(decided))
    if count.not_asked:
        said.append(f"{count.not_asked:,} not asked")
    return ", ".join(said)


def _until(at: RunState, refused: list[Endpoint]) -> str:
    moments = [at.resting[endpoint] for endpoint in refused if endpoint in at.resting]
    if not moments:
        return ""
    until = max(moments)
    day = "" if until.date() == datetime.now(UTC).date() else f" on {until:%Y-%m-%d}"
    return f" and asked to wait until {until:%H:%M} UTC{day}"


def _refused_hint(at: RunState, refused: list[Endpoint]) -> str:
    hosts = {endpoint.host for endpoint in refused}
    if DATA in hosts and not at.options.fallback:
        return f"{REFUSED_HINT} {API_HINT}"
    if hosts == {WWW} and not at.fallback:
        return f"{REFUSED_HINT} {NO_WEBSITE_HINT}"
    return REFUSED_HINT


def _failed_hint(at: RunState, failed: list[Endpoint]) -> str:
    api = any(endpoint.path for endpoint in failed) and not at.options.fallback
    again = "Run the same command again later: it asks only for what is missing. -v names every page."
    return f"{again} {API_HINT}" if api else again


def _warnings(at: RunState, without: list[Endpoint]) -> Iterator[str]:
    yield from at.resumed
    if without:
        yield f"refused: {_reasons(at, without)}. {WITHOUT_PICTURES}"
    if at.fallback:
        yield "the API could not be asked: public lists and profiles stand in for it"
    noai = sum(count.noai for count in at.stats.endpoints.values())
    if noai:
        yield f"{counted(noai, 'portrait')} left out, marked as not for AI; --ignore-noai collects them"
    for what, pictures in sorted(at.stats.other_formats.items()):
        yield f"{counted(pictures, 'portrait')} kept in the capture, but not used: {what}"
    for endpoint, count in at.stats.endpoints.items():
        if endpoint not in without and any(found.kind is not ResponseKind.NOAI for found in count.reasons):
            yield f"{COULD_NOT}: {endpoint.name}: {_reason(count, None)}"
