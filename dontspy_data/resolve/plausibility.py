"""Plausibility: what cannot be so, or not together, across everything that was said of people."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from dontspy_data.model.codes import seats_on, term_on
from dontspy_data.model.problems import Note, Problem, ProblemKind
from dontspy_data.model.statements import DATES, Basis, Property, State, Statement
from dontspy_data.resolve.choose import FULL_DATE, Chosen, Supported
from dontspy_data.resolve.periods import MandateRow

OF_AGE = 18
ONE_OF = (Property.GENDER, *sorted(DATES))
"""Properties of which a person has one value, whatever the spelling."""


def contradictions(
    statements: Iterable[Statement], chosen: Chosen, mandates: Sequence[Supported[MandateRow]]
) -> Iterator[Problem]:
    """Yield what cannot be so of one person: each as a problem of the page that says it.

    Nobody sits before the age of 18 or after death, or has two mandates at once. No person has two genders or dates of
    birth or death.

    Args:
        statements: everything that was said of some people.
        chosen: the statements chosen for each of them.
        mandates: with the statements that they were chosen from.
    """
    yield from _differing(statements)
    for one in mandates:
        yield from _at_an_age(one, chosen.get(one.row.mep_id, {}))
    yield from _two_at_once(mandates)


class Everybody:
    """What only all people together show: two with one name and birth date, and more of them than seats."""

    def __init__(self) -> None:
        """Begin with nobody."""
        self._same: dict[tuple[str, str], list[Statement]] = defaultdict(list)
        self._sitting: Counter[int] = Counter()
        self._day = date.min

    def add(self, chosen: Chosen, mandates: Iterable[MandateRow]) -> None:
        """Add people, by the statements chosen for them and their mandates."""
        for facts in chosen.values():
            if Property.NAME in facts and Property.BIRTH_DATE in facts:
                name = facts[Property.NAME]
                self._same[name.value.casefold(), facts[Property.BIRTH_DATE].value].append(name)
        for row in mandates:
            if row.state == State.ONGOING and row.end_date is None:
                self._sitting[row.term] += 1
                self._day = max(self._day, row.last_seen.date())

    def problems(self) -> Iterator[Problem]:
        """Yield a problem for each further person with one name and one date of birth."""
        for (_, born), names in self._same.items():
            for name in names[1:]:
                found = f"{', '.join(str(one.mep_id) for one in names)}: {name.value}, born {born}"
                yield _contradiction(name, found, "one number of a person")

    def notes(self) -> Iterator[Note]:
        """Yield a note, with both numbers, if more mandates went on in the latest term than there were seats."""
        if not self._sitting:
            return
        seats, sitting = seats_on(self._day), self._sitting[term_on(self._day)]
        if sitting > seats:
            where = f"{sitting:,} for {seats:,} seats on {self._day}"
            yield Note("more mandates go on than there are seats", where)


def _differing(statements: Iterable[Statement]) -> Iterator[Problem]:
    said: dict[tuple[int, Property], dict[str, Statement]] = defaultdict(dict)
    for one in statements:
        is_vague = one.property in DATES and not FULL_DATE.fullmatch(one.value)
        if one.property in ONE_OF and one.basis is not Basis.UNKNOWN and not is_vague:
            said[one.mep_id, one.property].setdefault(one.value, one)
    for (_, prop), values in sorted(said.items()):
        if len(values) > 1:
            last = values[max(values)]
            yield _contradiction(
                last, ", ".join(sorted(values)), f"one {prop.value.replace('_', ' ')} of a person"
            )


def _at_an_age(mandate: Supported[MandateRow], facts: Mapping[Property, Statement]) -> Iterator[Problem]:
    row = mandate.row
    born, died = (
        date.fromisoformat(facts[prop].value) if prop in facts else None
        for prop in (Property.BIRTH_DATE, Property.DEATH_DATE)
    )
    if born and row.start_date and _years_between(born, row.start_date) < OF_AGE:
        found = f"born {born}, a Member from {row.start_date}"
        yield _contradiction(facts[Property.BIRTH_DATE], found, f"{OF_AGE} years of age")
    last = row.end_date if row.state == State.ENDED else row.start_date
    if died and last and last > died:
        found = f"died {died}, a Member on {last}"
        yield _contradiction(facts[Property.DEATH_DATE], found, "no mandate after death")


def _years_between(start: date, end: date) -> int:
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


def _two_at_once(mandates: Iterable[Supported[MandateRow]]) -> Iterator[Problem]:
    """Yield mandates of one term that went on together when last seen; those of an earlier term have ended since."""
    ongoing = [one for one in mandates if one.row.state == State.ONGOING]
    counts = Counter((one.row.mep_id, one.row.term) for one in ongoing)
    for one in ongoing:
        row = one.row
        if (number := counts[row.mep_id, row.term]) > 1:
            found = f"{number} mandates go on in term {row.term}, one from {row.start_date}"
            yield _contradiction(one.chosen, found, "one ongoing mandate of a person")


def _contradiction(said: Statement, found: str, expected: str) -> Problem:
    at = said.url, said.retrieved_at
    kind = ProblemKind.CONTRADICTION
    return Problem(said.source, kind, *at, found, expected, said.mep_id, said.property)
