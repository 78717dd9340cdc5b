"""The list: pages of cards, the countries and groups, the alphabet, and the index that search reads."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Generic, TypeVar

from dontspy_data.site.labels import slug
from dontspy_data.site.people import PersonView, term_words

T = TypeVar("T")
CARDS_A_PAGE = 60
FACES_A_PAGE = 240
NOT_KNOWN = "not known"


@dataclass(frozen=True, slots=True)
class Pager(Generic[T]):
    """One page of a longer list.

    Attributes:
        items: what is on it.
        number: of the page, from 1.
        count: of pages.
        addresses: of every page, from the site's root.
    """

    items: Sequence[T]
    number: int
    count: int
    addresses: tuple[str, ...]

    @property
    def address(self) -> str:
        """Of this page."""
        return self.addresses[self.number - 1]


@dataclass(frozen=True, slots=True)
class ListSection:
    """People who share a country, group or letter.

    Attributes:
        code: what they share, as a code.
        name: for people.
        address: of the section's page, from the site's root.
        people: by name.
    """

    code: str
    name: str
    address: str
    people: tuple[PersonView, ...]

    @property
    def with_portrait(self) -> tuple[PersonView, ...]:
        """Those whose portrait is published."""
        return tuple(person for person in self.people if person.portrait)

    @property
    def without_portrait(self) -> tuple[PersonView, ...]:
        """The others."""
        return tuple(person for person in self.people if not person.portrait)


def pages_of(items: Sequence[T], size: int, first: str, others: str) -> list[Pager[T]]:
    """Cut a list into pages, at least one.

    Args:
        items: the whole list.
        size: items a page.
        first: address of the first page.
        others: address of the others, with `{}` for the number.
    """
    starts = range(0, max(len(items), 1), size)
    addresses = (first, *(others.format(number) for number in range(2, len(starts) + 1)))
    return [
        Pager(items[start : start + size], number, len(starts), addresses)
        for number, start in enumerate(starts, 1)
    ]


def by_country(people: Iterable[PersonView]) -> list[ListSection]:
    """Sections by country, in the order of their names; those without a known one last."""
    return _sections(
        people, "country", lambda p: p.country or "", lambda p: p.country_name or p.country or ""
    )


def by_group(people: Iterable[PersonView], order: Sequence[str]) -> list[ListSection]:
    """Sections by political group, in the order given; those without a known one last."""
    found = _sections(people, "group", lambda p: p.group or "", lambda p: p.group_name or p.group or "")
    return sorted(found, key=lambda section: order.index(section.code) if section.code else len(order))


def by_letter(people: Iterable[PersonView]) -> list[ListSection]:
    """Sections by first letter of the family name; people come sorted."""
    return [
        ListSection(letter, letter, f"a-z/index.html#letter-{letter}", tuple(there))
        for letter, there in groupby(people, key=lambda person: person.letter)
    ]


def index_json(people: Sequence[PersonView]) -> bytes:
    """Return the index that search, filters and the picker read: names once, people as short arrays.

    A person is `[id, name, country, group, party, term, picture, official name]`: the middle ones are places
    in the lists beside, -1 for none; picture is 0 for none, 1 for the original, or the digits that stand in
    the name of its smaller copy.
    """
    countries = sorted({(p.country_name or p.country, p.country) for p in people if p.country})
    groups = sorted({(p.group, p.group_name or p.group) for p in people if p.group})
    parties = sorted({p.party for p in people if p.party})
    at_country = {code: place for place, (_, code) in enumerate(countries)}
    at_group = {code: place for place, (code, _) in enumerate(groups)}
    at_party = {party: place for place, party in enumerate(parties)}
    document = {
        "countries": [[code, name] for name, code in countries],
        "groups": groups,
        "parties": parties,
        "terms": {
            str(term): term_words(term) for term in sorted({p.term for p in people if p.term is not None})
        },
        "people": [
            [
                person.mep_id,
                person.name,
                at_country.get(person.country or "", -1),
                at_group.get(person.group or "", -1),
                at_party.get(person.party or "", -1),
                -1 if person.term is None else person.term,
                _picture(person),
                *([person.official_name] if person.official_name else []),
            ]
            for person in people
        ],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _picture(person: PersonView) -> int | str:
    portrait = person.portrait
    if not portrait:
        return 0
    return portrait.portrait_id.split("-")[1] if portrait.is_copied_smaller else 1


def _sections(
    people: Iterable[PersonView],
    folder: str,
    code: Callable[[PersonView], str],
    name: Callable[[PersonView], str],
) -> list[ListSection]:
    found: dict[str, list[PersonView]] = {}
    for person in people:
        found.setdefault(code(person), []).append(person)
    sections = [
        ListSection(
            key,
            name(there[0]) if key else NOT_KNOWN,
            f"{folder}/{slug(key) if key else 'not-known'}/index.html",
            tuple(there),
        )
        for key, there in found.items()
    ]
    return sorted(sections, key=lambda section: (not section.code, section.name))
