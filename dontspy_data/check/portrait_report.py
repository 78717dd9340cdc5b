"""What a maintainer should look at in a package's portraits: lists, and contact sheets to look over.

`sans.ttf` is DejaVu Sans without the scripts that names in the data do not use, since Pillow's own font has no
diacritics. Its licence is beside it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image, ImageDraw, ImageFont

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.package.files import picture_file
from dontspy_data.package.open import Package
from dontspy_data.portraits.describe import Fingerprint, NearDuplicate, Status, StatusReason, near_duplicates
from dontspy_data.portraits.faces import FaceRow
from dontspy_data.portraits.jpeg import PictureError, open_stored
from dontspy_data.portraits.rows import PortraitRow, PortraitTables

# Portraits beyond these are worth a look: 6 of the 370 portraits of April 2023.
LEAST_SCORE = 0.9
LEAST_EYE_DISTANCE = 24.0
MOST_ROLL = 8.0
MOST_YAW_PROXY = 0.22
LEAST_SHARPNESS = 350.0
MOST_CLIPPED = 0.25  # Mean exposure is no reason to doubt a picture: it depends on the person's skin.
MOST_IMBALANCE = 0.22

TITLES = {
    "missing": "Missing",
    "withheld": "Withheld for a location",
    "disputed": "Disputed",
    "placeholder": "Placeholder",
    "unclear_rights": "Unclear rights",
    "not_looked_at": "Not looked at for faces",
    "no_face": "No face",
    "several_faces": "Several faces",
    "low_quality": "Low quality",
}
"""Kinds of findings, for people."""
SHOWN = 20  # findings of a kind in the report for people
FONT = Path(__file__).parent / "sans.ttf"
GAP = 12
THUMBNAIL = (120, 150)
WIDTH = THUMBNAIL[0] + 30
LARGE, SMALL = 12, 9
LEADING = 3
INK, GREY, PAPER = "#1a1a1a", "#595959", "white"
COLUMNS = 16
BOX, FAINT_BOX, POINT = "#00a000", "#e00000", "#ffd000"
SURE = 0.9  # a score below is drawn in red
LANDMARKS = ("right_eye", "left_eye", "nose", "right_mouth", "left_mouth")


@dataclass(frozen=True, slots=True)
class PortraitFinding:
    """One portrait to look at, and why."""

    portrait_id: str
    mep_id: int
    why: str


@dataclass(frozen=True, slots=True)
class PortraitReport:
    """The current portraits to look at, by kind, each kind sorted by person.

    Attributes:
        current: number of people.
        present: number of people whose portrait is published.
        missing: absent, unknown or withdrawn.
        withheld: their metadata hold or may hold a location; includes earlier portraits.
        disputed: the source shows them for two people.
        placeholder: a stock picture in place of a portrait.
        unclear_rights: the picture names somebody other than the European Union.
        not_looked_at: faces were not looked for, so it is not in the next three.
        no_face: no face found in it.
        several_faces: more than one face in it.
        low_quality: the largest face is hard to see.
        near_duplicates: pairs of different people whose portraits look the same, earlier ones included.
    """

    current: int
    present: int
    missing: tuple[PortraitFinding, ...]
    withheld: tuple[PortraitFinding, ...]
    disputed: tuple[PortraitFinding, ...]
    placeholder: tuple[PortraitFinding, ...]
    unclear_rights: tuple[PortraitFinding, ...]
    not_looked_at: tuple[PortraitFinding, ...]
    no_face: tuple[PortraitFinding, ...]
    several_faces: tuple[PortraitFinding, ...]
    low_quality: tuple[PortraitFinding, ...]
    near_duplicates: tuple[NearDuplicate, ...]


def read_tables(package: Package) -> PortraitTables:
    """Read a package's portraits and faces, in the columns known here.

    Raises:
        UsageError: the package lacks one of these tables.
    """
    return PortraitTables(
        tuple(PortraitRow(**row) for row in _rows(package, "portraits", PortraitRow)),
        tuple(FaceRow(**row) for row in _rows(package, "faces", FaceRow)),
    )


def _rows(package: Package, name: str, kind: type[PortraitRow] | type[FaceRow]) -> list[dict[str, Any]]:
    # A release of another version of the project can have more columns or fewer.
    rows = package.read(name, package.table(name).known(field.name for field in fields(kind)))
    found: list[dict[str, Any]] = rows.to_pylist()
    return found


def report(tables: PortraitTables) -> PortraitReport:
    """Find the portraits that a person should look at, in the rows of a package."""
    largest = {face.portrait_id: face for face in tables.faces if face.face_id == f"{face.portrait_id}-1"}
    found: dict[str, list[PortraitFinding]] = {kind: [] for kind in TITLES}
    for row in sorted(tables.portraits, key=lambda row: (row.mep_id, row.portrait_id)):
        for kind, why in _reasons(row, largest.get(row.portrait_id)):
            found[kind].append(PortraitFinding(row.portrait_id, row.mep_id, why))
    current = [row for row in tables.portraits if row.is_current]
    return PortraitReport(
        current=len(current),
        present=sum(row.status == Status.PRESENT for row in current),
        **{kind: tuple(findings) for kind, findings in found.items()},
        near_duplicates=tuple(
            near_duplicates(
                Fingerprint(row.mep_id, row.portrait_id, row.phash)
                for row in tables.portraits
                if row.phash and row.status == Status.PRESENT
            )
        ),
    )


def _reasons(row: PortraitRow, face: FaceRow | None) -> Iterator[tuple[str, str]]:
    """Yield each reason to look at a portrait, with its kind; `face` is the largest one in it."""
    if row.status_reason == StatusReason.LOCATION:
        yield "withheld", row.problem or ""
    if row.status_reason == StatusReason.DISPUTED and row.problem:
        yield "disputed", row.problem
    if row.is_current and row.status == Status.PRESENT:
        yield from _reasons_of_present(row, face)
    elif row.is_current and row.status == Status.PLACEHOLDER:
        yield "placeholder", "a stock picture"
    elif row.is_current and row.status in (Status.ABSENT, Status.UNKNOWN, Status.WITHDRAWN):
        yield "missing", f"{row.status}: {row.problem}" if row.problem else row.status


def _reasons_of_present(row: PortraitRow, face: FaceRow | None) -> Iterator[tuple[str, str]]:
    if row.rights_status == "unclear":
        yield "unclear_rights", f"names {row.rights_holder}"
    if row.face_count is None:
        yield "not_looked_at", "nobody looked for faces"
    elif row.face_count == 0:
        yield "no_face", "no face found"
    elif row.face_count > 1:
        yield "several_faces", f"{row.face_count} faces found"
    if face and (reasons := list(doubts(face))):
        yield "low_quality", "; ".join(reasons)


def doubts(face: FaceRow) -> Iterator[str]:
    """Yield why a face is hard to see; nothing if it is not."""
    if face.score < LEAST_SCORE:
        yield f"score {face.score} below {LEAST_SCORE}"
    if face.eye_distance < LEAST_EYE_DISTANCE:
        yield f"eyes {face.eye_distance} pixels apart, below {LEAST_EYE_DISTANCE}"
    if abs(face.roll) > MOST_ROLL:
        yield f"leaning by {face.roll}°, more than {MOST_ROLL}°"
    if abs(face.yaw_proxy) > MOST_YAW_PROXY:
        yield f"turned away (yaw proxy {face.yaw_proxy}, beyond {MOST_YAW_PROXY})"
    if face.sharpness < LEAST_SHARPNESS:
        yield f"sharpness {face.sharpness} below {LEAST_SHARPNESS}"
    if max(face.dark_share, face.bright_share) > MOST_CLIPPED:
        yield f"{face.dark_share:.0%} of it black, {face.bright_share:.0%} white, more than {MOST_CLIPPED:.0%}"
    if abs(face.illumination_balance) > MOST_IMBALANCE:
        yield f"lit from one side (balance {face.illumination_balance}, beyond {MOST_IMBALANCE})"


def as_text(found: PortraitReport, names: Mapping[int, str]) -> str:
    """Return the report as lines for a person, the first of each kind; `names` are people's, by number."""

    def named(portrait_id: str) -> str:
        name = names.get(int(portrait_id.split("-", maxsplit=1)[0]))
        return f"{portrait_id} ({name})" if name else portrait_id

    lines = [f"{found.present} of {found.current} people have a published portrait."]
    for kind, title in TITLES.items():
        findings = getattr(found, kind)
        lines.append(f"{title}: {len(findings) or 'none'}")
        lines += _first(f"{named(finding.portrait_id)}  {finding.why}" for finding in findings)
    lines.append(f"Near-duplicates of different people: {len(found.near_duplicates) or 'none'}")
    lines += _first(
        f"{named(n.first)}  {named(n.second)}  {n.bits} bits apart" for n in found.near_duplicates
    )
    return "\n".join(lines)


