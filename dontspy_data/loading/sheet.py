"""Contact sheets: a gallery as one picture, with names and credits beneath.

`sans.ttf` is DejaVu Sans without the scripts that names in the data do not use, since Pillow's own font has no
diacritics. Its licence is beside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dontspy_data.loading.pictures import Credit, open_picture

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

FONT = Path(__file__).parent / "sans.ttf"
GAP = 12
THUMBNAIL = (120, 150)
WIDTH = THUMBNAIL[0] + 30
LARGE, SMALL = 12, 9
LEADING = 3
INK, GREY, PAPER = "#1a1a1a", "#595959", "white"


@dataclass(frozen=True, slots=True)
class GalleryCard:
    """A person in a gallery.

    Attributes:
        name: of the person.
        about: country and political group.
        url: the person's page on the Parliament's site.
        status: of the current portrait.
        picture: file of the portrait, and its credit; None where there is none.
    """

    name: str
    about: str
    url: str
    status: str
    picture: tuple[Path, Credit] | None

    def thumbnail(self) -> "Image.Image | None":
        """The portrait, made small; None where there is none."""
        if self.picture is None:
            return None
        small = open_picture(*self.picture).convert("RGB")
        small.thumbnail(THUMBNAIL)
        return small


class CaptionLine(NamedTuple):
    """A line of text beneath a portrait."""

    text: str
    font: "ImageFont.FreeTypeFont"
    colour: str


def draw_sheet(cards: Sequence[GalleryCard], columns: int) -> "Image.Image":
    """A picture of all cards, row by row. No name or credit is cut.

    Args:
        cards: in order.
        columns: how many stand side by side, at most.
    """
    from PIL import Image, ImageDraw

    columns = max(1, min(columns, len(cards)))
    captions = [list(_caption(card)) for card in cards]
    rows = [range(start, min(start + columns, len(cards))) for start in range(0, len(cards), columns)]
    heights = [THUMBNAIL[1] + GAP + max(map(_height, (captions[n] for n in row))) for row in rows]
    sheet = Image.new("RGB", (columns * (WIDTH + GAP) + GAP, sum(heights) + (len(rows) + 1) * GAP), PAPER)
    draw = ImageDraw.Draw(sheet)
    top = GAP
    for row, height in zip(rows, heights, strict=True):
        for column, number in enumerate(row):
            left = GAP + column * (WIDTH + GAP)
            _draw_picture(sheet, draw, cards[number], left, top)
            _draw_lines(draw, captions[number], left, top + THUMBNAIL[1] + LEADING)
        top += height + GAP
    return sheet


def _caption(card: GalleryCard) -> Iterator[CaptionLine]:
    from PIL import ImageFont

    large, small = ImageFont.truetype(FONT, LARGE), ImageFont.truetype(FONT, SMALL)
    credit = card.picture[1].text if card.picture else ""
    for text, font, colour in ((card.name, large, INK), (card.about, large, GREY), (credit, small, GREY)):
        for line in _wrap(text, font):
            yield CaptionLine(line, font, colour)


def _wrap(text: str, font: "ImageFont.FreeTypeFont") -> Iterator[str]:
    """Lines no wider than a card where blanks allow it."""
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and font.getlength(longer) > WIDTH:
            yield line
            longer = word
        line = longer
    if line:
        yield line


def _height(lines: Sequence[CaptionLine]) -> int:
    return sum(int(line.font.size) + LEADING for line in lines)


def _draw_picture(
    sheet: "Image.Image", draw: "ImageDraw.ImageDraw", card: GalleryCard, left: int, top: int
) -> None:
    from PIL import ImageFont

    picture = card.thumbnail()
    if picture:
        sheet.paste(picture, (left, top + THUMBNAIL[1] - picture.height))
        return
    draw.rectangle((left, top, left + THUMBNAIL[0] - 1, top + THUMBNAIL[1] - 1), outline=GREY)
    text = f"no portrait:\n{card.status}"
    draw.text((left + 8, top + THUMBNAIL[1] // 2), text, GREY, ImageFont.truetype(FONT, SMALL))


def _draw_lines(draw: "ImageDraw.ImageDraw", lines: Sequence[CaptionLine], left: int, top: int) -> None:
    for line in lines:
        draw.text((left, top), line.text, line.colour, line.font)
        top += int(line.font.size) + LEADING
