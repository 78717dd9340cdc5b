"""Which portrait was shown on a day."""

from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest

import dontspy_data as dd
from dontspy_data.errors import UsageError
from dontspy_data.loading.people import portraits_on


def tables(*shown: tuple[int, str, str, str]) -> tuple[Any, Any]:
    """Return both tables for (person, name of the picture, first day, last day)."""
    names = sorted({(mep_id, name) for mep_id, name, _, _ in shown})
    portraits = pd.DataFrame(
        [
            {
                "portrait_id": f"{m}-{n}",
                "mep_id": m,
                "path": None if n == "absent" else f"portraits/{m}-{n}.jpg",
            }
            for m, n in names
        ]
    )
    periods = pd.DataFrame(
        [
            {
                "portrait_id": f"{m}-{n}",
                "mep_id": m,
                "first_seen": pd.Timestamp(datetime.fromisoformat(a).replace(hour=12, tzinfo=UTC)),
                "last_seen": pd.Timestamp(datetime.fromisoformat(b).replace(hour=12, tzinfo=UTC)),
            }
            for m, n, a, b in shown
        ]
    )
    return portraits, periods


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2014-06-30", []),
        ("2014-07-01", ["1-a"]),
        ("2015-06-01", ["1-a"]),
        ("2016-01-01", ["1-b", "2-c"]),
        ("2018-01-01", ["1-a", "2-c"]),  # it came back
        ("2019-01-01", ["1-a"]),  # 2 has none any more
    ],
)
def test_what_was_shown_on_a_day(day: str, expected: list[str]) -> None:
    portraits, periods = tables(
        (1, "a", "2014-07-01", "2015-01-01"),
        (1, "b", "2015-07-01", "2016-01-01"),
        (1, "a", "2017-01-01", "2020-01-01"),
        (2, "c", "2016-01-01", "2016-01-01"),
        (2, "absent", "2018-06-01", "2020-01-01"),
    )
    found = portraits_on(date.fromisoformat(day), portraits, periods)
    assert list(found["portrait_id"]) == expected


def test_the_sample_knows_what_it_showed_before(faces: dd.OpenDataFaces) -> None:
    now = faces.portraits_at("2026-11-01")
    assert len(now) == (faces.portraits["is_current"] & faces.portraits["path"].notna()).sum()
    assert faces.portraits_at("1999-01-01").empty
    with pytest.raises(UsageError):
        faces.portraits_at("then")
