"""The ids of statements, and statements that are said again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from dontspy_data import sample
from dontspy_data.capture.captures import Captures
from dontspy_data.model.statements import Property, Statement, each_once, statement_id
from dontspy_data.resolve.resolve import resolve
from dontspy_data.sources import SOURCES
from scripts.sample.captures import read_all

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
SAID = Statement(9000001, Property.NAME, "Ada EXAMPLE", "ep_api", "https://www.example/1", NOON)
SOURCES_BY_TRUST = [source.name for source in SOURCES]
LATER = replace(SAID, retrieved_at=NOON + timedelta(days=9))


def test_an_id_follows_from_what_is_said_and_where_but_not_from_when() -> None:
    assert statement_id(LATER) == statement_id(SAID)
    others = [
        replace(SAID, mep_id=9000002),
        replace(SAID, property=Property.SORT_NAME),
        replace(SAID, value="Ada"),
        replace(SAID, source="ep_csv"),
        replace(SAID, url="https://www.example/2"),
        replace(SAID, term=9),
        replace(SAID, role="Chair"),
        replace(SAID, start_date="2024-07-16"),
        replace(SAID, end_date="2024-07-16"),
    ]
    assert len({statement_id(one) for one in (SAID, *others)}) == len(others) + 1


def test_what_a_page_said_several_times_is_kept_as_last_said() -> None:
    elsewhere = replace(SAID, url="https://www.example/2")
    for said in ([SAID, elsewhere, LATER], [LATER, elsewhere, SAID, LATER]):
        assert each_once(said) == [LATER, elsewhere]


def test_pages_read_again_in_another_order_give_the_same_ids() -> None:
    said = list(read_all(Captures.open([sample.path()])).statements)
    urls = sorted({statement.url for statement in said}, reverse=True)
    later = {url: timedelta(days=1, minutes=place) for place, url in enumerate(urls)}
    again = [replace(one, retrieved_at=one.retrieved_at + later[one.url]) for one in said]
    ids, ids_again = (
        [row.statement_id for part in resolve(all_, SOURCES_BY_TRUST) for row in part.statements]
        for all_ in (said, again)
    )
    assert len(set(ids)) == len(ids)
    assert set(ids) == set(ids_again)
