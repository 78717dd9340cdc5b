"""What makes an entry one that can be judged: twenty that are in order, and twenty that are not."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.contest.entries import ReleaseKeys, check_entries, rank, read_entries
from dontspy_data.contest.rules import LinkError, Rules, forbidden, link_key, read_rules, says_artificial
from dontspy_data.errors import UsageError
from dontspy_data.model.texts import hidden_characters, safe_link, shown

from .rows import GOOD as FAKEFACE

RULES = """
[enrichment]
opens_on = 2026-01-01

[fakeface]
opens_on = 2026-01-10
closes_on = 2026-03-31
entries_per_author = 2
most_likes = 5_000
"""
ENRICHMENT = {
    **FAKEFACE,
    "entry_id": "en-1",
    "contest": "enrichment",
    "mep_ids": "",
    "original_portrait_id": "",
    "disclosure": "",
}
GOOD = [
    {"title": "Σχέδιο"},
    {"title": "Two\nlines"},
    {"title": "An emoji of several parts \U0001f469\u200d\U0001f4bb"},
    {"author": "Žofia Ďurišová"},
    {"author": "@somebody"},
    {"url": "http://example.org/1"},
    {"url": "https://example.org:8443/post?id=7"},
    {"url": "https://bücher.example/ÿ"},
    {"url": "https://example.org/post/1?utm_source=mail#comments"},
    {"url": "https://video.example.org/watch?v=aB3dE"},
    {"disclosure": "Questa immagine è generata da un software."},
    {"disclosure": "Dieses Bild ist nicht echt."},
    {"disclosure": "Εικόνα τεχνητής νοημοσύνης"},
    {"disclosure": "KI-Bild, keine Fotografie"},
    {"published_on": "2026-01-10"},
    {"published_on": "2026-03-31", "counted_on": "2026-04-30"},
    {"likes": "5000"},
    {"shares": "0", "likes": "0"},
    {"counted_on": "2026-01-20"},
    {"mep_ids": "2 1"},
]
BAD = [
    ({"title": "Hid\u200bden"}, "title", r"\u200b"),
    ({"title": "exe.\u202egnp"}, "title", r"\u202e"),
    ({"author": "A\u3164"}, "author", r"\u3164"),
    ({"url": "http://127.0.0.1/post"}, "url", "127.0.0.1"),
    ({"url": "http://2130706433/post"}, "url", "a number"),
    ({"url": "http://0x7f.1/post"}, "url", "a number"),
    ({"url": "http://localhost/post"}, "url", "not on the public internet"),
    ({"url": "https://wiki.corp/post"}, "url", "not on the public internet"),
    ({"url": "https://nas.local/post"}, "url", "not on the public internet"),
    ({"evidence_url": "http://192.168.1.2/picture"}, "evidence_url", "192.168.1.2"),
    ({"evidence_url": ""}, "evidence_url", "is empty"),
    ({"counted_by": ""}, "counted_by", "is empty"),
    ({"counted_on": "2026-01-19"}, "counted_on", "before the publication"),
    ({"disclosure": "My best picture ever"}, "disclosure", "does not say"),
    ({"disclosure": "This is not artificial."}, "disclosure", "does not say"),
    ({"disclosure": "#AI"}, "disclosure", "does not say"),
    ({"published_on": "2026-01-09"}, "published_on", "opens on 2026-01-10"),
    ({"published_on": "2026-04-01", "counted_on": "2026-04-02"}, "published_on", "closed on 2026-03-31"),
    ({"likes": "5001"}, "likes", "5,001, more than 5,000"),
    ({"shares": "1,234"}, "shares", "whole number"),
]
Write = Callable[..., Path]


@pytest.fixture
def rules(tmp_path: Path) -> dict[str, Rules]:
    (tmp_path / "contest.toml").write_text(RULES)
    return dict(read_rules(tmp_path / "contest.toml"))


def problems(path: Path, known: ReleaseKeys, rules: dict[str, Rules]) -> list[tuple[int, str, str]]:
    found = check_entries(read_entries(path), known, path.parent, rules)
    assert all(problem.hint for problem in found)
    return [(problem.line, problem.column, problem.message) for problem in found]


@pytest.mark.parametrize("changed", GOOD)
def test_twenty_good_entries(
    changed: dict[str, str], write: Write, known: ReleaseKeys, rules: dict[str, Rules]
) -> None:
    path = write({**FAKEFACE, **changed})
    assert problems(path, known, rules) == []
    assert len(rank(read_entries(path).entries, read_rules(None))) == 1


@pytest.mark.parametrize(("changed", "column", "fact"), BAD)
def test_twenty_bad_entries(
    changed: dict[str, str],
    column: str,
    fact: str,
    write: Write,
    known: ReleaseKeys,
    rules: dict[str, Rules],
) -> None:
    ((line, where, what),) = problems(write(ENRICHMENT, {**FAKEFACE, **changed}), known, rules)
    assert (line, where) == (3, column)
    assert fact in what


SAME = [
    "https://example.org/post/1",
    "http://example.org/post/1",
    "https://EXAMPLE.org/Post/1",
    "https://www.example.org/post/1/",
    "https://m.example.org/post/1",
    "https://example.org:443/post/1",
    "http://example.org:80/post/1",
    "https://example.org./post/1",
    "https://example.org/post/1#comments",
    "https://example.org/post/1?utm_source=x&fbclid=abc",
    "https://example.org/post//1?",
    "https://example.org/a/../post/%31",
]
OTHERS = [
    "https://example.org/post/2",
    "https://example.com/post/1",
    "https://example.org/post/1?page=2",
    "https://example.org:8443/post/1",
    "https://sub.example.org/post/1",
]


@pytest.mark.parametrize("url", SAME)
def test_one_link_is_one_entry_however_it_is_spelt(
    url: str, write: Write, known: ReleaseKeys, rules: dict[str, Rules]
) -> None:
    path = write({**FAKEFACE, "url": SAME[0]}, {**FAKEFACE, "entry_id": "b", "url": url})
    assert [(line, column) for line, column, _ in problems(path, known, rules)] == [(3, "url")]


@pytest.mark.parametrize("url", OTHERS)
def test_other_links_are_others(url: str) -> None:
    assert link_key(url) != link_key(SAME[0])


@given(st.text(st.sampled_from("abAB01.-_/?&=#%:é"), max_size=20))
def test_whatever_a_link_is_it_has_a_key_or_a_reason(rest: str) -> None:
    try:
        key = link_key(f"https://example.org/{rest}")
    except LinkError as error:
        assert str(error)
        return
    assert key == link_key(f"http://EXAMPLE.ORG:80/{rest}")


def test_an_author_has_so_many_entries(write: Write, known: ReleaseKeys, rules: dict[str, Rules]) -> None:
    names = ("An author", " an  AUTHOR", "Another", "An author")
    rows = [
        {**FAKEFACE, "entry_id": f"ff-{n}", "url": f"https://example.org/{n}", "author": name}
        for n, name in enumerate(names)
    ]
    ((line, column, what),) = problems(write(*rows), known, rules)
    assert (line, column, "2 entries" in what) == (5, "author", True)


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("[beauty]", "beauty"),
        ("[fakeface]\nopens_on = '2026-01-01'", "opens_on"),
        ("[fakeface]\nentries_per_author = 0", "entries_per_author"),
        ("[fakeface]\nprizes = 1", "prizes"),
        ("[fakeface]\nprize = 1", "prize"),
        ("[fakeface]\nprize = ''", "prize"),
        ("[fakeface]\nenter_at = 'our office'", "enter_at"),
        ("[fakeface]\nenter_at = 'javascript:alert(1)'", "enter_at"),
        ("fakeface = 1", "fakeface"),
        ("[fakeface", "contest.toml"),
    ],
)
def test_rules_that_are_none_are_named(text: str, fact: str, tmp_path: Path) -> None:
    path = tmp_path / "contest.toml"
    path.write_text(text)
    with pytest.raises(UsageError, match=fact) as caught:
        read_rules(path)
    assert caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "Dedicato ai miei elettori",
        "No AI was used for this picture",
        "Ce n'est pas artificiel du tout",
        "Das ist keine Montage",
        "        ",
    ],
)
def test_what_does_not_say_it(text: str) -> None:
    assert not says_artificial(text)


@pytest.mark.parametrize(
    ("names", "topic"),
    [
        (["mep_id", "Ethnicity"], "ethnicity"),
        (["mep_id", "skin-tone"], "ethnicity"),
        (["mep_id", "religion_guess"], "religion"),
        (["mep_id", "sexualOrientation"], "sexuality"),
        (["mep_id", "FaceEmbedding"], "face templates"),
        (["mep_id", *(f"v{n}" for n in range(64))], "face templates"),
        (["mep_id", "political leaning"], "political opinions"),
        (["mep_id", "mental_health"], "health"),
    ],
)
def test_columns_that_no_table_may_have(names: list[str], topic: str) -> None:
    found = forbidden(names)
    assert found is not None
    assert found[1] == topic


def test_columns_that_a_table_may_have() -> None:
    assert forbidden(["mep_id", "political_group", "smile", "age", "terms", "q1", "q2", "embraces"]) is None


@given(st.text(max_size=20))
def test_what_is_shown_cannot_be_obeyed(text: str) -> None:
    assert shown(shown(text)) == shown(text)
    assert not {*shown(text)} & {chr(n) for n in (*range(9), *range(11, 32), 127, 0x9B, 0x202E, 0x2028)}


def test_what_is_seen_is_not_hidden() -> None:
    assert hidden_characters("plain, Ž, Σ, é, \U0001f469\u200d\U0001f4bb\ttab\n") == ""
    assert hidden_characters("a\u200db") == "\u200d"


@pytest.mark.parametrize(
    "value",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        'https://a.org/"onclick=',
        "https://me@a.org/",
        "//",
        "https://a.org/\n",
        "java\tscript:alert(1)",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_web_address_is_no_link(value: str) -> None:
    assert safe_link(value) is None
