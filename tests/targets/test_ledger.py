"""The ledger: what is written is read, and aliases name whole releases."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.release.version import version_key
from dontspy_data.targets.ledger import Ledger, ReleaseEntry, parse_ledger


def entry(version: str) -> ReleaseEntry:
    return ReleaseEntry(
        version, "2026-01-15", "0" * 64, {"meps": 62}, 1000, withdrew=(9000001,), accepted="fewer"
    )


LEDGER = Ledger("open-data-faces", tuple(map(entry, ("1.0.0", "1.2.9", "1.2.10", "2.0.0"))))


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("latest", "2.0.0"),
        ("1", "1.2.10"),
        ("1.2", "1.2.10"),
        ("1.0", "1.0.0"),
        ("1.2.9", "1.2.9"),
        ("2", "2.0.0"),
    ],
)
def test_aliases_name_whole_releases(name: str, version: str) -> None:
    assert LEDGER.find(name).version == version
    assert json.loads(LEDGER.to_json())["aliases"].get(name, version) == version


def test_what_is_not_there_is_said_with_what_is() -> None:
    with pytest.raises(UsageError, match=r"no release '3'") as error:
        LEDGER.find("3")
    assert error.value.hint == "Releases there: 1.0.0, 1.2.9, 1.2.10, 2.0.0."


@given(st.lists(st.tuples(*[st.integers(0, 99)] * 3), unique=True, max_size=6))
def test_what_is_written_is_read(versions: list[tuple[int, int, int]]) -> None:
    entries = tuple(entry(".".join(map(str, version))) for version in sorted(versions))
    ledger = Ledger("open-data-faces", entries)
    assert parse_ledger(ledger.to_json()) == ledger


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"name": "x", "releases": [{"version": "1"}]}'])
def test_a_damaged_ledger_is_said(text: str) -> None:
    with pytest.raises(DontspyError, match=r"releases\.json is damaged"):
        parse_ledger(text)


@pytest.mark.parametrize("text", ["1", "1.2", "01.2.3", "1.2.3-rc1", "v1.2.3", ""])
def test_versions_have_three_numbers(text: str) -> None:
    with pytest.raises(UsageError, match="is not a version"):
        version_key(text)
