"""Table rows of portraits and faces, from the answers for each person and the pictures' bytes.

This module decides whose a picture is: one person's, two people's and so disputed, or a stock picture. A current
picture is compared only with current ones, so that a past mistake, once corrected, takes nobody's portrait away.
Earlier pictures are compared with all that were ever shown.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from dontspy_data.model.problems import Problem, ProblemKind
from dontspy_data.model.statements import Property
from dontspy_data.portraits.describe import (
    NEAR,
    Description,
    Picture,
    Status,
    StatusReason,
    distance,
    stock_pictures,
)
from dontspy_data.portraits.faces import FaceRow, credited, face_row
from dontspy_data.portraits.metadata import rights
from dontspy_data.sources import portraits as source
from dontspy_data.sources.portraits import ABSENT, PortraitVersion

A_DAY = timedelta(days=1)
HINTS: Mapping[str, str] = {
    StatusReason.LOCATION: "Look at the file in the capture, and ask the Parliament to take the location out.",
    StatusReason.DISPUTED: "Find out whose picture it is, and tell the Parliament.",
}

MOST_OTHERS = 1  # A picture that more other people than this have is a stock picture.


@dataclass(frozen=True, slots=True)
class Judgement:
    """What follows for a picture.

    Attributes:
        status: `present`, `placeholder`, or `unknown` if it is disputed.
        is_current: whether it is the person's current portrait.
        reason: `disputed`, also for a portrait that stays because the one after it is disputed.
        problem: why it is not published; it reads on from "The portrait …".
    """

    status: Status
    is_current: bool
    reason: StatusReason | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class PortraitRow:
    """One portrait ever seen, or the fact that a person has none; the columns are defined in `portraits.json`."""

    portrait_id: str
    mep_id: int
    status: str
    is_current: bool
    status_reason: str | None = None
    path: str | None = None
    width: int | None = None
    height: int | None = None
    captured_on: date | None = None
    photographer: str | None = None
    rights_status: str | None = None
    rights_holder: str | None = None
    credit_line: str | None = None
    rights_statement: str | None = None
    rights_url: str | None = None
    source_url: str | None = None
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    bytes: int | None = None
    sha256: str | None = None
    phash: str | None = None
    face_count: int | None = None
    mode: str | None = None
    orientation: int | None = None
    icc_profile: str | None = None
    camera: str | None = None
    caption: str | None = None
    copyright_text: str | None = None
    usage_terms: str | None = None
    noai: bool | None = None
    http_status: int | None = None
    problem: str | None = None
    basis: str | None = None


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A period in which a portrait was shown; the columns are defined in `portrait_periods.json`."""

    portrait_id: str
    mep_id: int
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class PortraitTables:
    """The rows of the tables on portraits, each sorted by its key, and notes for a maintainer."""

    portraits: tuple[PortraitRow, ...]
    faces: tuple[FaceRow, ...]
    periods: tuple[PeriodRow, ...] = ()
    problems: tuple[Problem, ...] = ()


def portrait_rows(
    versions: Iterable[PortraitVersion],
    descriptions: Mapping[str, Description],
    withdrawn: Collection[int],
) -> PortraitTables:
    """Return the rows of the tables on portraits.

    Args:
        versions: at least one per person; a person without any gets no row.
        descriptions: by the SHA-256 of the bytes received, of every version that has one.
        withdrawn: the people whose portraits are withdrawn; nothing of theirs is published.
    """
    seen = sorted(versions, key=lambda version: (version.mep_id, version.key))
    kept = [version for version in seen if version.mep_id not in withdrawn]
    judgements = judge(kept, descriptions)
    rows = {_name(v): _row(v, descriptions.get(v.key), judgements.get((v.mep_id, v.key))) for v in kept}
    withheld = [
        PortraitRow(f"{mep_id}-withdrawn", mep_id, Status.WITHDRAWN, is_current=True)
        for mep_id in sorted({version.mep_id for version in seen if version.mep_id in withdrawn})
    ]
    ordered = sorted([*rows.values(), *withheld], key=lambda row: (row.mep_id, row.portrait_id))
    return PortraitTables(
        tuple(ordered),
        tuple(_faces(ordered, descriptions)),
        tuple(
            PeriodRow(_name(version), version.mep_id, period.first_seen, period.last_seen)
            for version in sorted(kept, key=_name)
            for period in version.periods
        ),
        tuple(
            _problem(version, row)
            for version in kept
            if version.sha256 and (row := rows[_name(version)]).problem
        ),
    )


