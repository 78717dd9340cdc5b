"""What the Open Data API's records say: persons, their memberships, and corporate bodies.

A membership without an organization, as some in the live data, only becomes a note.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dontspy_data.errors import PageError, UnknownCodeError
from dontspy_data.model import codes
from dontspy_data.model.problems import SHOWN, ProblemKind
from dontspy_data.model.statements import Basis, Property, State
from dontspy_data.sources.documents import entries, last_part, records, short, texts
from dontspy_data.sources.findings import Findings, Reader
from dontspy_data.sources.source import Body
from dontspy_data.sources.values import day, email, http_address, person_id, whole_day

NAME = "ep_api"

COUNTRY = "api:country-of-representation"
GROUP = "api:political-group"
TEXTS = {
    "label": Property.NAME,
    "givenName": Property.GIVEN_NAME,
    "familyName": Property.FAMILY_NAME,
    "sortLabel": Property.SORT_NAME,
    "officialGivenName": Property.OFFICIAL_GIVEN_NAME,
    "officialFamilyName": Property.OFFICIAL_FAMILY_NAME,
    "placeOfBirth": Property.BIRTH_PLACE,
}
READERS: Mapping[str, tuple[Property, Reader]] = {
    "bday": (Property.BIRTH_DATE, day),
    "deathDate": (Property.DEATH_DATE, day),
    "hasEmail": (Property.EMAIL, email),
    "homepage": (Property.WEBSITE, http_address),
    "img": (Property.PORTRAIT_URL, http_address),
    "citizenship": (Property.CITIZENSHIP, lambda text: codes.country(last_part(text))),
    "hasGender": (Property.GENDER, lambda text: codes.gender(last_part(text))),
}
USED = frozenset({"identifier", "hasMembership", "account", COUNTRY, GROUP, *TEXTS, *READERS})
# The id, the gender and the names again; upper-case names lose accents in some languages.
LEFT = {"id", "type", "notation_codictPersonId", "hasHonorificPrefix"} | {
    f"upper{name}" for name in ("FamilyName", "GivenName", "OfficialFamilyName", "OfficialGivenName")
}
BODY_USED = frozenset({"id", "label", "prefLabel", "classification"})
BODY_IDS = {"identifier", "notation_codictBodyId", "notation_providerTemporalBodyId"}
BODY_RELATIONS = {"isVersionOf", "hasSubOrganization", "subOrganizationOf", "linkedTo"}
BODY_LEFT = BODY_IDS | BODY_RELATIONS | {"type", "altLabel", "source", "temporal"}
PARLIAMENT = "European Parliament"
PARLIAMENT_OF_TERM = re.compile(r"org/ep-(0|[1-9]\d?)")
MANDATE_ROLE = "MEMBER_PARLIAMENT"
SITTING = frozenset({MANDATE_ROLE, "MEMBER", ""})
MEMBERSHIP_USED = frozenset(
    {"organization", "membershipClassification", "role", "represents", "memberDuring"}
)
# Ids, and telephone and office, which the project does not publish.
MEMBERSHIP_LEFT = frozenset(
    {"id", "type", "identifier", "notation_codictFunctionId", "notation_codictMandateId", "contactPoint"}
)
PERIOD_FIELDS = frozenset({"id", "type", "startDate", "endDate"})
PERIOD_ID = re.compile(r"time-period/(\d{8})(?:-(\d{8}))?")


def person_of(found: Findings, row: Mapping[str, Any]) -> int:
    """Return the person that a row is about.

    Raises:
        PageError: it has no id in digits, or two different ones.
    """
    given = [text for key in ("identifier", "id") for text in texts(found, row, key)]
    ids = {person_id(last_part(text)) for text in given}
    if len(ids) != 1 or (mep_id := ids.pop()) is None:
        raise PageError(NAME, found.page.url, "one identifier in digits", str(row)[:SHOWN])
    return mep_id


def read_body(found: Findings, row: Mapping[str, Any]) -> None:
    """Read a body's name and kind; a group by its code, or as printed if no lookup lists it.

    Raises:
        PageError: it has no id.
    """
    ids = texts(found, row, "id") or [f"org/{identifier}" for identifier in texts(found, row, "identifier")]
    labels, names = texts(found, row, "label"), texts(found, row, "prefLabel")
    kinds = texts(found, row, "classification")
    if not ids:
        raise PageError(NAME, found.page.url, "the id of a body", str(row)[:SHOWN])
    ref = short(ids[0])
    if not labels and not names:
        found.problem(ProblemKind.BODY, ref, "a label of the body")
        return
    about = _kind_of_body(found, kinds)
    basis = Basis.STATED
    value = (names or labels)[0]
    if about is Property.POLITICAL_GROUP or not kinds:
        code = _group(found, [*labels, *names], is_one=bool(kinds))
        value = code or value
        basis = Basis.UNKNOWN if code is None and kinds else Basis.STATED
        if code is not None:  # an empty code stands for a label that is not a group
            about = Property.POLITICAL_GROUP if code else Property.OTHER_BODY
    found.bodies.append(Body(ref, about, value, basis))


def _kind_of_body(found: Findings, kinds: Sequence[str], mep_id: int | None = None) -> Property:
    """Return the property for a membership of a body, from references such as `def/ep-entities/WORKING_GROUP`."""
    try:
        return codes.body_kind(last_part(kinds[0])) if kinds else Property.OTHER_BODY
    except UnknownCodeError as error:
        found.unknown(error, mep_id=mep_id)
        return Property.OTHER_BODY


def _group(found: Findings, names: Sequence[str], *, is_one: bool) -> str | None:
    """Return the code of the first name listed as a political group's; a group without one is a problem."""
    problem: UnknownCodeError | None = None
    for name in names:
        try:
            return codes.group(name)
        except UnknownCodeError as error:
            problem = error
    if is_one and problem:
        found.unknown(problem, prop=Property.POLITICAL_GROUP)
    return None


