"""One strict pass over the bits gives the pixels that Pillow gives, whatever way a picture was coded."""

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dontspy_data.portraits.jpeg import PictureError, decode_strictly, open_stored, read_structure


def jpeg(width: int, height: int, mode: str, seed: int, **options: object) -> bytes:
    channels = {"RGB": 3, "L": 1, "CMYK": 4}[mode]
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, channels), dtype=np.uint8)
    buffer = BytesIO()
    Image.fromarray(noise if channels > 1 else noise[..., 0], mode).save(buffer, "JPEG", **options)
    return buffer.getvalue()


@settings(max_examples=60)
@given(
    width=st.integers(1, 70),
    height=st.integers(1, 70),
    mode=st.sampled_from(["RGB", "L", "CMYK"]),
    quality=st.sampled_from([10, 75, 100]),
    subsampling=st.sampled_from([0, 1, 2]),
    progressive=st.booleans(),
    seed=st.integers(0, 9),
)
def test_the_pixels_are_pillows(
    width: int, height: int, mode: str, quality: int, subsampling: int, progressive: bool, seed: int
) -> None:
    # libjpeg-turbo does not know CMYK with fewer samples of colour, and such a picture is refused.
    subsampling = 0 if mode == "CMYK" else subsampling
    body = jpeg(width, height, mode, seed, quality=quality, subsampling=subsampling, progressive=progressive)
    ours = decode_strictly(body, read_structure(body))
    theirs = open_stored(body)
    assert (ours.mode, ours.size) == ("RGBX" if mode == "RGB" else mode, theirs.size)
    assert np.array_equal(np.asarray(ours.convert(mode)), np.asarray(theirs))
    assert ours.convert("L").tobytes() == theirs.convert("L").tobytes()


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_a_picture_whose_bits_end_early_is_refused(mode: str) -> None:
    body = jpeg(64, 64, mode, 1)
    cut = body[: len(body) // 2] + b"\xff\xd9"
    with pytest.raises(PictureError, match="damaged"):
        decode_strictly(cut, read_structure(cut))
