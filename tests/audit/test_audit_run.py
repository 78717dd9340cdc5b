"""From a package to an audit: tables, report and descriptor, whole or not at all."""

import hashlib
import json
import shutil
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import replace
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from frictionless import validate
from jsonschema import Draft7Validator

from dontspy_data import load
from dontspy_data.audit.looks import ORIGINAL, VARIANTS
from dontspy_data.audit.model import BoxSource, Model, open_model
from dontspy_data.audit.run import audit_package
from dontspy_data.audit.settings import Settings, read_settings
from dontspy_data.check.check import check_files
from dontspy_data.check.tables import check_tables
from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.package.files import checksums, files_below, sha256_of
from dontspy_data.package.open import open_package


@pytest.fixture
def baseline(models: None) -> Model:
    return open_model("always-fifty")


def test_the_tables_are_valid_and_the_files_whole(audit: Path) -> None:
    assert list(check_files(audit)) == []
    assert list(check_tables(open_package(audit), ())) == []
    assert validate(audit / "datapackage.json").valid


def test_every_portrait_has_its_rows(package: Path, audit: Path) -> None:
    rows = open_package(audit).read("attributions").to_pylist()
    portraits = open_package(package).read("portraits").to_pylist()
    current = {row["portrait_id"] for row in portraits if row["is_current"] and row["path"]}
    assert {row["portrait_id"] for row in rows} == current
    assert len(rows) == 4 * len(current)
    ages = [row for row in rows if row["attribute"] == "age"]
    assert {(row["label"], row["value"], row["score"]) for row in ages} == {("years", 50.0, None)}
    answers = {row["label"]: row["is_answer"] for row in rows if row["attribute"] == "gender"}
    assert answers == {"female": False, "male": True}


def test_every_variant_of_every_portrait_has_its_rows(audit: Path) -> None:
    package = open_package(audit)
    originals, rows = (package.read(name).to_pylist() for name in ("attributions", "attribution_variants"))
    asked = {(row["portrait_id"], row["attribute"], row["label"]) for row in originals}
    for variant in VARIANTS.keys() - {ORIGINAL}:
        answered = [row for row in rows if (row["varied"], row["variant"]) == ("picture", variant)]
        assert {(row["portrait_id"], row["attribute"], row["label"]) for row in answered} == asked
        assert {row["value"] for row in answered if row["attribute"] == "age"} == {50.0}


def test_a_baseline_is_wrong_about_every_woman(audit: Path) -> None:
    rows = open_package(audit).read("attribution_errors").to_pylist()
    wrong = {
        row["group"]: row["value"]
        for row in rows
        if row["measure"] == "disagreement" and row["group_by"] == "gender"
    }
    assert wrong == {"female": 1.0, "male": 0.0}
    assert all(row["value"] == 0 for row in rows if row["compared_with"] == "original")


def test_the_report_says_what_it_found_and_what_it_cannot_show(audit: Path) -> None:
    markdown, page = ((audit / name).read_text("utf-8") for name in ("audit.md", "audit.html"))
    for text in (markdown, page):
        assert "No man was called a woman; of 100 women, 100 were called men" in text
        assert "What these numbers can and cannot show" in text
        assert "None" not in text.replace("Trained on: None.", "")
    for chart in (audit / "charts").iterdir():
        ElementTree.parse(chart)
        assert f"](charts/{chart.name})" in markdown
    assert page.count("<svg") == len(list((audit / "charts").iterdir())) > 3
    assert "<script" not in page


def test_the_audit_can_be_cited_and_has_a_datasheet(package: Path, audit: Path) -> None:
    cited = yaml.safe_load((audit / "CITATION.cff").read_text("utf-8"))
    release, model = cited["references"]
    assert (cited["cff-version"], cited["type"]) == ("1.2.0", "dataset")
    assert sha256_of(package / "datapackage.json") in release["notes"]
    assert (model["type"], model["title"]) == ("software", "Always fifty (baseline)")
    datasheet = (audit / "README.md").read_text("utf-8")
    for word in (
        "attribution_gaps",
        "## Motivation",
        "## Uses",
        "Skin colour and ethnic origin are not known",
    ):
        assert word in datasheet
    listed = (audit / "checksums.sha256").read_text("utf-8")
    assert "CITATION.cff" in listed
    assert "README.md" in listed


def test_the_descriptor_names_the_release_and_the_model(package: Path, audit: Path) -> None:
    described = json.loads((audit / "datapackage.json").read_text("utf-8"))
    assert described["release"]["descriptor"] == f"sha256:{sha256_of(package / 'datapackage.json')}"
    assert described["release"]["captures"] == open_package(package).descriptor["captures"]
    assert [model["name"] for model in described["models"]] == ["always-fifty"]
    assert [resource["name"] for resource in described["resources"]] == [
        "attributions",
        "attribution_variants",
        "attribution_choices",
        "attribution_exclusions",
        "attribution_errors",
        "attribution_gaps",
        "attribution_curves",
    ]
    assert Draft7Validator({"required": ["licenses", "created", "title"]}).is_valid(described)


