import socket

import pytest

from dontspy_data.collect import client as module
from dontspy_data.collect.classify import ResponseKind
from dontspy_data.collect.client import Client, TransportFault

URL = "https://www.europarl.europa.eu/mepphoto/9000002.jpg?size=a%20b"


@pytest.fixture
def client(parliament):
    client = Client(parliament.address)
    yield client
    client.close()


def test_another_server_is_asked_and_the_address_stays_canonical(parliament, client, replies) -> None:
    parliament.tell(URL, replies(body=b"x", headers=(("X-Thing", "1"),)))
    page = client.get(URL, {"Accept": "image/jpeg"})
    assert (page.url, page.status, page.body, page.header("x-thing")) == (URL, 200, b"x", "1")
    assert parliament.asked[0].url == URL
    assert parliament.asked[0].headers["host"] == "www.europarl.europa.eu"
    assert parliament.asked[0].headers["accept"] == "image/jpeg"


def test_a_compressed_body_is_kept_as_it_was_before(parliament, client, replies) -> None:
    parliament.tell(URL, replies(body=b"x" * 1000, headers=(("Content-Encoding", "gzip"),)))
    assert client.get(URL, {"Accept-Encoding": "gzip"}).body == b"x" * 1000


@pytest.mark.parametrize(
    "fault",
    [
        {"body": b"x" * 1000, "send": 300},
        {"body": b"x" * 1000, "send": 300, "chunked": True},
        {"body": b"x" * 1000, "send": 0},
        {"body": b"x" * 1000, "send": 20, "headers": (("Content-Encoding", "gzip"),)},
    ],
)
def test_a_body_that_ends_early_is_no_answer(parliament, client, replies, fault) -> None:
    parliament.tell(URL, replies(**fault))
    with pytest.raises(TransportFault) as caught:
        client.get(URL, {"Accept-Encoding": "gzip"})
    assert caught.value.found.kind is ResponseKind.CUT
    parliament.tell(URL, replies(body=b"whole"))
    assert client.get(URL, {}).body == b"whole"


def test_nobody_there_is_told_from_a_bad_answer() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(TransportFault) as caught:
            Client(address).get(URL, {})
    assert caught.value.found.kind is ResponseKind.UNREACHABLE


def test_redirects_are_not_followed(parliament, client, replies) -> None:
    parliament.tell(URL, replies(302, headers=(("Location", "https://elsewhere.example/"),)))
    assert client.get(URL, {}).status == 302
    assert len(parliament.asked) == 1


@pytest.mark.parametrize("gzipped", [False, True])
def test_an_endless_body_is_not_read_to_its_end(parliament, client, replies, monkeypatch, gzipped) -> None:
    monkeypatch.setattr(module, "LARGEST_BODY", 999)
    parliament.tell(
        URL, replies(body=b"x" * 1000, headers=(("Content-Encoding", "gzip"),) if gzipped else ())
    )
    with pytest.raises(TransportFault) as caught:
        client.get(URL, {"Accept-Encoding": "gzip"})
    assert caught.value.found.kind is ResponseKind.TOO_LARGE