def read_person(
    found: Findings,
    mep_id: int,
    row: Mapping[str, Any],
    term: int,
    when: Mapping[str, Any],
    names: Mapping[str, Property] = TEXTS,
) -> frozenset[str]:
    """State what a row says about a person, and return names of unknown fields in its memberships.

    Args:
        found: receives the statements.
        mep_id: the person.
        row: the page's row about the person.
        term: that the list is about.
        when: the period for which the list gives country and group.
        names: the texts that are read, by field.
    """
    if not texts(found, row, "label", mep_id=mep_id):
        found.cell(mep_id, Property.NAME, "", expected="a label", required=True)
    for key, about, read in (
        (COUNTRY, Property.MANDATE, codes.country),
        (GROUP, Property.POLITICAL_GROUP, codes.group),
    ):
        for text in texts(found, row, key, mep_id=mep_id, prop=about):
            found.cell(mep_id, about, last_part(text) if key == COUNTRY else text, read, term=term, **when)
    readers: dict[str, tuple[Property, Reader]] = {
        **{key: (about, str) for key, about in names.items()},
        **READERS,
    }
    for key, (about, reader) in readers.items():
        for text in texts(found, row, key, mep_id=mep_id, prop=about):
            found.cell(mep_id, about, text, reader)
    for text in texts(found, row, "account", mep_id=mep_id, prop=Property.OTHER_ACCOUNT):
        about = codes.account(text) if http_address(text) else Property.OTHER_ACCOUNT
        found.cell(mep_id, about, text, http_address)
    return state_memberships(found, mep_id, row)


@dataclass(frozen=True, slots=True)
class StatedMembership:
    """One membership of a person in one period, as the page has it.

    Attributes:
        body: reference, such as `org/6900`.
        kinds: kinds of body in the vocabulary `ep-entities`; mostly one.
        role: code in the vocabulary `ep-roles`; empty if none is given.
        countries: countries represented, as references.
        when: its `start_date`, `end_date` and `state`: on the day of the page, whether it still holds.
    """

    body: str
    kinds: tuple[str, ...]
    role: str
    countries: tuple[str, ...]
    when: Mapping[str, Any]

    @property
    def term(self) -> int | None:
        """Term of the Parliament, if the body is the Parliament itself."""
        match = PARLIAMENT_OF_TERM.fullmatch(self.body)
        return int(match[1]) if match else None

    @property
    def is_mandate(self) -> bool:
        """Whether it is a seat in the Parliament, and not only linked to one."""
        return self.term is not None and (bool(self.countries) or self.role == MANDATE_ROLE)


def state_memberships(found: Findings, mep_id: int, row: Mapping[str, Any]) -> frozenset[str]:
    """State what a person's `hasMembership` says, and return names of unknown fields.

    Bodies are named by their references until all pages are read.
    """
    unread: set[str] = set()
    held: list[StatedMembership] = []
    for membership in records(found, row, "hasMembership", mep_id=mep_id):
        with found.row(str(membership.get("id", membership)), mep_id):
            unread |= {
                f"hasMembership.{key}" for key in membership.keys() - MEMBERSHIP_USED - MEMBERSHIP_LEFT
            }
            for period in entries(membership.get("memberDuring")):
                keys = period.keys() if isinstance(period, dict) else set()
                unread |= {f"memberDuring.{key}" for key in keys - PERIOD_FIELDS}
            held.extend(_read_membership(found, mep_id, membership))
    seats = {membership.term for membership in held if membership.is_mandate}
    for stated in held:
        if stated.term is None:
            _state_body(found, mep_id, stated)
        elif _is_listed(found, mep_id, stated.term):
            _state_seat(found, mep_id, stated, stated.term, is_known=stated.term in seats)
    return frozenset(unread)


