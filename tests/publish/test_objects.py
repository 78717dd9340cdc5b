"""Pictures stand once at a target, what is made from others for the newest release, and older layouts stay good."""

import hashlib
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from s3fs import S3FileSystem

from dontspy_data.loading.dataset import load
from dontspy_data.loading.get import Selection, bring_bundle, get
from dontspy_data.package.files import is_made, is_picture, read_checksums
from dontspy_data.pipeline.build import build_package
from dontspy_data.publish.publish import Published, publish, release_before, verify
from dontspy_data.release.release import release_package
from dontspy_data.targets.ledger import Layout
from dontspy_data.targets.open import open_target
from tests.publish.test_purge import everything

OLDER = Path(__file__).parents[1] / "targets/older_target.tar.xz"
"""A target with 1.0.0 and 1.0.1 of four fictional people, as the code before objects wrote it."""


@pytest.fixture(params=["folder", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return str(tmp_path / "target") if request.param == "folder" else request.getfixturevalue("bucket")


def listing(url: str) -> dict[str, int]:
    """The size of every file at a target, by path; a file with several names counts once."""
    if "://" in url:
        fs, root = S3FileSystem(use_listings_cache=False), url.removeprefix("s3://")
        return {
            path.removeprefix(f"{root}/"): one["size"] for path, one in fs.find(root, detail=True).items()
        }
    files = {path.stat().st_ino: path for path in sorted(Path(url).rglob("*")) if path.is_file()}
    return {path.relative_to(url).as_posix(): path.stat().st_size for path in files.values()}


def published_both(url: str, releases: Any) -> Published:
    publish(releases.first, open_target(url))
    return publish(releases.second, open_target(url))


def changed_bytes(releases: Any) -> int:
    """Bytes of files of the second release whose content the first one does not have, made ones aside."""
    known = set(read_checksums(releases.first).values())
    changed = {path for path, digest in read_checksums(releases.second).items() if digest not in known}
    return sum((releases.second / path).stat().st_size for path in changed if not is_made(path))


def test_what_did_not_change_is_neither_sent_nor_stored_again(url: str, releases: Any) -> None:
    done = published_both(url, releases)
    digests = {digest for path, digest in read_checksums(releases.first).items() if is_picture(path)}
    there = listing(url)
    objects = {path.rsplit("/", 1)[-1] for path in there if path.startswith("objects/")}
    if "://" in url:
        assert objects == digests
        assert not [path for path in there if is_picture(path.partition("/")[2])]
    else:
        assert sum(is_picture(path) for path in map(Path.as_posix, Path(url).rglob("objects/*/*"))) == 0
        browsed = Path(url) / "1.0.1/portraits/9000003.jpg"
        (held,) = Path(url).glob(f"objects/*/{read_checksums(releases.second)['portraits/9000003.jpg']}")
        assert browsed.samefile(held)
    made = sum(path.stat().st_size for path in releases.second.iterdir() if is_made(path.name))
    assert done.uploaded_bytes - made <= 1.2 * changed_bytes(releases)
    for version in ("1.0.0", "1.0.1"):
        assert verify(url, version).problems == ()
    assert [path for path in there if is_made(path.partition("/")[2]) and path.startswith("1.0.0/")] == []
    assert [path for path in there if is_made(path.partition("/")[2]) and path.startswith("1.0.1/")]


def test_a_manifest_gives_names_digests_and_sizes(url: str, releases: Any) -> None:
    publish(releases.first, open_target(url))
    manifest = json.loads(open_target(url).read("1.0.0/manifest.json"))
    assert {one["path"]: one["sha256"] for one in manifest["files"]} == read_checksums(releases.first)
    for one in manifest["files"]:
        body = open_target(url).read(one.get("object", f"1.0.0/{one['path']}"))
        assert (len(body), hashlib.sha256(body).hexdigest()) == (one["bytes"], one["sha256"])
    assert open_target(url).ledger().releases[0].layout is Layout.OBJECTS


def test_an_older_release_is_got_loaded_and_made_whole(url: str, releases: Any, tmp_path: Path) -> None:
    published_both(url, releases)
    got = get(url, "1.0.0", tmp_path / "out", Selection(include=("*",)))
    assert got.files == len(read_checksums(releases.first))
    assert read_checksums(tmp_path / "out") == read_checksums(releases.first)
    assert verify(str(tmp_path / "out")).problems == ()  # made here by the same libraries
    faces = load(url, version="1.0.0")
    assert faces.portrait(9000003).size
    assert faces.path("meps.sqlite").read_bytes() == (releases.first / "meps.sqlite").read_bytes()
    path = bring_bundle(url, "1.0.0", tmp_path / "bundles", "zip")
    again = bring_bundle(url, "1.0.0", tmp_path / "again", "zip")
    assert path.read_bytes() == again.read_bytes()
    updated = get(url, "1.0.1", tmp_path / "out", Selection())
    assert updated.version == "1.0.1"
    assert verify(str(tmp_path / "out")).problems == ()
    assert not (tmp_path / "out/portraits/9000001.jpg").exists()


def test_a_folder_that_lost_its_links_is_read_from_its_objects(releases: Any, tmp_path: Path) -> None:
    url = tmp_path / "target"
    publish(releases.first, open_target(str(url)))
    portrait = url / "1.0.0/portraits/9000003.jpg"
    portrait.unlink()
    assert load(str(url)).portrait(9000003).size
    assert not portrait.exists()
    assert [one.path for one in verify(str(url)).problems] == ["1.0.0/portraits/9000003.jpg"]
    assert publish(releases.first, open_target(str(url))).uploaded == 0
    assert verify(str(url)).problems == ()


WITHDRAWN_TOO = 9000002


@pytest.fixture(scope="module")
def following(tmp_path_factory: pytest.TempPathFactory, small_sample: Path) -> Path:
    """A release that follows 1.0.1 of the older target, without somebody who is in that."""
    root = tmp_path_factory.mktemp("following")
    with tarfile.open(OLDER) as archive:
        archive.extractall(root / "target", filter="data")
    ledger = open_target(str(root / "target")).ledger()
    gone = sorted({*ledger.releases[0].withdrew, WITHDRAWN_TOO})
    rows = [*(f"{one},person,2026-01-01,request" for one in gone), "9000001,portrait,2026-02-01,request"]
    file = root / "withdrawals.csv"
    file.write_text("\n".join(["mep_id,scope,withdrawn_on,reason", *rows]) + "\n")
    build_package([small_sample], root / "package", withdrawals=file, faces=False)
    with release_before(str(root / "target")) as previous:
        release_package(root / "package", previous, root / "release", accept="a test")
    return root / "release"


@pytest.fixture
def older(tmp_path: Path, url: str) -> str:
    """The older target, in a folder or a bucket."""
    root = tmp_path / "target"
    with tarfile.open(OLDER) as archive:
        archive.extractall(root, filter="data")
    if "://" in url:
        S3FileSystem(use_listings_cache=False).put(f"{root}/", f"{url}/", recursive=True)
    return url


def test_a_target_of_the_older_layout_is_read_diffed_followed_and_purged(
    older: str, following: Path, tmp_path: Path
) -> None:
    before = open_target(older).ledger()
    assert [one.layout for one in before.releases] == [Layout.FOLDERS] * 2
    for version in ("1.0.0", "1.0.1"):
        assert verify(older, version).problems == ()
    faces = load(older, version="1.0.0")
    assert faces.portrait(9000001).size
    portrait = faces.path("portraits/9000001.jpg").read_bytes()
    name = faces.meps.set_index("mep_id").at[WITHDRAWN_TOO, "family_name"]
    assert get(older, "1.0.0", tmp_path / "got").files == 48
    assert verify(str(tmp_path / "got")).problems == ()

    done = publish(following, open_target(older), purge_withdrawn=True)
    assert done.purged == ("1.0.0", "1.0.1")
    for version in ("1.0.0", "1.0.1", done.version):
        assert verify(older, version).problems == ()
    layouts = [one.layout for one in open_target(older).ledger().releases]
    assert layouts == [Layout.FOLDERS, Layout.FOLDERS, Layout.OBJECTS]
    marks = (portrait, name.encode(), b"9000002.jpg", b"portraits/9000001.jpg", b"faces/9000001.jpg")
    assert [path for path, body in everything(older) if any(mark in body for mark in marks)] == []
    assert load(older, version="1.0.0").meps["mep_id"].tolist() == [9000001, 9000003, 9000009]
