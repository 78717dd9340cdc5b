"""Rights follow from what the picture says, by the reviewed table."""

import pytest

from dontspy_data.portraits.metadata import Metadata
from dontspy_data.portraits.rights import rights


@pytest.mark.parametrize(
    "notice",
    [
        "© European Union 2019 - Source : EP",
        "© European Union 2014 - Source EP",
        "© European Union, 2024 \u2013 Source: European Parliament",
        "(c) European Union 2024 - EP",
        "European Union 2024",
        "European Union",
        "© European Parliament 2009",
    ],
)
def test_the_union_allows_reuse(notice: str) -> None:
    found = rights(Metadata(copyright=notice))
    assert (found.status, found.holder, found.credit_line) == ("reuse", "European Union", notice)
    assert found.url == "https://www.europarl.europa.eu/legal-notice/en/"


@pytest.mark.parametrize(
    "notice",
    [
        "Alex Example",
        "© European Union 2024 / Agency",
        "© Agency for the European Union",
        "© European Unionists",
        "www.example.org",
    ],
)
def test_anyone_else_is_unclear_and_named(notice: str) -> None:
    found = rights(Metadata(copyright=notice, usage_terms="Creative Commons"))
    assert (found.status, found.holder, found.url) == ("unclear", notice, None)
    assert notice in found.credit_line


def test_nobody_named_is_not_stated() -> None:
    found = rights(Metadata())
    assert (found.status, found.holder) == ("not_stated", None)
    assert found.credit_line == "Source: European Parliament"


def test_a_photographer_alone_is_unclear() -> None:
    found = rights(Metadata(photographer="Alex Example"))
    assert (found.status, found.holder) == ("unclear", "Alex Example")
    assert found.credit_line.count("Alex Example") == 1


def test_a_photographer_is_credited_beside_the_holder() -> None:
    found = rights(Metadata(copyright="© European Union 2024 - Source : EP", photographer="Alex Example"))
    assert found.status == "reuse"
    assert found.credit_line == "© European Union 2024 - Source : EP, photographer: Alex Example"
