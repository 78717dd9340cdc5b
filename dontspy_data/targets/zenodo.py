"""Zenodo, or any other InvenioRDM, as a target: one record a release, all of them versions of one another.

Files are uploaded to a draft, each compared by the MD5 that the server computed; publishing the draft is one step.
Records hold no folders, so a release's own files are uploaded, and `data/` and `portraits/` are in its zip.

The token comes from `ZENODO_TOKEN`; `ZENODO_URL` names another server. A published record's files can be removed by
its operators only, so nothing is purged here.
"""

import hashlib
import html
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import requests

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.formats.citation import creators, day
from dontspy_data.package.digests import CHECKSUMS, DESCRIPTOR, parse_checksums, sha256_of
from dontspy_data.package.open import open_package
from dontspy_data.release.version import version_key
from dontspy_data.targets.entry import (
    Outcome,
    Published,
    described_entry,
    follows,
    ledger_entry,
    listed_digests,
)
from dontspy_data.targets.files import is_compared
from dontspy_data.targets.invenio import Invenio, NoRecordError
from dontspy_data.targets.ledger import Ledger, ReleaseEntry
from dontspy_data.targets.store import DATASET, ConflictError
from dontspy_data.targets.target import ZENODO

SERVER = "https://zenodo.org"
SANDBOX = "https://sandbox.zenodo.org"
NEW = "new"
MOST_VERSIONS = 100

Version = tuple[ReleaseEntry, dict[str, Any]]
"""What a ledger would say of a record, and the record as the server describes it."""


@dataclass(frozen=True, slots=True)
class ZenodoStore:
    """A record and its versions.

    Attributes:
        server: where it is.
        record: number of any version, or of the draft of the first; `new` where there is none yet.
    """

    server: Invenio
    record: str

    def ledger(self) -> Ledger:
        """What is published.

        Raises:
            UsageError: there is no such record.
            DontspyError: the server failed or says no, or the record holds something else.
        """
        return _ledger(self._versions())

    def publish(self, release: Path) -> tuple[Published, str]:
        """Publish a release as a record; what came of it, and the record's address.

        Raises:
            UsageError: the folder is no release, or there is no such record.
            ConflictError: that version is published with other bytes, the release does not follow the latest one,
                or somebody else's draft is in the way.
            DontspyError: something withdrawn would come back; or the server failed or says no, then the draft
                stays, and the hint says how to go on with it.
        """
        entry = ledger_entry(release)
        files = sorted(path for path in listed_digests(release) if "/" not in path)
        versions = self._versions()
        for known, record in versions:
            if known.version == entry.version:
                if known.digest != entry.digest:
                    raise ConflictError(
                        f"{self._page(record)} is {entry.version} with other bytes",
                        hint="A version is published once. Make the release anew.",
                    )
                return Published(Outcome.UNCHANGED, entry.version, len(files), 0), self._page(record)
        follows(release, entry, _ledger(versions), f"{ZENODO}{self.record}")
        draft = self._draft(release, entry.version, has_versions=bool(versions))
        try:
            uploaded = self._upload(draft, {path: release / path for path in files})
            done = self.server.json("POST", f"records/{draft}/draft/actions/publish")
        except DontspyError as error:
            number = draft if self.record == NEW else self.record
            raise DontspyError(
                str(error),
                hint=f"{error.hint} The draft is kept; this goes on with it: "
                f"dontspy-data publish {release} {ZENODO}{number}",
            ) from error
        return Published(Outcome.CHANGED, entry.version, len(files), uploaded), self._page(done)

    @contextmanager
    def fetched_tables(self) -> Iterator[Path]:
        """A folder with what the next release is compared to, from the zip of the latest version.

        Raises:
            UsageError: nothing is published there.
            DontspyError: the server failed or says no, or the zip is damaged.
        """
        versions = self._versions()
        latest = _ledger(versions).find().version
        record = versions[-1][1]
        digests = parse_checksums(self._content(record, CHECKSUMS), self._page(record))
        name = f"{DATASET}-{latest}.zip"
        with TemporaryDirectory(prefix="dontspy-data-") as folder:
            archive = Path(folder) / name
            self.server.download(f"records/{record['id']}/files/{name}/content", archive)
            if sha256_of(archive) != digests.get(name):
                raise _damaged(name, self._page(record))
            release = Path(folder) / "release"
            _unpack(archive, [path for path in digests if is_compared(path)], release)
            yield release

    def _versions(self) -> list[Version]:
        """Every published version, oldest first; none of a record that is a draft yet."""
        if self.record == NEW:
            return []
        query = f"records/{self.record}/versions?size={MOST_VERSIONS}&allversions=true"
        try:
            found: list[dict[str, Any]] = self.server.json("GET", query)["hits"]["hits"]
        except NoRecordError:
            found = []
        if not found:
            draft = self.server.json("GET", f"records/{self.record}/draft")
            if draft.get("versions", {}).get("index", 1) > 1:
                raise UsageError(
                    f"{ZENODO}{self.record} is the draft of a later version",
                    hint="Give the number of a version that is published.",
                )
        versions = [(self._entry(record), record) for record in found]
        return sorted(versions, key=lambda version: version_key(version[0].version))

    def _entry(self, record: Mapping[str, Any]) -> ReleaseEntry:
        listed = self._content(record, CHECKSUMS)
        about = self._content(record, DESCRIPTOR)
        digests = parse_checksums(listed, self._page(record))
        if hashlib.sha256(about).hexdigest() != digests.get(DESCRIPTOR):
            raise _damaged(DESCRIPTOR, self._page(record))
        files = record["files"]
        size = files.get("total_bytes", 0) if isinstance(files, dict) else 0
        return described_entry(json.loads(about), hashlib.sha256(listed).hexdigest(), size)

    def _draft(self, release: Path, version: str, *, has_versions: bool) -> str:
        """Number of a draft that says what the release says."""
        body = {
            "access": {"record": "public", "files": "public"},
            "files": {"enabled": True},
            "metadata": record_metadata(release),
        }
        if self.record == NEW:
            return str(self.server.json("POST", "records", json=body)["id"])
        if not has_versions:
            return str(self.server.json("PUT", f"records/{self.record}/draft", json=body)["id"])
        draft = self.server.json("POST", f"records/{self.record}/versions")
        held = draft["metadata"].get("version")
        if held not in (None, "", version) and self._held(draft["id"]):
            raise ConflictError(
                f"{self.server.base} has a draft of {held} with files",
                hint="Publish or discard that draft there, then publish again.",
            )
        return str(self.server.json("PUT", f"records/{draft['id']}/draft", json=body)["id"])

    def _upload(self, draft: str, files: Mapping[str, Path]) -> int:
        """Make a draft's files the ones given; how many were uploaded."""
        held = self._held(draft)
        wanted = {path: _md5(source) for path, source in files.items()}
        for name in sorted(held):
            if held[name] != wanted.get(name):
                self.server.send("DELETE", f"records/{draft}/draft/files/{name}")
        missing = [name for name in wanted if held.get(name) != wanted[name]]
        for name in missing:
            self.server.json("POST", f"records/{draft}/draft/files", json=[{"key": name}])
            with files[name].open("rb") as stream:
                self.server.send("PUT", f"records/{draft}/draft/files/{name}/content", data=stream)
            done = self.server.json("POST", f"records/{draft}/draft/files/{name}/commit")
            if done["checksum"] != wanted[name]:
                raise DontspyError(
                    f"{name} does not have the bytes at {self.server.base} that were sent; nothing was published",
                    hint="Try again.",
                )
        return len(missing)

    def _held(self, draft: str) -> dict[str, str]:
        entries = self.server.json("GET", f"records/{draft}/draft/files")["entries"]
        return {entry["key"]: entry.get("checksum") or "" for entry in entries}

    def _content(self, record: Mapping[str, Any], name: str) -> bytes:
        return self.server.send("GET", f"records/{record['id']}/files/{name}/content").content

    def _page(self, record: Mapping[str, Any]) -> str:
        return f"{self.server.base}/records/{record['id']}"


