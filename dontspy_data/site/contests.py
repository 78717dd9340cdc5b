"""The contests as their page shows them: how to enter, until when, what to win, and the entries as links.

No picture of an entry is stored or shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dontspy_data.contest.entries import RESOURCE, Ranked, ranked_entries
from dontspy_data.contest.rules import CONTESTS, Rules, rules_for
from dontspy_data.model.schema import Field, shipped_table
from dontspy_data.model.texts import web_address
from dontspy_data.site.people import PersonView


@dataclass(frozen=True, slots=True)
class EntryView:
    """An entry with its place, and those of the Members concerned who are in the release."""

    ranked: Ranked
    members: tuple[PersonView, ...]


@dataclass(frozen=True, slots=True)
class ContestView:
    """One contest: its name, its rules, and its entries from the first place on."""

    key: str
    rules: Rules
    entries: tuple[EntryView, ...]

    @property
    def enter_link(self) -> str:
        """Where an entry is sent, as a link; empty if the rules do not say."""
        where = self.rules.enter_at or ""
        return f"mailto:{where}" if "@" in where else web_address(where) or ""


@dataclass(frozen=True, slots=True)
class Contests:
    """Both contests, and the columns of an entry."""

    fields: tuple[Field, ...]
    contests: tuple[ContestView, ...]


def read_contests(
    entries: Path | None, rules: Path | None, package: Path, people: Sequence[PersonView]
) -> Contests:
    """Read the contests, with the rankings from a file of entries if there is one.

    Args:
        entries: a file as docs/contest.md describes it.
        rules: the contests' own file; None for the one beside the entries, where there is one.
        package: what the entries have to be about.
        people: everybody in it.

    Raises:
        UsageError: a file cannot be read.
        DontspyError: something is wrong with an entry.
    """
    said = rules_for(entries, rules)
    ranked = ranked_entries(entries, package, rules) if entries else ()
    by_number = {person.mep_id: person for person in people}
    return Contests(
        fields=shipped_table(RESOURCE).fields,
        contests=tuple(
            ContestView(
                key, said[key], tuple(_entry(one, by_number) for one in ranked if one.entry.contest == key)
            )
            for key in CONTESTS
        ),
    )


def _entry(ranked: Ranked, by_number: Mapping[int, PersonView]) -> EntryView:
    members = (by_number.get(number) for number in ranked.entry.people)
    return EntryView(ranked, tuple(member for member in members if member))
