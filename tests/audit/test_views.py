"""Views of a picture: changed as they say, with the box still on the face."""

import numpy as np
import pytest
from PIL import Image

from dontspy_data.audit.model import Box
from dontspy_data.audit.views import ORIGINAL, VARIANTS, View, read_picture

BOX = Box(20, 30, 40, 24)


@pytest.fixture
def view() -> View:
    """A dark picture with a bright face, off the middle."""
    pixels = np.full((120, 100, 3), 30, dtype=np.uint8)
    pixels[30:54, 20:60] = (250, 220, 180)
    return View(Image.fromarray(pixels), BOX)


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
