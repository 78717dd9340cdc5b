"""Zenodo, or any other InvenioRDM, as a target: one record a release, all of them versions of one another.

Records hold no folders, so a release's own files are uploaded, and `data/` and `portraits/` are in its zip; they are
read from there as if they lay in folders. The ledger is made from the records. Files are uploaded to a draft, each
compared by the MD5 that the server computed; publishing the draft is one step.

The token comes from `ZENODO_TOKEN`; `ZENODO_URL` names another server. A published record's files can be removed by
its operators only, so nothing is purged here.
"""

import hashlib
import html
import os
import re
import shutil
import tempfile
import threading
import weakref
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

import requests

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.formats.citation import creators, day
from dontspy_data.model.foreign import JsonValue
from dontspy_data.package.descriptor import read_descriptor
from dontspy_data.package.digests import CHECKSUMS, DESCRIPTOR, parse_checksums
from dontspy_data.package.open import open_package
from dontspy_data.package.paths import is_inside
from dontspy_data.release.version import version_key
from dontspy_data.targets.files import DamagedError
from dontspy_data.targets.invenio import InvenioServer, NoRecordError
from dontspy_data.targets.ledger import LEDGER, Ledger, ReleaseEntry, release_entry
from dontspy_data.targets.target import Target
from dontspy_data.targets.writer import DATASET, Commit, ConflictError, TargetState

SERVER = "https://zenodo.org"
SANDBOX = "https://sandbox.zenodo.org"
NEW = "new"
MOST_VERSIONS = 100
NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,40}")
CHECKSUM = re.compile(r"[a-z0-9-]{1,20}:[0-9a-f]{1,128}")


DAMAGED_ZIP = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    EOFError,
    RuntimeError,  # it wants a password
    NotImplementedError,
    ValueError,
)


class RecordVersion(NamedTuple):
    """What a ledger would say of a record, and the record's number."""

    entry: ReleaseEntry
    number: str


