"""Portraits drawn from a seed: invented faces, friendly and plainly not photographs of anybody.

The soft shading is what makes a face detector take them for faces.
"""

import random
from dataclasses import dataclass

from PIL import Image

from scripts.sample.canvas import HEIGHT, WIDTH, Canvas, Colour, mix

SKINS: tuple[Colour, ...] = (
    (246, 214, 190),
    (236, 194, 164),
    (222, 176, 142),
    (200, 150, 114),
    (168, 118, 84),
    (134, 92, 66),
    (104, 70, 52),
)
HAIRS: tuple[Colour, ...] = (
    (38, 30, 28),
    (64, 44, 32),
    (98, 66, 42),
    (146, 104, 62),
    (196, 158, 102),
    (140, 66, 40),
    (150, 148, 146),
    (206, 204, 200),
)
IRISES: tuple[Colour, ...] = ((70, 44, 28), (50, 36, 30), (92, 66, 36), (68, 98, 128), (84, 110, 82))
BACKGROUNDS: tuple[Colour, ...] = (
    (247, 247, 246),
    (240, 243, 247),
    (245, 241, 236),
    (238, 242, 238),
    (243, 239, 244),
)
CLOTHES: tuple[Colour, ...] = (
    (44, 52, 74),
    (62, 62, 66),
    (92, 44, 52),
    (38, 78, 84),
    (118, 92, 120),
    (150, 60, 56),
    (70, 92, 64),
    (34, 34, 40),
)
ACCENTS: tuple[Colour, ...] = ((168, 40, 48), (38, 74, 140), (196, 150, 52), (84, 120, 92), (122, 84, 140))
BLACK, WHITE, WARM, BROWN = (0, 0, 0), (255, 255, 255), (255, 250, 240), (60, 25, 20)
X, Y = WIDTH / 2, 102.0
"""Middle of the head."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one face looks like; lengths in pixels of a 170 x 215 portrait."""

    skin: Colour
    hair: Colour
    iris: Colour
    background: Colour
    clothes: Colour
    accent: Colour
    width: float
    height: float
    eyes_apart: float
    smile: float
    parting: float
    long_hair: bool
    bald: bool
    beard: bool
    glasses: bool
    tie: bool


def look(seed: int, *, woman: bool) -> Look:
    """Return the look that follows from a seed."""
    dice = random.Random(seed)
    skin = dice.choice(SKINS)
    dark = sum(skin) < 400
    return Look(
        skin=skin,
        hair=dice.choice(HAIRS[:2] if dark else HAIRS),
        iris=dice.choice(IRISES[:2] if dark else IRISES),
        background=dice.choice(BACKGROUNDS),
        clothes=dice.choice(CLOTHES),
        accent=dice.choice(ACCENTS),
        width=dice.uniform(29.5, 33) - (1 if woman else 0),
        height=dice.uniform(40, 44),
        eyes_apart=dice.uniform(13.2, 14.8),
        smile=dice.uniform(1.0, 3.4),
        parting=dice.uniform(-12, 12),
        long_hair=woman and dice.random() < 0.75,
        bald=not woman and dice.random() < 0.15,
        beard=not woman and dice.random() < 0.25,
        glasses=dice.random() < 0.25,
        tie=not woman and dice.random() < 0.7,
    )


