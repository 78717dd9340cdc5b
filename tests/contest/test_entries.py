"""Entries: what is wrong, on which line, and how to mend it."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from frictionless import Resource, Schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dontspy_data.contest.entries import RESOURCE, ReleaseKeys, check_entries, read_entries, read_standings
from dontspy_data.contest.rules import read_rules
from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.model.schema import shipped_table

from .rows import GOOD

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "contest_entries.csv"
ENRICHMENT = {
    **GOOD,
    "entry_id": "en-1",
    "contest": "enrichment",
    "mep_ids": "",
    "original_portrait_id": "",
    "disclosure": "",
}
Write = Callable[..., Path]


def problems(path: Path, known: ReleaseKeys) -> list[tuple[int, str, str]]:
    found = check_entries(read_entries(path), known, path.parent, read_rules(None))
    assert all(problem.hint for problem in found)
    return [(problem.line, problem.column, problem.message) for problem in found]


def test_entries_in_order_have_no_problems(write: Write, known: ReleaseKeys) -> None:
    path = write(GOOD, ENRICHMENT)
    assert problems(path, known) == []
    first, second = read_entries(path).entries
    assert (first.people, first.shares, first.line) == ((1, 2), 3, 2)
    assert (second.people, second.attachment) == ((), None)


def test_the_example_is_in_order(sample_known: ReleaseKeys) -> None:
    assert problems(EXAMPLE, sample_known) == []


def test_the_example_is_valid_by_the_schema_alone() -> None:
    schema = Schema.from_descriptor(shipped_table(RESOURCE).schema)
    assert Resource(path=EXAMPLE.name, basepath=str(EXAMPLE.parent), schema=schema).validate().valid


@pytest.mark.parametrize(
    ("changed", "column", "message"),
    [
        ({"title": ""}, "title", "is empty"),
        ({"title": "A\0title"}, "title", "holds '\\x00', a character that cannot be seen"),
        ({"contest": "beauty"}, "contest", "can be: enrichment, fakeface"),
        ({"url": "ftp://x"}, "url", "not written as it should be"),
        ({"url": "https://x y"}, "url", "not written as it should be"),
        ({"url": "HTTPS://example.org/1"}, "url", "not written as it should be"),
        ({"url": 'https://"><img'}, "url", "not written as it should be"),
        ({"url": "http:///"}, "url", "not written as it should be"),
        ({"url": "https://.org"}, "url", "not written as it should be"),
        ({"url": "https://someone@example.org"}, "url", "not written as it should be"),
        ({"url": "https://example.org/\x7f"}, "url", "cannot be seen"),
        ({"entry_id": "FF-1"}, "entry_id", "not written as it should be"),
        ({"published_on": "20260101"}, "published_on", "must be a date"),
        ({"published_on": "2026-W01-1"}, "published_on", "must be a date"),
        ({"published_on": "2999-01-01"}, "published_on", "more than a year after the release (2026-01-15)"),
        ({"published_on": "20.1.2026"}, "published_on", "must be a date"),
        ({"published_on": "2026-02-30"}, "published_on", "must be a date"),
        ({"shares": "many"}, "shares", "whole number"),
        ({"likes": "-1"}, "likes", "less than 0"),
        ({"likes": "9" * 19}, "likes", "18 at most"),
        ({"shares": "9" * 5000}, "shares", "18 at most"),
        ({"mep_ids": "9" * 5000}, "mep_ids", "not written as it should be"),
        ({"mep_ids": "1, 2"}, "mep_ids", "not written as it should be"),
        ({"mep_ids": "1 99"}, "mep_ids", "99 is not in the release"),
        ({"mep_ids": ""}, "mep_ids", "is empty"),
        ({"disclosure": ""}, "disclosure", "is empty"),
        ({"disclosure": "  "}, "disclosure", "is empty"),
        ({"original_portrait_id": ""}, "original_portrait_id", "is empty"),
        ({"original_portrait_id": "1-bbbbbbbbbbbb"}, "original_portrait_id", "not a portrait in the release"),
        ({"original_portrait_id": "3-cccccccccccc"}, "original_portrait_id", "who is not listed in mep_ids"),
        ({"attachment": "t.csv"}, "attachment", "for enrichments only"),
        ({**ENRICHMENT, "disclosure": "x"}, "disclosure", "for fakeface entries only"),
        ({**ENRICHMENT, "attachment": "t.csv"}, "attachment", "t.csv is not there"),
        ({**ENRICHMENT, "attachment": "../t.csv"}, "attachment", "../t.csv is not there"),
        ({**ENRICHMENT, "attachment": "/etc/t.csv"}, "attachment", "not written as it should be"),
        ({**ENRICHMENT, "attachment": "t.CSV"}, "attachment", "not written as it should be"),
        ({**ENRICHMENT, "attachment": "\0.csv"}, "attachment", "cannot be seen"),
        ({**ENRICHMENT, "attachment": f"{'a' * 5000}.csv"}, "attachment", "is not there"),
    ],
)
def test_a_problem_names_line_and_column(
    changed: dict[str, str], column: str, message: str, write: Write, known: ReleaseKeys
) -> None:
    found = problems(
        write({**ENRICHMENT, "entry_id": "ok", "url": "https://x.org"}, {**GOOD, **changed}), known
    )
    assert [(line, where) for line, where, _ in found if where == column] == [(3, column)]
    assert any(message in what for _, where, what in found if where == column)


def test_a_key_stands_once(write: Write, known: ReleaseKeys) -> None:
    assert problems(write(GOOD, ENRICHMENT, {**GOOD, "url": "https://example.org/2"}), known) == [
        (4, "entry_id", "'ff-1' is already on line 2")
    ]


def test_a_link_stands_once_in_each_contest(write: Write, known: ReleaseKeys) -> None:
    assert problems(write(GOOD, ENRICHMENT, {**GOOD, "entry_id": "ff-2"}), known) == [
        (4, "url", "'https://example.org/1' leads to the same page as the link on line 2")
    ]


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org",
        "http://example.org:8080/a?b=c#d",
        "https://münchen.example/größe",
        "https://x.org/@me:1/'(a)%22",
    ],
)
def test_links_that_a_browser_opens_are_in_order(url: str, write: Write, known: ReleaseKeys) -> None:
    assert problems(write({**GOOD, "url": url}), known) == []


def test_mends_say_what_is_allowed(write: Write, known: ReleaseKeys) -> None:
    path = write({**GOOD, "entry_id": "FF_1", "url": "HTTPS://x.org", "mep_ids": "1,2"})
    mends = {
        problem.column: problem.hint
        for problem in check_entries(read_entries(path), known, path.parent, read_rules(None))
    }
    assert "small letters a to z, digits and hyphens" in mends["entry_id"]
    assert "https:// or http:// in small letters" in mends["url"]
    assert "with one blank between two of them" in mends["mep_ids"]


def test_what_is_shown_of_a_cell_is_short(write: Write, known: ReleaseKeys) -> None:
    ((_, _, message),) = problems(write({**GOOD, "shares": "9" * 5000}), known)
    assert len(message) < 150


def test_lines_are_counted_where_a_cell_runs_over_two(write: Write, known: ReleaseKeys) -> None:
    found = problems(write({**GOOD, "title": "two\nlines"}, {**ENRICHMENT, "shares": "x"}), known)
    assert [line for line, _, _ in found] == [4]


def test_lines_of_another_length_are_named(write: Write, known: ReleaseKeys) -> None:
    path = write(GOOD)
    path.write_text(path.read_text("utf-8") + "\nff-2,fakeface\n", "utf-8")
    assert [(line, what) for line, _, what in problems(path, known)] == [
        (3, "is empty"),
        (4, "has 2 cells, and the header has 15"),
    ]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("", "lacks the columns entry_id, contest"),
        (",".join(list(GOOD)[:-1]), "lacks the columns attachment"),
        (",".join([*GOOD, "votes"]), "unknown columns: votes"),
        (",".join([*GOOD, "likes"]), "more than one column named likes"),
        (", ".join(GOOD), "blanks around the names of columns: ' contest', ' title'"),
        (",".join([*GOOD, ""]), "a column without a name"),
        (";".join(GOOD), "separates its cells with semicolons"),
        ("\t".join(GOOD), "separates its cells with tabs"),
        ('entry_id,"x', "a quotation mark out of place"),
    ],
)
def test_a_header_that_does_not_fit_is_the_only_problem(
    header: str, message: str, tmp_path: Path, known: ReleaseKeys
) -> None:
    path = tmp_path / "entries.csv"
    path.write_text(f"{header}\n1,2\n", "utf-8")
    ((line, _, what),) = problems(path, known)
    assert line == 1
    assert message in what


def test_columns_can_stand_in_any_order(tmp_path: Path, known: ReleaseKeys) -> None:
    path = tmp_path / "entries.csv"
    names = sorted(GOOD)
    path.write_text(f"{','.join(names)}\n{','.join(GOOD[name] for name in names)}\n", "utf-8-sig")
    assert problems(path, known) == []


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read as entries"):
        read_entries(tmp_path / "entries.csv")


def test_an_empty_file_is_a_problem(tmp_path: Path, known: ReleaseKeys) -> None:
    path = tmp_path / "entries.csv"
    path.touch()
    assert problems(path, known) == [(1, "", "is empty")]


@pytest.mark.parametrize("spoilt", ['"A "quoted" title"', '"open', '"shut" late'])
def test_a_stray_quotation_mark_spoils_its_own_line_only(
    spoilt: str, write: Write, known: ReleaseKeys
) -> None:
    path = write(GOOD, {**GOOD, "entry_id": "ff-2", "title": "SPOILT"}, {**ENRICHMENT, "shares": "x"})
    path.write_text(path.read_text("utf-8").replace("SPOILT", spoilt), "utf-8")
    first, second = check_entries(read_entries(path), known, path.parent, read_rules(None))
    assert (first.line, first.message) == (3, "has a quotation mark out of place")
    assert "Double the quotes inside" in first.hint
    assert (second.line, second.column) == (4, "shares")
    assert [entry.entry_id for entry in read_entries(path).entries] == ["ff-1"]


@pytest.fixture
def short_cells() -> Iterator[None]:
    """The csv module's limit to a cell, which others may have lifted for the whole process."""
    limit = csv.field_size_limit(500)
    yield
    csv.field_size_limit(limit)


