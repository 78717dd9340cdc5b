"""Statements: one fact as one source gives it.

Values are already in the project's codes (ISO countries, today's group abbreviations, ISO 8601 dates), so that
two sources that say the same compare equal, and every remaining difference is a conflict.
"""

import csv
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time
from enum import StrEnum
from importlib.resources import files
from operator import attrgetter

_networks = files(__package__).joinpath("codes", "networks.csv").read_text(encoding="utf-8").splitlines()
NETWORKS: Mapping[str, str] = {row["network"]: row["label"] for row in csv.DictReader(_networks)}
"""Social networks, each a property of its own, with the name that people know it by; from a data file."""


class Property(StrEnum):
    """What a statement is about."""

    _ignore_ = "network"
    NAME = "name"
    GIVEN_NAME = "given_name"
    FAMILY_NAME = "family_name"
    SORT_NAME = "sort_name"
    OFFICIAL_GIVEN_NAME = "official_given_name"
    OFFICIAL_FAMILY_NAME = "official_family_name"
    GENDER = "gender"
    BIRTH_DATE = "birth_date"
    BIRTH_PLACE = "birth_place"
    DEATH_DATE = "death_date"
    CITIZENSHIP = "citizenship"
    WIKIDATA_ID = "wikidata_id"
    TERM = "term"  # sat in that term, nothing more is said
    MANDATE = "mandate"  # sat in a term for the country that is the value
    POLITICAL_GROUP = "political_group"
    NATIONAL_PARTY = "national_party"
    COMMITTEE = "committee"
    DELEGATION = "delegation"
    OTHER_BODY = "other_body"
    EMAIL = "email"
    WEBSITE = "website"
    for network in NETWORKS:
        vars()[network.upper()] = network
    OTHER_ACCOUNT = "other_account"
    PORTRAIT_URL = "portrait_url"
    PORTRAIT = "portrait"  # sha256 of the bytes, or "absent"


ONE_AT_A_TIME = frozenset({Property.POLITICAL_GROUP, Property.NATIONAL_PARTY})
"""Kinds of bodies that a person belongs to one at a time."""
MEMBERSHIPS = ONE_AT_A_TIME | {Property.COMMITTEE, Property.DELEGATION, Property.OTHER_BODY}
CONTACTS = frozenset({Property.EMAIL, Property.WEBSITE, *map(Property, NETWORKS), Property.OTHER_ACCOUNT})

NAMES = frozenset({Property.NAME, Property.GIVEN_NAME, Property.FAMILY_NAME})
DATES = frozenset({Property.BIRTH_DATE, Property.DEATH_DATE})
OFFICIAL_NAMES = frozenset({Property.OFFICIAL_GIVEN_NAME, Property.OFFICIAL_FAMILY_NAME})
TEXTS = NAMES | OFFICIAL_NAMES | {Property.SORT_NAME, Property.BIRTH_PLACE}
"""Properties whose values can have lost letters."""
SINGLE = TEXTS | DATES | {Property.GENDER, Property.CITIZENSHIP, Property.WIKIDATA_ID}
"""Properties that have one value per person."""


class State(StrEnum):
    """Whether a period has ended, so that an empty end date never means two things."""

    ONGOING = "ongoing"  # on the day that the page was retrieved
    ENDED = "ended"
    UNKNOWN = "unknown"


class Basis(StrEnum):
    """Where a statement's value and role come from."""

    STATED = "stated"  # on the page
    RESTORED = "restored"  # letters that another source lost, taken from the full name on this page
    IMPORTED = "imported"  # in a file that somebody saved, who vouches for its address and day
    COMPOSED = "composed"  # a name put together from its parts, since no page prints it
    UNKNOWN = "unknown"  # a category as printed, since no lookup lists it; no column of codes takes it
    UNKNOWN_ROLE = "unknown_role"  # the role as printed, since no lookup lists it; the value is stated


@dataclass(frozen=True, slots=True)
class Statement:
    """One fact as one source gives it.

    Attributes:
        mep_id: the Parliament's number for the person.
        property: what the statement is about.
        value: the fact, in the project's codes.
        source: name of the source.
        url: page that says so.
        retrieved_at: when the page was received, UTC.
        term: parliamentary term that the fact belongs to, where the page says or its date tells.
        role: role in a body, such as `Member` or `Chair`.
        start_date: first day of a period, `YYYY-MM-DD`.
        end_date: last day of a period, `YYYY-MM-DD`.
        state: of a period only.
        as_of: day of which the page speaks, `YYYY-MM-DD`, where that is not the day on which it was retrieved.
        basis: whether the value and the role are in the project's codes.
    """

    mep_id: int
    property: Property
    value: str
    source: str
    url: str
    retrieved_at: datetime
    term: int | None = None
    role: str | None = None
    start_date: str | None = None
    end_date: str | None = None
    state: State | None = None
    as_of: str | None = None
    basis: Basis = Basis.STATED


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody who sits on a day, as listed on one or several pages; anybody else is not a Member that day.

    Attributes:
        retrieved_at: when the latest page was received, UTC.
        people: their numbers.
    """

    retrieved_at: datetime
    people: frozenset[int]


def speaks_of(statement: Statement) -> datetime:
    """Return the moment, UTC, at which a statement says that something is so."""
    if statement.as_of is None:
        return statement.retrieved_at
    return datetime.combine(date.fromisoformat(statement.as_of), time.min, UTC)


def known_value(statement: Statement) -> str | None:
    """Return the value as a column of codes holds it; None if no lookup lists it."""
    return None if statement.basis is Basis.UNKNOWN else statement.value


def known_role(statement: Statement) -> str | None:
    """Return the role as a table holds it; None if there is none, or no lookup lists it."""
    return None if statement.basis is Basis.UNKNOWN_ROLE else statement.role


_but_when = attrgetter(*(one.name for one in fields(Statement) if one.name != "retrieved_at"))


def day(text: str | None) -> date | None:
    """Return a statement's date as a table holds it."""
    return date.fromisoformat(text) if text else None


def statement_id(statement: Statement) -> str:
    """Return 16 hexadecimal digits that follow from what is said and where, but not from when it was retrieved."""
    one = statement
    what = (one.mep_id, one.property, one.value, one.source, one.url, datetime.min)
    when = (one.term, one.role, one.start_date, one.end_date, one.state)
    # The basis follows from the rest. Statements without `as_of` keep the digits they had before that field existed.
    said = (*what, *when, one.as_of) if one.as_of else (*what, *when)
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def each_once(statements: Iterable[Statement]) -> list[Statement]:
    """Return statements without repetitions; of a page that was read several times, as it last said so."""
    found: dict[tuple[object, ...], Statement] = {}
    for statement in statements:
        said = _but_when(statement)
        if said not in found or found[said].retrieved_at < statement.retrieved_at:
            found[said] = statement
    return list(found.values())
