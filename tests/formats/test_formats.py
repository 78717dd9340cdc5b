"""Formats of a release: the same bytes anywhere, and the same numbers in each of them."""

import csv
import hashlib
import io
import json
import os
import sqlite3
import subprocess
import sys
import tarfile
import unicodedata
import zipfile
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pyarrow.parquet as pq
import pytest
import yaml
from PIL import Image

from dontspy_data.check.check import check
from dontspy_data.formats.pictures import INLINE
from dontspy_data.formats.tables import SPREADSHEET, SQLITE
from dontspy_data.formats.write import write_tar, write_zip
from dontspy_data.loading.dataset import load
from dontspy_data.package.files import read_checksums
from dontspy_data.package.open import Package, open_package
from dontspy_data.release.release import release_package


@pytest.fixture(scope="session")
def release(small_package: Path, made_once: Any) -> Package:
    made = made_once("formats", lambda root: release_package(small_package, None, root / "release"))
    return open_package(made / "release")


def published(release: Package) -> list[dict[str, object]]:
    return [row for row in release.read("portraits").to_pylist() if row["path"]]


ELSEWHERE = """
import sys, time
time.time = lambda: 4102444800.0
from pathlib import Path
from dontspy_data.pipeline.build import build_package
from dontspy_data.release.release import release_package
capture, folder = map(Path, sys.argv[1:])
build_package([capture], folder / "package", faces=False)
release_package(folder / "package", None, folder / "release")
"""


def test_the_same_bytes_on_another_day_zone_and_locale(
    release: Package, small_sample: Path, tmp_path: Path
) -> None:
    environment = {**os.environ, "TZ": "Pacific/Kiritimati", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "7"}
    words = [sys.executable, "-c", ELSEWHERE, str(small_sample), str(tmp_path)]
    subprocess.run(words, env=environment, check=True, umask=0o077, cwd=Path(__file__).parents[2])
    again = tmp_path / "release"
    for path in sorted(p for p in release.folder.rglob("*") if p.is_file()):
        name = path.relative_to(release.folder)
        assert (again / name).read_bytes() == path.read_bytes(), name


def test_the_zip_holds_a_whole_package(release: Package, tmp_path: Path) -> None:
    bundle = tmp_path / "open-data-faces-1.0.0.zip"
    write_zip(release, bundle)
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(tmp_path)
    unpacked = tmp_path / "open-data-faces-1.0.0"
    assert list(check(unpacked)) == []
    assert read_checksums(unpacked) == read_checksums(release.folder)
    names = {path.name for path in release.folder.iterdir()} - {path.name for path in unpacked.iterdir()}
    assert names == {*INLINE.values(), SQLITE, SPREADSHEET}
    again = tmp_path / "again/open-data-faces-1.0.0.zip"
    again.parent.mkdir()
    write_zip(open_package(unpacked), again)
    assert again.read_bytes() == bundle.read_bytes()


def test_the_tar_holds_a_sample_a_portrait(release: Package, tmp_path: Path) -> None:
    samples: dict[str, dict[str, bytes]] = {}
    write_tar(release, tmp_path / "portraits.tar")
    with tarfile.open(tmp_path / "portraits.tar") as archive:
        for entry in archive:
            key, _, end = entry.name.partition(".")
            stream = archive.extractfile(entry)
            assert stream
            samples.setdefault(key, {})[end] = stream.read()
    rows = {row["portrait_id"]: row for row in published(release)}
    assert samples.keys() == rows.keys()
    for key, sample in samples.items():
        facts = json.loads(sample["json"])
        assert hashlib.sha256(sample["jpg"]).hexdigest() == facts["sha256"] == rows[key]["sha256"]
        assert facts["name"]
        assert facts["credit_line"]


def test_the_inline_parquet_files_have_every_current_picture_and_nobody_twice(release: Package) -> None:
    tables = {split: pq.read_table(release.folder / path) for split, path in INLINE.items()}
    current = {row["portrait_id"] for row in published(release) if row["is_current"]}
    shown = [key for table in tables.values() for key in table["portrait_id"].to_pylist()]
    assert sorted(shown) == sorted(current)
    split = load(str(release.folder)).split()
    for name, table in tables.items():
        assert json.loads(table.schema.metadata[b"huggingface"])["info"]["features"]["image"] == {
            "_type": "Image"
        }
        people = set(table["mep_id"].to_pylist())
        assert people <= set(getattr(split, name).meps["mep_id"])
        for row in table.to_pylist():
            assert hashlib.sha256(row["image"]["bytes"]).hexdigest() == row["sha256"]
            with Image.open(io.BytesIO(row["image"]["bytes"])) as image:
                assert image.size == (row["width"], row["height"])