@pytest.mark.usefixtures("short_cells")
def test_a_cell_that_is_too_long_spoils_its_own_line_only(write: Write, known: ReleaseKeys) -> None:
    path = write({**GOOD, "title": "x" * 501}, ENRICHMENT)
    assert problems(path, known) == [
        (2, "", "has a cell of more than 500 characters, or a quotation mark that is not closed")
    ]


def test_bytes_that_are_not_utf_8_spoil_their_own_line_only(write: Write, known: ReleaseKeys) -> None:
    path = write(GOOD, {**GOOD, "entry_id": "ff-2", "title": "Thé"}, {**ENRICHMENT, "shares": "x"})
    path.write_bytes(path.read_text("utf-8").encode("cp1252"))
    first, second = check_entries(read_entries(path), known, path.parent, read_rules(None))
    assert (first.line, second.line) == (3, 4)
    assert first.message.startswith("is not text in UTF-8: 'ff-2,fakeface,Th�")
    assert "CSV UTF-8" in first.hint


def test_a_file_in_utf_16_is_a_problem_of_its_first_line(write: Write, known: ReleaseKeys) -> None:
    path = write(GOOD)
    path.write_bytes(path.read_text("utf-8").encode("utf-16"))
    ((line, _, message),) = problems(path, known)
    assert (line, "not text in UTF-8" in message) == (1, True)


