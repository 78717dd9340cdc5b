"""Bulk CSVs, whole ones and the damaged copies of 2022."""

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.capture.captures import Page
from dontspy_data.errors import PageError, UnknownCodeError
from dontspy_data.model.statements import Property
from dontspy_data.sources import ep_csv

URL = ep_csv.url(9, 2)
COLUMNS = (
    "mep_identifier", "mep_honorific_prefix", "mep_given_name", "mep_family_name", "mep_official_given_name",
    "mep_official_family_name", "mep_gender", "mep_citizenship", "mep_place_of_birth", "mep_birthday",
    "mep_death_date", "mep_image", "mep_email", "mep_homepage", "mep_twitter", "mep_facebook_page",
    "mep_facebook_profile", "mep_instagram", "mep_URI",
)  # fmt: skip


def row(mep_id="9000001", **cells):
    return {"mep_identifier": mep_id, **{f"mep_{name}": cell for name, cell in cells.items()}}


def sheet(*rows, delimiter=",", encoding="cp1252", columns=COLUMNS):
    """A copy with a letter that UTF-8 and cp1252 write differently, as every real one has."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows([*rows, row("9000099", given_name="José", family_name="Ejemplo")])
    return stream.getvalue().encode(encoding, errors="replace")


@pytest.fixture
def read(page):
    """Reads rows of a sheet, without what is said of the person that every sheet has."""

    def reader(*rows, **how):
        reading = ep_csv.read(page(URL, sheet(*rows, **how)))
        kept = tuple(s for s in reading.statements if s.mep_id != 9000099)
        return type(reading)(kept, unread=reading.unread, notes=reading.notes)

    return reader


NEW = {"delimiter": ";", "encoding": "utf-8-sig"}


def test_names_in_parts_and_together(read, only):
    reading = read(row(given_name="Zoë", family_name="van der Fabel"))
    assert only(reading, Property.NAME).value == "Zoë VAN DER FABEL"
    assert only(reading, Property.GIVEN_NAME).value == "Zoë"
    assert only(reading, Property.FAMILY_NAME).value == "van der Fabel"
    term = only(reading, Property.TERM)
    assert (term.value, term.term) == ("9", 9)


def test_lost_letters_stay_lost_here(read, only):
    assert (
        only(read(row(given_name="Ždeněk", family_name="Příklad")), Property.NAME).value == "Žden?k P?ÍKLAD"
    )


def test_a_whole_copy_has_its_letters(read, only):
    reading = read(row(given_name="Ždeněk", family_name="Příklad", official_given_name="Άντα"), **NEW)
    assert only(reading, Property.NAME).value == "Ždeněk PŘÍKLAD"
    assert only(reading, Property.OFFICIAL_GIVEN_NAME).value == "Άντα"


def test_a_name_of_which_nothing_is_left_is_a_note(read, values):
    reading = read(row(official_given_name="Άντα"))
    assert values(reading, Property.OFFICIAL_GIVEN_NAME) == []
    assert len(reading.notes) == 1
    assert "'????': a cell of mep_official_given_name" in str(reading.notes[0])


@pytest.mark.parametrize(
    "cell", ["06/02/1952", "06/02/1952 01:00", "06/02/1952 12:00", "06/02/1952 01:36", "1952-02-06"]
)
@pytest.mark.parametrize(("column", "about"), [("birthday", "birth_date"), ("death_date", "death_date")])
def test_a_day_loses_its_hour_and_stays_the_same_day(read, only, cell, column, about):
    assert only(read(row(**{column: cell})), Property(about)).value == "1952-02-06"


@pytest.mark.parametrize("cell", ["1952", "1952-02"])
def test_a_vague_day_stays_vague(read, only, cell):
    assert only(read(row(birthday=cell)), Property.BIRTH_DATE).value == cell


@pytest.mark.parametrize("cell", ["06/02/1952 23:00", "06/02/1952 12:01", "31/02/1952", "195", "########"])
def test_a_day_that_may_be_wrong_is_a_note(read, values, cell):
    reading = read(row(birthday=cell))
    assert values(reading, Property.BIRTH_DATE) == []
    assert len(reading.notes) == 1
    assert cell in reading.notes[0].where
    assert "9000001" in reading.notes[0].where


@given(day=st.dates(), hour=st.integers(0, 11), minute=st.integers(0, 59))
def test_any_day_before_noon_is_the_day_as_printed(day, hour, minute):
    cell = f"{day.day:02}/{day.month:02}/{day.year:04} {hour:02}:{minute:02}"
    body = sheet(row(birthday=cell))
    (found,) = (s for s in _page_of(body).statements if s.property is Property.BIRTH_DATE)
    assert found.value == day.isoformat()


def _page_of(body):
    return ep_csv.read(Page(URL, 200, (), body, datetime(2022, 8, 21, tzinfo=UTC)))


@pytest.mark.parametrize("how", [{"delimiter": ";"}, {"encoding": "utf-8"}, NEW])
def test_citizenship_as_printed_in_whole_copies(read, only, how):
    assert only(read(row(citizenship="Estonia"), **how), Property.CITIZENSHIP).value == "EE"
    assert only(read(row(citizenship="Spain"), **how), Property.CITIZENSHIP).value == "ES"


def test_citizenship_of_estonia_and_spain_is_put_right_in_damaged_copies_only(read, only):
    assert only(read(row(citizenship="Estonia")), Property.CITIZENSHIP).value == "ES"
    assert only(read(row(citizenship="Spain")), Property.CITIZENSHIP).value == "EE"
    assert only(read(row(citizenship="Sweden")), Property.CITIZENSHIP).value == "SE"


def test_the_country_of_a_newer_copy_is_a_mandate_of_that_term(read, only):
    columns = (*COLUMNS, "mep_country_of_representation")
    mandate = only(read(row(country_of_representation="Greece"), columns=columns, **NEW), Property.MANDATE)
    assert (mandate.value, mandate.term) == ("GR", 9)


def test_several_addresses_in_one_cell(read, values):
    reading = read(
        row(
            email="mailto:ada@europarl.europa.eu; mailto:office@ada.example",
            homepage="https://ada.example/?a=1;b=2;http://old.example/",
            twitter="https://twitter.com/ada",
            facebook_page="https://www.facebook.com/ada",
            facebook_profile="https://www.facebook.com/ada",
            instagram="https://www.instagram.com/ada/",
            image="https://www.europarl.europa.eu/mepphoto/9000001.jpg",
        )
    )
    assert values(reading, Property.EMAIL) == ["ada@europarl.europa.eu", "office@ada.example"]
    assert values(reading, Property.WEBSITE) == ["https://ada.example/?a=1;b=2", "http://old.example/"]
    assert values(reading, Property.X) == ["https://twitter.com/ada"]
    assert values(reading, Property.FACEBOOK) == ["https://www.facebook.com/ada"]
    assert values(reading, Property.INSTAGRAM) == ["https://www.instagram.com/ada/"]
    assert values(reading, Property.PORTRAIT_URL) == ["https://www.europarl.europa.eu/mepphoto/9000001.jpg"]


def test_what_is_no_address_is_a_note(read, values):
    reading = read(row(email="ada at example", homepage="####"))
    assert values(reading, Property.EMAIL) == values(reading, Property.WEBSITE) == []
    assert len(reading.notes) == 2


@pytest.mark.parametrize(
    ("cell", "found"), [("male", ["male"]), ("FEMALE", ["female"]), ("", []), ("NST", [])]
)
def test_gender_as_published(read, values, cell, found):
    assert values(read(row(gender=cell)), Property.GENDER) == found


@pytest.mark.parametrize("cells", [{"gender": "unheard-of"}, {"citizenship": "Atlantis"}])
def test_an_unknown_category_stops(read, cells):
    with pytest.raises(UnknownCodeError):
        read(row(**cells))


def test_empty_rows_are_skipped_and_lame_ones_noted(page):
    body = (
        b"mep_identifier,mep_given_name\r\n,\r\n\r\n9000001,Ada\r\n9000002\r\n####,Bo\r\n9000003,Cy,more\r\n"
    )
    reading = ep_csv.read(page(URL, body))
    assert {s.mep_id for s in reading.statements} == {9000001}
    assert [note.where.rpartition("row ")[2] for note in reading.notes] == ["5", "6", "7"]


def test_a_new_column_is_reported(read):
    assert read(row(), columns=(*COLUMNS, "mep_shoe_size")).unread == {"mep_shoe_size"}
    assert read(row()).unread == frozenset()


@pytest.mark.parametrize("body", ["", "id,name\n9000001,Ada\n", "<html>mep_identifier</html>"])
def test_a_file_without_ids_is_an_error_that_names_the_column(page, body):
    with pytest.raises(PageError, match="the column mep_identifier"):
        ep_csv.read(page(URL, body))


def test_a_file_with_no_person_is_an_error(page):
    with pytest.raises(PageError, match="any person"):
        ep_csv.read(page(URL, "mep_identifier,mep_given_name\r\n,\r\n"))


def test_bytes_in_neither_encoding_are_an_error(page):
    with pytest.raises(PageError, match="UTF-8 or cp1252"):
        ep_csv.read(page(URL, b"mep_identifier\r\n\x81\xff\r\n"))


CELL = st.one_of(
    st.text(max_size=12), st.sampled_from(["####", "9000001", "06/02/1952 01:00", "Spain", "male", "\x00"])
)


@given(
    rows=st.lists(st.lists(CELL, min_size=len(COLUMNS), max_size=len(COLUMNS)), max_size=4),
    delimiter=st.sampled_from(",;"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
)
def test_arbitrary_cells_give_a_reading_or_an_error_for_a_person(rows, delimiter, encoding):
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([COLUMNS, *rows])
    try:
        _page_of(stream.getvalue().encode(encoding, errors="replace"))
    except (PageError, UnknownCodeError) as error:
        assert error.hint
