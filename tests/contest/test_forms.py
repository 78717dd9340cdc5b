"""Exports of spreadsheets and forms, as entries."""

import csv
import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data import sample
from dontspy_data.cli import main as cli
from dontspy_data.contest.forms import FormMap, import_form
from dontspy_data.errors import UsageError

from .rows import GOOD

FORMS = Path(__file__).parent / "forms"
MAPPED = {
    "title": "Title of your entry",
    "author": "Your name",
    "url": "Link to the post",
    "mep_ids": "Whose face?",
    "original_portrait_id": "Portrait",
    "disclosure": "How does the post say that it is artificial?",
    "published_on": "Published",
    "counted_on": "Counted",
    "evidence_url": "Evidence",
}
CONSTANTS = {"entry_id": "ff-2026-{n}", "contest": "fakeface", "attachment": ""}
ROW = {**GOOD, "mep_ids": "9000001", "original_portrait_id": "9000001-4c60020f7ddc"}
GOOD = [
    ("shares", "1,234", "1234"),
    ("shares", "1.234.567", "1234567"),
    ("shares", "12 345", "12345"),
    ("shares", "1\u202f234", "1234"),
    ("shares", "7'000", "7000"),
    ("shares", "12.0", "12"),
    ("shares", " 5 ", "5"),
    ("published_on", "31/05/2023", "2023-05-31"),
    ("published_on", "31.05.2023", "2023-05-31"),
    ("published_on", "31. 5. 2023", "2023-05-31"),
    ("published_on", "1-5-2023", "2023-05-01"),
    ("published_on", "31/05/23", "2023-05-31"),
    ("published_on", "31/05/2023 14:03:22", "2023-05-31"),
    ("published_on", "2023-05-31", "2023-05-31"),
    ("published_on", "2023/5/31", "2023-05-31"),
    ("published_on", "2023-05-31T14:03:22Z", "2023-05-31"),
    ("mep_ids", "9000001, 9000002", "9000001 9000002"),
    ("mep_ids", "9000001;9000002", "9000001 9000002"),
    ("author", "\u00a0Žofia Ďurišová ", "Žofia Ďurišová"),
    ("title", "Two\nlines; with signs, and more?", "Two\nlines; with signs, and more?"),
]
BAD = [
    ("shares", "1.5"),
    ("shares", "1,23"),
    ("shares", "1,234.567"),
    ("shares", "12 34"),
    ("shares", "many"),
    ("shares", "-3"),
    ("shares", "1e3"),
    ("likes", "#####"),
    ("likes", "2k"),
    ("likes", "3 likes"),
    ("published_on", "31/13/2023"),
    ("published_on", "05/31/2023"),
    ("published_on", "30/02/2023"),
    ("published_on", "May 2023"),
    ("published_on", "45077"),
    ("published_on", "today"),
    ("published_on", "2023-13-01"),
    ("counted_on", "1/2"),
    ("author", "?ofia"),
    ("title", "A tit?e"),
]


def write(path: Path, *rows: dict[str, str], encoding: str = "utf-8", separator: str = ",") -> Path:
    with path.open("w", encoding=encoding, newline="") as stream:
        writer = csv.writer(stream, delimiter=separator)
        writer.writerows([list(rows[0]), *(list(row.values()) for row in rows)])
    return path


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text)))


@pytest.mark.parametrize(("column", "cell", "expected"), GOOD)
def test_twenty_cells_that_can_be_read_in_one_way(
    column: str, cell: str, expected: str, tmp_path: Path
) -> None:
    found = import_form(write(tmp_path / "form.csv", {**ROW, column: cell}), FormMap({}, {}, "dmy"))
    assert found.problems == ()
    assert read(found.to_csv()) == [{**ROW, "jury_score": "", column: expected}]


@pytest.mark.parametrize(("column", "cell"), BAD)
def test_twenty_cells_that_cannot_are_named_with_their_lines(column: str, cell: str, tmp_path: Path) -> None:
    path = write(tmp_path / "form.csv", ROW, {**ROW, column: cell})
    found = import_form(path, FormMap({}, {}, "dmy"))
    assert [(one.line, one.column) for one in found.problems] == [(3, column)]
    assert cell in found.problems[0].message
    assert found.problems[0].hint