def _first(entries: Iterable[str]) -> list[str]:
    lines = [f"  {entry}" for entry in entries]
    rest = len(lines) - SHOWN
    return lines if rest <= 0 else [*lines[:SHOWN], f"  and {rest:,} more; --json shows them all"]


class Caption(NamedTuple):
    """A text beneath a portrait, with its size in pixels and its colour."""

    text: str
    size: int = LARGE
    colour: str = INK


@dataclass(frozen=True, slots=True)
class Tile:
    """A person's place on a sheet.

    Attributes:
        picture: makes the portrait, no larger than `THUMBNAIL`; None if there is none.
        status: shown instead of a portrait.
        captions: beneath it.
    """

    picture: Callable[[], Image.Image] | None
    status: str
    captions: tuple[Caption, ...]


def draw_sheet(tiles: Sequence[Tile], columns: int) -> Image.Image:
    """Return a picture of all tiles, row by row. No text is cut.

    Args:
        tiles: in order.
        columns: the largest number side by side.
    """
    columns = max(1, min(columns, len(tiles)))
    captions = [list(_lines(tile.captions)) for tile in tiles]
    rows = [range(start, min(start + columns, len(tiles))) for start in range(0, len(tiles), columns)]
    heights = [THUMBNAIL[1] + GAP + max(_height(captions[n]) for n in row) for row in rows]
    sheet = Image.new("RGB", (columns * (WIDTH + GAP) + GAP, sum(heights) + (len(rows) + 1) * GAP), PAPER)
    draw = ImageDraw.Draw(sheet)
    top = GAP
    for row, height in zip(rows, heights, strict=True):
        for column, number in enumerate(row):
            left = GAP + column * (WIDTH + GAP)
            _draw_picture(sheet, draw, tiles[number], left, top)
            below = top + THUMBNAIL[1] + LEADING
            for line in captions[number]:
                draw.text((left, below), line.text, line.colour, _font(line.size))
                below += line.size + LEADING
        top += height + GAP
    return sheet


