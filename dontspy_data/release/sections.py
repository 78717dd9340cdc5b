"""What changed between two packages, in sections and lines that people read: the events, and what no event tells."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from dontspy_data.package.open import Package
from dontspy_data.release.changelog import ChangeLine, Section
from dontspy_data.release.event import Event, EventKind, People, column_words
from dontspy_data.release.events import News, Told
from dontspy_data.release.row_changes import Comparison, Op
from dontspy_data.release.version import Level

Kind = EventKind
OPS = {Op.ADD: "added", Op.MOD: "changed", Op.DEL: "removed"}
TITLES: Mapping[EventKind, str] = {
    Kind.WITHDRAWN: "Withdrawn",
    Kind.NO_LONGER_WITHDRAWN: "Withdrawn",
    Kind.RENUMBERED: "Renumbered?",
    Kind.JOINED: "Joined",
    Kind.REELECTED: "Re-elected",
    Kind.RETURNED: "Returned",
    Kind.LISTED_AGAIN: "Listed again",
    Kind.LEFT: "Left the Parliament",
    Kind.DIED: "Died",
    Kind.NO_LONGER_LISTED: "No longer listed",
    Kind.ADDED: "New in the dataset",
    Kind.REMOVED: "No longer in the dataset",
    Kind.GROUP_NEW: "Political groups",
    Kind.GROUP_RENAMED: "Political groups",
    Kind.GROUP_ENDED: "Political groups",
    Kind.CHANGED_GROUP: "Changed political group",
    Kind.CHANGED_PARTY: "Changed national party",
    Kind.CHANGED_COUNTRY: "Changed country",
    Kind.RENAMED: "Changed name",
    Kind.PORTRAIT_NEW: "New portraits",
    Kind.PORTRAIT_REPLACED: "Replaced portraits",
    Kind.PORTRAIT_REENCODED: "Re-encoded portraits (the same picture in other bytes)",
    Kind.PORTRAIT_LOST: "Portraits no longer there",
    Kind.PORTRAIT_BACK: "Portraits that are back",
    Kind.PORTRAIT_NONE: "Why there is no portrait",
    Kind.PORTRAIT_EARLIER: "Earlier portraits",
    Kind.PORTRAIT_TERMS: "Rights and credits of portraits",
    Kind.PORTRAIT_DETAILS: "Other details of portraits",
    Kind.CORRECTED: "Corrected",
}
WORDS: Mapping[EventKind, str] = {
    Kind.WITHDRAWN: ", {scope} ({after}, {day})",
    Kind.NO_LONGER_WITHDRAWN: ", no longer withdrawn",
    Kind.RENUMBERED: " has the name and birth date of MEP {before}, who is no longer there; nothing was merged",
    Kind.JOINED: "{whole}{since}",
    Kind.REELECTED: "{whole}{since}",
    Kind.RETURNED: "{whole}{since}",
    Kind.LISTED_AGAIN: "{whole}",
    Kind.LEFT: "{whole}{on}",
    Kind.DIED: "{whole}{on}",
    Kind.NO_LONGER_LISTED: "{whole}",
    Kind.ADDED: "{whole}",
    Kind.REMOVED: "{whole}",
    Kind.GROUP_NEW: " is new{since}",
    Kind.GROUP_RENAMED: " was called {before}",
    Kind.GROUP_ENDED: " ended{on}",
    Kind.CHANGED_GROUP: ": {before}, now {after}",
    Kind.CHANGED_PARTY: ": {before}, now {after}",
    Kind.CHANGED_COUNTRY: ": {before}, now {after}",
    Kind.RENAMED: ": {before}, now {after}",
    Kind.PORTRAIT_REPLACED: "{note}",
    Kind.PORTRAIT_LOST: "{note}",
    Kind.PORTRAIT_NONE: ": {before}, now {after}",
    Kind.PORTRAIT_EARLIER: "{note}",
    Kind.PORTRAIT_TERMS: ", {which}: {change}",
    Kind.PORTRAIT_DETAILS: ", {which}: {change}",
    Kind.CORRECTED: "{change}",
}
"""What a line says after the name; of other kinds, nothing."""
EARLIER = "earlier "
OF_PORTRAITS = frozenset({Kind.PORTRAIT_TERMS, Kind.PORTRAIT_DETAILS})


def sections(old: Package, new: Package, comparison: Comparison, told: Told) -> tuple[Section, ...]:
    """Tell what changed: at least a line for whatever asks for a version, and no empty section.

    Args:
        old: the package before.
        new: the package after.
        comparison: of the two.
        told: the events, and what no event tells.
    """
    people = People(old, new)
    of_title: dict[str, list[Event]] = defaultdict(list)
    for event in told.events:
        of_title[TITLES[event.kind]].append(event)
    found: Iterable[tuple[str, Iterable[ChangeLine]]] = (
        ("Changes that readers may have to follow", _structure(comparison, Level.MAJOR, Level.MAJOR)),
        *((title, _lines(of_title[title], people)) for title in dict.fromkeys(TITLES.values())),
        ("Other tables", _numbers(told.untold)),
        ("New in structure and description", _structure(comparison, Level.PATCH, Level.MINOR)),
    )
    return tuple(Section(title, lines) for title, texts in found if (lines := tuple(texts)))


def _structure(comparison: Comparison, least: Level, most: Level) -> Iterator[ChangeLine]:
    return (ChangeLine(change.what) for change in comparison.structure if least <= change.level <= most)


def _lines(events: Sequence[Event], people: People) -> Iterator[ChangeLine]:
    """Yield a line for each event; corrections of one person share one."""
    corrected: dict[int | None, list[Event]] = defaultdict(list)
    for event in events:
        if event.kind is Kind.CORRECTED:
            corrected[event.mep_id].append(event)
        else:
            yield _line(event, _words(event, people), people)
    for of_person in corrected.values():
        words = "; ".join(_words(event, people) for event in of_person)
        yield _line(of_person[0], f": {words}", people)


def _line(event: Event, words: str, people: People) -> ChangeLine:
    """Return a line about an event: the name, and what follows it."""
    if event.mep_id is None:
        return ChangeLine(f"{event.name}{words}")
    name = f"{event.name} (MEP {event.mep_id})" if event.name else f"MEP {event.mep_id}"
    is_about = event.kind not in (Kind.WITHDRAWN, Kind.NO_LONGER_WITHDRAWN)
    return ChangeLine(
        f"{name}{words}",
        event.mep_id if is_about else None,
        event.kind in OF_PORTRAITS,
        people.country(event.country),
    )


def _words(event: Event, people: People) -> str:
    """Return what a line says after the name."""
    day, column = event.day.isoformat() if event.day else "", event.what or ""
    facts = (people.country(event.country), people.group(event.group))
    named = {Kind.CHANGED_GROUP: people.group, Kind.CHANGED_COUNTRY: people.country}.get(event.kind, str)
    before, after = named(event.before or ""), named(event.after or "")
    return WORDS.get(event.kind, "").format(
        whole="".join(f", {fact}" for fact in facts if fact),
        since=f", since {day}" if day else "",
        on=f", on {day}" if day else "",
        day=day,
        before=before,
        after=after,
        note=f": {after}" if after else "",
        scope="withdrawn" if event.what == "person" else "every portrait",
        which="earlier portrait" if column.startswith(EARLIER) else "portrait",
        change=column_words(column.removeprefix(EARLIER), before, after),
    )


def _numbers(news: News) -> Iterator[ChangeLine]:
    for table, changes in news.items():
        if changes:
            counts = Counter(change.op for change in changes)
            parts = [f"{counts[op]:,} {word}" for op, word in OPS.items() if counts[op]]
            yield ChangeLine(f"`{table}`: rows {', '.join(parts)}")
