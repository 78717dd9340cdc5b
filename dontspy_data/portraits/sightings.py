"""What captures saw of each person's portrait: every distinct answer, with its first and last time."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from dontspy_data.capture.captures import Captures, Entry
from dontspy_data.capture.entries import read_page
from dontspy_data.sources import portraits
from dontspy_data.sources.robots_tag import reserved_by

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
        left_out_for: the header of the answer for which its picture was not collected; None where it was.
    """

    mep_id: int
    source_url: str | None
    http_status: int | None
    sha256: str | None
    first_seen: datetime | None
    last_seen: datetime | None
    is_current: bool
    noai: bool
    left_out_for: str | None = None


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
    """Find what captures hold of the portraits of these people.

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
    answers = [*_received(captures, mep_id, entries), *_left_out(captures, mep_id)]
    found: dict[tuple[str | None, bool], Sighting] = {}
    for _, answer in sorted(answers, key=lambda one: one[0]):
        key = answer.sha256, answer.left_out_for is None
        before = found.pop(key, answer)  # so that the dictionary ends with what was seen last
        found[key] = replace(answer, first_seen=before.first_seen)
    seen = list(found.values())
    return [replace(one, is_current=one is seen[-1]) for one in seen]


def _received(
    captures: Captures, mep_id: int, entries: dict[str, Entry]
) -> Iterator[tuple[datetime, Sighting]]:
    """Yield every answer that is held, with its time."""
    url = portraits.url(mep_id)
    original: Entry | None = None
    standing: Sighting | None = None
    noai = False
    for entry in captures.entries(url):
        # Most answers confirm the one before, whose bytes are not read again.
        if standing is None or captures.original(entry) != original:
            page, original = captures.page(entry), captures.original(entry)
            digest = page.sha256 if page.status == OK else None
            standing = Sighting(mep_id, url, page.status, digest, None, None, is_current=False, noai=False)
            noai = bool(reserved_by(page))
            if digest:
                entries[digest] = entry
        at = entry.retrieved_at.replace(microsecond=0)
        marked = noai or (entry.revisits is not None and bool(reserved_by(read_page(entry))))
        yield entry.retrieved_at, replace(standing, first_seen=at, last_seen=at, noai=marked)


def _left_out(captures: Captures, mep_id: int) -> Iterator[tuple[datetime, Sighting]]:
    """Yield every answer that was not collected since it was marked, with its time."""
    url = portraits.url(mep_id)
    for remark in captures.remarks(url):
        at = remark.retrieved_at.replace(microsecond=0)
        yield (
            remark.retrieved_at,
            Sighting(
                mep_id, url, remark.status, None, at, at, is_current=False, noai=True, left_out_for=remark.why
            ),
        )
