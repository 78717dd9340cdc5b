"""What a refresh need not do again: describing portraits that it described before, and building what stands."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from dontspy_data.capture.captures import Captures
from dontspy_data.package.files import read_checksums
from dontspy_data.pipeline import build, portraits
from dontspy_data.pipeline.build import build_package
from dontspy_data.pipeline.portraits import open_descriptions
from dontspy_data.pipeline.refresh import Refresh, refresh, standing
from dontspy_data.portraits import engine
from scripts.sample.captures import CaptureWriter


@pytest.fixture
def described(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The portraits that were described, as they come."""
    seen: list[bytes] = []
    real = engine.describe

    def spy(body: bytes, *, faces: bool) -> Any:
        seen.append(body)
        return real(body, faces=faces)

    monkeypatch.setattr(engine, "describe", spy)
    return seen


def build_once(root: Path, capture: Path) -> None:
    build_package([capture], root / "package", faces=False, descriptions=root)


@pytest.fixture
def root(made_once: Any, small_sample: Path, tmp_path: Path) -> Path:
    """A folder with a package and the descriptions that its build has left."""
    return Path(
        shutil.copytree(made_once("quiet", lambda root: build_once(root, small_sample)), tmp_path / "root")
    )


def test_portraits_are_described_once_and_the_package_is_the_same(
    root: Path, described: list[bytes], small_sample: Path
) -> None:
    build_package([small_sample], root / "again", faces=False, descriptions=root)
    assert not described
    build_package([small_sample], root / "plain", faces=False)
    assert len(described) > 20
    assert (
        read_checksums(root / "package") == read_checksums(root / "again") == read_checksums(root / "plain")
    )


def test_descriptions_that_are_damaged_or_of_other_code_are_none(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = open_descriptions(root, faces=False)
    assert len(kept.known) > 20
    assert not open_descriptions(root, faces=True).known
    kept.path.write_bytes(kept.path.read_bytes()[:-9])
    assert not open_descriptions(root, faces=False).known
    monkeypatch.setattr(portraits, "_code", lambda: "0123456789abcdef")
    other = open_descriptions(root, faces=False)
    other.used.update([next(iter(kept.known.items()))])
    other.save()
    assert list((root / "descriptions").iterdir()) == [other.path]
    assert len(open_descriptions(root, faces=False).known) == 1


def test_of_who_is_withdrawn_no_description_is_kept(root: Path, small_sample: Path) -> None:
    before = open_descriptions(root, faces=False).known
    file = root / "withdrawals.csv"
    file.write_text("mep_id,scope,withdrawn_on,reason\n9000001,person,2026-02-01,legal\n")
    build_package([small_sample], root / "package", faces=False, descriptions=root, withdrawals=file)
    assert open_descriptions(root, faces=False).known.keys() < before.keys()


@pytest.fixture
def confirmed(tmp_path: Path, small_sample: Path) -> Path:
    """A capture of a month later, in which a list was sent again as it was and everything else was confirmed."""
    captures = Captures.open([small_sample])
    path = tmp_path / "later.warc.gz"
    pages = [page for url in captures.urls() if (page := captures.latest(url))]
    with path.open("wb") as stream:
        writer = CaptureWriter(stream, software="test", started_at=pages[0].retrieved_at)
        writer.write(pages[0])
        for page in pages[1:]:
            writer.write_revisit(page, page.retrieved_at)
    return path


def test_what_only_confirms_leaves_the_package_as_it_stands(
    root: Path, confirmed: Path, monkeypatch: pytest.MonkeyPatch, small_sample: Path
) -> None:
    built = standing(root / "package", [small_sample, confirmed], None, None)
    assert built
    assert built.tables["meps"] == 24
    monkeypatch.setattr(build, "read_and_describe", None)  # calling it would be an error
    plan = Refresh(root / "package", sources_unchanged=True)
    assert refresh([small_sample, confirmed], plan).is_unchanged


def test_anything_new_is_built(root: Path, confirmed: Path, small_sample: Path) -> None:
    folder, file, lookups = root / "package", root / "w.csv", root / "lookups"
    file.write_text("mep_id,scope,withdrawn_on,reason\n9000001,person,2026-02-01,legal\n")
    lookups.mkdir()
    (lookups / "group_labels.csv").write_text("label,language,code\nThe Sample,en,NI\n", encoding="utf-8")
    assert standing(folder, [small_sample], file, None) is None
    assert standing(folder, [small_sample], None, lookups) is None
    assert standing(folder, [confirmed], None, None) is None
    (folder / "data/meps.csv").write_bytes(b"")
    assert standing(folder, [small_sample], None, None) is None
    assert standing(root / "nowhere", [small_sample], None, None) is None
