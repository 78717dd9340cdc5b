"""Two years of the simulated Parliament, month by month: what happens, and what a changelog must tell of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from scripts.parliament.state import FIRST, TERM_11, Fault, Parliament, Portrait
from scripts.sample.parliament import Body

START = date(2028, 9, 5)
ELECTION = 10  # months after the start
FORWARD = Body(
    7999,
    "FWD",
    "EU_POLITICAL_GROUP",
    "Forward Together Group",
    "Groupe En avant ensemble",
    since=TERM_11,
)
"""A group that no lookup lists."""
RENAMED = {"Renew": "Renew Europe and Democrats Group"}

Told = frozenset[tuple[str, int | None]]
Happen = Callable[[Parliament], set[tuple[str, int | None]]]


@dataclass(frozen=True, slots=True)
class Month:
    """One refresh.

    Attributes:
        day: on which it runs.
        title: what happens, for people.
        told: kind and person of every event that the changelog must tell, and no other.
        outcome: `changed` if something must be told, `unchanged` if nothing, `worse` if the floors must stop it.
        withdrawn: whose portrait is withdrawn before.
        fallback: whether the refresh may ask stand-ins.
    """

    day: date
    title: str
    told: Told = frozenset()
    outcome: str = "changed"
    withdrawn: int | None = None
    fallback: bool = False


def person(number: int) -> int:
    """Return the number of the person who came so-manieth."""
    return FIRST + number


def play(parliament: Parliament) -> Iterator[Month]:
    """Change a Parliament month by month, and yield what each month's refresh must find.

    The Parliament must be as `Parliament.begin(START)` gives it, with at least fifteen seats. It is changed between one
    month and the next.
    """
    yield Month(START, "the first release")
    for number, (title, happen) in enumerate(SCRIPT, start=1):
        parliament.day = _month(number)
        parliament.fault = Fault.NONE
        told = happen(parliament)
        is_worse = parliament.fault is Fault.HALF_LIST
        yield Month(
            parliament.day,
            title,
            frozenset(told),
            outcome="worse" if is_worse else "changed" if told else "unchanged",
            withdrawn=WITHDRAWN if title == "a portrait is withdrawn" else None,
            fallback=parliament.fault is Fault.API_DOWN,
        )


def _month(number: int) -> date:
    months = START.month - 1 + number
    day = 20 if number == ELECTION else START.day
    return date(START.year + months // 12, months % 12 + 1, day)


def _leave_and_join(parliament: Parliament) -> set[tuple[str, int | None]]:
    parliament.leave(person(3), "2028-09-30")
    new = parliament.join("2028-10-01", country="MT")
    return {("left", person(3)), ("joined", new), ("portrait_new", new)}


def _change_group_and_party(parliament: Parliament) -> set[tuple[str, int | None]]:
    parliament.change_group(person(4), "ECR")
    parliament.change_party(person(5))
    return {("changed_group", person(4)), ("changed_party", person(5))}


def _marry(parliament: Parliament) -> set[tuple[str, int | None]]:
    parliament.edit(person(6), family="Zypresse", name="Greta ZYPRESSE")
    return {("renamed", person(6))}


def _die(parliament: Parliament) -> set[tuple[str, int | None]]:
    parliament.leave(person(7), "2028-12-24")
    parliament.edit(person(7), died="2028-12-24")
    return {("died", person(7))}


def _replace_portraits(parliament: Parliament) -> set[tuple[str, int | None]]:
    parliament.portraits[person(8)] = Portrait(108)
    parliament.portraits[person(9)] = Portrait(10, quality=75)
    return {("portrait_replaced", person(8)), ("portrait_reencoded", person(9))}


def _drop_from_lists(parliament: Parliament) -> set[tuple[str, int | None]]:
    parliament.unlisted.add(person(11))
    return {("no_longer_listed", person(11))}


def _list_again(parliament: Parliament) -> set[tuple[str, int | None]]:
    parliament.unlisted.clear()
    return {("listed_again", person(11))}


def _lose_a_portrait(parliament: Parliament) -> set[tuple[str, int | None]]:
    parliament.without_portrait = {person(12)}
    return {("portrait_lost", person(12))}


def _find_it_again(parliament: Parliament) -> set[tuple[str, int | None]]:
    parliament.without_portrait = set()
    return {("portrait_back", person(12))}


def _elect(parliament: Parliament) -> set[tuple[str, int | None]]:
    """Half stay, a third of those in a group of that night; one comes back, the rest are new; nobody tended to it."""
    parliament.found_groups(FORWARD, RENAMED)
    sat = [one.id for one in parliament.sitting]
    stay = set(sat[::2])
    moved = set(sorted(stay)[:5])
    parliament.keeps_those_who_left = False
    parliament.elect(stay, dict.fromkeys(moved, "FWD"))
    parliament.sit_again(person(3), TERM_11, "ECR")
    new = [
        parliament.join(TERM_11, label="FWD" if n == 0 else "PPE") for n in range(len(sat) - len(stay) - 1)
    ]
    return {
        ("group_new", None),
        ("group_renamed", None),
        ("returned", person(3)),
        *(("reelected", one) for one in stay),
        *(("changed_group", one) for one in moved),
        *(("left", one) for one in sat if one not in stay),
        *(("joined", one) for one in new),
        *(("portrait_new", one) for one in new),
    }


def _halve_the_list(parliament: Parliament) -> set[tuple[str, int | None]]:
    parliament.fault = Fault.HALF_LIST
    return set()


def _close_the_website(parliament: Parliament) -> set[tuple[str, int | None]]:
    parliament.fault = Fault.NO_WEBSITE
    return set()


def _renumber(parliament: Parliament) -> set[tuple[str, int | None]]:
    old = parliament.sitting[0].id
    new = parliament.renumber(old)
    return {("renumbered", new), ("portrait_new", new), ("portrait_lost", old)}


def _flip_back(parliament: Parliament) -> set[tuple[str, int | None]]:
    parliament.portraits[person(8)] = Portrait(9)
    return {("portrait_replaced", person(8))}


def _correct(parliament: Parliament) -> set[tuple[str, int | None]]:
    parliament.edit(person(10), born="1961-01-31")
    return {("corrected", person(10))}


WITHDRAWN = person(14)


def _withdraw(_: Parliament) -> set[tuple[str, int | None]]:
    return {("withdrawn", WITHDRAWN)}


def _shut_the_api(parliament: Parliament) -> set[tuple[str, int | None]]:
    parliament.fault = Fault.API_DOWN
    mover = parliament.sitting[-1].id
    parliament.other_groups[mover] = "ECR"
    return {("changed_group", mover)}


def _open_the_api(parliament: Parliament) -> set[tuple[str, int | None]]:
    for mep_id, label in parliament.other_groups.items():
        parliament.change_group(mep_id, label)
    parliament.other_groups.clear()
    return set()


def _leave_unlisted(parliament: Parliament) -> set[tuple[str, int | None]]:
    gone = parliament.sitting[-2].id
    parliament.leave(gone, "2030-06-30")
    return {("left", gone)}


def _nothing(_: Parliament) -> set[tuple[str, int | None]]:
    return set()


SCRIPT: tuple[tuple[str, Happen], ...] = (
    ("one leaves, one joins", _leave_and_join),
    ("one changes the group, one the party", _change_group_and_party),
    ("one marries", _marry),
    ("one dies", _die),
    ("a portrait is replaced, one is re-encoded", _replace_portraits),
    ("one is on no list, and nothing says why", _drop_from_lists),
    ("the same one is listed again", _list_again),
    ("a month without a portrait", _lose_a_portrait),
    ("the portrait is back", _find_it_again),
    ("an election that nobody tends to", _elect),
    ("nothing happens", _nothing),
    ("half a list", _halve_the_list),
    ("the whole list again", _nothing),
    ("the website refuses", _close_the_website),
    ("one gets another number", _renumber),
    ("a portrait flips back", _flip_back),
    ("a birth date is corrected", _correct),
    ("a portrait is withdrawn", _withdraw),
    ("nothing happens again", _nothing),
    ("the API is down, and one changes the group", _shut_the_api),
    ("the API is back, and says the same", _open_the_api),
    ("one leaves, and lists drop those who left", _leave_unlisted),
    ("nothing happens at the end", _nothing),
)
