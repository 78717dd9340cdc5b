"""Entries: what is wrong, on which line, and how to mend it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from frictionless import Resource, Schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dontspy_data.contest.entries import RESOURCE, check_entries, read_entries
from dontspy_data.contest.release import Release
from dontspy_data.errors import UsageError
from dontspy_data.package.metadata import shipped_table

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "examples" / "contest_entries.csv"
GOOD = {
    "entry_id": "ff-1",
    "contest": "fakeface",
    "title": "A title",
    "author": "An author",
    "url": "https://example.org/1",
    "mep_ids": "1 2",
    "original_portrait_id": "1-aaaaaaaaaaaa",
    "disclosure": "Made by software",
    "published_on": "2026-01-20",
    "shares": "3",
    "likes": "4",
    "attachment": "",
}
ENRICHMENT = {
    **GOOD,
    "entry_id": "en-1",
    "contest": "enrichment",
    "mep_ids": "",
    "original_portrait_id": "",
    "disclosure": "",
}
Write = Callable[..., Path]


def problems(path: Path, release: Release) -> list[tuple[int, str, str]]:
    found = check_entries(read_entries(path), release, path.parent)
    assert all(problem.mend for problem in found)
    return [(problem.line, problem.column, problem.message) for problem in found]


def test_entries_in_order_have_no_problems(write: Write, release: Release) -> None:
    path = write(GOOD, ENRICHMENT)
    assert problems(path, release) == []
    first, second = read_entries(path).entries
    assert (first.people, first.shares, first.line) == ((1, 2), 3, 2)
    assert (second.people, second.attachment) == ((), None)


def test_the_example_is_in_order(sample_release: Release) -> None:
    assert problems(EXAMPLE, sample_release) == []


def test_the_example_is_valid_by_the_schema_alone() -> None:
    schema = Schema.from_descriptor(shipped_table(RESOURCE).schema)
    assert Resource(path=EXAMPLE.name, basepath=str(EXAMPLE.parent), schema=schema).validate().valid


@pytest.mark.parametrize(
    ("changed", "column", "message"),
    [
        ({"title": ""}, "title", "is empty"),
        ({"contest": "beauty"}, "contest", "can be: enrichment, fakeface"),
        ({"url": "ftp://x"}, "url", "not written as it should be"),
        ({"url": "https://x y"}, "url", "not written as it should be"),
        ({"published_on": "20.1.2026"}, "published_on", "must be a date"),
        ({"published_on": "2026-02-30"}, "published_on", "must be a date"),
        ({"shares": "many"}, "shares", "whole number"),
        ({"likes": "-1"}, "likes", "less than 0"),
        ({"mep_ids": "1, 2"}, "mep_ids", "not written as it should be"),
        ({"mep_ids": "1 99"}, "mep_ids", "99 is nobody in the release"),
        ({"mep_ids": ""}, "mep_ids", "is empty"),
        ({"disclosure": ""}, "disclosure", "is empty"),
        ({"disclosure": "  "}, "disclosure", "is empty"),
        ({"original_portrait_id": ""}, "original_portrait_id", "is empty"),
        ({"original_portrait_id": "1-bbbbbbbbbbbb"}, "original_portrait_id", "no portrait in the release"),
        ({"original_portrait_id": "3-cccccccccccc"}, "original_portrait_id", "whom mep_ids does not name"),
        ({"attachment": "t.csv"}, "attachment", "for enrichments only"),
        ({**ENRICHMENT, "disclosure": "x"}, "disclosure", "for fakeface entries only"),
        ({**ENRICHMENT, "attachment": "t.csv"}, "attachment", "t.csv is not there"),
        ({**ENRICHMENT, "attachment": "../t.csv"}, "attachment", "../t.csv is not there"),
        ({**ENRICHMENT, "attachment": "/etc/t.csv"}, "attachment", "not written as it should be"),
    ],
)
def test_a_problem_names_line_and_column(
    changed: dict[str, str], column: str, message: str, write: Write, release: Release
) -> None:
    found = problems(write(ENRICHMENT | {"entry_id": "ok"}, {**GOOD, **changed}), release)
    assert [(line, where) for line, where, _ in found if where == column] == [(3, column)]
    assert any(message in what for _, where, what in found if where == column)


def test_a_key_stands_once(write: Write, release: Release) -> None:
    assert problems(write(GOOD, ENRICHMENT, GOOD), release) == [
        (4, "entry_id", "ff-1 stands on line 2 already")
    ]


def test_lines_are_counted_where_a_cell_runs_over_two(write: Write, release: Release) -> None:
    found = problems(write({**GOOD, "title": "two\nlines"}, {**ENRICHMENT, "shares": "x"}), release)
    assert [line for line, _, _ in found] == [4]


def test_lines_of_another_length_are_named(write: Write, release: Release) -> None:
    path = write(GOOD)
    path.write_text(path.read_text("utf-8") + "\nff-2,fakeface\n", "utf-8")
    assert [(line, what) for line, _, what in problems(path, release)] == [
        (3, "is empty"),
        (4, "has 2 cells, and there are 12 columns"),
    ]


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("", "lacks the columns entry_id, contest"),
        (",".join(list(GOOD)[:-1]), "lacks the columns attachment"),
        (",".join([*GOOD, "votes"]), "nobody asked for: votes"),
        (",".join([*GOOD, "likes"]), "nobody asked for: likes"),
    ],
)
def test_a_header_that_does_not_fit_is_the_only_problem(
    header: str, message: str, tmp_path: Path, release: Release
) -> None:
    path = tmp_path / "entries.csv"
    path.write_text(f"{header}\n1,2\n", "utf-8")
    ((line, _, what),) = problems(path, release)
    assert line == 1
    assert message in what


def test_columns_can_stand_in_any_order(tmp_path: Path, release: Release) -> None:
    path = tmp_path / "entries.csv"
    names = sorted(GOOD)
    path.write_text(f"{','.join(names)}\n{','.join(GOOD[name] for name in names)}\n", "utf-8-sig")
    assert problems(path, release) == []


@pytest.mark.parametrize("body", [b"\xff\xfe", b'entry_id,"x', None])
def test_a_file_that_cannot_be_read_is_an_error(body: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "entries.csv"
    if body is not None:
        path.write_bytes(body)
    with pytest.raises(UsageError, match="cannot be read as entries"):
        read_entries(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(list(GOOD)), st.text(st.characters(codec="utf-8"), max_size=20)))
def test_whatever_a_cell_holds_is_an_entry_or_a_problem(
    write: Write, release: Release, changed: dict[str, str]
) -> None:
    path = write({**GOOD, **{name: text.replace("\0", "") for name, text in changed.items()}})
    read = read_entries(path)
    assert len(read.entries) == 1 or check_entries(read, release, path.parent)