class RecordFiles:
    """A record's versions as a file system: `/releases.json`, and `/VERSION/PATH` for every file of a release.

    Attributes:
        server: where it is.
        record: number of any version, or of the draft of the first; `new` if there is none yet.
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
            FileNotFoundError: there is none.
        """
        for known in self.versions():
            if known.entry.version == version:
                return known.number
        raise FileNotFoundError(version)

    def versions(self, *, refresh: bool = False) -> list[RecordVersion]:
        """Return every published version, oldest first; none of a record that is a draft yet.

        Args:
            refresh: whether to ask again.

        Raises:
            UsageError: there is no such record.
            DontspyError: the server failed or says no, or a record holds something else.
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
        """Return where a file of a release is on this machine, once it was downloaded; it is not verified yet."""
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


@dataclass(frozen=True, slots=True)
class ZenodoWriter:
    """A record and its versions as a target that releases can be added to."""

    target: Target
    can_rewrite: bool = False

    @property
    def files(self) -> RecordFiles:
        """The record."""
        return cast(RecordFiles, self.target.fs)

    def address(self, version: str) -> str:
        """Return the page of a release's record."""
        return f"{self.files.server.base}/records/{self.files.number(version)}"

    def state(self) -> TargetState:
        """Return what is published now; see `TargetWriter.state`."""
        ledger = self.files.ledger(refresh=True)
        return TargetState(ledger, ledger.releases[-1].version if ledger.releases else None)

    @contextmanager
    def lock(self, what: str, sha256: str) -> Iterator[None]:  # noqa: ARG002
        """Do nothing: a record has one draft, which says whose it is."""
        yield

    def begin_purge(self, *_: object) -> TargetState:
        """Raise `UsageError`: nothing can be removed; see `TargetWriter.begin_purge`."""
        raise UsageError("files of published Zenodo records cannot be removed by a program")

    def commit(self, commit: Commit, state: TargetState) -> int:
        """Publish a release as a record; see `TargetWriter.commit`.

        Raises:
            ConflictError: somebody else's draft is in the way.
            DontspyError: the server failed or says no; then the draft stays, and the hint says how to go on with it.
        """
        files = {name: commit.source / name for name in sorted(commit.digests) if "/" not in name}
        draft = self._draft(commit.source, commit.version, has_versions=bool(state.ledger.releases))
        server = self.files.server
        try:
            uploaded = self._upload(draft, files)
            done = server.json("POST", f"records/{draft}/draft/actions/publish")
        except DontspyError as error:
            number = draft if self.files.record == NEW else self.files.record
            raise DontspyError(
                str(error),
                hint=f"{error.hint} Nothing was published. The draft is kept; this goes on with it: "
                f"dontspy-data publish {commit.source} zenodo:{number}",
            ) from error
        if self.files.record == NEW:
            self.files.record = number_of(done)
        self.files.versions(refresh=True)
        return uploaded

    def forget_history(self) -> None:
        """Do nothing: nothing is purged here."""

    def _draft(self, release: Path, version: str, *, has_versions: bool) -> str:
        """Return the number of a draft that says what the release says."""
        server, record = self.files.server, self.files.record
        body = {
            "access": {"record": "public", "files": "public"},
            "files": {"enabled": True},
            "metadata": record_metadata(release),
        }
        if record == NEW:
            return number_of(server.json("POST", "records", json=body))
        if not has_versions:
            return number_of(server.json("PUT", f"records/{record}/draft", json=body))
        draft = server.json("POST", f"records/{record}/versions")
        number, held = number_of(draft), draft["metadata"].get("version")
        if held and held.text() not in ("", version) and self._held(number):
            raise ConflictError(
                f"{server.base} has a draft of {held.text()} with files",
                hint="Publish or discard that draft there, then publish again.",
            )
        return number_of(server.json("PUT", f"records/{number}/draft", json=body))

    def _upload(self, draft: str, files: Mapping[str, Path]) -> int:
        """Make a draft's files the ones given; return how many were uploaded."""
        server = self.files.server
        held = self._held(draft)
        sums = {path: _md5(source) for path, source in files.items()}
        for name in sorted(held):
            if held[name] != sums.get(name):
                server.send("DELETE", f"records/{draft}/draft/files/{name}")
        missing = [name for name in sums if held.get(name) != sums[name]]
        for name in missing:
            server.json("POST", f"records/{draft}/draft/files", json=[{"key": name}])
            with files[name].open("rb") as stream:
                server.send("PUT", f"records/{draft}/draft/files/{name}/content", data=stream)
            done = server.json("POST", f"records/{draft}/draft/files/{name}/commit")
            if done["checksum"].text(CHECKSUM) != sums[name]:
                raise DontspyError(
                    f"{name} does not have the bytes at {server.base} that were sent", hint="Try again."
                )
        return len(missing)

    def _held(self, draft: str) -> dict[str, str]:
        entries = self.files.server.json("GET", f"records/{draft}/draft/files")["entries"]
        return {
            entry["key"].text(longest=1000): held.text(CHECKSUM) if (held := entry.get("checksum")) else ""
            for entry in entries.items(10_000)
        }


def open_record(record: str, *, sandbox: bool = False) -> RecordFiles:
    """Open a record by its number, or `new`.

    Raises:
        UsageError: it is no number.
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


def record_metadata(release: Path) -> dict[str, Any]:
    """Return a release in InvenioRDM's metadata: https://inveniordm.docs.cern.ch/reference/metadata/."""
    about = open_package(release).descriptor
    return {
        "title": about["title"],
        "resource_type": {"id": "dataset"},
        "version": about["version"],
        "publication_date": day(about),
        "description": f"<p>{html.escape(about['description'])}</p>",
        "creators": [
            {"person_or_org": {"type": "organizational", "name": one["title"]}} for one in creators(about)
        ],
        "rights": [{"id": licence["name"].lower()} for licence in about["licenses"]],
        "subjects": [{"subject": word} for word in about["keywords"]],
        "languages": [{"id": "eng"}],
    }


def _md5(path: Path) -> str:
    with path.open("rb") as stream:
        return f"md5:{hashlib.file_digest(stream, 'md5').hexdigest()}"


def _extract(archive: Path, name: str, path: Path, where: str) -> None:
    """Take a file of a release out of its zip, which has it below one folder."""
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
