"""Table rows of portraits and faces, from what was seen of each person and what the bytes say."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from dontspy_data.portraits.crops import credited
from dontspy_data.portraits.describe import Description, Picture, StatusReason
from dontspy_data.portraits.faces import Face
from dontspy_data.portraits.fingerprint import known, placeholders
from dontspy_data.portraits.metadata import rights
from dontspy_data.portraits.sightings import Sighting

NOT_THERE = (404, 410)
A_DAY = timedelta(days=1)


class Status(StrEnum):
    """What is known of a person's portrait, so that a blank never means two things."""

    PRESENT = "present"
    PLACEHOLDER = "placeholder"  # a stock picture in place of a portrait
    ABSENT = "absent"  # asked for, and the source says that there is none
    UNKNOWN = "unknown"  # never asked for, or the answer was of no use
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class PortraitRow:
    """One portrait ever seen, or that a person has none; the columns are defined in `portraits.json`."""

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


@dataclass(frozen=True, slots=True)
class FaceRow:
    """One face in a published portrait; the columns are defined in `faces.json`."""

    face_id: str
    portrait_id: str
    mep_id: int
    crop_path: str | None
    score: float
    left: float
    top: float
    width: float
    height: float
    right_eye_x: float
    right_eye_y: float
    left_eye_x: float
    left_eye_y: float
    nose_x: float
    nose_y: float
    right_mouth_x: float
    right_mouth_y: float
    left_mouth_x: float
    left_mouth_y: float
    eye_distance: float
    face_share: float
    roll: float
    yaw_proxy: float
    sharpness: float
    exposure: float
    dark_share: float
    bright_share: float
    illumination_balance: float
    background_uniformity: float
    crop_padding: float | None
    detector: str
    detector_version: str
    weights_sha256: str


@dataclass(frozen=True, slots=True)
class PortraitTables:
    """The rows of both tables, each sorted by its key."""

    portraits: tuple[PortraitRow, ...]
    faces: tuple[FaceRow, ...]


def portrait_rows(
    sightings: Iterable[Sighting],
    descriptions: Mapping[str, Description],
    withdrawn: Collection[int],
) -> PortraitTables:
    """Make the rows of both tables.

    Args:
        sightings: of every person at least one; nothing is said of a person without.
        descriptions: by the SHA-256 of the bytes received, of every sighting that has one.
        withdrawn: the people whose portraits are withdrawn; nothing of theirs is published.
    """
    seen = sorted(sightings, key=lambda s: (s.mep_id, s.sha256 or ""))
    kept = [s for s in seen if s.mep_id not in withdrawn]
    pictures = {s.sha256: p for s in kept if s.sha256 and (p := descriptions[s.sha256].picture)}
    stock = placeholders(
        ((s.mep_id, p.phash) for s in kept if s.sha256 and (p := pictures.get(s.sha256))), known()
    )
    rows = [_row(s, descriptions.get(s.sha256 or ""), stock) for s in kept]
    rows += [
        PortraitRow(f"{mep_id}-withdrawn", mep_id, Status.WITHDRAWN, is_current=True)
        for mep_id in sorted({s.mep_id for s in seen if s.mep_id in withdrawn})
    ]
    rows.sort(key=lambda row: (row.mep_id, row.portrait_id))
    faces = (
        _face_row(row, number, face)
        for row in rows
        if row.path and row.sha256
        for number, face in enumerate(pictures[row.sha256].faces or (), start=1)
    )
    return PortraitTables(tuple(rows), tuple(faces))


def crop_files(
    tables: PortraitTables, descriptions: Mapping[str, Description]
) -> Iterator[tuple[str, bytes]]:
    """Path and bytes of every aligned crop, each with the credit and the address of the whole picture."""
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


def _row(sighting: Sighting, description: Description | None, stock: Collection[str]) -> PortraitRow:
    if sighting.left_out_for:
        problem = f"was left out of the capture, since its answer has the header {sighting.left_out_for}"
        return _plain_row(sighting, Status.UNKNOWN, StatusReason.NOAI, problem=problem)
    if description:
        if description.picture:
            return _picture_row(sighting, description, description.picture, stock)
        return _plain_row(sighting, Status.UNKNOWN, description.reason, description)
    if sighting.http_status is None:
        return _plain_row(sighting, Status.UNKNOWN, StatusReason.NOT_ASKED)
    if sighting.http_status in NOT_THERE:
        return _plain_row(sighting, Status.ABSENT)
    return _plain_row(
        sighting, Status.UNKNOWN, StatusReason.REFUSED, problem=f"answered {sighting.http_status}"
    )


