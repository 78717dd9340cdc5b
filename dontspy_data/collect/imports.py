"""Importing: a folder of files that somebody saved, and a list of what they are, become a capture.

Each file is judged as the collector judges an answer. Nothing is made up: a file has an address and a day from its
list, and no headers, so its record says only what is known (a WARC `resource` record).
"""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

from dontspy_data._version import __version__
from dontspy_data.capture.records import Origin, Page, info_record, resource_record
from dontspy_data.capture.store import write_capture
from dontspy_data.collect.classify import ResponseKind, classify
from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.sources import portraits, source_of

LIST = "import.csv"
COLUMNS = ("file", "url", "retrieved_at", "note")
NAMED_BY_ID = re.compile(r"(?P<id>[1-9]\d{0,8})\.jpe?g", re.IGNORECASE)
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LARGEST_FILE = 20_000_000
LARGEST_LIST = 20_000_000
MEDIA_TYPES = {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".html": "text/html", ".htm": "text/html"}


@dataclass(frozen=True, slots=True)
class Rejected:
    """A file that cannot be used.

    Attributes:
        file: its path in the folder.
        line: of the list; 0 for a file that the list does not name.
        reason: why it cannot be used.
    """

    file: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Imported:
    """The result of an import.

    Attributes:
        capture: the file that was written.
        files: how many files it holds.
        rejected: files that cannot be used, in the order of the list.
    """

    capture: Path
    files: int
    rejected: tuple[Rejected, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """Return the same for programs."""
        return {"outcome": "done", **asdict(self), "capture": str(self.capture)}


class _UnusableError(Exception):
    """Why one file cannot be used."""


def import_folder(folder: Path, output: Path) -> Imported:
    """Write a capture from the files of a folder that its list `import.csv` describes.

    Args:
        folder: with the list and the files.
        output: the capture; written whole or not at all, and never over another file.

    Raises:
        UsageError: there is no list, the list has other columns, or the output exists already.
        DontspyError: no file can be used; the message has the first reason.
    """
    if output.exists():
        raise UsageError(f"{output} exists already", hint="Name another output, or move the file away.")
    text = _read_list(folder)
    records: list[tuple[datetime, str, bytes]] = []
    rejected: list[Rejected] = []
    named: set[str] = set()
    for line, row in _rows(folder, text):
        named.add(row.get("file") or "")
        try:
            page = _page(folder, row)
            _judge(page)
        except _UnusableError as error:
            rejected.append(Rejected(row.get("file") or "", line, str(error)))
            continue
        records.append((page.retrieved_at, page.url, resource_record(page)))
    rejected += [Rejected(name, 0, f"is not in {LIST}") for name in _files(folder) if name not in named]
    if not records:
        why = f"{rejected[0].file}: {rejected[0].reason}" if rejected else f"{LIST} names no file"
        raise DontspyError(f"no file of {folder} can be used: {why}", hint=f"Look at {folder / LIST}.")
    records.sort()
    origin = {"origin": Origin.IMPORTED.value, "list": LIST, "list-sha256": sha256(text).hexdigest()}
    info = info_record(f"dontspy-data/{__version__}", records[-1][0], origin)
    write_capture(output, (info, *(record for _, _, record in records)))
    return Imported(output, len(records), tuple(rejected))


def write_template(folder: Path) -> Path:
    """Write a list of the files in a folder, with addresses where file names give them; a person adds the days.

    Raises:
        UsageError: there is a list already, or there are no files.
    """
    path = folder / LIST
    if path.exists():
        raise UsageError(f"{path} exists already", hint="Fill it in, or move it away to get a new one.")
    names = _files(folder)
    if not names:
        raise UsageError(f"there are no files in {folder}")
    with path.open("x", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((name, _url_of(name), "", "") for name in names)
    return path


def _files(folder: Path) -> list[str]:
    found = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    names = (path.relative_to(folder) for path in found)
    return sorted(name.as_posix() for name in names if name.name != LIST and not name.name.startswith("."))


def _url_of(file: str) -> str:
    match = NAMED_BY_ID.fullmatch(PurePosixPath(file).name)
    return portraits.url(int(match["id"])) if match else ""


def _read_list(folder: Path) -> bytes:
    path = folder / LIST
    if not path.is_file():
        raise UsageError(
            f"there is no {LIST} in {folder}", hint=f"Write one with: dontspy-data import {folder} --template"
        )
    if path.stat().st_size > LARGEST_LIST:
        raise UsageError(f"{path} has more than {LARGEST_LIST:,} bytes")
    return path.read_bytes()


def _rows(folder: Path, text: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield each line of the list by its number, as text by column."""
    try:
        decoded = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{folder / LIST} is not UTF-8", hint="Save it as CSV in UTF-8.") from error
    reader = csv.reader(io.StringIO(decoded, newline=""))
    try:
        header = tuple(next(reader, ()))
        if header not in (COLUMNS, COLUMNS[:-1]):
            raise UsageError(
                f"{folder / LIST} has the columns {','.join(header) or 'none'}",
                hint=f"It takes {','.join(COLUMNS[:-1])} and, if you like, {COLUMNS[-1]}.",
            )
        for cells in reader:
            if cells:
                yield reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=False))
    except csv.Error as error:
        raise UsageError(f"{folder / LIST} cannot be read at line {reader.line_num}: {error}") from error


def _moment(text: str) -> datetime:
    """Return when a file was saved: a day, or a day and a time with its zone."""
    if not text:
        raise _UnusableError("the list does not say when it was retrieved")
    try:
        moment = (
            datetime.fromisoformat(text)
            if len(text) > 10
            else datetime.combine(date.fromisoformat(text), time())
        )
    except ValueError:
        raise _UnusableError(f"{text[:40]!r} is not a day such as 2023-05-31") from None
    moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    if not EARLIEST <= moment <= datetime.now(UTC):
        raise _UnusableError(f"{text[:40]} is not between {EARLIEST.year} and today")
    return moment


def _page(folder: Path, row: dict[str, str]) -> Page:
    """Return the file of a row as a page."""
    file = row.get("file", "")
    name = PurePosixPath(file)
    if not file or name.is_absolute() or ".." in name.parts or "\\" in file or "\0" in file:
        raise _UnusableError("the list names no file of this folder")
    url = row.get("url") or _url_of(file)
    if not url:
        raise _UnusableError("the list gives no url, and the name of the file is not a MEP number")
    by_name, by_list = NAMED_BY_ID.fullmatch(name.name), portraits.PATTERN.match(url)
    if by_name and by_list and int(by_name["id"]) != int(by_list["id"]):
        raise _UnusableError(
            f"its name says {by_name['id']}, and the list says that it shows {by_list['id']}"
        )
    retrieved_at, path = _moment(row.get("retrieved_at", "")), folder / file
    if path.is_symlink() or not path.resolve().is_relative_to(folder.resolve()):
        raise _UnusableError("leads out of the folder")
    if not path.is_file():
        raise _UnusableError("does not exist")
    if path.stat().st_size > LARGEST_FILE:
        raise _UnusableError(f"has more than {LARGEST_FILE:,} bytes")
    media_type = MEDIA_TYPES.get(path.suffix.lower(), "application/octet-stream")
    headers = (("Content-Type", media_type),)
    return Page(url, 200, headers, path.read_bytes(), retrieved_at, origin=Origin.IMPORTED, via=LIST)


def _judge(page: Page) -> None:
    """Raise `_UnusableError` if the file is not what its address gives, or is about somebody else."""
    source = source_of(page.url)
    if source is None:
        raise _UnusableError(f"{page.url[:200]} is not the address of a source")
    found = [classify(page, endpoint) for endpoint in source.endpoints]
    if all(one.kind is not ResponseKind.WHOLE for one in found):
        raise _UnusableError(str(found[0]))
    reading = source.read(page)
    if reading.problems and not reading.statements:
        raise _UnusableError(f"{reading.problems[0].found}; expected: {reading.problems[0].expected}")
