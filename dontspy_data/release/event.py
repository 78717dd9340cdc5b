"""Events: what happened to a person or a political group from one package to another."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from dontspy_data.release.row_changes import Op, RowChange


class EventKind(StrEnum):
    """What happened; in the order in which people are told."""

    WITHDRAWN = "withdrawn"
    NO_LONGER_WITHDRAWN = "no_longer_withdrawn"
    RENUMBERED = "renumbered"  # perhaps: another number with the same name and birth date
    JOINED = "joined"  # sits, and never sat before
    REELECTED = "reelected"  # sat to the end of one term and sits in the next
    RETURNED = "returned"  # sits again, after a time without a mandate
    LISTED_AGAIN = "listed_again"
    LEFT = "left"  # the mandate ended, and the person does not sit
    DIED = "died"
    NO_LONGER_LISTED = "no_longer_listed"  # on no list, and no page says that the mandate ended
    ADDED = "added"  # new in the dataset; sat at some time before
    REMOVED = "removed"  # no longer in the dataset
    GROUP_NEW = "group_new"
    GROUP_RENAMED = "group_renamed"
    GROUP_ENDED = "group_ended"
    CHANGED_GROUP = "changed_group"
    CHANGED_PARTY = "changed_party"
    CHANGED_COUNTRY = "changed_country"
    RENAMED = "renamed"
    PORTRAIT_NEW = "portrait_new"
    PORTRAIT_REPLACED = "portrait_replaced"
    PORTRAIT_REENCODED = "portrait_reencoded"  # the same picture in other bytes
    PORTRAIT_LOST = "portrait_lost"
    PORTRAIT_BACK = "portrait_back"  # none for a time, and there again
    PORTRAIT_NONE = "portrait_none"  # why there is none has changed
    PORTRAIT_EARLIER = "portrait_earlier"  # an earlier one more, or less, of which no other event tells
    PORTRAIT_TERMS = "portrait_terms"  # its rights or credits
    PORTRAIT_DETAILS = "portrait_details"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to one person, or to one political group.

    Attributes:
        kind: what happened.
        mep_id: the person's number; None for what happened to a group.
        name: of the person or group; empty if no package has it, or the person is withdrawn.
        country: country that the person sits for, ISO 3166-1 alpha-2; None if it is not known.
        group: code of the person's political group, or of the group itself; None if it is not known.
        before: value before, for people; None if there was none.
        after: value after, likewise.
        day: on which it happened; None if no source says.
        what: column that it is about, of a correction or of a portrait's details; scope of a withdrawal.
    """

    kind: EventKind
    mep_id: int | None
    name: str
    country: str | None = None
    group: str | None = None
    before: str | None = None
    after: str | None = None
    day: date | None = None
    what: str | None = None


def changes_of(changes: Iterable[RowChange], op: Op) -> Iterator[RowChange]:
    """Return those changes of rows that are of one sort."""
    return (change for change in changes if change.op is op)
