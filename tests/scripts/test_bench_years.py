"""The benchmark of a maintainer's years: its captures are read like any other, and hard links are counted once."""

from pathlib import Path

from dontspy_data.capture.captures import Captures
from scripts.bench_years import REPLACED, Years, inodes


def test_a_month_holds_what_changed_in_it(tmp_path: Path) -> None:
    years = Years(0.03, tmp_path)
    first, second = (Captures.open([years.month(number)]) for number in range(2))
    portraits = [[url for url in one.urls() if "/mepphoto/" in url] for one in (first, second)]
    assert len(portraits[0]) == years.seats
    assert len(portraits[1]) == REPLACED + 1
    people = [url for url in second.urls() if url.split("?", maxsplit=1)[0].rsplit("/", 1)[-1].isdigit()]
    assert len(people) == 3
    shown = set(portraits[0]) & set(portraits[1])
    latest = [(first.latest(url), second.latest(url)) for url in shown]
    assert all(old and new and old.body != new.body for old, new in latest)


def test_a_file_with_two_names_is_counted_once(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "one").write_bytes(b"1234")
    (tmp_path / "folder/other").hardlink_to(tmp_path / "one")
    assert [size for _, size in inodes(tmp_path).values()] == [4]
