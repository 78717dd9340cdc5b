"""WACZ files: ZIPs that hold WARC files, read where they lie."""

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.capture.captures import Captures, Page, read_info, scan
from dontspy_data.errors import CaptureError
from scripts.sample.captures import CaptureWriter

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def warc(*names: str) -> bytes:
    stream = io.BytesIO()
    writer = CaptureWriter(stream, software="a test", started_at=NOON)
    for name in names:
        writer.write(
            Page(
                url=f"https://x.example/{name}", status=200, headers=(), body=name.encode(), retrieved_at=NOON
            )
        )
    return stream.getvalue()


def wacz(path: Path, files: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", compression) as bundle:
        bundle.writestr("datapackage.json", "{}", zipfile.ZIP_DEFLATED)
        for name, content in files.items():
            bundle.writestr(name, content)
        bundle.writestr("pages/pages.jsonl", "{}", zipfile.ZIP_DEFLATED)
    return path


def test_the_answers_of_every_warc_file_in_a_wacz_are_read_in_order_of_name(tmp_path: Path) -> None:
    held = {"archive/b.warc.gz": warc("third"), "archive/a.warc.gz": warc("first", "second")}
    path = wacz(tmp_path / "a.wacz", held)
    captures = Captures.open([path])
    assert [entry.url[18:] for entry in scan(path).entries] == ["first", "second", "third"]
    assert [captures.latest(url).body for url in captures.urls()] == [b"first", b"second", b"third"]  # type: ignore[union-attr]
    assert not captures.warnings
    assert read_info(path) is not None


def test_two_files_of_one_name_are_both_read(tmp_path: Path) -> None:
    path = tmp_path / "twice.wacz"
    with zipfile.ZipFile(path, "w") as bundle, pytest.warns(UserWarning, match="Duplicate name"):
        bundle.writestr("archive/a.warc.gz", warc("first"))
        bundle.writestr("archive/a.warc.gz", warc("second"))
    assert [entry.url[18:] for entry in scan(path).entries] == ["first", "second"]


def test_a_warc_file_cut_off_inside_a_wacz_is_told_and_the_next_is_read(tmp_path: Path) -> None:
    held = {"archive/a.warc.gz": warc("first", "second")[:-20], "archive/b.warc.gz": warc("third")}
    captures = Captures.open([wacz(tmp_path / "cut.wacz", held)])
    assert [url[18:] for url in captures.urls()] == ["first", "third"]
    assert any("cut off" in warning for warning in captures.warnings)


@pytest.mark.parametrize(
    ("files", "compression", "said"),
    [
        ({"pages.txt": b"x"}, zipfile.ZIP_STORED, "no WARC file under archive/"),
        ({"archive/a.warc.gz": warc("a")}, zipfile.ZIP_DEFLATED, "archive/a.warc.gz is compressed"),
    ],
    ids=["no archive", "compressed"],
)
def test_a_zip_that_is_no_wacz_is_refused_with_a_way_out(
    tmp_path: Path, files: dict[str, bytes], compression: int, said: str
) -> None:
    with pytest.raises(CaptureError, match=said) as caught:
        Captures.open([wacz(tmp_path / "odd.wacz", files, compression)])
    assert "unzip odd.wacz" in caught.value.hint


@given(st.data())
def test_a_damaged_wacz_gives_whole_answers_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = wacz(tmp_path_factory.mktemp("wacz") / "a.wacz", {"archive/a.warc.gz": warc("first", "second")})
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(bytes(content[: data.draw(st.integers(at, len(content)))]))
    try:
        captures = Captures.open([path])
        bodies = {url[18:]: captures.latest(url).body for url in captures.urls()}  # type: ignore[union-attr]
    except CaptureError:
        return
    assert all(name.encode() == body for name, body in bodies.items())
