"""The card that social networks show of the list."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from dontspy_data.errors import DontspyError
from dontspy_data.package.paths import picture_file
from dontspy_data.portraits.opening import PictureError, open_upright, srgb_profile, to_srgb
from dontspy_data.site.material import PACKAGE
from dontspy_data.site.people import PersonView
from dontspy_data.site.portraits import PortraitView

INK, LEMON, RED = "#1c1420", "#f5f2cc", "#ff4747"
CARD = (1200, 630)
TILE = (166, 210)
CARD_CREDIT = "Portraits: © European Union - Source: EP"


def list_card(people: Sequence[PersonView], folder: Path, lines: Sequence[str]) -> bytes:
    """Draw the card for the list: words on the left, whole portraits on the right.

    Args:
        people: in the order of the list; portraits are taken from it at even steps,
            of those that the Parliament's terms of reuse apply to.
        folder: the package.
        lines: what to write below the title.
    """
    card = Image.new("RGB", CARD, LEMON)
    draw = ImageDraw.Draw(card)
    portraits = [person.portrait for person in people if person.portrait]
    shown = [portrait for portrait in portraits if portrait.rights_status == "reuse"]
    step = max(len(shown) // 9, 1)
    for place, portrait in enumerate(shown[::step][:9]):
        corner = (645 + place % 3 * 186, place // 3 * TILE[1])
        card.paste(ImageOps.pad(_open(portrait, folder), TILE, color=LEMON), corner)
        _brackets(draw, corner[0] + 14, corner[1] + 14, TILE[0] - 28, TILE[1] - 28)
    draw.rectangle((0, 0, 24, CARD[1]), fill=RED)
    draw.text((80, 150), "Open Data", font=ImageFont.load_default(96), fill=INK)
    draw.text((80, 250), "Faces", font=ImageFont.load_default(96), fill=INK)
    for row, line in enumerate(lines):
        draw.text((80, 390 + row * 44), line, font=ImageFont.load_default(32), fill=INK)
    if shown:
        draw.text((80, 580), CARD_CREDIT, font=ImageFont.load_default(20), fill=INK)
    stream = BytesIO()
    card.save(stream, "JPEG", quality=88, icc_profile=srgb_profile())
    return stream.getvalue()


def _open(portrait: PortraitView, folder: Path) -> Image.Image:
    """Open a portrait, upright and in sRGB."""
    path = (portrait.path or "").removeprefix(f"{PACKAGE}/")
    try:
        image = open_upright(picture_file(folder, path))
    except (OSError, PictureError) as error:
        hint = f"What else is wrong: dontspy-data check {folder}"
        raise DontspyError(f"{path} of {folder} cannot be shown: {error}", hint=hint) from error
    return to_srgb(image, image.info.get("icc_profile"))


def _brackets(draw: ImageDraw.ImageDraw, x: int, y: int, width: int, height: int) -> None:
    """Draw the corners of a box, as face software does."""
    reach = 26
    for left, across in ((x, 1), (x + width, -1)):
        for top, down in ((y, 1), (y + height, -1)):
            corner = [(left + across * reach, top), (left, top), (left, top + down * reach)]
            draw.line(corner, fill=RED, width=6, joint="curve")
