"""A small invented Parliament that lives: who sits in it on each simulated day, in which group, with which portrait."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from io import BytesIO
from random import Random

from PIL import Image

from scripts.sample.parliament import Body, Country, Mandate, Person, Spell, bodies, countries

FIRST = 9_100_001
SEATS = 30
OF = ("CZ", "FR", "GR", "MT", "SE")
GIVEN = ("Ada", "Bruno", "Clio", "Dario", "Edda", "Fabio", "Greta", "Hugo", "Iris", "Jonas")
FAMILY = ("Alder", "Birk", "Cedro", "Dorn", "Esche", "Fichte", "Ginster", "Holm", "Ilex", "Jasmin", "Kiefer")
LABELS = ("PPE", "S&D", "Renew", "ECR")
TERM_10, TERM_11 = "2024-07-16", "2029-07-17"
A_DAY = timedelta(days=1)


class Fault(StrEnum):
    """What is wrong with the Parliament's servers on a day."""

    NONE = "none"
    HALF_LIST = "half_list"  # the list of those who sit ends in the middle
    NO_WEBSITE = "no_website"  # every page of the website is a challenge
    REFUSES = "refuses"  # every page of every server is a challenge
    API_DOWN = "api_down"  # the API answers 503


@dataclass(frozen=True, slots=True)
class Portrait:
    """A picture: which one, and how strongly it is compressed."""

    number: int
    quality: int = 90

    def jpeg(self) -> bytes:
        """Return its bytes."""
        return _jpeg(self.number, self.quality)


@cache
def _jpeg(number: int, quality: int) -> bytes:
    random = Random(number)
    small = Image.new("L", (16, 20))
    small.putdata([random.randrange(256) for _ in range(320)])
    out = BytesIO()
    small.resize((64, 80), Image.Resampling.BICUBIC).convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()


