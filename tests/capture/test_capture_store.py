import gzip
import resource
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dontspy_data.capture.captures import Captures, Page, scan
from dontspy_data.capture.entries import Remark, Revisit
from dontspy_data.capture.records import remark_record, response_record, revisit_record
from dontspy_data.capture.store import Store, part_of
from dontspy_data.errors import CaptureError, UsageError

WHEN = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def page(number: int, body: bytes = b"") -> Page:
    at = WHEN + timedelta(seconds=number)
    return Page(f"https://host/{number}", 200, (("ETag", f'"{number}"'),), body or bytes([number] * 500), at)


def test_answers_are_in_the_part_file_at_once_and_in_the_output_in_the_end(tmp_path: Path) -> None:
    output = tmp_path / "c.warc.gz"
    store = Store.open(output, {})
    store.add(response_record(page(1)))
    assert [entry.url for entry in scan(part_of(output)).entries] == ["https://host/1"]
    assert not output.exists()
    store.add(revisit_record(replace(page(2), status=304, body=b""), WHEN))
    store.add(remark_record(page(3), "X-Robots-Tag: noai"))
    store.finish()
    assert not part_of(output).exists()
    found = scan(output)
    assert [(entry.url, entry.revisits) for entry in found.entries] == [
        ("https://host/1", None),
        ("https://host/2", Revisit("https://host/2", WHEN)),
    ]
    assert found.remarks == [Remark("https://host/3", page(3).retrieved_at, "X-Robots-Tag: noai", 200)]
    assert found.warnings == ()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.floats(0, 1))
def test_a_file_cut_anywhere_is_gone_on_with(tmp_path: Path, share: float) -> None:
    output = tmp_path / "c.warc.gz"
    part_of(output).unlink(missing_ok=True)
    store = Store.open(output, {})
    pages = [page(number) for number in range(1, 5)]
    for each in pages:
        store.add(response_record(each))
    store.close()
    whole = part_of(output).read_bytes()
    cut = int(share * len(whole))
    part_of(output).write_bytes(whole[:cut])

    store = Store.open(output, {})
    held = [each for each in pages if store.held.entries(each.url)]
    assert held == pages[: len(held)]
    for each in pages[len(held) :]:
        store.add(response_record(each))
    store.close()
    after = Captures.open([part_of(output)])
    assert [after.latest(each.url) for each in pages] == [
        replace(each, headers=(*each.headers, ("Content-Length", "500"))) for each in pages
    ]
    assert not after.warnings


def test_one_collector_at_a_time(tmp_path: Path) -> None:
    output = tmp_path / "c.warc.gz"
    store = Store.open(output, {})
    with pytest.raises(UsageError, match="another collector"):
        Store.open(output, {})
    store.close()
    Store.open(output, {}).close()


def test_a_part_file_that_is_no_capture_is_left_alone(tmp_path: Path) -> None:
    output = tmp_path / "c.warc.gz"
    part_of(output).write_bytes(b"my diary, which is long enough to be something")
    with pytest.raises(CaptureError):
        Store.open(output, {})
    assert part_of(output).read_bytes().startswith(b"my diary")


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        Store.open(tmp_path / "nowhere" / "c.warc.gz", {})


def test_an_answer_that_comes_after_the_end_is_not_written(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "c.warc.gz", {})
    store.close()
    size = store.part.stat().st_size
    store.add(response_record(page(1)))
    assert store.part.stat().st_size == size


FILL_THE_DISK = """
    import sys
    from datetime import UTC, datetime
    from pathlib import Path
    from dontspy_data.capture.records import Page, response_record
    from dontspy_data.capture.store import Store
    from dontspy_data.errors import DontspyError

    store = Store.open(Path(sys.argv[1]), {})
    try:
        for number in range(100):
            body = b"\\xff\\xd8" + bytes([number]) * 3000
            store.add(response_record(Page(f"https://host/{number}", 200, (), body, datetime.now(UTC))))
    except DontspyError as error:
        print(number, error, error.hint)
"""


def test_a_full_disk_is_an_error_and_leaves_what_was_kept_readable(tmp_path: Path) -> None:
    output = tmp_path / "c.warc.gz"
    # A limit on the file's size stops a write in its middle, as a full disk does.
    ran = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(FILL_THE_DISK), str(output)],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )
    number, message = ran.stdout.split(" ", 1)
    assert "could not be written" in message
    assert "Make room" in message
    found = scan(part_of(output))
    assert len(found.entries) == int(number) > 3
    assert found.warnings == ()


ZEROS = bytes(5000)


def broken_off(output: Path) -> tuple[list[Page], bytes]:
    """Four pages, and the bytes of the `.part` file that holds them."""
    store = Store.open(output, {})
    pages = [page(number) for number in range(1, 5)]
    for each in pages:
        store.add(response_record(each))
    store.close()
    return pages, part_of(output).read_bytes()


@pytest.mark.parametrize(
    "tail", [ZEROS, b"\x1f\x8b\x08" + ZEROS, b"no record"], ids=["zeros", "gzip", "text"]
)
@pytest.mark.parametrize("cut", [0, 40], ids=["after a record", "inside a record"])
def test_a_damaged_tail_is_cut_away_and_nothing_whole_is_lost(tmp_path: Path, tail: bytes, cut: int) -> None:
    output = tmp_path / "c.warc.gz"
    pages, whole = broken_off(output)
    part_of(output).write_bytes(whole[: len(whole) - cut] + tail)
    store = Store.open(output, {})
    kept = pages[:-1] if cut else pages
    assert [each for each in pages if store.held.entries(each.url)] == kept
    # A record that stops in its middle and goes on in zeros may look cut off, as after a kill.
    assert cut or "c.warc.gz.part was damaged" in store.resumed[0]
    store.add(response_record(page(5)))
    store.finish()
    after = Captures.open([output])
    assert not after.warnings
    assert list(after.urls()) == [each.url for each in (*kept, page(5))]


@pytest.mark.parametrize("stray", [None, gzip.compress(b"no record")], ids=["zeros", "no record"])
def test_whole_records_after_a_damaged_one_are_kept(tmp_path: Path, stray: bytes | None) -> None:
    output = tmp_path / "c.warc.gz"
    pages, whole = broken_off(output)
    second = scan(part_of(output)).entries[1]
    zeroed = whole[second.offset : second.offset + 20] + bytes(second.end - second.offset - 20)
    part_of(output).write_bytes(whole[: second.offset] + (stray or zeroed) + whole[second.end :])
    store = Store.open(output, {})
    assert [each.url for each in pages if store.held.entries(each.url)] == [
        each.url for each in (pages[0], *pages[2:])
    ]
    third = store.held.latest(pages[2].url)
    assert third is not None
    assert third.body == pages[2].body
    store.close()


def test_a_part_file_of_nothing_but_zeros_is_begun_anew(tmp_path: Path) -> None:
    output = tmp_path / "c.warc.gz"
    part_of(output).write_bytes(ZEROS)
    store = Store.open(output, {})
    store.add(response_record(page(1)))
    store.finish()
    assert list(Captures.open([output]).urls()) == ["https://host/1"]
