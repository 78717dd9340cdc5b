"""A source more is a module and its line in the list, and a social network more is a row: all else follows."""

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dontspy_data.capture.records import Page, response_record
from dontspy_data.capture.store import write_capture
from dontspy_data.sources import ep_api, ep_csv, member_page

from .api_only import api_only_parliament

ROOT = Path(__file__).resolve().parents[2]
MODULE = '''
"""Where Members are said to be born, by a place that nobody has ever heard of."""

import re

from dontspy_data.model.statements import Property
from dontspy_data.sources.documents import json_document
from dontspy_data.sources.findings import Findings
from dontspy_data.sources.source import Endpoint, Form, Links, Request, Source

NAME = "new_source"
BASE = "https://new.example/"
PLACES = Endpoint("places", "new.example", "", Form.JSON, "application/json", per_second=50.0)


def read(page):
    found = Findings(page, NAME)
    for mep_id, place in json_document(page, NAME)["places"].items():
        found.cell(int(mep_id), Property.BIRTH_PLACE, place)
    return found.reading()


def everybody(_):
    yield Request(PLACES, f"{BASE}first.json")


def links(request, _):
    return Links(requests=(Request(PLACES, f"{BASE}second.json"),) if "first" in request.url else ())


SOURCE = Source(NAME, "A new place", (PLACES,), re.compile(re.escape(BASE)), read, everybody=everybody, links=links)
'''
ANSWERS = {"first.json": {"9000001": "Tenthville"}, "second.json": {"9000002": "Tenthham"}}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with a new source, the most trusted one, and a network more."""
    folder = tmp_path_factory.mktemp("new_source")
    for name in ("dontspy_data", "schemas", "scripts"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "datapackage.json", folder)
    (folder / "dontspy_data/sources/new_source.py").write_text(MODULE, encoding="utf-8")
    listed = folder / "dontspy_data/sources/__init__.py"
    text = listed.read_text(encoding="utf-8")
    text = text.replace("    portraits,\n", "    portraits,\n    new_source,\n", 1)
    listed.write_text(
        text.replace("    ep_api.SOURCE,\n", "    new_source.SOURCE,\n    ep_api.SOURCE,\n"), encoding="utf-8"
    )
    with (folder / "dontspy_data/model/codes/networks.csv").open("a", encoding="utf-8") as networks:
        networks.write("tooter,Tooter,tooter.example toot.example,link_tooter,mep_tooter\n")
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


@pytest.fixture(scope="module")
def package(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is built from what the new source answers, and from pages with accounts in the network."""
    folder = tmp_path_factory.mktemp("package")
    answers = {
        f"/{name}": (200, "application/json", json.dumps({"places": places}).encode())
        for name, places in ANSWERS.items()
    }
    collected, saved = str(folder / "collected.warc.gz"), folder / "saved.warc.gz"
    with api_only_parliament({"new.example": answers}) as address:
        words = ["--via", address, "--api-rate", "0", "--sources", "ep_api,new_source", "--output", collected]
        done = python(project, "-m", "dontspy_data", "collect", *words, "--limit", "3", "--json")
    assert json.loads(done.stdout)["kinds"]["places"]["stored"] == 2
    at = datetime(2026, 2, 1, tzinfo=UTC)
    write_capture(saved, (response_record(Page(url, 200, (), body, at)) for url, body in accounts()))
    words = [collected, str(saved), "--output", str(folder / "package"), "--no-faces"]
    python(project, "-m", "dontspy_data", "build", *words)
    return folder / "package"


def accounts() -> Iterator[tuple[str, bytes]]:
    """Yield pages of three kinds, each with an account of somebody else in the network."""
    profile = (ROOT / "tests/pages/profile.html").read_text(encoding="utf-8")
    old, new = '<a class="link_twitt', '<a class="link_tooter" href="https://a.example/@ada">Tooter</a>'
    assert old in profile
    yield member_page.profile_url(9_000_001), profile.replace(old, new + old).encode()
    table = b"mep_identifier,mep_family_name,mep_tooter\n9000002,TWO,https://tooter.example/@bo\n"
    yield ep_csv.url(10, 40), table
    person = {"identifier": "9000903", "label": "Cy THREE", "account": ["https://www.toot.example/@cy"]}
    yield ep_api.mep_url(9_000_903), json.dumps({"data": [person]}).encode()


def rows(package: Path, table: str) -> list[dict[str, str]]:
    with (package / f"data/{table}.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_it_is_asked_followed_read_trusted_and_published(project: Path, package: Path) -> None:
    said = [row for row in rows(package, "statements") if row["source"] == "new_source"]
    assert {(row["mep_id"], row["value"], row["is_chosen"]) for row in said} == {
        ("9000001", "Tenthville", "true"),
        ("9000002", "Tenthham", "true"),
    }
    described = json.loads((package / "datapackage.json").read_text(encoding="utf-8"))
    (statements,) = (one for one in described["resources"] if one["name"] == "statements")
    (column,) = (one for one in statements["schema"]["fields"] if one["name"] == "source")
    assert column["categories"][0] == "new_source"
    python(project, "-m", "dontspy_data", "check", str(package))


def test_a_network_is_read_wherever_it_is_named_and_is_a_kind_of_contact(package: Path) -> None:
    found = {(row["mep_id"], row["value"]) for row in rows(package, "contacts") if row["kind"] == "tooter"}
    assert found == {
        ("9000001", "https://a.example/@ada"),
        ("9000002", "https://tooter.example/@bo"),
        ("9000903", "https://www.toot.example/@cy"),
    }


def test_it_has_a_label_and_a_name_for_options(project: Path, tmp_path: Path) -> None:
    labels = "from dontspy_data.site.facts import PROPERTIES as P, SOURCES as S; print(S['new_source'], P['tooter'])"
    assert python(project, "-c", labels).stdout.strip() == "A new place Tooter"
    words = ["collect", "--dry-run", "--sources", "eleventh", "--output", str(tmp_path / "c.warc.gz")]
    assert "new_source" in python(project, "-m", "dontspy_data", *words, status=2).stderr
