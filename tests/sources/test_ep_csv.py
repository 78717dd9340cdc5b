"""Bulk CSVs, whole ones and the damaged copies of 2022."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.capture.captures import Page
from dontspy_data.errors import PageError
from dontspy_data.model.problems import ProblemKind
from dontspy_data.model.statements import Basis, Property, State
from dontspy_data.sources import ep_csv
from dontspy_data.sources.source import Reading

URL = ep_csv.url(9, 2)
PAGES = Path(__file__).parents[1] / "pages"
COLUMNS = (PAGES / "bulk-of-2022.csv").read_text(encoding="cp1252").splitlines()[0].split(",")


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
        return replace(reading, statements=tuple(s for s in reading.statements if s.mep_id != 9000099))

    return reader


NEW = {"delimiter": ";", "encoding": "utf-8-sig"}


def test_a_whole_copy_of_2022(page, values):
    reading = ep_csv.read(page(URL, (PAGES / "bulk-of-2022.csv").read_bytes()))
    assert values(reading, Property.GIVEN_NAME) == ["Kate?ina", "Bo"]
    assert values(reading, Property.BIRTH_DATE) == ["1952-02-06", "1949-05-14"]
    assert values(reading, Property.BIRTH_PLACE) == ["São Fabel"]
    assert values(reading, Property.DEATH_DATE) == ["2024-08-11"]
    assert {(p.mep_id, p.found) for p in reading.problems} == {(9000002, "####"), (9000002, "??")}
    assert not reading.unread


def test_a_whole_file_since_2024(page, values):
    reading = ep_csv.read(page(URL, (PAGES / "bulk-since-2024.csv").read_bytes()))
    assert values(reading, Property.FAMILY_NAME) == ["Příkladná", "van Tale"]
    assert values(reading, Property.CITIZENSHIP) == ["MT", "CZ", "SE"]
    assert values(reading, Property.POLITICAL_GROUP) == ["Renew", "NI", "The Left"]
    assert values(reading, Property.GENDER) == ["female"]
    assert (reading.problems, reading.unread) == ((), frozenset())


def test_names_come_in_parts(read, only, values):
    reading = read(row(given_name="Zoë", family_name="van der Fabel"))
    assert values(reading, Property.NAME) == []
    assert only(reading, Property.GIVEN_NAME).value == "Zoë"
    assert only(reading, Property.FAMILY_NAME).value == "van der Fabel"
    term = only(reading, Property.TERM)
    assert (term.value, term.term) == ("9", 9)


def test_lost_letters_stay_lost_here(read, only):
    assert only(read(row(family_name="Příklad")), Property.FAMILY_NAME).value == "P?íklad"


def test_a_whole_copy_has_its_letters(read, only):
    reading = read(row(family_name="Příklad", official_given_name="Άντα"), **NEW)
    assert only(reading, Property.FAMILY_NAME).value == "Příklad"
    assert only(reading, Property.OFFICIAL_GIVEN_NAME).value == "Άντα"


def test_a_name_of_which_nothing_is_left_is_a_problem(read, values, the):
    reading = read(row(official_given_name="Άντα"))
    assert values(reading, Property.OFFICIAL_GIVEN_NAME) == []
    problem = the(reading, ProblemKind.CELL)
    assert (problem.mep_id, problem.found) == (9000001, "????")
    assert problem.property is Property.OFFICIAL_GIVEN_NAME


@pytest.mark.parametrize(
    "cell",
    [
        "06/02/1952", "06/02/1952 01:00", "06/02/1952 12:00", "06/02/1952 01:36", "1952-02-06", "06.02.1952",
        "06-02-1952 00:00", "6/2/1952", "1952-02-06T00:00:00", "1952-02-06Z", "1952-02-06+01:00", "1952/02/06",
        "06/02/1952 12:00:00 AM", "6 February 1952", "February 6, 1952", " 06/02/1952\u00a0 01:00 ",
        "1952-02-06^^http://www.w3.org/2001/XMLSchema#date", "1952-02-06^^xsd:date",
        "1952-02-06T00:00:00Z^^<http://www.w3.org/2001/XMLSchema#dateTime>",
        '"1952-02-06"^^<http://www.w3.org/2001/XMLSchema#date>', '"1952-02-06"',
    ],
)  # fmt: skip
@pytest.mark.parametrize(("column", "about"), [("birthday", "birth_date"), ("death_date", "death_date")])
def test_a_day_in_any_form_is_that_day(read, only, cell, column, about):
    assert only(read(row(**{column: cell})), Property(about)).value == "1952-02-06"


def test_a_column_of_american_days_is_read_as_one(read, values):
    reading = read(row(birthday="12/25/1964"), row("9000002", birthday="02/06/1952 1:00"))
    assert values(reading, Property.BIRTH_DATE) == ["1964-12-25", "1952-02-06"]


def test_where_both_orders_occur_only_days_that_have_one_reading_are_facts(read, values, the):
    reading = read(*(row(birthday=cell) for cell in ("12/25/1964", "25/12/1964", "02/06/1952", "03/03/1950")))
    assert values(reading, Property.BIRTH_DATE) == ["1964-12-25", "1950-03-03"]
    assert the(reading, ProblemKind.CELL).found == "02/06/1952"


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("1952^^http://www.w3.org/2001/XMLSchema#gYear", "1952"),
        ("1952-02^^http://www.w3.org/2001/XMLSchema#gYearMonth", "1952-02"),
        ("1952Z", "1952"),
    ],
)
def test_a_typed_year_or_month_stays_vague(read, only, cell, found):
    assert only(read(row(birthday=cell)), Property.BIRTH_DATE).value == found


def test_several_values_in_any_cell(read, values):
    columns = (*COLUMNS, "mep_country_of_representation", "mep_political_group")
    reading = read(
        row(
            given_name="Ada; Adah",
            citizenship="Malta; Italy",
            birthday="1952-02-06^^http://www.w3.org/2001/XMLSchema#date; 1952-02-07^^http://www.w3.org/2001/XMLSchema#date",
            country_of_representation="Malta;Italy",
            political_group="Non-attached Members; Renew Europe Group",
        ),
        columns=columns,
        **NEW,
    )
    assert values(reading, Property.GIVEN_NAME) == ["Ada", "Adah"]
    assert values(reading, Property.CITIZENSHIP) == ["MT", "IT"]
    assert values(reading, Property.BIRTH_DATE) == ["1952-02-06", "1952-02-07"]
    assert values(reading, Property.MANDATE) == ["MT", "IT"]
    groups = [s for s in reading.statements if s.property is Property.POLITICAL_GROUP]
    assert [(s.value, s.term, s.state, s.start_date) for s in groups] == [
        ("NI", 9, State.UNKNOWN, None),
        ("Renew", 9, State.UNKNOWN, None),
    ]


@pytest.mark.parametrize(
    "cell", ['"Sliema"@en', "Sliema@en", '"Sliema"', "Sliema^^xsd:string", '"Sliema"@mt-Latn']
)
def test_texts_lose_their_language_and_type(read, only, cell):
    assert only(read(row(place_of_birth=cell)), Property.BIRTH_PLACE).value == "Sliema"


def test_an_address_keeps_its_at_sign(read, only):
    reading = read(row(homepage="https://mastodon.example/@ada"), row(email="ada@europarl.europa.eu"))
    assert only(reading, Property.WEBSITE).value == "https://mastodon.example/@ada"
    assert only(reading, Property.EMAIL).value == "ada@europarl.europa.eu"


def test_an_account_is_of_the_network_that_its_host_is(read, only, values):
    reading = read(row(twitter="https://www.youtube.com/c/ada; https://twitter.com/ada"))
    assert only(reading, Property.YOUTUBE).value == "https://www.youtube.com/c/ada"
    assert values(reading, Property.X) == ["https://twitter.com/ada"]


@pytest.mark.parametrize("cell", ["1952", "1952-02"])
def test_a_vague_day_stays_vague(read, only, cell):
    assert only(read(row(birthday=cell)), Property.BIRTH_DATE).value == cell


@pytest.mark.parametrize(
    "cell",
    [
        "06/02/1952 23:00",
        "06/02/1952 12:01",
        "31/02/1952",
        "195",
        "########",
        "06/02/52",
        "1952-02-05T23:00:00Z",
    ],
)
def test_a_day_that_may_be_wrong_is_a_problem(read, values, cell, the):
    reading = read(row(birthday=cell))
    assert values(reading, Property.BIRTH_DATE) == []
    problem = the(reading, ProblemKind.CELL)
    assert (problem.mep_id, problem.property, problem.found) == (9000001, Property.BIRTH_DATE, cell)


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
    day = "06/02/1952 01:00"
    for printed, meant in (("Estonia", "ES"), ("Spain", "EE"), ("Sweden", "SE")):
        assert only(read(row(citizenship=printed, birthday=day)), Property.CITIZENSHIP).value == meant


def test_citizenship_of_a_newer_file_is_as_printed_though_a_spreadsheet_gave_its_days_hours(read, only):
    columns = (*COLUMNS, "mep_political_group")
    reading = read(row(citizenship="Spain", birthday="06/02/1952 01:00"), columns=columns)
    assert only(reading, Property.CITIZENSHIP).value == "ES"


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


def test_what_is_no_address_is_a_problem(read, values):
    reading = read(row(email="ada at example", homepage="####"))
    assert values(reading, Property.EMAIL) == values(reading, Property.WEBSITE) == []
    assert [(p.property, p.found) for p in reading.problems] == [
        (Property.EMAIL, "ada at example"),
        (Property.WEBSITE, "####"),
    ]


@pytest.mark.parametrize(
    ("cell", "found"), [("male", ["male"]), ("FEMALE", ["female"]), ("", []), ("NST", [])]
)
def test_gender_as_published(read, values, cell, found):
    assert values(read(row(gender=cell)), Property.GENDER) == found


@pytest.mark.parametrize(
    ("cells", "about"),
    [({"gender": "unheard-of"}, Property.GENDER), ({"citizenship": "Atlantis"}, Property.CITIZENSHIP)],
)
def test_an_unknown_category_is_a_problem_and_stays_as_printed(read, only, cells, about, the):
    reading = read(row(given_name="Ada", **cells))
    problem = the(reading, ProblemKind.CATEGORY)
    assert (problem.mep_id, problem.property, problem.found) == (9000001, about, *cells.values())
    assert problem.hint
    assert only(reading, about).basis is Basis.UNKNOWN
    assert only(reading, Property.GIVEN_NAME).value == "Ada"


def test_empty_rows_are_skipped_and_lame_ones_are_problems(page):
    body = (
        b"mep_identifier,mep_given_name\r\n,\r\n\r\n9000001,Ada\r\n9000002\r\n####,Bo\r\n9000003,Cy,more\r\n"
    )
    reading = ep_csv.read(page(URL, body))
    assert {s.mep_id for s in reading.statements if s.property is Property.GIVEN_NAME} == {9000001}
    assert [(p.kind, p.mep_id, p.found) for p in reading.problems] == [
        (ProblemKind.ROW, 9000002, "9000002"),
        (ProblemKind.ROW, None, "####, Bo"),
        (ProblemKind.ROW, 9000003, "9000003, Cy, more"),
    ]
    assert {s.mep_id for s in reading.statements} == {
        9000001,
        9000002,
        9000003,
    }  # who sat is known all the same


@pytest.mark.parametrize(
    "cell", ["9000001.0", "person/9000001", "9000001^^http://www.w3.org/2001/XMLSchema#integer"]
)
def test_an_id_in_other_forms(page, cell):
    reading = ep_csv.read(page(URL, f"mep_identifier,mep_given_name\n{cell},Ada\n"))
    assert {s.mep_id for s in reading.statements} == {9000001}


def test_the_persons_address_stands_in_for_the_id_and_may_not_contradict_it(page, the):
    uri = "https://data.europarl.europa.eu/person/9000001"
    reading = ep_csv.read(page(URL, f"mep_identifier,mep_URI\n,{uri}\n9000002,{uri}\n"))
    assert {s.mep_id for s in reading.statements} == {9000001}
    assert the(reading, ProblemKind.ROW).found == f"9000002, {uri}"


def test_a_quote_too_many_swallows_no_other_row(page, the):
    rows = [f"{9000001 + n},Ada {n},Malta\n" for n in range(30)]
    rows[3] = '9000004,"Ada 3,Malta\n'
    reading = ep_csv.read(page(URL, "mep_identifier,mep_given_name,mep_citizenship\n" + "".join(rows)))
    assert len([s for s in reading.statements if s.property is Property.CITIZENSHIP]) == 29
    assert the(reading, ProblemKind.ROW).found.startswith("9000004, Ada 3,Malta")


def test_a_cell_can_have_lines_of_its_own(page, only):
    reading = ep_csv.read(page(URL, 'mep_identifier,mep_given_name\r\n9000001,"Ada\r\nMaria"\r\n'))
    assert only(reading, Property.GIVEN_NAME).value == "Ada Maria"
    assert reading.problems == ()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_delimiter_encoding_and_line_end(page, only, delimiter, encoding, end):
    text = end.join(
        (delimiter.join(("mep_identifier", "mep_given_name")), delimiter.join(("9000001", "Zoë")))
    )
    reading = ep_csv.read(page(URL, text.encode(encoding)))
    assert only(reading, Property.GIVEN_NAME).value == "Zoë"


def test_a_file_cut_within_a_letter_is_still_utf_8(page, values):
    body = "mep_identifier,mep_given_name\n9000001,Zoë\n9000002,Zoë".encode()[:-1]
    assert values(ep_csv.read(page(URL, body)), Property.GIVEN_NAME) == ["Zoë", "Zo\ufffd"]


def test_the_same_person_twice_is_one_person(read, values):
    reading = read(row(given_name="Ada"), row(given_name="Ada"))
    assert values(reading, Property.GIVEN_NAME) == ["Ada"]


def test_a_new_column_is_reported(read):
    columns = (*COLUMNS, "mep_shoe_size")
    assert read(row(shoe_size="38"), columns=columns).unread == {"mep_shoe_size"}
    assert read(row(), columns=columns).unread == frozenset()


@pytest.mark.parametrize("body", ["", "id,name\n9000001,Ada\n", "<html>mep_identifier</html>"])
def test_a_file_without_ids_is_an_error_that_names_the_column(page, body):
    with pytest.raises(PageError, match="the column mep_identifier"):
        ep_csv.read(page(URL, body))


def test_a_file_with_no_person_is_an_error(page):
    with pytest.raises(PageError, match="any person"):
        ep_csv.read(page(URL, "mep_identifier,mep_given_name\r\n,\r\n"))


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
    except PageError as error:
        assert error.hint


def test_the_description_of_a_data_set_says_nothing_about_persons(page):
    url = f"{ep_csv.DATASETS}9"
    assert ep_csv.SOURCE.matches(url)
    assert ep_csv.read(page(url, '{"OdpDatasetVersions": []}')) == Reading()
    assert ep_csv.read(page(url, "not found", status=404)) == Reading()
