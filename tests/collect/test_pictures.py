from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dontspy_data.sources import pictures as jpeg


def picture(*, progressive: bool = False, exif: bytes = b"", size: tuple[int, int] = (30, 40)) -> bytes:
    out = BytesIO()
    image = Image.effect_noise(size, 90).convert("RGB")
    image.save(out, "JPEG", progressive=progressive, exif=exif, restart_marker_blocks=4)
    return out.getvalue()


BASELINE = picture()
PROGRESSIVE = picture(progressive=True)


@given(st.sampled_from([BASELINE, PROGRESSIVE]), st.data())
def test_only_the_whole_picture_is_whole(whole: bytes, data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(whole) - 1))
    assert jpeg.is_whole(whole)
    assert not jpeg.is_whole(whole[:cut])


def test_a_whole_preview_in_the_metadata_does_not_make_half_a_picture_whole() -> None:
    with_preview = picture(exif=b"Exif\0\0" + BASELINE)
    assert jpeg.is_whole(with_preview)
    cut = with_preview[: with_preview.index(BASELINE) + len(BASELINE) + 400]
    assert cut.count(b"\xff\xd9") == 1
    assert not jpeg.is_whole(cut)


def test_bytes_after_the_end_are_let_be() -> None:
    assert jpeg.is_whole(BASELINE + b"\0\0junk")


def test_tables_without_a_picture_are_not_one() -> None:
    assert not jpeg.is_whole(b"\xff\xd8\xff\xd9")


@given(st.binary(max_size=300))
def test_anything_can_be_asked_about(data: bytes) -> None:
    assert not jpeg.is_whole(data)
    assert isinstance(jpeg.is_whole(b"\xff\xd8\xff" + data), bool)
