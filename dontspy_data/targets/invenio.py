"""Zenodo, or any other InvenioRDM, read as a target: one record per release, all of them versions of one another.

Records hold no folders, so a release's own files are uploaded, and `data/` and `portraits/` are in its zip; they are
read from there as if they lay in folders. The ledger is made from the records.

The token comes from `ZENODO_TOKEN`; `ZENODO_URL` names another server.

API: https://inveniordm.docs.cern.ch/reference/rest_api_drafts_records/
"""

import hashlib
import os
import re
import shutil
import tempfile
import threading
import weakref
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import requests

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.model.texts import JsonValue, MalformedError, read_json
from dontspy_data.package.files import CHECKSUMS, DESCRIPTOR, is_inside, parse_checksums
from dontspy_data.package.open import read_descriptor
from dontspy_data.release.version import version_key
from dontspy_data.targets.files import DamagedError
from dontspy_data.targets.ledger import LEDGER, Ledger, ReleaseEntry, release_entry
from dontspy_data.targets.target import DATASET, TRY_AGAIN, UnreachableError

TIMEOUT = (10, 300)
PIECE = 1 << 20
LARGEST_ANSWER = 64 << 20
SERVER = "https://zenodo.org"
SANDBOX = "https://sandbox.zenodo.org"
NEW = "new"
MOST_VERSIONS = 100
NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,40}")
DAMAGED_ZIP = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    EOFError,
    RuntimeError,  # it wants a password
    NotImplementedError,
    ValueError,
)


class NoRecordError(UsageError):
    """The server has no such record, draft or file, or none that this account can see."""


@dataclass(frozen=True, slots=True)
class InvenioServer:
    """A server.

    Attributes:
        base: its address, without a slash at its end.
        session: sends the token with every request.
    """

    base: str
    session: requests.Session

    def json(self, method: str, path: str, *, json: Any = None) -> JsonValue:
        """Return the server's answer; arguments and errors as for `send`.

        Raises:
            MalformedError: the answer is not JSON.
        """
        return read_json(self.content(method, path, json=json), f"{self.base}/api/{path}", hint=TRY_AGAIN)

    def content(self, method: str, path: str, **body: Any) -> bytes:
        """Return an answer's bytes; arguments and errors as for `send`.

        Raises:
            MalformedError: there are too many of them.
        """
        answer = self.send(method, path, stream=True, **body)
        found = bytearray()
        with self._failures(), answer:
            for piece in answer.iter_content(PIECE):
                found += piece
                if len(found) > LARGEST_ANSWER:
                    raise MalformedError(
                        f"{self.base}/api/{path}",
                        "",
                        f"it has more than {LARGEST_ANSWER:,} bytes",
                        hint=TRY_AGAIN,
                    )
        return bytes(found)

    def send(self, method: str, path: str, **body: Any) -> requests.Response:
        """Send a request.

        Args:
            method: of HTTP.
            path: below `/api/`.
            body: what to send, by requests' own names.

        Raises:
            NoRecordError: there is no such record, draft or file.
            UnreachableError: the server cannot be reached, or failed.
            DontspyError: it refuses.
        """
        with self._failures():
            answer = self.session.request(method, f"{self.base}/api/{path}", timeout=TIMEOUT, **body)
            answer.raise_for_status()
            return answer

    def download(self, path: str, to: Path) -> None:
        """Bring a file onto this machine; errors as for `send`."""
        answer = self.send("GET", path, stream=True)
        with self._failures(), answer, to.open("wb") as stream:
            for piece in answer.iter_content(PIECE):
                stream.write(piece)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except requests.HTTPError as error:
            status = error.response.status_code
            what = f"{self.base} answered {status}: {_reason(error.response)}"
            if status == 404:
                raise NoRecordError(
                    what,
                    hint="Give the number of a record with such releases: zenodo:1234567, or zenodo:new for the first.",
                ) from error
            if status in (401, 403):
                hint = "Set ZENODO_TOKEN to a token with the scopes deposit:write and deposit:actions."
                raise DontspyError(what, hint=hint) from error
            raise UnreachableError(what, hint="Try again later.") from error
        except (requests.RequestException, UnicodeError) as error:  # UnicodeError for an invalid host name
            raise UnreachableError(
                f"{self.base} cannot be reached: {type(error).__name__}", hint="Try again later."
            ) from error


class RecordVersion(NamedTuple):
    """What a ledger would say about a record, and the record's number."""

    entry: ReleaseEntry
    number: str