def _read_membership(
    found: Findings, mep_id: int, membership: Mapping[str, Any]
) -> Iterator[StatedMembership]:
    """Yield a membership for each of its periods."""
    body, kinds, role, countries = (
        texts(found, membership, key, mep_id=mep_id)
        for key in ("organization", "membershipClassification", "role", "represents")
    )
    if not body:
        name = membership.get("id", "a membership without an id")
        found.note("a membership without organization", f"{found.page.url}, {name}")
        return
    for period in list(_periods(found, mep_id, membership)) or [_when(None, None, State.UNKNOWN)]:
        yield StatedMembership(
            short(body[0]), tuple(kinds), last_part(role[0]) if role else "", tuple(countries), period
        )


def _when(start: str | None, end: str | None, state: State) -> dict[str, Any]:
    return {"start_date": start, "end_date": end, "state": state}


def _periods(found: Findings, mep_id: int, membership: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for entry in entries(membership.get("memberDuring")):
        if isinstance(entry, dict):
            start, end = (_day(found, mep_id, entry, key) for key in ("startDate", "endDate"))
        elif isinstance(entry, str) and (match := PERIOD_ID.search(entry)):
            start, end = (day(digits) if digits else None for digits in match.groups())
        else:
            found.problem(ProblemKind.CELL, str(entry)[:200], "a period of a membership", mep_id=mep_id)
            continue
        if end is None and isinstance(entry, dict) and entry.get("endDate"):
            yield _when(start, None, State.UNKNOWN)  # It has an unreadable end.
            continue
        over = end is not None and end < found.page.retrieved_at.date().isoformat()
        yield _when(start, end, State.ENDED if over else State.ONGOING)


def _day(found: Findings, mep_id: int, period: Mapping[str, Any], key: str) -> str | None:
    """Return a day of a period; another text is a problem."""
    for text in texts(found, period, key, mep_id=mep_id):
        if found_day := whole_day(text):
            return found_day
        found.problem(ProblemKind.CELL, text, f"a day in {key!r}", mep_id=mep_id)
    return None


def _state_body(found: Findings, mep_id: int, membership: StatedMembership) -> None:
    about = _kind_of_body(found, membership.kinds, mep_id)
    role, basis = found.role(mep_id, about, membership.role, codes.role)
    term = _term(membership.when["start_date"])
    found.state(mep_id, about, membership.body, basis=basis, term=term, role=role, **membership.when)


def _is_listed(found: Findings, mep_id: int, term: int) -> bool:
    """Return whether a term is in the lookups; an unknown term is a problem."""
    if term in {listed.term for listed in codes.terms()}:
        return True
    row = f"{term},YYYY-MM-DD,,SEATS"
    error = UnknownCodeError("parliamentary term", str(term), "terms.csv", row)
    found.unknown(error, mep_id=mep_id, prop=Property.TERM)
    return False


def _state_seat(
    found: Findings, mep_id: int, membership: StatedMembership, term: int, *, is_known: bool
) -> None:
    """State a mandate for each country represented, or a role in the Parliament itself, such as its presidency.

    Being its Member adds nothing to a mandate, if there is one.
    """
    for country in membership.countries:
        found.cell(mep_id, Property.MANDATE, last_part(country), codes.country, term=term, **membership.when)
    if membership.countries:
        return
    if membership.role not in SITTING:
        role, basis = found.role(mep_id, Property.OTHER_BODY, membership.role, codes.role)
        found.state(
            mep_id, Property.OTHER_BODY, PARLIAMENT, basis=basis, term=term, role=role, **membership.when
        )
    elif is_known and not membership.is_mandate:
        found.state(mep_id, Property.TERM, str(term), term=term)
    else:
        found.state(mep_id, Property.TERM, str(term), term=term, **membership.when)


def _term(start: str | None) -> int | None:
    """Return the term that a period begins in; None if it is unknown or before the first term."""
    first = codes.terms()[0].start_date.isoformat()
    return codes.term_on(date.fromisoformat(start)) if start and start >= first else None
