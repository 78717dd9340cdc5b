"""Pictures made of portraits: small copies for the pages, and cards for social networks.

A copy is the whole picture with its credit, as WebP and as JPEG, upright, in sRGB and no larger than its original. It
has no colour profile: browsers take a picture without one as sRGB (CSS Color 4, section 4.2), and the profile would be
a seventh of the bytes. Copies are made by the workers that describe portraits, and are the same bytes whoever makes
them.

A card has 1200 by 630 pixels, one a Member with a portrait: the whole portrait with its credit, what software guesses,
and the official fact.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont, ImageOps

from dontspy_data.errors import DontspyError
from dontspy_data.package.files import picture_file
from dontspy_data.portraits.jpeg import PictureError, open_upright, to_srgb
from dontspy_data.site.languages import ENGLISH
from dontspy_data.site.material import PACKAGE
from dontspy_data.site.people import PersonView, PortraitView, copy_widths
from dontspy_data.site.software import guess_words, worst

COPYRIGHT = 0x8298
"""Number of the tag `Copyright` (Exif 2.32, table 4)."""
BATCH = 16
BATCHES_UNDER_WAY = 32
ENCODERS: Mapping[str, Mapping[str, Any]] = {
    "webp": {"format": "WEBP", "quality": 75, "method": 6},
    "jpg": {"format": "JPEG", "quality": 80, "optimize": True, "progressive": True},
}
INK, SOFT, LEMON, RED, GUESS, FACT = "#1c1420", "#5d5263", "#f5f2cc", "#ff4747", "#c8102e", "#00645f"
SIZE = (1200, 630)
TILE = (166, 210)
FRAME = (24, 24, 484, 606)
"""Where a Member's portrait goes: left, top, right, bottom."""
LEFT, RIGHT = 530, 1170
SCRIPTS = ("latin", "latin-ext", "greek", "cyrillic")
"""Files of the typeface; a letter is drawn from the first that has it."""
SHARED = "card.jpg"
CREDIT = "Portraits: © European Union - Source: EP"
CLAIM = "A guess, not a fact."
WORKERS = 2
"""Pillow draws and encodes outside the interpreter's lock."""


@dataclass(frozen=True, slots=True)
class CopyJob:
    """A portrait to copy: where it comes from, its bytes, its credit, and the widths and names of its copies."""

    path: str
    body: bytes
    credit: str
    copies: tuple[tuple[int, str], ...]


def small_copies(
    portraits: Sequence[PortraitView], folder: Path, executor: Executor | None
) -> Iterator[tuple[str, bytes]]:
    """Yield the copies of portraits: address from the site's root, bytes.

    Args:
        portraits: those of which a file is published.
        folder: the package.
        executor: where to make the copies; this process where it is None.

    Raises:
        DontspyError: a portrait cannot be opened, or workers end before their work is done.
    """
    batches = (
        [_job(portrait, folder) for portrait in portraits[start : start + BATCH]]
        for start in range(0, len(portraits), BATCH)
    )
    if executor is None:
        for batch in batches:
            yield from _named(batch, copy_batch(batch))
        return
    waiting: deque[tuple[list[CopyJob], Future[list[list[bytes]]]]] = deque()
    for batch in batches:
        waiting.append((batch, executor.submit(copy_batch, batch)))
        if len(waiting) == BATCHES_UNDER_WAY:
            yield from _result(*waiting.popleft())
    while waiting:
        yield from _result(*waiting.popleft())


def copy_batch(jobs: Sequence[CopyJob]) -> list[list[bytes]]:
    """Return each portrait's copies, in the order of the jobs and of their names: what a worker is asked for.

    Raises:
        DontspyError: a portrait cannot be opened.
    """
    return [_copies(job) for job in jobs]


def _job(portrait: PortraitView, folder: Path) -> CopyJob:
    copies = tuple(
        (width, portrait.copy(width, ending)) for ending in ENCODERS for width in copy_widths(portrait.width)
    )
    return CopyJob(*_file(portrait, folder), portrait.credit or "", copies)


def _file(portrait: PortraitView, folder: Path) -> tuple[str, bytes]:
    """Return a published portrait's path in the package, and its bytes."""
    path = (portrait.path or "").removeprefix(f"{PACKAGE}/")
    try:
        return path, picture_file(folder, path).read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def _opened(path: str, body: bytes) -> Image.Image:
    """Open a portrait, upright and in sRGB."""
    try:
        image = open_upright(body)
        return to_srgb(image, image.info.get("icc_profile"))
    except (OSError, PictureError) as error:
        raise _unreadable(path, error) from error


