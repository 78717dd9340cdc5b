"""Portraits as the pages show them, with the faces found in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dontspy_data.package.paths import portrait_key
from dontspy_data.site.copies import copy_widths
from dontspy_data.site.labels import PORTRAIT_STATUS
from dontspy_data.site.material import PACKAGE, Row

PICTURES = "pictures"
LANDMARKS = ("right_eye", "left_eye", "nose", "right_mouth", "left_mouth")


@dataclass(frozen=True, slots=True)
class FaceView:
    """A face's box and landmarks, in pixels of the portrait."""

    left: float
    top: float
    width: float
    height: float
    points: tuple[tuple[float, float], ...]
    score: float
    eye_distance: float
    sharpness: float
    detector: str


@dataclass(frozen=True, slots=True)
class ShownSpan:
    """First and last day on which a picture was seen to be shown, with none other in between."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class PortraitView:
    """A portrait, or why there is none.

    Attributes:
        portrait_id: key of its row.
        mep_id: whose it is.
        status: see `portraits.json`.
        explanation: what the status means.
        is_current: whether the source's latest answer gave it.
        path: of the original file, from the site's root; None if none is published.
        shown: of the largest copy that pages show, a JPEG; None if no file is published.
        width: pixels of the original, upright; 0 where there is none.
        height: likewise.
        captured_on: day on which it was taken, where the picture says so.
        first_seen: day.
        last_seen: day.
        bytes: size of the original.
        sha256: of the original.
        photographer: who took it, where the picture says so.
        credit: what to print beside it.
        rights_status: `reuse`, `not_stated` or `unclear`.
        rights_statement: what that means.
        rights_url: address of the terms.
        source_url: where it was received from.
        faces: largest first.
        periods: when it was shown, as far as anybody looked; the earliest first.
    """

    portrait_id: str
    mep_id: int
    status: str
    explanation: str
    is_current: bool
    path: str | None
    shown: str | None
    width: int
    height: int
    captured_on: date | None
    first_seen: date | None
    last_seen: date | None
    bytes: int
    sha256: str | None
    photographer: str | None
    credit: str | None
    rights_status: str | None
    rights_statement: str | None
    rights_url: str | None
    source_url: str | None
    faces: tuple[FaceView, ...]
    periods: tuple[ShownSpan, ...]

    @property
    def smallest(self) -> str:
        """Address of its smallest copy as JPEG, from the site's root; for browsers that know nothing newer."""
        return self.copy(copy_widths(self.width)[0], "jpg")

    def copy(self, width: int, ending: str) -> str:
        """Return the address of a copy, from the site's root.

        Args:
            width: pixels across, one of `copy_widths`.
            ending: `webp` or `jpg`.
        """
        return _copy(self.portrait_id, width, ending)

    def srcset(self, root: str, ending: str) -> str:
        """Return its copies of one format as HTML's `srcset`.

        Args:
            root: leads from the page to the site's root.
            ending: `webp` or `jpg`.
        """
        copies = ((self.copy(width, ending), width) for width in copy_widths(self.width))
        return ", ".join(f"{root}{address} {width}w" for address, width in copies)


def portrait_view(row: Row, faces: Sequence[Row], periods: Sequence[Row]) -> PortraitView:
    """Return a portrait from its row, the rows of the faces in it, and those of when it was shown."""
    upright = (row["orientation"] or 1) == 1
    width, height = row["width"] or 0, row["height"] or 0
    if (row["orientation"] or 1) > 4:
        width, height = height, width
    path = f"{PACKAGE}/{row['path']}" if row["path"] else None
    return PortraitView(
        portrait_id=row["portrait_id"],
        mep_id=row["mep_id"],
        status=row["status"],
        explanation=PORTRAIT_STATUS[row["status"]],
        is_current=row["is_current"],
        path=path,
        shown=_copy(row["portrait_id"], copy_widths(width)[-1], "jpg") if path else None,
        width=width,
        height=height,
        captured_on=row["captured_on"],
        first_seen=row["first_seen"] and row["first_seen"].date(),
        last_seen=row["last_seen"] and row["last_seen"].date(),
        bytes=row["bytes"] or 0,
        sha256=row["sha256"],
        photographer=row["photographer"],
        credit=row["credit_line"],
        rights_status=row["rights_status"],
        rights_statement=row["rights_statement"],
        rights_url=row["rights_url"],
        source_url=row["source_url"],
        # Boxes are in pixels as stored; over a picture that browsers turn, they would lie elsewhere.
        faces=tuple(_face(face) for face in faces) if upright else (),
        periods=tuple(ShownSpan(one["first_seen"].date(), one["last_seen"].date()) for one in periods),
    )


def portraits_by_person(
    portraits: Sequence[Row], faces: Sequence[Row], periods: Sequence[Row]
) -> Mapping[int, tuple[PortraitView, ...]]:
    """Return every person's portraits, the current one first, then the latest seen."""
    in_portrait: dict[str, list[Row]] = {}
    for face in faces:
        in_portrait.setdefault(face["portrait_id"], []).append(face)
    shown: dict[str, list[Row]] = {}
    for period in sorted(periods, key=lambda row: row["first_seen"]):
        shown.setdefault(period["portrait_id"], []).append(period)
    found: dict[int, list[PortraitView]] = {}
    for row in portraits:
        key = row["portrait_id"]
        view = portrait_view(row, in_portrait.get(key, ()), shown.get(key, ()))
        found.setdefault(row["mep_id"], []).append(view)
    return {mep_id: tuple(sorted(views, key=_newest_first)) for mep_id, views in found.items()}


def current_of(portraits: Sequence[PortraitView]) -> PortraitView | None:
    """Return the current one of a person's portraits where it is published; None otherwise."""
    current = portraits[0] if portraits else None
    return current if current and current.is_current and current.path else None


def _copy(portrait_id: str, width: int, ending: str) -> str:
    return f"{PICTURES}/{portrait_key(portrait_id)}-{width}.{ending}"


def _newest_first(view: PortraitView) -> tuple[bool, int, str]:
    return (not view.is_current, -(view.last_seen or date.min).toordinal(), view.portrait_id)


def _face(row: Row) -> FaceView:
    return FaceView(
        left=row["left"],
        top=row["top"],
        width=row["width"],
        height=row["height"],
        points=tuple((row[f"{name}_x"], row[f"{name}_y"]) for name in LANDMARKS),
        score=row["score"],
        eye_distance=row["eye_distance"],
        sharpness=row["sharpness"],
        detector=row["detector"],
    )
