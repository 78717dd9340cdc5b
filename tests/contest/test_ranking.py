"""The order of entries, fixed for ties too."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.contest.entries import ContestEntry, rank
from dontspy_data.contest.rules import read_rules

RULES = read_rules(None)
"""Reach alone counts."""


def entry(key: str, contest: str = "fakeface", day: int = 1, shares: int = 0, likes: int = 0) -> ContestEntry:
    published = date(2026, 1, day)
    return ContestEntry(
        2, key, contest, "T", "A", "u", None, None, None, published, shares, likes, published, "O", "e", None
    )


ENTRIES = st.lists(
    st.builds(
        entry,
        key=st.text("abc", min_size=1, max_size=3),
        contest=st.sampled_from(["fakeface", "enrichment"]),
        day=st.integers(1, 3),
        shares=st.integers(0, 3),
        likes=st.integers(0, 3),
    ),
    unique_by=lambda one: one.entry_id,
)


def order(*entries: ContestEntry) -> list[tuple[int, int, str]]:
    return [(one.place, one.reach, one.entry.entry_id) for one in rank(entries, RULES)]


def test_the_sum_decides_then_the_day_then_the_key() -> None:
    assert order(
        entry("d", day=2, shares=5, likes=5),
        entry("c", day=1, likes=10),
        entry("b", day=2, shares=10),
        entry("a", likes=11),
        entry("e"),
    ) == [(1, 11, "a"), (2, 10, "c"), (3, 10, "b"), (4, 10, "d"), (5, 0, "e")]


def test_each_contest_has_its_first_place() -> None:
    assert order(entry("a", likes=1), entry("b", "enrichment")) == [(1, 0, "b"), (1, 1, "a")]


@given(ENTRIES, st.randoms())
def test_the_files_order_plays_no_part(entries: list[ContestEntry], random) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(entries)
    random.shuffle(shuffled)
    assert rank(shuffled, RULES) == rank(entries, RULES)
    for contest in {one.contest for one in entries}:
        places = [one.place for one in rank(entries, RULES) if one.entry.contest == contest]
        assert places == list(range(1, len(places) + 1))