def test_a_bad_attachment_hides_no_other_problem(write: Write, known: ReleaseKeys) -> None:
    rows = [
        {**ENRICHMENT, "entry_id": f"en-{n}", "url": f"https://x.org/{n}", "attachment": f"{n}.csv"}
        for n in range(4)
    ]
    path = write(*rows, {**GOOD, "disclosure": ""})
    for name, text in {
        "0": "mep_id,a,a\n1,1,1\n",
        "1": f"mep_id\n{'9' * 5000}\n",
        "2": "mep_id,a\n1,7\n",
    }.items():
        (path.parent / f"{name}.csv").write_text(text)
    assert [(line, column) for line, column, _ in problems(path, known)] == [
        (2, "attachment"),
        (3, "attachment"),
        (5, "attachment"),
        (6, "disclosure"),
    ]


def test_a_bad_attachment_stops_the_site_with_a_sentence(write: Write, folder: Path) -> None:
    path = write({**ENRICHMENT, "attachment": "t.csv"})
    (path.parent / "t.csv").write_text("mep_id,a,a\n9000001,1,1\n")
    with pytest.raises(
        DontspyError, match=r"line 2, attachment: t\.csv on line 1 has more than one column named a"
    ):
        read_standings(path, folder, None)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(list(GOOD)), st.text(st.characters(codec="utf-8"), max_size=20)))
def test_whatever_a_cell_holds_is_an_entry_or_a_problem(
    write: Write, known: ReleaseKeys, changed: dict[str, str]
) -> None:
    path = write({**GOOD, **changed})
    read = read_entries(path)
    assert len(read.entries) == 1 or check_entries(read, known, path.parent, read_rules(None))
