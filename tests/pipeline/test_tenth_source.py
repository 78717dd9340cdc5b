"""A source more: a module and its line in the list are all that collecting, building, trust and labels need."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .api_only import api_only_parliament

ROOT = Path(__file__).resolve().parents[2]
MODULE = '''
"""Where Members are said to be born, by a place that nobody has ever heard of."""

import re

from dontspy_data.model.statements import Property
from dontspy_data.sources.documents import json_document
from dontspy_data.sources.findings import Findings
from dontspy_data.sources.source import Endpoint, Form, Links, Request, Source

NAME = "tenth"
BASE = "https://tenth.example/"
PLACES = Endpoint("places", "tenth.example", "", Form.JSON, "application/json", per_second=50.0)


def read(page):
    found = Findings(page, NAME)
    for mep_id, place in json_document(page, NAME)["places"].items():
        found.cell(int(mep_id), Property.BIRTH_PLACE, place)
    return found.reading()


def everybody(_):
    yield Request(PLACES, f"{BASE}first.json")


def links(request, _):
    return Links(requests=(Request(PLACES, f"{BASE}second.json"),) if "first" in request.url else ())


SOURCE = Source(NAME, "A tenth place", (PLACES,), re.compile(re.escape(BASE)), read, everybody=everybody, links=links)
'''
ANSWERS = {"first.json": {"9000001": "Tenthville"}, "second.json": {"9000002": "Tenthham"}}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with a tenth source, the most trusted one."""
    folder = tmp_path_factory.mktemp("tenth")
    for name in ("dontspy_data", "schemas", "scripts"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "datapackage.json", folder)
    (folder / "dontspy_data/sources/tenth.py").write_text(MODULE, encoding="utf-8")
    listed = folder / "dontspy_data/sources/__init__.py"
    text = listed.read_text(encoding="utf-8")
    text = text.replace("    portraits,\n", "    portraits,\n    tenth,\n", 1)
    listed.write_text(
        text.replace("    ep_api.SOURCE,\n", "    tenth.SOURCE,\n    ep_api.SOURCE,\n"), encoding="utf-8"
    )
    python(folder, "-m", "scripts.source_names")  # what `make docs` does
    return folder


def python(folder: Path, *words: str, status: int = 0) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr + done.stdout
    return done


def test_it_is_asked_followed_read_trusted_and_published(project: Path, tmp_path: Path) -> None:
    answers = {
        f"/{name}": (200, "application/json", json.dumps({"places": places}).encode())
        for name, places in ANSWERS.items()
    }
    capture, package = str(tmp_path / "c.warc.gz"), tmp_path / "package"
    with api_only_parliament({"tenth.example": answers}) as address:
        words = [
            "collect",
            "--via",
            address,
            "--api-rate",
            "0",
            "--sources",
            "ep_api,tenth",
            "--output",
            capture,
        ]
        said = json.loads(python(project, "-m", "dontspy_data", *words, "--limit", "3", "--json").stdout)
    assert said["kinds"]["places"]["stored"] == 2
    python(project, "-m", "dontspy_data", "build", capture, "--output", str(package), "--no-faces")
    with (package / "data/statements.csv").open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["source"] == "tenth"]
    assert {(row["mep_id"], row["value"], row["is_chosen"]) for row in rows} == {
        ("9000001", "Tenthville", "true"),
        ("9000002", "Tenthham", "true"),
    }
    described = json.loads((package / "datapackage.json").read_text(encoding="utf-8"))
    (statements,) = (one for one in described["resources"] if one["name"] == "statements")
    (column,) = (one for one in statements["schema"]["fields"] if one["name"] == "source")
    assert column["categories"][0] == "tenth"
    python(project, "-m", "dontspy_data", "check", str(package))


def test_it_has_a_label_and_a_name_for_options(project: Path, tmp_path: Path) -> None:
    label = python(project, "-c", "from dontspy_data.site.facts import SOURCES; print(SOURCES['tenth'])")
    assert label.stdout.strip() == "A tenth place"
    words = ["collect", "--dry-run", "--sources", "eleventh", "--output", str(tmp_path / "c.warc.gz")]
    assert "tenth" in python(project, "-m", "dontspy_data", *words, status=2).stderr
