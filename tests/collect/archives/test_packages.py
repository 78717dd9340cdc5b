"""Packages of answers that came by other ways: the same tables, but for what says which way."""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from dontspy_data.capture.captures import Captures
from dontspy_data.capture.records import Page
from dontspy_data.collect.archives import ArchiveOptions, collect_archive
from dontspy_data.collect.imports import import_folder
from dontspy_data.collect.replay import open_archive
from dontspy_data.package.files import read_checksums
from dontspy_data.package.open import open_package
from dontspy_data.pipeline.build import build_package
from dontspy_data.pipeline.rebuild import verify_rebuild
from dontspy_data.release.release import release_package
from dontspy_data.sources import source_of
from dontspy_data.sources.portraits import reserved_by
from scripts.compare_packages import compare_packages

from ...pywb import write_pages

ARCHIVED = ("portraits", "ep_profile", "ep_history")
OF_THE_WAY = {
    "values pages.origin",
    "values pages.via",
    "values pages.content_type",
    "values portraits.basis",
    "values portraits.noai",  # said by a header, which a file that somebody saved does not have
    "values statements.basis",
    "values pages.source",
    "rows added statements",  # the source is part of their key
    "rows removed statements",
}
"""What says how an answer came."""


def build(folder: Path, *captures: Path) -> Path:
    build_package(captures, folder, faces=False)
    return folder


@pytest.fixture(scope="module")
def answers(small_sample: Path) -> list[Page]:
    captures = Captures.open([small_sample])
    pages = (page for url in captures.urls() for page in captures.pages(url))
    return sorted(pages, key=lambda page: (page.retrieved_at, page.url))


def is_archived(page: Page) -> bool:
    source = source_of(page.url)
    # What its server reserved is not taken from an archive either, so it stays with the facts.
    return page.status == 200 and source is not None and source.name in ARCHIVED and not reserved_by(page)


def saved(folder: Path, pages: Iterable[Page]) -> Path:
    """Save answers as a person does: as files, with a list of what they are."""
    folder.mkdir()
    with (folder / "import.csv").open("w", encoding="utf-8", newline="") as stream:
        lines = csv.writer(stream)
        lines.writerow(("file", "url", "retrieved_at"))
        for number, page in enumerate(pages):
            name = f"{number:04}.{'jpg' if page.content_type == 'image/jpeg' else 'html'}"
            (folder / name).write_bytes(page.body)
            lines.writerow((name, page.url, page.retrieved_at.isoformat()))
    return folder


def differences(one: Path, other: Path) -> set[str]:
    return {each.subject for each in compare_packages(open_package(one), open_package(other))}


def test_from_an_import(tmp_path: Path, small_package: Path, answers: list[Page]) -> None:
    whole = [page for page in answers if page.status == 200]
    done = import_folder(saved(tmp_path / "saved", whole), tmp_path / "imported.warc.gz")
    assert (done.files, done.rejected) == (len(whole), ())
    others = write_pages(tmp_path / "others.warc.gz", (page for page in answers if page.status != 200))
    found = differences(small_package, build(tmp_path / "package", done.capture, others))
    assert "values portraits.basis" in found
    assert found <= OF_THE_WAY


@pytest.fixture(scope="module")
def mixed(
    answers: list[Page],
    serve_archive: Callable[[Path], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Path]:
    """Captures of the sample's answers: facts as collected, profiles and portraits from an archive, some imported."""
    root = tmp_path_factory.mktemp("mixed")
    shown = [page for page in answers if is_archived(page)]
    address = serve_archive(write_pages(root / "archived.warc.gz", shown))
    options = ArchiveOptions(root / "archive.warc.gz", open_archive(address), rate=0.0)
    done = collect_archive(options)
    assert (done.stored + done.confirmed, done.unusable) == (len(shown), {})
    pictures = [page for page in shown if page.content_type == "image/jpeg"][:10]
    return {
        "facts": write_pages(root / "facts.warc.gz", (page for page in answers if not is_archived(page))),
        "archive": options.output,
        "import": import_folder(saved(root / "saved", pictures), root / "import.warc.gz").capture,
    }


def test_from_an_archive(tmp_path: Path, small_package: Path, mixed: dict[str, Path]) -> None:
    found = differences(small_package, build(tmp_path / "package", mixed["facts"], mixed["archive"]))
    assert {"values portraits.basis", "values pages.source", "rows added statements"} <= found
    assert found <= OF_THE_WAY


def test_a_mix_is_the_same_bytes_every_time_and_is_rebuilt(tmp_path: Path, mixed: dict[str, Path]) -> None:
    first = build(tmp_path / "first", *mixed.values())
    again = build(tmp_path / "again", *reversed(mixed.values()))
    assert read_checksums(first) == read_checksums(again)
    release_package(first, None, tmp_path / "release")
    done = verify_rebuild(str(tmp_path / "release"), "latest", list(mixed.values()))
    assert done.files > 60
    assert not done.problems
