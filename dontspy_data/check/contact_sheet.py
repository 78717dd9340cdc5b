"""Contact sheets: portraits in rows with text beneath, for a person to look over.

`sans.ttf` is DejaVu Sans without the scripts that names in the data do not use, since Pillow's own font has no
diacritics. Its licence is beside it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.package.open import Package
from dontspy_data.package.paths import picture_file
from dontspy_data.portraits.describe import Status
from dontspy_data.portraits.faces import FaceRow
from dontspy_data.portraits.jpeg import PictureError
from dontspy_data.portraits.opening import open_stored
from dontspy_data.portraits.rows import PortraitTables

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
        status: is said in place of a portrait.
        captions: beneath it.
    """

    picture: Callable[[], Image.Image] | None
    status: str
    captions: tuple[Caption, ...]


def draw_sheet(tiles: Sequence[Tile], columns: int) -> Image.Image:
    """Return a picture of all tiles, row by row. No text is cut.

    Args:
        tiles: in order.
        columns: how many stand side by side, at most.
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
    """Return the current portraits of a package, sorted by person, with the faces that were found on them.

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
    """Return a small copy of a portrait as it is stored, which is what boxes and landmarks are of."""
    try:
        picture = open_stored(picture_file(package.folder, path))
    except (OSError, PictureError) as error:
        raise DontspyError(
            f"{path} of {package.folder} cannot be drawn: {error}",
            hint=f"What else is wrong: dontspy-data check {package.folder}",
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
