"""Purging: nothing is signed unseen, nothing that was withdrawn stays, and whatever breaks a purge off, it goes on."""

import contextlib
import errno
import hashlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from s3fs import S3FileSystem

from dontspy_data.errors import DontspyError
from dontspy_data.package.files import CHANGES, CHECKSUMS, checksums
from dontspy_data.package.open import open_package
from dontspy_data.package.write import TableWriter, arrow_schema
from dontspy_data.publish.publish import publish, verify
from dontspy_data.publish.purge import PurgeError, purge
from dontspy_data.release.release import release_package
from dontspy_data.release.row_changes import withdrawals_of
from dontspy_data.targets.ledger import JOURNAL
from dontspy_data.targets.object_store import ObjectStoreWriter
from dontspy_data.targets.open import open_target, writer_of
from dontspy_data.targets.stores import FolderStore, S3Store
from dontspy_data.targets.target import ConflictError

MEP, NEIGHBOUR = 9000002, 9000003
NAME, ADDRESS, BIRTH_PLACE = "Quirina ZZYZX-VANISHED", "quirina.zzyzx@example.org", "Nowhere-on-Vanish"
SEPARATED = "Upper\u2028Lower\u2029Side\u0085Town"
VERSIONS = ("1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.0.4")
Rows = list[dict[str, Any]]


class Chain:
    """Five releases: from the third on, MEP is withdrawn; in every one, a neighbour's text has line separators.

    Attributes:
        folders: of the releases, oldest first.
        portrait: bytes of the portrait of MEP.
    """

    def __init__(self, root: Path) -> None:
        self.folders = [root / version for version in VERSIONS]
        (portrait,) = (root / VERSIONS[0]).glob(f"portraits/{MEP}.jpg")
        self.portrait = portrait.read_bytes()

    @property
    def latest(self) -> Path:
        return self.folders[-1]


@pytest.fixture(scope="session")
def chain(releases: Any, made_once: Any) -> Chain:
    package, later = releases.first.parent / "package", releases.first.parent / "package-2"

    def make(root: Path) -> None:
        before: Path | None = None
        for number, version in enumerate(VERSIONS):
            base = package if number < 2 else later
            folder = root / f"package-{number}"
            shutil.copytree(base, folder)
            edited(folder, "meps", lambda rows, number=number: with_texts(rows, number))
            edited(folder, "contacts", with_address)
            release_package(folder, before, root / version)
            before = root / version

    return Chain(made_once("chain", make))


def with_texts(rows: Rows, number: int) -> Rows:
    texts = {
        MEP: {"name": f"{NAME} {number}", "birth_place": BIRTH_PLACE},
        NEIGHBOUR: {"birth_place": f"{SEPARATED} {number}"},
    }
    return [{**row, **texts.get(row["mep_id"], {})} for row in rows]


def with_address(rows: Rows) -> Rows:
    return [{**row, "value": ADDRESS} if row["mep_id"] == MEP else row for row in rows]


def edited(folder: Path, table: str, change: Callable[[Rows], Rows]) -> None:
    """Change rows of a table of a package, and whatever says what its files are."""
    from dontspy_data.package.write import table_resources

    package = open_package(folder)
    described = next(one for one in package.tables if one.name == table)
    rows = change(package.read(table).to_pylist())
    with TableWriter(described, folder / "data") as writer:
        writer.add_arrow(pa.Table.from_pylist(rows, schema=arrow_schema(described)))
    descriptor = {**package.descriptor, "resources": table_resources(folder, package.tables)}
    (folder / "datapackage.json").write_text(json.dumps(descriptor))
    (folder / CHECKSUMS).write_text(checksums(folder))


