"""The 370 real portraits of April 2023."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from dontspy_data.capture.captures import Captures
from dontspy_data.check.portrait_report import report
from dontspy_data.portraits.describe import (
    Description,
    Fingerprint,
    Picture,
    StatusReason,
    describe,
    distance,
    near_duplicates,
)
from dontspy_data.portraits.engine import Job, describe_all, open_executor
from dontspy_data.portraits.rows import PortraitTables, portrait_rows
from dontspy_data.sources import portraits as source
from dontspy_data.sources.portraits import PortraitVersion, ShownPeriod

WHEN = datetime(2023, 4, 27, tzinfo=UTC)
GPS_VERSION_ONLY = {107212, 197519, 197572, 240478}
CMYK = 197720


@pytest.fixture(scope="module")
def bodies(shared: Path) -> Mapping[int, bytes]:
    captures = Captures.open([shared / "ep" / "captures.warc.gz"])
    return {
        int(match["id"]): page.body
        for url in captures.urls()
        if (match := source.PATTERN.match(url)) and (page := captures.latest(url)) and page.status == 200
    }


@pytest.fixture(scope="module")
def described(bodies: Mapping[int, bytes]) -> Mapping[int, Description]:
    jobs = [Job(str(mep_id), body) for mep_id, body in bodies.items()]
    with open_executor(2, None) as executor:
        return {int(job.sha256): found for job, found in describe_all(jobs, executor, faces=True)}


@pytest.fixture(scope="module")
def pictures(described: Mapping[int, Description]) -> Mapping[int, Picture]:
    return {mep_id: found.picture for mep_id, found in described.items() if found.picture}


@pytest.fixture(scope="module")
def tables(bodies: Mapping[int, bytes], described: Mapping[int, Description]) -> PortraitTables:
    digests = {mep_id: hashlib.sha256(body).hexdigest() for mep_id, body in bodies.items()}
    seen = [
        PortraitVersion(
            mep_id,
            digests[mep_id],
            source.url(mep_id),
            200,
            (ShownPeriod(WHEN, WHEN),),
            is_current=True,
            noai=False,
        )
        for mep_id in described
    ]
    return portrait_rows(seen, {digests[mep_id]: found for mep_id, found in described.items()}, set())


def test_every_portrait_has_exactly_one_face_above_nine_tenths(pictures: Mapping[int, Picture]) -> None:
    assert len(pictures) == 370
    assert {len(picture.faces or ()) for picture in pictures.values()} == {1}
    assert min(face.score for picture in pictures.values() for face in picture.faces or ()) > 0.9


def test_none_is_a_placeholder_and_no_two_are_alike(tables: PortraitTables) -> None:
    assert {row.status for row in tables.portraits} == {"present"}
    assert report(tables).near_duplicates == ()


def test_different_people_are_more_than_40_bits_apart(tables: PortraitTables) -> None:
    prints = [Fingerprint(row.mep_id, row.portrait_id, row.phash or "") for row in tables.portraits]
    assert list(near_duplicates(prints, within=40)) == []


def test_half_size_at_quality_70_is_a_near_duplicate(
    bodies: Mapping[int, bytes], pictures: Mapping[int, Picture]
) -> None:
    farthest = 0
    for mep_id, body in bodies.items():
        image = Image.open(BytesIO(body))
        stream = BytesIO()
        half = image.resize((max(1, image.width // 2), max(1, image.height // 2)))
        half.save(stream, "JPEG", quality=70, icc_profile=image.info.get("icc_profile"))
        again = describe(stream.getvalue(), faces=False).picture
        assert again
        farthest = max(farthest, distance(again.phash, pictures[mep_id].phash))
    assert farthest < 15


def test_none_is_withheld_although_four_have_a_gps_version(
    bodies: Mapping[int, bytes], described: Mapping[int, Description]
) -> None:
    assert [found.problem for found in described.values() if found.problem] == []
    with_version = {
        mep_id
        for mep_id, body in bodies.items()
        if Image.open(BytesIO(body)).getexif().get_ifd(ExifTags.IFD.GPSInfo)
    }
    assert with_version == GPS_VERSION_ONLY


@pytest.mark.parametrize("mep_id", [*sorted(GPS_VERSION_ONLY)[:2], CMYK])
def test_a_location_written_into_one_withholds_it(bodies: Mapping[int, bytes], mep_id: int) -> None:
    image = Image.open(BytesIO(bodies[mep_id]))
    exif = image.getexif()
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (50.0, 50.0, 21.0), 3: "E", 4: (4.0, 22.0, 30.0)})
    stream = BytesIO()
    image.save(stream, "JPEG", quality="keep", exif=exif.tobytes(), icc_profile=image.info["icc_profile"])
    found = describe(stream.getvalue(), faces=False)
    assert (found.picture, found.reason) == (None, StatusReason.LOCATION)


def test_rights_of_the_real_portraits(tables: PortraitTables) -> None:
    assert Counter(row.rights_status for row in tables.portraits) == {
        "reuse": 335,
        "not_stated": 27,
        "unclear": 8,
    }
    for row in tables.portraits:
        texts = (row.caption, row.copyright_text, row.photographer, row.credit_line, row.usage_terms)
        assert not any(sign in (text or "") for text in texts for sign in ("Ã", "Â", "Prenom NOM", "\ufffd"))


def test_the_cmyk_portrait(pictures: Mapping[int, Picture]) -> None:
    picture = pictures[CMYK]
    assert (picture.mode, picture.width, picture.height) == ("CMYK", 170, 215)
    assert picture.icc_profile == "U.S. Web Coated (SWOP) v2"
    crop = (picture.faces or ())[0].crop
    assert crop
    assert Image.open(BytesIO(crop.body)).mode == "RGB"


def test_workers_and_this_process_agree(
    bodies: Mapping[int, bytes], described: Mapping[int, Description]
) -> None:
    for mep_id in list(bodies)[::40]:
        assert describe(bodies[mep_id], faces=True) == described[mep_id]
