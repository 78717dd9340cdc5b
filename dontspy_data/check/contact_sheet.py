"""A contact sheet: every current portrait with what was found on it, for a person to look over."""

import math
from collections import defaultdict
from pathlib import Path

from PIL import Image, ImageDraw

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.package.open import Package
from dontspy_data.portraits.rows import FaceRow, PortraitRow, PortraitTables, Status

TILE = (120, 150)
LABEL = 14
COLUMNS = 16
PAPER, INK, BLANK = "white", "black", "#d0d0d0"
BOX, FAINT_BOX, POINT = "#00a000", "#e00000", "#ffd000"
SURE = 0.9  # a score below is drawn in red


def contact_sheet(tables: PortraitTables, package: Package) -> Image.Image:
    """The current portraits of a package in rows, sorted by person, with boxes and landmarks.

    People without a published portrait have a grey tile that says why.

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
    width, height = TILE[0], TILE[1] + LABEL
    sheet = Image.new("RGB", (COLUMNS * width, max(1, math.ceil(len(current) / COLUMNS)) * height), PAPER)
    draw = ImageDraw.Draw(sheet)
    for n, row in enumerate(current):
        left, top = n % COLUMNS * width, n // COLUMNS * height
        sheet.paste(_tile(row, faces[row.portrait_id], package), (left, top))
        draw.text((left + 2, top + TILE[1] + 1), str(row.mep_id), fill=INK)
    return sheet


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


def _tile(row: PortraitRow, faces: list[FaceRow], package: Package) -> Image.Image:
    tile = Image.new("RGB", TILE, BLANK)
    draw = ImageDraw.Draw(tile)
    if row.path is None or row.status != Status.PRESENT:
        draw.text((6, 6), row.status, fill=INK)
        return tile
    try:
        with Image.open(package.folder / row.path) as picture:
            scale = min(TILE[0] / picture.width, TILE[1] / picture.height)
            picture.draft("RGB", (2 * TILE[0], 2 * TILE[1]))
            size = (max(1, round((row.width or 1) * scale)), max(1, round((row.height or 1) * scale)))
            tile.paste(picture.convert("RGB").resize(size))
    except OSError as error:
        raise DontspyError(
            f"{row.path} of {package.folder} cannot be drawn: {error.strerror or error}",
            hint=f"What else is wrong: dontspy-data check {package.folder}",
        ) from error
    for face in faces:
        _draw_face(draw, face, scale)
    return tile


def _draw_face(draw: ImageDraw.ImageDraw, face: FaceRow, scale: float) -> None:
    box = (face.left, face.top, face.left + face.width, face.top + face.height)
    draw.rectangle([side * scale for side in box], outline=BOX if face.score >= SURE else FAINT_BOX)
    for x, y in (
        (face.right_eye_x, face.right_eye_y),
        (face.left_eye_x, face.left_eye_y),
        (face.nose_x, face.nose_y),
        (face.right_mouth_x, face.right_mouth_y),
        (face.left_mouth_x, face.left_mouth_y),
    ):
        draw.rectangle((x * scale - 1, y * scale - 1, x * scale + 1, y * scale + 1), fill=POINT)
