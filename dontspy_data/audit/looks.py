"""What every model is asked about one portrait: as published, changed (a view), and used otherwise than documented.

The box of the face that a model finds in the portrait as published is reused for the changed copies, adjusted to
each change, since finding the face takes most of the time of a look. How much that
matters is a choice like others (`detection`), tested on a few portraits.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from functools import cache
from io import BytesIO

import numpy as np
from PIL import Image, ImageOps

from dontspy_data.audit.model import Box, BoxSource, Card, Model, Pixels, Question, Sight, check_sight
from dontspy_data.audit.subjects import Subject
from dontspy_data.errors import DontspyError
from dontspy_data.portraits.jpeg import PictureError, open_upright, to_srgb

ANGLE = 5
JPEG_QUALITY = 40
DARKER = 0.6
LARGER = 2
ORIGINAL = "original"
APPLIED, IGNORED = "applied", "ignored"
"""What can be done with a picture's colour profile."""


@dataclass(frozen=True, slots=True)
class View:
    """A picture and where the face is in it.

    Attributes:
        image: mode `RGB`, upright, sRGB.
        box: of the face; None if no box is given.
    """

    image: Image.Image
    box: Box | None

    @property
    def pixels(self) -> Pixels:
        """The picture as an array."""
        return np.asarray(self.image)


def read_picture(body: bytes, name: str, colour: str = APPLIED) -> Image.Image:
    """Open a portrait upright, mode `RGB`.

    Args:
        body: its file.
        name: of the file, for errors.
        colour: `APPLIED` to bring its colours into sRGB by its profile, as a browser does, `IGNORED` to leave them as
            they are stored.

    Raises:
        DontspyError: it is damaged.
    """
    try:
        image = open_upright(body)
    except (OSError, PictureError) as error:
        raise DontspyError(
            f"{name} cannot be read: {error}",
            hint="See what is wrong with the package: dontspy-data check FOLDER",
        ) from error
    return to_srgb(image, image.info.get("icc_profile")) if colour == APPLIED else image.convert("RGB")


def _mirrored(view: View) -> View:
    box = view.box and Box(
        view.image.width - view.box.left - view.box.width, view.box.top, view.box.width, view.box.height
    )
    return View(ImageOps.mirror(view.image), box)


def _compressed(view: View) -> View:
    stream = BytesIO()
    view.image.save(stream, "JPEG", quality=JPEG_QUALITY)
    with Image.open(stream) as image:
        return View(image.convert("RGB"), view.box)


def _rotated(view: View) -> View:
    """Turn a picture about the middle of the box, or of itself, so that a given box stays where it is."""
    box = view.box
    middle = (box.left + box.width / 2, box.top + box.height / 2) if box else None
    turned = view.image.rotate(ANGLE, Image.Resampling.BICUBIC, center=middle, fillcolor=(128, 128, 128))
    return View(turned, view.box)


def _grey(view: View) -> View:
    return View(view.image.convert("L").convert("RGB"), view.box)


def _darker(view: View) -> View:
    return View(view.image.point([round(value * DARKER) for value in range(256)] * 3), view.box)


def _larger(view: View) -> View:
    box = view.box and Box(*(edge * LARGER for edge in astuple(view.box)))
    size = (view.image.width * LARGER, view.image.height * LARGER)
    return View(view.image.resize(size, Image.Resampling.BICUBIC), box)


VARIANTS: Mapping[str, Callable[[View], View]] = {
    ORIGINAL: lambda view: view,
    "mirrored": _mirrored,
    "jpeg_40": _compressed,
    "rotated_5": _rotated,
    "greyscale": _grey,
    "darker": _darker,
    "upscaled": _larger,
}
"""The portrait as published, and changes that a person would see as the same picture of the same face."""
CHANGED = tuple(variant for variant in VARIANTS if variant != ORIGINAL)


PICTURE = "picture"
"""What is varied if the picture itself is changed; else the name of a choice."""
COLOUR, BOX, DETECTION, REFERENCE_DAY = "colour", "box", "detection", "reference_day"
CHOICES = (COLOUR, BOX, "alignment", "margin", "resize", DETECTION, REFERENCE_DAY)
"""All choices. Those without a constant here belong to the models."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked about every portrait.

    Attributes:
        boxes: where the face's box comes from in portraits as published: `MODEL` or `PACKAGE`.
        variants: names of the changed pictures.
        choices: names of the choices whose other options are asked for.
        redetect: whether models look for the face again in every changed copy.
    """

    boxes: BoxSource = BoxSource.MODEL
    variants: tuple[str, ...] = CHANGED
    choices: tuple[str, ...] = CHOICES
    redetect: bool = False


