"""A maintainer's own lookups: merged over the shipped ones, and held against their form."""

from datetime import date
from pathlib import Path

import pytest

from dontspy_data.errors import UnknownCodeError, UsageError
from dontspy_data.model import codes
from dontspy_data.model.codes import shipped
from dontspy_data.model.codes.files import FILES
from dontspy_data.model.statements import Property


def write(folder: Path, name: str, *rows: str) -> Path:
    """Write rows below the header that the file must have."""
    columns = next(file.columns for file in FILES if file.name == name)
    (folder / name).write_text("\n".join((",".join(columns), *rows)) + "\n", encoding="utf-8")
    return folder


def test_a_row_more_is_known_while_the_lookups_are_in_force(tmp_path: Path) -> None:
    lookups = codes.open_lookups(write(tmp_path, "group_labels.csv", "Group of the Moon,,NI"))
    with codes.using(lookups):
        assert codes.group("group of the moon") == "NI"
        assert codes.group("Renew Europe") == "Renew"
    with pytest.raises(UnknownCodeError):
        codes.group("Group of the Moon")


def test_the_row_that_an_error_names_is_one_that_mends_it(tmp_path: Path) -> None:
    with pytest.raises(UnknownCodeError) as caught:
        codes.group('Group, "of the Moon"')
    row = caught.value.row.replace("CODE", "NI")
    with codes.using(codes.open_lookups(write(tmp_path, caught.value.file, row))):
        assert codes.group('Group, "of the Moon"') == "NI"


def test_a_row_with_the_same_key_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    own = codes.open_lookups(write(tmp_path, "terms.csv", "10,2024-07-16,,721"))
    assert [t.seats for t in own.terms if t.term == 10] == [721]
    assert len(own.terms) == len(shipped().terms)


def test_a_new_term_ends_the_one_before_it(tmp_path: Path) -> None:
    with codes.using(codes.open_lookups(write(tmp_path, "terms.csv", "11,2029-07-17,,720"))):
        assert codes.terms()[-2].end_date == date(2029, 7, 16)
        assert codes.term_on(date(2029, 8, 1)) == 11


def test_a_correction_of_one_person_goes_before_that_of_everybody(tmp_path: Path) -> None:
    rows = (
        "ep_csv,,,birth_date,1.1.1900,,not known",
        "ep_csv,,9000001,birth_date,1.1.1900,01/01/1960,own page",
    )
    with codes.using(codes.open_lookups(write(tmp_path, "corrections.csv", *rows))):
        say = [
            codes.corrected("ep_csv", Property.BIRTH_DATE, "1.1.1900", mep_id)
            for mep_id in (9000001, 9000002)
        ]
        assert say == ["01/01/1960", ""]
        assert codes.corrected("ep_api", Property.BIRTH_DATE, "1.1.1900", 9000001) == "1.1.1900"


def test_the_digest_follows_from_the_maintainers_files(tmp_path: Path) -> None:
    assert codes.open_lookups(None).digest is None
    assert codes.open_lookups(tmp_path).digest is None
    first = codes.open_lookups(write(tmp_path, "genders.csv", "f,female")).digest
    assert first
    assert codes.open_lookups(tmp_path).digest == first
    assert codes.open_lookups(write(tmp_path, "genders.csv", "w,female")).digest != first


@pytest.mark.parametrize(
    ("name", "rows", "told"),
    [
        ("terms.csv", ["11,2029-07-17,,720", "12,2034-13-01,,720"], ("line 3", "start_date", "2034-13-01")),
        ("terms.csv", ["eleven,2029-07-17,,720"], ("line 2", "term", "eleven")),
        ("genders.csv", ["f,woman"], ("line 2", "gender", "woman")),
        ("group_labels.csv", ["Group of the Moon, Sun and Stars,en,NI"], ("line 2", "4 cells", "has 3")),
        ("group_labels.csv", ["Moon,en,NI", "Moon,fr,NI"], ("'Moon' twice",)),
        ("group_labels.csv", ["Moon,en,MOON"], ("'MOON'", "groups.csv")),
        ("group_labels.csv", ["Renew Europe (group),en,NI", "renew europe (Group),en,EPP"], ("NI", "EPP")),
        ("body_kinds.csv", ["CIRCLE,friends"], ("line 2", "property")),
        ("corrections.csv", ["ep_csv,,Ada,birth_date,x,y,z"], ("line 2", "mep_id", "Ada")),
    ],
)
def test_a_row_that_is_not_in_form_is_named_with_its_line(
    tmp_path: Path, name: str, rows: list[str], told: tuple[str, ...]
) -> None:
    with pytest.raises(UsageError) as caught:
        codes.open_lookups(write(tmp_path, name, *rows))
    assert name in str(caught.value)
    assert all(part in str(caught.value) for part in told)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("terms.csv", b"term,start\n11,2029-07-17\n"),
        ("terms.csv", b"\xff\xfe\n"),
        ("terms.csv", b""),
        ("parties.csv", b"a,b\n"),
    ],
)
def test_a_file_that_is_no_lookup_is_named(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UsageError, match=name) as caught:
        codes.open_lookups(tmp_path)
    assert caught.value.hint


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a folder"):
        codes.open_lookups(tmp_path / "lookups")
