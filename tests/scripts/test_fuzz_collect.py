"""The long run's mutations, a few of them, and those that once were told wrong."""

import gzip
import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dontspy_data.collect import fetch
from dontspy_data.collect.classify import ResponseKind
from dontspy_data.collect.client import Client
from dontspy_data.sources.source import Form
from scripts.fuzz_collect import Wire, fetched, follow, mutated, problem, seeds, wire

SEEDS = seeds()
BODIES = [seed.body for seed in SEEDS]
RULES = SEEDS[-1]


@pytest.fixture(scope="module")
def server() -> Iterator[Wire]:
    with pytest.MonkeyPatch.context() as patch, wire() as server:
        patch.setattr(fetch, "ATTEMPTS", 1)
        patch.setattr(fetch, "ATTEMPTS_TOO_MANY", 1)
        yield server


@pytest.fixture(scope="module")
def client(server: Wire) -> Client:
    return Client(server.address)


def test_every_form_has_a_seed_that_is_whole(server: Wire, client: Client) -> None:
    assert {seed.request.endpoint.form for seed in SEEDS} == set(Form) - {
        Form.INDEX
    }  # only web archives have one
    for seed in SEEDS:
        raw = (
            b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(seed.body) + seed.body
        )
        done = fetched(server, client, seed.request, raw)
        assert done.found.kind is ResponseKind.WHOLE, (seed.request.url, done.found)
        assert problem(seed, raw, done) == ""


@settings(max_examples=600)
@given(st.sampled_from(SEEDS), st.integers(0, 2**32))
def test_no_answer_is_a_traceback_or_wrongly_whole(server: Wire, client: Client, seed, number: int) -> None:
    raw = mutated(random.Random(number), seed, BODIES)
    done = fetched(server, client, seed.request, raw)
    follow(seed, done)
    assert problem(seed, raw, done) == ""


OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (OK[:-2], ResponseKind.CUT),
        (OK[:16], ResponseKind.CUT),
        (OK + b"Location: //x\r\n", ResponseKind.CUT),
        (OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(RULES.body)[:-8], ResponseKind.CUT),
        (OK + b"\r\n<!DOCTYPE x>" + RULES.body, ResponseKind.MALFORMED),
        (OK + b"\r\n\xff\xd8\xff" + RULES.body, ResponseKind.MALFORMED),
        (OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + RULES.body, ResponseKind.ENCODING),
    ],
)
def test_rules_that_once_seemed_whole(
    server: Wire, client: Client, raw: bytes, expected: ResponseKind
) -> None:
    assert fetched(server, client, RULES.request, raw).found.kind is expected


@pytest.mark.parametrize("change", [b"HTTP/1.1 206 Part", b"HTTP/1.1 200 OK\r\nContent-Encoding: br"])
def test_the_check_itself_finds_what_is_wrong(server: Wire, client: Client, change: bytes) -> None:
    raw = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + RULES.body
    done = fetched(server, client, RULES.request, raw)
    assert problem(RULES, raw.replace(b"HTTP/1.1 200 OK", change), done)
    assert problem(RULES, raw[:-4], done)