def _named(jobs: Sequence[CopyJob], bodies: Sequence[Sequence[bytes]]) -> Iterator[tuple[str, bytes]]:
    for job, made in zip(jobs, bodies, strict=True):
        yield from zip((name for _, name in job.copies), made, strict=True)


def _result(jobs: Sequence[CopyJob], future: Future[list[list[bytes]]]) -> Iterator[tuple[str, bytes]]:
    try:
        yield from _named(jobs, future.result())
    except BrokenExecutor as error:
        raise DontspyError(
            f"a worker ended while it made small pictures: {error}",
            hint="See whether workers have memory enough, or use fewer --workers.",
        ) from error


def _copies(job: CopyJob) -> list[bytes]:
    plain = _opened(job.path, job.body)
    exif = Image.Exif()
    exif[COPYRIGHT] = job.credit.encode()  # as UTF-8; Pillow would make text ASCII
    return [_encode(plain, width, name, exif) for width, name in job.copies]


def _encode(image: Image.Image, width: int, name: str, exif: Image.Exif) -> bytes:
    height = max(1, round(image.height * width / image.width))
    if width < image.width:
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    stream = BytesIO()
    image.save(stream, exif=exif, **ENCODERS[name.rpartition(".")[2]])
    return stream.getvalue()


def _unreadable(path: str, error: Exception) -> DontspyError:
    return DontspyError(
        f"{path} cannot be shown: {error}", hint="See what else is wrong with dontspy-data check."
    )


def card_of(person: PersonView) -> str | None:
    """Return the address of a person's own card, from the site's root; None if the shared one stands for them."""
    return f"cards/{person.mep_id}.jpg" if person.portrait else None


