"""`load()`: which release, what is downloaded, what is refused, and what works without a network."""

import warnings
from pathlib import Path
from typing import Any

import pytest

import dontspy_data as dd
from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.model.schema import dataset
from dontspy_data.package.files import CHECKSUMS
from dontspy_data.targets.files import DamagedError
from dontspy_data.targets.target import MissingError, UnreachableError

PERSON = 9000001
PORTRAIT = f"portraits/{PERSON}.jpg"
TABLE = "data/meps.parquet"


def test_the_sample_needs_nothing_but_itself(faces: dd.OpenDataFaces) -> None:
    assert len(faces.meps) == 62
    assert faces.portrait(PERSON).size == (170, 215)
    assert faces.version is None


def test_the_default_target_is_the_one_in_the_datapackage(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dontspy_data.model.schema.dataset", lambda: {**dataset(), "target": str(published)})
    assert dd.load().version == "1.1.0"


@pytest.mark.parametrize(("version", "found"), [("latest", "1.1.0"), ("1.0", "1.0.0"), ("1.1.0", "1.1.0")])
@pytest.mark.parametrize("place", ["folder", "web"])
def test_versions_and_aliases(place: str, version: str, found: str, web: Any) -> None:
    faces = dd.load(web.root if place == "folder" else web.url, version=version)
    assert faces.version == found
    assert len(faces.meps) == 62


def test_a_version_that_is_not_there_is_said_with_those_that_are(published: Path) -> None:
    with pytest.raises(UsageError, match=r"there is no release '1\.2'") as error:
        dd.load(published, version="1.2")
    assert error.value.hint == "Releases there: 1.0.0, 1.1.0."


@pytest.mark.parametrize("place", ["folder", "web"])
def test_a_package_is_loadable_by_itself(place: str, web: Any) -> None:
    at = web.root / "1.0.0" if place == "folder" else f"{web.url}/1.0.0/"
    faces = dd.load(at)
    assert (len(faces.meps), faces.version) == (62, "1.0.0")
    with pytest.raises(UsageError, match="is a single package"):
        dd.load(at, version="1.0.0")


def test_what_is_neither_target_nor_package_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match=r"is not a target: it has no releases\.json"):
        dd.load(tmp_path / "nowhere")


def test_only_what_is_used_is_downloaded_and_only_once(web: Any) -> None:
    for _ in range(2):
        faces = dd.load(web.url)
        assert len(faces.meps) == len(faces.meps) == 62
        assert faces.portrait(PERSON).size == faces.portrait(PERSON).size
    first = ["releases.json", "checksums.sha256", "datapackage.json", TABLE]
    release = [name if name == "releases.json" else f"1.1.0/{name}" for name in first]
    assert web.asked == [*release, "1.1.0/data/portraits.parquet", f"1.1.0/{PORTRAIT}", "releases.json"]


def test_what_was_used_works_offline_and_the_rest_is_said(web: Any) -> None:
    faces = dd.load(web.url)
    assert len(faces.meps) == 62
    web.gone = True
    with pytest.warns(UserWarning, match="using the cached copy"):
        faces = dd.load(web.url)
    assert len(faces.meps) == 62
    with pytest.raises(UnreachableError, match=r"data/faces\.parquet cannot be read"):
        faces.table("faces")


def test_a_network_that_answers_in_the_targets_place_is_no_target(web: Any) -> None:
    dd.load(web.url).table("meps")
    (web.root / "releases.json").write_text("<html>Please log in</html>")
    with pytest.warns(UserWarning, match="using the cached copy"):
        assert len(dd.load(web.url).meps) == 62


def test_a_package_on_the_web_works_offline_too(web: Any) -> None:
    assert len(dd.load(f"{web.url}/1.0.0").meps) == 62
    web.gone = True
    with pytest.warns(UserWarning, match="using the cached copy"):
        assert len(dd.load(f"{web.url}/1.0.0").meps) == 62


def test_a_target_never_seen_needs_the_network(web: Any) -> None:
    web.gone = True
    with pytest.raises(UnreachableError, match=r"releases\.json cannot be read"):
        dd.load(web.url)


@pytest.mark.parametrize("place", ["folder", "web"])
@pytest.mark.parametrize("name", [TABLE, PORTRAIT])
def test_one_flipped_bit_is_refused_on_use_with_the_files_name(place: str, name: str, web: Any) -> None:
    web.flip(f"1.1.0/{name}")
    faces = dd.load(web.root if place == "folder" else web.url)
    assert len(faces.mandates) == 105
    with pytest.raises(DamagedError, match=f"{name} of .* is refused"):
        faces.portrait(PERSON) if name == PORTRAIT else faces.meps


@pytest.mark.parametrize("place", ["folder", "web"])
def test_a_list_of_digests_that_the_ledger_does_not_know_is_refused(place: str, web: Any) -> None:
    web.flip(f"1.1.0/{TABLE}")
    web.seal("1.1.0")  # the forger fits the list to the file, and cannot fit the ledger
    with pytest.raises(DamagedError, match=r"checksums\.sha256 of .* is refused"):
        dd.load(web.root if place == "folder" else web.url)


def test_a_cached_file_that_was_damaged_is_fetched_again(web: Any, cache: Path) -> None:
    assert len(dd.load(web.url).meps) == 62
    [cached] = cache.rglob("meps.parquet")
    cached.write_bytes(cached.read_bytes()[:-1] + b"?")
    assert len(dd.load(web.url).meps) == 62
    assert web.asked.count(f"1.1.0/{TABLE}") == 2


def test_what_was_purged_at_the_target_is_purged_from_the_cache(web: Any, cache: Path) -> None:
    dd.load(web.url).portrait(PERSON)
    assert list(cache.rglob(PORTRAIT))
    (web.root / "1.1.0" / PORTRAIT).unlink()
    web.seal("1.1.0")
    web.publish()
    dd.load(web.url)
    assert not list(cache.rglob(PORTRAIT))


@pytest.mark.parametrize("path", ["../evil", "/etc/evil", "data/../../evil", "a\\b", " ", ".."])
def test_a_list_of_digests_never_leads_out_of_its_folder(path: str, target: Path) -> None:
    with (target / "1.0.0" / CHECKSUMS).open("a") as listing:
        listing.write(f"{'0' * 64}  {path}\n")
    with pytest.raises(DontspyError, match=r"line \d+ is not a digest and path in the folder"):
        dd.load(target / "1.0.0")


def test_nothing_half_done_is_left_in_the_cache(web: Any, cache: Path) -> None:
    web.flip(f"1.1.0/{TABLE}")
    faces = dd.load(web.url)
    with pytest.raises(DamagedError):
        faces.table("meps")
    assert not list(cache.rglob("*.part"))
    assert not list(cache.rglob("meps.parquet"))


def test_portraits_are_fetched_side_by_side_and_the_first_damage_ends_it(web: Any) -> None:
    faces = dd.load(web.url)
    assert len(list(faces.iter_portraits())) == 59
    web.flip(f"1.0.0/{PORTRAIT}")
    with pytest.raises(DamagedError, match=PORTRAIT):
        list(dd.load(web.url, version="1.0.0").iter_portraits())


def test_no_warning_where_all_is_well(web: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dd.load(web.url).meps  # noqa: B018
