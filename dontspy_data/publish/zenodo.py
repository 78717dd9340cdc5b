"""Zenodo, or any other InvenioRDM, as a target: one record a release, all of them versions of one another.

Files are uploaded to a draft, each compared by the MD5 that the server computed; publishing the draft is one step.
Records hold no folders, so a release's own files are uploaded, and `data/` and `portraits/` are in its zip.

The token comes from `ZENODO_TOKEN`; `ZENODO_URL` names another server. API: https://inveniordm.docs.cern.ch/reference/
rest_api_drafts_records/. A published record's files can be removed by its operators only, so nothing is purged here.
"""

import hashlib
import html
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.package.files import CHECKSUMS
from dontspy_data.package.package import open_package
from dontspy_data.package.words import creators, day
from dontspy_data.publish.commit import DATASET, ConflictError
from dontspy_data.publish.publish import Outcome, Published, ledger_entry, listed_digests
from dontspy_data.release.ledger import Ledger, ReleaseEntry, version_key

ZENODO = "https://zenodo.org"
SANDBOX = "https://sandbox.zenodo.org"
TIMEOUT = (10, 300)
NEW = "new"
MOST_VERSIONS = 100


@dataclass(frozen=True, slots=True)
class ZenodoStore:
    """A record and its versions.

    Attributes:
        base: address of the server.
        record: number of any version; `new` where there is none yet.
        session: sends the token with every request.
    """

    base: str
    record: str
    session: requests.Session

    def ledger(self) -> Ledger:
        """What is published: version, day, digest and size of each record; numbers of rows are in its files."""
        return Ledger(DATASET, tuple(sorted(map(self._entry, self._versions()), key=_by_version)))

    def publish(self, release: Path) -> tuple[Published, str]:
        """Publish a release as a record; what came of it, and the record's address.

        Raises:
            UsageError: the folder is no release.
            ConflictError: that version is published with other bytes, or somebody else's draft is in the way.
            DontspyError: the server failed or says no. The draft stays, and the next try goes on with it.
        """
        entry = ledger_entry(release)
        files = sorted(path for path in listed_digests(release) if "/" not in path)
        for record in self._versions():
            if record["metadata"].get("version") == entry.version:
                if self._entry(record).digest != entry.digest:
                    raise ConflictError(
                        f"{self._page(record)} is {entry.version} with other bytes",
                        hint="A version is published once. Make the release anew.",
                    )
                return Published(Outcome.UNCHANGED, entry.version, len(files), 0), self._page(record)
        draft = self._draft(release, entry.version)
        uploaded = self._upload(draft["id"], {path: release / path for path in files})
        done = self._json("POST", f"records/{draft['id']}/draft/actions/publish")
        return Published(Outcome.CHANGED, entry.version, len(files), uploaded), self._page(done)

    def _versions(self) -> list[dict[str, Any]]:
        if self.record == NEW:
            return []
        query = f"records/{self.record}/versions?size={MOST_VERSIONS}&allversions=true"
        found: list[dict[str, Any]] = self._json("GET", query)["hits"]["hits"]
        return found

    def _entry(self, record: Mapping[str, Any]) -> ReleaseEntry:
        body = self._request("GET", f"records/{record['id']}/files/{CHECKSUMS}/content").content
        files = record["files"]
        return ReleaseEntry(
            version=record["metadata"]["version"],
            date=record["metadata"]["publication_date"],
            digest=hashlib.sha256(body).hexdigest(),
            counts={},
            bytes=files.get("total_bytes", 0) if isinstance(files, dict) else 0,
        )

    def _draft(self, release: Path, version: str) -> dict[str, Any]:
        body = {
            "access": {"record": "public", "files": "public"},
            "files": {"enabled": True},
            "metadata": record_metadata(release),
        }
        if self.record == NEW:
            created: dict[str, Any] = self._json("POST", "records", json=body)
            return created
        draft = self._json("POST", f"records/{self.record}/versions")
        held = draft["metadata"].get("version")
        if held not in (None, "", version) and self._held(draft["id"]):
            raise ConflictError(
                f"{self.base} has a draft of {held} with files",
                hint="Publish or discard that draft there, then publish again.",
            )
        updated: dict[str, Any] = self._json("PUT", f"records/{draft['id']}/draft", json=body)
        return updated

    def _upload(self, draft: str, files: Mapping[str, Path]) -> int:
        """Make a draft's files the ones given; how many were uploaded."""
        held = self._held(draft)
        wanted = {path: _md5(source) for path, source in files.items()}
        for name in sorted(held):
            if held[name] != wanted.get(name):
                self._request("DELETE", f"records/{draft}/draft/files/{name}")
        missing = [name for name in wanted if held.get(name) != wanted[name]]
        for name in missing:
            self._json("POST", f"records/{draft}/draft/files", json=[{"key": name}])
            with files[name].open("rb") as stream:
                self._request("PUT", f"records/{draft}/draft/files/{name}/content", data=stream)
            done = self._json("POST", f"records/{draft}/draft/files/{name}/commit")
            if done["checksum"] != wanted[name]:
                raise DontspyError(
                    f"{name} does not have the bytes at {self.base} that were sent; nothing was published",
                    hint="Try again.",
                )
        return len(missing)

    def _held(self, draft: str) -> dict[str, str]:
        entries = self._json("GET", f"records/{draft}/draft/files")["entries"]
        return {entry["key"]: entry.get("checksum") or "" for entry in entries}

    def _page(self, record: Mapping[str, Any]) -> str:
        return f"{self.base}/records/{record['id']}"

    def _json(self, method: str, path: str, *, json: Any = None) -> Any:
        return self._request(method, path, json=json).json()

    def _request(self, method: str, path: str, **body: Any) -> requests.Response:
        with self._failures():
            answer = self.session.request(method, f"{self.base}/api/{path}", timeout=TIMEOUT, **body)
            answer.raise_for_status()
            return answer

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except requests.HTTPError as error:
            status = error.response.status_code
            if status in (401, 403):
                hint = "Set ZENODO_TOKEN to a token with the scopes deposit:write and deposit:actions."
            elif status == 404:
                hint = "Give the number of a published record: zenodo:1234567, or zenodo:new for the first release."
            else:
                hint = "Nothing was published. Try again later; the draft is kept."
            raise DontspyError(
                f"{self.base} answered {status}: {_reason(error.response)}", hint=hint
            ) from error
        except requests.RequestException as error:
            raise DontspyError(
                f"{self.base} cannot be reached: {type(error).__name__}",
                hint="Nothing was published. Try again later; the draft is kept.",
            ) from error


def open_zenodo(target: str, *, sandbox: bool) -> ZenodoStore:
    """A record by its address: `zenodo:1234567`, or `zenodo:new`.

    Raises:
        UsageError: the address is of another form.
    """
    record = target.partition(":")[2]
    if not (record == NEW or record.replace("-", "").isalnum()):
        raise UsageError(f"{target} names no record", hint="Write it like zenodo:1234567, or zenodo:new.")
    session = requests.Session()
    session.headers["User-Agent"] = "dontspy-data"
    if token := os.environ.get("ZENODO_TOKEN"):
        session.headers["Authorization"] = f"Bearer {token}"
    base = SANDBOX if sandbox else os.environ.get("ZENODO_URL", ZENODO)
    return ZenodoStore(base.rstrip("/"), record, session)


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


def _reason(answer: requests.Response) -> str:
    try:
        return str(answer.json().get("message", answer.reason))
    except (ValueError, AttributeError):
        return str(answer.reason)


def _by_version(entry: ReleaseEntry) -> tuple[int, int, int]:
    return version_key(entry.version)
