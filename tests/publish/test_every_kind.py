"""Every kind of target when nobody answers: an error for people, and for readers what is cached."""

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from s3fs import S3FileSystem

from dontspy_data.errors import DontspyError
from dontspy_data.loading.dataset import load
from dontspy_data.package.files import CHECKSUMS, all_digests
from dontspy_data.package.open import open_package
from dontspy_data.publish.publish import publish, verify
from dontspy_data.targets.ledger import LEDGER, Ledger, release_entry
from dontspy_data.targets.open import cache_of, open_target
from dontspy_data.targets.target import DATASET, MissingError, UnreachableError

REMOTE = ("http://127.0.0.1:{port}/faces", "s3://bucket/faces", "hf://datasets/someone/faces", "zenodo:7")


@pytest.fixture
def closed(account: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[int]:
    """A port at which nobody listens, where every kind of target is looked for."""
    from huggingface_hub import HfFileSystem, constants

    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # bound, and never listening, so that nobody else takes it
        port = held.getsockname()[1]
        address = f"http://127.0.0.1:{port}"
        account.setenv("AWS_ENDPOINT_URL_S3", address)
        account.setenv("AWS_MAX_ATTEMPTS", "1")
        account.setenv("ZENODO_URL", address)
        account.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        account.setattr(constants, "ENDPOINT", address)
        account.setattr("dontspy_data.targets.files.PAUSE", 0)
        S3FileSystem.clear_instance_cache()
        HfFileSystem.clear_instance_cache()
        yield port
        HfFileSystem.clear_instance_cache()


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingError, match="is not a target") as error:
        open_target(str(tmp_path / "none")).ledger()
    assert error.value.hint == "There is no such folder."


@pytest.mark.parametrize("form", REMOTE)
def test_a_target_where_nobody_answers_is_an_error_for_people(form: str, closed: int, releases: Any) -> None:
    url = form.format(port=closed)
    with pytest.raises(UnreachableError):
        open_target(url).ledger()
    with pytest.raises(UnreachableError):
        load(url)
    with pytest.raises(DontspyError):
        verify(url)
    if not url.startswith("http"):
        with pytest.raises(DontspyError):
            publish(releases.first, open_target(url))


@pytest.mark.parametrize("form", REMOTE)
def test_what_is_cached_of_a_target_is_loaded_and_said(form: str, closed: int, releases: Any) -> None:
    url = form.format(port=closed)
    package, digests = open_package(releases.first), all_digests(releases.first)
    entry = release_entry(package.descriptor, digests[CHECKSUMS], 0)
    cache = cache_of(open_target(url).url)
    shutil.copytree(releases.first, cache / f"{entry.version}-{entry.digest[:12]}")
    (cache / LEDGER).write_text(Ledger(DATASET, (entry,)).to_json())
    with pytest.warns(UserWarning, match="using the cached copy"):
        faces = load(url)
    assert len(faces.meps) == 24


SECRET = "hunter2-and-more"


@pytest.mark.parametrize(
    "form",
    [
        f"http://reader:{SECRET}@127.0.0.1:{{port}}/faces",
        f"http://127.0.0.1:{{port}}/faces?sig={SECRET}",
        f"https://{SECRET}@127.0.0.1:{{port}}/faces",
        f"ftp://reader:{SECRET}@127.0.0.1/faces",
        f"s3://reader:{SECRET}@bucket/faces",
    ],
)
def test_secrets_in_addresses_are_shown_nowhere(form: str, closed: int) -> None:
    url = form.format(port=closed)
    with pytest.raises(DontspyError) as error:
        load(url)
    shown: list[str] = []
    cause: BaseException | None = error.value
    while isinstance(cause, DontspyError):
        shown += [str(cause), cause.hint]
        cause = cause.__cause__
    assert SECRET not in " ".join(shown)
    if not url.startswith("ftp"):
        target = open_target(url)
        assert SECRET not in target.url
        assert SECRET not in str(cache_of(target.url))
        assert SECRET in " ".join(target.secrets)
