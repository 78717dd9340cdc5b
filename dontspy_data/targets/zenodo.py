"""Zenodo, or any other InvenioRDM, as a target that releases can be added to; see `dontspy_data.targets.invenio`.

A record holds no folders: a zip holds the package, and descriptor, documents and what is made from the package lie
beside it. Files are uploaded to a draft, each verified by the MD5 that the server computed; publishing the draft is one
step. A published record's files can be removed by its operators only, so nothing is purged here.
"""

import hashlib
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from dontspy_data.errors import DontspyError
from dontspy_data.formats.write import bundle_name, write_zip
from dontspy_data.package.open import day, open_package
from dontspy_data.targets.invenio import NEW, RecordFiles, number_of
from dontspy_data.targets.ledger import Layout
from dontspy_data.targets.target import Commit, ConflictError, OneStep, Target, TargetState, Uploaded

CHECKSUM = re.compile(r"[a-z0-9-]{1,20}:[0-9a-f]{1,128}")


@dataclass(frozen=True, slots=True)
class ZenodoWriter(OneStep):
    """A record and its versions as a target that releases can be added to; its only draft names its release."""

    target: Target
    can_rewrite: bool = False
    layout: Layout = Layout.FOLDERS

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

    def commit(self, commit: Commit, state: TargetState) -> Uploaded:
        """Publish a release as a record; see `TargetWriter.commit`.

        Raises:
            ConflictError: somebody else's draft is in the way.
            DontspyError: the server failed or refuses; then the draft stays, and the hint says how to continue with it.
        """
        package = open_package(commit.source)
        draft = self._draft(package.descriptor, has_versions=bool(state.ledger.releases))
        server = self.files.server
        try:
            with TemporaryDirectory(prefix="dontspy-data-") as folder:
                bundle = Path(folder, bundle_name(package.descriptor, "zip"))
                write_zip(package, bundle)
                files = {name: commit.source / name for name in commit.sent() if "/" not in name}
                uploaded = self._upload(draft, {**files, bundle.name: bundle})
            done = server.json("POST", f"records/{draft}/draft/actions/publish")
        except DontspyError as error:
            number = draft if self.files.record == NEW else self.files.record
            raise DontspyError(
                str(error),
                hint=f"{error.hint} Nothing was published. The draft is kept; this command continues with it: "
                f"dontspy-data publish {commit.source} zenodo:{number}",
            ) from error
        if self.files.record == NEW:
            self.files.record = number_of(done)
        self.files.versions(refresh=True)
        return uploaded

    def forget_history(self) -> None:
        """Do nothing: nothing is purged here."""

    def _draft(self, about: Mapping[str, Any], *, has_versions: bool) -> str:
        """Return the number of a draft whose metadata are the release's."""
        server, record = self.files.server, self.files.record
        body = {
            "access": {"record": "public", "files": "public"},
            "files": {"enabled": True},
            "metadata": record_metadata(about),
        }
        if record == NEW:
            return number_of(server.json("POST", "records", json=body))
        if not has_versions:
            return number_of(server.json("PUT", f"records/{record}/draft", json=body))
        draft = server.json("POST", f"records/{record}/versions")
        number, held = number_of(draft), draft["metadata"].get("version")
        if held and held.text() not in ("", about["version"]) and self._held(number):
            raise ConflictError(
                f"{server.base} has a draft of {held.text()} with files",
                hint="Publish or discard that draft there, then publish again.",
            )
        return number_of(server.json("PUT", f"records/{number}/draft", json=body))

    def _upload(self, draft: str, files: Mapping[str, Path]) -> Uploaded:
        """Make the given files a draft's only ones; return what was uploaded."""
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
        return Uploaded(len(missing), sum(files[name].stat().st_size for name in missing))

    def _held(self, draft: str) -> dict[str, str]:
        entries = self.files.server.json("GET", f"records/{draft}/draft/files")["entries"]
        return {
            entry["key"].text(longest=1000): held.text(CHECKSUM) if (held := entry.get("checksum")) else ""
            for entry in entries.items(10_000)
        }


def record_metadata(about: Mapping[str, Any]) -> dict[str, Any]:
    """Return a release, by its descriptor, in InvenioRDM's metadata: https://inveniordm.docs.cern.ch/reference/metadata/."""
    return {
        "title": about["title"],
        "resource_type": {"id": "dataset"},
        "version": about["version"],
        "publication_date": day(about),
        "description": f"<p>{html.escape(about['description'])}</p>",
        "creators": [
            {"person_or_org": {"type": "organizational", "name": one["title"]}}
            for one in about["contributors"]
        ],
        "rights": [{"id": licence["name"].lower()} for licence in about["licenses"]],
        "subjects": [{"subject": word} for word in about["keywords"]],
        "languages": [{"id": "eng"}],
    }


def _md5(path: Path) -> str:
    with path.open("rb") as stream:
        return f"md5:{hashlib.file_digest(stream, 'md5').hexdigest()}"