def test_the_same_package_gives_the_same_bytes_and_stays_as_it_is(
    package: Path, baseline: Model, audit: Path, tmp_path: Path
) -> None:
    before = hashlib.sha256(
        b"".join((package / path).read_bytes() for path in files_below(package))
    ).hexdigest()
    again = audit_package(package, tmp_path / "again", [baseline]).folder
    assert files_below(again) == files_below(audit)
    assert all((again / path).read_bytes() == (audit / path).read_bytes() for path in files_below(audit))
    after = hashlib.sha256(
        b"".join((package / path).read_bytes() for path in files_below(package))
    ).hexdigest()
    assert after == before


def test_the_settings_are_written_hashed_and_make_the_same_audit_again(
    package: Path, baseline: Model, audit: Path, tmp_path: Path
) -> None:
    described = json.loads((audit / "datapackage.json").read_text("utf-8"))
    assert described["settings"] == {
        "path": "audit.toml",
        "hash": f"sha256:{sha256_of(audit / 'audit.toml')}",
    }
    assert {"python", "numpy", "pillow"} <= described["versions"].keys()
    settings = read_settings(audit / "audit.toml")
    assert settings.models == ("always-fifty",)
    again = audit_package(package, tmp_path / "again", [baseline], settings).folder
    assert (again / "checksums.sha256").read_bytes() == (audit / "checksums.sha256").read_bytes()


def test_who_is_left_out_is_said_with_the_reason(
    package: Path, baseline: Model, audit: Path, tmp_path: Path
) -> None:
    everybody = {row["mep_id"] for row in open_package(audit).read("attributions").to_pylist()}
    person = min(everybody)
    settings = Settings(variants=(), choices=(), sample=5, exclude={person: "asked for it"})
    made = open_package(audit_package(package, tmp_path / "audit", [baseline], settings).folder)
    looked_at = {row["mep_id"] for row in made.read("attributions").to_pylist()}
    left_out = [row for row in made.read("attribution_exclusions").to_pylist() if row["attribute"] == "all"]
    assert len(looked_at) == 5
    assert looked_at | {row["mep_id"] for row in left_out} == everybody
    (named,) = [row for row in left_out if row["reason"] == "settings"]
    assert (named["mep_id"], named["detail"]) == (person, "asked for it")
    assert {row["reason"] for row in left_out} == {"settings", "not_sampled"}
    without = open_package(audit).read("attribution_exclusions").to_pylist()
    unknown = {
        row["portrait_id"]
        for row in open_package(audit).read("attributions").to_pylist()
        if row["official_age"] is None
    }
    assert {row["portrait_id"] for row in without if row["reason"] == "no_age"} == unknown != set()


