"""Timelines: what is said of a period, and where its bar lies."""

from datetime import UTC, date, datetime
from typing import Any

from dontspy_data.site.facts import stay_words, timeline, when
from dontspy_data.site.languages import ENGLISH

SEEN = datetime(2023, 4, 27, tzinfo=UTC)


def row(**other: Any) -> dict[str, Any]:
    return {
        "country": "LV",
        "term": 9,
        "start_date": None,
        "end_date": None,
        "state": "unknown",
        "last_seen": SEEN,
        "source": "ep_history",
        **other,
    }


def periods(*mandates: dict[str, Any]) -> Any:
    found = timeline(mandates, (), (), {"LV": "Latvia"})
    assert found
    return found.periods


def test_nothing_known_is_no_timeline() -> None:
    assert timeline((), (), (), {}) is None


def test_words_for_every_state() -> None:
    start, end = date(2019, 7, 2), date(2021, 1, 31)
    said = [
        when(periods(row(**known))[0], ENGLISH)
        for known in (
            {"start_date": start, "end_date": end, "state": "ended"},
            {"start_date": start, "state": "ongoing"},
            {"start_date": start},
            {"end_date": end, "state": "ended"},
            {"state": "ongoing"},
            {},
        )
    ]
    assert said == [
        "2 July 2019 to 31 January 2021",
        "since 2 July 2019, ongoing on 27 April 2023",
        "from 2 July 2019, end not known",
        "until 31 January 2021, start not known",
        "term 9 (2019 to 2024), ongoing on 27 April 2023",
        "term 9 (2019 to 2024)",
    ]


def test_periods_in_one_body_are_one_line_in_years() -> None:
    found = timeline(
        [row(term=None, start_date=date(year, 7, 2), end_date=date(year + 5, 7, 1)) for year in (2009, 2014)],
        (),
        (),
        {},
    )
    assert found
    [(kind, [line])] = found.by_kind
    assert (kind, stay_words(line, ENGLISH)) == ("mandate", "2009\u20132014, 2014\u20132019")


def test_bars_follow_time_within_the_years_shown() -> None:
    first, second = periods(
        row(start_date=date(2019, 7, 2), end_date=date(2019, 12, 31)),
        row(start_date=date(2020, 1, 1), end_date=date(2020, 12, 31)),
    )
    assert first.x > 0
    assert abs(first.x + first.width - second.x) < 0.02
    assert abs(second.x + second.width - 100) < 0.02


def test_a_period_without_dates_is_drawn_over_its_term_and_says_so() -> None:
    [period] = periods(row())
    assert (period.start, period.end, period.begun) == (date(2019, 7, 2), date(2024, 7, 15), None)


def test_the_page_of_the_chosen_statement_is_linked() -> None:
    statement = {
        "property": "mandate",
        "value": "LV",
        "term": 9,
        "role": None,
        "start_date": None,
        "source": "ep_history",
        "url": "https://www.example/history/9",
        "is_chosen": True,
    }
    found = timeline([row()], (), [statement], {})
    assert found
    assert found.periods[0].url == "https://www.example/history/9"