def open_zenodo(target: str, *, sandbox: bool = False) -> ZenodoStore:
    """A record by its address: `zenodo:1234567`, or `zenodo:new`.

    Raises:
        UsageError: the address is of another form.
    """
    record = target.removeprefix(ZENODO)
    if not (record == NEW or record.replace("-", "").isalnum()):
        raise UsageError(f"{target} names no record", hint="Write it like zenodo:1234567, or zenodo:new.")
    session = requests.Session()
    session.headers["User-Agent"] = "dontspy-data"
    if token := os.environ.get("ZENODO_TOKEN"):
        session.headers["Authorization"] = f"Bearer {token}"
    base = SANDBOX if sandbox else os.environ.get("ZENODO_URL", SERVER)
    return ZenodoStore(Invenio(base.rstrip("/"), session), record)


def record_metadata(release: Path) -> dict[str, Any]:
    """A release in InvenioRDM's metadata: https://inveniordm.docs.cern.ch/reference/metadata/."""
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


def _unpack(archive: Path, paths: list[str], folder: Path) -> None:
    """Take files of a release out of its zip, which has them below one folder."""
    try:
        with zipfile.ZipFile(archive) as whole:
            for path in paths:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(whole.read(f"{archive.stem}/{path}"))
    except (zipfile.BadZipFile, KeyError) as error:
        raise _damaged(archive.name, str(error)) from error


def _damaged(name: str, where: str) -> DontspyError:
    return DontspyError(
        f"{name} does not have the bytes that it was released with ({where})",
        hint="Give --previous FOLDER with a whole copy of that release.",
    )


def _ledger(versions: list[Version]) -> Ledger:
    return Ledger(DATASET, tuple(entry for entry, _ in versions))
