from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dontspy_data.capture.records import Page
from dontspy_data.sources import portraits as jpeg
from dontspy_data.sources.portraits import reserved_by


def mark(*lines: str, name: str = "X-Robots-Tag") -> str:
    headers = tuple((name, line) for line in lines)
    return reserved_by(Page("https://host/x", 200, headers, b"", datetime(2026, 1, 2, tzinfo=UTC)))


@pytest.mark.parametrize(
    "lines",
    [
        ["noai"],
        ["noimageai"],
        ["noml"],
        ["NOAI, NOIMAGEAI"],
        ["noindex, noai"],
        ["*: noai"],
        ["dontspy-data: noai"],
        ["Dontspy-Data/1.0: noindex, noai"],
        ["max-image-preview:large, noai"],
        ["max-snippet:-1, max-image-preview:large, noai"],
        ["unavailable_after: 25 Jun 2027 15:00:00 PST, noai"],
        ["unavailable_after: Friday, 25-Jun-27 15:00:00 PST, noai"],
        ["unavailable_after: 2027-06-25T15:00:00+02:00, noai"],
        ["googlebot: nofollow", "noai"],
        ["noai", "googlebot: nofollow"],
        ["googlebot: noindex", "*: noai"],
        ["bingbot: noindex", "noindex, noai"],
        ["otherbot: noai, dontspy-data: noimageai"],
        ["noai noimageai"],
        ["noai; noimageai"],
        ["none, noai"],
        ["some-new-rule: yes, noai"],
        [" ,, noai ,"],
    ],
)
def test_what_is_marked_is_left_out_and_the_line_is_named(lines: list[str]) -> None:
    assert mark(*lines) in [f"X-Robots-Tag: {line}" for line in lines]


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [""],
        ["noindex, noarchive"],
        ["googlebot: noai"],
        ["otherbot: noindex, noai"],
        ["otherbot: max-snippet:-1, noai"],
        ["all"],
        ["noaiming"],
        ["max-image-preview:large"],
    ],
)
def test_what_is_not_for_this_project_is_no_mark(lines: list[str]) -> None:
    assert mark(*lines) == ""


@pytest.mark.parametrize(
    ("value", "reserved"), [("1", True), ("0", False), (" 0 ", False), ("yes", True), ("", True)]
)
def test_text_and_data_mining_may_be_reserved(value: str, reserved: bool) -> None:
    assert bool(mark(value, name="TDM-Reservation")) is reserved


@given(st.lists(st.text(max_size=40), max_size=4))
def test_any_header_can_be_asked_about(lines: list[str]) -> None:
    assert isinstance(mark(*lines), str)


@given(
    st.lists(st.sampled_from(["noindex", "max-snippet:-1", "nofollow", "noarchive", "all"]), max_size=6),
    st.data(),
)
def test_a_rule_for_everybody_counts_wherever_it_stands(rules: list[str], data: st.DataObject) -> None:
    rules.insert(data.draw(st.integers(0, len(rules))), "noai")
    assert mark(", ".join(rules))


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
