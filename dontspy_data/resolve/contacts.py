"""Contacts: official addresses and accounts, as the Parliament publishes them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from dontspy_data.model.statements import CONTACTS, Property, Statement
from dontspy_data.resolve.choose import Supported, Trust


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A row of the table `contacts`, see its schema."""

    mep_id: int
    kind: str
    value: str
    source: str
    retrieved_at: datetime


def contacts(statements: Iterable[Statement], by_trust: Trust) -> list[Supported[ContactRow]]:
    """Return, for each person and kind, the contacts of the most trusted source that has any, sorted by key."""
    found: dict[tuple[int, Property], list[Statement]] = defaultdict(list)
    for statement in statements:
        if statement.property in CONTACTS:
            found[statement.mep_id, statement.property].append(statement)
    chosen: dict[tuple[int, Property, str], Statement] = {}
    for key in sorted(found):
        said = sorted(found[key], key=by_trust)
        for statement in said:
            if statement.source == said[0].source:
                chosen.setdefault((*key, statement.value), statement)
    return [
        Supported(ContactRow(s.mep_id, s.property, s.value, s.source, s.retrieved_at), s)
        for _, s in sorted(chosen.items())
    ]