def face(seed: int, *, woman: bool, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image.Image:
    """Draw a portrait in the size asked for, RGB."""
    person = look(seed, woman=woman)
    canvas = Canvas(person.background, detail=3)
    canvas.paint((-70, 40, 240, 330), mix(person.background, (150, 155, 165), 0.25), blur=30)
    if person.long_hair:
        _hair_behind(canvas, person)
    _clothes(canvas, person)
    _neck(canvas, person)
    _head(canvas, person)
    for side in (-1, 1):
        _eye(canvas, person, side)
    _nose(canvas, person)
    _mouth(canvas, person)
    if person.beard:
        _beard(canvas, person)
    if not person.bald:
        _hair_in_front(canvas, person)
    if person.glasses:
        _glasses(canvas, person)
    return canvas.finished(size)


def silhouette() -> Image.Image:
    """Draw the stock picture that stands for no portrait: grey head and shoulders, no face, RGB."""
    canvas = Canvas((232, 234, 237), detail=3)
    canvas.paint((55, 48, 115, 125), (176, 181, 188))
    canvas.paint((20, 135, 150, 275), (176, 181, 188))
    return canvas.finished((WIDTH, HEIGHT))


def _hair_behind(canvas: Canvas, person: Look) -> None:
    w, h = person.width, person.height
    canvas.paint((X - w - 9, Y - h - 8, X + w + 9, Y + h + 22), person.hair, blur=0.8)
    canvas.paint((X - w + 3, Y - h + 22, X + w - 3, Y + h + 22), mix(person.hair, BLACK, 0.4), blur=5)


def _clothes(canvas: Canvas, person: Look) -> None:
    cloth = person.clothes
    body = canvas.mask((X - 76, 162, X + 76, 330), blur=0.6)
    canvas.fill(cloth, body)
    canvas.paint((X + 20, 165, X + 90, 300), mix(cloth, BLACK, 0.35), blur=12, share=0.8, within=body)
    canvas.paint((X - 62, 166, X - 14, 214), mix(cloth, WHITE, 0.25), blur=10, share=0.7, within=body)
    shirt = (247, 247, 248) if person.tie else mix(person.accent, WHITE, 0.5)
    canvas.paint((X - 20, 158, X + 20, 158, X + 4, 215, X - 4, 215), shirt, blur=0.5)
    for side in (-1, 1):
        lapel = (X + side * 18, 155, X + side * 30, 171, X + side * 4, 217, X + side * 1, 213)
        canvas.paint(lapel, mix(cloth, BLACK, 0.18), blur=0.6)
    if person.tie:
        canvas.paint((X - 4, 176, X + 4, 176, X + 3, 182, X + 7, 217, X - 7, 217, X - 3, 182), person.accent)


def _neck(canvas: Canvas, person: Look) -> None:
    chin = Y + person.height
    outline = (X - 16, chin - 24, X + 16, chin - 24, X + 18, 163, X, 179, X - 18, 163)
    canvas.paint(outline, mix(person.skin, (90, 50, 40), 0.16), blur=0.8)
    neck = canvas.mask(outline)
    canvas.paint(
        (X - 19, chin - 16, X + 21, chin + 9), mix(person.skin, BROWN, 0.5), blur=4, share=0.8, within=neck
    )


def _head(canvas: Canvas, person: Look) -> None:
    w, h, skin = person.width, person.height, person.skin
    for side in (-1, 1):
        ear = X + side * (w + 0.5)
        canvas.paint((ear - 4, Y - 8, ear + 4, Y + 10), mix(skin, (120, 50, 40), 0.18), blur=0.5)
    head = canvas.mask((X - w, Y - h, X + w, Y + h * 0.62), (X - w * 0.86, Y - h * 0.5, X + w * 0.86, Y + h))
    canvas.fill(skin, head)
    dark, light = mix(skin, BROWN, 0.5), mix(skin, WARM, 0.5)
    canvas.paint((X + w * 0.55, Y - h, X + w * 1.7, Y + h), dark, blur=8, share=0.75, within=head)
    canvas.paint((X - w * 1.7, Y - h, X - w * 0.8, Y + h), dark, blur=6, share=0.5, within=head)
    canvas.paint((X - w, Y + h * 0.8, X + w, Y + h * 1.3), dark, blur=5, share=0.6, within=head)
    canvas.paint((X - 17, Y - h * 0.78, X + 14, Y - h * 0.3), light, blur=6, share=0.7)
    for side in (-1, 1):
        cheek = X + side * 18
        canvas.paint((cheek - 8, Y + 9, cheek + 8, Y + 21), mix(skin, (220, 80, 70), 0.35), blur=4, share=0.6)
        canvas.paint((cheek - side * 3 - 6, Y + 6, cheek - side * 3 + 4, Y + 13), light, blur=3, share=0.6)
    canvas.paint((X - 8, Y + h * 0.74, X + 6, Y + h * 0.93), light, blur=3, share=0.5)


def _eye(canvas: Canvas, person: Look, side: int) -> None:
    skin, x, y = person.skin, X + side * person.eyes_apart, Y - 1
    canvas.paint((x - 9, y - 8, x + 9, y + 6), mix(skin, BROWN, 0.55), blur=2.6, share=0.75)
    canvas.paint((x - 7.5, y - 7, x + 7.5, y - 2), mix(skin, WARM, 0.2), blur=1.2, share=0.8)
    upper_lid = (x - 6.4, y + 0.4, x - 3.5, y - 2.5, x, y - 3.3, x + 3.5, y - 2.5)
    lower_lid = (x + 6.4, y + 0.4, x + 3.2, y + 2.5, x, y + 3, x - 3.2, y + 2.5)
    canvas.paint(upper_lid + lower_lid, (240, 236, 232), blur=0.3)
    canvas.paint((x - 3, y - 3.3, x + 3, y + 2.7), person.iris, blur=0.2)
    canvas.paint((x - 1.5, y - 1.8, x + 1.5, y + 1.2), (14, 12, 12), blur=0.15)
    canvas.paint((x - 1.7, y - 1.9, x - 0.4, y - 0.6), WHITE, blur=0.1)
    lash = [(x - 6.8, y), (x - 3.6, y - 2.9), (x, y - 3.7), (x + 3.6, y - 2.9), (x + 6.8, y)]
    canvas.line(lash, mix(skin, (30, 15, 15), 0.85), 1.1)
    canvas.line([(x - 5, y + 2), (x, y + 3.2), (x + 5, y + 2)], mix(skin, BROWN, 0.5), 0.5)
    brow = [(x - side * 7.5, y - 9), (x, y - 11.2), (x + side * 8, y - 8.4)]
    canvas.line(brow, mix(person.hair, (40, 26, 22), 0.45), 2.3, blur=0.7)


def _nose(canvas: Canvas, person: Look) -> None:
    skin = person.skin
    shade = mix(skin, BROWN, 0.5)
    canvas.paint((X + 1.5, Y - 4, X + 4, Y - 4, X + 7, Y + 13, X + 2, Y + 14), shade, blur=1.6, share=0.8)
    canvas.paint((X - 5, Y - 6, X - 2.5, Y - 6, X - 5, Y + 8, X - 6, Y + 10), shade, blur=1.6, share=0.4)
    canvas.paint((X - 1.6, Y - 5, X + 1.2, Y + 11), mix(skin, WARM, 0.6), blur=1.3, share=0.8)
    canvas.paint((X - 7, Y + 11.5, X + 7, Y + 18), shade, blur=1.6, share=0.75)
    canvas.paint((X - 4.6, Y + 7.6, X + 4.6, Y + 15), mix(skin, (200, 80, 60), 0.12), blur=1.2)
    for side in (-1, 1):
        nostril = X + side * 3.3
        canvas.paint(
            (nostril - 1.7, Y + 13.2, nostril + 1.7, Y + 15.2), mix(skin, (40, 12, 10), 0.75), blur=0.5
        )


def _mouth(canvas: Canvas, person: Look) -> None:
    y, skin = Y + 24, person.skin
    lips = mix(skin, (176, 52, 58), 0.5)
    left, right = (X - 10.5, y - person.smile * 0.6), (X + 10.5, y - person.smile * 0.6)
    below = y + 3 + person.smile * 0.4
    upper = (*left, X - 3, y - 2.8, X, y - 2, X + 3, y - 2.8, *right, X, y + 0.8)
    lower = (*left, X, y + 0.8, *right, X + 5, below, X, below + 1.2, X - 5, below)
    canvas.paint(upper, mix(lips, (60, 10, 16), 0.25), blur=0.5)
    canvas.paint(lower, lips, blur=0.5)
    canvas.line(
        [left, (X - 5, y + 0.3), (X, y + 0.7), (X + 5, y + 0.3), right], mix(lips, (30, 5, 8), 0.7), 0.9
    )
    canvas.paint((X - 4, y + 1.6, X + 3, y + 3.6), mix(lips, WHITE, 0.4), blur=0.8, share=0.6)
    canvas.paint((X - 8, y + 5.4, X + 8, y + 9), mix(skin, BROWN, 0.4), blur=1.8, share=0.55)
    for side in (-1, 1):
        fold = [(X + side * 8.5, y - 9), (X + side * 12.5, y - 4), (X + side * 13, y + 1)]
        canvas.line(fold, mix(skin, BROWN, 0.35), 0.8, blur=1)


def _beard(canvas: Canvas, person: Look) -> None:
    w, h = person.width, person.height
    cheeks = canvas.mask((X - w * 0.66, Y - h * 0.6, X + w * 0.66, Y + 17), blur=1.6)
    mouth = canvas.mask((X - 11, Y + 20.5, X + 11, Y + 29.5), blur=0.8)
    above = canvas.mask((0, 0, WIDTH, 0, WIDTH, Y + 4, 0, Y + 4), blur=2)
    jaw = (X - w * 0.86, Y - h * 0.5, X + w * 0.86, Y + h)
    beard = canvas.mask(jaw, without=(cheeks, mouth, above))
    canvas.fill(mix(person.hair, person.skin, 0.25), beard, share=0.85)


def _hair_in_front(canvas: Canvas, person: Look) -> None:
    w, h, part = person.width, person.height, person.parting * 0.25
    forehead = canvas.mask((X - w * 0.9 + part, Y - h * 0.62, X + w * 0.9 + part, Y + h * 1.4), blur=1.1)
    end = Y + 2 if person.long_hair else Y - 9
    below = canvas.mask((0, end, WIDTH, end, WIDTH, HEIGHT, 0, HEIGHT), blur=1.5)
    hair = canvas.mask((X - w - 4, Y - h - 7, X + w + 4, Y + h * 0.5), without=(forehead, below), blur=0.7)
    canvas.fill(person.hair, hair)
    shine = (X - w * 0.7, Y - h - 3, X + 4, Y - h * 0.68)
    canvas.paint(shine, mix(person.hair, WARM, 0.4), blur=4, share=0.6, within=hair)


def _glasses(canvas: Canvas, person: Look) -> None:
    frame, y = (44, 40, 44), Y - 0.5
    for side in (-1, 1):
        x = X + side * person.eyes_apart
        ring = [(x - 9, y - 5), (x + 9, y - 5), (x + 8, y + 6), (x - 8, y + 6), (x - 9, y - 5)]
        canvas.line(ring, frame, 1.2)
        canvas.line([(x + side * 9, y - 4), (X + side * (person.width + 1), y - 3)], frame, 1.2)
    bridge = person.eyes_apart - 9
    canvas.line([(X - bridge, y - 3), (X + bridge, y - 3)], frame, 1.2)
