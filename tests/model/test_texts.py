"""JSON of others: whatever it is, it is read or refused, and the error says where."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data import sample
from dontspy_data.errors import DontspyError
from dontspy_data.model.texts import MalformedError, one_line, read_json
from dontspy_data.package.open import read_descriptor
from dontspy_data.targets.ledger import Ledger, ReleaseEntry, parse_ledger
from dontspy_data.targets.object_store import new_lock, parse_lock

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
ENTRY = ReleaseEntry("1.0.0", "2026-01-15", "0" * 64, {"meps": 62}, 1000, (9000001,), (), "fewer")
LEDGER = json.loads(Ledger("open-data-faces", (ENTRY,)).to_json())
DESCRIPTOR = json.loads((sample.package_path() / "datapackage.json").read_text("utf-8"))
LOCK = json.loads(new_lock("1.0.0", "0" * 64).to_json())


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Expecting value"),
        ("{", "Expecting property name"),
        ('{"a": NaN}', "NaN is not a valid number"),
        ('{"a": 1, "a": 2}', "an object has the same name twice"),
        ("[" * 100_000, "too deep"),
        ("[" * 30 + "]" * 30, "nested more than"),
        ("1e999", "too large"),
        ("9" * 5000, "integer string conversion"),
        ('"\\ud800"', "surrogates not allowed"),
        (b"\xff", "can't decode"),
    ],
)
def test_what_cannot_be_read_is_said(text: Any, why: str) -> None:
    with pytest.raises(MalformedError, match=why) as error:
        read_json(text, "x.json")
    assert error.value.file == "x.json"


def test_the_error_says_where() -> None:
    document = read_json('{"releases": [{"version": 1}]}', "releases.json", hint="Try again.")
    (release,) = document["releases"].items()
    with pytest.raises(MalformedError, match=r"releases\[0\]\.version is 1, and not a text") as error:
        release["version"].text()
    assert (error.value.place, error.value.hint) == ("releases[0].version", "Try again.")
    with pytest.raises(MalformedError, match=r"releases\[0\] has no 'date'"):
        release["date"]
    for value, least in ((True, 0), (1.0, 0), ("1", 0), (0, 1), (10**30, 0)):
        with pytest.raises(MalformedError, match="not a whole number"):
            read_json(json.dumps(value), "x").whole(least)


@given(st.data(), st.sampled_from([LEDGER, DESCRIPTOR, LOCK]), ANYTHING)
def test_any_value_anywhere_is_read_or_refused(data: st.DataObject, document: Any, value: Any) -> None:
    holder: Any = [json.loads(json.dumps(document))]
    root = holder
    while isinstance(holder, dict | list) and holder:
        key = data.draw(st.sampled_from(sorted(holder) if isinstance(holder, dict) else range(len(holder))))
        if not isinstance(holder[key], dict | list) or not holder[key] or data.draw(st.booleans()):
            holder[key] = value
            break
        holder = holder[key]
    body = json.dumps(root[0]).encode("utf-8", "surrogatepass")
    try:
        if document is LEDGER:
            parse_ledger(body)
        elif document is DESCRIPTOR:
            read_descriptor(body, "datapackage.json")
        else:
            parse_lock(body)
    except DontspyError as error:
        assert "is damaged" in str(error)


@given(st.text())
def test_a_text_on_one_line_has_no_end_of_line_and_no_control(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert line.isprintable() or not any(ord(c) < 32 for c in line)
    assert one_line(line) == line