class Elsewhere(Executor):
    """Workers with other versions than this machine."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        done: Future[Any] = Future()
        done.set_result({**fn(*args, **kwargs), "pillow": "1"})
        return done


def test_workers_have_the_versions_that_the_audit_names(
    package: Path, baseline: Model, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=f"pillow 1, here {version('pillow')}") as caught:
        audit_package(package, tmp_path / "audit", [baseline], executor=Elsewhere())
    assert "same versions" in caught.value.hint
    assert not (tmp_path / "audit").exists()


def test_only_wanted_figures_are_written(package: Path, baseline: Model, tmp_path: Path) -> None:
    settings = Settings(variants=(), choices=(), measures=("disagreement",), groups=("gender",))
    made = open_package(audit_package(package, tmp_path / "audit", [baseline], settings).folder)
    rows = made.read("attribution_errors").to_pylist()
    assert {(row["measure"], row["group_by"]) for row in rows} == {("disagreement", "gender")}
    assert {row["group"] for row in rows} == {"female", "male"}


def test_an_audit_of_a_day_looks_at_what_was_shown_then(
    package: Path, baseline: Model, tmp_path: Path
) -> None:
    faces = load(package)
    day = date(2025, 1, 1)
    shown = faces.portraits_at(day)
    settings = Settings(variants=(), choices=(), day=day)
    made = open_package(audit_package(package, tmp_path / "audit", [baseline], settings).folder)
    rows = made.read("attributions").to_pylist()
    assert {row["portrait_id"] for row in rows} == set(shown["portrait_id"])
    assert not all(shown["is_current"])
    assert "The portraits are those shown on 2025-01-01." in (made.folder / "audit.md").read_text("utf-8")
    assert all(row["reference_date"] is None or row["reference_date"] <= day for row in rows)
    with pytest.raises(UsageError, match="2001-01-01"):
        audit_package(package, tmp_path / "none", [baseline], replace(settings, day=date(2001, 1, 1)))


def test_nothing_is_left_beside_an_audit(audit: Path) -> None:
    assert [path.name for path in audit.parent.iterdir() if path.name.startswith(".")] == []


def test_a_folder_that_is_no_audit_is_not_replaced(package: Path, baseline: Model, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep me")
    with pytest.raises(UsageError, match="exists and is not a package"):
        audit_package(package, tmp_path / "mine", [baseline])
    assert (tmp_path / "mine" / "letter.txt").read_text() == "keep me"


def test_a_release_is_never_replaced_by_its_audit(package: Path, baseline: Model, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="lies in the package itself"):
        audit_package(package, package, [baseline])
    with pytest.raises(UsageError, match="lies in the package itself"):
        audit_package(package, package / "audit", [baseline])
    shutil.copytree(package, tmp_path / "release")
    with pytest.raises(UsageError, match="is a package, not an audit"):
        audit_package(package, tmp_path / "release", [baseline])


def test_the_working_directory_is_never_replaced(
    package: Path, baseline: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    with pytest.raises(UsageError, match="is the working directory, or holds it"):
        audit_package(package, Path(), [baseline])
    assert sorted(tmp_path.iterdir()) == [tmp_path / "here", tmp_path / "site"]


def test_an_earlier_audit_is_replaced(package: Path, audit: Path, tmp_path: Path, baseline: Model) -> None:
    shutil.copytree(audit, tmp_path / "audit")
    (tmp_path / "audit" / "old.txt").write_text("old")
    audit_package(package, tmp_path / "audit", [baseline], Settings(variants=()))
    assert not (tmp_path / "audit" / "old.txt").exists()


def test_models_of_the_same_name_are_refused(package: Path, baseline: Model, tmp_path: Path) -> None:
    with pytest.raises(DontspyError, match="two models are named always-fifty"):
        audit_package(package, tmp_path / "audit", [baseline, baseline])
    assert not (tmp_path / "audit").exists()


def test_a_picture_that_cannot_be_read_is_named(package: Path, baseline: Model, tmp_path: Path) -> None:
    shutil.copytree(package, tmp_path / "package")
    picture = min((tmp_path / "package" / "portraits").glob("*.jpg"))
    picture.write_bytes(b"no picture")
    with pytest.raises(DontspyError, match=picture.name):
        audit_package(tmp_path / "package", tmp_path / "audit", [baseline])
    assert not (tmp_path / "audit").exists()


def with_faces(package: Path, folder: Path, keep: slice) -> Path:
    """The package with some of its faces only."""
    shutil.copytree(package, folder)
    path = folder / "data" / "faces.parquet"
    faces = pq.read_table(path)
    pq.write_table(pa.Table.from_pylist(faces.to_pylist()[keep], faces.schema), path)
    (folder / "checksums.sha256").write_text(checksums(folder))
    return folder


def test_boxes_can_be_the_packages(package: Path, audit: Path, baseline: Model, tmp_path: Path) -> None:
    fewer = with_faces(package, tmp_path / "package", slice(3, None))
    folder = audit_package(fewer, tmp_path / "audit", [baseline], Settings(boxes=BoxSource.PACKAGE)).folder
    rows, everywhere = (open_package(made).read("attributions").to_pylist() for made in (folder, audit))
    assert {row["box_source"] for row in rows} == {"package"}
    with_face = {row["portrait_id"] for row in open_package(fewer).read("faces").to_pylist()}
    current = {row["portrait_id"] for row in everywhere}
    looked_at = {row["portrait_id"] for row in rows}
    assert looked_at == with_face & current != current
    errors, with_misses = (
        open_package(made).read("attribution_errors").to_pylist() for made in (folder, audit)
    )
    assert "not_found" not in {row["measure"] for row in errors}
    assert "not_found" in {row["measure"] for row in with_misses}
    report, other = ((made / "audit.md").read_text("utf-8") for made in (folder, audit))
    assert f"looked at {len(looked_at)} official portraits" in report
    assert f"For {len(current) - len(looked_at)} more portraits the release has no box" in report
    assert "more portraits the release has no box" not in other


def test_without_any_box_there_is_nothing_to_give(package: Path, baseline: Model, tmp_path: Path) -> None:
    without = with_faces(package, tmp_path / "package", slice(0, 0))
    with pytest.raises(UsageError, match="no portrait that these settings allow and that has a box"):
        audit_package(without, tmp_path / "audit", [baseline], Settings(boxes=BoxSource.PACKAGE))