LOADED = """
import json, sys, datasets
whole = datasets.load_dataset(sys.argv[1])
folder = datasets.load_dataset("imagefolder", data_dir=sys.argv[1])
print(json.dumps({
    "splits": {name: whole[name]["mep_id"][:] for name in whole},
    "folder": {name: folder[name]["sha256"][:] for name in folder},
    "size": whole["train"][0]["image"].size,
}))
"""


def test_hugging_face_loads_splits_by_person_and_a_folder_of_each_portrait_once(
    release: Package, tmp_path: Path
) -> None:
    """The real library, offline, in a process of its own: its settings are read at import."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path), "HF_DATASETS_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", LOADED, str(release.folder)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    people = {name: set(ids) for name, ids in found["splits"].items()}
    assert people.keys() == {"train", "test"}
    assert not people["train"] & people["test"]
    current = {row["mep_id"] for row in published(release) if row["is_current"]}
    assert people["train"] | people["test"] == current
    assert sorted(found["folder"]["train"]) == sorted(row["sha256"] for row in published(release))
    assert found["folder"].keys() == {"train"}


def test_metadata_names_every_file_of_the_folder(release: Package) -> None:
    folder = release.folder / "portraits"
    with (folder / "metadata.csv").open(encoding="utf-8", newline="") as stream:
        names = [row["file_name"] for row in csv.DictReader(stream)]
    assert set(names) == {path.relative_to(folder).as_posix() for path in folder.rglob("*.jpg")}
    assert len(names) == len(set(names)) > 20


def test_sqlite_has_the_tables_with_sound_keys(release: Package) -> None:
    with sqlite3.connect(f"file:{release.folder / 'meps.sqlite'}?mode=ro", uri=True) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        for table in release.tables:
            (rows,) = database.execute(f"SELECT count(*) FROM {table.name}").fetchone()
            assert rows == release.read(table.name).num_rows, table.name
        born = "SELECT birth_date FROM meps WHERE mep_id = 9000001"
        assert database.execute(born).fetchone() == ("1971-04-12",)
    database.close()


def test_names_are_found_without_their_accents(release: Package) -> None:
    people = release.read("meps", ["mep_id", "name"]).to_pylist()
    person = next(row for row in people if not row["name"].isascii())
    plain = unicodedata.normalize("NFD", person["name"]).encode("ascii", "ignore").decode()
    query = " ".join(f'"{word}"' for word in plain.split() if word.isalpha() and word.isupper())
    with closing(sqlite3.connect(f"file:{release.folder / 'meps.sqlite'}?mode=ro", uri=True)) as database:
        joined = (
            "SELECT meps.mep_id FROM meps JOIN meps_fts ON meps_fts.rowid = mep_id WHERE meps_fts MATCH ?"
        )
        assert (person["mep_id"],) in database.execute(joined, (query or f'"{plain.split()[0]}"',)).fetchall()


def test_datasette_is_told_what_every_column_means(release: Package) -> None:
    about = json.loads((release.folder / "metadata.json").read_text("utf-8"))
    assert about["license_url"].startswith("https://creativecommons.org/")
    tables = about["databases"]["meps"]["tables"]
    assert set(tables) == {table.name for table in release.tables}
    for table in release.tables:
        assert list(tables[table.name]["columns"]) == [field.name for field in table.fields]
        assert all(tables[table.name]["columns"].values())


SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def sheets(release: Package) -> dict[str, list[dict[str, tuple[str | None, str | None]]]]:
    """The cells of each sheet by their columns, as (kind, text)."""
    with zipfile.ZipFile(release.folder / "open-data-faces.xlsx") as book:
        names = [
            sheet.attrib["name"]
            for sheet in ElementTree.fromstring(book.read("xl/workbook.xml")).iter(f"{SHEET}sheet")
        ]
        return {
            name: [
                {
                    cell.attrib["r"].rstrip("0123456789"): (cell.get("t"), "".join(cell.itertext()))
                    for cell in row
                }
                for row in ElementTree.fromstring(book.read(f"xl/worksheets/sheet{n}.xml")).iter(
                    f"{SHEET}row"
                )
            ]
            for n, name in enumerate(names, 1)
        }


def test_the_spreadsheet_has_a_sheet_a_table_with_whole_names_and_real_dates(release: Package) -> None:
    found = sheets(release)
    assert list(found) == ["about", *(table.name for table in release.tables)]
    for table in release.tables:
        assert len(found[table.name]) - 1 == release.read(table.name).num_rows, table.name
        assert [text for _, text in found[table.name][0].values()] == [field.name for field in table.fields]
    fields = [field.name for field in release.table("meps").fields]
    born, name = ("ABCDEFGHIJKLMNOPQRSTUVWXYZ"[fields.index(what)] for what in ("birth_date", "name"))
    rows = {row["A"][1]: row for row in found["meps"][1:]}
    days = (date(1971, 4, 12) - date(1899, 12, 30)).days
    assert rows["9000001"][born] == (None, str(days))
    names = {row["mep_id"]: row["name"] for row in release.read("meps", ["mep_id", "name"]).to_pylist()}
    assert {int(number): row[name][1] for number, row in rows.items()} == names
    about = " ".join(text or "" for row in found["about"] for _, text in row.values())
    assert "https://creativecommons.org/licenses/by/4.0/" in about


def test_no_cell_of_the_spreadsheet_is_a_formula_or_a_link(release: Package) -> None:
    with zipfile.ZipFile(release.folder / "open-data-faces.xlsx") as book:
        for name in book.namelist():
            assert b"<f>" not in book.read(name), name
            assert b"<hyperlink" not in book.read(name), name


def test_the_card_has_front_matter_and_the_seven_sections(release: Package) -> None:
    _, matter, text = (release.folder / "README.md").read_text("utf-8").split("---\n", 2)
    front = yaml.safe_load(matter)
    pictures, *tables = front["configs"]
    assert pictures == {
        "config_name": "portraits-with-facts",
        "data_files": [{"split": split, "path": path} for split, path in INLINE.items()],
        "default": True,
    }
    assert all((release.folder / one["data_files"]).is_file() for one in tables)
    assert front["size_categories"] == ["n<1K"]
    titles = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    assert titles[2:] == [
        "Motivation",
        "Composition",
        "Collection process",
        "Preprocessing, cleaning and labelling",
        "Uses",
        "Distribution",
        "Maintenance",
    ]
    for line in ("24 people who are or were Members", "| female |", "| Austria | 2 |", "Version 1.0.0"):
        assert line in text, line
    for word in ("identify", "embeddings", "ethnicity", "rank people"):
        assert word in text.partition("Please do not use it")[2], word
    assert "None" not in text


def test_a_package_that_is_not_released_has_a_card_too(small_package: Path) -> None:
    text = (small_package / "README.md").read_text("utf-8")
    assert "This package is not released" in text
    assert "load_dataset" not in text


def test_descriptions_give_the_digests_of_the_files(release: Package) -> None:
    croissant = json.loads((release.folder / "croissant.json").read_text())
    listed = [(one["contentUrl"], one["sha256"]) for one in croissant["distribution"]]
    crate = json.loads((release.folder / "ro-crate-metadata.json").read_text())
    listed += [(one["@id"], one["sha256"]) for one in crate["@graph"] if "sha256" in one]
    dcat = json.loads((release.folder / "dcat.jsonld").read_text())
    listed += [
        (one["dcat:downloadURL"]["@id"], one["spdx:checksum"]["spdx:checksumValue"]["@value"])
        for one in dcat["@graph"][0]["dcat:distribution"]
        if "spdx:checksum" in one
    ]
    assert len(listed) > 50
    for path, digest in listed:
        assert hashlib.sha256((release.folder / path).read_bytes()).hexdigest() == digest, path


def test_descriptions_say_the_same_version_and_licence(release: Package) -> None:
    read = {name: (release.folder / name).read_text("utf-8") for name in ("datacite.json", "CITATION.cff")}
    datacite, citation = json.loads(read["datacite.json"]), yaml.safe_load(read["CITATION.cff"])
    assert datacite["version"] == citation["version"] == release.descriptor["version"] == "1.0.0"
    assert citation["license"] == ["CC-BY-4.0"] == [one["rightsIdentifier"] for one in datacite["rightsList"]]
    assert citation["type"] == "dataset"
