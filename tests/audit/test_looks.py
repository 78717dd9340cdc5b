"""What a model is asked about one portrait, and with which box."""

from collections.abc import Sequence
from dataclasses import astuple, replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dontspy_data.audit.looks import (
    BOX,
    CHANGED,
    DETECTION,
    ORIGINAL,
    PICTURE,
    VARIANTS,
    Answered,
    Plan,
    Portrait,
    View,
    look_at,
    read_picture,
)
from dontspy_data.audit.model import (
    YEARS,
    Attribute,
    Box,
    BoxSource,
    Card,
    Choice,
    Guess,
    Question,
    Sight,
)
from dontspy_data.audit.subjects import read_subjects
from dontspy_data.errors import DontspyError
from dontspy_data.package.open import open_package

FOUND = Box(40, 50, 60, 70)
PACKAGE_BOX = Box(44, 52, 64, 72)
CHOICES = (
    Choice("colour", "ignored", ("applied",), ""),
    Choice("margin", "0.2", ("0", "0.4"), ""),
)


class Recording:
    """A model that keeps what it was asked, and finds a face where it is told to."""

    card = Card("recording", "1", "R", "", "", "", "", (Attribute.AGE,), (), CHOICES)

    def __init__(self, found: Box | None = FOUND) -> None:
        self.found = found
        self.questions: list[Question] = []

    def look(self, questions: Sequence[Question]) -> list[Sight | None]:
        self.questions += questions
        return [self._look(question) for question in questions]

    def _look(self, question: Question) -> Sight | None:
        box = question.box or self.found
        age = Guess(Attribute.AGE, YEARS, float(question.picture.mean()) / 2, None, chosen=True)
        return box and Sight(0.5, (age,), box)


@pytest.fixture(scope="module")
def portrait(package: Path) -> Portrait:
    path = read_subjects(open_package(package))[0].path
    return Portrait(path.name, path.read_bytes(), PACKAGE_BOX, anew=False)


def ask(portrait: Portrait, model: Recording, plan: Plan) -> list[Answered]:
    (answers,) = look_at([model], portrait, plan)
    return answers


def test_everything_planned_is_asked_once(portrait: Portrait) -> None:
    model = Recording()
    answers = ask(portrait, model, Plan())
    assert [(one.varied, one.variant) for one in answers] == [
        (PICTURE, ORIGINAL),
        *((PICTURE, variant) for variant in CHANGED),
        ("colour", "applied"),
        ("margin", "0"),
        ("margin", "0.4"),
        (BOX, "package"),
    ]
    assert len(model.questions) == len(answers)
    assert [dict(question.options) for question in model.questions[-3:]] == [
        {"margin": "0"},
        {"margin": "0.4"},
        {},
    ]


def test_the_box_found_in_the_original_follows_the_face_through_changes(portrait: Portrait) -> None:
    model = Recording()
    answers = ask(portrait, model, Plan(choices=()))
    width = model.questions[0].picture.shape[1]
    boxes = {one.variant: question.box for one, question in zip(answers, model.questions, strict=True)}
    assert boxes.pop(ORIGINAL) is None
    assert boxes.pop("mirrored") == Box(width - 100, 50, 60, 70)
    assert boxes.pop("upscaled") == Box(*(2 * edge for edge in astuple(FOUND)))
    assert set(boxes.values()) == {FOUND}
    assert [one.box_source for one in answers] == [BoxSource.MODEL, *[BoxSource.ORIGINAL] * len(CHANGED)]


@pytest.mark.parametrize(
    ("model", "plan"), [(Recording(), Plan(choices=(), redetect=True)), (Recording(None), Plan(choices=()))]
)
def test_a_face_is_looked_for_anew_where_asked_or_not_found(
    model: Recording, plan: Plan, portrait: Portrait
) -> None:
    answers = ask(portrait, model, plan)
    assert {question.box for question in model.questions} == {None}
    assert {one.box_source for one in answers} == {BoxSource.MODEL}