def cards(people: Sequence[PersonView], folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the card of each person who has one of their own: address from the site's root, bytes.

    Args:
        people: everybody.
        folder: the package.

    Raises:
        DontspyError: a portrait cannot be opened.
    """
    drawn = [
        (f"cards/{person.mep_id}.jpg", person, portrait) for person in people if (portrait := person.portrait)
    ]
    with ThreadPoolExecutor(WORKERS) as pool:
        bodies = pool.map(lambda one: _person_card(one[1], one[2], folder), drawn)
        yield from zip((address for address, *_ in drawn), bodies, strict=True)


def _person_card(person: PersonView, portrait: PortraitView, folder: Path) -> bytes:
    card, draw = _empty()
    _portrait(card, draw, portrait, folder)
    top = _paragraph(draw, person.name, 40, 54, 800, INK, most=2) + 6
    belongs = " · ".join(filter(None, (person.country_name, person.group)))
    top = _paragraph(draw, belongs, top, 26, 400, SOFT, most=1) + 26
    guess = worst(person.guesses)
    if guess:
        said = guess_words(guess, ENGLISH)
        top = _paragraph(draw, f"{guess.title} guesses", top, 26, 500, GUESS, most=1)
        top = _paragraph(draw, said.says, top, 62, 850, GUESS, most=1) + 18
        top = _paragraph(draw, "Official fact", top, 26, 500, FACT, most=1)
        _paragraph(draw, said.official or "not known", top, 46, 800, FACT, most=2)
        _paragraph(draw, CLAIM, 500, 34, 750, INK, most=1)
    credit = f"Open Data Faces. Portrait: {portrait.credit or 'European Parliament'}"
    _paragraph(draw, credit, 552, 20, 400, SOFT, most=2)
    return _jpeg(card)


def shared_card(people: Sequence[PersonView], folder: Path, title: str, lines: Sequence[str]) -> bytes:
    """Draw the card for every other page: words on the left, whole portraits on the right.

    Args:
        people: in the order of the list; portraits are taken from it at even steps,
            of those that the Parliament's terms of reuse apply to.
        folder: the package.
        title: what is written large.
        lines: what to write below the title.
    """
    card, draw = _empty()
    portraits = [person.portrait for person in people if person.portrait]
    shown = [portrait for portrait in portraits if portrait.rights_status == "reuse"]
    step = max(len(shown) // 9, 1)
    for place, portrait in enumerate(shown[::step][:9]):
        corner = (680 + place % 3 * 173, place // 3 * TILE[1])
        card.paste(ImageOps.pad(_opened(*_file(portrait, folder)), TILE, color=LEMON), corner)
        left, top = corner
        _brackets(draw, (left + 14, top + 14, left + TILE[0] - 14, top + TILE[1] - 14), 26)
    top = _paragraph(draw, "Open Data Faces", 60, 34, 700, RED, left=70, right=650, most=1) + 16
    top = _paragraph(draw, title, top, 56, 850, INK, left=70, right=650, most=5) + 20
    for line in lines:
        top = _paragraph(draw, line, top, 28, 450, INK, left=70, right=650, most=2) + 4
    if shown:
        _paragraph(draw, CREDIT, 590, 20, 400, SOFT, left=70, right=650, most=1)
    return _jpeg(card)


def _empty() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    card = Image.new("RGB", SIZE, LEMON)
    draw = ImageDraw.Draw(card)
    draw.rectangle((0, 0, 10, SIZE[1]), fill=RED)
    return card, draw


def _jpeg(card: Image.Image) -> bytes:
    stream = BytesIO()
    card.save(stream, "JPEG", quality=82)
    return stream.getvalue()


def _portrait(card: Image.Image, draw: ImageDraw.ImageDraw, portrait: PortraitView, folder: Path) -> None:
    """Paste a whole portrait into its frame, and draw brackets around the face."""
    image = _opened(*_file(portrait, folder))
    left, top, right, bottom = FRAME
    fitted = ImageOps.contain(image, (right - left, bottom - top), Image.Resampling.BICUBIC)
    x, y = left + (right - left - fitted.width) // 2, top + (bottom - top - fitted.height) // 2
    card.paste(fitted, (x, y))
    if portrait.faces:
        face, scale = portrait.faces[0], fitted.width / portrait.width
        edges = (face.left, face.top, face.left + face.width, face.top + face.height)
        box = tuple(round(edge * scale) + (x, y, x, y)[side] for side, edge in enumerate(edges))
        _brackets(draw, box, round(face.width * scale / 4))


def _brackets(draw: ImageDraw.ImageDraw, box: Sequence[int], reach: int) -> None:
    """Draw the corners of a box, as face software does."""
    left, top, right, bottom = box
    for x, across in ((left, 1), (right, -1)):
        for y, down in ((top, 1), (bottom, -1)):
            corner = [(x + across * reach, y), (x, y), (x, y + down * reach)]
            draw.line(corner, fill=RED, width=6, joint="curve")


@dataclass(frozen=True, slots=True)
class _Type:
    """The typeface in one size and weight: its files by script."""

    fonts: Mapping[str, ImageFont.FreeTypeFont]

    def runs(self, text: str) -> Iterator[tuple[ImageFont.FreeTypeFont, str]]:
        """Yield the text in parts that one file can draw."""
        script, start = "", 0
        for place, letter in enumerate(text):
            found = script_of(letter)
            if found != script and letter != " ":
                if place > start:
                    yield self.fonts[script or SCRIPTS[0]], text[start:place]
                script, start = found, place
        if text[start:]:
            yield self.fonts[script or SCRIPTS[0]], text[start:]

    def width(self, text: str) -> float:
        """Return how wide a text is, in pixels."""
        return sum(font.getlength(part) for font, part in self.runs(text))


def script_of(letter: str) -> str:
    """Return which file of the typeface has a letter, by the ranges that `site.css` gives to browsers too."""
    code = ord(letter)
    if 0x370 <= code <= 0x3FF:
        return "greek"
    if 0x400 <= code <= 0x45F:
        return "cyrillic"
    return "latin-ext" if 0x100 <= code < 0x2000 and letter not in "ıŒœ" else "latin"


@cache
def _typeface(size: int, weight: int) -> _Type:
    fonts = {}
    for script in SCRIPTS:
        body = files(__package__).joinpath(f"static/fonts/sofia-sans-{script}.woff2").read_bytes()
        fonts[script] = ImageFont.truetype(BytesIO(body), size, layout_engine=ImageFont.Layout.BASIC)
        fonts[script].set_variation_by_axes([weight])
    return _Type(fonts)


def _paragraph(
    draw: ImageDraw.ImageDraw,
    text: str,
    top: int,
    size: int,
    weight: int,
    fill: str,
    *,
    most: int,
    left: int = LEFT,
    right: int = RIGHT,
) -> int:
    """Write words in as many lines as they need, smaller where they would need more than `most`; return the end."""
    while True:
        face = _typeface(size, weight)
        lines = _wrapped(face, text, right - left)
        fits = len(lines) <= most and all(face.width(line) <= right - left for line in lines)
        if fits or size <= 14:
            break
        size = max(14, round(size * 0.9))
    for line in lines[:most]:
        x = float(left)
        for font, part in face.runs(line):
            draw.text((x, top), part, font=font, fill=fill)
            x += font.getlength(part)
        top += round(size * 1.2)
    return top


def _wrapped(face: _Type, text: str, width: int) -> list[str]:
    """Return the text in lines; a word that is wider than a line has one of its own."""
    lines: list[str] = []
    for word in text.split():
        if lines and face.width(f"{lines[-1]} {word}") <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
