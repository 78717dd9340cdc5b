"""Importing a folder: what can be used goes into a capture, the rest is listed with its reason."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from dontspy_data.capture.captures import Captures
from dontspy_data.capture.records import Origin
from dontspy_data.collect.imports import LIST, Imported, import_folder, write_template
from dontspy_data.errors import DontspyError, UsageError

HEADER = "file,url,retrieved_at,note\n"
URL = "https://www.europarl.europa.eu/mepphoto/{}.jpg"


def picture(number: int, form: str = "JPEG") -> bytes:
    buffer = BytesIO()
    Image.new("RGB", (30, 40), (number % 256, number // 256 % 256, 90)).save(buffer, form)
    return buffer.getvalue()


def folder_of(tmp_path: Path, files: dict[str, bytes], lines: str) -> Path:
    folder = tmp_path / "saved"
    folder.mkdir()
    for name, body in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)
    (folder / LIST).write_text(HEADER + lines, encoding="utf-8")
    return folder


def reasons(imported: Imported) -> dict[str, str]:
    return {one.file: one.reason for one in imported.rejected}


def test_ninety_of_a_hundred_and_ten_with_their_reasons(tmp_path: Path) -> None:
    files = {f"{9_000_000 + number}.jpg": picture(number) for number in range(1, 91)}
    bad = {
        "9000091.jpg": b"<html><title>Human verification</title></html>",
        "9000092.jpg": b"<!doctype html><html><body>Not found</body></html>",
        "9000093.jpg": picture(93, "PNG"),
        "9000094.jpg": picture(94, "WEBP"),
        "9000095.jpg": picture(95)[:-40],
        "9000096.jpg": picture(96)[:300],
        "9000097.jpg": b"",
        "9000098.jpg": picture(98),
        "9000099.jpg": picture(99),
        "9000100.jpg": picture(100),
    }
    lines = "".join(f"{name},,2023-05-31,\n" for name in (*files, *list(bad)[:7]))
    lines += f"9000098.jpg,{URL.format(9_000_001)},2023-05-31,\n"
    lines += "9000099.jpg,,31/05/2023,\n"
    lines += "9000100.jpg,,,\n"
    imported = import_folder(folder_of(tmp_path, {**files, **bad}, lines), tmp_path / "out.warc.gz")
    assert imported.files == 90
    found = reasons(imported)
    assert set(found) == set(bad)
    for name, word in {
        "9000091.jpg": "HTML",
        "9000093.jpg": "PNG",
        "9000094.jpg": "WebP",
        "9000095.jpg": "ends early",
        "9000097.jpg": "empty",
        "9000098.jpg": "9000001",
        "9000099.jpg": "31/05/2023",
        "9000100.jpg": "when",
    }.items():
        assert word in found[name], name


def test_nothing_is_made_up(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {"9000001.jpg": picture(1)}, "9000001.jpg,,2023-05-31T10:00:00+02:00,\n")
    import_folder(folder, tmp_path / "out.warc.gz")
    page = Captures.open([tmp_path / "out.warc.gz"]).latest(URL.format(9_000_001))
    assert page is not None
    assert (page.origin, page.via) == (Origin.IMPORTED, LIST)
    assert page.headers == (("Content-Type", "image/jpeg"),)
    assert page.body == picture(1)
    assert page.retrieved_at == datetime(2023, 5, 31, 8, tzinfo=UTC)


def test_the_same_folder_gives_the_same_bytes(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {"9000001.jpg": picture(1)}, "9000001.jpg,,2023-05-31,\n")
    import_folder(folder, tmp_path / "a.warc.gz")
    import_folder(folder, tmp_path / "b.warc.gz")
    assert (tmp_path / "a.warc.gz").read_bytes() == (tmp_path / "b.warc.gz").read_bytes()


def test_a_template_needs_the_days_alone(tmp_path: Path) -> None:
    folder = tmp_path / "saved"
    folder.mkdir()
    (folder / "9000001.jpg").write_bytes(picture(1))
    (folder / "page.html").write_bytes(b"<html></html>")
    text = write_template(folder).read_text()
    assert text == f"file,url,retrieved_at,note\n9000001.jpg,{URL.format(9_000_001)},,\npage.html,,,\n"
    with pytest.raises(UsageError):
        write_template(folder)


def test_a_file_that_the_list_does_not_name_is_listed(tmp_path: Path) -> None:
    files = {"9000001.jpg": picture(1), "more/9000002.jpg": picture(2)}
    imported = import_folder(folder_of(tmp_path, files, "9000001.jpg,,2023-05-31,\n"), tmp_path / "o.warc.gz")
    assert LIST in reasons(imported)["more/9000002.jpg"]


@pytest.mark.parametrize(
    "name", ["../secret.jpg", "/etc/passwd", "a\\b.jpg", "link.jpg", "inside/../../x.jpg"]
)
def test_no_file_outside_of_the_folder_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.jpg").write_bytes(picture(3))
    lines = f"9000001.jpg,,2023-05-31,\n{name},{URL.format(9_000_002)},2023-05-31,\n"
    folder = folder_of(tmp_path, {"9000001.jpg": picture(1)}, lines)
    (folder / "link.jpg").symlink_to(tmp_path / "secret.jpg")
    imported = import_folder(folder, tmp_path / "out.warc.gz")
    assert (imported.files, name in reasons(imported)) == (1, True)


def test_without_a_usable_file_nothing_is_written(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {"9000001.jpg": b"no picture"}, "9000001.jpg,,2023-05-31,\n")
    with pytest.raises(DontspyError, match=r"9000001\.jpg"):
        import_folder(folder, tmp_path / "out.warc.gz")
    assert list(tmp_path.glob("out.*")) == []


@pytest.mark.parametrize("text", ["", "name,day\n", "file;url;retrieved_at\n", '"', "\x00"])
def test_a_list_of_another_form_is_said(tmp_path: Path, text: str) -> None:
    folder = folder_of(tmp_path, {"9000001.jpg": picture(1)}, "")
    (folder / LIST).write_text(text, encoding="utf-8")
    with pytest.raises(DontspyError, match=LIST):
        import_folder(folder, tmp_path / "out.warc.gz")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), st.binary(max_size=200))
def test_whatever_the_list_and_the_file_hold_it_ends_in_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, text: bytes, body: bytes
) -> None:
    tmp_path = tmp_path_factory.mktemp("any")
    folder = folder_of(tmp_path, {"9000001.jpg": body}, "")
    (folder / LIST).write_bytes(HEADER.encode() + b"9000001.jpg,,2023-05-31," + text)
    with pytest.raises(DontspyError):
        import_folder(folder, tmp_path / "out.warc.gz")
