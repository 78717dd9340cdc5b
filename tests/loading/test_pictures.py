"""Portraits, faces and galleries: every picture comes with its credit."""

from pathlib import Path

import pytest
from PIL import Image

import dontspy_data as dd
from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.loading.pictures import Credit, Gallery, GalleryCard, open_picture

CREDIT = Credit(7, "portraits/7.jpg", "© Studio Muster", "unclear", "ask", "https://example.org/7.jpg")
WITHOUT = {"absent": 9000048}


def test_a_portrait_carries_what_must_stay_with_it(faces: dd.OpenDataFaces) -> None:
    rows = faces.portraits[faces.portraits["is_current"] & faces.portraits["path"].notna()]
    for row in rows.to_dict("records"):
        picture = faces.portrait(row["mep_id"])
        assert picture.info["credit"] == row["credit_line"]
        assert picture.info["rights_status"] == row["rights_status"]
        assert picture.info["source_url"] == row["source_url"]
        assert picture.info["mep_id"] == row["mep_id"]


def test_no_portrait_is_said_with_the_reason(faces: dd.OpenDataFaces) -> None:
    current = faces.portraits[faces.portraits["is_current"]].set_index("mep_id")["status"]
    for mep_id, status in current[current != "present"].items():
        with pytest.raises(UsageError, match=f"no portrait of {mep_id}: its status is '{status}'"):
            faces.portrait(mep_id)
    with pytest.raises(UsageError, match="nobody in sample has the number 1"):
        faces.portrait(1)


def test_shards_hold_each_portrait_once(faces: dd.OpenDataFaces) -> None:
    everybody = [picture.info["mep_id"] for picture in faces.iter_portraits()]
    assert everybody == sorted(faces.credits)
    shards = [[picture.info["mep_id"] for picture in faces.iter_portraits(n, 4)] for n in range(4)]
    assert sorted(mep_id for shard in shards for mep_id in shard) == everybody
    for shard, count in ((4, 4), (-1, 4), (0, 0)):
        with pytest.raises(UsageError, match="there is no shard"):
            faces.iter_portraits(shard, count)


def test_iterating_may_stop_early(faces: dd.OpenDataFaces) -> None:
    pictures = faces.iter_portraits()
    assert next(pictures).info["mep_id"] == min(faces.credits)
    pictures.close()


def test_a_turned_picture_is_made_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (30, 20), "red").save(tmp_path / "7.jpg", exif=exif)
    picture = open_picture(tmp_path / "7.jpg", CREDIT)
    assert picture.size == (20, 30)
    assert picture.info["credit"] == "© Studio Muster"


@pytest.mark.parametrize("body", [b"", b"\xff\xd8\xff", b"GIF89a"])
def test_what_does_not_decode_is_named(body: bytes, tmp_path: Path) -> None:
    (tmp_path / "7.jpg").write_bytes(body)
    with pytest.raises(DontspyError, match=r"portraits/7\.jpg cannot be decoded"):
        open_picture(tmp_path / "7.jpg", CREDIT)


def test_faces_of_a_person_come_largest_first(faces: dd.OpenDataFaces) -> None:
    several = faces.faces["mep_id"].value_counts()
    for mep_id in [*several[several > 1].index, 9000001]:
        found = faces.faces_of(mep_id)
        assert (found["mep_id"] == mep_id).all()
        assert (found["width"] * found["height"]).is_monotonic_decreasing
    assert len(faces.faces_of(9000001)) == 1
    assert faces.faces_of(1).empty


@pytest.mark.parametrize("query", ["country == 'MT'", "frame", "numbers"])
def test_a_gallery_of_some(query: str, faces: dd.OpenDataFaces) -> None:
    frame = faces.meps[faces.meps["country"] == "MT"]
    people = {"frame": frame, "numbers": frame["mep_id"].tolist()}.get(query, query)
    gallery = faces.gallery(people)
    assert gallery.total == len(gallery.cards) == len(frame)
    assert [card.name for card in gallery.cards] == frame.sort_values("mep_id")["name"].tolist()
    assert all(card.about.startswith("MT") for card in gallery.cards)


def test_a_gallery_of_one(faces: dd.OpenDataFaces) -> None:
    assert [card.picture is not None for card in faces.gallery(9000001).cards] == [True]


def test_a_gallery_shows_credits_and_says_where_there_is_no_picture(faces: dd.OpenDataFaces) -> None:
    gallery = faces.gallery(limit=100)
    html = gallery._repr_html_()
    assert html.count("<figure") == html.count("</figure>") == 62
    assert html.count('src="data:image/jpeg;base64,') == 59
    assert "no portrait: absent" in html
    assert "© Studio Beispiel &amp; Uzorak" in html
    assert "<script>" not in html


def test_a_gallery_is_limited_and_says_so(faces: dd.OpenDataFaces) -> None:
    gallery = faces.gallery(limit=5)
    assert repr(gallery) == "<Gallery of 5 of 62 people: sheet() gives a picture>"
    assert "5 of 62 people" in gallery._repr_html_()


def test_a_query_that_cannot_be_read_is_said(faces: dd.OpenDataFaces) -> None:
    for query in ("country = 'MT'", "planet == 'Mars'", "country >", "mep_id"):
        with pytest.raises(UsageError, match="cannot be read") as error:
            faces.gallery(query)
        assert "political_group" in error.value.hint
    with pytest.raises(UsageError, match="no column mep_id"):
        faces.gallery(faces.countries)


def ink(picture: Image.Image) -> int:
    return sum(picture.convert("L").histogram()[:200])


def test_a_sheet_has_a_place_for_everybody_and_no_text_is_cut(faces: dd.OpenDataFaces) -> None:
    short, long = (Credit(7, "x", text, "reuse", "", "") for text in ("©", "© " + "many words " * 40))
    path = faces.path("portraits/9000001.jpg")
    sheets = [
        Gallery((GalleryCard("Ada", "MT", "", "present", (path, credit)),), 1).sheet()
        for credit in (short, long)
    ]
    assert sheets[1].height > sheets[0].height + 100
    assert sheets[1].width == sheets[0].width
    assert ink(sheets[1].crop((0, sheets[1].height - 60, *sheets[1].size))) > 0
    assert faces.gallery(limit=7).sheet(columns=3).size[1] > 3 * 150
    assert faces.gallery([]).sheet().size[0] > 0


def test_letters_of_every_name_can_be_drawn(faces: dd.OpenDataFaces) -> None:
    from fontTools.ttLib import TTFont

    from dontspy_data.check.portrait_report import FONT

    drawn = set(TTFont(FONT).getBestCmap())
    names = "".join(
        [*faces.meps["name"], *faces.countries["name_en"], *faces.meps["political_group"].dropna()]
    )
    names += "ÁČĐĒĘŁŃŐŘŞȘŢȚŪŹŻßẞ Ελλάδα България"
    assert {letter for letter in names if ord(letter) not in drawn} == set()
