"""Codes: what the texts of sources stand for, from the lookups in force.

The lookups are data files beside this module, and a maintainer's own merged over them (see `files`). A text that is
in none of them is an error with the row to add, never a guess.

Names of groups and of countries are the Parliament's own, as its site prints them; `group_labels.csv` holds what it
prints besides the names and codes in `groups.csv`: earlier spellings and the forms of its parameters. Dates of groups
are the days on which they sat, so a group founded between terms starts with the term. Roles are the Parliament's own
vocabulary, https://data.europarl.europa.eu/def/ep-roles, in English.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date

from dontspy_data.errors import UnknownCodeError
from dontspy_data.model.codes.lookups import LOOKUPS, Country, Group, Lookups, Term, open_lookups, shipped
from dontspy_data.model.statements import Property

__all__ = ["LOOKUPS", "Country", "Group", "Lookups", "Term", "open_lookups"]

_in_force: ContextVar[Lookups | None] = ContextVar("lookups", default=None)


@contextmanager
def using(lookups: Lookups) -> Iterator[None]:
    """Put lookups in force within, in this thread; elsewhere the shipped ones stay."""
    token = _in_force.set(lookups)
    try:
        yield
    finally:
        _in_force.reset(token)


def in_force() -> Lookups:
    """Return the lookups in force: those of `using`, else the shipped ones."""
    return _in_force.get() or shipped()


def countries() -> tuple[Country, ...]:
    """Return every present and former member state, by code."""
    return in_force().countries


def groups() -> tuple[Group, ...]:
    """Return every political group, those that sit now first."""
    return in_force().groups


def terms() -> tuple[Term, ...]:
    """Return every parliamentary term in order; term 0 is the appointed Parliament before 1979."""
    return in_force().terms


def country_seats() -> Mapping[str, int]:
    """Return the seats of each state that elects or has elected Members, by alpha-2 code; 0 for one that has left."""
    return in_force().country_seats


def account(address: str) -> Property:
    """Return which service an account's address belongs to, by its host; `other_account` if nobody has listed it."""
    return in_force().account(address)


def country(value: str) -> str:
    """Return the alpha-2 code of a country.

    Args:
        value: alpha-2, alpha-3 or the Parliament's code, or a name in one of the five languages, in any case.

    Raises:
        UnknownCodeError: no listed country is called so.
    """
    return in_force().country(value)


def group(label: str) -> str:
    """Return the code of a political group, from a code or any name that the Parliament prints, in any case.

    Raises:
        UnknownCodeError: no listed group is called so.
    """
    return in_force().group(label)


def gender(value: str) -> str:
    """Return `male` or `female` as officially published; empty if it is published as not known or not stated.

    Raises:
        UnknownCodeError: the value is none of those listed.
    """
    return in_force().gender(value)


def role(value: str) -> str:
    """Return a role's English label, from its code in the Parliament's vocabulary or a label of it.

    Raises:
        UnknownCodeError: the role is not listed.
    """
    return in_force().role(value)


def body_kind(classification: str) -> Property:
    """Return what a membership of a body is about, from its kind in the Parliament's vocabulary `ep-entities`.

    Raises:
        UnknownCodeError: the kind is not listed.
    """
    return in_force().body_kind(classification)


def corrected(source: str, prop: Property, text: str, mep_id: int, copy: str = "") -> str:
    """Return what a source should have printed, by `corrections.csv`; the text itself if nothing corrects it.

    Args:
        source: name of the source.
        prop: what the text is about.
        text: as printed.
        mep_id: whom it is about; a correction for this person goes before one for everybody.
        copy: which of several copies of the page it is, such as `2022` for the damaged CSV files of that year.
    """
    return in_force().corrected(source, prop, text, mep_id, copy)


def term_on(day: date) -> int:
    """Return the number of the parliamentary term that a day belongs to.

    Raises:
        UnknownCodeError: the day is before the first term.
    """
    for term in reversed(terms()):
        if day >= term.start_date:
            return term.term
    raise UnknownCodeError("parliamentary term on", day.isoformat(), "terms.csv", f"TERM,{day},,SEATS")


def seats_on(day: date) -> int:
    """Return how many seats the Parliament had on a day; some can be vacant.

    Raises:
        UnknownCodeError: the day is before the first term.
    """
    for start, seats in reversed(in_force().seats):
        if day >= start:
            return seats
    raise UnknownCodeError("number of seats on", day.isoformat(), "total_seats.csv", f"{day},SEATS,")