@dataclass(frozen=True, slots=True)
class Answered:
    """A model's answer to one question.

    Attributes:
        varied: how the question differs from the portrait as published: by `PICTURE` or a choice.
        variant: the variant; `ORIGINAL` for the portrait as published.
        box_source: where the box comes from.
        sight: what the model says; None if it found no face.
    """

    varied: str
    variant: str
    box_source: BoxSource
    sight: Sight | None


@dataclass(frozen=True, slots=True)
class Look:
    """An answer, with the portrait that it is about and the name of the model that gives it."""

    subject: Subject
    model: str
    answered: Answered

    @property
    def is_original(self) -> bool:
        """Whether it is about the portrait as published, as the model's documentation says."""
        return (self.answered.varied, self.answered.variant) == (PICTURE, ORIGINAL)


@dataclass(frozen=True, slots=True)
class Portrait:
    """What is needed to ask about a portrait, including its bytes, so that a worker needs no file.

    Attributes:
        name: of the file, for errors.
        body: the file.
        box: of the face, as the package has it; None if it has none.
        anew: whether the face is looked for in changed copies as well, for the choice `detection`.
    """

    name: str
    body: bytes
    box: Box | None
    anew: bool


def look_at(models: Sequence[Model], portrait: Portrait, plan: Plan) -> list[list[Answered]]:
    """Ask models about one portrait.

    Returns:
        The answers of each model, that about the portrait as published first.

    Raises:
        DontspyError: a model does not answer as its card says, or the picture cannot be read.
    """
    opened = cache(lambda colour: read_picture(portrait.body, portrait.name, colour))
    return [list(_ask(model, portrait, opened, plan)) for model in models]


Opened = Callable[[str], Image.Image]
"""A portrait's picture, by the treatment of its colour profile."""


def _ask(model: Model, portrait: Portrait, opened: Opened, plan: Plan) -> Iterator[Answered]:
    image = opened(next((one.default for one in model.card.choices if one.name == COLOUR), APPLIED))
    given = portrait.box if plan.boxes is BoxSource.PACKAGE else None
    (first,) = _answers(model, [Question(np.asarray(image), given)])
    yield Answered(PICTURE, ORIGINAL, plan.boxes, first)
    view, source = View(image, given), plan.boxes
    if first and first.box and not given and not plan.redetect:
        view, source = View(image, first.box), BoxSource.ORIGINAL
    asked = [
        *_changed(view, source, PICTURE, plan.variants),
        *_otherwise(model.card, opened, view, source, plan.choices),
        *(_by_other_box(portrait, image, plan) if BOX in plan.choices and first and first.box else ()),
        *(
            _changed(View(image, None), BoxSource.MODEL, DETECTION, plan.variants)
            if DETECTION in plan.choices and portrait.anew and source is BoxSource.ORIGINAL
            else ()
        ),
    ]
    sights = _answers(model, [question for *_, question in asked])
    for (varied, variant, box_source, _), sight in zip(asked, sights, strict=True):
        yield Answered(varied, variant, box_source, sight)


_Asked = tuple[str, str, BoxSource, Question]
"""What is varied, how, where the box comes from, and the question itself."""


def _changed(view: View, source: BoxSource, varied: str, variants: Sequence[str]) -> Iterator[_Asked]:
    for variant in variants:
        changed = VARIANTS[variant](view)
        yield varied, variant, source, Question(changed.pixels, changed.box)


def _otherwise(
    card: Card, opened: Opened, view: View, source: BoxSource, choices: Sequence[str]
) -> Iterator[_Asked]:
    """Yield the questions of the choices on the model's card."""
    for choice in card.choices:
        for option in choice.others if choice.name in choices else ():
            if choice.name == COLOUR:
                question = Question(np.asarray(opened(option)), view.box)
            else:
                question = Question(view.pixels, view.box, {choice.name: option})
            yield choice.name, option, source, question


def _by_other_box(portrait: Portrait, image: Image.Image, plan: Plan) -> Iterator[_Asked]:
    if plan.boxes is BoxSource.PACKAGE:
        yield BOX, BoxSource.MODEL, BoxSource.MODEL, Question(np.asarray(image), None)
    elif portrait.box:
        yield BOX, BoxSource.PACKAGE, BoxSource.PACKAGE, Question(np.asarray(image), portrait.box)


def _answers(model: Model, questions: Sequence[Question]) -> Sequence[Sight | None]:
    sights = model.look(questions) if questions else ()
    if len(sights) != len(questions):
        raise DontspyError(
            f"the model {model.card.name} gives {len(sights)} answers to {len(questions)} questions",
            hint="A model gives one answer for each question, None if it finds no face; see docs/audit.md.",
        )
    for sight in sights:
        if sight:
            check_sight(model.card, sight)
    return sights