def _plain_row(
    sighting: Sighting,
    status: Status,
    reason: StatusReason | None = None,
    description: Description | None = None,
    problem: str | None = None,
) -> PortraitRow:
    """Return the row of an answer without a picture that could be published."""
    return PortraitRow(
        portrait_id=f"{sighting.mep_id}-{description.sha256[:12] if description else status}",
        mep_id=sighting.mep_id,
        status=status,
        is_current=sighting.is_current,
        status_reason=reason,
        source_url=sighting.source_url,
        first_seen=sighting.first_seen,
        last_seen=sighting.last_seen,
        bytes=description.size if description else None,
        sha256=description.sha256 if description else None,
        noai=sighting.noai if sighting.first_seen else None,
        http_status=sighting.http_status,
        problem=description.problem if description else problem,
    )


def _picture_row(
    sighting: Sighting, description: Description, picture: Picture, stock: Collection[str]
) -> PortraitRow:
    texts, terms = picture.metadata, rights(picture.metadata)
    name = f"{sighting.mep_id}-{description.sha256[:12]}"
    path = f"portraits/{sighting.mep_id}.jpg" if sighting.is_current else f"portraits/earlier/{name}.jpg"
    is_stock = picture.phash in stock
    return PortraitRow(
        portrait_id=name,
        mep_id=sighting.mep_id,
        status=Status.PLACEHOLDER if is_stock else Status.PRESENT,
        is_current=sighting.is_current,
        path=None if is_stock else path,
        width=picture.width,
        height=picture.height,
        captured_on=_before(texts.captured_on, sighting.first_seen),
        photographer=texts.photographer,
        rights_status=terms.status,
        rights_holder=terms.holder,
        credit_line=terms.credit_line,
        rights_statement=terms.statement,
        rights_url=terms.url,
        source_url=sighting.source_url,
        first_seen=sighting.first_seen,
        last_seen=sighting.last_seen,
        bytes=description.size,
        sha256=description.sha256,
        phash=picture.phash,
        face_count=None if is_stock or picture.faces is None else len(picture.faces),
        mode=picture.mode,
        orientation=texts.orientation,
        icc_profile=picture.icc_profile,
        camera=texts.camera,
        caption=texts.caption,
        copyright_text=texts.copyright,
        usage_terms=texts.usage_terms,
        noai=sighting.noai,
        http_status=sighting.http_status,
    )


def _before(captured_on: date | None, seen: datetime | None) -> date | None:
    """Return the day of capture; None if it lies after the day on which the picture was received."""
    return None if captured_on and seen and captured_on > seen.date() + A_DAY else captured_on


def _face_row(row: PortraitRow, number: int, face: Face) -> FaceRow:
    marks, quality, detector = face.landmarks, face.quality, face.detector
    crop = face.crop if row.is_current else None
    return FaceRow(
        face_id=f"{row.portrait_id}-{number}",
        portrait_id=row.portrait_id,
        mep_id=row.mep_id,
        crop_path=f"derived/faces/{row.mep_id}.jpg" if crop else None,
        score=face.score,
        left=face.box.left,
        top=face.box.top,
        width=face.box.width,
        height=face.box.height,
        right_eye_x=marks.right_eye.x,
        right_eye_y=marks.right_eye.y,
        left_eye_x=marks.left_eye.x,
        left_eye_y=marks.left_eye.y,
        nose_x=marks.nose.x,
        nose_y=marks.nose.y,
        right_mouth_x=marks.right_mouth.x,
        right_mouth_y=marks.right_mouth.y,
        left_mouth_x=marks.left_mouth.x,
        left_mouth_y=marks.left_mouth.y,
        eye_distance=quality.eye_distance,
        face_share=quality.face_share,
        roll=quality.roll,
        yaw_proxy=quality.yaw_proxy,
        sharpness=quality.sharpness,
        exposure=quality.exposure,
        dark_share=quality.dark_share,
        bright_share=quality.bright_share,
        illumination_balance=quality.illumination_balance,
        background_uniformity=quality.background_uniformity,
        crop_padding=crop.padding if crop else None,
        detector=detector.name,
        detector_version=detector.version,
        weights_sha256=detector.weights_sha256,
    )
