"""Writes the bundled sample: the capture of a fictional parliament, in the wire formats of every source.

    python -m scripts.make_sample

The same environment writes the same bytes; what the bytes depend on stands in the capture's first record.
"""

import platform
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import features

from dontspy_data import sample
from dontspy_data.capture.captures import Page
from dontspy_data.sources import (
    ep_api,
    ep_csv,
    ep_lists,
    member_page,
    portraits,
    wikidata,
)
from scripts.sample import pictures, wire_api, wire_lists, wire_site
from scripts.sample.captures import CaptureWriter
from scripts.sample.parliament import TERMS, Body, Person, countries, people

EARLIER = datetime(2024, 11, 1, 6, tzinfo=UTC)
TODAY = datetime(2026, 1, 15, 6, tzinfo=UTC)
CONFIRMED = 9000001
"""The portrait of 2024 still stands: today's answer is 304, a revisit record."""
REPLACED = 9000003
"""Another portrait than in 2024: two answers for one address, as for `pictures.GPS_POSITION`."""
NAME_NOWHERE_WHOLE = 9000059
OLD_PROFILES = frozenset({9000004, 9000020, 9000033, 9000044})
SAVED_HISTORIES = ((9000013, 9), (9000020, 9), (9000031, 9), (9000060, 9), (9000061, 9), (9000062, 9))
HISTORIES = (
    (9000001, 10),
    (9000003, 10),
    (9000007, 10),
    (9000012, 10),
    (9000033, 10),
    (9000057, 10),
    (9000058, 10),
)
SEARCHED = ("BE", "EE", "ES", "GR", "IE", "LV", "MT", "NL", "PL")

