"""Perceptual hashes: the same picture in other sizes is found, other pictures are not."""

from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dontspy_data.portraits.describe import (
    NEAR,
    Fingerprint,
    NearDuplicate,
    describe,
    distance,
    fingerprint,
    near_duplicates,
)

HASHES = st.binary(min_size=32, max_size=32).map(bytes.hex)


def phash(body: bytes) -> str:
    picture = describe(body, faces=False).picture
    assert picture
    return picture.phash


def saved(body: bytes, scale: float, quality: int) -> bytes:
    image = Image.open(BytesIO(body))
    stream = BytesIO()
    image.resize((round(image.width * scale), round(image.height * scale))).save(
        stream, "JPEG", quality=quality, icc_profile=image.info.get("icc_profile")
    )
    return stream.getvalue()


def test_half_the_size_at_quality_70_is_the_same_picture(people: dict[int, bytes]) -> None:
    for body in list(people.values())[::8]:
        assert distance(phash(body), phash(saved(body, 0.5, 70))) <= NEAR


def test_a_hash_does_not_change_between_versions() -> None:
    grey = Image.linear_gradient("L").rotate(30)
    assert fingerprint(grey) == "81543d0f53e8ac0b4be8a41f6bc094df2b4156ba294fd2aa6d6fbad1552faa50"


@given(HASHES, HASHES, HASHES)
def test_distance_is_a_metric(a: str, b: str, c: str) -> None:
    assert distance(a, a) == 0
    assert distance(a, b) == distance(b, a)
    assert distance(a, c) <= distance(a, b) + distance(b, c)


@given(st.lists(st.tuples(st.integers(1, 4), HASHES, st.integers(0, 40)), max_size=12), st.randoms())
def test_near_duplicates_are_all_close_pairs_of_different_people(
    seeds: list[tuple[int, str, int]], random: object
) -> None:
    # Each hash comes with a copy in which some bits differ, so that there are pairs to find.
    prints = [
        Fingerprint(mep_id + n * 10, f"{mep_id + n * 10}-{i}", f"{int(h, 16) ^ (2**bits - 1) * n:064x}")
        for i, (mep_id, h, bits) in enumerate(seeds)
        for n in (0, 1)
    ]
    expected = {
        NearDuplicate(
            *sorted((a.portrait_id, b.portrait_id)),
            distance(a.phash, b.phash),  # type: ignore[misc]
        )
        for a in prints
        for b in prints
        if a.mep_id != b.mep_id and distance(a.phash, b.phash) <= NEAR
    }
    found = list(near_duplicates(prints))
    assert set(found) == expected
    assert found == sorted(found, key=lambda pair: (pair.first, pair.second))