def test_a_day_is_not_guessed(tmp_path: Path) -> None:
    path = write(tmp_path / "form.csv", {**ROW, "published_on": "01/02/2023"})
    assert import_form(path, FormMap({}, {})).problems
    days = [
        read(import_form(path, FormMap({}, {}, order)).to_csv())[0]["published_on"]
        for order in ("dmy", "mdy")
    ]
    assert days == ["2023-02-01", "2023-01-02"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_every_usual_encoding_and_separator(encoding: str, separator: str, tmp_path: Path) -> None:
    path = write(
        tmp_path / "form.csv", {**ROW, "author": "Jörg Müller"}, encoding=encoding, separator=separator
    )
    assert read(import_form(path, FormMap({}, {})).to_csv())[0]["author"] == "Jörg Müller"


def test_excels_own_first_line_and_blank_rows(tmp_path: Path) -> None:
    path = write(tmp_path / "form.csv", ROW, dict.fromkeys(ROW, " "), {**ROW, "entry_id": "x"}, separator=";")
    path.write_text("sep=;\r\n" + path.read_text("utf-8") + ";;;\n\n", "utf-8")
    assert [row["entry_id"] for row in read(import_form(path, FormMap({}, {})).to_csv())] == ["ff-1", "x"]


@pytest.mark.parametrize(
    ("name", "dates"), [("form.csv", "dmy"), ("form-utf16.csv", "dmy"), ("libreoffice.xlsx", None)]
)
def test_exports_of_a_form_and_of_libreoffice_are_entries_in_order(
    name: str, dates: str | None, tmp_path: Path
) -> None:
    words = ["entries", "import", str(FORMS / name), "--output", str(tmp_path / "entries.csv")]
    words += [f"--map={form}={column}" for column, form in MAPPED.items()]
    words += [f"--set={column}={value}" for column, value in CONSTANTS.items()]
    words += [f"--dates={dates}"] if dates else []
    made = CliRunner().invoke(cli, words)
    assert made.exit_code == 0, made.output
    assert "Not used: Timestamp" in made.output
    checked = CliRunner().invoke(
        cli, ["entries", "check", str(tmp_path / "entries.csv"), "--release", str(sample.package_path())]
    )
    assert "3 entries, all valid" in checked.output
    rows = read((tmp_path / "entries.csv").read_text("utf-8"))
    assert [(row["entry_id"], row["shares"], row["published_on"]) for row in rows] == [
        ("ff-2026-001", "1234", "2026-05-31"),
        ("ff-2026-002", "12", "2026-06-01"),
        ("ff-2026-003", "0", "2026-06-02"),
    ]
    assert rows[1]["mep_ids"] == "9000001 9000002"


def test_an_export_that_lost_letters_is_not_taken(tmp_path: Path) -> None:
    """LibreOffice writes `?` for what Windows-1252 lacks, and days of its own language with two digits of the year."""
    found = import_form(FORMS / "libreoffice-semicolons.csv", FormMap(MAPPED, CONSTANTS, "mdy"))
    assert [one.column for one in found.problems] == ["Your name"]
    assert [row["published_on"] for row in read(found.to_csv())] == ["2026-06-01", "2026-06-02"]


@pytest.mark.parametrize(
    ("how", "fact"),
    [
        (FormMap({"colour": "title"}, {}), "'colour'"),
        (FormMap({"title": "Titel"}, {}), "'Titel'"),
        (FormMap({}, {"hue": "x"}), "'hue'"),
    ],
)
def test_a_column_that_is_not_there_is_named(how: FormMap, fact: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        import_form(write(tmp_path / "form.csv", ROW), how)
    assert fact in str(raised.value)


def test_what_nothing_says_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "form.csv", {name: cell for name, cell in ROW.items() if name != "contest"})
    with pytest.raises(UsageError, match="contest"):
        import_form(path, FormMap({}, {}))


def test_nothing_is_written_where_something_is_wrong(tmp_path: Path) -> None:
    path = write(tmp_path / "form.csv", {**ROW, "shares": "many"})
    said = CliRunner().invoke(
        cli, ["entries", "import", str(path), "--output", str(tmp_path / "entries.csv"), "--json"]
    )
    assert said.exit_code == 1
    assert json.loads(said.stdout)["problems"][0]["line"] == 2
    assert not (tmp_path / "entries.csv").exists()


@given(body=st.binary(max_size=300), suffix=st.sampled_from([".csv", ".xlsx"]))
def test_any_bytes_are_read_or_refused(
    body: bytes, suffix: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / f"any{suffix}"
    path.write_bytes(body)
    with pytest.raises(UsageError):
        import_form(path, FormMap({}, {}))


JURY = """
[fakeface]
weight_reach = 1
weight_jury = 3
"""


def entries_with(folder: Path, *scores: str) -> Path:
    reach = ["100", "50", "0"]
    rows = [
        {
            **ROW,
            "entry_id": f"e-{n}",
            "url": f"https://example.org/{n}",
            "shares": reach[n],
            "likes": "0",
            "jury_score": s,
        }
        for n, s in enumerate(scores)
    ]
    (folder / "contest.toml").write_text(JURY)
    return write(folder / "entries.csv", *rows)


@pytest.fixture
def ranked() -> Callable[[Path], str]:
    def run(path: Path) -> str:
        words = ["entries", "rank", str(path), "--release", str(sample.package_path())]
        return CliRunner().invoke(cli, words).output

    return run


def test_a_jurys_score_stands_beside_reach_by_the_contests_weights(
    tmp_path: Path, ranked: Callable[[Path], str]
) -> None:
    lines = ranked(entries_with(tmp_path, "10", "80", "90")).splitlines()
    assert [line.split(",")[-1].split(":")[0] for line in lines] == [
        " together 72.5",
        " together 67.5",
        " together 32.5",
    ]
    assert "https://example.org/1" in lines[0]


def test_an_entry_without_the_jurys_score_is_named(tmp_path: Path, ranked: Callable[[Path], str]) -> None:
    assert "gave no score to e-1" in ranked(entries_with(tmp_path, "10", "", "90"))


def test_a_score_above_a_hundred_is_a_problem(tmp_path: Path, ranked: Callable[[Path], str]) -> None:
    assert "jury_score: is 101" in ranked(entries_with(tmp_path, "101"))