HTML, XML, CSV = "text/html; charset=UTF-8", "application/xml; charset=UTF-8", "text/csv"
JSON, SPARQL, JPEG = "application/ld+json", "application/sparql-results+json", "image/jpeg"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answers, before it has a time. A revisit has the status 304."""

    url: str
    body: bytes
    kind: str
    status: int = 200
    reason: str = "OK"
    headers: tuple[tuple[str, str], ...] = ()


def main() -> None:
    """Write the sample where the package has it."""
    write(sample.path())
    print(f"{sample.path()}: {sample.path().stat().st_size:,} bytes")


def write(path: Path, everybody: Sequence[Person] | None = None) -> None:
    """Write the sample capture to a path, over what is there.

    Args:
        path: where to.
        everybody: who is in it; None for all of `scripts/sample/people.csv`. Tests take a few, which is quicker.
    """
    everybody = people() if everybody is None else everybody
    with path.open("wb") as stream:
        writer = CaptureWriter(
            stream, software="dontspy-data scripts/make_sample.py", started_at=TODAY, info=made_with()
        )
        for at, answers in ((EARLIER, earlier(everybody)), (TODAY, today(everybody))):
            for second, answer in enumerate(answers):
                _append(writer, answer, at + timedelta(seconds=second))


def made_with() -> dict[str, str]:
    """Return what the bytes depend on, by name; the drawing on Pillow and its libraries, the compression on zlib."""
    libraries = {name: features.version(name) or "" for name in ("pil", "jpg", "libjpeg_turbo", "littlecms2")}
    return {
        "description": "A fictional parliament: nobody in it exists, and its portraits are drawn",
        **{f"made-with-{name.replace('_', '-')}": version for name, version in libraries.items()},
        "made-with-zlib": zlib.ZLIB_RUNTIME_VERSION,
        "made-with-machine": platform.machine(),
    }


def earlier(everybody: Sequence[Person]) -> Iterator[Answer]:
    """Return what was answered in 2024: three portraits."""
    for person in everybody:
        if person.id == CONFIRMED:
            yield _portrait(person)
        elif person.id in (REPLACED, pictures.GPS_POSITION):
            yield Answer(portraits.url(person.id), pictures.earlier_portrait(person), JPEG)


def today(everybody: Sequence[Person]) -> Iterator[Answer]:
    """Return what is answered today, in the order that a collect run asks."""
    sitting = [person for person in everybody if person.sitting]
    of_10 = [person for person in everybody if 10 in person.terms]
    of_9 = [person for person in everybody if 9 in person.terms]
    yield from _api(sitting, of_10)
    yield from _site(everybody, sitting)
    yield Answer(ep_lists.full_list_url("en"), wire_lists.full_list(sitting, french=False), XML)
    yield Answer(ep_lists.full_list_url("fr"), wire_lists.full_list(sitting, french=True), XML)
    whole = [person for person in of_9 if person.id != NAME_NOWHERE_WHOLE]
    yield Answer(ep_lists.directory_url(9), wire_lists.directory(whole), XML)
    yield Answer(ep_csv.url(9, 21), wire_lists.damaged_csv(of_9), CSV)
    yield Answer(ep_csv.url(9, 31), wire_lists.newer_csv(whole, 9), CSV)
    yield Answer(ep_csv.url(10, 31), wire_lists.newer_csv(of_10, 10), CSV)
    yield Answer(wikidata.url(), wire_lists.sparql(everybody), SPARQL)
    for person in everybody:
        yield _confirmation(person) if person.id == CONFIRMED else _portrait(person)
    yield from _lists(everybody, _bodies_of(of_10))


def _api(sitting: Sequence[Person], roster: Sequence[Person]) -> Iterator[Answer]:
    yield Answer(ep_api.current_url(), wire_api.answer([wire_api.current(p) for p in sitting]), JSON)
    for offset in range(0, len(roster), ep_api.PAGE_SIZE):
        rows = [wire_api.brief(person) for person in roster[offset : offset + ep_api.PAGE_SIZE]]
        yield Answer(ep_api.roster_url(10, offset), wire_api.answer(rows), JSON)
    past_the_end = -(-len(roster) // ep_api.PAGE_SIZE) * ep_api.PAGE_SIZE
    yield Answer(ep_api.roster_url(10, past_the_end), b"", "", 204, "No Content")
    for person in roster:
        yield Answer(ep_api.mep_url(person.id), wire_api.answer([wire_api.detail(person)]), JSON)
    for body in _bodies_of(roster):
        yield Answer(ep_api.body_url(f"org/{body.number}"), wire_api.answer([wire_api.body_row(body)]), JSON)


def _lists(everybody: Sequence[Person], bodies: Sequence[Body]) -> Iterator[Answer]:
    """Everybody on some days, those who came and left in the current term, and all bodies."""
    whole = [p for p in everybody if p.id != NAME_NOWHERE_WHOLE]
    for day in (day for term in (9, 10) for day in ep_api.days_of(term, TODAY.date())):
        rows = [wire_api.on_day(p, day.isoformat()) for p in whole if wire_api.sat_on(p, day.isoformat())]
        yield Answer(ep_api.on_day_url(day), wire_api.answer(rows), JSON)
    left = [p for p in everybody if 10 in p.terms and not p.sitting]
    came = [p for p in everybody if any(m.term == 10 and m.start > TERMS[10][0] for m in p.mandates)]
    for url, found in ((ep_api.outgoing_url(), left), (ep_api.incoming_url(), came)):
        yield Answer(url, wire_api.answer([wire_api.current(p) for p in found]), JSON)
    yield Answer(ep_api.bodies_url(), wire_api.answer([wire_api.body_row(b) for b in bodies]), JSON)


def _bodies_of(members: Sequence[Person]) -> list[Body]:
    spells = [s for person in members for s in (*person.groups, *person.parties, *person.seats)]
    return sorted({s.body for s in spells if s.body}, key=lambda body: body.number)


def _site(everybody: Sequence[Person], sitting: Sequence[Person]) -> Iterator[Answer]:
    for person in sitting:
        prefix = "erpl" if person.id in OLD_PROFILES else "es"
        yield Answer(member_page.profile_url(person.id), wire_site.profile(person, prefix=prefix), HTML)
    for saved, wanted in ((True, SAVED_HISTORIES), (False, HISTORIES)):
        for mep_id, term in wanted:
            for person in everybody:
                if person.id == mep_id:
                    body = wire_site.history(person, term, saved=saved)
                    yield Answer(member_page.history_url(mep_id, term), body, HTML)
    for code in SEARCHED:
        country = countries()[code]
        found = [person for person in sitting if person.country == country]
        yield Answer(ep_lists.search_url(code), wire_site.search(country, found), HTML)


def _portrait(person: Person) -> Answer:
    url = portraits.url(person.id)
    if person.id == pictures.ABSENT:
        return Answer(url, b"<html><body>Not found</body></html>", HTML, 404, "Not Found")
    headers = (("X-Robots-Tag", "noai"),) if person.id == pictures.NO_AI else ()
    return Answer(url, pictures.portrait(person), JPEG, headers=headers)


def _confirmation(person: Person) -> Answer:
    return Answer(portraits.url(person.id), b"", "", 304, "Not Modified")


def _append(writer: CaptureWriter, answer: Answer, at: datetime) -> None:
    kind = (("Content-Type", answer.kind),) if answer.kind else ()
    page = Page(answer.url, answer.status, (*kind, *answer.headers), answer.body, at)
    if answer.status == 304:
        writer.write_revisit(page, refers_to=EARLIER)
    else:
        writer.write(page, reason=answer.reason)


if __name__ == "__main__":
    main()
