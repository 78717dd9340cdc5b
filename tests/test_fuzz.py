"""Every reader of foreign bytes reads mutated input or raises the project's own error; `scripts.fuzz` in short."""

from pathlib import Path
from typing import Any

import pytest

from scripts.fuzz import BAD, run, table
from scripts.fuzz_readers import READERS, Corpus, make_corpus

NUMBER = 150


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return make_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.mark.parametrize("name", [reader.name for reader in READERS])
def test_a_reader_reads_or_refuses_whatever_it_is_given(name: str, corpus: Corpus) -> None:
    outcome = run(name, corpus, NUMBER, 60, seed=7)
    assert outcome.counts["inputs"] == NUMBER
    assert {kind: outcome.counts[kind] for kind in BAD if outcome.counts[kind]} == {}, outcome.first
    assert f"| {name} | {NUMBER} |" in table([outcome])


def test_what_is_looked_for_is_found(corpus: Corpus, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def careless(body: bytes) -> Any:
        return f"{len(body)} bytes were taken" if len(body) % 2 else {}[body]

    monkeypatch.setattr("scripts.fuzz.READERS", [_careless_reader(careless)])
    outcome = run("careless", corpus, 50, 60, seed=7, keep=tmp_path)
    assert outcome.counts["tracebacks"] + outcome.counts["wrong successes"] == 50
    assert "KeyError" in outcome.first["tracebacks"]
    assert {path.name for path in tmp_path.iterdir()} == {
        "careless-last",
        "careless-tracebacks",
        "careless-wrong-successes",
    }


def _careless_reader(read: Any) -> Any:
    from scripts.fuzz_readers import FuzzReader

    return FuzzReader("careless", lambda _: [b"{}"], lambda _, __: read)
