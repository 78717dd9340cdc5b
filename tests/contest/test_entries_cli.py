"""The commands, as a person and as a program use them."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from dontspy_data.cli import main

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
ENTRIES = EXAMPLES / "contest_entries.csv"


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["entries", *map(str, words)])


def broken(tmp_path: Path) -> Path:
    path = tmp_path / "entries.csv"
    path.write_text(
        ENTRIES.read_text("utf-8").replace("9000001,9000001-", "1,9000001-").replace(",40,6,", ",x,6,")
    )
    return path


def test_the_example_passes(folder: Path) -> None:
    result = run("check", ENTRIES, "--release", folder)
    assert (result.exit_code, result.stdout) == (0, f"{ENTRIES}: 3 entries, all valid\n")


def test_problems_are_printed_by_line_and_end_with_status_1(folder: Path, tmp_path: Path) -> None:
    result = run("check", broken(tmp_path), "--release", folder)
    assert result.exit_code == 1
    first, *_, last = result.stdout.splitlines()
    assert first.startswith("line 2, attachment: seniority.csv is not there. Put the table beside")
    assert (
        "line 3, shares: is 'x', and must be a whole number in digits, 18 at most. Number of shares"
        in result.stdout
    )
    assert last.endswith(": 2 problems")


def test_problems_for_programs(folder: Path, tmp_path: Path) -> None:
    said = json.loads(run("check", broken(tmp_path), "--release", folder, "--json").stdout)
    assert said["outcome"] == "invalid"
    assert [(problem["line"], problem["column"]) for problem in said["problems"]] == [
        (2, "attachment"),
        (3, "shares"),
    ]


def test_ranks_are_printed_by_contest(folder: Path) -> None:
    result = run("rank", ENTRIES, "--release", folder)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[1:] == [
        "fakeface 1. Nobody ever smiled so (C. Exemple), 46: https://example.org/posts/2",
        "fakeface 2. Older, wiser, artificial (B. Beispiel), 46: https://example.org/posts/1",
    ]
    said = json.loads(run("rank", ENTRIES, "--release", folder, "--json").stdout)
    assert [one["entry"]["entry_id"] for one in said["entries"]] == [
        "en-2026-001",
        "ff-2026-002",
        "ff-2026-001",
    ]


def test_a_file_with_problems_is_not_ranked(folder: Path, tmp_path: Path) -> None:
    result = run("rank", broken(tmp_path), "--release", folder)
    assert result.exit_code == 1
    assert "dontspy-data entries check" in result.stderr
    assert result.stdout == ""


def test_a_table_is_described(folder: Path) -> None:
    result = run("describe", EXAMPLES / "seniority.csv", "--release", folder)
    described = json.loads(result.stdout)
    assert [field["type"] for field in described["fields"]] == ["integer", "integer", "number"]
    said = json.loads(run("describe", EXAMPLES / "seniority.csv", "--release", folder, "--json").stdout)
    assert (said["key"], said["rows"], said["schema"]) == ("mep_id", 2, described)


def test_a_folder_that_is_no_release_is_an_error(tmp_path: Path) -> None:
    result = run("check", ENTRIES, "--release", tmp_path)
    assert result.exit_code == 2
    assert "is not a package" in result.stderr