class RecordFiles:
    """A record's versions as a file system: `/releases.json`, and `/VERSION/PATH` for every file of a release.

    Attributes:
        server: where it is.
        record: number of any version, or of the draft of the first; `new` if there is no record yet.
    """

    protocol = ("zenodo",)

    def __init__(self, server: InvenioServer, record: str) -> None:
        self.server = server
        self.record = record
        self._versions: list[RecordVersion] | None = None
        self._folder: Path | None = None
        self._lock = threading.Lock()

    def cat_file(self, path: str) -> bytes:
        """Return a file's bytes."""
        version, _, name = path.strip("/").partition("/")
        if version == LEDGER:
            return self.ledger(refresh=True).to_json().encode()
        if "/" in name:
            return self._local(version, name).read_bytes()
        return self._content(self.number(version), name)

    def open(self, path: str, mode: str = "rb", block_size: int | None = None) -> BinaryIO:  # noqa: ARG002
        """Open a file for reading bytes."""
        version, _, name = path.strip("/").partition("/")
        return self._local(version, name).open("rb")

    def get_file(self, path: str, to: str) -> None:
        """Copy a file onto this machine."""
        version, _, name = path.strip("/").partition("/")
        shutil.copyfile(self._local(version, name), to)

    def ls(self, path: str, detail: bool = True) -> list[str]:  # noqa: ARG002
        """Return the versions."""
        return [version.entry.version for version in self.versions()]

    def ledger(self, *, refresh: bool = False) -> Ledger:
        """Return what is published; see `Target.ledger`."""
        return Ledger(DATASET, tuple(version.entry for version in self.versions(refresh=refresh)))

    def number(self, version: str) -> str:
        """Return the number of the record that holds a version.

        Raises:
            FileNotFoundError: there is no such version.
        """
        for known in self.versions():
            if known.entry.version == version:
                return known.number
        raise FileNotFoundError(version)

    def versions(self, *, refresh: bool = False) -> list[RecordVersion]:
        """Return every published version, oldest first; none if the record is still a draft.

        Args:
            refresh: whether to ask again.

        Raises:
            UsageError: there is no such record.
            DontspyError: the server failed or refuses, or a record holds something else.
        """
        if self.record == NEW:
            return []
        if self._versions is None or refresh:
            found = [self._version(record) for record in self._records()]
            self._versions = sorted(found, key=lambda version: version_key(version.entry.version))
        return self._versions

    def _records(self) -> list[JsonValue]:
        query = f"records/{self.record}/versions?size={MOST_VERSIONS}&allversions=true"
        try:
            found = list(self.server.json("GET", query)["hits"]["hits"].items(MOST_VERSIONS))
        except NoRecordError:
            found = []
        if not found:
            draft = self.server.json("GET", f"records/{self.record}/draft")
            versions = draft.get("versions")
            index = versions.get("index") if versions else None
            if index and index.whole() > 1:
                raise UsageError(
                    f"zenodo:{self.record} is the draft of a later version",
                    hint="Give the number of a version that is published.",
                )
        return found

    def _version(self, record: JsonValue) -> RecordVersion:
        number = number_of(record)
        page = f"{self.server.base}/records/{number}"
        listed = self._content(number, CHECKSUMS)
        about = self._content(number, DESCRIPTOR)
        if hashlib.sha256(about).hexdigest() != parse_checksums(listed, page).get(DESCRIPTOR):
            raise DamagedError(DESCRIPTOR, page)
        files = record["files"]
        size = files.get("total_bytes") if isinstance(files.value, dict) else None
        described = read_descriptor(about, f"{page}/{DESCRIPTOR}")
        if "release" not in described:
            raise UsageError(
                f"{page} holds a package and not a release: it has no version",
                hint="Give another record's number.",
            )
        entry = release_entry(described, hashlib.sha256(listed).hexdigest(), size.whole() if size else 0)
        return RecordVersion(entry, number)

    def _content(self, number: str, name: str) -> bytes:
        try:
            return self.server.content("GET", f"records/{number}/files/{name}/content")
        except NoRecordError as error:
            raise FileNotFoundError(name) from error

    def _local(self, version: str, name: str) -> Path:
        """Download a file of a release if needed, and return where it is on this machine; it is not verified yet."""
        if not is_inside(name):
            raise FileNotFoundError(name)
        number = self.number(version)
        with self._lock:
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="dontspy-data-"))
                weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
            own = self._folder / version
            path = own / name
            if path.is_file():
                return path
            own.mkdir(exist_ok=True)
            if "/" not in name:
                self._download(number, name, path)
            else:
                archive = own / f"{DATASET}-{version}.zip"
                if not archive.is_file():
                    self._download(number, archive.name, archive)
                _extract(archive, name, path, f"{self.server.base}/records/{number}")
            return path

    def _download(self, number: str, name: str, path: Path) -> None:
        try:
            self.server.download(f"records/{number}/files/{name}/content", path)
        except NoRecordError as error:
            raise FileNotFoundError(name) from error


def open_record(record: str, *, sandbox: bool = False) -> RecordFiles:
    """Open a record by its number, or `new`.

    Raises:
        UsageError: it is not a number.
    """
    if not NUMBER.fullmatch(record):
        raise UsageError(
            f"zenodo:{record} names no record", hint="Write it like zenodo:1234567, or zenodo:new."
        )
    session = requests.Session()
    session.headers["User-Agent"] = "dontspy-data"
    if token := os.environ.get("ZENODO_TOKEN"):
        session.headers["Authorization"] = f"Bearer {token}"
    base = SANDBOX if sandbox else os.environ.get("ZENODO_URL", SERVER)
    return RecordFiles(InvenioServer(base.rstrip("/"), session), record)


def number_of(record: JsonValue) -> str:
    """Return a record's number as the server gives it."""
    number = record["id"]
    return str(number.whole()) if isinstance(number.value, int) else number.text(NUMBER)


def _reason(answer: requests.Response) -> str:
    try:
        message = read_json(answer.content, "", largest=LARGEST_ANSWER).get("message")
        return message.text(longest=1000) if message else str(answer.reason)
    except (DontspyError, requests.RequestException):
        return str(answer.reason)


def _extract(archive: Path, name: str, path: Path, where: str) -> None:
    """Extract a file of a release from its zip, which has one folder at the top."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        with (
            zipfile.ZipFile(archive) as whole,
            whole.open(f"{archive.stem}/{name}") as stream,
            part.open("wb") as out,
        ):
            shutil.copyfileobj(stream, out)
    except KeyError as error:
        raise FileNotFoundError(name) from error
    except DAMAGED_ZIP as error:
        raise DamagedError(archive.name, where) from error
    part.replace(path)
