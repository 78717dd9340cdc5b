"""Resolving some people at a time gives what resolving all at once gives."""

from dataclasses import fields, replace
from itertools import chain
from typing import Any

import pytest

from dontspy_data import sample
from dontspy_data.capture.captures import Captures
from dontspy_data.resolve.choose import contested_items
from dontspy_data.resolve.resolve import Resolved, resolve
from dontspy_data.sources import SOURCES
from scripts.sample.captures import read_all


def test_batches_of_any_size_give_the_same_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    readings = read_all(Captures.open([sample.path()]))
    claim, other = list(readings.statements.claims())[:2]
    again = replace(claim, mep_id=other.mep_id)
    said = sorted([*readings.statements, again], key=lambda one: one.mep_id)
    contested = contested_items([claim, other, again])
    assert contested == {claim.value}

    def resolved(at_once: int) -> list[list[Any]]:
        monkeypatch.setattr("dontspy_data.resolve.resolve.STATEMENTS_AT_ONCE", at_once)
        sources = [source.name for source in SOURCES]
        parts = list(resolve(said, sources, readings.rosters, contested))
        assert len(parts) > 2 or at_once > 1
        return [list(chain(*(getattr(part, one.name) for part in parts))) for one in fields(Resolved)]

    assert resolved(1) == resolved(100) == resolved(1_000_000)