@dataclass
class Parliament:
    """Everything that its servers can say.

    Attributes:
        day: today.
        people: everybody who ever sat, by number.
        portraits: by number.
        unlisted: who is on no list, though no page says that they left.
        without_portrait: whose portrait cannot be found for now.
        keeps_those_who_left: whether lists of the term still have those who left in it.
        fault: what is wrong with the servers.
        other_groups: label of the group that the website's list gives, where it knows more than the API.
        term_11: the groups of the next term, by label, once it has begun.
    """

    day: date
    people: dict[int, Person] = field(default_factory=dict)
    portraits: dict[int, Portrait] = field(default_factory=dict)
    unlisted: set[int] = field(default_factory=set)
    without_portrait: set[int] = field(default_factory=set)
    keeps_those_who_left: bool = True
    fault: Fault = Fault.NONE
    other_groups: dict[int, str] = field(default_factory=dict)
    term_11: dict[str, Body] = field(default_factory=dict)

    @classmethod
    def begin(cls, day: date, seats: int = SEATS) -> "Parliament":
        """Return it as it is on a day of term 10, with everybody since the beginning of the term."""
        found = cls(day)
        for _ in range(seats):
            found.join(TERM_10)
        return found

    @property
    def term(self) -> int:
        """The term of today."""
        return 11 if self.day.isoformat() >= TERM_11 else 10

    @property
    def sitting(self) -> list[Person]:
        """Who sits today, by country."""
        of_country = {country: number for number, country in enumerate(OF)}
        found = [person for person in self.people.values() if person.sitting]
        return sorted(found, key=lambda person: (of_country[person.country.code], person.id))

    @property
    def listed(self) -> list[Person]:
        """Who is on the lists of today."""
        found = [person for person in self.sitting if person.id not in self.unlisted]
        return found[: len(found) // 2] if self.fault is Fault.HALF_LIST else found

    def of_term(self, term: int) -> list[Person]:
        """Return who is on the list of a term: everybody who sat in it, or those alone who sit to its end."""
        listed = {person.id for person in self.listed}
        last = {11: "", 10: "" if self.term == 10 else _before(TERM_11)}.get(term, "")
        return [
            person
            for person in self.people.values()
            if any(
                mandate.term == term
                and ((person.id in listed if not mandate.end else True) if term == self.term else True)
                and (self.keeps_those_who_left or mandate.end in ("", last))
                for mandate in person.mandates
            )
        ]

    def group(self, label: str, term: int) -> Body:
        """Return a group as it is called in a term."""
        return self.term_11[label] if term == 11 else bodies()[f"{label}/10"]

    def join(self, start: str, *, label: str = "", country: str = "") -> int:
        """Add a person who sits from a day on, and return the number."""
        number = len(self.people)
        mep_id = FIRST + number
        code, term = country or OF[number % len(OF)], 11 if start >= TERM_11 else 10
        chosen = label or LABELS[number % len(LABELS)]
        given, family = GIVEN[number % len(GIVEN)], FAMILY[(number * 7) % len(FAMILY)]
        nation = countries()[code]
        self.people[mep_id] = Person(
            id=mep_id,
            given=given,
            family=family,
            name=f"{given} {family.upper()}",
            official_given="",
            official_family="",
            gender="female" if number % 2 else "male",
            country=nation,
            born=f"{1955 + number % 40}-0{1 + number % 9}-1{number % 10}",
            died="",
            place=f"{family}ville",
            mandates=(Mandate(term, start, ""),),
            groups=(Spell(term, start, "", self.group(chosen, term), "Member"),),
            parties=(Spell(term, start, "", party(nation, 1), ""),),
            seats=(),
        )
        self.portraits[mep_id] = Portrait(number + 1)
        return mep_id

    def leave(self, mep_id: int, end: str) -> None:
        """End everything that a person holds, on a last day."""
        person = self.people[mep_id]
        self.people[mep_id] = replace(
            person,
            mandates=(*person.mandates[:-1], replace(person.mandates[-1], end=end)),
            groups=(*person.groups[:-1], replace(person.groups[-1], end=end)),
            parties=(*person.parties[:-1], replace(person.parties[-1], end=end)),
        )

    def sit_again(self, mep_id: int, start: str, label: str) -> None:
        """Give a person who does not sit a mandate and a group from a day on."""
        person, term = self.people[mep_id], 11 if start >= TERM_11 else 10
        self.people[mep_id] = replace(
            person,
            mandates=(*person.mandates, Mandate(term, start, "")),
            groups=(*person.groups, Spell(term, start, "", self.group(label, term), "Member")),
            parties=(*person.parties, Spell(term, start, "", person.parties[-1].body, "")),
        )

    def change_group(self, mep_id: int, label: str) -> None:
        """Move a person into another group, from today on."""
        person, last = self.people[mep_id], _before(self.day.isoformat())
        spell = Spell(self.term, self.day.isoformat(), "", self.group(label, self.term), "Member")
        ended = (*person.groups[:-1], replace(person.groups[-1], end=last))
        self.people[mep_id] = replace(person, groups=(*ended, spell))

    def change_party(self, mep_id: int) -> None:
        """Move a person into the other party of the country, from today on."""
        person, last = self.people[mep_id], _before(self.day.isoformat())
        spell = Spell(self.term, self.day.isoformat(), "", party(person.country, 2), "")
        ended = (*person.parties[:-1], replace(person.parties[-1], end=last))
        self.people[mep_id] = replace(person, parties=(*ended, spell))

    def edit(self, mep_id: int, **values: str) -> None:
        """Change other facts of a person."""
        self.people[mep_id] = replace(self.people[mep_id], **values)  # type: ignore[arg-type]

    def renumber(self, mep_id: int) -> int:
        """Give a person another number, under which nothing was known, and return it."""
        person = self.people.pop(mep_id)
        new = FIRST + 500 + mep_id % 100
        self.people[new] = replace(person, id=new)
        self.portraits[new] = self.portraits.pop(mep_id)
        return new

    def elect(self, stay: set[int], labels: dict[int, str]) -> None:
        """Begin term 11: those who stay sit on, in the group given or in the one they had, the others leave."""
        for person in self.sitting:
            self.leave(person.id, _before(TERM_11))
            if person.id in stay:
                self.sit_again(person.id, TERM_11, labels.get(person.id, person.group.label))

    def found_groups(self, new: Body, renamed: dict[str, str]) -> None:
        """Set up the groups of term 11: those of term 10, some by another name, and a new one."""
        for label in LABELS:
            was = bodies()[f"{label}/10"]
            name = renamed.get(label, was.name)
            self.term_11[label] = replace(was, number=was.number + 200, name=name, since=TERM_11)
        self.term_11[new.label] = new

    @property
    def all_bodies(self) -> list[Body]:
        """Every body that a person was ever in, by number."""
        spells = [s for p in self.people.values() for s in (*p.groups, *p.parties)]
        found = {s.body for s in spells} | set(self.term_11.values())
        return sorted(found, key=lambda body: body.number)


def party(country: Country, number: int) -> Body:
    """Return a country's first or second party."""
    name = f"{country.name} {('Garden', 'Orchard')[number - 1]} Party"
    return Body(
        8100 + 10 * OF.index(country.code) + number, "-", "NATIONAL_POLITICAL_GROUP", name, name, country.code
    )


def _before(day: str) -> str:
    return (date.fromisoformat(day) - A_DAY).isoformat()