def _name(version: PortraitVersion) -> str:
    return f"{version.mep_id}-{version.key[:12]}"


def _problem(version: PortraitVersion, row: PortraitRow) -> Problem:
    at = version.source_url or "", version.periods[-1].first_seen
    found, expected = row.problem or "", "a portrait that can be published"
    about, hint = (version.mep_id, Property.PORTRAIT), HINTS.get(row.status_reason or "", "")
    return Problem(source.NAME, ProblemKind.PORTRAIT, *at, found, expected, *about, hint)


def _faces(rows: Iterable[PortraitRow], descriptions: Mapping[str, Description]) -> Iterator[FaceRow]:
    for row in rows:
        picture = descriptions[row.sha256].picture if row.path and row.sha256 else None
        for number, face in enumerate((picture.faces if picture else None) or (), start=1):
            yield face_row(row.portrait_id, row.mep_id, number, face, is_current=row.is_current)


def crop_files(
    tables: PortraitTables, descriptions: Mapping[str, Description]
) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes of every aligned crop, each with the credit and the address of the whole picture."""
    portraits = {row.portrait_id: row for row in tables.portraits}
    for face in tables.faces:
        row = portraits[face.portrait_id]
        picture = descriptions[row.sha256 or ""].picture
        crop = picture.faces[0].crop if picture and picture.faces else None
        if face.crop_path and crop:
            yield (
                face.crop_path,
                credited(crop.body, credit=row.credit_line or "", address=row.source_url or ""),
            )


def _row(
    version: PortraitVersion, description: Description | None, judgement: Judgement | None
) -> PortraitRow:
    if description is None:
        return _plain_row(version)
    if description.picture and judgement:
        return _picture_row(version, description, description.picture, judgement)
    return replace(
        _plain_row(version),
        status_reason=description.reason,
        bytes=description.size,
        sha256=version.sha256,
        problem=description.problem,
    )


def _plain_row(version: PortraitVersion) -> PortraitRow:
    """Return the row of an answer without a picture."""
    absent, reason, problem = version.key == ABSENT, StatusReason.NOT_ASKED, None
    if version.left_out_for:
        reason = StatusReason.NOAI
        problem = f"was left out of the capture, since its answer has the header {version.left_out_for}"
    elif version.is_held_back:
        reason, problem = StatusReason.HELD_BACK, "is a picture that was withdrawn"
    elif version.periods:
        reason, problem = StatusReason.REFUSED, f"answered {version.http_status}"
    return PortraitRow(
        portrait_id=_name(version),
        mep_id=version.mep_id,
        status=Status.ABSENT if absent else Status.UNKNOWN,
        is_current=version.is_current,
        status_reason=None if absent else reason,
        source_url=version.source_url,
        first_seen=version.periods[0].first_seen if version.periods else None,
        last_seen=version.periods[-1].last_seen if version.periods else None,
        noai=version.noai if version.periods else None,
        http_status=version.http_status,
        problem=None if absent or version.sha256 else problem,
        basis=version.origin,
    )


def _picture_row(
    version: PortraitVersion, description: Description, picture: Picture, judgement: Judgement
) -> PortraitRow:
    plain, texts, terms = _plain_row(version), picture.metadata, rights(picture.metadata)
    name = f"{version.mep_id}" if judgement.is_current else f"earlier/{plain.portrait_id}"
    is_shown = judgement.status is Status.PRESENT
    return replace(
        plain,
        status=judgement.status,
        is_current=judgement.is_current,
        status_reason=judgement.reason,
        path=f"portraits/{name}.jpg" if is_shown else None,
        width=picture.width,
        height=picture.height,
        captured_on=_before(texts.captured_on, plain.first_seen),
        photographer=texts.photographer,
        rights_status=terms.status,
        rights_holder=terms.holder,
        credit_line=terms.credit_line,
        rights_statement=terms.statement,
        rights_url=terms.url,
        bytes=description.size,
        sha256=version.sha256,
        phash=picture.phash,
        face_count=len(picture.faces) if is_shown and picture.faces is not None else None,
        mode=picture.mode,
        orientation=texts.orientation,
        icc_profile=picture.icc_profile,
        camera=texts.camera,
        caption=texts.caption,
        copyright_text=texts.copyright,
        usage_terms=texts.usage_terms,
        problem=judgement.problem,
    )


def _before(captured_on: date | None, seen: datetime | None) -> date | None:
    """Return the day of capture; None if it lies after the day on which the picture was received."""
    return None if captured_on and seen and captured_on > seen.date() + A_DAY else captured_on


def judge(
    versions: Iterable[PortraitVersion], descriptions: Mapping[str, Description]
) -> dict[tuple[int, str], Judgement]:
    """Return what follows for each version that is a picture, by person and digest.

    Args:
        versions: of all people.
        descriptions: by the SHA-256 of the bytes received.
    """
    pictures = [
        (version, picture.phash)
        for version in versions
        if (found := descriptions.get(version.key)) and (picture := found.picture)
    ]
    others, stock = _others(pictures), stock_pictures()
    judged = {
        (version.mep_id, version.key): _judgement(
            version,
            others[version.mep_id, version.key],
            is_stock=any(distance(phash, one) <= NEAR for one in stock),
        )
        for version, phash in pictures
    }
    _keep_the_one_before([version for version, _ in pictures], judged)
    return judged


def _others(pictures: Iterable[tuple[PortraitVersion, str]]) -> Mapping[tuple[int, str], set[int]]:
    """Return which other people have the same picture as each: of a current one, those who have it now."""
    alike: dict[str, list[PortraitVersion]] = defaultdict(list)
    for version, phash in pictures:
        alike[phash].append(version)
    return {
        (one.mep_id, one.key): {
            other.mep_id
            for other in versions
            if other.mep_id != one.mep_id and (other.is_current or not one.is_current)
        }
        for versions in alike.values()
        for one in versions
    }


def _judgement(version: PortraitVersion, others: set[int], *, is_stock: bool) -> Judgement:
    if is_stock or len(others) > MOST_OTHERS:
        return Judgement(Status.PLACEHOLDER, version.is_current)
    if not others:
        return Judgement(Status.PRESENT, version.is_current)
    problem = f"is also shown as the portrait of {min(others)}"
    return Judgement(Status.UNKNOWN, version.is_current, StatusReason.DISPUTED, problem)


def _keep_the_one_before(
    versions: Sequence[PortraitVersion], judged: dict[tuple[int, str], Judgement]
) -> None:
    """Make the portrait before a disputed one the current one."""
    for version in versions:
        key = version.mep_id, version.key
        if not version.is_current or judged[key].reason is not StatusReason.DISPUTED:
            continue
        before = [
            one
            for one in versions
            if one.mep_id == version.mep_id and judged[one.mep_id, one.key].status is Status.PRESENT
        ]
        if before:
            kept = max(before, key=lambda one: one.periods[-1].last_seen)
            judged[kept.mep_id, kept.key] = Judgement(Status.PRESENT, True, StatusReason.DISPUTED)
            judged[key] = Judgement(Status.UNKNOWN, False, StatusReason.DISPUTED, judged[key].problem)
