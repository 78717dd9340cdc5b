"""What captures saw of each person's portrait: every distinct answer, with its first and last time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from dontspy_data.capture import Captures, Entry
from dontspy_data.sources import portraits

OK = 200


@dataclass(frozen=True, slots=True)
class Sighting:
    """One distinct portrait ever seen of a person, or that there was none.

    Attributes:
        mep_id: the Parliament's number for the person.
        source_url: address that was asked; None where none ever was.
        http_status: status of the answer; None where none was ever received.
        sha256: of the bytes received; None where there were none.
        first_seen: when this was first received, UTC.
        last_seen: when this was last received or confirmed, UTC.
        is_current: whether it is what the latest answer gave.
        noai: whether the answer's `X-Robots-Tag` asks that it is not used to train models.
    """

    mep_id: int
    source_url: str | None
    http_status: int | None
    sha256: str | None
    first_seen: datetime | None
    last_seen: datetime | None
    is_current: bool
    noai: bool


@dataclass(frozen=True, slots=True)
class Sightings:
    """What was seen, and where the bytes stand.

    Attributes:
        seen: at least one a person, sorted by MEP number and time.
        entries: an answer with the bytes, by their SHA-256.
    """

    seen: tuple[Sighting, ...]
    entries: Mapping[str, Entry]


def find_sightings(captures: Captures, mep_ids: Iterable[int]) -> Sightings:
    """What captures saw of the portraits of these people.

    Args:
        captures: to look through.
        mep_ids: who; a person whose portrait nobody asked for gets a sighting that says so.
    """
    seen: list[Sighting] = []
    entries: dict[str, Entry] = {}
    for mep_id in sorted(mep_ids):
        found = _of_person(captures, mep_id, entries)
        seen.extend(found or [Sighting(mep_id, None, None, None, None, None, is_current=True, noai=False)])
    return Sightings(tuple(seen), entries)


def _of_person(captures: Captures, mep_id: int, entries: dict[str, Entry]) -> list[Sighting]:
    url = portraits.url(mep_id)
    times: dict[str | None, list[datetime]] = defaultdict(list)
    latest: dict[str | None, Sighting] = {}
    for entry in captures.entries(url):
        page = captures.page(entry)
        digest = page.sha256 if page.status == OK else None
        if digest:
            entries[digest] = entry
        at = page.retrieved_at.replace(microsecond=0)
        times[digest].append(at)
        latest.pop(digest, None)  # so that the dictionary ends with what was seen last
        latest[digest] = Sighting(
            mep_id,
            url,
            page.status,
            digest,
            min(times[digest]),
            at,
            is_current=False,
            noai=portraits.says_no_ai(page),
        )
    found = list(latest.values())
    return [replace(one, is_current=one is found[-1]) for one in found]