@pytest.fixture(params=["folder"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path / "target") if request.param == "folder" else request.getfixturevalue("bucket")


def published(url: str, chain: Chain) -> None:
    for folder in chain.folders:
        publish(folder, open_target(url))


def everything(url: str) -> Iterator[tuple[str, bytes]]:
    """Yield every byte published: files, and what zips, tars, Parquet pages and SQLite hold, unpacked."""
    if "://" in url:
        fs = S3FileSystem(use_listings_cache=False)
        files = fs.cat(fs.find(url))  # all at once
    else:
        files = {str(path): path.read_bytes() for path in Path(url).rglob("*") if path.is_file()}
    for path, body in files.items():
        yield path, path.encode() + body
        yield from unpacked(path, body)


def unpacked(path: str, body: bytes) -> Iterator[tuple[str, bytes]]:
    if path.endswith(".zip"):
        with zipfile.ZipFile(BytesIO(body)) as whole:
            for name in whole.namelist():
                yield f"{path}:{name}", name.encode() + whole.read(name)
                yield from unpacked(f"{path}:{name}", whole.read(name))
    elif ".tar" in path:
        with tarfile.open(fileobj=BytesIO(body)) as tar:
            for member in tar.getmembers():
                if stream := tar.extractfile(member):
                    inner = stream.read()
                    yield f"{path}:{member.name}", member.name.encode() + inner
    elif path.endswith(".parquet"):
        table = pq.read_table(BytesIO(body))
        for column in table.column_names:
            yield f"{path}:{column}", b"\n".join(map(raw, table[column].to_pylist()))
    elif path.endswith(".sqlite"):
        connection = sqlite3.connect(":memory:")
        connection.deserialize(body)
        yield f"{path}:dump", "\n".join(connection.iterdump()).encode()


def raw(value: Any) -> bytes:
    """Return the bytes of a cell; of a picture's, those of the picture and of its path."""
    if isinstance(value, dict):
        return b" ".join(map(raw, value.values()))
    return value if isinstance(value, bytes) else str(value).encode()


def shows(url: str, chain: Chain) -> set[str]:
    marks = (NAME.encode(), ADDRESS.encode(), BIRTH_PLACE.encode(), chain.portrait, f"{MEP}.jpg".encode())
    return {path for path, body in everything(url) if any(mark in body for mark in marks)}


def assert_purged(url: str, chain: Chain) -> None:
    assert shows(url, chain) == set()
    for version in VERSIONS:
        assert verify(url, version).problems == ()
    ledger = open_target(url).ledger()
    assert [MEP in one.purged for one in ledger.releases] == [True, True, False, False, False]


def withdrawn_in(chain: Chain) -> Any:
    return withdrawals_of(open_package(chain.latest))


def test_nothing_of_a_person_withdrawn_from_the_third_of_five_releases_stays(url: str, chain: Chain) -> None:
    published(url, chain)
    assert {path.split("/")[-2] for path in shows(url, chain) if path.endswith("meps.csv")} == {"data"}
    assert purge(writer_of(open_target(url)), withdrawn_in(chain)) == VERSIONS[:2]
    assert_purged(url, chain)
    assert purge(writer_of(open_target(url)), withdrawn_in(chain)) == ()
    separated = [path for path, body in everything(url) if b"Upper" in body]
    assert len(separated) > len(VERSIONS)


def test_a_purge_signs_nothing_that_it_did_not_compare(url: str, chain: Chain, tmp_path: Path) -> None:
    published(url, chain)
    path = "1.0.1/data/meps.parquet"
    forged = tmp_path / "forged.parquet"
    forged.write_bytes(open_target(url).read(path))
    table = pq.read_table(forged)
    names = ["A FORGED NAME", *table["name"].to_pylist()[1:]]
    where = table.column_names.index("name")
    pq.write_table(table.set_column(where, table.schema.field("name"), pa.array(names)), forged)
    store_of(url).put(path, forged)
    before = dict(everything(url))
    with pytest.raises(PurgeError, match=r"1\.0\.1 was not purged: data/meps\.parquet") as error:
        purge(writer_of(open_target(url)), withdrawn_in(chain))
    assert error.value.purged == ("1.0.0",)
    assert "Publish a whole copy" in error.value.hint
    after = dict(everything(url))
    assert {path: body for path, body in after.items() if "/1.0.1/" in path and ":" not in path} == {
        path: body for path, body in before.items() if "/1.0.1/" in path and ":" not in path
    }
    signed = [path for path, body in after.items() if b"A FORGED NAME" in body and ":" not in path]
    assert signed in ([], [path for path in signed if path.endswith("1.0.1/data/meps.parquet")])
    publish(chain.folders[1], open_target(url))
    assert purge(writer_of(open_target(url)), withdrawn_in(chain)) == ("1.0.1",)
    assert_purged(url, chain)


def store_of(url: str) -> Any:
    target = open_target(url)
    return S3Store(target) if "://" in url else FolderStore(target)


class PlugPulledError(Exception):
    """What a test breaks a purge off with."""


@pytest.mark.parametrize("at", [2, 20, 60, 120])
def test_a_purge_that_was_broken_off_anywhere_goes_on(
    at: int, chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = str(tmp_path / "target")
    for folder in (chain.folders[0], chain.folders[1], chain.folders[2]):
        publish(folder, open_target(url))
    withdrawn = withdrawals_of(open_package(chain.folders[2]))
    count = 0

    def counting(method: Callable[..., Any]) -> Callable[..., Any]:
        def counted(self: FolderStore, path: str, *words: Any) -> Any:
            nonlocal count
            count += 1
            if count > at:
                raise PlugPulledError
            return method(self, path, *words)

        return counted

    with monkeypatch.context() as patch:
        patch.setattr("dontspy_data.targets.files.AT_ONCE", 1)
        for name in ("put", "delete", "replace"):
            patch.setattr(FolderStore, name, counting(getattr(FolderStore, name)))
        with contextlib.suppress(PlugPulledError):
            purge(writer_of(open_target(url)), withdrawn)
    purge(writer_of(open_target(url)), withdrawn)
    assert shows(url, chain) == set()
    for version in VERSIONS[:3]:
        assert verify(url, version).problems == ()
    assert not list(tmp_path.rglob(JOURNAL))
    assert MEP in open_target(url).ledger().releases[0].purged


def test_pictures_go_first_and_a_release_that_is_half_purged_is_not_put_back(
    chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = str(tmp_path / "target")
    published(url, chain)

    def failing(*_: object) -> None:
        raise DontspyError("this table cannot be written")

    with monkeypatch.context() as patch:
        patch.setattr("dontspy_data.publish.purge.TableWriter", failing)
        with pytest.raises(DontspyError, match="cannot be written"):
            purge(writer_of(open_target(url)), withdrawn_in(chain))
    first = tmp_path / "target/1.0.0"
    assert not list(first.rglob(f"*{MEP}*"))
    left = {path for path in shows(url, chain) if "/1.0.0/" in path and ":" not in path}
    assert left
    kept = (".parquet", "delta.jsonl", "CHANGELOG.md", "changelog.json", "checksums.sha256", "manifest.json")
    assert all(path.endswith(kept) for path in left)
    assert next(one.purged for one in open_target(url).ledger().releases) == (9000001, MEP)
    with pytest.raises(ConflictError, match=r"a purge of 1\.0\.0 .* was interrupted"):
        publish(chain.folders[0], open_target(url))
    purge(writer_of(open_target(url)), withdrawn_in(chain))
    assert_purged(url, chain)


def test_what_is_neither_whole_nor_half_purged_is_refused_though_a_purge_was_begun(
    chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = str(tmp_path / "target")
    published(url, chain)
    with monkeypatch.context() as patch:
        patch.setattr(ObjectStoreWriter, "commit", broken)
        with pytest.raises(PlugPulledError):
            purge(writer_of(open_target(url)), withdrawn_in(chain))
    (tmp_path / "target/1.0.0/data/mandates.parquet").unlink()  # or it would be that of 1.0.1, too
    (tmp_path / "target/1.0.0/data/mandates.parquet").write_bytes(b"PAR1")
    with pytest.raises(PurgeError, match=r"1\.0\.0 was not purged: data/mandates\.parquet") as error:
        purge(writer_of(open_target(url)), withdrawn_in(chain))
    assert error.value.purged == ("1.0.1",)
    shutil.copy(chain.folders[0] / "data/mandates.parquet", tmp_path / "target/1.0.0/data/mandates.parquet")
    purge(writer_of(open_target(url)), withdrawn_in(chain))
    assert_purged(url, chain)


def broken(*_: object) -> None:
    raise PlugPulledError


def test_a_disk_that_is_full_in_the_middle_of_a_purge_is_said_and_made_up_for(
    chain: Chain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = str(tmp_path / "target")
    published(url, chain)
    copyfile, left = shutil.copyfile, [40]

    def filling(source: Any, to: Any) -> Any:
        left[0] -= 1
        if left[0] < 0 and Path(to).is_relative_to(tmp_path / "target"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(to))
        return copyfile(source, to)

    with monkeypatch.context() as patch:
        patch.setattr("dontspy_data.targets.stores.shutil.copyfile", filling)
        with pytest.raises(DontspyError, match="No space left") as error:
            purge(writer_of(open_target(url)), withdrawn_in(chain))
    assert "Free disk space" in error.value.hint
    purge(writer_of(open_target(url)), withdrawn_in(chain))
    assert_purged(url, chain)


@pytest.mark.parametrize("url", ["s3"], indirect=True)  # S3 does what a folder does, and is killed besides
def test_a_publisher_that_is_killed_in_the_middle_of_a_purge_goes_on(
    url: str, chain: Chain, tmp_path: Path
) -> None:
    published(url, chain)
    words = [sys.executable, "-m", "dontspy_data", "publish", str(chain.latest), url, "--purge-withdrawn"]
    process = subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    journal = f"1.0.0/{JOURNAL}"
    end = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end and not is_there(url, journal):
        time.sleep(0.02)
    time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert_purged(url, chain)


def is_there(url: str, path: str) -> bool:
    return (
        S3FileSystem(use_listings_cache=False).exists(f"{url}/{path}")
        if "://" in url
        else Path(url, path).exists()
    )


NEWER_KEYS = ("overBudget", "budgets", "completeness")
NEWER_TABLES = ("problems",)


def without_newer_parts(release: Path) -> None:
    """Make a release what it would have been before there was a `changelog.json`, budgets and a table of problems."""
    (release / CHANGES).unlink()
    about = json.loads((release / "datapackage.json").read_text())
    about = {key: value for key, value in about.items() if key not in NEWER_KEYS}
    about["resources"] = [one for one in about["resources"] if one["name"] not in NEWER_TABLES]
    (release / "datapackage.json").write_text(json.dumps(about))
    for name in NEWER_TABLES:
        for path in (release / "data").glob(f"{name}.*"):
            path.unlink()
    (release / CHECKSUMS).write_text(checksums(release))


def test_a_release_of_older_code_is_purged_and_compared(chain: Chain, tmp_path: Path) -> None:
    """Older releases have the changelog as Markdown alone."""
    old = tmp_path / "old"
    shutil.copytree(chain.folders[1], old)
    without_newer_parts(old)
    assert NAME in (old / "CHANGELOG.md").read_text()
    url = str(tmp_path / "target")
    publish(chain.folders[0], open_target(url))
    publish(old, open_target(url))
    made = release_package(chain.latest.parent / "package-2", old, tmp_path / "next")
    assert made.version == "1.1.0"
    text = (tmp_path / "next/CHANGELOG.md").read_text()
    assert NAME not in text
    assert "## 1.0.1" in text
    assert "## 1.0.0" in text
    done = publish(tmp_path / "next", open_target(url), purge_withdrawn=True)
    assert done.purged == ("1.0.0", "1.0.1")
    assert shows(url, chain) == set()
    for version in ("1.0.0", "1.0.1", "1.1.0"):
        assert verify(url, version).problems == ()


def test_a_picture_that_somebody_else_shows_by_right_stays(url: str, chain: Chain, tmp_path: Path) -> None:
    """The same bytes stand for two people; one of them is withdrawn."""
    package, shared = tmp_path / "package", f"portraits/{NEIGHBOUR}.jpg"
    shutil.copytree(chain.latest.parent / "package-0", package)
    (package / shared).write_bytes(chain.portrait)
    digest, size = hashlib.sha256(chain.portrait).hexdigest(), len(chain.portrait)
    edited(
        package,
        "portraits",
        lambda rows: [
            {**row, "sha256": digest, "bytes": size} if row["path"] == shared else row for row in rows
        ],
    )
    release_package(package, None, tmp_path / "1")
    publish(tmp_path / "1", open_target(url))
    assert purge(writer_of(open_target(url)), withdrawn_in(chain)) == ("1.0.0",)
    assert verify(url).problems == ()
    held = [path for path, body in everything(url) if chain.portrait in body and ":" not in path]
    assert [path for path in held if digest in path]
    assert not [path for path in held if f"{MEP}." in path]


def test_a_purge_sends_only_what_names_the_person(
    url: str, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(url, chain)
    sent: list[str] = []
    kind = type(store_of(url))
    put = kind.put

    def noted(self: Any, path: str, source: Path) -> None:
        sent.append(path)
        put(self, path, source)

    monkeypatch.setattr(kind, "put", noted)
    steps: list[tuple[int, int]] = []
    purge(writer_of(open_target(url)), withdrawn_in(chain), lambda done, total: steps.append((done, total)))
    assert steps == [(1, 2), (2, 2)]
    tables = {Path(path).stem for path in sent if "/data/" in path}
    assert "meps" in tables  # the others are those of the release that withdrew, and linked
    assert not tables & {"countries", "political_groups"}
    assert not [path for path in sent if path.endswith(".jpg") or "objects/" in path or "sqlite" in path]