def contact_sheet(tables: PortraitTables, package: Package) -> Image.Image:
    """Return the current portraits of a package, sorted by person, with the faces found on them.

    Args:
        tables: the package's rows.
        package: where the pictures are.

    Raises:
        DontspyError: a picture is missing or damaged.
    """
    current = [row for row in tables.portraits if row.is_current]
    current.sort(key=lambda row: (row.mep_id, row.portrait_id))
    faces: dict[str, list[FaceRow]] = defaultdict(list)
    for face in tables.faces:
        faces[face.portrait_id].append(face)
    tiles = [
        Tile(
            partial(_with_faces, package, row.path, faces[row.portrait_id])
            if row.path and row.status == Status.PRESENT
            else None,
            row.status,
            (Caption(str(row.mep_id)),),
        )
        for row in current
    ]
    return draw_sheet(tiles, COLUMNS)


def save_sheet(tables: PortraitTables, package: Package, target: Path) -> None:
    """Draw the contact sheet of a package into a PNG file.

    Raises:
        UsageError: the file cannot be written there.
        DontspyError: a picture is missing or damaged.
    """
    sheet = contact_sheet(tables, package)
    try:
        sheet.save(target, "PNG")
    except OSError as error:
        raise UsageError(
            f"the contact sheet cannot be written to {target}: {error.strerror or error}",
            hint="Give a file in a folder that is there and can be written to.",
        ) from error


def _with_faces(package: Package, path: str, faces: Sequence[FaceRow]) -> Image.Image:
    """Return a small copy of a portrait as stored, since boxes and landmarks refer to that."""
    try:
        picture = open_stored(picture_file(package.folder, path))
    except (OSError, PictureError) as error:
        raise DontspyError(
            f"{path} of {package.folder} cannot be drawn: {error}",
            hint=f"See what else is wrong: dontspy-data check {package.folder}",
        ) from error
    scale = min(THUMBNAIL[0] / picture.width, THUMBNAIL[1] / picture.height)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    small = picture.convert("RGB").resize(size)
    draw = ImageDraw.Draw(small)
    for face in faces:
        box = (face.left, face.top, face.left + face.width, face.top + face.height)
        draw.rectangle([side * scale for side in box], outline=BOX if face.score >= SURE else FAINT_BOX)
        for name in LANDMARKS:
            x, y = getattr(face, f"{name}_x") * scale, getattr(face, f"{name}_y") * scale
            draw.rectangle((x - 1, y - 1, x + 1, y + 1), fill=POINT)
    return small


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONT, size)


def _lines(captions: Sequence[Caption]) -> Iterator[Caption]:
    """Yield captions in lines that are no wider than a tile where blanks allow it."""
    for caption in captions:
        line = ""
        for word in caption.text.split():
            longer = f"{line} {word}".strip()
            if line and _font(caption.size).getlength(longer) > WIDTH:
                yield caption._replace(text=line)
                longer = word
            line = longer
        if line:
            yield caption._replace(text=line)


def _height(lines: Sequence[Caption]) -> int:
    return sum(line.size + LEADING for line in lines)


def _draw_picture(sheet: Image.Image, draw: ImageDraw.ImageDraw, tile: Tile, left: int, top: int) -> None:
    if tile.picture:
        picture = tile.picture()
        sheet.paste(picture, (left, top + THUMBNAIL[1] - picture.height))
        return
    draw.rectangle((left, top, left + THUMBNAIL[0] - 1, top + THUMBNAIL[1] - 1), outline=GREY)
    text = f"no portrait:\n{tile.status}"
    draw.text((left + 8, top + THUMBNAIL[1] // 2), text, GREY, _font(SMALL))