def test_of_some_portraits_changed_copies_are_also_looked_at_without_the_box(portrait: Portrait) -> None:
    model = Recording()
    answers = ask(replace(portrait, anew=True), model, Plan(choices=(DETECTION,)))
    anew = [one for one in answers if one.varied == DETECTION]
    assert [one.variant for one in anew] == list(CHANGED)
    assert {one.box_source for one in anew} == {BoxSource.MODEL}
    assert [question.box for question in model.questions[-len(anew) :]] == [None] * len(anew)


def test_a_given_box_is_the_packages_and_the_models_own_a_choice(portrait: Portrait) -> None:
    model = Recording()
    answers = ask(portrait, model, Plan(BoxSource.PACKAGE, ("greyscale",), (BOX, DETECTION)))
    assert [question.box for question in model.questions] == [PACKAGE_BOX, PACKAGE_BOX, None]
    assert [(one.varied, one.box_source) for one in answers] == [
        (PICTURE, BoxSource.PACKAGE),
        (PICTURE, BoxSource.PACKAGE),
        (BOX, BoxSource.MODEL),
    ]


def test_colours_are_as_the_models_documentation_has_them(portrait: Portrait) -> None:
    model = Recording()
    ask(portrait, model, Plan(variants=(), choices=("colour",)))
    stored, applied = (
        np.asarray(read_picture(portrait.body, "", colour)) for colour in ("ignored", "applied")
    )
    assert [np.array_equal(q.picture, stored) for q in model.questions[:1]] == [True]
    assert [np.array_equal(q.picture, applied) for q in model.questions[1:]] == [True]


def test_one_answer_is_needed_for_each_question(portrait: Portrait) -> None:
    model = Recording()
    model.look = lambda questions: []  # type: ignore[method-assign]
    with pytest.raises(DontspyError, match="recording gives 0 answers to 1 questions"):
        ask(portrait, model, Plan())


def test_a_damaged_picture_is_named(portrait: Portrait) -> None:
    with pytest.raises(DontspyError, match=portrait.name):
        ask(replace(portrait, body=b"no picture"), Recording(), Plan())


FACE_BOX = Box(20, 30, 40, 24)


@pytest.fixture
def view() -> View:
    """A dark picture with a bright face, off the middle."""
    pixels = np.full((120, 100, 3), 30, dtype=np.uint8)
    pixels[30:54, 20:60] = (250, 220, 180)
    return View(Image.fromarray(pixels), FACE_BOX)


@pytest.mark.parametrize("name", VARIANTS)
def test_the_box_follows_the_face(name: str, view: View) -> None:
    changed = VARIANTS[name](view)
    assert changed.box is not None
    grey = np.asarray(changed.image.convert("L")).astype(int)
    rows, columns = np.nonzero(grey > 130)
    middle = changed.box.left + changed.box.width / 2, changed.box.top + changed.box.height / 2
    assert (columns.mean() + 0.5, rows.mean() + 0.5) == pytest.approx(middle, abs=1.5)


@pytest.mark.parametrize("name", [name for name in VARIANTS if name != ORIGINAL])
def test_every_variant_changes_pixels_and_leaves_the_original_alone(name: str, view: View) -> None:
    before = view.pixels.copy()
    changed = VARIANTS[name](view).pixels
    assert changed.shape != before.shape or not np.array_equal(changed, before)
    assert np.array_equal(view.pixels, before)


@pytest.mark.parametrize("name", VARIANTS)
def test_without_a_box_there_is_still_none(name: str, view: View) -> None:
    assert VARIANTS[name](View(view.image, None)).box is None


def test_values_are_what_the_names_say(view: View) -> None:
    assert VARIANTS["darker"](view).pixels.max() == 150
    grey = VARIANTS["greyscale"](view).pixels
    assert (grey[..., 0] == grey[..., 1]).all()
    assert VARIANTS["upscaled"](view).image.size == (200, 240)


def test_a_picture_is_read_upright_in_rgb(tmp_path) -> None:  # type: ignore[no-untyped-def]
    image = Image.new("CMYK", (30, 20), (0, 255, 255, 0))
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(tmp_path / "a.jpg", exif=exif, quality=95)
    read = read_picture((tmp_path / "a.jpg").read_bytes(), "a.jpg")
    assert (read.mode, read.size) == ("RGB", (20, 30))
    red, green, blue = read.getpixel((5, 5))
    assert red > 200 > 60 > max(green, blue)
