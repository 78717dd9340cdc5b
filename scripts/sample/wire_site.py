"""Pages of the Parliament's site, in its real markup, without the parts that say nothing of a Member.

Two generations of it: class names begin with `es_` in 2026, with `erpl_` before. Histories have two layouts
of 2024: as a browser saved it, with the e-mail address put right again, and as the server sent it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dontspy_data.sources import ep_lists, member_page, portraits
from scripts.sample.parliament import Country, Person, Spell, bodies, countries, of_term

SECTIONS = ("Chair", "Vice-Chair", "Member", "Substitute")


@dataclass(frozen=True, slots=True)
class Contact:
    """One link of a profile's row of icons."""

    css: str
    title: str
    href: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a history."""

    spell: Spell
    text: str


def day_month_year(day: str) -> str:
    """`02-05-1969` from `1969-05-02`."""
    return "-".join(reversed(day.split("-")))


def scrambled(email: str) -> str:
    """Return an address as the site hides it: backwards, with the first dot and the at sign spelt out."""
    return email[::-1].replace(".", "[dot]", 1).replace("@", "[at]", 1)


def profile(person: Person, *, prefix: str) -> bytes:
    """Return a profile page in the layout of 2026 (`es`) or the one before (`erpl`)."""
    return _page(
        "profile.html",
        title=f"Home | {person.name}",
        url=member_page.profile_url(person.id),
        prefix=prefix,
        person=person,
        portrait=portraits.url(person.id),
        saved=False,
        heading="Home",
        contacts=_contacts(person, scrambled(person.email)),
        roles=_by_role([seat for seat in person.seats if not seat.end]),
    )


def history(person: Person, term: int, *, saved: bool) -> bytes:
    """Return a history page of one term, as a browser saved it or as the server sent it."""
    ordinal = f"{term}th parliamentary term"
    email = f"mailto:{person.email}" if saved else scrambled(person.email)
    return _page(
        "history.html",
        title=f"{ordinal} | {person.name}",
        url=member_page.history_url(person.id, term),
        prefix="erpl",
        person=person,
        portrait=portraits.url(person.id),
        saved=saved,
        heading=ordinal,
        contacts=_contacts(person, email)[: 1 if saved else None] if person.sitting else [],
        sections=_sections(person, term),
    )


def search(country: Country, people: Sequence[Person]) -> bytes:
    """Return the advanced search's page of one country."""
    return _page(
        "search.html",
        title="Advanced search",
        url=ep_lists.search_url(country.code),
        prefix="erpl",
        country=country,
        countries=[other for other in countries().values() if other.code != "GB"],
        people=people,
    )


def _page(template: str, **values: object) -> bytes:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["dmy"] = day_month_year
    groups = [body for key, body in bodies().items() if key.endswith("/10")]
    return environment.get_template(template).render(groups=groups, **values).encode()


def _contacts(person: Person, email: str) -> list[Contact]:
    contacts = [
        Contact("link_email", "E-mail", email),
        Contact("link_twitt", "X", person.account("x.com")),
        Contact("link_fb", "Facebook", person.account("www.facebook.com")),
        Contact("link_instagram", "Instagram", person.account("www.instagram.com")),
        Contact("link_website", "Website", person.website),
    ]
    if person.id % 2:
        contacts.append(Contact("link_linkedin", "LinkedIn", person.account("www.linkedin.com/in")))
    if person.id % 5 == 0:
        contacts.append(Contact("link_youtube", "Youtube", person.account("www.youtube.com/user")))
    return contacts


def _by_role(seats: Sequence[Spell]) -> list[tuple[str, list[Spell]]]:
    grouped = [(role, [seat for seat in seats if seat.role == role]) for role in SECTIONS]
    return [(role, found) for role, found in grouped if found]


def _sections(person: Person, term: int) -> list[tuple[str, list[Line]]]:
    groups = [
        Line(spell, f"{spell.body.name} - {spell.role}" if spell.role else spell.body.name)
        for spell in of_term(person.groups, term)
    ]
    parties = [
        Line(spell, f"{spell.body.name} ({person.country.name})") for spell in of_term(person.parties, term)
    ]
    seats = [
        (role, [Line(seat, seat.body.name) for seat in found])
        for role, found in _by_role(of_term(person.seats, term))
    ]
    return [("Political groups", groups), ("National parties", parties), *seats]
